//! The request method: a token of letters, upper-cased in the base string and on the wire.

use super::Error;

pub fn check(method: &str) -> Result<(), Error> {
    let letters = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic());
    if letters { Ok(()) } else { Err(Error::Method) }
}
