//! Nonces (RFC 5849 section 3.3). A thread counts up from a random number of 128 bits, which is written in hexadecimal,
//! as in E*TRADE's own example. A nonce must be unique, so only the thread's first one needs to be random. Asking the
//! operating system each time would take as long as the signature.

use rand::TryRng;
use rand::rngs::SysRng;

use super::Error;
use super::encoding::is_unreserved;

pub const LONGEST: usize = 64;

/// How many digits a nonce of our own has.
const DIGITS: usize = 32;

/// 1 to 64 unreserved characters, which go into header and base string as they are.
#[derive(Clone, Copy)]
pub struct Nonce {
    text: [u8; LONGEST],
    length: usize,
}

/// The last digits of a nonce of our own, which differ for 2^80 of a thread's nonces in a row.
pub type NonceSuffix = [u8; 20];

impl Nonce {
    /// A nonce of the caller's.
    pub fn new(text: &str) -> Result<Nonce, Error> {
        let fits = (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_unreserved);
        if fits { Ok(Nonce::join(&[text.as_bytes()])) } else { Err(Error::Nonce) }
    }

    /// A random nonce from the operating system, for the few requests that the library itself sends.
    pub fn from_system() -> Result<Nonce, Error> {
        let mut digits = [0; DIGITS];
        random_digits(&mut digits)?;
        Ok(Nonce::join(&[&digits]))
    }

    /// A nonce of constant digits and a thread's suffix.
    pub fn with_prefix(prefix: &str, suffix: &NonceSuffix) -> Nonce {
        Nonce::join(&[prefix.as_bytes(), suffix])
    }

    fn join(parts: &[&[u8]]) -> Nonce {
        let mut nonce = Nonce { text: [0; LONGEST], length: 0 };
        for part in parts {
            nonce.text[nonce.length..nonce.length + part.len()].copy_from_slice(part);
            nonce.length += part.len();
        }
        nonce
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }
}

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
        let mut last = [0; DIGITS];
        random_digits(&mut last)?;
        Ok(NonceSource { last, process })
    }

    pub fn belongs_to(&self, process: u32) -> bool {
        self.process == process
    }

    pub fn next(&mut self) -> Nonce {
        self.count();
        Nonce::join(&[&self.last])
    }

    pub fn next_suffix(&mut self) -> NonceSuffix {
        self.count();
        *self.last.last_chunk().expect("it is shorter")
    }

    fn count(&mut self) {
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
            before = number.wrapping_add(1);
            assert_eq!(source.next_suffix()[..], format!("{before:032x}").as_bytes()[12..]);
        }
        source.last = *b"ffffffffffffffffffffffffffffffff";
        assert_eq!(source.next().as_str(), "0".repeat(32));
    }

    #[test]
    fn random_ones_differ() {
        let nonces = [0; 4].map(|_| Nonce::from_system().unwrap());
        for (index, nonce) in nonces.iter().enumerate() {
            assert_eq!(nonce.as_str().len(), 32);
            assert!(nonces[..index].iter().all(|other| other.as_str() != nonce.as_str()));
        }
    }

    #[test]
    fn a_callers_nonce_is_checked() {
        for good in ["aZ0-._~", &"a".repeat(64)] {
            assert_eq!(Nonce::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "a b", "a\n", "%41", "é", &"a".repeat(65)] {
            assert!(matches!(Nonce::new(bad), Err(Error::Nonce)));
        }
    }
    #[test]
    fn a_source_belongs_to_the_process_that_made_it() {
        let source = NonceSource::new(3).unwrap();
        assert!(source.belongs_to(3) && !source.belongs_to(4));
    }
}
