//! The oauth1-request crate as its documentation has it, with what it lets a program keep.

use std::ffi::{CStr, c_char};
use std::fmt;
use std::slice;

use oauth1_request::{Builder, Credentials, HMAC_SHA1, HmacSha1, ParameterList, Token};

type Text = &'static str;

pub struct Request {
    builder: Builder<'static, HmacSha1, Text, Text>,
    url: Text,
    query: ParameterList<Text, Text>,
}

#[repr(C)]
pub struct Pair {
    name: *const c_char,
    value: *const c_char,
}

/// Memory of the caller's: the crate writes into anything that takes text.
struct Memory<'a> {
    rest: &'a mut [u8],
}

impl fmt::Write for Memory<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let rest = std::mem::take(&mut self.rest);
        let (room, rest) = rest.split_at_mut_checked(text.len()).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.rest = rest;
        Ok(())
    }
}

unsafe fn text(text: *const c_char) -> Text {
    unsafe { CStr::from_ptr(text) }.to_str().expect("the workloads are ASCII")
}

/// The texts outlive the request.
#[unsafe(no_mangle)]
unsafe extern "C" fn oauth1_request_new(
    key: *const c_char,
    secret: *const c_char,
    token: *const c_char,
    token_secret: *const c_char,
    url: *const c_char,
    query: *const Pair,
    count: usize,
) -> *mut Request {
    let query = unsafe { slice::from_raw_parts(query, count) };
    let query: Vec<_> = query.iter().map(|pair| unsafe { (text(pair.name), text(pair.value)) }).collect();
    let client = Credentials::new(unsafe { text(key) }, unsafe { text(secret) });
    let token = Token::new(client, Credentials::new(unsafe { text(token) }, unsafe { text(token_secret) }));
    Box::into_raw(Box::new(Request {
        builder: Builder::with_token(token, HMAC_SHA1),
        url: unsafe { text(url) },
        query: ParameterList::new(query),
    }))
}

/// The header's length. `buf` has room for it and its NUL.
#[unsafe(no_mangle)]
unsafe extern "C" fn oauth1_request_sign(request: *const Request, buf: *mut u8, cap: usize) -> usize {
    let request = unsafe { &*request };
    let memory = Memory { rest: unsafe { slice::from_raw_parts_mut(buf, cap) } };
    let left = request.builder.authorize_with_buf(memory, "GET", request.url, &request.query).rest;
    let Some(end) = left.first_mut() else { return 0 };
    *end = 0;
    cap - left.len()
}

#[unsafe(no_mangle)]
unsafe extern "C" fn oauth1_request_free(request: *mut Request) {
    drop(unsafe { Box::from_raw(request) });
}
