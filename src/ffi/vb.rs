//! The functions of include/etoauth_vb.h: the same client, spoken to in VBA's terms.

use std::ptr;
use std::time::Duration;

use super::argument::put;
use super::client::{number_of, seconds};
use super::entry::{enter, enter_quietly, with_last};
use super::fault::Fault;
use super::handle::{self, Object};
use super::listener::wait;
use super::login::{SharedClient, environment};
use super::types::etoauth_status;
use super::vb_text::{StringVariable, Text, check_variable, not_zero};
use crate::client::{Client, Listener, settings};
use crate::oauth;

/// Excel stands still while a call lasts.
const TIMEOUT_MS: u32 = 10_000;

/// The text, the String or the variable that a named argument is the address of, or the object behind a handle.
macro_rules! text {
    ($argument:ident) => {
        Text::at($argument, stringify!($argument))?
    };
}

macro_rules! string {
    ($argument:ident) => {
        StringVariable::at($argument, stringify!($argument))?
    };
}

macro_rules! variable {
    ($($argument:ident),+) => {
        $(check_variable($argument, stringify!($argument))?;)+
    };
}

macro_rules! object {
    ($thread:ident, $argument:ident as $object:ty) => {
        handle::get(key::<$object>($argument), stringify!($argument), &$thread.reader)?
    };
}

/// Makes a client: etoauth_client_new, with a time-out of 10 seconds.
///
/// env: ETOAUTH_ENV_LIVE or ETOAUTH_ENV_SANDBOX. consumer_key, consumer_secret: text in.
/// client: the new client; close it with etoauth_vb_close.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_open(
    env: i32,
    consumer_key: isize,
    consumer_secret: isize,
    client: *mut isize,
) -> etoauth_status {
    enter(|_| {
        not_zero!(client);
        variable!(client);
        let (key, secret) = (text!(consumer_key), text!(consumer_secret));
        let (key, secret) = (key.read()?, secret.read()?);
        let made = Client::new(environment(env)?, &key, &secret)?;
        made.configure(|settings| settings.set_timeout_ms(TIMEOUT_MS))?;
        put_handle(client, SharedClient::new(made))
    })
}

/// Closes a client: etoauth_client_free. It does not revoke the token.
///
/// client: 0 is fine.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_close(client: isize) -> etoauth_status {
    enter_quietly(|thread| handle::free(key::<SharedClient>(client), &thread.reader))
}

/// Talks to other hosts than E*TRADE's: etoauth_client_set_base_urls.
///
/// oauth_base, authorize_url, api_base: text in; "" keeps what is set.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_set_base_urls(
    client: isize,
    oauth_base: isize,
    authorize_url: isize,
    api_base: isize,
) -> etoauth_status {
    enter(|thread| {
        not_zero!(client);
        let (oauth_base, authorize_url, api_base) = (text!(oauth_base), text!(authorize_url), text!(api_base));
        let client = object!(thread, client as SharedClient);
        let (oauth_base, authorize_url) = (oauth_base.read_optional()?, authorize_url.read_optional()?);
        let api_base = api_base.read_optional()?;
        Ok(client.configure(|settings| {
            settings.endpoints =
                settings.endpoints.with(oauth_base.as_deref(), authorize_url.as_deref(), api_base.as_deref())?;
            Ok(())
        })?)
    })
}

/// Bounds each call that uses the network: etoauth_client_set_timeout_ms.
///
/// timeout_ms: milliseconds, above 0.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_set_timeout_ms(client: isize, timeout_ms: i32) -> etoauth_status {
    with_client(client, |client| {
        let timeout_ms = not_negative(timeout_ms, "timeout_ms")?;
        Ok(client.configure(|settings| settings.set_timeout_ms(timeout_ms))?)
    })
}

/// Goes through a proxy: etoauth_client_set_proxy.
///
/// url: text in; "" means none.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_set_proxy(client: isize, url: isize) -> etoauth_status {
    with_client_and_text(client, url, "url", |client, url| {
        let url = url.read()?;
        Ok(client.configure_connections(|settings| settings.set_proxy(&url))?)
    })
}

