//! A request token or an access token, with its secret.

use std::fmt;

use zeroize::Zeroizing;

use super::{Failure, Kind, Reply};
use crate::oauth::decode;

#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub value: Zeroizing<String>,
    pub secret: Zeroizing<String>,
}

impl Token {
    pub fn new(value: &str, secret: &str) -> Result<Token, Failure> {
        for (name, text) in [("token", value), ("token_secret", secret)] {
            if text.is_empty() {
                return Err(Failure::new(Kind::Argument, format!("{name} is empty.")));
            }
        }
        Ok(Token { value: Zeroizing::new(value.to_owned()), secret: Zeroizing::new(secret.to_owned()) })
    }

    /// Reads a token reply by its content, whatever its content type. Values are decoded once; a `+` that E*TRADE
    /// left unencoded stays one.
    pub fn read(reply: &Reply) -> Option<Token> {
        let text = std::str::from_utf8(&reply.body).ok()?.trim();
        let field = |name: &str| {
            let mut pairs = text.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(key, _)| *key == name)?;
            decode(value).filter(|value| !value.is_empty()).map(Zeroizing::new)
        };
        Some(Token { value: field("oauth_token")?, secret: field("oauth_token_secret")? })
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
        assert_eq!(
            read("oauth_token=a%2Bb%2Fc%3D&oauth_token_secret=d%2B%253D&oauth_callback_confirmed=TRUE\r\n"),
            expected
        );
        assert_eq!(read("oauth_token_secret=d+%253D&oauth_token=a+b/c="), expected);
    }

    #[test]
    fn half_a_reply_is_none() {
        for body in
            ["", "oauth_token=a", "oauth_token=a&oauth_token_secret=", "<html>", "oauth_token=%FF&oauth_token_secret=b"]
        {
            assert_eq!(read(body), None, "{body}");
        }
    }
}
