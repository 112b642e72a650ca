//! The application that asks for access: E*TRADE's consumer key and secret, in one environment.

use std::fmt;

use zeroize::Zeroizing;

use super::{Environment, Failure, Kind, Token};
use crate::oauth::{Credentials, Signer, TokenCredentials};

pub struct Consumer {
    pub environment: Environment,
    pub key: String,
    secret: Zeroizing<String>,
}

impl Consumer {
    pub fn new(environment: Environment, key: &str, secret: &str) -> Result<Consumer, Failure> {
        for (name, text) in [("consumer_key", key), ("consumer_secret", secret)] {
            if let Some(fault) = fault_in(text) {
                return Err(Failure::new(Kind::Argument, format!("{name} {fault}.")));
            }
        }
        Ok(Consumer { environment, key: key.to_owned(), secret: Zeroizing::new(secret.to_owned()) })
    }

    pub fn signer(&self, token: Option<&Token>) -> Signer {
        Signer::new(&Credentials {
            consumer_key: &self.key,
            consumer_secret: &self.secret,
            token: token.map(|token| TokenCredentials { token: &token.value, token_secret: &token.secret }),
        })
    }
}

/// What is wrong with a key or secret. A file or the clipboard often adds to it what nobody sees.
fn fault_in(text: &str) -> Option<String> {
    const PASTE: &str = "give it exactly as E*TRADE's developer page shows it";
    let is_blank = |c: char| c.is_whitespace() || is_invisible(c);
    let blank = |c: Option<char>| c.filter(|&c| is_blank(c)).map(name_of);
    if text.is_empty() {
        Some("is empty: E*TRADE's developer page shows it".to_owned())
    } else if text.chars().all(is_blank) {
        Some(format!("consists of white space only: {PASTE}"))
    } else if let Some(name) = blank(text.chars().next()) {
        Some(format!("begins with {name}: {PASTE}"))
    } else if let Some(name) = blank(text.chars().next_back()) {
        Some(format!("ends with {name}: {PASTE}"))
    } else {
        let control = text.chars().find(|c| c.is_control());
        control.map(|control| format!("contains {}: {PASTE}", name_of(control)))
    }
}

/// Characters without a width, which Unicode does not count as white space.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

fn name_of(c: char) -> &'static str {
    match c {
        ' ' => "a space",
        '\t' => "a tab",
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => "a line break",
        '\u{a0}' | '\u{202f}' => "a no-break space",
        '\u{feff}' => "a byte order mark",
        _ if c.is_control() => "a control character",
        _ if c.is_whitespace() => "white space",
        _ => "an invisible character",
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Consumer").field("environment", &self.environment).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_along_with_a_key_is_named() {
        for (text, expected) in [
            ("", "is empty: "),
            (" ", "consists of white space only: "),
            ("\r\n\t", "consists of white space only: "),
            ("ck\n", "ends with a line break: "),
            ("ck\r\n", "ends with a line break: "),
            ("\rck", "begins with a line break: "),
            ("ck ", "ends with a space: "),
            (" ck ", "begins with a space: "),
            ("\tck", "begins with a tab: "),
            ("\u{a0}ck", "begins with a no-break space: "),
            ("ck\u{2003}", "ends with white space: "),
            ("\u{feff}ck", "begins with a byte order mark: "),
            ("ck\u{200b}", "ends with an invisible character: "),
            ("c\nk", "contains a line break: "),
            ("c\tk", "contains a tab: "),
            ("c\u{1}k", "contains a control character: "),
            ("ck\u{7f}", "contains a control character: "),
            ("c\u{85}k", "contains a line break: "),
        ] {
            let fault = fault_in(text).unwrap();
            assert!(fault.starts_with(expected), "{text:?} {fault}");
            assert!(!fault.contains("ck"), "a key is never repeated");
        }
        for good in ["ck", "c k", "é", "c\u{a0}k", "c\u{200b}k"] {
            assert_eq!(fault_in(good), None, "{good:?}");
        }
    }
    #[test]
    fn its_debug_output_has_neither_key_nor_secret() {
        let consumer = Consumer::new(Environment::Live, "the key", "the secret").unwrap();
        assert_eq!(format!("{consumer:?}"), "Consumer { environment: Live, .. }");
        assert_eq!(format!("{:?}", Token::new("the token", "the secret").unwrap()), "Token");
    }
}
