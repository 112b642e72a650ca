//! Section 3 of the header: API calls that repair themselves.

use std::ffi::{c_char, c_void};
use std::ptr;

use super::argument::{body, try_not_null, try_object, try_optional_text, try_text};
use super::entry::{enter, enter_keeping_last_error};
use super::handle::{self, Object};
use super::login::{SharedClient, with_client};
use super::string;
use super::types::{etoauth_client, etoauth_response, etoauth_status};
use crate::client::Response;
use crate::etrade::Advice;

/// Nothing is to be done about the login or the connection.
pub const ETOAUTH_ADVICE_NONE: i32 = 0;
/// Sign anew and send again.
pub const ETOAUTH_ADVICE_RETRY: i32 = 1;
/// Renew the access token, then retry.
pub const ETOAUTH_ADVICE_RENEW: i32 = 2;
/// Only a new login helps.
pub const ETOAUTH_ADVICE_LOGIN: i32 = 3;
/// Wait, then retry: a rate limit, or the service is down for the moment.
pub const ETOAUTH_ADVICE_WAIT: i32 = 4;
/// Something must be mended first: a key, a secret, a permission, a clock.
pub const ETOAUTH_ADVICE_FIX: i32 = 5;
/// It may have been carried out: look before repeating it.
pub const ETOAUTH_ADVICE_CHECK: i32 = 6;

pub(super) fn number_of(advice: Advice) -> i32 {
    match advice {
        Advice::None => ETOAUTH_ADVICE_NONE,
        Advice::Retry => ETOAUTH_ADVICE_RETRY,
        Advice::Renew => ETOAUTH_ADVICE_RENEW,
        Advice::Login => ETOAUTH_ADVICE_LOGIN,
        Advice::Wait => ETOAUTH_ADVICE_WAIT,
        Advice::Fix => ETOAUTH_ADVICE_FIX,
        Advice::Check => ETOAUTH_ADVICE_CHECK,
    }
}

impl Object for Response {
    const KIND: usize = 3;
    const NAME: &'static str = "response";
    const SURVIVES_FORK: bool = true;
}

/// Makes sure that the access token will be active for some time more: one renew if it is inactive, or would be by
/// then. Many threads, and processes that share a session file, cause one renew and share its result. Nothing carries
/// a token past midnight in New York.
///
/// for_seconds: 0 asks for a token that is active now. A renew gives two hours: asking for more renews each time.
///
/// Uses the network if need be. Returns ETOAUTH_E_LOGIN when only a login helps; ETOAUTH_E_UNAVAILABLE when the renew
/// failed on the way, or ETOAUTH_E_RATE_LIMIT: the token is kept, wait and try again; ETOAUTH_E_TIMEOUT or
/// ETOAUTH_E_CANCELLED while waiting for others.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_ensure_active(c: *mut etoauth_client, for_seconds: u32) -> etoauth_status {
    with_client(c, |_, client| Ok(client.ensure_active(for_seconds)?))
}

