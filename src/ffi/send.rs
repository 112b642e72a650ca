//! Section 3 of the header: API calls that repair themselves.

use std::ffi::{c_char, c_void};
use std::ptr;

use super::argument::{body, try_not_null, try_object, try_optional_text, try_text};
use super::client_handle::{ClientHandle, enter_for_client, with_client};
use super::entry::{enter, enter_keeping_last_error};
use super::handle::{self, Object};
use super::string;
use super::types::{etoauth_client, etoauth_response, etoauth_status};
use crate::client::Response;
use crate::etrade::Advice;

/// Nothing needs to be done about the login or the connection.
pub const ETOAUTH_ADVICE_NONE: i32 = 0;
/// Sign the request again and send it again.
pub const ETOAUTH_ADVICE_RETRY: i32 = 1;
/// Renew the access token, then sign and send the request again.
pub const ETOAUTH_ADVICE_RENEW: i32 = 2;
/// A new login is needed.
pub const ETOAUTH_ADVICE_LOGIN: i32 = 3;
/// Wait, then try again: there were too many requests, or the service is unavailable.
pub const ETOAUTH_ADVICE_WAIT: i32 = 4;
/// Something has to be fixed first: a key, a secret, a permission or a clock.
pub const ETOAUTH_ADVICE_FIX: i32 = 5;
/// The request may have been carried out: check before you repeat it.
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

/// Makes sure that the access token stays active for some time. It is renewed once if it is inactive or would become
/// inactive in that time. Many threads, and processes that share a session file, cause one renewal and share its
/// result. A midnight in New York that is still to come is not considered: see expires_in_s of
/// etoauth_client_get_token_state.
///
/// for_seconds: 0 asks for a token that is active now. A renewal gives two hours: asking for more than that renews
/// every time.
///
/// Uses the network if necessary. Returns ETOAUTH_E_LOGIN if a new login is needed; ETOAUTH_E_UNAVAILABLE or
/// ETOAUTH_E_RATE_LIMIT if the renewal failed, which also holds for a while after it: the token is kept, so wait and
/// try again; ETOAUTH_E_TIMEOUT or ETOAUTH_E_CANCELLED while waiting for another renewal.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_ensure_active(c: *mut etoauth_client, for_seconds: u32) -> etoauth_status {
    with_client(c, |_, client| Ok(client.ensure_active(for_seconds)?))
}

/// Sends a signed API call and repairs what can be repaired. It renews an inactive token, corrects a wrong clock, signs
/// again after a refusal that is usually temporary, and sends the request at most three times. (A GET or HEAD is sent
/// once more if its kept connection turns out to be closed.) Except for GET and HEAD, a request that may have been
/// carried out is never sent again.
///
/// method: letters, such as GET.
/// url: a path under the API's base URL that begins with /, or a complete URL there. No other host receives the
/// credentials.
/// headers: "Name: value" lines ended by LF or CRLF; may be NULL. The library itself writes Authorization, Host,
/// Content-Length, Transfer-Encoding and Accept-Encoding.
/// body: the request's body; may be NULL if body_len is 0. A body needs one Content-Type among the headers. Only a
/// form-encoded body is signed.
/// body_len: the length of body in bytes.
/// out: the response; free it with etoauth_response_free.
///
/// Uses the network. Returns ETOAUTH_OK for every complete response, 4xx and 5xx included, unless an OAuth failure
/// remains that could not be repaired: ETOAUTH_E_LOGIN, ETOAUTH_E_SIGNATURE, ETOAUTH_E_CONSUMER_KEY,
/// ETOAUTH_E_CLOCK_SKEW, ETOAUTH_E_DENIED, ETOAUTH_E_HTTP; or ETOAUTH_E_UNAVAILABLE or ETOAUTH_E_RATE_LIMIT if it
/// needed a renewal that failed.
/// ETOAUTH_E_UNCERTAIN means that the request left, or may have left, and that no complete response came. Except for
/// GET and HEAD it also means that the response has no length, is larger than 16 MiB, or is a refusal that cannot be
/// read, or that the server has seen the nonce before, so that an earlier copy may have arrived. A GET or HEAD may be
/// repeated; check before you repeat any other request.
/// ETOAUTH_E_CONNECT, ETOAUTH_E_TLS, ETOAUTH_E_TIMEOUT and ETOAUTH_E_CANCELLED mean that nothing of the request left.
/// ETOAUTH_E_RESPONSE means that the response to a GET or HEAD came, but its compressed body is damaged, or it is a 401
/// that cannot be read: ask again.
/// ETOAUTH_E_LIMIT means that the response to a GET or HEAD is larger than 16 MiB, or that too many handles are live
/// and nothing of the request left.
/// ETOAUTH_E_STATE means that no token is held, ETOAUTH_E_URL that the URL is on another host, and ETOAUTH_E_ARGUMENT
/// that headers or body cannot be sent as they are. Also ETOAUTH_E_INSECURE, ETOAUTH_E_METHOD.
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
    enter_for_client(c, |thread| {
        try_not_null!(c, method, url, out);
        let body = self::body(body, body_len)?;
        let client = try_object!(thread, c as ClientHandle);
        let (method, url, headers) =
            (try_text!(method), try_text!(url), try_optional_text!(headers).unwrap_or_default());
        // Before the request leaves: once it has been answered, nothing on this machine may fail the call.
        let reserved = handle::reserve()?;
        let response = client.send(method, url, headers, body)?;
        unsafe { out.write(reserved.fill(response).cast()) };
        Ok(())
    })
}

/// Ends the calls of this handle that are in progress, etoauth_listener_wait among them, within a second. It may be
/// called from any thread. The calls return ETOAUTH_E_CANCELLED, or ETOAUTH_E_UNCERTAIN if their request had left. A
/// client from etoauth_client_new can still be used; for a handle from etoauth_client_share this is for good.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_cancel(c: *mut etoauth_client) -> etoauth_status {
    with_client(c, |_, client| {
        client.cancel();
        Ok(())
    })
}

/// Gives the HTTP status of a response.
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

/// Gives the value of one of a response's headers, as it was received. If there are several with that name, their
/// values are joined by commas.
///
/// name: the header's name, in upper or lower case.
/// value: NULL if the response has no such header. The caller frees it with etoauth_string_free.
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

/// Gives the body of a response, decoded if it was compressed.
///
/// data: the body, followed by a NUL. The caller frees it with etoauth_string_free.
/// len: the length of the body in bytes, without that NUL.
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

/// Says what to do about a response, such as to wait after too many requests.
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

/// Says how often the request was sent for a response.
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

/// Says how long the server wants to be left alone: its Retry-After header, in either of its forms (RFC 9110 section
/// 10.2.3). A date is compared with the response's own Date or, without one, with the corrected clock.
///
/// seconds: 0 if the response has no such header, or if its value is unreadable or already past.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_response_get_retry_after_s(r: *mut etoauth_response, seconds: *mut i32) -> etoauth_status {
    enter(|thread| {
        try_not_null!(r, seconds);
        let response = try_object!(thread, r as Response);
        unsafe { seconds.write(i32::try_from(response.retry_after).unwrap_or(i32::MAX)) };
        Ok(())
    })
}

/// Frees a response and wipes it.
///
/// r: may be NULL.
///
/// Returns ETOAUTH_E_HANDLE if r is not a live response.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_response_free(r: *mut etoauth_response) -> etoauth_status {
    enter_keeping_last_error(|thread| handle::free(r.cast::<Response>(), &thread.hazards))
}
