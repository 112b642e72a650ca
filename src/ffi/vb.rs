//! The functions of include/etoauth_vb.h: the same client, spoken to in VBA's terms.

use std::ptr;
use std::time::Duration;

use super::argument::put;
use super::client::{number_of, seconds};
use super::client_handle::ClientHandle;
use super::entry::{enter, enter_keeping_last_error};
use super::fault::Fault;
use super::handle;
use super::listener::wait;
use super::login::environment;
use super::privilege::is_privileged;
use super::send;
use super::sentence::Sentence;
use super::status::advice_about;
use super::types::etoauth_status;
use super::vb_text::{StringVariable, Text, check_variable, try_not_zero};
use crate::client::{Client, Listener, Response, settings};
use crate::etrade::{Failure, Kind, only_asks};
use crate::oauth;

/// Excel does not respond during a call.
const TIMEOUT_MS: u32 = 10_000;

/// The text, the String or the variable that a named argument is the address of, or the object behind a handle. The
/// macros named try_ return from the function that they are used in if an argument is refused.
macro_rules! try_text {
    ($argument:ident) => {
        Text::at($argument, stringify!($argument))?
    };
}

macro_rules! try_string {
    ($argument:ident) => {
        StringVariable::at($argument, stringify!($argument))?
    };
}

macro_rules! try_variable {
    ($($argument:ident),+) => {
        $(check_variable($argument, stringify!($argument))?;)+
    };
}

macro_rules! try_object {
    ($thread:ident, $argument:ident as $object:ty) => {
        handle::get(key::<$object>($argument), stringify!($argument), &$thread.hazards)?
    };
}

/// Opens a client, with a timeout of 10 seconds: etoauth_client_new.
///
/// env: ETOAUTH_ENV_LIVE or ETOAUTH_ENV_SANDBOX.
/// consumer_key: text in.
/// consumer_secret: text in.
/// client: the new client; close it with etoauth_vb_close.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_open(
    env: i32,
    consumer_key: isize,
    consumer_secret: isize,
    client: *mut isize,
) -> etoauth_status {
    enter(|_| {
        try_not_zero!(client);
        try_variable!(client);
        let (key, secret) = (try_text!(consumer_key), try_text!(consumer_secret));
        let (key, secret) = (key.read()?, secret.read()?);
        let made = Client::new(environment(env)?, &key, &secret, is_privileged())?;
        made.set_timeout_ms(TIMEOUT_MS)?;
        put_handle(client, handle::reserve()?.fill(ClientHandle::new(made)));
        Ok(())
    })
}

/// Closes a client: etoauth_client_free. The token is not revoked.
///
/// client: may be 0.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_close(client: isize) -> etoauth_status {
    enter_keeping_last_error(|thread| handle::free(key::<ClientHandle>(client), &thread.hazards))
}

/// Uses other hosts than E*TRADE's: etoauth_client_set_base_urls.
///
/// oauth_base: text in; "" keeps the present one.
/// authorize_url: text in; "" keeps the present one.
/// api_base: text in; "" keeps the present one.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_set_base_urls(
    client: isize,
    oauth_base: isize,
    authorize_url: isize,
    api_base: isize,
) -> etoauth_status {
    enter(|thread| {
        try_not_zero!(client);
        let (oauth_base, authorize_url, api_base) =
            (try_text!(oauth_base), try_text!(authorize_url), try_text!(api_base));
        let client = try_object!(thread, client as ClientHandle);
        let (oauth_base, authorize_url) = (oauth_base.read_optional()?, authorize_url.read_optional()?);
        let api_base = api_base.read_optional()?;
        Ok(client.configure(|settings| {
            settings.endpoints =
                settings.endpoints.with(oauth_base.as_deref(), authorize_url.as_deref(), api_base.as_deref())?;
            Ok(())
        })?)
    })
}

