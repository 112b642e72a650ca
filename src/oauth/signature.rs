//! `oauth_signature` as it is sent: base64 (RFC 5849 section 3.4.2), percent-encoded.

/// 160 bits make 27 characters and a `=`, each of which may have to be percent-encoded.
pub const LONGEST: usize = 3 * 28;

/// Slightly more than that. The remainder by this number less 4 is cheaper than the bounds check that it makes
/// unnecessary.
const MEMORY: usize = 128 + 4;

/// For each six bits the text that is sent for them and, in the last byte, its length. Signatures are unpredictable, so
/// a branch for the rare characters would often be mispredicted.
const SENT: [[u8; 4]; 64] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [[0; 4]; 64];
    let mut bits = 0;
    while bits < 64 {
        table[bits] = match alphabet[bits] {
            b'+' => *b"%2B\x03",
            b'/' => *b"%2F\x03",
            character => [character, 0, 0, 1],
        };
        bits += 1;
    }
    table
};

pub struct Signature {
    text: [u8; MEMORY],
    length: usize,
}

impl Signature {
    /// Encodes in base64 and percent-encodes in one step, since two steps for every signature take three times as long.
    pub fn new(hmac: [u8; 20]) -> Signature {
        let mut text = [0; MEMORY];
        let mut length = 0;
        for bytes in hmac.chunks(3) {
            let group = u32::from_be_bytes([0, bytes[0], bytes[1], *bytes.get(2).unwrap_or(&0)]);
            for shift in [18, 12, 6, 0] {
                let sent = SENT[(group >> shift & 63) as usize];
                let place = length % (MEMORY - 4);
                text[place..place + 4].copy_from_slice(&sent);
                length += usize::from(sent[3]);
            }
        }
        // The last character stands for no bits, and is always an A.
        length -= 1;
        text[length..length + 3].copy_from_slice(b"%3D");
        Signature { text, length: length + 3 }
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.text[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;

    use super::*;
    use crate::oauth::encode;

    #[test]
    fn what_the_base64_crate_says_percent_encoded() {
        for seed in 0..=255u8 {
            let hmac = std::array::from_fn(|i| seed.wrapping_mul(i as u8 + 3) ^ (i as u8) << 3);
            assert_eq!(Signature::new(hmac).as_str(), encode(&STANDARD.encode(hmac)));
        }
    }
}
