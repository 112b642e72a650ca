//! Section 4 of the header: a client's token and settings.

use std::ffi::c_char;

use super::argument::{put, try_not_null, try_object, try_optional_text, try_text};
use super::client_handle::{ClientHandle, enter_for_client, with_client};
use super::fault::Fault;
use super::string;
use super::types::{etoauth_client, etoauth_status};
use crate::client::settings::{self, Settings};
use crate::etrade::{Failure, State};

/// No token is held, and no login is pending.
pub const ETOAUTH_TOKEN_NONE: i32 = 0;
/// A login is pending, and no usable access token is held.
pub const ETOAUTH_TOKEN_PENDING: i32 = 1;
/// The token can be used.
pub const ETOAUTH_TOKEN_ACTIVE: i32 = 2;
/// The token must be renewed: two hours passed without a request, or midnight in New York has passed and E*TRADE has
/// not been asked yet.
pub const ETOAUTH_TOKEN_INACTIVE: i32 = 3;
/// A new login is needed: E*TRADE refused to renew the token.
pub const ETOAUTH_TOKEN_EXPIRED: i32 = 4;
/// The token was revoked.
pub const ETOAUTH_TOKEN_REVOKED: i32 = 5;

/// Gives the state of the access token. This is an estimate: what the server says takes precedence.
///
/// state: an ETOAUTH_TOKEN_ value; may be NULL.
/// inactive_in_s: seconds until the token becomes inactive if it is not used; 0 if that time is past or unknown; may
/// be NULL.
/// expires_in_s: seconds until midnight in New York, when the token expires; for a pending login, until its request
/// token expires; 0 if that time is past or unknown; may be NULL.
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

/// Tells for how long the library asks for no renewal by itself, because the last one failed or the token was refused
/// right after it. Meanwhile, etoauth_client_ensure_active, and an etoauth_client_send whose token is refused, return
/// the failure of that renewal without a request.
///
/// seconds: rounded up; 0 if a renewal may be asked for now.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_get_renew_wait_s(c: *mut etoauth_client, seconds: *mut i32) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, seconds);
        let client = try_object!(thread, c as ClientHandle);
        let wait = client.renew_wait();
        unsafe { seconds.write(i32::try_from(wait).unwrap_or(i32::MAX)) };
        Ok(())
    })
}

/// Tells whether a host that keeps the session itself should export it again.
///
/// revision: grows when a login begins or ends, when a token is renewed, revoked or set, and when a session is imported
/// or adopted whose token, pending login or ending differs; not when the token is only used. The number belongs to this
/// process and this login. Read it before etoauth_client_export_session, keep it with the export, and export again when
/// it has grown.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_get_session_revision(c: *mut etoauth_client, revision: *mut u64) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, revision);
        let client = try_object!(thread, c as ClientHandle);
        unsafe { revision.write(client.session_revision()) };
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

/// Gives the client an access token that was obtained elsewhere. It replaces the one that the client holds.
///
/// token: as E*TRADE issued it, percent-decoded; copied.
/// token_secret: the secret that belongs to it, percent-decoded; copied.
/// issued_at: when it was issued, in seconds since 1970; 0 means now. A token that was issued more than two hours ago
/// starts as inactive.
///
/// Local. Returns ETOAUTH_E_ARGUMENT for an empty text, a negative time, or a time more than five minutes in the
/// future.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_access_token(
    c: *mut etoauth_client,
    token: *const c_char,
    token_secret: *const c_char,
    issued_at: i64,
) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, token, token_secret);
        let client = try_object!(thread, c as ClientHandle);
        Ok(client.set_access_token(try_text!(token), try_text!(token_secret), issued_at)?)
    })
}

