//! Statuses: their numbers, names, texts, and which failure gives which.

use std::fmt;

use super::fault::Fault;
use super::types::etoauth_status;
use crate::client::time;
use crate::etrade::Kind;
use crate::oauth;

/// Success.
///
/// The numbers are grouped: the call from -1, its input from -20, this machine from -30, the network from -40, the
/// server from -50. "Any network or server status" in the sections above is one from -40 on, or ETOAUTH_E_LIMIT.
pub const ETOAUTH_OK: etoauth_status = 0;
/// An argument is NULL that may not be.
pub const ETOAUTH_E_NULL: etoauth_status = -1;
/// An argument's value makes no sense.
pub const ETOAUTH_E_ARGUMENT: etoauth_status = -2;
/// A text is not UTF-8.
pub const ETOAUTH_E_UTF8: etoauth_status = -3;
/// The buffer is too small; *len has the capacity needed.
pub const ETOAUTH_E_BUFFER: etoauth_status = -4;
/// No live handle of that kind, or no live string of the library's.
pub const ETOAUTH_E_HANDLE: etoauth_status = -5;
/// Not in this state, such as no pending login.
pub const ETOAUTH_E_STATE: etoauth_status = -6;
/// An answer is too large, or too many handles are live.
pub const ETOAUTH_E_LIMIT: etoauth_status = -7;
/// A fault of the library's own.
pub const ETOAUTH_E_INTERNAL: etoauth_status = -8;
/// Out of memory.
pub const ETOAUTH_E_MEMORY: etoauth_status = -9;
/// The client's token was replaced: get a new signer.
pub const ETOAUTH_E_STALE: etoauth_status = -10;
/// The URL can't be sent as it stands.
pub const ETOAUTH_E_URL: etoauth_status = -20;
/// The method is not made of letters.
pub const ETOAUTH_E_METHOD: etoauth_status = -21;
/// The session text is damaged or another's.
pub const ETOAUTH_E_SESSION: etoauth_status = -22;
/// The operating system gave no random bytes.
pub const ETOAUTH_E_RANDOM: etoauth_status = -30;
/// This machine's clock is unusable.
pub const ETOAUTH_E_CLOCK: etoauth_status = -31;
/// A file can't be read or written.
pub const ETOAUTH_E_FILE: etoauth_status = -32;
/// No connection.
pub const ETOAUTH_E_CONNECT: etoauth_status = -40;
/// No secure connection.
pub const ETOAUTH_E_TLS: etoauth_status = -41;
/// No answer within the time-out.
pub const ETOAUTH_E_TIMEOUT: etoauth_status = -42;
/// Plain http to another machine.
pub const ETOAUTH_E_INSECURE: etoauth_status = -43;
/// The request left, or may have left, and no whole answer came.
pub const ETOAUTH_E_UNCERTAIN: etoauth_status = -44;
/// The call was cancelled before the request left.
pub const ETOAUTH_E_CANCELLED: etoauth_status = -45;
/// The server's answer was unexpected.
pub const ETOAUTH_E_HTTP: etoauth_status = -50;
/// The server's answer is unreadable.
pub const ETOAUTH_E_RESPONSE: etoauth_status = -51;
/// The server refused the signature.
pub const ETOAUTH_E_SIGNATURE: etoauth_status = -52;
/// The server refused the consumer key.
pub const ETOAUTH_E_CONSUMER_KEY: etoauth_status = -53;
/// The server refused the verification code.
pub const ETOAUTH_E_VERIFIER: etoauth_status = -54;
/// Only a new login helps.
pub const ETOAUTH_E_LOGIN: etoauth_status = -55;
/// Too many requests: wait. The token is kept.
pub const ETOAUTH_E_RATE_LIMIT: etoauth_status = -56;
/// The service is down for the moment: wait. The token is kept.
pub const ETOAUTH_E_UNAVAILABLE: etoauth_status = -57;
/// This machine's clock and the server's differ too much.
pub const ETOAUTH_E_CLOCK_SKEW: etoauth_status = -58;
/// Signed anew: send once more.
pub const ETOAUTH_E_AGAIN: etoauth_status = -59;
/// The server does not permit it.
pub const ETOAUTH_E_DENIED: etoauth_status = -60;

macro_rules! statuses {
    ($($status:ident $text:literal,)+) => {
        const STATUSES: &[(etoauth_status, &str, &str)] =
            &[$(($status, concat!(stringify!($status), "\0"), concat!($text, "\0")),)+];
    };
}

