//! What a forked child must know: that it is one. (`vfork` and raw `clone` run no handlers.)

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering::Relaxed;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

static PROCESS: AtomicU32 = AtomicU32::new(0);

/// The number of forks that led here. Costs nothing, where asking for the process id costs a system call.
pub fn process() -> u32 {
    PROCESS.load(Relaxed)
}

/// Installs the handlers, once.
#[cfg(unix)]
pub fn watch() {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    if WATCHED.load(Relaxed) || WATCHED.swap(true, SeqCst) {
        return;
    }
    // It fails only for want of memory; then a child is not told apart, as after vfork.
    unsafe { libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child)) };
}

/// Windows has no fork.
#[cfg(not(unix))]
pub fn watch() {}

#[cfg(unix)]
extern "C" fn before() {
    super::string::hold();
}

#[cfg(unix)]
extern "C" fn in_parent() {
    super::string::let_go();
}

#[cfg(unix)]
extern "C" fn in_child() {
    PROCESS.fetch_add(1, SeqCst);
    super::string::let_go();
    super::entry::forget_other_threads();
}
