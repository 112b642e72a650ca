//! What a caller is to do about an answer or a failure.

use super::Kind;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    None,
    /// Sign again and send again.
    Retry,
    /// Renew, then retry.
    Renew,
    Login,
    Wait,
    Fix,
    /// It may have been carried out: check before repeating it.
    Check,
}

impl Advice {
    /// What to do about a failure of this kind.
    pub fn about(kind: Kind) -> Advice {
        match kind {
            Kind::Cancelled => Advice::None,
            Kind::Again => Advice::Retry,
            Kind::Connect | Kind::Tls | Kind::Timeout | Kind::RateLimit | Kind::Unavailable => Advice::Wait,
            Kind::Login => Advice::Login,
            Kind::Uncertain => Advice::Check,
            _ => Advice::Fix,
        }
    }
}

/// GET and HEAD ask; everything else may change something.
pub fn only_asks(method: &str) -> bool {
    method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("HEAD")
}