statuses! {
    ETOAUTH_OK "Success.",
    ETOAUTH_E_NULL "An argument is NULL that may not be.",
    ETOAUTH_E_ARGUMENT "An argument's value makes no sense.",
    ETOAUTH_E_UTF8 "A text is not UTF-8.",
    ETOAUTH_E_BUFFER "The buffer is too small.",
    ETOAUTH_E_HANDLE "The handle is not live, or of another kind; or the string is not the library's.",
    ETOAUTH_E_STATE "The call does not fit the present state: log in, or begin a login, first.",
    ETOAUTH_E_LIMIT "An answer is too large, or too many handles are live.",
    ETOAUTH_E_INTERNAL "A fault of the library's own: please report it.",
    ETOAUTH_E_MEMORY "Out of memory.",
    ETOAUTH_E_STALE "The client's token was replaced: get a new signer.",
    ETOAUTH_E_URL "The URL can't be sent as it stands.",
    ETOAUTH_E_METHOD "The method is not made of letters.",
    ETOAUTH_E_SESSION "The session text is damaged, or of another key or environment.",
    ETOAUTH_E_RANDOM "The operating system gave no random bytes.",
    ETOAUTH_E_CLOCK "This machine's clock is unusable: set it.",
    ETOAUTH_E_FILE "A file can't be read or written.",
    ETOAUTH_E_CONNECT "No connection: check the network, the firewall or the proxy.",
    ETOAUTH_E_TLS "No secure connection: check the host and its certificate.",
    ETOAUTH_E_TIMEOUT "No answer within the time-out.",
    ETOAUTH_E_INSECURE "Plain http to another machine is refused: use https.",
    ETOAUTH_E_UNCERTAIN "The request left and no whole answer came: look before you repeat it.",
    ETOAUTH_E_CANCELLED "The call was cancelled before its request left.",
    ETOAUTH_E_HTTP "The server's answer was unexpected.",
    ETOAUTH_E_RESPONSE "The server's answer is unreadable.",
    ETOAUTH_E_SIGNATURE "The server refused the signature: check the secrets.",
    ETOAUTH_E_CONSUMER_KEY "The server refused the consumer key: it has expired, or is the other environment's.",
    ETOAUTH_E_VERIFIER "The server refused the verification code: type it again, or begin a new login.",
    ETOAUTH_E_LOGIN "Only a new login helps.",
    ETOAUTH_E_RATE_LIMIT "Too many requests: wait, then try again.",
    ETOAUTH_E_UNAVAILABLE "The service is down for the moment: wait, then try again.",
    ETOAUTH_E_CLOCK_SKEW "This machine's clock and the server's differ too much: set the clock.",
    ETOAUTH_E_AGAIN "Signed anew: send once more.",
    ETOAUTH_E_DENIED "The server does not permit it.",
}

/// Name and text, both NUL-terminated.
pub fn describe(status: etoauth_status) -> (&'static str, &'static str) {
    let known = STATUSES.iter().find(|(known, _, _)| *known == status);
    let unknown =
        if status > 0 { "No status of this library.\0" } else { "A failure that this version does not know.\0" };
    known.map_or(("unknown\0", unknown), |(_, name, text)| (name, text))
}

pub fn status_of(fault: &Fault) -> etoauth_status {
    match fault {
        Fault::Null(_) => ETOAUTH_E_NULL,
        Fault::Utf8(_) => ETOAUTH_E_UTF8,
        Fault::Handle(..) => ETOAUTH_E_HANDLE,
        Fault::Inherited(..) => ETOAUTH_E_STATE,
        Fault::TooManyHandles => ETOAUTH_E_LIMIT,
        Fault::Memory => ETOAUTH_E_MEMORY,
        Fault::Panic => ETOAUTH_E_INTERNAL,
        Fault::Buffer => ETOAUTH_E_BUFFER,
        Fault::Stale => ETOAUTH_E_STALE,
        Fault::Clock => ETOAUTH_E_CLOCK,
        Fault::Argument(..) => ETOAUTH_E_ARGUMENT,
        Fault::Signing(error) => status_of_signing(error),
        Fault::Failure(failure) => status_of_failure(failure.kind),
    }
}

