//! Section 6 of the header: the callback listener.

use std::ffi::c_char;
use std::time::Duration;

use super::argument::{try_not_null, try_object, try_text};
use super::client_handle::{ClientHandle, enter_for_client};
use super::entry::{enter, enter_keeping_last_error};
use super::fault::Fault;
use super::handle::{self, Object};
use super::string;
use super::types::{etoauth_client, etoauth_listener, etoauth_status};
use crate::client::Listener;

impl Object for Listener {
    const KIND: usize = 5;
    const NAME: &'static str = "listener";
    const SURVIVES_FORK: bool = false;

    fn freed(&self) {
        self.close();
    }
}

/// Listens for the redirect to a callback that is registered with E*TRADE, so that nobody has to type a code.
///
/// callback_url: the registered URL: http:// with a host, a port, and whatever path and query it has. The host is
/// localhost, which means both 127.0.0.1 and ::1, or one of this machine's own addresses, such as 127.0.0.1 or [::1].
/// Port 0 takes any free port, for tests. If an earlier listener of this process still has the port, the new one takes
/// it over.
/// out: the new listener; free it with etoauth_listener_free.
///
/// Returns ETOAUTH_E_ARGUMENT for another host or form; ETOAUTH_E_CONNECT if the port is in use; ETOAUTH_E_LIMIT.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_listener_new(callback_url: *const c_char, out: *mut *mut etoauth_listener) -> etoauth_status {
    enter(|_| {
        try_not_null!(callback_url, out);
        let callback_url = try_text!(callback_url);
        let reserved = handle::reserve()?;
        unsafe { out.write(reserved.fill(Listener::new(callback_url)?).cast()) };
        Ok(())
    })
}

/// Gives the URL on which a listener listens, including its actual port.
///
/// url: the URL. The caller frees it with etoauth_string_free.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_listener_get_url(l: *mut etoauth_listener, url: *mut *mut c_char) -> etoauth_status {
    enter(|thread| {
        try_not_null!(l, url);
        let listener = try_object!(thread, l as Listener);
        string::give(url, listener.url().as_bytes())
    })
}

/// Waits for the redirect to a listener, and tells the person that the window can be closed. Other visitors do not end
/// the wait; who comes back without a verification code is told that the login was not finished.
///
/// c: only a redirect for this client's pending login counts, that is one with its request token or with a verifier
/// and no token; may be NULL, and then any redirect with a verifier counts.
/// timeout_ms: milliseconds, whether or not a login is pending; 0 looks once, for hosts that poll.
/// redirected_url: the complete URL, for etoauth_client_fetch_access_token. The caller frees it with
/// etoauth_string_free.
///
/// Returns ETOAUTH_E_TIMEOUT if no redirect came; ETOAUTH_E_CANCELLED if c's calls were cancelled;
/// ETOAUTH_E_HANDLE if the listener was freed meanwhile; ETOAUTH_E_STATE if a newer listener took its port over.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_listener_wait(
    l: *mut etoauth_listener,
    c: *mut etoauth_client,
    timeout_ms: u32,
    redirected_url: *mut *mut c_char,
) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(l, redirected_url);
        let listener = try_object!(thread, l as Listener);
        let client = if c.is_null() { None } else { Some(try_object!(thread, c as ClientHandle)) };
        let url = wait(&listener, "l", client.as_deref(), Duration::from_millis(timeout_ms.into()))?;
        string::give(redirected_url, url.as_bytes())
    })
}

/// Waits for the redirect. If the listener is freed meanwhile, its handle has become invalid.
pub(super) fn wait(
    listener: &Listener,
    argument: &'static str,
    client: Option<&ClientHandle>,
    timeout: Duration,
) -> Result<String, Fault> {
    listener
        .wait(client.map(|client| &***client), timeout)
        .map_err(|failure| if listener.is_closed() { Fault::Handle(argument, Listener::NAME) } else { failure.into() })
}

/// Frees a listener and closes its port, which is free at once, also while a forked child lives. A wait in progress
/// returns ETOAUTH_E_HANDLE.
///
/// l: may be NULL.
///
/// Returns ETOAUTH_E_HANDLE if l is not a live listener.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_listener_free(l: *mut etoauth_listener) -> etoauth_status {
    enter_keeping_last_error(|thread| handle::free(l.cast::<Listener>(), &thread.hazards))
}
