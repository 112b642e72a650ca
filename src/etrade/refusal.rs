//! A refused request in words: the status to switch on and what to do.

use super::problem::{Meaning, Problem};
use super::{Endpoints, Failure, Kind, Reply};
use crate::oauth::RequestUrl;

/// What was asked of whom.
pub struct Refusal<'a> {
    /// Such as "Get Request Token", or a method.
    pub what: &'a str,
    pub url: &'a str,
    pub reply: &'a Reply,
    pub problem: Option<&'a Problem>,
}

impl Refusal<'_> {
    /// For meanings that are the same whatever was asked.
    pub fn failure(&self, meaning: Meaning, endpoints: &Endpoints) -> Failure {
        let (kind, advice) = match meaning {
            Meaning::SignatureInvalid => {
                (Kind::Signature, "the signature was refused. Check the consumer secret; the token is kept.")
            }
            Meaning::ConsumerKey => {
                let advice = format!(
                    "the consumer key is not accepted there: it has expired (keys last about two years) or belongs to the other environment, whose host may be {}.",
                    endpoints.other_oauth_host()
                );
                return self.because(Kind::ConsumerKey, &advice);
            }
            Meaning::Timestamp(_) => {
                (Kind::ClockSkew, "this machine's clock and E*TRADE's differ too much to be corrected. Set the clock.")
            }
            Meaning::PermissionDenied => {
                (Kind::Denied, "this consumer key or person is not allowed to do that. Check the permissions of both.")
            }
            Meaning::RateLimit => (Kind::RateLimit, "too many requests. Wait, then try again; the token is kept."),
            Meaning::Unavailable => {
                (Kind::Unavailable, "the service is unavailable. Wait, then try again; the token is kept.")
            }
            Meaning::Token | Meaning::Unauthorized => (Kind::Login, "the token is not accepted. Log in again."),
            Meaning::ParameterAbsent => {
                (Kind::Http, "this is usually temporary, but it happened twice. Try again later.")
            }
            Meaning::NonceUsed => (Kind::Http, "the server has seen this nonce before. Try again."),
            Meaning::Verifier => {
                (Kind::Verifier, "the verification code is not accepted. Type it again, or begin a new login.")
            }
            Meaning::CallbackRejected | Meaning::Other => {
                (Kind::Http, "this response was not expected. Check the base URL.")
            }
        };
        self.because(kind, advice)
    }

    pub fn because(&self, kind: Kind, advice: &str) -> Failure {
        let code = self.problem.map_or("", |problem| problem.code.as_str());
        let comma = if code.is_empty() { "" } else { ", " };
        let host = RequestUrl::parse(self.url).map_or("", |url| url.host);
        Failure {
            kind,
            sentence: format!("{} at {host} failed (HTTP {}{comma}{code}): {advice}", self.what, self.reply.status),
            http_status: self.reply.status,
            problem: code.to_owned(),
        }
    }
}
