//! Tells a forked child from its parent. (`vfork` and raw `clone` run no handlers.)

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;

static PROCESS: AtomicU32 = AtomicU32::new(0);

/// The number of forks that led here. Reading it costs nothing, while asking for the process id costs a system call.
pub fn process() -> u32 {
    PROCESS.load(Relaxed)
}

/// Called in each forked child, by its only thread.
#[cfg(unix)]
pub fn count() {
    PROCESS.fetch_add(1, Relaxed);
}
