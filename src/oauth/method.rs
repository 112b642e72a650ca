//! The request method: a token of letters, upper-cased in the base string and on the wire.

use super::Error;

pub fn check(method: &str) -> Result<(), Error> {
    if method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Err(Error::Method("is not made of letters only, like GET or POST"))
    } else if method.eq_ignore_ascii_case("CONNECT") {
        Err(Error::Method("is CONNECT, which opens a tunnel through a proxy and is never signed: use GET or POST"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_but_never_connect() {
        for good in ["GET", "post", "Patch", "CONNECTS", "CONNEC"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in ["", "GET ", "G3T", "GÉT", "M-SEARCH", "CONNECT", "connect", "Connect"] {
            assert!(matches!(check(bad), Err(Error::Method(_))), "{bad}");
        }
    }
}
