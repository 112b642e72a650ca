//! Section 9 of the header: signing into the caller's own buffer.

use std::ffi::c_char;
use std::sync::Arc;

use super::argument::{
    Buffer, try_long_text, try_not_null, try_object, try_optional_long_text, try_optional_text, try_text,
};
use super::client_handle::{ClientHandle, enter_for_client};
use super::entry::{enter, enter_keeping_last_error};
use super::fault::Fault;
use super::handle::{self, Object};
use super::string;
use super::thread::Thread;
use super::time;
use super::types::{etoauth_client, etoauth_signer, etoauth_status};
use crate::etrade::{Clock, Failure, Kind, Token};
use crate::oauth::{self, Credentials, Nonce, Output, Request, Signer, Stamp, TokenCredentials};

/// The size of a buffer that holds any Authorization header for a key and a token of up to 256 bytes each.
#[expect(dead_code, reason = "for the header")]
pub const ETOAUTH_HEADER_MAX: usize = 2048;

/// Fixed credentials and a clock.
#[derive(Clone)]
pub struct FixedSigner {
    pub signer: Arc<Signer>,
    /// The client's clock, if the signer comes from a client.
    pub clock: Arc<Clock>,
    /// The client's token, which knows whether it was replaced.
    token: Option<Arc<Token>>,
}

impl FixedSigner {
    /// This is a relaxed load: threads that sign learn of a new login without a lock.
    pub fn check_fresh(&self) -> Result<(), Fault> {
        if self.token.as_ref().is_some_and(|token| token.is_retired()) { Err(Fault::Stale) } else { Ok(()) }
    }

    /// Writes a header into a buffer that is large enough for any of this signer's. `check` checks the arguments: if
    /// the signer is stale, a wrong argument is reported first.
    pub fn write_header(
        &self,
        buffer: &mut Buffer,
        check: impl FnOnce() -> Result<(), oauth::Error>,
        write: impl FnOnce(&mut Output) -> Result<(), oauth::Error>,
    ) -> Result<(), Fault> {
        let bound = self.signer.bound();
        if buffer.memory().len() < bound {
            buffer.report(bound);
            return Err(oauth::Error::Buffer(bound).into());
        }
        if let Err(stale) = self.check_fresh() {
            check()?;
            return Err(stale);
        }
        let mut output = Output::new(buffer.memory());
        write(&mut output)?;
        output.terminate();
        let length = output.len();
        buffer.report(length);
        Ok(())
    }
}

impl Object for FixedSigner {
    const KIND: usize = 2;
    const NAME: &'static str = "signer";
    const SURVIVES_FORK: bool = true;
}

/// Makes a signer from credentials that the caller has. It also works in a forked child.
///
/// consumer_key: copied.
/// consumer_secret: copied.
/// token: copied; may be NULL, together with token_secret, for requests without a token.
/// token_secret: copied; may be NULL, together with token.
/// out: the new signer; free it with etoauth_signer_free.
///
/// Returns ETOAUTH_E_ARGUMENT for an empty key or token; ETOAUTH_E_LIMIT.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_signer_new(
    consumer_key: *const c_char,
    consumer_secret: *const c_char,
    token: *const c_char,
    token_secret: *const c_char,
    out: *mut *mut etoauth_signer,
) -> etoauth_status {
    enter(|_| {
        try_not_null!(consumer_key, consumer_secret, out);
        if !token.is_null() {
            try_not_null!(token_secret);
        } else if !token_secret.is_null() && unsafe { *token_secret } != 0 {
            return Err(Fault::Null("token"));
        }
        let (consumer_key, consumer_secret) = (try_text!(consumer_key), try_text!(consumer_secret));
        let (token, token_secret) = (try_optional_text!(token), try_optional_text!(token_secret).unwrap_or_default());
        if consumer_key.is_empty() {
            return Err(Fault::Argument("consumer_key", "is empty"));
        }
        let token = match token {
            Some("") => return Err(Fault::Argument("token", "is empty: pass NULL for none")),
            token => token.map(|token| TokenCredentials { token, token_secret }),
        };
        let signer = Signer::new(&Credentials { consumer_key, consumer_secret, token });
        let signer = FixedSigner { signer: Arc::new(signer), clock: Arc::default(), token: None };
        unsafe { out.write(handle::reserve()?.fill(signer).cast()) };
        Ok(())
    })
}

