//! Faults on demand: what is armed, and which request meets it.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::form::Form;
use crate::problem::Shape;

/// Something that goes wrong, `times` times, after `after` requests that match were spared.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub on: String,
    pub method: Option<String>,
    pub after: u32,
    pub times: u32,
    pub kind: Kind,
    /// As it was armed, but for `times` and `after`.
    pub query: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A refusal that the service did not find by itself.
    Problem { shape: Option<Shape>, http: StatusCode, cause: Cause, form: Form },
    /// A plain answer; nothing is processed.
    Status { http: StatusCode, headers: Vec<(&'static str, HeaderValue)>, body: String, form: Form },
    /// The request waits until it is released.
    Hold,
    /// The connection breaks: it is closed, or falls silent.
    Break { when: When, how: Break },
    /// The answer comes byte by byte.
    Slow { pace: Duration },
    /// What the server says in the TLS handshake comes byte by byte.
    SlowHandshake { pace: Duration },
    /// The answer is no HTTP.
    Garbage,
    /// The answer's body is of this size.
    Oversize { bytes: u64, form: Form },
    /// The answer ends where the connection ends.
    CloseDelimited,
    /// The `Date` header lies by this many seconds.
    Date { skew: i64 },
}

impl Kind {
    /// What records call it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Problem { .. } => "problem",
            Self::Status { .. } => "status",
            Self::Hold => "hold",
            Self::Break { how: Break::Stall, .. } => "stall",
            Self::Break { .. } => "drop",
            Self::Slow { .. } | Self::SlowHandshake { .. } => "slow",
            Self::Garbage => "garbage",
            Self::Oversize { .. } => "oversize",
            Self::CloseDelimited => "close_delimited",
            Self::Date { .. } => "date",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// A value of `oauth_problem`.
    Code(String),
    /// A sentence without one.
    Message(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Right after the TCP connection was accepted.
    Accept,
    /// The request was read and not processed.
    Before,
    /// Processed, no byte answered.
    After,
    /// Processed, half of the answer's head sent.
    Headers,
    /// Processed, half of the answer's body sent.
    Body,
    /// As `Body`, with an answer in chunks.
    Chunked,
    /// Right after a whole answer.
    Idle,
    /// After a whole answer, when the next request on the connection was read.
    Next,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    Close,
    Reset,
    Stall,
}

/// The faults that are armed, in the order of their arming.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    pub fn arm(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn report(&self) -> Value {
        let report = |fault: &Fault| json!({"query": fault.query, "times": fault.times, "after": fault.after});
        self.0.iter().map(report).collect()
    }

    /// The fault that this request meets, if any.
    pub fn on_request(&mut self, method: &str, path: &str) -> Option<Kind> {
        self.take(|fault| {
            !fault.is_on_accept()
                && path.starts_with(&fault.on)
                && fault.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
        })
    }

    /// The fault that a connection meets before it said anything, if any.
    pub fn on_accept(&mut self) -> Option<Kind> {
        self.take(Fault::is_on_accept)
    }

    /// The first match that spares nobody any more; those before it spare one fewer.
    fn take(&mut self, matches: impl Fn(&Fault) -> bool) -> Option<Kind> {
        for (place, fault) in self.0.iter_mut().enumerate() {
            if !matches(fault) {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            let kind = fault.kind.clone();
            fault.times -= 1;
            if fault.times == 0 {
                self.0.remove(place);
            }
            return Some(kind);
        }
        None
    }
}

impl Fault {
    fn is_on_accept(&self) -> bool {
        matches!(self.kind, Kind::Break { when: When::Accept, .. } | Kind::SlowHandshake { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Fault {
        Fault::parse_query(query).unwrap()
    }

    #[test]
    fn faults_are_met_in_order() {
        let mut faults = Faults::default();
        faults.arm(parse("on=/oauth&kind=slow&ms=1&times=2"));
        faults.arm(parse("on=/v1&method=post&kind=slow&ms=2&after=1"));
        faults.arm(parse("on=/oauth/renew&kind=slow&ms=3"));
        faults.arm(parse("kind=stall&when=accept&after=1"));
        let mut met = |method: &str, path: &str| match faults.on_request(method, path) {
            Some(Kind::Slow { pace }) => pace.as_millis(),
            None => 0,
            other => panic!("{other:?}"),
        };
        assert_eq!(met("GET", "/oauth/renew_access_token"), 1);
        assert_eq!(met("GET", "/oauth/renew_access_token"), 1);
        assert_eq!(met("GET", "/oauth/renew_access_token"), 3);
        assert_eq!(met("GET", "/oauth/renew_access_token"), 0);
        assert_eq!(met("GET", "/v1/x"), 0);
        assert_eq!(met("POST", "/v1/x"), 0);
        assert_eq!(met("POST", "/v1/x"), 2);
        assert_eq!(met("POST", "/v1/x"), 0);
        assert_eq!(faults.on_accept(), None);
        assert_eq!(faults.on_accept(), Some(Kind::Break { when: When::Accept, how: Break::Stall }));
        assert_eq!(faults.len(), 0);
    }
}
