//! Section 8 of the header: the library decides, the host does the HTTP.

use std::ffi::{c_char, c_void};

use super::argument::{body, bytes, put, try_not_null, try_object, try_optional_text, try_text};
use super::client_handle::{ClientHandle, enter_for_client};
use super::entry::{enter, enter_keeping_last_error};
use super::fault::Fault;
use super::handle::{self, Object};
use super::send::number_of;
use super::string;
use super::types::{etoauth_client, etoauth_exchange, etoauth_status};
use crate::client::{HostAnswer, HostExchange, HostStep};
use crate::etrade::{Failure, Kind, OAuthCall, Reply};

/// Get Request Token.
pub const ETOAUTH_EXCHANGE_REQUEST_TOKEN: i32 = 1;
/// Get Access Token.
pub const ETOAUTH_EXCHANGE_ACCESS_TOKEN: i32 = 2;
/// Renew Access Token.
pub const ETOAUTH_EXCHANGE_RENEW: i32 = 3;
/// Revoke Access Token.
pub const ETOAUTH_EXCHANGE_REVOKE: i32 = 4;

/// An API call: for etoauth_exchange_new_request, which makes one.
pub const ETOAUTH_EXCHANGE_API: i32 = 5;

/// No complete response came.
pub const ETOAUTH_ANSWER_NONE: i32 = 0;
/// Nothing of the request left.
pub const ETOAUTH_ANSWER_UNSENT: i32 = -1;

/// Send the call's request.
pub const ETOAUTH_STEP_SEND: i32 = 1;
/// First send a renewal of the token.
pub const ETOAUTH_STEP_RENEW: i32 = 2;
/// Another call renews the token: ask again later.
pub const ETOAUTH_STEP_WAIT: i32 = 3;
/// The exchange has ended.
pub const ETOAUTH_STEP_DONE: i32 = 4;

impl Object for HostExchange {
    const KIND: usize = 4;
    const NAME: &'static str = "exchange";
    const SURVIVES_FORK: bool = false;
}

/// Begins an OAuth call that the host sends with its own HTTP stack: a GET of the URL with one header, Authorization,
/// and no body. Redirects must not be followed. The request is signed now, so etoauth_exchange_next need not be asked.
/// A renewal of this kind neither leads nor waits for another one.
///
/// kind: an ETOAUTH_EXCHANGE_ value except ETOAUTH_EXCHANGE_API.
/// verifier: for ETOAUTH_EXCHANGE_ACCESS_TOKEN the code or the redirected URL; may be NULL for the other kinds, which
/// take none.
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
    enter_for_client(c, |thread| {
        try_not_null!(c, out);
        if kind == ETOAUTH_EXCHANGE_ACCESS_TOKEN {
            try_not_null!(verifier);
        }
        let client = try_object!(thread, c as ClientHandle);
        let verifier = try_optional_text!(verifier);
        let call = match (kind, verifier) {
            (ETOAUTH_EXCHANGE_ACCESS_TOKEN, _) => OAuthCall::AccessToken,
            (ETOAUTH_EXCHANGE_REQUEST_TOKEN..=ETOAUTH_EXCHANGE_REVOKE, Some(_)) => {
                return Err(Fault::Argument("verifier", "is for ETOAUTH_EXCHANGE_ACCESS_TOKEN only: pass NULL"));
            }
            (ETOAUTH_EXCHANGE_REQUEST_TOKEN, _) => OAuthCall::RequestToken,
            (ETOAUTH_EXCHANGE_RENEW, _) => OAuthCall::RenewAccessToken,
            (ETOAUTH_EXCHANGE_REVOKE, _) => OAuthCall::RevokeAccessToken,
            (ETOAUTH_EXCHANGE_API, _) => {
                return Err(Fault::Argument("kind", "is made by etoauth_exchange_new_request: call that"));
            }
            _ => return Err(Fault::Argument("kind", "is not an ETOAUTH_EXCHANGE_ value")),
        };
        let reserved = handle::reserve()?;
        let exchange = HostExchange::begin(&client, call, verifier)?;
        unsafe { out.write(reserved.fill(exchange).cast()) };
        Ok(())
    })
}

