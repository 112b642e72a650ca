//! The clock that signatures are stamped by.

use super::fault::Fault;

/// Seconds since 1970. time(2) reads them without a system call, in an eighth of the time that a clock with nanoseconds
/// takes.
#[cfg(all(unix, target_pointer_width = "64"))]
pub fn now() -> Result<i64, Fault> {
    match unsafe { libc::time(std::ptr::null_mut()) } {
        seconds if seconds > 0 => Ok(seconds),
        _ => Err(Fault::Clock),
    }
}

/// Windows has no such call, and 32 bits of seconds end in 2038.
#[cfg(not(all(unix, target_pointer_width = "64")))]
pub fn now() -> Result<i64, Fault> {
    crate::client::time::now().map_err(|_| Fault::Clock)
}