/// Limits the time of each call that uses the network: etoauth_client_set_timeout_ms.
///
/// timeout_ms: milliseconds, greater than 0.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_set_timeout_ms(client: isize, timeout_ms: i32) -> etoauth_status {
    with_client(client, |client| {
        let timeout_ms = not_negative(timeout_ms, "timeout_ms")?;
        Ok(client.set_timeout_ms(timeout_ms)?)
    })
}

/// Uses an HTTP proxy: etoauth_client_set_proxy.
///
/// url: text in; "" means no proxy.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_set_proxy(client: isize, url: isize) -> etoauth_status {
    with_client_and_text(client, url, "url", |client, url| {
        let url = url.read()?;
        Ok(client.configure_connections(|settings| settings.set_proxy(&url))?)
    })
}

/// Trusts the certificates in a file instead of the machine's own: etoauth_client_set_ca_file.
///
/// pem_path: text in.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_set_ca_file(client: isize, pem_path: isize) -> etoauth_status {
    with_client_and_text(client, pem_path, "pem_path", |client, pem_path| {
        let certificates = settings::read_ca_file(&pem_path.read()?)?;
        Ok(client.configure_connections(|settings| {
            settings.ca = Some(certificates);
            Ok(())
        })?)
    })
}

/// Keeps the session in a file: etoauth_client_set_session_file.
///
/// path: text in; "" stops keeping it in a file.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_set_session_file(client: isize, path: isize) -> etoauth_status {
    with_client_and_text(client, path, "path", |client, path| {
        Ok(client.set_session_file(path.read_optional()?.as_deref())?)
    })
}

/// Begins a login: etoauth_client_fetch_request_token, then etoauth_client_get_authorize_url.
///
/// url: text out, the address of the page for the person's browser.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_login_url(client: isize, url: isize) -> etoauth_status {
    give_of_client(client, url, "url", |client| {
        client.fetch_request_token()?;
        Ok(client.authorize_url()?)
    })
}

/// Completes a login: etoauth_client_fetch_access_token.
///
/// verifier: text in, the code that the page shows, or the whole URL to which a callback was redirected.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_login(client: isize, verifier: isize) -> etoauth_status {
    with_client_and_text(client, verifier, "verifier", |client, verifier| {
        Ok(client.fetch_access_token(&verifier.read()?)?)
    })
}

/// Listens for the redirect to a registered callback: etoauth_listener_new.
///
/// client: the client that logs in.
/// callback_url: text in.
/// listener: the new listener; end it with etoauth_vb_unlisten.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_listen(client: isize, callback_url: isize, listener: *mut isize) -> etoauth_status {
    enter(|thread| {
        try_not_zero!(client, listener);
        try_variable!(listener);
        let callback_url = try_text!(callback_url);
        try_object!(thread, client as ClientHandle);
        let callback_url = callback_url.read()?;
        let reserved = handle::reserve()?;
        put_handle(listener, reserved.fill(Listener::new(&callback_url)?));
        Ok(())
    })
}

/// Checks once whether the redirect has come: etoauth_listener_wait without waiting.
///
/// client: only a redirect for its pending login counts; with 0 any does.
/// redirected_url: text out, for etoauth_vb_login.
///
/// Returns ETOAUTH_E_TIMEOUT as long as no redirect has come.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_poll(listener: isize, client: isize, redirected_url: isize) -> etoauth_status {
    enter(|thread| {
        try_not_zero!(listener, redirected_url);
        let redirected_url = try_string!(redirected_url);
        let listener = try_object!(thread, listener as Listener);
        let client = if client == 0 { None } else { Some(try_object!(thread, client as ClientHandle)) };
        redirected_url.set(wait(&listener, "listener", client.as_deref(), Duration::ZERO)?.as_bytes())
    })
}

/// Ends a listener: etoauth_listener_free.
///
/// listener: may be 0.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_unlisten(listener: isize) -> etoauth_status {
    enter_keeping_last_error(|thread| handle::free(key::<Listener>(listener), &thread.hazards))
}

