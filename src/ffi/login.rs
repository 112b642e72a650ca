//! Section 1 of the header: log in, sign, renew, revoke.

use std::ffi::c_char;
use std::sync::Arc;

use super::argument::{try_not_null, try_object, try_text};
use super::entry::{enter, enter_keeping_last_error};
use super::fault::Fault;
use super::handle::{self, Object};
use super::string;
use super::thread::Thread;
use super::types::{etoauth_client, etoauth_status};
use crate::client::Client;
use crate::etrade::Environment;

/// E*TRADE itself.
pub const ETOAUTH_ENV_LIVE: i32 = 1;
/// E*TRADE's sandbox, with made-up accounts; it takes keys of its own.
pub const ETOAUTH_ENV_SANDBOX: i32 = 2;

/// Exchanges hold on to their client, weakly.
pub(super) type SharedClient = Arc<Client>;

impl Object for SharedClient {
    const KIND: usize = 1;
    const NAME: &'static str = "client";
    const SURVIVES_FORK: bool = false;

    fn freed(&self) {
        self.close();
    }
}

pub(super) fn environment(env: i32) -> Result<Environment, Fault> {
    match env {
        ETOAUTH_ENV_LIVE => Ok(Environment::Live),
        ETOAUTH_ENV_SANDBOX => Ok(Environment::Sandbox),
        _ => Err(Fault::Argument("env", "is neither ETOAUTH_ENV_LIVE (1) nor ETOAUTH_ENV_SANDBOX (2)")),
    }
}

/// Runs a body that has a client.
pub(super) fn with_client(
    c: *mut etoauth_client,
    body: impl FnOnce(&Thread, &SharedClient) -> Result<(), Fault>,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(c);
        let client = try_object!(thread, c as SharedClient);
        body(thread, &client)
    })
}

/// Makes a client. It uses no network yet.
///
/// env: ETOAUTH_ENV_LIVE or ETOAUTH_ENV_SANDBOX.
/// consumer_key, consumer_secret: from E*TRADE's developer page; copied.
/// out: the new client; free it with etoauth_client_free.
///
/// Returns ETOAUTH_E_ARGUMENT for another env, and for a key or secret that is empty, begins or ends with white space or
/// contains a control character, as pasted ones may; ETOAUTH_E_LIMIT.
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
        let client = Arc::new(Client::new(environment(env)?, key, secret)?);
        unsafe { out.write(handle::reserve()?.fill(client).cast()) };
        Ok(())
    })
}

/// Get Request Token: begins a login. The request token lives for five minutes. It stands beside an access token that
/// the client may hold, and changes nothing about that one until the new access token is there.
///
/// Uses the network. Returns any network or server status; ETOAUTH_E_CONSUMER_KEY when the key has expired or
/// belongs to the other environment.
/// Source: https://apisb.etrade.com/docs/api/authorization/request_token.html
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_fetch_request_token(c: *mut etoauth_client) -> etoauth_status {
    with_client(c, |_, client| Ok(client.fetch_request_token()?))
}

/// The page where the person approves and is shown the verification code: open it in a browser.
///
/// url: the caller's; free it with etoauth_string_free.
///
/// Local. Returns ETOAUTH_E_STATE when no login is pending.
/// Source: https://apisb.etrade.com/docs/api/authorization/authorize.html
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_get_authorize_url(c: *mut etoauth_client, url: *mut *mut c_char) -> etoauth_status {
    enter(|thread| {
        try_not_null!(c, url);
        let client = try_object!(thread, c as SharedClient);
        string::give(url, client.authorize_url()?.as_bytes())
    })
}

/// Get Access Token: ends the login. From here on the client signs.
///
/// verifier: the code that the page shows (blanks around it don't matter), or the whole URL to which a registered
/// callback was redirected; its oauth_token must be that of the pending login.
///
/// Uses the network. Returns ETOAUTH_E_VERIFIER when the code is refused: the login stays pending, so that a mistyped
/// code can be typed again; ETOAUTH_E_STATE when no login is pending; ETOAUTH_E_ARGUMENT for an empty verifier or a
/// URL of another login, and then nothing is sent; any network or server status.
/// Source: https://apisb.etrade.com/docs/api/authorization/get_access_token.html
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_fetch_access_token(c: *mut etoauth_client, verifier: *const c_char) -> etoauth_status {
    enter(|thread| {
        try_not_null!(c, verifier);
        let client = try_object!(thread, c as SharedClient);
        Ok(client.fetch_access_token(try_text!(verifier))?)
    })
}

