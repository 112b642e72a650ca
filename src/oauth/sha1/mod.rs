//! SHA-1's compression function (FIPS 180-4 section 6.1.2), in the fastest way that the processor allows: the
//! sha1 crate's if it has SHA instructions, and on x86-64 without them our own with AVX2, which takes two thirds of the
//! time of the crate's portable code.

#[cfg(target_arch = "x86_64")]
mod avx2;

use zeroize::ZeroizeOnDrop;

pub type Block = [u8; 64];

/// The five words of the hash so far. Wiped when dropped: with a key hashed in, they are as good as the key.
#[derive(Clone, ZeroizeOnDrop)]
pub struct State([u32; 5]);

impl State {
    pub fn new() -> State {
        State([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0])
    }

    pub fn absorb(&mut self, blocks: &[Block]) {
        #[cfg(target_arch = "x86_64")]
        if let Some(avx2) = avx2::Avx2::instead_of_sha() {
            return avx2.compress(&mut self.0, blocks);
        }
        sha1::block_api::compress(&mut self.0, blocks);
    }

    /// Absorbs blocks whose schedules were made before.
    pub fn absorb_scheduled(&mut self, blocks: &[Scheduled]) {
        for block in blocks {
            #[cfg(target_arch = "x86_64")]
            if let (Some(avx2), Some(schedule)) = (avx2::Avx2::instead_of_sha(), &block.schedule) {
                avx2.compress_scheduled(&mut self.0, schedule);
                continue;
            }
            sha1::block_api::compress(&mut self.0, std::slice::from_ref(&block.block));
        }
    }

    pub fn words(&self) -> [u32; 5] {
        self.0
    }

    pub fn to_bytes(&self) -> [u8; 20] {
        let mut bytes = [0; 20];
        for (place, word) in bytes.chunks_exact_mut(4).zip(self.0) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        bytes
    }
}

/// A block that is absorbed repeatedly, after different states: what depends on the block alone is computed once.
pub struct Scheduled {
    block: Block,
    /// Each round's word and constant, added. SHA instructions are quicker without.
    #[cfg(target_arch = "x86_64")]
    schedule: Option<avx2::Schedule>,
}

impl Scheduled {
    pub fn new(block: Block) -> Scheduled {
        Scheduled {
            #[cfg(target_arch = "x86_64")]
            schedule: avx2::Avx2::instead_of_sha().map(|avx2| avx2.schedule(&block)),
            block,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks() -> impl Iterator<Item = Block> {
        let mut seed = 1u32;
        (0..1000).map(move |_| {
            std::array::from_fn(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
        })
    }

    #[test]
    fn every_way_gives_what_the_crate_gives() {
        let (mut expected, mut state, mut scheduled) = (State::new(), State::new(), State::new());
        let all: Vec<Block> = blocks().collect();
        for blocks in (0..all.len()).flat_map(|from| (1..4).map(move |count| (from, count))) {
            let blocks = &all[blocks.0..all.len().min(blocks.0 + blocks.1)];
            sha1::block_api::compress(&mut expected.0, blocks);
            state.absorb(blocks);
            let prepared: Vec<Scheduled> = blocks.iter().copied().map(Scheduled::new).collect();
            scheduled.absorb_scheduled(&prepared);
            assert_eq!(state.to_bytes(), expected.to_bytes());
            assert_eq!(scheduled.to_bytes(), expected.to_bytes());
        }
    }
}