/// Trusts the certificates of a file in place of the machine's own: etoauth_client_set_ca_file.
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
/// path: text in; "" detaches the file.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_set_session_file(client: isize, path: isize) -> etoauth_status {
    with_client_and_text(client, path, "path", |client, path| {
        Ok(client.set_session_file(path.read_optional()?.as_deref())?)
    })
}

/// Begins a login: etoauth_client_fetch_request_token, and then etoauth_client_get_authorize_url.
///
/// url: text out, the page for the person's browser.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_login_url(client: isize, url: isize) -> etoauth_status {
    give_of_client(client, url, "url", |client| {
        client.fetch_request_token()?;
        Ok(client.authorize_url()?)
    })
}

/// Ends a login: etoauth_client_fetch_access_token.
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
/// client: whose login it is for. callback_url: text in.
/// listener: the new listener; end it with etoauth_vb_unlisten.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_listen(client: isize, callback_url: isize, listener: *mut isize) -> etoauth_status {
    enter(|thread| {
        not_zero!(client, listener);
        variable!(listener);
        let callback_url = text!(callback_url);
        object!(thread, client as SharedClient);
        put_handle(listener, Listener::new(&callback_url.read()?)?)
    })
}

/// Takes one look whether the redirect has come: etoauth_listener_wait without waiting.
///
/// client: only a redirect for its pending login counts; 0 takes any.
/// redirected_url: text out, for etoauth_vb_login.
///
/// Returns ETOAUTH_E_TIMEOUT as long as none has come.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_poll(listener: isize, client: isize, redirected_url: isize) -> etoauth_status {
    enter(|thread| {
        not_zero!(listener, redirected_url);
        let redirected_url = string!(redirected_url);
        let listener = object!(thread, listener as Listener);
        let client = if client == 0 { None } else { Some(object!(thread, client as SharedClient)) };
        let client = client.as_ref().map(|client| &***client);
        redirected_url.set(wait(&listener, "listener", client, Duration::ZERO)?.as_bytes())
    })
}

/// Ends a listener: etoauth_listener_free.
///
/// listener: 0 is fine.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_unlisten(listener: isize) -> etoauth_status {
    enter_quietly(|thread| handle::free(key::<Listener>(listener), &thread.reader))
}

/// Wakes a token that slept for two idle hours: etoauth_client_renew_access_token.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_renew(client: isize) -> etoauth_status {
    with_client(client, |client| Ok(client.renew_access_token()?))
}

/// Logs out: etoauth_client_revoke_access_token.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_revoke(client: isize) -> etoauth_status {
    with_client(client, |client| Ok(client.revoke_access_token()?))
}

/// Makes sure that the access token will be active for some time more: etoauth_client_ensure_active.
///
/// for_seconds: 0 asks for a token that is active now.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_ensure_active(client: isize, for_seconds: i32) -> etoauth_status {
    with_client(client, |client| Ok(client.ensure_active(not_negative(for_seconds, "for_seconds")?)?))
}

/// How the access token stands: etoauth_client_get_token_state.
///
/// state: an ETOAUTH_TOKEN_ value. inactive_in_s, expires_in_s: seconds, 0 when past or none.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_token_state(
    client: isize,
    state: *mut i32,
    inactive_in_s: *mut i32,
    expires_in_s: *mut i32,
) -> etoauth_status {
    enter(|thread| {
        not_zero!(client, state, inactive_in_s, expires_in_s);
        variable!(state, inactive_in_s, expires_in_s);
        let token = object!(thread, client as SharedClient).token_state()?;
        put(state, number_of(token.state));
        put(inactive_in_s, seconds(token.inactive_in));
        put(expires_in_s, seconds(token.expires_in));
        Ok(())
    })
}

/// Signs a request that the caller sends with HTTP of its own: etoauth_client_sign.
///
/// method, url: text in. header: text out, the value for the request's Authorization header.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_sign(client: isize, method: isize, url: isize, header: isize) -> etoauth_status {
    enter(|thread| {
        not_zero!(client, header);
        let header = string!(header);
        let (method, url) = (text!(method), text!(url));
        let client = object!(thread, client as SharedClient);
        let (method, url) = (method.read()?, url.read()?);
        header.set(client.sign(&method, &url, &thread.nonce()?)?.as_bytes())
    })
}