/// Gives a client's access token, whatever its state.
///
/// token: the token. The caller frees it with etoauth_string_free.
/// token_secret: its secret. The caller frees it with etoauth_string_free.
///
/// Local. Returns ETOAUTH_E_STATE if no token is held.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_get_access_token(
    c: *mut etoauth_client,
    token: *mut *mut c_char,
    token_secret: *mut *mut c_char,
) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, token, token_secret);
        let client = try_object!(thread, c as ClientHandle);
        let held = client.access_token()?;
        string::give_all([(token, held.value.as_bytes()), (token_secret, held.secret.as_bytes())])
    })
}

/// Uses other hosts than E*TRADE's: your own sandbox, or the other host for sandbox keys.
///
/// oauth_base: the URL under which request_token and the other OAuth calls are found, such as
/// https://apisb.etrade.com/oauth; may be NULL, which keeps the present one.
/// authorize_url: the page on which the person approves; may be NULL, which keeps the present one.
/// api_base: the URL under which /v1 is found; may be NULL, which keeps the present one.
///
/// Local. Returns ETOAUTH_E_URL; ETOAUTH_E_INSECURE for plain http to another machine. If it fails, nothing is
/// changed.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_base_urls(
    c: *mut etoauth_client,
    oauth_base: *const c_char,
    authorize_url: *const c_char,
    api_base: *const c_char,
) -> etoauth_status {
    with_client(c, |_, client| {
        let (oauth_base, authorize_url) = (try_optional_text!(oauth_base), try_optional_text!(authorize_url));
        let api_base = try_optional_text!(api_base);
        Ok(client.configure(|settings| {
            settings.endpoints = settings.endpoints.with(oauth_base, authorize_url, api_base)?;
            Ok(())
        })?)
    })
}

/// Limits the time of each call that uses the network through this handle, from its entry to its return. It applies to
/// calls that begin later; the time begins with the call, so a host that queues calls sets it just before.
///
/// timeout_ms: milliseconds; 30000 by default.
///
/// Local. Returns ETOAUTH_E_ARGUMENT for 0.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_timeout_ms(c: *mut etoauth_client, timeout_ms: u32) -> etoauth_status {
    with_client(c, |_, client| Ok(client.set_timeout_ms(timeout_ms)?))
}

/// Uses an HTTP proxy. Without this call, the proxy comes from the environment as etoauth_client_new found it:
/// HTTPS_PROXY, or else ALL_PROXY, except for hosts in NO_PROXY, all as curl reads them. A program that runs
/// set-user-ID or set-group-ID ignores the environment. Plain http, which stays on this machine, uses no proxy.
///
/// url: http://host:port or https://host:port, with user:password@ before the host if the proxy asks for them, both
/// percent-encoded. Without a port it is 1080 for http and 443 for https. "" means no proxy.
///
/// Local. Returns ETOAUTH_E_URL.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_proxy(c: *mut etoauth_client, url: *const c_char) -> etoauth_status {
    setting(c, url, "url", Settings::set_proxy)
}

/// Trusts the certificates in a file instead of the machine's own, for a private certificate authority.
///
/// pem_path: a file of certificates in PEM format, up to 16 MiB. It is read now. A server's certificate is refused if
/// the file also has a revocation list (CRL) of its authority that names it; otherwise revocation is not checked.
///
/// Local. Returns ETOAUTH_E_FILE if it cannot be read, contains no certificate, or has a damaged revocation list.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_ca_file(c: *mut etoauth_client, pem_path: *const c_char) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, pem_path);
        let client = try_object!(thread, c as ClientHandle);
        let certificates = settings::read_ca_file(try_text!(pem_path))?;
        Ok(client.configure_connections(|settings| {
            settings.ca = Some(certificates);
            Ok(())
        })?)
    })
}

/// Sets the User-Agent header of requests. By default it is "etoauth/" and the version, which a proxy is always told.
///
/// text: one line of visible ASCII, at most 512 characters.
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
    enter_for_client(c, |thread| {
        try_not_null!(c);
        if argument.is_null() {
            return Err(Fault::Null(name));
        }
        let client = try_object!(thread, c as ClientHandle);
        let text = super::argument::short(argument, name)?;
        Ok(client.configure_connections(|settings| set(settings, text))?)
    })
}
