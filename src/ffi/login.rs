//! Section 1 of the header: log in, sign, renew, revoke.

use std::ffi::c_char;

use super::argument::{try_not_null, try_object, try_text};
use super::client_handle::{ClientHandle, enter_for_client, with_client};
use super::entry::{enter, enter_keeping_last_error};
use super::fault::Fault;
use super::handle;
use super::privilege::is_privileged;
use super::string;
use super::types::{etoauth_client, etoauth_status};
use crate::client::Client;
use crate::etrade::Environment;

/// E*TRADE itself.
pub const ETOAUTH_ENV_LIVE: i32 = 1;
/// E*TRADE's sandbox, with invented accounts. It needs a sandbox key.
pub const ETOAUTH_ENV_SANDBOX: i32 = 2;

pub(super) fn environment(env: i32) -> Result<Environment, Fault> {
    match env {
        ETOAUTH_ENV_LIVE => Ok(Environment::Live),
        ETOAUTH_ENV_SANDBOX => Ok(Environment::Sandbox),
        _ => Err(Fault::Argument("env", "is neither ETOAUTH_ENV_LIVE (1) nor ETOAUTH_ENV_SANDBOX (2)")),
    }
}

/// Makes a client. This uses no network. The environment's variables for proxies and for CA certificates are read now,
/// and not later.
///
/// env: ETOAUTH_ENV_LIVE or ETOAUTH_ENV_SANDBOX.
/// consumer_key: from E*TRADE's developer page; copied.
/// consumer_secret: the secret that belongs to it; copied.
/// out: the new client; free it with etoauth_client_free.
///
/// Returns ETOAUTH_E_ARGUMENT for any other env, and for a key or secret that is empty, begins or ends with white
/// space, or contains a control character, as a pasted one may; ETOAUTH_E_LIMIT.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_new(
    env: i32,
    consumer_key: *const c_char,
    consumer_secret: *const c_char,
    out: *mut *mut etoauth_client,
) -> etoauth_status {
    enter(|_| {
        try_not_null!(consumer_key, consumer_secret, out);
        let (key, secret) = (try_text!(consumer_key), try_text!(consumer_secret));
        let client = Client::new(environment(env)?, key, secret, is_privileged())?;
        unsafe { out.write(handle::reserve()?.fill(ClientHandle::new(client)).cast()) };
        Ok(())
    })
}

/// Get Request Token: begins a login. The request token is valid for five minutes. If the client already holds an
/// access token, that token stays in use until the login is completed.
///
/// Uses the network. Returns ETOAUTH_E_CONSUMER_KEY if the key or its secret is not accepted, for example because the
/// key has expired or belongs to the other environment; any network or server status except ETOAUTH_E_LOGIN.
/// Source: https://apisb.etrade.com/docs/api/authorization/request_token.html
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_fetch_request_token(c: *mut etoauth_client) -> etoauth_status {
    with_client(c, |_, client| Ok(client.fetch_request_token()?))
}

/// Gives the address of the page on which the person approves the login and is shown the verification code. Open it in
/// a browser.
///
/// url: the address. The caller frees it with etoauth_string_free.
///
/// Local. Returns ETOAUTH_E_STATE if no login is pending.
/// Source: https://apisb.etrade.com/docs/api/authorization/authorize.html
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_get_authorize_url(c: *mut etoauth_client, url: *mut *mut c_char) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, url);
        let client = try_object!(thread, c as ClientHandle);
        string::give_away(url, client.authorize_url()?)
    })
}

/// Get Access Token: completes the login. From now on the client can sign.
///
/// verifier: the code that the page shows, with or without spaces around it; or the whole URL to which a registered
/// callback was redirected. If that URL contains an oauth_token, it must be the one of the pending login.
///
/// Uses the network. Returns ETOAUTH_E_VERIFIER if the code is refused: the login stays pending, so that a mistyped
/// code can be typed again. Returns ETOAUTH_E_STATE if no login is pending. Returns ETOAUTH_E_ARGUMENT, and sends
/// nothing, for an empty verifier or the URL of another login. Returns ETOAUTH_E_UNCERTAIN if the request left and no
/// complete response came: the code may be used up, so begin the login again. Returns ETOAUTH_E_FILE if the login is
/// complete but could not be saved in the session file. Returns any network or server status.
/// Source: https://apisb.etrade.com/docs/api/authorization/get_access_token.html
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_fetch_access_token(c: *mut etoauth_client, verifier: *const c_char) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, verifier);
        let client = try_object!(thread, c as ClientHandle);
        Ok(client.fetch_access_token(try_text!(verifier))?)
    })
}

