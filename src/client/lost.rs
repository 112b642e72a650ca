//! Why a request got no response: from ureq's error, and from how far the request had come.

use std::fmt;
use std::io::{self, ErrorKind};

use ureq::Error;

use super::operation::{Interrupted, Operation, Phase};
use super::{io_error, proxy, roots, tls_failure};
use crate::etrade::{Failure, Kind};
use crate::oauth::RequestUrl;

pub struct Lost {
    /// What ended the request, whether or not it had left.
    pub failure: Failure,
    /// A kept connection turned out to be dead: not a single byte came back.
    pub dead_connection: bool,
    /// The request left, or part of it.
    pub sent: bool,
}

impl From<Failure> for Lost {
    /// For a request that was never begun.
    fn from(failure: Failure) -> Lost {
        Lost { failure, dead_connection: false, sent: false }
    }
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Failure {
        lost.failure
    }
}

/// A response that ends where the connection ends, however early that is.
#[derive(Debug)]
pub struct NoLength;

impl fmt::Display for NoLength {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("the response has no length, so it cannot be known to be complete")
    }
}

impl std::error::Error for NoLength {}

impl Lost {
    pub fn new(error: &Error, operation: &Operation, url: &str) -> Lost {
        let (kind, what) = explain(error, operation);
        let host = RequestUrl::parse(url).map_or("", |url| url.host);
        Lost {
            failure: Failure::new(kind, format!("{host}: {what}")),
            dead_connection: matches!(error, Error::Io(_)) && operation.found_dead_connection(),
            sent: operation.phase().has_left(),
        }
    }
}

fn explain(error: &Error, operation: &Operation) -> (Kind, String) {
    let phase = operation.phase();
    if operation.is_cancelled() {
        let when = if phase.has_left() { " after its request had left" } else { "" };
        return (Kind::Cancelled, format!("the call was cancelled{when}."));
    }
    if matches!(error, Error::Timeout(_)) || interrupted(error) == Some(Interrupted::TimedOut) {
        let sentence = format!("the call timed out {}. If this persists, set a longer timeout.", doing(phase));
        return (Kind::Timeout, sentence);
    }
    if interrupted(error) == Some(Interrupted::NoThread) {
        let sentence =
            format!("no thread could be created for {}. Check the limits on threads and memory.", work(phase));
        return (Kind::Connect, sentence);
    }
    if let Some(missing) = roots::missing(error) {
        return missing;
    }
    match error {
        Error::BodyExceedsLimit(limit) => (Kind::Limit, format!("the response is larger than {limit} bytes.")),
        Error::Io(error) if error.kind() == ErrorKind::OutOfMemory => {
            (Kind::Memory, "there is not enough memory for the response.".to_owned())
        }
        Error::Http(_) | Error::BadUri(_) => (Kind::Argument, format!("the request cannot be written: {error}.")),
        Error::Io(error) if !phase.has_left() && io_error::is_out_of_descriptors(error) => {
            let words = io_error::describe(error);
            (Kind::Connect, format!("no connection: {words}. Close some descriptors, or raise the limit."))
        }
        Error::HostNotFound => {
            (Kind::Connect, "the host's name could not be looked up. Check the name and the network.".to_owned())
        }
        Error::ConnectProxyFailed(reason) => (Kind::Connect, proxy::refusal(reason)),
        error => in_phase(error, phase),
    }
}

fn in_phase(error: &Error, phase: Phase) -> (Kind, String) {
    let words = match error {
        Error::Io(error) => io_error::describe(error),
        error => error.to_string(),
    };
    match phase {
        Phase::LookingUp | Phase::Connecting | Phase::Open => {
            (Kind::Connect, format!("no connection: {words}. Check the network, the firewall and the proxy."))
        }
        Phase::Tunnelling => {
            let end = if matches!(error, Error::Io(_)) { format!(": {words}") } else { String::new() };
            (Kind::Connect, format!("the proxy gave no HTTP response to CONNECT{end}. Check the proxy."))
        }
        Phase::SecuringProxy => (Kind::Tls, explain_tls(error, "the proxy", &words)),
        Phase::Securing => (Kind::Tls, explain_tls(error, "the server", &words)),
        Phase::Sending | Phase::Sent => match error {
            Error::Io(_) => (Kind::Connect, explain_end(error, &words)),
            Error::Other(error) if error.is::<NoLength>() => (Kind::Response, format!("{NoLength}.")),
            _ => {
                let advice = "Check the base URL, and whether a proxy responded in the server's place.";
                (Kind::Response, format!("the response is not HTTP. {advice}"))
            }
        },
    }
}

fn explain_end(error: &Error, words: &str) -> String {
    let what = "before the response was complete";
    match tls_error(error) {
        // In TLS 1.3 a request leaves before the server has judged the handshake.
        Some(error) => format!("the secure connection failed {what}: {}", tls_failure::explain(error, "the server")),
        None => format!("the connection ended {what} ({words})."),
    }
}

fn explain_tls(error: &Error, peer: &str, words: &str) -> String {
    match tls_error(error) {
        Some(error) => format!("no secure connection: {}", tls_failure::explain(error, peer)),
        None => format!(
            "the connection ended during the TLS handshake with {peer} ({words}). Check the host and its port, the \
             firewall and the proxy."
        ),
    }
}

/// The error of rustls, which ureq passes on inside an I/O error.
fn tls_error(error: &Error) -> Option<&rustls::Error> {
    match error {
        Error::Rustls(error) => Some(error),
        Error::Io(error) => inner(error),
        _ => None,
    }
}

fn interrupted(error: &Error) -> Option<Interrupted> {
    match error {
        Error::Other(error) => error.downcast_ref().copied(),
        error => match tls_error(error)? {
            rustls::Error::Other(error) => error.0.downcast_ref().copied(),
            _ => None,
        },
    }
}

fn inner<E: std::error::Error + 'static>(error: &io::Error) -> Option<&E> {
    error.get_ref()?.downcast_ref()
}

fn doing(phase: Phase) -> &'static str {
    match phase {
        Phase::LookingUp => "while looking up the host's name",
        Phase::Connecting => "while connecting",
        Phase::Tunnelling => "while waiting for the proxy's response to CONNECT",
        Phase::SecuringProxy => "during the TLS handshake with the proxy",
        Phase::Securing => "during the TLS handshake",
        Phase::Open | Phase::Sending => "while sending the request",
        Phase::Sent => "while waiting for the response",
    }
}

/// What a helper thread was needed for.
fn work(phase: Phase) -> &'static str {
    match phase {
        Phase::LookingUp => "the lookup of the host's name",
        Phase::SecuringProxy | Phase::Securing => "the check of the certificate",
        _ => "the connection",
    }
}
