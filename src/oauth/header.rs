//! The Authorization header's value (RFC 5849 section 3.5.1), written into memory of the caller's.

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
        copy(&mut self.memory[self.length..], bytes);
        self.length += bytes.len();
    }

    /// Lets a function write into the next `N` bytes, and keeps as many as it says.
    pub fn push_at_most<const N: usize>(&mut self, write: impl FnOnce(&mut [MaybeUninit<u8>; N]) -> usize) {
        let next = self.memory[self.length..].first_chunk_mut().expect("there is room for so many");
        self.length += write(next);
    }

    /// Writes over what was pushed before.
    pub fn overwrite(&mut self, place: usize, bytes: &[u8]) {
        copy(&mut self.memory[..self.length][place..], bytes);
    }

    /// Adds the NUL that ends a text in C. The length does not include it.
    pub fn terminate(&mut self) {
        self.memory[self.length].write(0);
    }

    pub fn len(&self) -> usize {
        self.length
    }
}

fn copy(memory: &mut [MaybeUninit<u8>], bytes: &[u8]) {
    for (place, byte) in memory[..bytes.len()].iter_mut().zip(bytes) {
        place.write(*byte);
    }
}

/// How protocol parameters are transmitted (RFC 5849 sections 3.5.1 and 3.5.3).
#[derive(Clone, Copy)]
pub struct Style {
    pub before_value: &'static str,
    pub between: &'static str,
    pub after_last: &'static str,
}

pub const HEADER: Style = Style { before_value: "=\"", between: "\",", after_last: "\"" };
pub const QUERY: Style = Style { before_value: "=", between: "&", after_last: "" };

/// Writes parameters, whose names and values are encoded already, behind a text.
pub fn write<'a>(style: Style, before: &str, parameters: impl Iterator<Item = (&'static str, &'a str)>) -> String {
    let mut text = before.to_owned();
    for (index, (name, value)) in parameters.enumerate() {
        let between = if index == 0 { "" } else { style.between };
        text.extend([between, name, style.before_value, value]);
    }
    text + style.after_last
}

#[cfg(test)]
impl Output<'_> {
    /// What was written, for tests.
    #[allow(unsafe_code, reason = "as far as its length, the memory was written")]
    pub fn written(&self) -> String {
        let bytes = self.memory[..self.length].iter().map(|byte| unsafe { byte.assume_init() }).collect();
        String::from_utf8(bytes).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pushed_and_written_over() {
        let mut memory = [MaybeUninit::uninit(); 8];
        let mut output = Output::new(&mut memory);
        assert_eq!((output.capacity(), output.len()), (8, 0));
        output.push(b"abc");
        output.push(b"defg");
        output.overwrite(2, b"XY");
        output.terminate();
        assert_eq!((output.written().as_str(), output.capacity(), output.len()), ("abXYefg", 8, 7));
        output.length += 1;
        assert_eq!(output.written(), "abXYefg\0");
    }

    #[test]
    fn both_styles() {
        let fields = [("a", "1"), ("b", "2"), ("c", "3")];
        assert_eq!(write(HEADER, "OAuth ", fields.into_iter()), "OAuth a=\"1\",b=\"2\",c=\"3\"");
        assert_eq!(write(QUERY, "https://h/?", fields.into_iter()), "https://h/?a=1&b=2&c=3");
    }
}
