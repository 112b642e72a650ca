//! Section 7 of the header: more handles on one login, so that each call has a timeout, a cancellation and a last
//! failure of its own.

use std::ffi::c_char;

use super::argument::{Buffer, try_not_null, try_object};
use super::client_handle::{ClientHandle, enter_for_client};
use super::entry::enter_keeping_last_error;
use super::errors::{describe_failure, describe_problem};
use super::fault::Fault;
use super::handle;
use super::types::{etoauth_client, etoauth_status};

/// Makes one more handle on a client's login. All handles of a login have its key, environment, token, connections,
/// settings, session file and log in common. Each has a timeout, a cancellation and a last failure of its own. This is
/// quick: make a handle for each call and free it afterwards, and a call can have a deadline, and be cancelled, without
/// affecting the others. (On 32-bit, where fewer handles can be issued, keep some and use them again.)
///
/// The timeout is at first that of c. All other settings, and the log, belong to the login, whichever handle is used to
/// change or to read them. The login ends when its last handle is freed.
///
/// On a shared handle, etoauth_client_cancel is for good, so that a cancellation that comes before its call begins is
/// not lost: from then on, calls that use the network, and etoauth_listener_wait, return ETOAUTH_E_CANCELLED and send
/// nothing, whatever the state of the token, which even etoauth_client_revoke_access_token leaves alone. Local
/// functions, exchanges and other handles are not affected, not even one that is made of the cancelled handle later.
///
/// out: the new handle; free it with etoauth_client_free.
///
/// Local. Returns ETOAUTH_E_LIMIT.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_share(c: *mut etoauth_client, out: *mut *mut etoauth_client) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c, out);
        let client = try_object!(thread, c as ClientHandle);
        let reserved = handle::reserve()?;
        unsafe { out.write(reserved.fill(ClientHandle::new(client.share())).cast()) };
        Ok(())
    })
}

/// Describes the last failure of a function that was called with this handle, on whichever thread: etoauth_last_error
/// for hosts that cannot stay on a thread. Every such function counts, etoauth_client_share, etoauth_exchange_new and
/// etoauth_listener_wait among them, and every failure, such as a NULL argument beside a valid handle.
///
/// A success leaves it as it is, so ask after a failure and before the handle is freed. If two calls with one handle
/// fail at the same time, it is either of the two: use a shared handle for each.
///
/// status: as for etoauth_last_error.
/// buf: as for etoauth_last_error.
/// cap: as for etoauth_last_error.
/// len: as for etoauth_last_error.
///
/// Local. Leaves the thread's last error alone.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_last_error(
    c: *mut etoauth_client,
    status: *mut etoauth_status,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> etoauth_status {
    with_last(c, buf, cap, len, |last, buffer| describe_failure(last, status, buffer))
}

/// Tells what the server said in the failure that etoauth_client_last_error describes.
///
/// http_status: as for etoauth_last_problem.
/// buf: as for etoauth_last_problem.
/// cap: as for etoauth_last_problem.
/// len: as for etoauth_last_problem.
///
/// Local. Leaves the thread's last error alone.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_client_last_problem(
    c: *mut etoauth_client,
    http_status: *mut i32,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> etoauth_status {
    with_last(c, buf, cap, len, |last, buffer| describe_problem(last, http_status, buffer))
}

fn with_last(
    c: *mut etoauth_client,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
    describe: impl FnOnce(Option<&Fault>, &mut Buffer),
) -> etoauth_status {
    enter_keeping_last_error(|thread| {
        try_not_null!(c);
        let mut buffer = Buffer::new(buf, cap, len)?;
        let client = try_object!(thread, c as ClientHandle);
        describe(client.last().as_ref(), &mut buffer);
        Ok(())
    })
}
