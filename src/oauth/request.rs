//! What is signed: a request, and the timestamp and nonce that make it unique.

use super::parameters::check_form;
use super::{Error, Nonce, RequestUrl, method};

/// A request without timestamp and nonce.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub method: &'a str,
    pub url: &'a str,
    /// A form-encoded body; other bodies are not signed (RFC 5849 section 3.4.1.3.1).
    pub form: Option<&'a str>,
    /// `oauth_callback` or `oauth_verifier`, its value encoded.
    pub extra: Option<(&'static str, &'a str)>,
}

impl<'a> Request<'a> {
    pub fn new(method: &'a str, url: &'a str, form: Option<&'a str>) -> Request<'a> {
        Request { method, url, form, extra: None }
    }

    /// What is wrong with it.
    pub fn check(&self) -> Result<RequestUrl<'a>, Error> {
        method::check(self.method)?;
        self.form.map(check_form).transpose()?;
        RequestUrl::parse(self.url)
    }
}

/// What tells a request from all others that are signed with the same credentials (section 3.3).
#[derive(Clone, Copy)]
pub struct Stamp<'a> {
    pub timestamp: i64,
    pub nonce: &'a Nonce,
}

/// Seconds since 1970, above 0 (section 3.3).
pub fn check_timestamp(timestamp: i64) -> Result<(), Error> {
    if timestamp > 0 { Ok(()) } else { Err(Error::Timestamp) }
}
