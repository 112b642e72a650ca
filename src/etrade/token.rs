//! A request token or an access token, with its secret.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use zeroize::Zeroizing;

use super::{Consumer, Failure, Kind, Reply};
use crate::oauth::{Signer, decode};

pub struct Token {
    pub value: Zeroizing<String>,
    pub secret: Zeroizing<String>,
    /// Set once the token has been replaced or revoked; signers of it look here.
    retired: AtomicBool,
    /// Made with the first signature.
    signer: OnceLock<Signer>,
}

impl Token {
    pub fn new(value: &str, secret: &str) -> Result<Token, Failure> {
        for (name, text) in [("token", value), ("token_secret", secret)] {
            if text.is_empty() {
                return Err(Failure::new(Kind::Argument, format!("{name} is empty.")));
            }
        }
        Ok(Token::from_parts(Zeroizing::new(value.to_owned()), Zeroizing::new(secret.to_owned())))
    }

    fn from_parts(value: Zeroizing<String>, secret: Zeroizing<String>) -> Token {
        Token { value, secret, retired: AtomicBool::new(false), signer: OnceLock::new() }
    }

    /// Signs for the consumer that the token belongs to.
    pub fn signer(&self, consumer: &Consumer) -> &Signer {
        self.signer.get_or_init(|| consumer.signer(Some(self)))
    }

    /// Reads a token reply by its content, whatever its content type. Values are decoded once; a `+` that E*TRADE
    /// left unencoded stays one. A value with a control character is not a token.
    pub fn read(reply: &Reply) -> Option<Token> {
        let text = std::str::from_utf8(&reply.body).ok()?.trim_start_matches('\u{feff}').trim();
        let field = |name: &str| {
            let mut pairs = text.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(key, _)| *key == name)?;
            let value = Zeroizing::new(decode(value)?);
            let sound = !value.is_empty() && !value.chars().any(char::is_control);
            sound.then_some(value)
        };
        Some(Token::from_parts(field("oauth_token")?, field("oauth_token_secret")?))
    }

    pub fn retire(&self) {
        self.retired.store(true, Ordering::Relaxed);
    }

    pub fn is_retired(&self) -> bool {
        self.retired.load(Ordering::Relaxed)
    }

    pub fn same_as(&self, other: &Token) -> bool {
        self.value == other.value && self.secret == other.secret
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Option<(String, String)> {
        let token = Token::read(&Reply::new(200, "", body.as_bytes()))?;
        Some((token.value.to_string(), token.secret.to_string()))
    }

    #[test]
    fn values_are_decoded_once_and_a_raw_plus_stays() {
        let expected = Some(("a+b/c=".to_owned(), "d+%3D".to_owned()));
        let body = "oauth_token=a%2Bb%2Fc%3D&oauth_token_secret=d%2B%253D&oauth_callback_confirmed=TRUE\r\n";
        assert_eq!(read(body), expected);
        assert_eq!(read("oauth_token_secret=d+%253D&oauth_token=a+b/c="), expected);
        assert_eq!(read("\u{feff}oauth_token=a%2Bb%2Fc%3D&oauth_token_secret=d+%253D\n"), expected);
    }

    #[test]
    fn half_a_reply_is_none() {
        let halves = [
            "",
            "oauth_token=a",
            "oauth_token=a&oauth_token_secret=",
            "<html>",
            "oauth_token=%FF&oauth_token_secret=b",
            "oauth_token=a%0D%0A&oauth_token_secret=b",
            "oauth_token=a&oauth_token_secret=b%00",
            "oauth_token=a\n&oauth_token_secret=b",
        ];
        for body in halves {
            assert_eq!(read(body), None, "{body}");
        }
    }
}