fn status_of_signing(error: &oauth::Error) -> etoauth_status {
    match error {
        oauth::Error::Url(_) => ETOAUTH_E_URL,
        oauth::Error::Method => ETOAUTH_E_METHOD,
        oauth::Error::Form(_) | oauth::Error::Nonce | oauth::Error::Timestamp => ETOAUTH_E_ARGUMENT,
        oauth::Error::Buffer(_) => ETOAUTH_E_BUFFER,
        oauth::Error::Random => ETOAUTH_E_RANDOM,
        oauth::Error::Memory => ETOAUTH_E_MEMORY,
    }
}

fn status_of_failure(kind: Kind) -> etoauth_status {
    match kind {
        Kind::Argument => ETOAUTH_E_ARGUMENT,
        Kind::State => ETOAUTH_E_STATE,
        Kind::Limit => ETOAUTH_E_LIMIT,
        Kind::Memory => ETOAUTH_E_MEMORY,
        Kind::Url => ETOAUTH_E_URL,
        Kind::Session => ETOAUTH_E_SESSION,
        Kind::Clock => ETOAUTH_E_CLOCK,
        Kind::File => ETOAUTH_E_FILE,
        Kind::Connect => ETOAUTH_E_CONNECT,
        Kind::Tls => ETOAUTH_E_TLS,
        Kind::Timeout | Kind::Overdue => ETOAUTH_E_TIMEOUT,
        Kind::Insecure => ETOAUTH_E_INSECURE,
        Kind::Uncertain => ETOAUTH_E_UNCERTAIN,
        Kind::Cancelled => ETOAUTH_E_CANCELLED,
        Kind::Http => ETOAUTH_E_HTTP,
        Kind::Response => ETOAUTH_E_RESPONSE,
        Kind::Signature => ETOAUTH_E_SIGNATURE,
        Kind::ConsumerKey => ETOAUTH_E_CONSUMER_KEY,
        Kind::Verifier => ETOAUTH_E_VERIFIER,
        Kind::Login => ETOAUTH_E_LOGIN,
        Kind::RateLimit => ETOAUTH_E_RATE_LIMIT,
        Kind::Unavailable => ETOAUTH_E_UNAVAILABLE,
        Kind::ClockSkew => ETOAUTH_E_CLOCK_SKEW,
        Kind::Denied => ETOAUTH_E_DENIED,
        Kind::Again => ETOAUTH_E_AGAIN,
        Kind::Signing(error) => status_of_signing(&error),
    }
}

/// The failure in words, formatted where they are wanted: asking takes no memory.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Fault::Null(name) => write!(f, "{name} is NULL."),
            Fault::Utf8(name) => write!(f, "{name} is not UTF-8."),
            Fault::Handle(name, kind) => write!(f, "{name} is no live {kind}: it was freed, or never was one."),
            Fault::Inherited(name, kind) => {
                write!(f, "{name} is a {kind} of the parent process: make a new one in the child.")
            }
            Fault::TooManyHandles => f.write_str("Too many handles are live: free those you no longer need."),
            Fault::Memory => f.write_str("Out of memory."),
            Fault::Panic => f.write_str(
                "A fault of the library's own stopped this call; nothing else was harmed. Please report it.",
            ),
            Fault::Buffer => f.write_str("buf is too small: *len has the capacity that is needed."),
            Fault::Stale => {
                f.write_str("The client's token was replaced or revoked: get a new signer from the client.")
            }
            Fault::Clock => f.write_str(time::UNUSABLE),
            Fault::Argument(name, why) => write!(f, "{name} {why}."),
            Fault::Signing(error) => write_signing(error, f),
            Fault::Failure(failure) => match &failure.kind {
                Kind::Signing(error) => write_signing(error, f),
                _ => f.write_str(&failure.sentence),
            },
        }
    }
}

fn write_signing(error: &oauth::Error, f: &mut fmt::Formatter) -> fmt::Result {
    match error {
        oauth::Error::Url(why) => write!(f, "url can't be sent as it stands: {why}."),
        oauth::Error::Method => f.write_str("method is not made of letters only, like GET or POST."),
        oauth::Error::Form(why) => write!(f, "form is no form-encoded body: {why}."),
        oauth::Error::Nonce => f.write_str("nonce is not 1 to 64 unreserved characters (letters, digits, - . _ ~)."),
        oauth::Error::Timestamp => f.write_str("timestamp is not a positive number of seconds since 1970."),
        oauth::Error::Buffer(bound) => {
            write!(f, "buf is too small: signing needs a capacity of {bound}, however short the result.")
        }
        oauth::Error::Random => f.write_str("The operating system gave no random bytes for a nonce."),
        oauth::Error::Memory => f.write_str("Out of memory."),
    }
}
