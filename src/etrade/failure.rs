//! Why something could not be done, in words for a person.

use crate::oauth;

/// What went wrong, one kind for each status that a caller can switch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Argument,
    State,
    Limit,
    Memory,
    Url,
    Session,
    Clock,
    File,
    Connect,
    Tls,
    Timeout,
    Insecure,
    Uncertain,
    Cancelled,
    Http,
    Response,
    Signature,
    ConsumerKey,
    Verifier,
    Login,
    RateLimit,
    Unavailable,
    ClockSkew,
    Denied,
    /// Not a failure yet: the request was signed again and is to be sent once more.
    Again,
    /// The request could not be signed.
    Signing(oauth::Error),
}

#[derive(Clone, Debug)]
pub struct Failure {
    pub kind: Kind,
    /// What happened and what to do; never a secret, never text of the server's own.
    pub sentence: String,
    /// The server's HTTP status, 0 if it gave none.
    pub http_status: u16,
    /// The server's `oauth_problem`, empty if it gave none.
    pub problem: String,
}

impl Failure {
    pub fn new(kind: Kind, sentence: impl Into<String>) -> Failure {
        Failure { kind, sentence: sentence.into(), http_status: 0, problem: String::new() }
    }
}

impl From<oauth::Error> for Failure {
    fn from(error: oauth::Error) -> Failure {
        Failure::new(Kind::Signing(error), "")
    }
}
