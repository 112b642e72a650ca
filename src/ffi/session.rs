//! Section 5 of the header: sessions that survive a restart, the clock, the log.

use std::ffi::c_char;

use super::argument::{try_long_text, try_not_null, try_object, try_optional_text, try_text};
use super::client_handle::{ClientHandle, enter_for_client, with_client};
use super::fault::Fault;
use super::string;
use super::types::{etoauth_client, etoauth_status};

/// Keeps the session in a file, so that the next start, and other processes, can go on with it. A file that exists
/// replaces the client's session; a missing file is created from it. After every change the file is replaced as a
/// whole, and a crash or a power cut leaves the old session or the new one. The file is for the user alone: its mode
/// is 0600 (on Windows, its access list names the user only), an own file that others may read is narrowed, and a file
/// of another user is refused.
///
/// etoauth_client_send, _ensure_active, _renew_access_token, _revoke_access_token, _fetch_access_token and
/// etoauth_exchange_new first adopt what other processes have saved. Reading takes no lock. Beside the file lie two
/// small ones, its name with .lock and .renew: they are locked while a session is written and while a token is
/// renewed, so that one renewal serves all processes. Neither is opened through a link.
///
/// A lock that another process holds, or a file that cannot be read or written, never fails a call that has a token in
/// memory: such a call waits for at most two seconds, and the change takes effect in this client. It is saved with the
/// next change or call, and before anything older is adopted. etoauth_client_fetch_access_token,
/// etoauth_client_import_session and the finish of an ETOAUTH_EXCHANGE_ACCESS_TOKEN return ETOAUTH_E_FILE when they
/// took effect but could not be saved. A file that could not be read, that a newer version of the library wrote or
/// that belongs to another key or environment is never replaced. A file that is damaged while it is attached is
/// ignored, and replaced at the next change.
///
/// path: the file; may be NULL, which detaches the file and leaves it as it is. A relative path is resolved now, from
/// the current directory. A link, even to a file that does not exist yet, stands for the file that it leads to.
///
/// Returns ETOAUTH_E_SESSION for a file that is damaged, or of another key or environment, or of a newer version of
/// the library, and ETOAUTH_E_FILE for one that cannot be read or written. The client and the file are unchanged then.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_session_file(c: *mut etoauth_client, path: *const c_char) -> etoauth_status {
    with_client(c, |_, client| Ok(client.set_session_file(try_optional_text!(path))?))
}

/// Gives the whole session, including a pending login, as one line of text for the host's own store. Treat it as a
/// secret: it contains the token. It is a copy. Use either a session file or your own store, not both.
///
/// text: the line. The caller frees it with etoauth_string_free.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_export_session(c: *mut etoauth_client, text: *mut *mut c_char) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, text);
        let client = try_object!(thread, c as ClientHandle);
        string::give(text, client.export_session().as_bytes())
    })
}

/// Replaces the client's session by an exported one.
///
/// text: a line from etoauth_client_export_session, made here or on another machine.
///
/// Local. Returns ETOAUTH_E_SESSION for a text that is damaged or cut short, or of another key or environment: nothing
/// is changed then; ETOAUTH_E_FILE when it took effect but could not be saved in the session file.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_import_session(c: *mut etoauth_client, text: *const c_char) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, text);
        let client = try_object!(thread, c as ClientHandle);
        Ok(client.import_session(try_long_text!(text))?)
    })
}

/// Says how far E*TRADE's clock is ahead of this machine's, as it was learned when a timestamp was refused, or as it
/// was set.
///
/// seconds: 0 until it was learned or set.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_get_clock_offset(c: *mut etoauth_client, seconds: *mut i64) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, seconds);
        let client = try_object!(thread, c as ClientHandle);
        unsafe { seconds.write(client.clock().offset()) };
        Ok(())
    })
}

/// Sets how far E*TRADE's clock is ahead of this machine's, for hosts that know it. It applies until more is learned.
///
/// seconds: E*TRADE's time minus this machine's, at most a day in either direction.
///
/// Local. Returns ETOAUTH_E_ARGUMENT.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_clock_offset(c: *mut etoauth_client, seconds: i64) -> etoauth_status {
    with_client(c, |_, client| {
        let believable = client.clock().set_offset(seconds);
        if believable {
            Ok(())
        } else {
            Err(Fault::Argument("seconds", "is more than a day: set this machine's clock"))
        }
    })
}

/// Returns and removes the last 64 events, the oldest first: renewals, repeats, corrections, logins, refusals. Each
/// line contains the time (UTC), the call, the host, the HTTP status or -, the problem or -, and what was done. It
/// never contains a secret.
///
/// lines: the events, each ended by LF; "" if there are none. The caller frees it with etoauth_string_free.
///
/// Local.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_read_log(c: *mut etoauth_client, lines: *mut *mut c_char) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, lines);
        let client = try_object!(thread, c as ClientHandle);
        string::give(lines, client.read_log().as_bytes())
    })
}
