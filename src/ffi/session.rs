//! Section 5 of the header: sessions that survive a restart, the clock, the log.

use std::ffi::c_char;

use super::argument::{try_not_null, try_object, try_optional_text, try_text};
use super::entry::enter;
use super::fault::Fault;
use super::login::{SharedClient, with_client};
use super::string;
use super::types::{etoauth_client, etoauth_status};

/// Keeps the session in a file, so that the next start, and other processes, go on with it. A file that exists replaces
/// the client's session; a missing one is made from it. The file is replaced as a whole after every change, and is for
/// the user alone (mode 0600; on Windows by its access list). Calls that depend on the token first adopt a newer file;
/// one renew serves all processes that share it. Beside it lie two small files for locking, its name with .lock and
/// .renew.
///
/// path: NULL detaches the file and leaves it as it is. A relative path is taken from the working directory of now; a
/// link stands for the file that it leads to. Functions without a network wait for another process's lock for five
/// seconds, or the client's time-out if that is shorter.
///
/// Returns ETOAUTH_E_SESSION for a file that is damaged, or of another key or environment, and ETOAUTH_E_FILE for one
/// that can't be read or written, ETOAUTH_E_TIMEOUT when others hold its lock; the client and the file are then as
/// before. A file that is damaged later is passed over, and replaced at the next change. Later, a login or an import
/// that took effect but could not be saved returns ETOAUTH_E_FILE; other calls don't fail for that, the next change
/// saves it all.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_set_session_file(c: *mut etoauth_client, path: *const c_char) -> etoauth_status {
    with_client(c, |_, client| Ok(client.set_session_file(try_optional_text!(path))?))
}

/// The whole session, a pending login included, as one line of text for the host's own store. Treat it as a secret: it
/// holds the token. It is a copy: use a session file or a store of your own, not both.
///
/// text: the caller's; free it with etoauth_string_free.
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

/// Goes on with an exported session, in place of the client's own.
///
/// text: as etoauth_client_export_session gave it, here or on another machine.
///
/// Local. Returns ETOAUTH_E_SESSION for a text that is damaged or cut short, or of another key or environment: nothing
/// is changed then; ETOAUTH_E_FILE or ETOAUTH_E_TIMEOUT when it took effect but could not be saved in the session file.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_import_session(c: *mut etoauth_client, text: *const c_char) -> etoauth_status {
    enter(|thread| {
        try_not_null!(c, text);
        let client = try_object!(thread, c as SharedClient);
        Ok(client.import_session(try_text!(text))?)
    })
}

/// How far E*TRADE's clock is ahead of this machine's, as learned when a timestamp was refused, or set.
///
/// seconds: 0 until something was learned.
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

/// Sets how far E*TRADE's clock is ahead of this machine's, for hosts that know it. It holds until more is learned.
///
/// seconds: E*TRADE's time minus this machine's, at most a day either way.
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

/// Drains the last 64 events, the oldest first: renews, repeats, corrections, logins, refusals. Each line holds the time
/// (UTC), the call, the host, the HTTP status or -, the problem or -, and what was done. Never a secret.
///
/// lines: each ended by LF; "" if there are none; the caller's, freed with etoauth_string_free.
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
