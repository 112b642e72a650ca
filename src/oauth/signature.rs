//! `oauth_signature` as it is sent: base64 (RFC 5849 section 3.4.2), percent-encoded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const BASE64: usize = 28;

/// Each character of base64 may be one that is percent-encoded.
pub const LONGEST: usize = 3 * BASE64;

pub struct Signature {
    text: [u8; LONGEST],
    length: usize,
}

impl Signature {
    pub fn new(hmac: [u8; 20]) -> Signature {
        let mut base64 = [0; BASE64];
        let length = STANDARD.encode_slice(hmac, &mut base64);
        debug_assert_eq!(length.ok(), Some(BASE64));
        let mut signature = Signature { text: [0; LONGEST], length: 0 };
        for byte in base64 {
            match byte {
                b'+' => signature.push(b"%2B"),
                b'/' => signature.push(b"%2F"),
                b'=' => signature.push(b"%3D"),
                _ => signature.push(&[byte]),
            }
        }
        signature
    }

    #[inline]
    fn push(&mut self, bytes: &[u8]) {
        self.text[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.text[..self.length]
    }
}