/// Renews a token that is inactive after two idle hours: etoauth_client_renew_access_token.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_renew(client: isize) -> etoauth_status {
    with_client(client, |client| Ok(client.renew_access_token()?))
}

/// Logs out: etoauth_client_revoke_access_token.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_revoke(client: isize) -> etoauth_status {
    with_client(client, |client| Ok(client.revoke_access_token()?))
}

/// Makes sure that the access token stays active for some time: etoauth_client_ensure_active.
///
/// for_seconds: 0 asks for a token that is active now.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_ensure_active(client: isize, for_seconds: i32) -> etoauth_status {
    with_client(client, |client| Ok(client.ensure_active(not_negative(for_seconds, "for_seconds")?)?))
}

/// Gives the state of the access token: etoauth_client_get_token_state.
///
/// state: an ETOAUTH_TOKEN_ value.
/// inactive_in_s: seconds; 0 if that time is past or unknown.
/// expires_in_s: seconds; 0 if that time is past or unknown.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_token_state(
    client: isize,
    state: *mut i32,
    inactive_in_s: *mut i32,
    expires_in_s: *mut i32,
) -> etoauth_status {
    enter(|thread| {
        try_not_zero!(client, state, inactive_in_s, expires_in_s);
        try_variable!(state, inactive_in_s, expires_in_s);
        let token = try_object!(thread, client as ClientHandle).token_state()?;
        put(state, number_of(token.state));
        put(inactive_in_s, seconds(token.inactive_in));
        put(expires_in_s, seconds(token.expires_in));
        Ok(())
    })
}

/// Signs a request that the caller sends by other means: etoauth_client_sign.
///
/// method: text in.
/// url: text in.
/// header: text out, the value for the request's Authorization header.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_sign(client: isize, method: isize, url: isize, header: isize) -> etoauth_status {
    enter(|thread| {
        try_not_zero!(client, header);
        let header = try_string!(header);
        let (method, url) = (try_text!(method), try_text!(url));
        let client = try_object!(thread, client as ClientHandle);
        let (method, url) = (method.read()?, url.read()?);
        header.set(client.sign(&method, &url, &thread.nonce()?)?.as_bytes())
    })
}

/// Sends a signed API call and repairs what can be repaired: etoauth_client_send.
///
/// method: text in.
/// url: text in.
/// headers: text in; "" for none.
/// body: text in, sent as UTF-8; "" for none.
/// http_status: the response's HTTP status.
/// body_out: text out, the response's body. Bytes that are not UTF-8 become ChrW(&HFFFD).
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_send(
    client: isize,
    method: isize,
    url: isize,
    headers: isize,
    body: isize,
    http_status: *mut i32,
    body_out: isize,
) -> etoauth_status {
    enter(|thread| {
        try_not_zero!(client, http_status, body_out);
        try_variable!(http_status);
        let body_out = try_string!(body_out);
        let (method, url, headers, body) = (try_text!(method), try_text!(url), try_text!(headers), try_text!(body));
        let client = try_object!(thread, client as ClientHandle);
        let (method, url, headers, body) = (method.read()?, url.read()?, headers.read()?, body.read()?);
        // Before the request leaves: once it has been answered, nothing on this machine should fail the call.
        let body_out = body_out.reserve()?;
        let response = client.send(&method, &url, &headers, body.as_bytes())?;
        body_out.set(response.body()).map_err(|_| no_memory_for(&response, &method))?;
        put(http_status, response.status().into());
        Ok(())
    })
}

/// Percent-encodes a text: etoauth_percent_encode.
///
/// text: text in.
/// out: text out.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_percent_encode(text: isize, out: isize) -> etoauth_status {
    enter(|_| {
        try_not_zero!(out);
        let out = try_string!(out);
        out.set(&oauth::try_encode(&try_text!(text).read()?)?)
    })
}

