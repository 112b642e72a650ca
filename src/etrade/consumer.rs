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
            if text.is_empty() {
                return Err(Failure::new(
                    Kind::Argument,
                    format!("{name} is empty: E*TRADE's developer page shows it."),
                ));
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

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Consumer").field("environment", &self.environment).finish_non_exhaustive()
    }
}
