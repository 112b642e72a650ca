//! How long a call waits for an advisory lock that others hold. A stopped process may hold it for ever.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::operation::Operation;

pub struct LockWait<'a> {
    end: Instant,
    operation: Option<&'a Operation>,
}

/// Others hold the lock while they write a file and sync it, which takes less than this.
const LONGEST: Duration = Duration::from_secs(1);
/// Functions that don't use the network are expected to be quick.
const LOCAL: Duration = Duration::from_millis(300);
/// What was learned is worth saving even if the call has timed out or was cancelled.
const SHORTEST: Duration = Duration::from_millis(100);
const POLL_INTERVAL: Duration = Duration::from_millis(2);

impl<'a> LockWait<'a> {
    pub fn local() -> LockWait<'static> {
        LockWait { end: Instant::now() + LOCAL, operation: None }
    }

    /// For hosts with an event loop, whose thread must not wait.
    pub fn none() -> LockWait<'static> {
        LockWait { end: Instant::now(), operation: None }
    }

    /// For saving what a call has learned.
    pub fn to_save(operation: &'a Operation) -> LockWait<'a> {
        if operation.is_over() {
            LockWait { end: Instant::now() + SHORTEST, operation: None }
        } else {
            LockWait::within(operation)
        }
    }

    /// For claiming what the call does next. Most of the call's time is left for that.
    pub fn within(operation: &'a Operation) -> LockWait<'a> {
        LockWait { end: Instant::now() + (operation.remaining() / 4).min(LONGEST), operation: Some(operation) }
    }

    /// Sleeps until the lock is worth another try. False when it is time to give up.
    pub fn pause(&self) -> bool {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() || self.operation.is_some_and(Operation::is_cancelled) {
            return false;
        }
        sleep(left.min(POLL_INTERVAL));
        true
    }
}
