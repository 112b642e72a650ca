//! The C ABI, declared as a host would declare it.

use std::ffi::{CString, c_char, c_void};
use std::ptr;

macro_rules! opaque {
    ($($name:ident),+) => {
        $(
            #[repr(C)]
            pub struct $name {
                _private: [u8; 0],
            }
        )+
    };
}

opaque!(Client, Exchange, Listener, Prepared, Response, Signer);

pub const OK: i32 = 0;
pub const E_HANDLE: i32 = -5;
pub const E_INTERNAL: i32 = -8;
pub const SANDBOX: i32 = 2;

unsafe extern "C" {
    pub fn etoauth_client_new(env: i32, key: *const c_char, secret: *const c_char, out: *mut *mut Client) -> i32;
    pub fn etoauth_client_free(c: *mut Client) -> i32;
    pub fn etoauth_client_share(c: *mut Client, out: *mut *mut Client) -> i32;
    pub fn etoauth_client_set_base_urls(
        c: *mut Client,
        oauth: *const c_char,
        authorize: *const c_char,
        api: *const c_char,
    ) -> i32;
    pub fn etoauth_client_set_timeout_ms(c: *mut Client, ms: u32) -> i32;
    pub fn etoauth_client_set_proxy(c: *mut Client, url: *const c_char) -> i32;
    pub fn etoauth_client_set_ca_file(c: *mut Client, path: *const c_char) -> i32;
    pub fn etoauth_client_set_user_agent(c: *mut Client, text: *const c_char) -> i32;
    pub fn etoauth_client_set_session_file(c: *mut Client, path: *const c_char) -> i32;
    pub fn etoauth_client_set_access_token(
        c: *mut Client,
        token: *const c_char,
        secret: *const c_char,
        issued_at: i64,
    ) -> i32;
    pub fn etoauth_client_get_access_token(c: *mut Client, token: *mut *mut c_char, secret: *mut *mut c_char) -> i32;
    pub fn etoauth_client_get_authorize_url(c: *mut Client, url: *mut *mut c_char) -> i32;
    pub fn etoauth_client_get_token_state(
        c: *mut Client,
        state: *mut i32,
        inactive: *mut i32,
        expires: *mut i32,
    ) -> i32;
    pub fn etoauth_client_get_renew_wait_s(c: *mut Client, seconds: *mut i32) -> i32;
    pub fn etoauth_client_get_session_revision(c: *mut Client, revision: *mut u64) -> i32;
    pub fn etoauth_client_set_clock_offset(c: *mut Client, seconds: i64) -> i32;
    pub fn etoauth_client_sign(
        c: *mut Client,
        method: *const c_char,
        url: *const c_char,
        header: *mut *mut c_char,
    ) -> i32;
    pub fn etoauth_client_sign_url(
        c: *mut Client,
        method: *const c_char,
        url: *const c_char,
        signed: *mut *mut c_char,
    ) -> i32;
    pub fn etoauth_client_send(
        c: *mut Client,
        method: *const c_char,
        url: *const c_char,
        headers: *const c_char,
        body: *const c_void,
        body_len: usize,
        out: *mut *mut Response,
    ) -> i32;
    pub fn etoauth_client_cancel(c: *mut Client) -> i32;
    pub fn etoauth_client_export_session(c: *mut Client, text: *mut *mut c_char) -> i32;
    pub fn etoauth_client_import_session(c: *mut Client, text: *const c_char) -> i32;
    pub fn etoauth_client_read_log(c: *mut Client, lines: *mut *mut c_char) -> i32;
    pub fn etoauth_client_get_signer(c: *mut Client, out: *mut *mut Signer) -> i32;
    pub fn etoauth_client_last_error(
        c: *mut Client,
        status: *mut i32,
        buf: *mut c_char,
        cap: usize,
        len: *mut usize,
    ) -> i32;
    pub fn etoauth_client_diagnose(
        c: *mut Client,
        method: *const c_char,
        authorization: *const c_char,
        http_status: i32,
        headers: *const c_char,
        body: *const c_void,
        body_len: usize,
        advice: *mut i32,
    ) -> i32;
    pub fn etoauth_response_get_status(r: *mut Response, status: *mut i32) -> i32;
    pub fn etoauth_response_get_header(r: *mut Response, name: *const c_char, value: *mut *mut c_char) -> i32;
    pub fn etoauth_response_get_body(r: *mut Response, data: *mut *mut c_char, len: *mut usize) -> i32;
    pub fn etoauth_response_get_advice(r: *mut Response, advice: *mut i32) -> i32;
    pub fn etoauth_response_get_attempts(r: *mut Response, attempts: *mut i32) -> i32;
    pub fn etoauth_response_get_retry_after_s(r: *mut Response, seconds: *mut i32) -> i32;
    pub fn etoauth_response_free(r: *mut Response) -> i32;
    pub fn etoauth_exchange_new(c: *mut Client, kind: i32, verifier: *const c_char, out: *mut *mut Exchange) -> i32;
    pub fn etoauth_exchange_new_request(
        c: *mut Client,
        method: *const c_char,
        url: *const c_char,
        form: *const c_char,
        out: *mut *mut Exchange,
    ) -> i32;
    pub fn etoauth_exchange_next(x: *mut Exchange, step: *mut i32, wait_ms: *mut i32) -> i32;
    pub fn etoauth_exchange_get_url(x: *mut Exchange, url: *mut *mut c_char) -> i32;
    pub fn etoauth_exchange_get_authorization(x: *mut Exchange, header: *mut *mut c_char) -> i32;
    pub fn etoauth_exchange_finish(
        x: *mut Exchange,
        http_status: i32,
        headers: *const c_char,
        body: *const c_void,
        body_len: usize,
    ) -> i32;
    pub fn etoauth_exchange_get_advice(x: *mut Exchange, advice: *mut i32) -> i32;
    pub fn etoauth_exchange_free(x: *mut Exchange) -> i32;
    pub fn etoauth_signer_new(
        key: *const c_char,
        secret: *const c_char,
        token: *const c_char,
        token_secret: *const c_char,
        out: *mut *mut Signer,
    ) -> i32;
    pub fn etoauth_signer_sign(
        s: *mut Signer,
        method: *const c_char,
        url: *const c_char,
        form: *const c_char,
        buf: *mut c_char,
        cap: usize,
        len: *mut usize,
    ) -> i32;
    pub fn etoauth_signer_get_base_string(
        s: *mut Signer,
        method: *const c_char,
        url: *const c_char,
        form: *const c_char,
        timestamp: i64,
        nonce: *const c_char,
        out: *mut *mut c_char,
    ) -> i32;
    pub fn etoauth_signer_free(s: *mut Signer) -> i32;
    pub fn etoauth_prepared_new(
        s: *mut Signer,
        method: *const c_char,
        url: *const c_char,
        out: *mut *mut Prepared,
    ) -> i32;
    pub fn etoauth_prepared_sign(p: *mut Prepared, buf: *mut c_char, cap: usize, len: *mut usize) -> i32;
    pub fn etoauth_prepared_free(p: *mut Prepared) -> i32;
    pub fn etoauth_listener_new(callback_url: *const c_char, out: *mut *mut Listener) -> i32;
    pub fn etoauth_listener_get_url(l: *mut Listener, url: *mut *mut c_char) -> i32;
    pub fn etoauth_listener_wait(l: *mut Listener, c: *mut Client, timeout_ms: u32, url: *mut *mut c_char) -> i32;
    pub fn etoauth_listener_free(l: *mut Listener) -> i32;
    pub fn etoauth_last_error(status: *mut i32, buf: *mut c_char, cap: usize, len: *mut usize) -> i32;
    pub fn etoauth_percent_encode(text: *const c_char, out: *mut *mut c_char) -> i32;
    pub fn etoauth_string_free(text: *mut c_char) -> i32;
    pub fn etoauth_live_objects() -> usize;
}

