//! Why a request got no response, told by ureq's error and by how far the request had come.

use std::fmt;
use std::io::{self, ErrorKind};

use rustls::CertificateError::{Expired, ExpiredContext, NotValidYet, NotValidYetContext};
use ureq::Error;

use super::operation::{Interrupted, Operation, Phase};
use super::{io_error, proxy, roots};
use crate::etrade::{Failure, Kind};
use crate::oauth::RequestUrl;

pub struct Lost {
    /// What ended it, whether or not the request had left.
    pub failure: Failure,
    /// A kept connection turned out dead: not a byte came back.
    pub dead_connection: bool,
    /// The request left, or part of it.
    pub sent: bool,
}

impl From<Failure> for Lost {
    /// Of a request that was not even begun.
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
        let (kind, what) = tell(error, operation);
        let host = RequestUrl::parse(url).map_or("", |url| url.host);
        Lost {
            failure: Failure::new(kind, format!("{host}: {what}")),
            dead_connection: matches!(error, Error::Io(_)) && operation.found_dead_connection(),
            sent: operation.phase().has_left(),
        }
    }
}

fn tell(error: &Error, operation: &Operation) -> (Kind, String) {
    let phase = operation.phase();
    if operation.is_cancelled() {
        let when = if phase.has_left() { " when the request had left" } else { "" };
        return (Kind::Cancelled, format!("the call was cancelled{when}."));
    }
    if matches!(error, Error::Timeout(_)) || interrupted(error) == Some(Interrupted::TimedOut) {
        let sentence =
            format!("no response within the time-out, {}. Try again, or set a longer time-out.", doing(phase));
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
            (Kind::Memory, "there is no memory for the response.".to_owned())
        }
        Error::Http(_) | Error::BadUri(_) => (Kind::Argument, format!("the request can't be written: {error}.")),
        Error::Io(error) if !phase.has_left() && io_error::is_out_of_descriptors(error) => {
            let words = io_error::describe(error);
            (Kind::Connect, format!("no connection: {words}. Close some, or raise the limit."))
        }
        Error::HostNotFound => (Kind::Connect, "the host's name is not known. Check it, and the network.".to_owned()),
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
            (Kind::Connect, format!("no connection: {words}. Check the network, and the firewall or proxy."))
        }
        Phase::Tunnelling => {
            (Kind::Connect, format!("the proxy gave no answer to CONNECT in HTTP: {words}. Check the proxy."))
        }
        Phase::Securing => (Kind::Tls, tell_of_tls(error, &words)),
        Phase::Sending | Phase::Sent => match error {
            Error::Io(_) => {
                (Kind::Connect, format!("the connection ended before the complete response came ({words})."))
            }
            Error::Other(error) if error.is::<NoLength>() => (Kind::Response, format!("{NoLength}.")),
            _ => {
                let advice = "Check the base URL, or whether a proxy answered in its place.";
                (Kind::Response, format!("the response is not HTTP. {advice}"))
            }
        },
    }
}

fn tell_of_tls(error: &Error, words: &str) -> String {
    use rustls::Error::InvalidCertificate;
    let dates = match tls_error(error) {
        Some(InvalidCertificate(NotValidYet | NotValidYetContext { .. })) => "is not valid yet",
        // Windows has one error for both.
        Some(InvalidCertificate(Expired | ExpiredContext { .. })) if cfg!(windows) => "is not valid now",
        Some(InvalidCertificate(Expired | ExpiredContext { .. })) => "has expired",
        Some(error) => {
            return format!(
                "no secure connection: {error}. Check the host; behind a private authority, give its certificate with the CA \
                 file."
            );
        }
        None => {
            return format!(
                "the connection ended within the TLS handshake ({words}). Check the host and its port, and the firewall or \
                 proxy."
            );
        }
    };
    format!(
        "no secure connection: by this machine's clock the certificate {dates}. Check this machine's clock; if it is right, \
         check the dates of the certificate."
    )
}

/// What rustls said, which travels inside an I/O error.
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
        Phase::Tunnelling => "while waiting for the proxy's answer to CONNECT",
        Phase::Securing => "in the TLS handshake",
        Phase::Open | Phase::Sending => "while sending the request",
        Phase::Sent => "while waiting for the response",
    }
}

/// What a helper thread was wanted for.
fn work(phase: Phase) -> &'static str {
    match phase {
        Phase::LookingUp => "the look-up of the host's name",
        Phase::Securing => "the check of the certificate",
        _ => "the connection",
    }
}
