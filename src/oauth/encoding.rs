//! Percent-encoding (RFC 5849 section 3.6): everything but RFC 3986's unreserved characters, in upper-case hex.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// One round of decoding; a `+` stays a `+`. `None` if the result is not UTF-8.
pub fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
}

pub fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// Whether each `%` is followed by two hexadecimal digits.
pub fn escapes_are_whole(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
        if byte == b'%' && !(hex(bytes.next()) && hex(bytes.next())) {
            return false;
        }
    }
    true
}

/// A name or value of a request parameter, as its source spells it.
#[derive(Clone, Copy)]
pub enum Text<'a> {
    /// Form-encoded, from a query or a body: `+` is a blank and `%XX` a byte. Its escapes are whole.
    Form(&'a str),
    /// Already encoded as section 3.6 wants it.
    Encoded(&'a str),
}

impl<'a> Text<'a> {
    /// The bytes of the encoded form, made on the way: sorting and signing need no copy.
    pub fn encoded(self) -> EncodedBytes<'a> {
        let (text, form) = match self {
            Text::Form(text) => (text, true),
            Text::Encoded(text) => (text, false),
        };
        EncodedBytes { rest: text.as_bytes(), form, escape: [0; 2], pending: 0 }
    }
}

pub struct EncodedBytes<'a> {
    rest: &'a [u8],
    form: bool,
    escape: [u8; 2],
    pending: usize,
}

impl Iterator for EncodedBytes<'_> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if self.pending > 0 {
            self.pending -= 1;
            return Some(self.escape[1 - self.pending]);
        }
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        if !self.form {
            return Some(first);
        }
        let byte = match (first, rest) {
            (b'+', _) => b' ',
            (b'%', [high, low, rest @ ..]) => {
                self.rest = rest;
                nibble(*high) << 4 | nibble(*low)
            }
            _ => first,
        };
        if is_unreserved(byte) {
            return Some(byte);
        }
        const HEX: &[u8; 16] = b"0123456789ABCDEF";
        self.escape = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
        self.pending = 2;
        Some(b'%')
    }
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: Text) -> String {
        String::from_utf8(text.encoded().collect()).unwrap()
    }

    #[test]
    fn form_text_is_decoded_once_and_encoded_once() {
        assert_eq!(encoded(Text::Form("r+b%20%7e%C3%a9=")), "r%20b%20~%C3%A9%3D");
        assert_eq!(encoded(Text::Form("%25")), "%25");
        assert_eq!(encoded(Text::Encoded("a%3D~")), "a%3D~");
    }

    #[test]
    fn broken_escapes_are_seen() {
        for broken in ["%", "%4", "%4g", "a%%41", "%+1"] {
            assert!(!escapes_are_whole(broken), "{broken}");
        }
        assert!(escapes_are_whole("%41%aF+"));
    }

    #[test]
    fn decoding_keeps_a_plus() {
        assert_eq!(decode("a+b%2Bc%3D").as_deref(), Some("a+b+c="));
        assert_eq!(decode("%FF"), None);
    }
}
