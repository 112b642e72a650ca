//! Section 4 of the header: a client's token and settings.

use std::ffi::c_char;

use super::argument::{not_null, object, optional_text, put, text};
use super::entry::enter;
use super::fault::Fault;
use super::login::{SharedClient, with_client};
use super::string;
use super::types::{etoauth_client, etoauth_status};
use crate::client::settings::{self, Settings};
use crate::etrade::{Failure, State};

/// No token is held, and no login is pending.
pub const ETOAUTH_TOKEN_NONE: i32 = 0;
/// A login is pending, and no live token is held beside it.
pub const ETOAUTH_TOKEN_PENDING: i32 = 1;
/// The token works.
pub const ETOAUTH_TOKEN_ACTIVE: i32 = 2;
/// The token slept for two idle hours: renew it.
pub const ETOAUTH_TOKEN_INACTIVE: i32 = 3;
/// Only a login helps: it is past midnight in New York, or E*TRADE refused to renew.
pub const ETOAUTH_TOKEN_EXPIRED: i32 = 4;
/// The token was revoked.
pub const ETOAUTH_TOKEN_REVOKED: i32 = 5;

/// How the access token stands, as far as is known here; the server's word wins.
///
/// state: an ETOAUTH_TOKEN_ value.
/// inactive_in_s: seconds until it sleeps for want of use.
/// expires_in_s: seconds until midnight in New York ends it; for a pending login, until its request token is over.
/// Each may be NULL; seconds are 0 when past or none.
///
/// Local. Returns ETOAUTH_E_CLOCK.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_get_token_state(
    c: *mut etoauth_client,
    state: *mut i32,
    inactive_in_s: *mut i32,
    expires_in_s: *mut i32,
) -> etoauth_status {
    with_client(c, |_, client| {
        let token = client.token_state()?;
        put(state, number_of(token.state));
        put(inactive_in_s, seconds(token.inactive_in));
        put(expires_in_s, seconds(token.expires_in));
        Ok(())
    })
}

pub(super) fn number_of(state: State) -> i32 {
    match state {
        State::None => ETOAUTH_TOKEN_NONE,
        State::Pending => ETOAUTH_TOKEN_PENDING,
        State::Active => ETOAUTH_TOKEN_ACTIVE,
        State::Inactive => ETOAUTH_TOKEN_INACTIVE,
        State::Expired => ETOAUTH_TOKEN_EXPIRED,
        State::Revoked => ETOAUTH_TOKEN_REVOKED,
    }
}

pub(super) fn seconds(seconds: i64) -> i32 {
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

/// Gives the client an access token from elsewhere. It replaces the one that is held.
///
/// token, token_secret: as E*TRADE gave them, percent-decoded; copied.
/// issued_at: when, in seconds since 1970; 0 means now. One of more than two hours ago starts inactive.
///
/// Local. Returns ETOAUTH_E_ARGUMENT for an empty text, a negative time or one more than five minutes ahead.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_access_token(
    c: *mut etoauth_client,
    token: *const c_char,
    token_secret: *const c_char,
    issued_at: i64,
) -> etoauth_status {
    enter(|thread| {
        not_null!(c, token, token_secret);
        let client = object!(thread, c as SharedClient);
        Ok(client.set_access_token(text!(token), text!(token_secret), issued_at)?)
    })
}

/// A client's access token, in whatever state it is.
///
/// token, token_secret: the caller's; free each with etoauth_string_free.
///
/// Local. Returns ETOAUTH_E_STATE when none is held.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_get_access_token(
    c: *mut etoauth_client,
    token: *mut *mut c_char,
    token_secret: *mut *mut c_char,
) -> etoauth_status {
    enter(|thread| {
        not_null!(c, token, token_secret);
        let client = object!(thread, c as SharedClient);
        let held = client.access_token()?;
        string::give_all([(token, held.value.as_bytes()), (token_secret, held.secret.as_bytes())])
    })
}

/// Talks to other hosts than E*TRADE's: a sandbox of one's own, or the other host for sandbox keys.
///
/// oauth_base: under which request_token and its neighbours lie, such as https://apisb.etrade.com/oauth.
/// authorize_url: the page for the person. api_base: under which /v1 lies.
/// Each may be NULL, which keeps it.
///
/// Local. Returns ETOAUTH_E_URL; ETOAUTH_E_INSECURE for plain http to another machine. On failure none is changed.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_base_urls(
    c: *mut etoauth_client,
    oauth_base: *const c_char,
    authorize_url: *const c_char,
    api_base: *const c_char,
) -> etoauth_status {
    with_client(c, |_, client| {
        let (oauth_base, authorize_url) = (optional_text!(oauth_base), optional_text!(authorize_url));
        let api_base = optional_text!(api_base);
        Ok(client.configure(|settings| {
            settings.endpoints = settings.endpoints.with(oauth_base, authorize_url, api_base)?;
            Ok(())
        })?)
    })
}

/// Bounds each call that uses the network, from entry to return. It holds for calls that begin later.
///
/// timeout_ms: milliseconds; 30000 unless set.
///
/// Local. Returns ETOAUTH_E_ARGUMENT for 0.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_timeout_ms(c: *mut etoauth_client, timeout_ms: u32) -> etoauth_status {
    with_client(c, |_, client| Ok(client.configure(|settings| settings.set_timeout_ms(timeout_ms))?))
}

/// Goes through a proxy.
///
/// url: http://host:port or https://host:port, user:password@ before the host if it asks for them; "" means none.
/// While it is not set, the environment's HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY hold. Plain http, which stays
/// on this machine, goes through no proxy.
///
/// Local. Returns ETOAUTH_E_URL.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_proxy(c: *mut etoauth_client, url: *const c_char) -> etoauth_status {
    setting(c, url, "url", Settings::set_proxy)
}

/// Trusts the certificates of a file in place of the machine's own: for a private authority.
///
/// pem_path: a file with certificates in PEM form, up to 16 MiB; it is read now.
///
/// Local. Returns ETOAUTH_E_FILE when it can't be read or holds no certificate.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_ca_file(c: *mut etoauth_client, pem_path: *const c_char) -> etoauth_status {
    enter(|thread| {
        not_null!(c, pem_path);
        let client = object!(thread, c as SharedClient);
        let certificates = settings::read_ca_file(text!(pem_path))?;
        Ok(client.configure_connections(|settings| {
            settings.ca = Some(certificates);
            Ok(())
        })?)
    })
}

/// Says who is calling, in the User-Agent header; "etoauth/" and the version unless set.
///
/// text: one line of visible ASCII, 512 characters at most.
///
/// Local. Returns ETOAUTH_E_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_user_agent(c: *mut etoauth_client, text: *const c_char) -> etoauth_status {
    setting(c, text, "text", Settings::set_user_agent)
}

fn setting(
    c: *mut etoauth_client,
    argument: *const c_char,
    name: &'static str,
    set: impl FnOnce(&mut Settings, &str) -> Result<(), Failure>,
) -> etoauth_status {
    enter(|thread| {
        not_null!(c);
        if argument.is_null() {
            return Err(Fault::Null(name));
        }
        let client = object!(thread, c as SharedClient);
        let text = super::argument::read(argument, name)?;
        Ok(client.configure_connections(|settings| set(settings, text))?)
    })
}
