//! Section 7 of the header: the library decides, the host does the HTTP.

use std::ffi::{c_char, c_void};

use super::argument::{body, try_not_null, try_object, try_optional_text, try_text};
use super::entry::{enter, enter_keeping_last_error};
use super::fault::Fault;
use super::handle::{self, Object};
use super::login::SharedClient;
use super::send::number_of;
use super::string;
use super::types::{etoauth_client, etoauth_exchange, etoauth_status};
use crate::client::HostExchange;
use crate::etrade::{Failure, Kind, OAuthCall, Reply};

/// Get Request Token.
pub const ETOAUTH_EXCHANGE_REQUEST_TOKEN: i32 = 1;
/// Get Access Token.
pub const ETOAUTH_EXCHANGE_ACCESS_TOKEN: i32 = 2;
/// Renew Access Token.
pub const ETOAUTH_EXCHANGE_RENEW: i32 = 3;
/// Revoke Access Token.
pub const ETOAUTH_EXCHANGE_REVOKE: i32 = 4;

impl Object for HostExchange {
    const KIND: usize = 4;
    const NAME: &'static str = "exchange";
    const SURVIVES_FORK: bool = false;
}

/// Begins an OAuth call that the host sends with its own HTTP stack: a GET of the URL with one header, Authorization,
/// and no body. Redirects must not be followed. The request is signed now.
///
/// kind: an ETOAUTH_EXCHANGE_ value.
/// verifier: for ETOAUTH_EXCHANGE_ACCESS_TOKEN the code or the redirected URL; otherwise NULL.
/// out: the new exchange; free it with etoauth_exchange_free.
///
/// Returns what the client's function for the same call returns before it uses the network; ETOAUTH_E_ARGUMENT for any
/// other kind, or for a verifier that the kind does not take; ETOAUTH_E_LIMIT.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_new(
    c: *mut etoauth_client,
    kind: i32,
    verifier: *const c_char,
    out: *mut *mut etoauth_exchange,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(c, out);
        if kind == ETOAUTH_EXCHANGE_ACCESS_TOKEN {
            try_not_null!(verifier);
        }
        let client = try_object!(thread, c as SharedClient);
        let verifier = try_optional_text!(verifier);
        let call = match (kind, verifier) {
            (ETOAUTH_EXCHANGE_ACCESS_TOKEN, _) => OAuthCall::AccessToken,
            (ETOAUTH_EXCHANGE_REQUEST_TOKEN..=ETOAUTH_EXCHANGE_REVOKE, Some(_)) => {
                return Err(Fault::Argument("verifier", "is for ETOAUTH_EXCHANGE_ACCESS_TOKEN only: pass NULL"));
            }
            (ETOAUTH_EXCHANGE_REQUEST_TOKEN, _) => OAuthCall::RequestToken,
            (ETOAUTH_EXCHANGE_RENEW, _) => OAuthCall::RenewAccessToken,
            (ETOAUTH_EXCHANGE_REVOKE, _) => OAuthCall::RevokeAccessToken,
            _ => return Err(Fault::Argument("kind", "is not an ETOAUTH_EXCHANGE_ value")),
        };
        let reserved = handle::reserve()?;
        let exchange = HostExchange::begin(&client, call, verifier)?;
        unsafe { out.write(reserved.fill(exchange).cast()) };
        Ok(())
    })
}

/// Gives the method of an exchange's request.
///
/// method: "GET". The caller frees it with etoauth_string_free.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_get_method(x: *mut etoauth_exchange, method: *mut *mut c_char) -> etoauth_status {
    enter(|thread| {
        try_not_null!(x, method);
        let _exchange = try_object!(thread, x as HostExchange);
        string::give(method, b"GET")
    })
}

/// Gives the URL of an exchange's request.
///
/// url: the URL. The caller frees it with etoauth_string_free.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_get_url(x: *mut etoauth_exchange, url: *mut *mut c_char) -> etoauth_status {
    enter(|thread| {
        try_not_null!(x, url);
        let exchange = try_object!(thread, x as HostExchange);
        string::give(url, exchange.url().as_bytes())
    })
}

