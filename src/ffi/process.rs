//! What a process needs once: the fork handlers, the panic hook and, on Windows, a DLL that stays loaded.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use super::thread;
#[cfg(unix)]
use super::{fork, string};

/// Does it, at a process's first call. No thread waits for another here: one that did could hold the lock that the other
/// wants of the system's loader, and a forked child could find it waiting for a thread that the child does not have.
#[inline]
pub fn prepare() {
    static PREPARED: AtomicBool = AtomicBool::new(false);
    // The flags guard no data, here and below: Relaxed.
    if !PREPARED.load(Relaxed) {
        prepare_once();
        PREPARED.store(true, Relaxed);
    }
}

#[cold]
fn prepare_once() {
    // Threads that come together all pin the DLL, which does no harm, so that none returns before it is pinned.
    #[cfg(windows)]
    super::dll::pin();
    static BEGUN: AtomicBool = AtomicBool::new(false);
    if BEGUN.swap(true, Relaxed) {
        return;
    }
    // It fails only for want of memory; then a child is not told apart, as after vfork.
    #[cfg(unix)]
    unsafe {
        libc::pthread_atfork(Some(before_fork), Some(in_parent), Some(in_child))
    };
    silence_panics();
}

/// A panic is answered with a status; the hook that prints it is for programs, not for a library in a workbook.
fn silence_panics() {
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !thread::is_inside() {
            previous(panic);
        }
    }));
}

#[cfg(unix)]
extern "C" fn before_fork() {
    string::lock_for_fork();
}

#[cfg(unix)]
extern "C" fn in_parent() {
    string::unlock_after_fork();
}

#[cfg(unix)]
extern "C" fn in_child() {
    fork::count();
    crate::client::close_in_forked_child(|descriptor| {
        unsafe { libc::close(descriptor) };
    });
    string::unlock_after_fork();
    thread::forget_others();
}
