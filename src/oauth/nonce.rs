//! Nonces (RFC 5849 section 3.3). Those of a thread are one random number of 128 bits, counted up, in hexadecimal as
//! E*TRADE's own example has it: unique is what a nonce must be, and only the thread's first one needs to be random.
//! Asking the operating system each time would take as long as the signature.

use rand::TryRng;
use rand::rngs::SysRng;

use super::Error;
use super::encoding::is_unreserved;

pub const LONGEST: usize = 64;

const DIGITS: usize = 32;

pub struct Nonce([u8; DIGITS]);

impl Nonce {
    /// From the operating system: for the few requests that the library itself sends.
    pub fn from_system() -> Result<Nonce, Error> {
        let mut digits = [0; DIGITS];
        random_digits(&mut digits)?;
        Ok(Nonce(digits))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The last digits, which differ for 2^64 nonces in a row.
    pub fn counter(&self) -> &Counter {
        self.0.last_chunk().expect("a nonce has more digits than these")
    }

    /// A caller's own nonce goes into the header as it is, so it must need no encoding.
    pub fn check(text: &str) -> Result<&str, Error> {
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_unreserved);
        if fits { Ok(text) } else { Err(Error::Nonce) }
    }
}

pub type Counter = [u8; DIGITS / 2];

/// Fills the memory with random hexadecimal digits.
pub fn random_digits(digits: &mut [u8]) -> Result<(), Error> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    SysRng.try_fill_bytes(digits).map_err(|_| Error::Random)?;
    digits.iter_mut().for_each(|digit| *digit = HEX[usize::from(*digit & 15)]);
    Ok(())
}

/// A thread's own nonces.
pub struct NonceSource {
    last: [u8; DIGITS],
    process: u32,
}

impl NonceSource {
    /// `process` numbers the forks that led here; a source of another process must not be used, since its parent goes
    /// on counting from the same number.
    pub fn new(process: u32) -> Result<NonceSource, Error> {
        Ok(NonceSource { last: Nonce::from_system()?.0, process })
    }

    pub fn belongs_to(&self, process: u32) -> bool {
        self.process == process
    }

    pub fn next(&mut self) -> Nonce {
        for digit in self.last.iter_mut().rev() {
            *digit = match *digit {
                b'9' => b'a',
                b'f' => b'0',
                other => other + 1,
            };
            if *digit != b'0' {
                break;
            }
        }
        Nonce(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_counts() {
        let mut source = NonceSource::new(0).unwrap();
        let mut before = u128::from_str_radix(std::str::from_utf8(&source.last).unwrap(), 16).unwrap();
        for _ in 0..70_000 {
            let nonce = source.next();
            let number = u128::from_str_radix(nonce.as_str(), 16).unwrap();
            assert_eq!(number, before.wrapping_add(1));
            assert_eq!(nonce.counter()[..], nonce.as_str().as_bytes()[16..]);
            before = number;
        }
        source.last = *b"ffffffffffffffffffffffffffffffff";
        assert_eq!(source.next().as_str(), "0".repeat(32));
    }

    #[test]
    fn random_ones_differ_and_pass_their_own_check() {
        let nonces = [0; 4].map(|_| Nonce::from_system().unwrap());
        for (index, nonce) in nonces.iter().enumerate() {
            assert_eq!(Nonce::check(nonce.as_str()).unwrap().len(), 32);
            assert!(nonces[..index].iter().all(|other| other.as_str() != nonce.as_str()));
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
