//! What a process needs once: the fork handlers, the panic hook and, on Windows, a DLL that stays loaded.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use super::thread;
#[cfg(unix)]
use super::{memory, string};
#[cfg(unix)]
use crate::client::fork;

/// Prepares the process at its first call. No thread waits for another here: it might hold the lock of the system's
/// loader that the other one needs, and in a forked child it might wait for a thread that does not exist there.
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
    // Threads that arrive at the same time all pin the DLL, which is harmless: none returns before it is pinned.
    #[cfg(windows)]
    super::dll::pin();
    static BEGUN: AtomicBool = AtomicBool::new(false);
    if BEGUN.swap(true, Relaxed) {
        return;
    }
    // It fails only for lack of memory. A child is then not recognised, as after vfork.
    #[cfg(unix)]
    unsafe {
        libc::pthread_atfork(Some(before_fork), Some(in_parent), Some(in_child))
    };
    silence_panics();
}

/// A panic inside the library becomes a status, so the hook does not print it.
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
    // Last: nothing may be freed into the reserve, or taken from it, by this thread until the fork.
    memory::lock_for_fork();
}

#[cfg(unix)]
extern "C" fn in_parent() {
    memory::unlock_after_fork();
    string::unlock_after_fork();
}

#[cfg(unix)]
extern "C" fn in_child() {
    memory::unlock_after_fork();
    fork::count();
    crate::client::close_in_forked_child(|descriptor| {
        unsafe { libc::close(descriptor) };
    });
    string::unlock_after_fork();
    thread::forget_others();
}
