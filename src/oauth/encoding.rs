//! Percent-encoding (RFC 5849 section 3.6): everything except RFC 3986's unreserved characters, in upper-case
//! hexadecimal.

use std::cmp::Ordering;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::Error;

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// The same for a text of any size, for which there may not be enough memory.
pub fn try_encode(text: &str) -> Result<Vec<u8>, Error> {
    let mut encoded = Vec::new();
    encoded.try_reserve_exact(text.len().saturating_mul(3)).map_err(|_| Error::Memory)?;
    write_encoded(text.as_bytes(), |piece| encoded.extend_from_slice(piece));
    Ok(encoded)
}

/// One round of decoding; a `+` stays a `+`. `None` if the result is not UTF-8.
pub fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(|text| text.into_owned())
}

const UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let c = byte as u8;
        table[byte] = c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_' | b'~');
        byte += 1;
    }
    table
};

pub fn is_unreserved(byte: u8) -> bool {
    UNRESERVED[usize::from(byte)]
}

/// Writes bytes percent-encoded, in few pieces.
pub fn write_encoded(bytes: &[u8], mut write: impl FnMut(&[u8])) {
    /// For each byte its encoding and, in the last place, the encoding's length. This is faster than a branch for each
    /// byte.
    const ENCODED: [[u8; 4]; 256] = {
        let hex = b"0123456789ABCDEF";
        let mut table = [[0; 4]; 256];
        let mut byte = 0;
        while byte < 256 {
            table[byte] = match UNRESERVED[byte] {
                true => [byte as u8, 0, 0, 1],
                false => [b'%', hex[byte >> 4], hex[byte & 15], 3],
            };
            byte += 1;
        }
        table
    };
    const PIECE: usize = 32;
    /// Slightly more than a piece needs, so that the remainder is cheap and makes a bounds check unnecessary.
    const MEMORY: usize = 128 + 4;
    for piece in bytes.chunks(PIECE) {
        let mut text = [0; MEMORY];
        let mut length = 0;
        for &byte in piece {
            let encoded = ENCODED[usize::from(byte)];
            let place = length % (MEMORY - 4);
            text[place..place + 4].copy_from_slice(&encoded);
            length += usize::from(encoded[3]);
        }
        write(&text[..length]);
    }
}

/// Whether each `%` is followed by two hexadecimal digits.
pub fn escapes_are_whole(text: &str) -> bool {
    let hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    text.split('%').skip(1).map(str::as_bytes).all(|after| hex(after.first()) && hex(after.get(1)))
}

/// A name or value of a request parameter, as its source spells it.
#[derive(Clone, Copy)]
pub enum Text<'a> {
    /// Unreserved characters only, so that every encoding is the same.
    Plain(&'a str),
    /// Form-encoded, from a query or a body: `+` is a space and `%XX` a byte. Its escapes are whole.
    Form(&'a str),
    /// Already encoded as section 3.6 requires.
    Encoded(&'a str),
}

impl<'a> Text<'a> {
    /// Compares by the bytes of the encoded form (section 3.4.1.3.2).
    pub fn cmp(self, other: Text) -> Ordering {
        match (self, other) {
            (Text::Plain(a) | Text::Encoded(a), Text::Plain(b) | Text::Encoded(b)) => a.cmp(b),
            _ => self.encoded().cmp(other.encoded()),
        }
    }

    /// Writes the encoded form encoded once more: only `%` is left to encode.
    pub fn write_encoded_again(self, write: &mut impl FnMut(&[u8])) {
        match self {
            Text::Plain(text) => write(text.as_bytes()),
            Text::Encoded(text) => write_encoded(text.as_bytes(), write),
            Text::Form(_) => {
                for byte in self.encoded() {
                    write(if byte == b'%' { b"%25" } else { std::slice::from_ref(&byte) });
                }
            }
        }
    }

    /// The bytes of the encoded form, computed one by one, so that sorting and signing need no copy.
    fn encoded(self) -> EncodedBytes<'a> {
        let (text, form) = match self {
            Text::Form(text) => (text, true),
            Text::Plain(text) | Text::Encoded(text) => (text, false),
        };
        EncodedBytes { rest: text.as_bytes(), form, escape: [0; 2], pending: 0 }
    }
}

struct EncodedBytes<'a> {
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
        for text in [Text::Form("a=%3d"), Text::Encoded("a%3D%3D")] {
            let mut twice = Vec::new();
            text.write_encoded_again(&mut |bytes: &[u8]| twice.extend_from_slice(bytes));
            assert_eq!(twice, b"a%253D%253D");
        }
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
    /// Each of the ways to encode, for every byte and for texts of many lengths.
    #[test]
    fn everything_but_unreserved_characters_is_encoded() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut written = Vec::new();
        write_encoded(&bytes, |piece| written.extend_from_slice(piece));
        let expected: String = bytes
            .iter()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect();
        assert_eq!(String::from_utf8(written).unwrap(), expected);
        for text in ["", "a", "é", "a b", "~", "\u{10ffff}"] {
            for count in [1, 31, 32, 33, 100] {
                let text = text.repeat(count);
                let expected = encode(&text);
                assert_eq!(String::from_utf8(try_encode(&text).unwrap()).unwrap(), expected);
                assert_eq!(
                    expected.len(),
                    text.bytes().map(|byte| if is_unreserved(byte) { 1 } else { 3 }).sum::<usize>()
                );
            }
        }
        for escape in ["%0a", "%9F", "%af", "%FA", "%09"] {
            assert_eq!(encoded(Text::Form(escape)), escape.to_uppercase());
        }
    }
}