/// Makes a signer from a client's access token. It uses the client's clock. Once that token has been replaced or
/// revoked, the signer returns ETOAUTH_E_STALE: get a new one. A signer may outlive the client.
///
/// out: the new signer; free it with etoauth_signer_free.
///
/// Local. Returns ETOAUTH_E_STATE without a token; ETOAUTH_E_LIMIT.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_get_signer(c: *mut etoauth_client, out: *mut *mut etoauth_signer) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, out);
        let client = try_object!(thread, c as ClientHandle);
        let (signer, token) = client.signer()?;
        let clock = client.clock().clone();
        let signer = FixedSigner { signer: Arc::new(signer), clock, token: Some(token) };
        unsafe { out.write(handle::reserve()?.fill(signer).cast()) };
        Ok(())
    })
}

/// Signs a request into the caller's buffer, with a new nonce and the current time. It takes no lock. It allocates no
/// memory, except in a thread's first call and for requests with more than 40 parameters.
///
/// method: letters, such as GET.
/// url: the complete URL as it will be sent, with its query.
/// form: a form-encoded body, which is signed; may be NULL. Other bodies are not signed.
/// buf: receives the value of the Authorization header; may be NULL if cap is 0. See rule 4.
/// cap: the size of buf in bytes; at least the signer's bound, see etoauth_signer_get_bound.
/// len: the length of the value; may be NULL.
///
/// Local. Returns ETOAUTH_E_BUFFER, ETOAUTH_E_URL, ETOAUTH_E_METHOD, ETOAUTH_E_STALE, ETOAUTH_E_CLOCK,
/// ETOAUTH_E_RANDOM; ETOAUTH_E_ARGUMENT for a form that is not form-encoded.
/// Source: RFC 5849 section 3.4
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_signer_sign(
    s: *mut etoauth_signer,
    method: *const c_char,
    url: *const c_char,
    form: *const c_char,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(s, method, url);
        let mut buffer = Buffer::new(buf, cap, len)?;
        let signer = try_object!(thread, s as FixedSigner);
        let request = Request::new(try_text!(method), try_text!(url), try_optional_long_text!(form));
        let timestamp = signer.clock.server_time(time::now()?);
        sign(&signer, &request, &Stamp { timestamp, nonce: &thread.nonce()? }, &mut buffer)
    })
}

/// Signs a request into the caller's buffer, with a time and a nonce chosen by the caller: for tests, and to find out
/// why a server refuses a signature. Never use a nonce twice with the same time.
///
/// method: as for etoauth_signer_sign.
/// url: as for etoauth_signer_sign.
/// form: as for etoauth_signer_sign.
/// timestamp: seconds since 1970, greater than 0; used as it is.
/// nonce: 1 to 64 letters, digits, or - . _ ~ characters; may be NULL, for a new one.
/// buf: as for etoauth_signer_sign.
/// cap: as for etoauth_signer_sign.
/// len: as for etoauth_signer_sign.
///
/// Local. Returns the same statuses as etoauth_signer_sign; ETOAUTH_E_ARGUMENT for a timestamp or nonce of another
/// form.
/// Source: RFC 5849 section 3.3
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_signer_sign_at(
    s: *mut etoauth_signer,
    method: *const c_char,
    url: *const c_char,
    form: *const c_char,
    timestamp: i64,
    nonce: *const c_char,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(s, method, url);
        let mut buffer = Buffer::new(buf, cap, len)?;
        let signer = try_object!(thread, s as FixedSigner);
        let request = Request::new(try_text!(method), try_text!(url), try_optional_long_text!(form));
        with_nonce(thread, try_optional_text!(nonce), |nonce| {
            sign(&signer, &request, &Stamp { timestamp, nonce }, &mut buffer)
        })
    })
}