/// Signs a request that the caller sends with its own HTTP stack. Sign every request, and every repetition of it,
/// separately: a signature contains a nonce and the time and can be used only once.
///
/// method: letters, such as GET.
/// url: the complete URL exactly as it will be sent, with its query and already percent-encoded; its parameters are
/// signed. etoauth_percent_encode helps to encode a value.
/// header: the value for the request's Authorization header. The caller frees it with etoauth_string_free.
///
/// Local, and never waits. It works while a token is held, whatever its state. Returns ETOAUTH_E_STATE without a
/// token; ETOAUTH_E_URL, ETOAUTH_E_METHOD, ETOAUTH_E_CLOCK, ETOAUTH_E_RANDOM.
/// Source: RFC 5849 section 3.4
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_sign(
    c: *mut etoauth_client,
    method: *const c_char,
    url: *const c_char,
    header: *mut *mut c_char,
) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, method, url, header);
        let client = try_object!(thread, c as ClientHandle);
        let (method, url) = (try_text!(method), try_text!(url));
        string::give_away(header, client.sign(method, url, &thread.nonce()?)?)
    })
}

/// Signs a request in the query of its URL, for callers that cannot set the Authorization header.
///
/// method: as for etoauth_client_sign.
/// url: as for etoauth_client_sign.
/// signed_url: the URL with the parameters added. The caller frees it with etoauth_string_free.
///
/// Local. Returns the same statuses as etoauth_client_sign.
/// Source: RFC 5849 section 3.5.3
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_sign_url(
    c: *mut etoauth_client,
    method: *const c_char,
    url: *const c_char,
    signed_url: *mut *mut c_char,
) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, method, url, signed_url);
        let client = try_object!(thread, c as ClientHandle);
        let (method, url) = (try_text!(method), try_text!(url));
        string::give_away(signed_url, client.sign_url(method, url, &thread.nonce()?)?)
    })
}

/// Renew Access Token: makes a token active again that is inactive after two idle hours. It always asks the server,
/// whatever the token's state. An ordinary token cannot be renewed past midnight in New York.
///
/// Uses the network. Returns ETOAUTH_E_STATE without a token; ETOAUTH_E_LOGIN if a new login is needed;
/// ETOAUTH_E_UNAVAILABLE or ETOAUTH_E_RATE_LIMIT if the token is kept and the call may be tried again later; any other
/// network or server status.
/// Source: https://apisb.etrade.com/docs/api/authorization/renew_access_token.html
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_renew_access_token(c: *mut etoauth_client) -> etoauth_status {
    with_client(c, |_, client| Ok(client.renew_access_token()?))
}

/// Revoke Access Token: logs out. The client drops the token even if the call fails.
///
/// Uses the network. Returns ETOAUTH_E_STATE without a token; ETOAUTH_E_UNCERTAIN if the request left and no complete
/// response came; any network or server status.
/// Source: https://apisb.etrade.com/docs/api/authorization/revoke_access_token.html
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_revoke_access_token(c: *mut etoauth_client) -> etoauth_status {
    with_client(c, |_, client| Ok(client.revoke_access_token()?))
}

/// Frees a client and cancels its calls, which return as they do after etoauth_client_cancel. The token is not revoked.
/// This never waits. The client's secrets are wiped; if there are other handles from etoauth_client_share, with the
/// last of them. What a call or an exchange still needs is wiped when that has ended.
///
/// c: may be NULL.
///
/// Returns ETOAUTH_E_HANDLE if c is not a live client; in a forked child ETOAUTH_E_STATE, and then nothing is
/// released.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_free(c: *mut etoauth_client) -> etoauth_status {
    enter_keeping_last_error(|thread| handle::free(c.cast::<ClientHandle>(), &thread.hazards))
}

/// Wipes and frees a string that the library returned.
///
/// text: may be NULL.
///
/// Returns ETOAUTH_E_HANDLE if text is not a live string of this library.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_string_free(text: *mut c_char) -> etoauth_status {
    enter_keeping_last_error(|_| string::free(text))
}
