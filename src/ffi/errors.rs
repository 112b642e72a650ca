//! Section 2 of the header: what went wrong.

use std::ffi::c_char;

use super::argument::{Buffer, put};
use super::entry::enter_keeping_last_error;
use super::fault::Fault;
use super::send::number_of;
use super::sentence::Sentence;
use super::status::{ETOAUTH_OK, advice_about, describe, status_of};
use super::types::etoauth_status;

/// The size of a buffer that holds every sentence of etoauth_last_error, its NUL included.
pub const ETOAUTH_ERROR_MAX: usize = 512;

/// Describes this thread's last failure: which argument, host, file or phase, and what to do. It never contains a
/// secret.
///
/// Every failure sets it, and the thread's next call clears it. Functions named *_free, *_last_*, *_status_* and
/// *version*, and etoauth_live_objects, leave it alone. A new thread has none, and a free that was refused leaves none.
///
/// status: the status of that failure, or ETOAUTH_OK if there is none; may be NULL.
/// buf: receives the sentence, or "" if nothing failed; may be NULL if cap is 0. See rule 4: text that does not fit is
/// truncated.
/// cap: the size of buf in bytes; ETOAUTH_ERROR_MAX is always large enough.
/// len: the length of the complete sentence; may be NULL.
///
/// Returns ETOAUTH_E_NULL if buf is NULL and cap is not 0.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_last_error(
    status: *mut etoauth_status,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> etoauth_status {
    enter_keeping_last_error(|thread| {
        let mut buffer = Buffer::new(buf, cap, len)?;
        thread.with_last(|last| describe_failure(last, status, &mut buffer));
        Ok(())
    })
}

/// Tells what the server said in this thread's last failure.
///
/// http_status: the HTTP status of its response, or 0 if none came; may be NULL.
/// buf: receives its oauth_problem, such as token_expired, or "" if there is none; may be NULL if cap is 0. See rule
/// 4: text that does not fit is truncated.
/// cap: the size of buf in bytes.
/// len: the length of the complete text; may be NULL.
///
/// Returns ETOAUTH_E_NULL if buf is NULL and cap is not 0.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_last_problem(
    http_status: *mut i32,
    buf: *mut c_char,
    cap: usize,
    len: *mut usize,
) -> etoauth_status {
    enter_keeping_last_error(|thread| {
        let mut buffer = Buffer::new(buf, cap, len)?;
        thread.with_last(|last| describe_problem(last, http_status, &mut buffer));
        Ok(())
    })
}

pub(super) fn describe_failure(last: Option<&Fault>, status: *mut etoauth_status, buffer: &mut Buffer) {
    let sentence = last.map(Sentence::new);
    buffer.fill(sentence.as_ref().map_or("", Sentence::as_str));
    put(status, last.map_or(ETOAUTH_OK, status_of));
}

pub(super) fn describe_problem(last: Option<&Fault>, http_status: *mut i32, buffer: &mut Buffer) {
    let (status, problem) = match last {
        Some(Fault::Failure(failure)) => (failure.http_status, failure.problem.as_str()),
        _ => (0, ""),
    };
    buffer.fill(problem);
    put(http_status, i32::from(status));
}

/// Gives the name of a status, such as "ETOAUTH_E_TIMEOUT". The text is static and never NULL.
///
/// status: any value; the name of one that this version does not know is "unknown".
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_status_name(status: etoauth_status) -> *const c_char {
    describe(status).0.as_ptr().cast()
}

/// Tells what to do about a status, as an ETOAUTH_ADVICE_ value. ETOAUTH_ADVICE_CHECK means for a GET or HEAD: ask
/// again.
///
/// status: any value. It is ETOAUTH_ADVICE_CHECK for one that this version does not know.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_status_advice(status: etoauth_status) -> i32 {
    number_of(advice_about(status))
}

/// Gives one line of English about a status. The text is static and never NULL.
///
/// status: any value.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_status_text(status: etoauth_status) -> *const c_char {
    describe(status).1.as_ptr().cast()
}