/// Gives the whole session as one line of text: etoauth_client_export_session. Treat it as a secret.
///
/// text: text out.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_export_session(client: isize, text: isize) -> etoauth_status {
    give_of_client(client, text, "text", |client| Ok(client.export_session().to_string()))
}

/// Replaces the session by an exported one: etoauth_client_import_session.
///
/// text: text in.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_import_session(client: isize, text: isize) -> etoauth_status {
    with_client_and_text(client, text, "text", |client, text| Ok(client.import_session(&text.read()?)?))
}

/// Describes this thread's last failure: etoauth_last_error.
///
/// text: text out; "" if nothing failed.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_last_error(text: isize) -> etoauth_status {
    enter_keeping_last_error(|thread| {
        try_not_zero!(text);
        let text = try_string!(text);
        thread.with_last(|last| text.set(last.map(Sentence::new).as_ref().map_or("", Sentence::as_str).as_bytes()))
    })
}

/// Tells what to do about a status: etoauth_status_advice.
///
/// status: what another function returned.
/// advice: an ETOAUTH_ADVICE_ value.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_advice(status: i32, advice: *mut i32) -> etoauth_status {
    enter_keeping_last_error(|_| {
        try_not_zero!(advice);
        try_variable!(advice);
        put(advice, send::number_of(advice_about(status)));
        Ok(())
    })
}

/// Returns and removes the last 64 events: etoauth_client_read_log.
///
/// text: text out, lines ended by LF.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_read_log(client: isize, text: isize) -> etoauth_status {
    give_of_client(client, text, "text", |client| Ok(client.read_log()))
}

/// Gives the library's version: etoauth_version.
///
/// text: text out.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_version(text: isize) -> etoauth_status {
    enter_keeping_last_error(|_| {
        try_not_zero!(text);
        try_string!(text).set(env!("CARGO_PKG_VERSION").as_bytes())
    })
}

/// The failure of a response whose text is larger than the memory that was reserved for it.
fn no_memory_for(response: &Response, method: &str) -> Fault {
    let (kind, advice) = match only_asks(method) {
        true => (Kind::Memory, "Ask again."),
        false => (Kind::Uncertain, "The request may have been carried out: check before you repeat it."),
    };
    let status = response.status();
    let mut failure =
        Failure::new(kind, format!("There is not enough memory for the response's text (HTTP {status}). {advice}"));
    failure.http_status = status;
    failure.into()
}

fn key<T>(handle: isize) -> *mut T {
    ptr::without_provenance_mut(handle as usize)
}

fn put_handle<T>(out: *mut isize, handle: *mut T) {
    put(out, handle.addr() as isize);
}

fn with_client(client: isize, body: impl FnOnce(&ClientHandle) -> Result<(), Fault>) -> etoauth_status {
    enter(|thread| {
        try_not_zero!(client);
        body(&*try_object!(thread, client as ClientHandle))
    })
}

fn with_client_and_text(
    client: isize,
    text: isize,
    name: &'static str,
    body: impl FnOnce(&ClientHandle, Text) -> Result<(), Fault>,
) -> etoauth_status {
    enter(|thread| {
        try_not_zero!(client);
        let text = Text::at(text, name)?;
        body(&*try_object!(thread, client as ClientHandle), text)
    })
}

/// Runs a body that has a client and gives a text.
fn give_of_client(
    client: isize,
    out: isize,
    name: &'static str,
    body: impl FnOnce(&ClientHandle) -> Result<String, Fault>,
) -> etoauth_status {
    enter(|thread| {
        try_not_zero!(client);
        if out == 0 {
            return Err(Fault::Null(name));
        }
        let out = StringVariable::at(out, name)?;
        out.set(body(&*try_object!(thread, client as ClientHandle))?.as_bytes())
    })
}

fn not_negative(number: i32, name: &'static str) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|_| Fault::Argument(name, "is negative"))
}
