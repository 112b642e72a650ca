//! The memory in reserve, which `ffi/memory.rs` hands out where the system has none: a call begins only while there is
//! enough of it to bring the call to its end.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::etrade::{Failure, Kind};

/// In bytes. A call over TLS needs less than half of it.
pub const SIZE: usize = 1 << 20;

static USED: AtomicUsize = AtomicUsize::new(0);

pub fn set_used(bytes: usize) {
    USED.store(bytes, Ordering::Relaxed);
}

pub fn check() -> Result<(), Failure> {
    if USED.load(Ordering::Relaxed) <= SIZE / 2 {
        return Ok(());
    }
    Err(Failure::new(Kind::Memory, "There is not enough memory to begin a call: free some, then try again."))
}
