//! The Authorization header's value (RFC 5849 section 3.5.1), written into memory of the caller's.

use std::io::Write;
use std::mem::MaybeUninit;

/// A cursor over memory that may not be initialized yet. Writing past its end is a bug, and panics.
pub struct Output<'a> {
    memory: &'a mut [MaybeUninit<u8>],
    length: usize,
}

impl<'a> Output<'a> {
    pub fn new(memory: &'a mut [MaybeUninit<u8>]) -> Output<'a> {
        Output { memory, length: 0 }
    }

    pub fn capacity(&self) -> usize {
        self.memory.len()
    }

    pub fn push(&mut self, bytes: &[u8]) {
        let room = &mut self.memory[self.length..self.length + bytes.len()];
        for (place, byte) in room.iter_mut().zip(bytes) {
            place.write(*byte);
        }
        self.length += bytes.len();
    }

    /// Ends the text as C wants it; the length does not count it.
    pub fn terminate(&mut self) {
        self.memory[self.length].write(0);
    }

    pub fn len(&self) -> usize {
        self.length
    }
}

/// How protocol parameters travel (RFC 5849 sections 3.5.1 and 3.5.3).
#[derive(Clone, Copy)]
pub struct Style {
    pub before_value: &'static [u8],
    pub between: &'static [u8],
    pub after_last: &'static [u8],
}

pub const HEADER: Style = Style { before_value: b"=\"", between: b"\",", after_last: b"\"" };
pub const QUERY: Style = Style { before_value: b"=", between: b"&", after_last: b"" };

/// Writes parameters whose names and values are encoded already.
pub fn write<'a>(
    style: Style,
    parameters: impl Iterator<Item = (&'static str, &'a str)>,
    mut write: impl FnMut(&[u8]),
) {
    for (index, (name, value)) in parameters.enumerate() {
        if index > 0 {
            write(style.between);
        }
        write(name.as_bytes());
        write(style.before_value);
        write(value.as_bytes());
    }
    write(style.after_last);
}

/// A number in decimal, in memory of the caller's that is large enough.
pub fn digits(number: i64, memory: &mut [u8]) -> &[u8] {
    let mut rest = &mut *memory;
    let _ = write!(rest, "{number}");
    let left = rest.len();
    let used = memory.len() - left;
    &memory[..used]
}
