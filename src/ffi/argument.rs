//! Turns C arguments into Rust ones. They are checked in the order that callers are promised: NULL, handle, UTF-8,
//! value. The macros named try_ return from the function in which they are used if an argument is refused.

use std::ffi::{CStr, c_char, c_void};
use std::mem::MaybeUninit;

use super::fault::Fault;
use super::sentence::cut;

/// Refuses NULL in any of the named arguments.
macro_rules! try_not_null {
    ($($argument:ident),+) => {
        $(if $argument.is_null() {
            return Err($crate::ffi::fault::Fault::Null(stringify!($argument)));
        })+
    };
}

/// The text of a named argument.
macro_rules! try_text {
    ($argument:ident) => {
        $crate::ffi::argument::short($argument, stringify!($argument))?
    };
}

/// The text of a named argument that may be of any length: memory for it is reserved wherever it is copied.
macro_rules! try_long_text {
    ($argument:ident) => {
        $crate::ffi::argument::read($argument, stringify!($argument))?
    };
}

/// The text of a named argument that may be NULL.
macro_rules! try_optional_text {
    ($argument:ident) => {
        if $argument.is_null() { None } else { Some(try_text!($argument)) }
    };
}

/// The same for one of any length.
macro_rules! try_optional_long_text {
    ($argument:ident) => {
        if $argument.is_null() { None } else { Some(try_long_text!($argument)) }
    };
}

/// The object behind a named argument.
macro_rules! try_object {
    ($thread:ident, $argument:ident as $object:ty) => {
        $crate::ffi::handle::get($argument.cast::<$object>(), stringify!($argument), &$thread.hazards)?
    };
}

pub(super) use {try_long_text, try_not_null, try_object, try_optional_long_text, try_optional_text, try_text};

/// In bytes. More than any server takes, and little enough for the memory in reserve.
const LONGEST: usize = 65_535;

pub fn short<'a>(argument: *const c_char, name: &'static str) -> Result<&'a str, Fault> {
    let text = read(argument, name)?;
    if text.len() > LONGEST { Err(Fault::Argument(name, "is longer than 65,535 bytes")) } else { Ok(text) }
}

pub fn read<'a>(argument: *const c_char, name: &'static str) -> Result<&'a str, Fault> {
    if argument.is_null() {
        return Err(Fault::Null(name));
    }
    // The caller promises that the text is NUL-terminated and does not change during the call.
    let text = unsafe { CStr::from_ptr(argument) };
    if text.to_bytes().is_ascii() {
        // Nearly all texts are ASCII, and for short ones this is several times as fast.
        return Ok(unsafe { std::str::from_utf8_unchecked(text.to_bytes()) });
    }
    text.to_str().map_err(|_| Fault::Utf8(name))
}

/// Reads a text that may be NULL and may hold any bytes; of a longer one the end.
pub fn bytes<'a>(argument: *const c_char) -> &'a [u8] {
    let bytes = if argument.is_null() { &[] } else { unsafe { CStr::from_ptr(argument) }.to_bytes() };
    &bytes[bytes.len().saturating_sub(LONGEST)..]
}

/// Reads a body, given by pointer and length.
pub fn body<'a>(body: *const c_void, body_len: usize) -> Result<&'a [u8], Fault> {
    if body_len == 0 {
        return Ok(&[]);
    }
    if body.is_null() {
        return Err(Fault::Null("body"));
    }
    if body_len > isize::MAX as usize {
        return Err(Fault::Argument("body_len", "is larger than half the address space"));
    }
    Ok(unsafe { std::slice::from_raw_parts(body.cast(), body_len) })
}

/// A `buf`, `cap`, `len` triple.
pub struct Buffer {
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
}

impl Buffer {
    pub fn new(buf: *mut c_char, cap: usize, len: *mut usize) -> Result<Buffer, Fault> {
        if buf.is_null() && cap > 0 {
            return Err(Fault::Null("buf"));
        }
        Ok(Buffer { buf, cap, len })
    }

    pub fn memory(&mut self) -> &mut [MaybeUninit<u8>] {
        if self.cap == 0 {
            return &mut [];
        }
        // No buffer is larger than half the address space, whatever the caller says.
        unsafe { std::slice::from_raw_parts_mut(self.buf.cast(), self.cap.min(isize::MAX as usize)) }
    }

    /// Reports the length of the text in the buffer, or the capacity that is needed.
    pub fn report(&self, length: usize) {
        if !self.len.is_null() {
            unsafe { self.len.write(length) };
        }
    }

    /// Writes a text, or as many of its first characters as there is room for, and reports its whole length.
    pub fn fill(&mut self, text: &str) {
        self.report(text.len());
        let memory = self.memory();
        if let Some(room) = memory.len().checked_sub(1) {
            let fitting = cut(text, room).bytes().chain([0]);
            memory.iter_mut().zip(fitting).for_each(|(place, byte)| _ = place.write(byte));
        }
    }
}

/// Writes an output that may be NULL. In VBA it is at any address if it is part of a Type that VBA packs.
pub fn put<T>(out: *mut T, value: T) {
    if !out.is_null() {
        unsafe { out.write_unaligned(value) };
    }
}
