//! Nonces (RFC 5849 section 3.3): 128 random bits in hexadecimal, as E*TRADE's own example has them.

use rand::rngs::{StdRng, SysRng};
use rand::{SeedableRng, TryRng};

use super::Error;
use super::encoding::is_unreserved;

pub const LONGEST: usize = 64;

pub struct Nonce([u8; 32]);

impl Nonce {
    /// From the operating system: for the few requests that the library itself sends.
    pub fn from_system() -> Result<Nonce, Error> {
        let mut bits = [0; 16];
        SysRng.try_fill_bytes(&mut bits).map_err(|_| Error::Random)?;
        Ok(Nonce::from_bits(bits))
    }

    fn from_bits(bits: [u8; 16]) -> Nonce {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(bits) {
            pair[0] = HEX[usize::from(byte >> 4)];
            pair[1] = HEX[usize::from(byte & 15)];
        }
        Nonce(text)
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// A caller's own nonce goes into the header as it is, so it must need no encoding.
    pub fn check(text: &str) -> Result<&str, Error> {
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_unreserved);
        if fits { Ok(text) } else { Err(Error::Nonce) }
    }
}

/// A thread's own generator: a hundred times quicker than asking the operating system each time.
pub struct NonceSource {
    generator: StdRng,
    process: u32,
}

impl NonceSource {
    /// `process` numbers the forks that led here; a source of another process must not be used.
    pub fn new(process: u32) -> Result<NonceSource, Error> {
        let generator = StdRng::try_from_rng(&mut SysRng).map_err(|_| Error::Random)?;
        Ok(NonceSource { generator, process })
    }

    pub fn belongs_to(&self, process: u32) -> bool {
        self.process == process
    }

    pub fn next(&mut self) -> Nonce {
        let mut bits = [0; 16];
        let Ok(()) = self.generator.try_fill_bytes(&mut bits);
        Nonce::from_bits(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_differ_and_pass_their_own_check() {
        let mut source = NonceSource::new(0).unwrap();
        let (one, two, three) = (source.next(), source.next(), Nonce::from_system().unwrap());
        assert_ne!(one.as_str(), two.as_str());
        for nonce in [&one, &two, &three] {
            assert_eq!(Nonce::check(nonce.as_str()).unwrap().len(), 32);
        }
    }

    #[test]
    fn a_callers_nonce_is_checked() {
        assert!(Nonce::check("aZ0-._~").is_ok());
        assert!(Nonce::check(&"a".repeat(64)).is_ok());
        for bad in ["", "a b", "a\n", "%41", "é", &"a".repeat(65)] {
            assert_eq!(Nonce::check(bad), Err(Error::Nonce));
        }
    }
}