/// Signs a request that the caller sends with HTTP of its own. Sign each request anew, a repeated one too: a signature
/// holds a nonce and the time, and serves once.
///
/// method: letters, such as GET. url: the whole URL exactly as it is sent, query included, percent-encoded already
/// (etoauth_percent_encode helps with a value); its parameters are signed.
/// header: the value for the request's Authorization header, the caller's; free it with etoauth_string_free.
///
/// Local, and never waits. Works while a token is held, in any state. Returns ETOAUTH_E_STATE without a token;
/// ETOAUTH_E_URL, ETOAUTH_E_METHOD, ETOAUTH_E_CLOCK, ETOAUTH_E_RANDOM.
/// Source: RFC 5849 section 3.4
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_sign(
    c: *mut etoauth_client,
    method: *const c_char,
    url: *const c_char,
    header: *mut *mut c_char,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(c, method, url, header);
        let client = try_object!(thread, c as SharedClient);
        let (method, url) = (try_text!(method), try_text!(url));
        string::give(header, client.sign(method, url, &thread.nonce()?)?.as_bytes())
    })
}

/// Signs a request in its URL's query, for one whose Authorization header can't be set.
///
/// method, url: as for etoauth_client_sign.
/// signed_url: the URL with the parameters added, the caller's; free it with etoauth_string_free.
///
/// Local. Returns what etoauth_client_sign returns.
/// Source: RFC 5849 section 3.5.3
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_sign_url(
    c: *mut etoauth_client,
    method: *const c_char,
    url: *const c_char,
    signed_url: *mut *mut c_char,
) -> etoauth_status {
    enter(|thread| {
        try_not_null!(c, method, url, signed_url);
        let client = try_object!(thread, c as SharedClient);
        let (method, url) = (try_text!(method), try_text!(url));
        string::give(signed_url, client.sign_url(method, url, &thread.nonce()?)?.as_bytes())
    })
}

/// Renew Access Token: wakes a token that slept for two idle hours. It can't carry one past midnight in New York.
///
/// Uses the network. Returns ETOAUTH_E_STATE without a token; ETOAUTH_E_LOGIN when only a login helps;
/// ETOAUTH_E_UNAVAILABLE or ETOAUTH_E_RATE_LIMIT when it may be tried again later, the token being kept; any other
/// network or server status.
/// Source: https://apisb.etrade.com/docs/api/authorization/renew_access_token.html
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_renew_access_token(c: *mut etoauth_client) -> etoauth_status {
    with_client(c, |_, client| Ok(client.renew_access_token()?))
}

/// Revoke Access Token: logs out. The token is gone from the client even when the call fails on the way.
///
/// Uses the network. Returns ETOAUTH_E_STATE without a token; any network or server status.
/// Source: https://apisb.etrade.com/docs/api/authorization/revoke_access_token.html
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_revoke_access_token(c: *mut etoauth_client) -> etoauth_status {
    with_client(c, |_, client| Ok(client.revoke_access_token()?))
}

/// Frees a client, wipes its secrets and cancels its calls, which return as after etoauth_client_cancel. It does not
/// revoke the token. Never waits.
///
/// c: may be NULL.
///
/// Returns ETOAUTH_E_HANDLE for what is no live client; ETOAUTH_E_STATE, releasing nothing, in a forked child.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_free(c: *mut etoauth_client) -> etoauth_status {
    enter_keeping_last_error(|thread| handle::free(c.cast::<SharedClient>(), &thread.hazards))
}

/// Frees a string that the library gave, and wipes it.
///
/// text: may be NULL.
///
/// Returns ETOAUTH_E_HANDLE for what is no live string of the library's.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_string_free(text: *mut c_char) -> etoauth_status {
    enter_keeping_last_error(|_| string::free(text))
}