/// Gives the text that etoauth_signer_sign_at signs with the same arguments, to find out why a server refuses a
/// signature. It contains no secret.
///
/// method: as for etoauth_signer_sign_at.
/// url: as for etoauth_signer_sign_at.
/// form: as for etoauth_signer_sign_at.
/// timestamp: as for etoauth_signer_sign_at.
/// nonce: as for etoauth_signer_sign_at.
/// out: the text. The caller frees it with etoauth_string_free.
///
/// Local. Returns the same statuses as etoauth_signer_sign_at, except ETOAUTH_E_BUFFER.
/// Source: RFC 5849 section 3.4.1
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_signer_get_base_string(
    s: *mut etoauth_signer,
    method: *const c_char,
    url: *const c_char,
    form: *const c_char,
    timestamp: i64,
    nonce: *const c_char,
    out: *mut *mut c_char,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(s, method, url, out);
        let signer = try_object!(thread, s as FixedSigner);
        let request = Request::new(try_text!(method), try_text!(url), try_optional_long_text!(form));
        with_nonce(thread, try_optional_text!(nonce), |nonce| {
            let text = signer.signer.base_string(&request, &Stamp { timestamp, nonce })?;
            signer.check_fresh()?;
            string::give(out, text.as_bytes())
        })
    })
}

/// Corrects the clock that etoauth_signer_sign uses, for a signer that was made without a client.
///
/// seconds: E*TRADE's time minus this machine's, at most a day in either direction.
///
/// Local. Returns ETOAUTH_E_ARGUMENT; ETOAUTH_E_STATE for a client's signer, which uses the client's clock.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_signer_set_clock_offset(s: *mut etoauth_signer, seconds: i64) -> etoauth_status {
    enter(|thread| {
        try_not_null!(s);
        let signer = try_object!(thread, s as FixedSigner);
        if signer.token.is_some() {
            let sentence = "The clock of this signer is its client's: use etoauth_client_set_clock_offset.";
            return Err(Failure::new(Kind::State, sentence).into());
        }
        let believable = signer.clock.set_offset(seconds);
        if believable {
            Ok(())
        } else {
            Err(Fault::Argument("seconds", "is more than a day: set this machine's clock"))
        }
    })
}

/// Gives the buffer size that is large enough for all of this signer's signatures, including the NUL.
///
/// out: the size in bytes. For a key and a token of up to 256 bytes each, it is at most ETOAUTH_HEADER_MAX.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_signer_get_bound(s: *mut etoauth_signer, out: *mut usize) -> etoauth_status {
    enter(|thread| {
        try_not_null!(s, out);
        let signer = try_object!(thread, s as FixedSigner);
        unsafe { out.write(signer.signer.bound()) };
        Ok(())
    })
}

/// Frees a signer and wipes its secrets. This never waits.
///
/// s: may be NULL.
///
/// Returns ETOAUTH_E_HANDLE if s is not a live signer.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_signer_free(s: *mut etoauth_signer) -> etoauth_status {
    enter_keeping_last_error(|thread| handle::free(s.cast::<FixedSigner>(), &thread.hazards))
}

fn with_nonce(
    thread: &Thread,
    nonce: Option<&str>,
    sign: impl FnOnce(&Nonce) -> Result<(), Fault>,
) -> Result<(), Fault> {
    match nonce {
        Some(nonce) => sign(&Nonce::new(nonce)?),
        None => sign(&thread.nonce()?),
    }
}

fn sign(signer: &FixedSigner, request: &Request, stamp: &Stamp, buffer: &mut Buffer) -> Result<(), Fault> {
    let check = || request.check().and_then(|_| oauth::check_timestamp(stamp.timestamp));
    signer.write_header(buffer, check, |output| signer.signer.sign(request, stamp, output))
}
