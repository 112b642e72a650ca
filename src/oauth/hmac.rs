//! HMAC-SHA1 (RFC 2104) with a key that is hashed once. The hmac crate does not give access to the mid-state of the
//! hash, from which a prepared request continues.

use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::sha1::{Block, State};

const BLOCK: usize = size_of::<Block>();

/// The states after the two blocks that hold the key.
pub struct Key {
    inner: State,
    outer: State,
}

impl Key {
    pub fn new(key: &[u8]) -> Key {
        let mut block = Zeroizing::new([0; BLOCK]);
        if key.len() > BLOCK {
            block[..20].copy_from_slice(&Sha1::digest(key));
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let keyed = |pad: u8| {
            let mut state = State::new();
            state.absorb(&[*Zeroizing::new(block.map(|byte| byte ^ pad))]);
            state
        };
        Key { inner: keyed(0x36), outer: keyed(0x5c) }
    }

    /// The state before the message's first block.
    pub fn begin(&self) -> State {
        self.inner.clone()
    }

    pub fn message(&self) -> Message {
        Message { state: self.begin(), absorbed: 0, blocks: [[0; BLOCK]; 8], filled: 0 }
    }

    /// The HMAC of a message all of whose blocks, including the padded last one, were absorbed.
    pub fn seal(&self, message: &State) -> [u32; 5] {
        let mut last = [0; BLOCK];
        last[..20].copy_from_slice(&message.to_bytes());
        pad(&mut last, 20, BLOCK + 20);
        let mut state = self.outer.clone();
        state.absorb(&[last]);
        state.words()
    }
}

/// A message that is being hashed, behind the block with the key.
pub struct Message {
    state: State,
    absorbed: usize,
    blocks: [Block; 8],
    filled: usize,
}

impl Message {
    #[inline]
    pub fn push(&mut self, mut bytes: &[u8]) {
        loop {
            let room = &mut self.blocks.as_flattened_mut()[self.filled..];
            if bytes.len() < room.len() {
                room[..bytes.len()].copy_from_slice(bytes);
                self.filled += bytes.len();
                return;
            }
            let (now, later) = bytes.split_at(room.len());
            room.copy_from_slice(now);
            self.state.absorb(&self.blocks);
            self.absorbed += self.blocks.as_flattened().len();
            self.filled = 0;
            bytes = later;
        }
    }

    pub fn finish(&mut self, key: &Key) -> [u32; 5] {
        let length = BLOCK + self.absorbed + self.filled;
        if padded_blocks(self.filled) > self.blocks.len() {
            let whole = self.filled / BLOCK;
            self.state.absorb(&self.blocks[..whole]);
            self.blocks[0] = self.blocks[whole];
            self.filled %= BLOCK;
        }
        let end = &mut self.blocks[..padded_blocks(self.filled)];
        pad(end.as_flattened_mut(), self.filled, length);
        self.state.absorb(end);
        key.seal(&self.state)
    }
}

/// How many blocks the end of a message fills with its padding.
pub fn padded_blocks(length: usize) -> usize {
    (length + 1 + size_of::<u64>()).div_ceil(BLOCK)
}

/// Pads a message (FIPS 180-4 section 5.1.1) in memory that consists of full blocks. `length` is that of the complete
/// message.
pub fn pad(memory: &mut [u8], end: usize, length: usize) {
    let (padding, bits) = memory[end..].split_last_chunk_mut().expect("the last block has room for it");
    padding.fill(0);
    padding[0] = 0x80;
    *bits = ((length as u64) * 8).to_be_bytes();
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit, Mac};

    use super::*;

    /// The hmac crate as the other opinion, over every length of key and message that matters, in uneven pieces.
    #[test]
    fn agrees_with_the_hmac_crate() {
        let text: Vec<u8> = (0..2000u32).map(|i| (i * 7 % 251) as u8).collect();
        for key_length in [0, 1, 20, 63, 64, 65, 127, 128, 129, 600] {
            let key = &text[..key_length];
            let own = Key::new(key);
            for length in (0..200).chain(440..520).chain([1023, 1024, 1025, 2000]) {
                let mut message = own.message();
                for piece in text[..length].chunks(1 + length / 3) {
                    message.push(piece);
                }
                let mut crates = Hmac::<Sha1>::new_from_slice(key).unwrap();
                crates.update(&text[..length]);
                let bytes = message.finish(&own).map(u32::to_be_bytes);
                assert_eq!(bytes.as_flattened(), &crates.finalize().into_bytes()[..], "{key_length} {length}");
            }
        }
    }
}