/// Sends a signed API call and repairs what can be repaired: a token that went to sleep is renewed, a clock that is off
/// is corrected, a passing fault is tried once more, three sends in all at the most. A request that may have been
/// carried out is never sent again, by any layer.
///
/// method: letters, such as GET.
/// url: a path under the API's base URL, beginning with /, or a whole URL there; no other host gets the credentials.
/// headers: "Name: value" lines ended by LF or CRLF; may be NULL. Authorization, Host, Content-Length and
/// Transfer-Encoding are the library's to write.
/// body, body_len: in bytes; body may be NULL if that is 0. With a body, headers must hold a Content-Type. Only a
/// form-encoded body is signed.
/// out: the answer; free it with etoauth_response_free.
///
/// Uses the network. Returns ETOAUTH_OK for every whole answer, 4xx and 5xx, too, unless it is an OAuth failure that
/// remains: ETOAUTH_E_LOGIN, ETOAUTH_E_SIGNATURE, ETOAUTH_E_CONSUMER_KEY, ETOAUTH_E_CLOCK_SKEW, ETOAUTH_E_DENIED,
/// ETOAUTH_E_HTTP; ETOAUTH_E_UNAVAILABLE or ETOAUTH_E_RATE_LIMIT when a renew that it needs failed on the way.
/// ETOAUTH_E_UNCERTAIN: the request left, or may have, and no whole answer came; or, but for GET and HEAD, the server
/// has seen its nonce before, so that an earlier copy may have arrived. Look before you repeat it.
/// ETOAUTH_E_CONNECT, ETOAUTH_E_TLS, ETOAUTH_E_TIMEOUT, ETOAUTH_E_CANCELLED: nothing of it left.
/// ETOAUTH_E_LIMIT: the answer is larger than 16 MiB; the request was carried out. Or too many handles are live; then
/// nothing of it left.
/// ETOAUTH_E_STATE without a token; ETOAUTH_E_URL for another host, ETOAUTH_E_INSECURE, ETOAUTH_E_METHOD;
/// ETOAUTH_E_ARGUMENT for headers or a body of another form.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_send(
    c: *mut etoauth_client,
    method: *const c_char,
    url: *const c_char,
    headers: *const c_char,
    body: *const c_void,
    body_len: usize,
    out: *mut *mut etoauth_response,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(c, method, url, out);
        let body = self::body(body, body_len)?;
        let client = try_object!(thread, c as SharedClient);
        let (method, url, headers) =
            (try_text!(method), try_text!(url), try_optional_text!(headers).unwrap_or_default());
        // Before the request leaves: once it has been answered, nothing on this machine may fail the call.
        let reserved = handle::reserve()?;
        let response = client.send(method, url, headers, body)?;
        unsafe { out.write(reserved.fill(response).cast()) };
        Ok(())
    })
}

/// Ends the client's calls under way, from any thread, within a second. They return ETOAUTH_E_CANCELLED, or
/// ETOAUTH_E_UNCERTAIN if the request had left. The client stays usable.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_cancel(c: *mut etoauth_client) -> etoauth_status {
    with_client(c, |_, client| {
        client.cancel();
        Ok(())
    })
}

/// An answer's HTTP status.
///
/// status: such as 200.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_response_get_status(r: *mut etoauth_response, status: *mut i32) -> etoauth_status {
    enter(|thread| {
        try_not_null!(r, status);
        let response = try_object!(thread, r as Response);
        unsafe { status.write(response.status().into()) };
        Ok(())
    })
}

/// The value of one of an answer's headers; of several by that name, all of them, joined by commas.
///
/// name: in any case. value: the caller's, freed with etoauth_string_free; NULL if there is no such header.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_response_get_header(
    r: *mut etoauth_response,
    name: *const c_char,
    value: *mut *mut c_char,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(r, name, value);
        let response = try_object!(thread, r as Response);
        match response.header(try_text!(name)) {
            Some(text) => string::give(value, text.as_bytes()),
            None => {
                unsafe { value.write(ptr::null_mut()) };
                Ok(())
            }
        }
    })
}

/// An answer's body.
///
/// data: the caller's, freed with etoauth_string_free; a NUL follows its last byte. len: its length without that.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_response_get_body(
    r: *mut etoauth_response,
    data: *mut *mut c_char,
    len: *mut usize,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(r, data, len);
        let response = try_object!(thread, r as Response);
        string::give(data, response.body())?;
        unsafe { len.write(response.body().len()) };
        Ok(())
    })
}

/// What is to be done about an answer, such as to wait after a rate limit.
///
/// advice: an ETOAUTH_ADVICE_ value.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_response_get_advice(r: *mut etoauth_response, advice: *mut i32) -> etoauth_status {
    enter(|thread| {
        try_not_null!(r, advice);
        let response = try_object!(thread, r as Response);
        unsafe { advice.write(number_of(response.advice)) };
        Ok(())
    })
}

/// How often the request was sent for an answer.
///
/// attempts: 1 unless something was repaired.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_response_get_attempts(r: *mut etoauth_response, attempts: *mut i32) -> etoauth_status {
    enter(|thread| {
        try_not_null!(r, attempts);
        let response = try_object!(thread, r as Response);
        unsafe { attempts.write(i32::try_from(response.attempts).unwrap_or(i32::MAX)) };
        Ok(())
    })
}

/// Frees a response and wipes it.
///
/// r: may be NULL.
///
/// Returns ETOAUTH_E_HANDLE for what is no live response.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_response_free(r: *mut etoauth_response) -> etoauth_status {
    enter_keeping_last_error(|thread| handle::free(r.cast::<Response>(), &thread.hazards))
}
