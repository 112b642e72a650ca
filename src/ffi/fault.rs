//! Why a call failed.

use crate::etrade::Failure;
use crate::oauth;

/// Small, and put into words only when somebody asks, so that failing allocates nothing by itself.
#[derive(Debug)]
pub enum Fault {
    Null(&'static str),
    Utf8(&'static str),
    /// The argument's name and what a handle of its kind is called.
    Handle(&'static str, &'static str),
    /// Made before a fork, by the parent.
    Inherited(&'static str, &'static str),
    TooManyHandles,
    Memory,
    Panic,
    Buffer,
    /// The signer's token was replaced.
    Stale,
    Clock,
    Argument(&'static str, &'static str),
    /// Of the signature itself, with the names of url, method and form being those of the API.
    Signing(oauth::Error),
    Failure(Box<Failure>),
}

impl From<oauth::Error> for Fault {
    fn from(error: oauth::Error) -> Fault {
        Fault::Signing(error)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Fault {
        Fault::Failure(Box::new(failure))
    }
}