/// Begins an API call that the host sends with its own HTTP stack, with all that etoauth_client_send does for one:
/// repair, renewals that calls share, and caution with orders. Ask etoauth_exchange_next what to do, do it, report what
/// came of it to etoauth_exchange_finish, and repeat that while it returns ETOAUTH_E_AGAIN. The host's HTTP stack must
/// not repeat requests by itself, as many do when a kept connection turns out to be closed, or follow redirects.
///
/// etoauth_client_cancel and timeouts do not affect exchanges. To give one up, abort its transfer. If that carried the
/// call itself, report ETOAUTH_ANSWER_NONE, or ETOAUTH_ANSWER_UNSENT, and heed the status; if it carried a renewal,
/// free the exchange, and another one will lead. A failure is read with etoauth_last_error, on the same thread.
///
/// method: the HTTP method, such as "GET".
/// url: as for etoauth_client_send.
/// form: a form-encoded body, which is signed; may be NULL. Other bodies and headers are the host's to send.
/// out: the new exchange; free it with etoauth_exchange_free.
///
/// Local, but adopts a newer session file first. Returns ETOAUTH_E_STATE without a token, ETOAUTH_E_LOGIN if a new
/// login is needed, ETOAUTH_E_METHOD, ETOAUTH_E_URL, ETOAUTH_E_INSECURE, ETOAUTH_E_ARGUMENT, ETOAUTH_E_LIMIT.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_new_request(
    c: *mut etoauth_client,
    method: *const c_char,
    url: *const c_char,
    form: *const c_char,
    out: *mut *mut etoauth_exchange,
) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, method, url, out);
        let client = try_object!(thread, c as ClientHandle);
        let (method, url, form) = (try_text!(method), try_text!(url), try_optional_text!(form));
        let reserved = handle::reserve()?;
        let exchange = HostExchange::begin_request(&client, method, url, form)?;
        unsafe { out.write(reserved.fill(exchange).cast()) };
        Ok(())
    })
}

/// Says what to do now. Ask when you can send, and not again while a request is under way. If the request was not sent,
/// asking again changes nothing, except that it is signed again if the token was replaced or a minute has passed, and
/// that a renewal which somebody else made needless gives way to the call.
///
/// step: an ETOAUTH_STEP_ value. ETOAUTH_STEP_SEND: send the request that the getters give, with the host's own headers
/// and body; it is signed now, so ask when a connection is free. ETOAUTH_STEP_RENEW: first send the request that the
/// getters give, a GET without a body. ETOAUTH_STEP_WAIT: another call of this process renews the token; ask again.
/// ETOAUTH_STEP_DONE: there is nothing to do.
/// wait_ms: after how many milliseconds to ask again, 0 unless step is ETOAUTH_STEP_WAIT; may be NULL. Exchanges that
/// were told to wait can ask at once when another one of the host's own has ended a renewal.
///
/// Whoever is told to renew leads the renewal of this login until its finish or its end by etoauth_exchange_free, for
/// ten seconds at most, or for the timeout of the handle that it was made with, if that is shorter. Then another one
/// leads, but a response that comes later still counts.
///
/// Local; waits for no lock that another holds. Returns the failure of the renewal that the call needs, if that failed
/// or may not be asked for yet; ETOAUTH_E_STATE if no token is held any more, or if the client's last handle was freed
/// and a repair is needed; ETOAUTH_E_LOGIN if a new login is needed. After a failure the exchange has ended.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_next(x: *mut etoauth_exchange, step: *mut i32, wait_ms: *mut i32) -> etoauth_status {
    enter(|thread| {
        try_not_null!(x, step);
        let exchange = try_object!(thread, x as HostExchange);
        let (number, wait) = match exchange.next()? {
            HostStep::Send => (ETOAUTH_STEP_SEND, 0),
            HostStep::Renew => (ETOAUTH_STEP_RENEW, 0),
            HostStep::Wait(wait) => (ETOAUTH_STEP_WAIT, wait),
            HostStep::Done => (ETOAUTH_STEP_DONE, 0),
        };
        unsafe { step.write(number) };
        put(wait_ms, i32::try_from(wait).unwrap_or(i32::MAX));
        Ok(())
    })
}

/// Gives the method of an exchange's request.
///
/// method: the method. The caller frees it with etoauth_string_free.
///
/// Local. For an API call, returns ETOAUTH_E_STATE unless etoauth_exchange_next has said what to send.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_get_method(x: *mut etoauth_exchange, method: *mut *mut c_char) -> etoauth_status {
    enter(|thread| {
        try_not_null!(x, method);
        let exchange = try_object!(thread, x as HostExchange);
        string::give(method, exchange.request()?.method.as_bytes())
    })
}

/// Gives the URL of an exchange's request.
///
/// url: the URL. The caller frees it with etoauth_string_free.
///
/// Local. Returns the same statuses as etoauth_exchange_get_method.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_get_url(x: *mut etoauth_exchange, url: *mut *mut c_char) -> etoauth_status {
    enter(|thread| {
        try_not_null!(x, url);
        let exchange = try_object!(thread, x as HostExchange);
        string::give(url, exchange.request()?.url.as_bytes())
    })
}