/// Gives the value of the Authorization header of an exchange's request. It stays the same until
/// etoauth_exchange_finish returns ETOAUTH_E_AGAIN.
///
/// header: the value. The caller frees it with etoauth_string_free.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_get_authorization(
    x: *mut etoauth_exchange,
    header: *mut *mut c_char,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(x, header);
        let exchange = try_object!(thread, x as HostExchange);
        string::give(header, exchange.authorization().as_bytes())
    })
}

/// Takes the response to an exchange's request and updates the client.
///
/// http_status: the response's HTTP status, or 0 if no complete response came.
/// headers: "Name: value" lines ended by LF or CRLF; may be NULL.
/// body: the response's body, compressed or not; may be NULL if body_len is 0.
/// body_len: the length of body in bytes.
///
/// Local. Returns ETOAUTH_E_AGAIN if the request was signed again: get its Authorization again, and send it once more.
/// Everything else ends the exchange, with the status that the client's function for the same call returns.
/// ETOAUTH_E_STATE means, and then nothing is changed, that the exchange was finished before, or that the client was
/// freed or no longer holds the token.
/// ETOAUTH_E_FILE means that the call took effect but could not be saved in the session file.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_finish(
    x: *mut etoauth_exchange,
    http_status: i32,
    headers: *const c_char,
    body: *const c_void,
    body_len: usize,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(x);
        let body = self::body(body, body_len)?;
        let exchange = try_object!(thread, x as HostExchange);
        let reply = reply(http_status, try_optional_text!(headers), body)?;
        let http_status = reply.as_ref().map_or(0, |reply| reply.status);
        if exchange.finish(reply)? {
            let sentence = "Signed anew: get the authorization again and send once more.";
            return Err(Failure { http_status, ..Failure::new(Kind::Again, sentence) }.into());
        }
        Ok(())
    })
}

/// Frees an exchange. If it was not finished, the client stays as it was.
///
/// x: may be NULL.
///
/// Returns ETOAUTH_E_HANDLE if x is not a live exchange.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_free(x: *mut etoauth_exchange) -> etoauth_status {
    enter_keeping_last_error(|thread| handle::free(x.cast::<HostExchange>(), &thread.hazards))
}

/// Judges the response to an API call that the host signed and sent itself, as etoauth_client_send would. The client
/// learns from it about its clock, the token's use and the token's state.
///
/// method: the request's method.
/// authorization: the value of the Authorization header that was sent.
/// http_status: the response's HTTP status, or 0 if no complete response came.
/// headers: as for etoauth_exchange_finish.
/// body: as for etoauth_exchange_finish.
/// body_len: the length of body in bytes.
/// advice: an ETOAUTH_ADVICE_ value. Without a response, or with a 5xx status, it is ETOAUTH_ADVICE_WAIT for GET and
/// HEAD, and ETOAUTH_ADVICE_CHECK for any other method.
///
/// Local. Returns ETOAUTH_E_METHOD; ETOAUTH_E_ARGUMENT for an authorization without a token, or for a number that is
/// not an HTTP status.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_diagnose(
    c: *mut etoauth_client,
    method: *const c_char,
    authorization: *const c_char,
    http_status: i32,
    headers: *const c_char,
    body: *const c_void,
    body_len: usize,
    advice: *mut i32,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(c, method, authorization, advice);
        let body = self::body(body, body_len)?;
        let client = try_object!(thread, c as SharedClient);
        let (method, authorization) = (try_text!(method), try_text!(authorization));
        let reply = reply(http_status, try_optional_text!(headers), body)?;
        let judged = number_of(client.diagnose(method, authorization, reply.as_ref())?);
        unsafe { advice.write(judged) };
        Ok(())
    })
}

fn reply(http_status: i32, headers: Option<&str>, body: &[u8]) -> Result<Option<Reply>, Fault> {
    match http_status {
        0 => Ok(None),
        100..=999 => Ok(Some(Reply::new(http_status as u16, headers.unwrap_or_default(), body))),
        _ => Err(Fault::Argument("http_status", "is neither 0 nor an HTTP status")),
    }
}
