//! Bodies in the encodings in which they arrive when somebody on the way compressed them.

use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Gzip,
    /// What HTTP calls deflate: a zlib stream.
    Deflate,
    /// Stands for brotli: no receiver is expected to decode it, so these are merely bytes that nobody can read.
    Br,
}

impl Encoding {
    /// The value of `Content-Encoding`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Br => "br",
        }
    }

    pub fn encode(self, body: &[u8]) -> Vec<u8> {
        match self {
            Self::Gzip => {
                let mut encoded = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
                encoded.extend(deflate(body));
                encoded.extend(crc32(body).to_le_bytes());
                // The length modulo 2^32, as RFC 1952 has it.
                encoded.extend((body.len() as u32).to_le_bytes());
                encoded
            }
            Self::Deflate => {
                let mut encoded = vec![0x78, 0x9c];
                encoded.extend(deflate(body));
                encoded.extend(adler32(body).to_be_bytes());
                encoded
            }
            Self::Br => body.iter().map(|byte| !byte).collect(),
        }
    }
}

impl FromStr for Encoding {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        [Self::Gzip, Self::Deflate, Self::Br].into_iter().find(|encoding| encoding.name() == name).ok_or(())
    }
}

/// RFC 1951 with the fixed codes. Only a byte that repeats the one before is ever shortened: that makes large bodies
/// small, and leaves no text readable.
fn deflate(body: &[u8]) -> Vec<u8> {
    const LONGEST: usize = 258;
    let mut bits = Bits::default();
    bits.push(0b011, 3); // The last block, with fixed codes.
    let mut at = 0;
    while at < body.len() {
        let run = match at.checked_sub(1).map(|before| body[before]) {
            Some(before) => body[at..].iter().take(LONGEST).take_while(|byte| **byte == before).count(),
            None => 0,
        };
        if run == LONGEST {
            // Length 258, distance 1.
            bits.push_code(0xc5, 8);
            bits.push_code(0, 5);
            at += LONGEST;
            continue;
        }
        let byte = u16::from(body[at]);
        if byte < 144 {
            bits.push_code(0x30 + byte, 8)
        } else {
            bits.push_code(0x190 + byte - 144, 9)
        }
        at += 1;
    }
    bits.push_code(0, 7);
    bits.bytes
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    /// Numbers begin with their lowest bit.
    fn push(&mut self, number: u16, length: usize) {
        for bit in 0..length {
            if self.used % 8 == 0 {
                self.bytes.push(0);
            }
            let last = self.bytes.len() - 1;
            self.bytes[last] |= (number >> bit & 1) as u8 * (1 << (self.used % 8));
            self.used += 1;
        }
    }

    /// Huffman codes begin with their highest.
    fn push_code(&mut self, code: u16, length: usize) {
        self.push(code.reverse_bits() >> (16 - length), length);
    }
}

fn crc32(body: &[u8]) -> u32 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0;
        while i < 256 {
            let mut value = i as u32;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { value >> 1 ^ 0xedb8_8320 } else { value >> 1 };
                bit += 1;
            }
            table[i] = value;
            i += 1;
        }
        table
    };
    !body.iter().fold(!0, |crc, byte| TABLE[(crc as u8 ^ byte) as usize] ^ crc >> 8)
}

fn adler32(body: &[u8]) -> u32 {
    let (a, b) = body.iter().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (a + b) % 65521)
    });
    b << 16 | a
}
