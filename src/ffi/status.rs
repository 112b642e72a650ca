//! Statuses: the one table of their numbers, names and texts, and of the failures that they stand for.

use super::fault::Fault;
use super::types::etoauth_status;
use crate::etrade::{Advice, Kind};
use crate::oauth::Error;

/// Makes the constants, the table of names and texts, and the functions that find the status of a failure. A row's
/// comment goes into the header; its first line is the status's text. The attributes are the failures that have this
/// status: those of the ABI, of signing and of the layers below. Each must be in one row, or this does not compile.
macro_rules! statuses {
    ($(
        #[doc = $text:literal]
        $(#[doc = $more:literal])*
        $(#[fault($fault:pat)])?
        $(#[signing($signing:pat)])?
        $(#[kind($kind:pat)])?
        pub const $name:ident: etoauth_status = $number:literal;
    )+) => {
        $(
            #[doc = $text]
            $(#[doc = $more])*
            pub const $name: etoauth_status = $number;
        )+

        const STATUSES: &[(etoauth_status, &str, &str)] =
            &[$(($name, concat!(stringify!($name), "\0"), concat!($text, "\0")),)+];

        pub fn status_of(fault: &Fault) -> etoauth_status {
            match fault {
                $($($fault => $name,)?)+
                Fault::Signing(error) => status_of_signing(error),
                Fault::Failure(failure) => status_of_kind(&failure.kind),
            }
        }

        fn status_of_signing(error: &Error) -> etoauth_status {
            match error {
                $($($signing => $name,)?)+
            }
        }

        fn status_of_kind(kind: &Kind) -> etoauth_status {
            match kind {
                $($($kind => $name,)?)+
                Kind::Signing(error) => status_of_signing(error),
            }
        }
    };
}

// build.rs takes the constants into the header without the two lines around them.
statuses! {
    /// Success.
    ///
    /// The numbers are grouped: the call from -1, its input from -20, this machine from -30, the network from -40, the
    /// server from -50. "Any network or server status" in the sections above means any status from -40 on, or
    /// ETOAUTH_E_LIMIT.
    pub const ETOAUTH_OK: etoauth_status = 0;
    /// An argument that must not be NULL is NULL.
    #[fault(Fault::Null(_))]
    pub const ETOAUTH_E_NULL: etoauth_status = -1;
    /// An argument has a value that is not allowed.
    #[fault(Fault::Argument(..))]
    #[signing(Error::Form(_) | Error::Nonce | Error::Timestamp)]
    #[kind(Kind::Argument)]
    pub const ETOAUTH_E_ARGUMENT: etoauth_status = -2;
    /// A text is not UTF-8.
    #[fault(Fault::Utf8(_))]
    pub const ETOAUTH_E_UTF8: etoauth_status = -3;
    /// The buffer is too small.
    #[signing(Error::Buffer(_))]
    pub const ETOAUTH_E_BUFFER: etoauth_status = -4;
    /// Not a live handle of this kind, or not a live string of this library.
    #[fault(Fault::Handle(..))]
    pub const ETOAUTH_E_HANDLE: etoauth_status = -5;
    /// The call is not possible in the present state: log in, or begin a login, first.
    #[fault(Fault::Inherited(..))]
    #[kind(Kind::State)]
    pub const ETOAUTH_E_STATE: etoauth_status = -6;
    /// A response is too large, or there are too many live handles.
    #[fault(Fault::TooManyHandles)]
    #[kind(Kind::Limit)]
    pub const ETOAUTH_E_LIMIT: etoauth_status = -7;
    /// An error in the library itself: please report it.
    #[fault(Fault::Panic)]
    pub const ETOAUTH_E_INTERNAL: etoauth_status = -8;
    /// Out of memory.
    #[fault(Fault::Memory)]
    #[signing(Error::Memory)]
    #[kind(Kind::Memory)]
    pub const ETOAUTH_E_MEMORY: etoauth_status = -9;
    /// The client's token was replaced: get a new signer.
    #[fault(Fault::Stale)]
    pub const ETOAUTH_E_STALE: etoauth_status = -10;
    /// The URL cannot be sent as it is.
    #[signing(Error::Url(_))]
    #[kind(Kind::Url)]
    pub const ETOAUTH_E_URL: etoauth_status = -20;
    /// The method does not consist of letters, or is CONNECT.
    #[signing(Error::Method(_))]
    pub const ETOAUTH_E_METHOD: etoauth_status = -21;
    /// The session text is damaged, or belongs to another key or environment.
    #[kind(Kind::Session)]
    pub const ETOAUTH_E_SESSION: etoauth_status = -22;
    /// The operating system provided no random bytes.
    #[signing(Error::Random)]
    pub const ETOAUTH_E_RANDOM: etoauth_status = -30;
    /// This machine's clock cannot be used: set it.
    #[fault(Fault::Clock)]
    #[kind(Kind::Clock)]
    pub const ETOAUTH_E_CLOCK: etoauth_status = -31;
    /// A file cannot be read or written.
    #[kind(Kind::File)]
    pub const ETOAUTH_E_FILE: etoauth_status = -32;
    /// No connection: check the network, the firewall or the proxy.
    #[kind(Kind::Connect)]
    pub const ETOAUTH_E_CONNECT: etoauth_status = -40;
    /// No secure connection: check the host, its certificate and this machine's clock.
    #[kind(Kind::Tls)]
    pub const ETOAUTH_E_TLS: etoauth_status = -41;
    /// No response within the timeout.
    #[kind(Kind::Timeout)]
    pub const ETOAUTH_E_TIMEOUT: etoauth_status = -42;
    /// Plain http to another machine is refused: use https.
    #[kind(Kind::Insecure)]
    pub const ETOAUTH_E_INSECURE: etoauth_status = -43;
    /// The request left, or may have left, and no complete response came: check before you repeat it.
    #[kind(Kind::Uncertain)]
    pub const ETOAUTH_E_UNCERTAIN: etoauth_status = -44;
    /// The call was cancelled before its request left.
    #[kind(Kind::Cancelled)]
    pub const ETOAUTH_E_CANCELLED: etoauth_status = -45;
    /// The server's response was not expected.
    #[kind(Kind::Http)]
    pub const ETOAUTH_E_HTTP: etoauth_status = -50;
    /// The server's response cannot be read.
    #[kind(Kind::Response)]
    pub const ETOAUTH_E_RESPONSE: etoauth_status = -51;
    /// The server refused the signature: check the secrets.
    #[kind(Kind::Signature)]
    pub const ETOAUTH_E_SIGNATURE: etoauth_status = -52;
    /// The server refused the consumer key: it has expired or belongs to the other environment.
    #[kind(Kind::ConsumerKey)]
    pub const ETOAUTH_E_CONSUMER_KEY: etoauth_status = -53;
    /// The server refused the verification code: type it again, or begin a new login.
    #[kind(Kind::Verifier)]
    pub const ETOAUTH_E_VERIFIER: etoauth_status = -54;
    /// A new login is needed.
    ///
    /// This is final in state ETOAUTH_TOKEN_EXPIRED. In any other state it may be temporary.
    #[kind(Kind::Login)]
    pub const ETOAUTH_E_LOGIN: etoauth_status = -55;
    /// Too many requests: wait, then try again.
    ///
    /// The token is kept.
    #[kind(Kind::RateLimit)]
    pub const ETOAUTH_E_RATE_LIMIT: etoauth_status = -56;
    /// The service is unavailable: wait, then try again.
    ///
    /// The token is kept.
    #[kind(Kind::Unavailable)]
    pub const ETOAUTH_E_UNAVAILABLE: etoauth_status = -57;
    /// This machine's clock and the server's differ too much: set the clock.
    #[kind(Kind::ClockSkew)]
    pub const ETOAUTH_E_CLOCK_SKEW: etoauth_status = -58;
    /// The request was signed again: send it once more.
    #[kind(Kind::Again)]
    pub const ETOAUTH_E_AGAIN: etoauth_status = -59;
    /// The server does not permit it.
    #[kind(Kind::Denied)]
    pub const ETOAUTH_E_DENIED: etoauth_status = -60;
}

/// What to do about a status, whichever function returned it.
pub fn advice_about(status: etoauth_status) -> Advice {
    match status {
        ETOAUTH_OK | ETOAUTH_E_CANCELLED => Advice::None,
        ETOAUTH_E_STALE | ETOAUTH_E_AGAIN => Advice::Retry,
        ETOAUTH_E_LOGIN => Advice::Login,
        ETOAUTH_E_CONNECT | ETOAUTH_E_TLS | ETOAUTH_E_TIMEOUT | ETOAUTH_E_RATE_LIMIT | ETOAUTH_E_UNAVAILABLE => {
            Advice::Wait
        }
        ETOAUTH_E_UNCERTAIN | ETOAUTH_E_INTERNAL => Advice::Check,
        known if STATUSES.iter().any(|(status, _, _)| *status == known) => Advice::Fix,
        _ => Advice::Check,
    }
}

/// Name and text, both NUL-terminated.
pub fn describe(status: etoauth_status) -> (&'static str, &'static str) {
    let known = STATUSES.iter().find(|(known, _, _)| *known == status);
    let unknown = if status > 0 {
        "Not a status of this library.\0"
    } else {
        "A failure that this version of the library does not know.\0"
    };
    // The text of a comment begins with the space that follows its slashes.
    known.map_or(("unknown\0", unknown), |(_, name, text)| (name, text.trim_start()))
}
