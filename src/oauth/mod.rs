//! RFC 5849 with HMAC-SHA1: encoding, base string, signature, header, nonce.
//!
//! Knows nothing of E*TRADE, does no I/O and has no clock: whoever signs brings the time and the nonce.

mod base_string;
mod encoding;
mod error;
mod header;
mod hmac;
mod method;
mod nonce;
mod parameters;
mod prepared;
mod request;
mod sha1;
mod signature;
mod signer;
mod template;
mod url;

pub use encoding::{decode, encode, try_encode};
pub use error::Error;
pub use header::Output;
pub use method::check as check_method;
pub use nonce::{Nonce, NonceSource, NonceSuffix};
pub use prepared::Prepared;
pub use request::{Request, Stamp, check_timestamp};
pub use signer::{Credentials, Signer, TokenCredentials};
pub use url::RequestUrl;
