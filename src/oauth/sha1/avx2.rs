//! SHA-1 with AVX2 and BMI2: four words of the message schedule at a time, for two blocks, beside the rounds that need
//! earlier ones.
#![allow(unsafe_code, reason = "code compiled for other processors than the rest, entered only where they are there")]

use std::arch::x86_64::*;
use std::hint::black_box;
use std::mem::MaybeUninit;

use super::Block;

/// For each round its word of the message schedule and its constant, added.
pub type Schedule = [[u32; 4]; 20];

/// The same for two blocks.
type TwoGroups = MaybeUninit<[u32; 8]>;

/// Proof that the processor has the instructions.
#[derive(Clone, Copy)]
pub struct Avx2(());

impl Avx2 {
    /// Where there are SHA instructions, nothing is quicker than they are.
    pub fn instead_of_sha() -> Option<Avx2> {
        let wanted =
            !is_x86_feature_detected!("sha") && is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2");
        wanted.then_some(Avx2(()))
    }

    pub fn compress(self, state: &mut [u32; 5], blocks: &[Block]) {
        unsafe { compress(state, blocks) }
    }

    pub fn schedule(self, block: &Block) -> Schedule {
        unsafe { schedule(block) }
    }

    pub fn compress_scheduled(self, state: &mut [u32; 5], schedule: &Schedule) {
        unsafe { compress_scheduled(state, schedule) }
    }
}

const CONSTANTS: [i32; 4] = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdcu32 as i32, 0xca62c1d6u32 as i32];

fn choose(b: u32, c: u32, d: u32) -> u32 {
    d ^ (b & (c ^ d))
}

fn parity(b: u32, c: u32, d: u32) -> u32 {
    b ^ c ^ d
}

fn majority(b: u32, c: u32, d: u32) -> u32 {
    // The two never have a bit in common; a sum leaves the compiler free to reorder.
    (b & (c ^ d)).wrapping_add(c & d)
}

/// Four rounds.
#[inline(always)]
fn four(f: impl Fn(u32, u32, u32) -> u32, [a, b, c, d, e]: [u32; 5], [w, x, y, z]: [u32; 4]) -> [u32; 5] {
    let round = |a: u32, b: u32, c: u32, d: u32, e: u32, word: u32| {
        e.wrapping_add(word).wrapping_add(f(b, c, d)).wrapping_add(a.rotate_left(5))
    };
    let e = round(a, b, c, d, e, w);
    let b = b.rotate_left(30);
    let d = round(e, a, b, c, d, x);
    let a = a.rotate_left(30);
    let c = round(d, e, a, b, c, y);
    let e = e.rotate_left(30);
    let b = round(c, d, e, a, b, z);
    [b, c, d.rotate_left(30), e, a]
}

/// Runs `$step` for the words of each four rounds, in order, and hands them to those rounds.
macro_rules! rounds {
    ($state:ident, |$group:ident| $step:expr) => {{
        let mut words = *$state;
        rounds!(words, choose, $group, $step, 0 1 2 3 4);
        rounds!(words, parity, $group, $step, 5 6 7 8 9);
        rounds!(words, majority, $group, $step, 10 11 12 13 14);
        rounds!(words, parity, $group, $step, 15 16 17 18 19);
        for (word, new) in $state.iter_mut().zip(words) {
            *word = word.wrapping_add(new);
        }
    }};
    ($words:ident, $f:ident, $group:ident, $step:expr, $($number:literal)*) => {
        $({
            const $group: usize = $number;
            $words = four($f, $words, $step);
        })*
    };
}

/// Two blocks at a time: their schedules are made side by side, in the two halves of each vector.
#[target_feature(enable = "avx2,bmi2")]
unsafe fn compress(state: &mut [u32; 5], blocks: &[Block]) {
    for pair in blocks.chunks(2) {
        let mut words = unsafe { first_words(&pair[0], &pair[pair.len() - 1]) };
        let mut schedules = [const { MaybeUninit::uninit() }; 20];
        rounds!(state, |GROUP| {
            // A few groups ahead, so that the vector units work while the rounds wait for each other.
            if GROUP == 0 {
                (0..4).for_each(|group| unsafe { add_constant(&words, group, &mut schedules) });
            }
            if GROUP + 4 < 20 {
                unsafe { extend(&mut words, GROUP + 4) };
                unsafe { add_constant(&words, GROUP + 4, &mut schedules) };
            }
            unsafe { half(&schedules[GROUP], 0) }
        });
        if pair.len() == 2 {
            rounds!(state, |GROUP| unsafe { half(&schedules[GROUP], 4) });
        }
    }
}

#[target_feature(enable = "avx2,bmi2")]
unsafe fn compress_scheduled(state: &mut [u32; 5], schedule: &Schedule) {
    rounds!(state, |GROUP| schedule[GROUP]);
}

