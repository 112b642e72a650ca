//! Helper threads, for blocking work that nothing can interrupt. They may outlive the call that began them.

use std::sync::mpsc::{self, Sender};
use std::time::Duration;
use std::{io, thread};

use super::operation::{Interrupted, Operation};

/// Runs work on a thread of its own, and waits for its result until the limit, the current operation's deadline or a
/// cancel ends the wait.
pub fn run<T: Send + 'static>(
    limit: Option<Duration>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Interrupted> {
    let operation = Operation::current().ok_or(Interrupted::Lost)?;
    let (sender, receiver) = mpsc::channel();
    start(sender, work).map_err(|_| Interrupted::NoThread)?;
    operation.wait_for(&receiver, limit.unwrap_or(Duration::MAX))
}

/// Begins work on a thread of its own, which sends the result. Nobody may be left to receive it.
pub fn start<T: Send + 'static>(sender: Sender<T>, work: impl FnOnce() -> T + Send + 'static) -> io::Result<()> {
    #[cfg(unix)]
    let _blocked = BlockedSignals::new();
    thread::Builder::new().name("etoauth".to_owned()).spawn(move || sender.send(work())).map(drop)
}

/// Blocks all signals of this thread until it is dropped. A thread inherits the mask of the one that creates it, so no
/// signal handler of the host ever runs on a helper thread.
#[cfg(unix)]
struct BlockedSignals(Option<nix::sys::signal::SigSet>);

#[cfg(unix)]
impl BlockedSignals {
    fn new() -> BlockedSignals {
        use nix::sys::signal::{SigSet, SigmaskHow};
        BlockedSignals(SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK).ok())
    }
}

#[cfg(unix)]
impl Drop for BlockedSignals {
    fn drop(&mut self) {
        if let Some(before) = self.0 {
            // It fails only for a mask that is none.
            let _ = before.thread_set_mask();
        }
    }
}
