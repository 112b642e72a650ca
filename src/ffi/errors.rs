//! Section 2 of the header: what went wrong.

use std::ffi::c_char;

use super::argument::{Buffer, put};
use super::entry::enter_keeping_last_error;
use super::fault::Fault;
use super::sentence::Sentence;
use super::status::{ETOAUTH_OK, describe, status_of};
use super::types::etoauth_status;

/// The capacity that suffices for the sentence of every failure, its NUL included.
pub const ETOAUTH_ERROR_MAX: usize = 512;

/// This thread's last failure in words: which argument, host or phase, and what to do. Never a secret.
///
/// Every failure sets it and the thread's next call clears it, except for functions named *_free, *_last_*, *_status_*
/// and *version*, and etoauth_live_objects, which leave it alone. A new thread has none; a refused free leaves none.
///
/// status: its status, or ETOAUTH_OK; may be NULL.
/// buf, cap, len: where the sentence goes; "" if nothing failed. It is cut to fit: see rule 4.
///
/// Returns ETOAUTH_E_NULL for a buf that is NULL with a cap above 0.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_last_error(
    status: *mut etoauth_status,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> etoauth_status {
    enter_keeping_last_error(|thread| {
        let mut buffer = Buffer::new(buf, cap, len)?;
        thread.with_last(|last| {
            let sentence = last.map(Sentence::new);
            buffer.fill(sentence.as_ref().map_or("", Sentence::as_str));
            put(status, last.map_or(ETOAUTH_OK, status_of));
        });
        Ok(())
    })
}

/// What the server said in this thread's last failure.
///
/// http_status: the HTTP status of its answer, 0 if none came; may be NULL.
/// buf, cap, len: where its oauth_problem goes, such as token_expired; "" if it gave none. It is cut to fit: see rule 4.
///
/// Returns ETOAUTH_E_NULL for a buf that is NULL with a cap above 0.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_last_problem(
    http_status: *mut i32,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> etoauth_status {
    enter_keeping_last_error(|thread| {
        let mut buffer = Buffer::new(buf, cap, len)?;
        thread.with_last(|last| {
            let (status, problem) = match last {
                Some(Fault::Failure(failure)) => (failure.http_status, failure.problem.as_str()),
                _ => (0, ""),
            };
            buffer.fill(problem);
            put(http_status, i32::from(status));
        });
        Ok(())
    })
}

/// A status's name, such as "ETOAUTH_E_TIMEOUT". Static, never NULL.
///
/// status: "unknown" is the name of one that this version does not know.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_status_name(status: etoauth_status) -> *const c_char {
    describe(status).0.as_ptr().cast()
}

/// A status in one line of English, for any value. Static, never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_status_text(status: etoauth_status) -> *const c_char {
    describe(status).1.as_ptr().cast()
}