/// Sends a signed API call and repairs what can be repaired: etoauth_client_send.
///
/// method, url: text in. headers, body: text in; "" for none. The body goes out as UTF-8.
/// http_status: the answer's. body_out: text out, the answer's body; what is not UTF-8 in it becomes ChrW(&HFFFD).
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
        not_zero!(client, http_status, body_out);
        variable!(http_status);
        let body_out = string!(body_out);
        let (method, url, headers, body) = (text!(method), text!(url), text!(headers), text!(body));
        let client = object!(thread, client as SharedClient);
        let (method, url, headers, body) = (method.read()?, url.read()?, headers.read()?, body.read()?);
        let response = client.send(&method, &url, &headers, body.as_bytes())?;
        body_out.set(response.body())?;
        put(http_status, response.status().into());
        Ok(())
    })
}

/// Percent-encodes a text: etoauth_percent_encode.
///
/// text: text in. out: text out.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_percent_encode(text: isize, out: isize) -> etoauth_status {
    enter(|_| {
        not_zero!(out);
        let out = string!(out);
        out.set(oauth::encode(&text!(text).read()?).as_bytes())
    })
}

/// The whole session as one line of text: etoauth_client_export_session. Treat it as a secret.
///
/// text: text out.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_export_session(client: isize, text: isize) -> etoauth_status {
    give_of_client(client, text, "text", |client| Ok(client.export_session().to_string()))
}

/// Goes on with an exported session: etoauth_client_import_session.
///
/// text: text in.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_import_session(client: isize, text: isize) -> etoauth_status {
    with_client_and_text(client, text, "text", |client, text| Ok(client.import_session(&text.read()?)?))
}

/// This thread's last failure in words: etoauth_last_error.
///
/// text: text out; "" if nothing failed.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_last_error(text: isize) -> etoauth_status {
    enter_quietly(|thread| {
        not_zero!(text);
        let sentence = with_last(thread, |last| last.map_or(String::new(), Fault::to_string));
        string!(text).set(sentence.as_bytes())
    })
}

/// Drains the last 64 events: etoauth_client_read_log.
///
/// text: text out, lines ended by LF.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_read_log(client: isize, text: isize) -> etoauth_status {
    give_of_client(client, text, "text", |client| Ok(client.read_log()))
}

/// The library's version: etoauth_version.
///
/// text: text out.
#[unsafe(no_mangle)]
pub extern "system" fn etoauth_vb_version(text: isize) -> etoauth_status {
    enter_quietly(|_| {
        not_zero!(text);
        string!(text).set(env!("CARGO_PKG_VERSION").as_bytes())
    })
}

fn key<T>(handle: isize) -> *mut T {
    ptr::without_provenance_mut(handle as usize)
}

fn put_handle<T: Object>(out: *mut isize, object: T) -> Result<(), Fault> {
    put(out, handle::issue(object)?.addr() as isize);
    Ok(())
}

fn with_client(client: isize, body: impl FnOnce(&SharedClient) -> Result<(), Fault>) -> etoauth_status {
    enter(|thread| {
        not_zero!(client);
        body(&*object!(thread, client as SharedClient))
    })
}

fn with_client_and_text(
    client: isize,
    text: isize,
    name: &'static str,
    body: impl FnOnce(&SharedClient, Text) -> Result<(), Fault>,
) -> etoauth_status {
    enter(|thread| {
        not_zero!(client);
        let text = Text::at(text, name)?;
        body(&*object!(thread, client as SharedClient), text)
    })
}

/// Runs a body that has a client and gives a text.
fn give_of_client(
    client: isize,
    out: isize,
    name: &'static str,
    body: impl FnOnce(&SharedClient) -> Result<String, Fault>,
) -> etoauth_status {
    enter(|thread| {
        not_zero!(client);
        if out == 0 {
            return Err(Fault::Null(name));
        }
        let out = StringVariable::at(out, name)?;
        out.set(body(&*object!(thread, client as SharedClient))?.as_bytes())
    })
}

fn not_negative(number: i32, name: &'static str) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|_| Fault::Argument(name, "is below 0"))
}