/// Every status that the header has.
const STATUSES: [i32; 34] = [
    0, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -20, -21, -22, -30, -31, -32, -40, -41, -42, -43, -44, -45, -50, -51,
    -52, -53, -54, -55, -56, -57, -58, -59, -60,
];

/// Whether the call succeeded. Its status must be one of the header's, and no panic.
pub fn checked(status: i32) -> bool {
    assert!(STATUSES.contains(&status), "{status} is no status");
    assert!(status != E_INTERNAL, "it panicked inside");
    status == OK
}

/// The text of a function that gives one, freed. `None` if it failed.
pub fn text(get: impl FnOnce(*mut *mut c_char) -> i32) -> Option<Vec<u8>> {
    let mut out = ptr::null_mut();
    if !checked(get(&mut out)) {
        assert!(out.is_null(), "an output was written by a call that failed");
        return None;
    }
    (!out.is_null()).then(|| {
        // SAFETY: the library gave it, NUL-terminated.
        let text = unsafe { std::ffi::CStr::from_ptr(out) }.to_bytes().to_vec();
        // SAFETY: it is freed once.
        assert_eq!(unsafe { etoauth_string_free(out) }, OK);
        text
    })
}

/// As a C text: without its NULs.
pub fn c_text(bytes: &[u8]) -> CString {
    CString::new(bytes.iter().copied().filter(|&byte| byte != 0).collect::<Vec<u8>>()).expect("it has no NUL")
}

/// A client whose servers are nowhere but on this machine, and that uses no proxy.
pub fn local_client(base: &str) -> *mut Client {
    let base = c_text(base.as_bytes());
    let mut client = ptr::null_mut();
    // SAFETY: the texts are NUL-terminated, and `client` is a place for a handle.
    unsafe {
        assert_eq!(etoauth_client_new(SANDBOX, c"key".as_ptr(), c"secret".as_ptr(), &mut client), OK);
        assert_eq!(etoauth_client_set_base_urls(client, base.as_ptr(), base.as_ptr(), base.as_ptr()), OK);
        assert_eq!(etoauth_client_set_proxy(client, c"".as_ptr()), OK);
        assert_eq!(etoauth_client_set_access_token(client, c"token".as_ptr(), c"secret".as_ptr(), 0), OK);
    }
    client
}

/// The sentence of this thread's last failure.
pub fn last_error() -> String {
    let mut buffer = [0_u8; 512];
    let mut length = 0;
    // SAFETY: the buffer has that size; no status is asked for.
    let status = unsafe { etoauth_last_error(ptr::null_mut(), buffer.as_mut_ptr().cast(), buffer.len(), &mut length) };
    assert!(status == OK && buffer.get(length) == Some(&0), "a sentence fits ETOAUTH_ERROR_MAX");
    String::from_utf8(buffer[..length].to_vec()).expect("a sentence is UTF-8")
}
