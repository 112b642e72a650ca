//! Helper threads, for blocking work that nothing can interrupt. They may outlive the call that began them.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{io, thread};

use super::lock;
use super::operation::{Interrupted, Operation};

/// A cancel is noticed at the latest after this long.
const GLANCE: Duration = Duration::from_millis(50);

/// Enough for whatever the system's name lookup loads. Without a size, the standard library would read the environment for
/// one.
const STACK: usize = 2 << 20;

/// Runs work on a thread of its own, and waits for its result until the current operation's deadline or a cancel ends the
/// wait.
pub fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Interrupted> {
    let operation = Operation::current().ok_or(Interrupted::Lost)?;
    let results = Results::default();
    results.start(work).map_err(|_| Interrupted::NoThread)?;
    results.wait(&operation, Duration::MAX)
}

/// What helper threads send back. A channel of std's would do as well, but it leaves memory behind in the host's thread,
/// of which valgrind says that it may be lost.
pub struct Results<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    arrived: VecDeque<T>,
    under_way: usize,
}

impl<T> Default for Results<T> {
    fn default() -> Results<T> {
        let state = State { arrived: VecDeque::new(), under_way: 0 };
        Results(Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() }))
    }
}

impl<T: Send + 'static> Results<T> {
    /// Begins work on a thread of its own.
    pub fn start(&self, work: impl FnOnce() -> T + Send + 'static) -> io::Result<()> {
        #[cfg(unix)]
        let _blocked = BlockedSignals::new();
        let turn = Turn::new(self.0.clone());
        let name = "etoauth".to_owned();
        thread::Builder::new().name(name).stack_size(STACK).spawn(move || turn.end(work())).map(drop)
    }

    /// The next result. `Lost` if there will be none.
    pub fn wait(&self, operation: &Operation, timeout: Duration) -> Result<T, Interrupted> {
        let end = Instant::now() + timeout.min(operation.remaining());
        let mut state = lock(&self.0.state);
        loop {
            if operation.is_cancelled() {
                return Err(Interrupted::Cancelled);
            }
            if let Some(result) = state.arrived.pop_front() {
                return Ok(result);
            }
            if state.under_way == 0 {
                return Err(Interrupted::Lost);
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Interrupted::TimedOut);
            }
            let waited = self.0.changed.wait_timeout(state, left.min(GLANCE));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// A thread's work, which ends with a result, with a panic, or before it began.
struct Turn<T>(Arc<Shared<T>>);

impl<T> Turn<T> {
    fn new(shared: Arc<Shared<T>>) -> Turn<T> {
        lock(&shared.state).under_way += 1;
        Turn(shared)
    }

    fn end(self, result: T) {
        lock(&self.0.state).arrived.push_back(result);
    }
}

impl<T> Drop for Turn<T> {
    fn drop(&mut self) {
        lock(&self.0.state).under_way -= 1;
        self.0.changed.notify_one();
    }
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
            // It fails only for arguments that are wrong.
            let _ = before.thread_set_mask();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helper_that_panics_is_not_waited_for() {
        let operation = Arc::new(Operation::new(Duration::from_secs(600)));
        assert_eq!(operation.run(|| run(|| -> u8 { panic!("on purpose") })), Err(Interrupted::Lost));
        assert_eq!(operation.run(|| run(|| 1)), Ok(1));
    }
}