/// Gives the value of the Authorization header of an exchange's request. For an OAuth call it stays the same until
/// etoauth_exchange_finish returns ETOAUTH_E_AGAIN.
///
/// header: the value. The caller frees it with etoauth_string_free.
///
/// Local. Returns the same statuses as etoauth_exchange_get_method.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_get_authorization(
    x: *mut etoauth_exchange,
    header: *mut *mut c_char,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(x, header);
        let exchange = try_object!(thread, x as HostExchange);
        string::give(header, exchange.request()?.authorization.as_bytes())
    })
}

/// Takes the response to an exchange's request and updates the client.
///
/// http_status: the response's HTTP status; ETOAUTH_ANSWER_NONE if no complete response came; ETOAUTH_ANSWER_UNSENT if
/// nothing of the request left, not even a part.
/// headers: "Name: value" lines ended by LF or CRLF; any other line is skipped; may be NULL.
/// body: the response's body, still compressed or already decoded, whatever its headers say; may be NULL if body_len is
/// 0.
/// body_len: the length of body in bytes.
///
/// Local; waits for no lock that another holds. Returns ETOAUTH_E_AGAIN if there is more to do: ask
/// etoauth_exchange_next. (An OAuth call was signed again: get its Authorization, and send it once more.) Everything
/// else ends the exchange, with the status that the client's function for the same call returns.
/// For an API call, ETOAUTH_OK means that this response is the call's answer, 4xx and 5xx included. Without a response
/// it returns ETOAUTH_E_UNCERTAIN, or ETOAUTH_E_CONNECT if nothing left. For a renewal without one it returns
/// ETOAUTH_E_UNAVAILABLE: the call was not carried out, and after ETOAUTH_ANSWER_NONE all calls that wait for this
/// renewal fail with it.
/// ETOAUTH_E_ARGUMENT means that http_status is none of these values; the exchange goes on.
/// ETOAUTH_E_STATE means, and then nothing is changed, that no response is awaited or, for an OAuth call, that the
/// client's last handle was freed or that the client no longer holds the token.
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
        let answer = answer(http_status, headers, body)?;
        let http_status = u16::try_from(http_status).unwrap_or(0);
        if exchange.finish(answer)? {
            let sentence = "There is more to do: ask etoauth_exchange_next. An OAuth call was signed again: get its Authorization header and send it once more.";
            return Err(Failure { http_status, ..Failure::new(Kind::Again, sentence) }.into());
        }
        Ok(())
    })
}

/// Says what to do about the response that ended an exchange.
///
/// advice: an ETOAUTH_ADVICE_ value.
///
/// Local. Returns ETOAUTH_E_STATE if the exchange has not ended.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_exchange_get_advice(x: *mut etoauth_exchange, advice: *mut i32) -> etoauth_status {
    enter(|thread| {
        try_not_null!(x, advice);
        let exchange = try_object!(thread, x as HostExchange);
        unsafe { advice.write(number_of(exchange.advice()?)) };
        Ok(())
    })
}

/// Frees an exchange. If it was not finished, the client stays as it was. An API call that is freed before its first
/// ETOAUTH_STEP_SEND, or while it waits or renews, was not carried out.
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
/// http_status: as for etoauth_exchange_finish.
/// headers: as for etoauth_exchange_finish.
/// body: as for etoauth_exchange_finish.
/// body_len: the length of body in bytes.
/// advice: an ETOAUTH_ADVICE_ value. Without a response, or with a 5xx status, it is ETOAUTH_ADVICE_WAIT for GET and
/// HEAD, and ETOAUTH_ADVICE_CHECK for any other method; if nothing of the request left, ETOAUTH_ADVICE_RETRY.
///
/// Local. Returns ETOAUTH_E_METHOD; ETOAUTH_E_ARGUMENT for an authorization without a token, or for an http_status
/// that etoauth_exchange_finish would refuse.
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
    enter_for_client(c, |thread| {
        try_not_null!(c, method, authorization, advice);
        let body = self::body(body, body_len)?;
        let client = try_object!(thread, c as ClientHandle);
        let (method, authorization) = (try_text!(method), try_text!(authorization));
        let answer = answer(http_status, headers, body)?;
        let judged = number_of(client.diagnose(method, authorization, &answer)?);
        unsafe { advice.write(judged) };
        Ok(())
    })
}

/// Header blocks may hold any bytes: what is not "Name: value" is skipped.
fn answer(http_status: i32, headers: *const c_char, body: &[u8]) -> Result<HostAnswer, Fault> {
    match http_status {
        ETOAUTH_ANSWER_NONE => Ok(HostAnswer::None),
        ETOAUTH_ANSWER_UNSENT => Ok(HostAnswer::Unsent),
        100..=599 => {
            let headers = bytes(headers);
            Ok(HostAnswer::Reply(Reply::new(http_status as u16, &String::from_utf8_lossy(headers), body)))
        }
        _ => Err(Fault::Argument("http_status", "is neither an HTTP status nor an ETOAUTH_ANSWER_ value")),
    }
}
