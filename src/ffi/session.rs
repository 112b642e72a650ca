//! Section 5 of the header: sessions that survive a restart, the clock, the log.

use std::ffi::c_char;

use super::argument::{try_not_null, try_object, try_optional_text, try_text};
use super::entry::enter;
use super::fault::Fault;
use super::login::{SharedClient, with_client};
use super::string;
use super::types::{etoauth_client, etoauth_status};

/// Keeps the session in a file, so that it survives a restart and can be shared by several processes. If the file
/// exists, its session replaces the client's. If it does not exist, it is created from the client's session. Calls
/// that depend on the token first adopt a newer file, and one renewal serves all processes that share it.
///
/// The file is replaced atomically after every change. Only its user has access to it (mode 0600; on Windows by its
/// access control list). If it belongs to the user but has a wider mode, the mode is narrowed. There are two small
/// files for locking beside it, with its name and .lock or .renew. Reading takes no lock, and no lock is held during a
/// network call.
///
/// path: the file; NULL stops keeping the session in a file and leaves the file as it is. A relative path is resolved
/// against the current directory now. A symbolic link stands for the file that it points to.
///
/// Returns ETOAUTH_E_SESSION if the file is damaged or belongs to another key or environment; ETOAUTH_E_FILE if it
/// cannot be read or written, or belongs to another user; ETOAUTH_E_TIMEOUT if other processes hold its lock for
/// longer than five seconds or the client's timeout. The client and the file are then as before. Later, a login or an
/// import that took effect but could not be saved returns ETOAUTH_E_FILE. No other call fails because of the file
/// while a token is in memory: the next change saves everything. A file that cannot be read, or that a newer version
/// of the library wrote, is not replaced.
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
    enter(|thread| {
        try_not_null!(c, text);
        let client = try_object!(thread, c as SharedClient);
        string::give(text, client.export_session().as_bytes())
    })
}

/// Replaces the client's session by an exported one.
///
/// text: a line from etoauth_client_export_session, made here or on another machine.
///
/// Local. Returns ETOAUTH_E_SESSION if the text is damaged, truncated, or belongs to another key or environment:
/// nothing is changed then. Returns ETOAUTH_E_FILE if it took effect but could not be saved in the session file.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_import_session(c: *mut etoauth_client, text: *const c_char) -> etoauth_status {
    enter(|thread| {
        try_not_null!(c, text);
        let client = try_object!(thread, c as SharedClient);
        Ok(client.import_session(try_text!(text))?)
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
    enter(|thread| {
        try_not_null!(c, seconds);
        let client = try_object!(thread, c as SharedClient);
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
    enter(|thread| {
        try_not_null!(c, lines);
        let client = try_object!(thread, c as SharedClient);
        string::give(lines, client.read_log().as_bytes())
    })
}