#[target_feature(enable = "avx2,bmi2")]
unsafe fn schedule(block: &Block) -> Schedule {
    let mut words = unsafe { first_words(block, block) };
    let mut schedules = [const { MaybeUninit::uninit() }; 20];
    (4..20).for_each(|group| unsafe { extend(&mut words, group) });
    (0..20).for_each(|group| unsafe { add_constant(&words, group, &mut schedules) });
    schedules.map(|words| unsafe { half(&words, 0) })
}

/// The blocks' sixteen words each, and room for the others.
#[inline(always)]
unsafe fn first_words(one: &Block, two: &Block) -> [__m256i; 20] {
    unsafe {
        let big_endian = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
        let big_endian = _mm256_broadcastsi128_si256(big_endian);
        let mut words = [_mm256_setzero_si256(); 20];
        for (group, (one, two)) in one.chunks_exact(16).zip(two.chunks_exact(16)).enumerate() {
            let bytes = _mm256_loadu2_m128i(two.as_ptr().cast(), one.as_ptr().cast());
            words[group] = _mm256_shuffle_epi8(bytes, big_endian);
        }
        words
    }
}

/// The next four words, made from those before.
#[inline(always)]
unsafe fn extend(words: &mut [__m256i; 20], group: usize) {
    unsafe {
        let w = |back: usize| words[group - back];
        words[group] = if group < 8 {
            // rotl(w[t-3] ^ w[t-8] ^ w[t-14] ^ w[t-16], 1), where the last of the four needs the first.
            let known = _mm256_xor_si256(_mm256_bsrli_epi128(w(1), 4), w(2));
            let sum = _mm256_xor_si256(known, _mm256_xor_si256(_mm256_alignr_epi8(w(3), w(4), 8), w(4)));
            let first = _mm256_bslli_epi128(sum, 12);
            _mm256_xor_si256(rotate_left::<1, 31>(sum), rotate_left::<2, 30>(first))
        } else {
            // The same rule applied to itself: rotl(w[t-6] ^ w[t-16] ^ w[t-28] ^ w[t-32], 2).
            let near = _mm256_xor_si256(_mm256_alignr_epi8(w(1), w(2), 8), w(4));
            rotate_left::<2, 30>(_mm256_xor_si256(near, _mm256_xor_si256(w(7), w(8))))
        };
    }
}

#[inline(always)]
unsafe fn rotate_left<const LEFT: i32, const RIGHT: i32>(words: __m256i) -> __m256i {
    unsafe { _mm256_or_si256(_mm256_slli_epi32(words, LEFT), _mm256_srli_epi32(words, RIGHT)) }
}

#[inline(always)]
unsafe fn add_constant(words: &[__m256i; 20], group: usize, schedules: &mut [TwoGroups; 20]) {
    unsafe {
        let sum = _mm256_add_epi32(words[group], _mm256_set1_epi32(CONSTANTS[group / 5]));
        _mm256_storeu_si256(schedules[group].as_mut_ptr().cast(), sum);
    }
    // Through memory: taken out of the vector one by one, the words would cost two instructions each.
    black_box(schedules);
}

#[inline(always)]
unsafe fn half(words: &TwoGroups, from: usize) -> [u32; 4] {
    let words = unsafe { words.assume_init_ref() };
    [words[from], words[from + 1], words[from + 2], words[from + 3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also on a processor whose SHA instructions are preferred to this.
    #[test]
    fn gives_what_the_crate_gives() {
        if !is_x86_feature_detected!("avx2") || !is_x86_feature_detected!("bmi2") {
            return;
        }
        let avx2 = Avx2(());
        let blocks: [Block; 9] =
            std::array::from_fn(|block| std::array::from_fn(|byte| (block * 83 + byte * byte * 7 + byte) as u8));
        let mut states = [[0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]; 3];
        for count in 0..=blocks.len() {
            let blocks = &blocks[blocks.len() - count..];
            sha1::block_api::compress(&mut states[0], blocks);
            avx2.compress(&mut states[1], blocks);
            blocks.iter().for_each(|block| avx2.compress_scheduled(&mut states[2], &avx2.schedule(block)));
            assert_eq!(states[1], states[0], "{count}");
            assert_eq!(states[2], states[0], "{count}");
        }
    }

    #[test]
    fn is_chosen_where_it_is_the_quickest() {
        let [sha, avx2, bmi2] =
            [is_x86_feature_detected!("sha"), is_x86_feature_detected!("avx2"), is_x86_feature_detected!("bmi2")];
        assert_eq!(Avx2::instead_of_sha().is_some(), (sha, avx2, bmi2) == (false, true, true));
    }
}
