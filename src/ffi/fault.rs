//! Why a call failed, and how it is put into words.

use std::fmt;
use std::sync::Arc;

use crate::client::time;
use crate::etrade::{Failure, Kind};
use crate::oauth;

/// It is small, and is only put into words when the host asks for them, so that a failure allocates nothing.
#[derive(Clone, Debug)]
pub enum Fault {
    Null(&'static str),
    Utf8(&'static str),
    /// The argument's name and what a handle of its kind is called.
    Handle(&'static str, &'static str),
    /// An object that the parent made before a fork.
    Inherited(&'static str, &'static str),
    TooManyHandles,
    Memory,
    Panic,
    /// The signer's token was replaced.
    Stale,
    Clock,
    Argument(&'static str, &'static str),
    /// A failure of the signature itself. The arguments are called url, method and form.
    Signing(oauth::Error),
    Failure(Arc<Failure>),
}

impl From<oauth::Error> for Fault {
    fn from(error: oauth::Error) -> Fault {
        Fault::Signing(error)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        Fault::Failure(Arc::new(failure))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Fault::Null(name) => write!(f, "{name} is NULL."),
            Fault::Utf8(name) => write!(f, "{name} is not UTF-8."),
            Fault::Handle(name, kind) => write!(f, "{name} is not a live {kind}: it was freed, or it never was one."),
            Fault::Inherited(name, kind) => {
                write!(f, "{name} is a {kind} of the parent process: in a forked child, make a new one.")
            }
            Fault::TooManyHandles => f.write_str("Too many handles are live: free those you no longer need."),
            Fault::Memory => f.write_str("Out of memory."),
            Fault::Panic => f.write_str("An error in the library itself ended this call. Please report it."),
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
        oauth::Error::Url(why) => write!(f, "url cannot be sent as it is: {why}."),
        oauth::Error::Method(why) => write!(f, "method {why}."),
        oauth::Error::Form(why) => write!(f, "form is not a form-encoded body: {why}."),
        oauth::Error::Nonce => f.write_str("nonce is not 1 to 64 unreserved characters (letters, digits, - . _ ~)."),
        oauth::Error::Timestamp => f.write_str("timestamp is not a positive number of seconds since 1970."),
        oauth::Error::Buffer(bound) => {
            write!(f, "buf is too small: signing needs a capacity of {bound}, even if the result is shorter.")
        }
        oauth::Error::Random => f.write_str("The operating system provided no random bytes for a nonce. Try again."),
        oauth::Error::Memory => f.write_str("Out of memory."),
    }
}
