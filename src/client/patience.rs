//! How long to wait for a lock that another process holds. A stopped process may hold it for ever.

use std::thread::sleep;
use std::time::{Duration, Instant};

use super::operation::Operation;

pub struct Patience<'a> {
    end: Instant,
    operation: Option<&'a Operation>,
}

/// Others hold the lock while they write a file and sync it.
const ENOUGH: Duration = Duration::from_secs(1);
/// Functions without a network are expected to be quick.
const LOCAL: Duration = Duration::from_millis(300);
/// What was learned is worth saving even when the call's time is up or it was cancelled.
const LEAST: Duration = Duration::from_millis(100);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(2);

impl<'a> Patience<'a> {
    pub fn local() -> Patience<'static> {
        Patience { end: Instant::now() + LOCAL, operation: None }
    }

    /// To save what a call has learned.
    pub fn to_save(operation: &'a Operation) -> Patience<'a> {
        if operation.is_over() {
            Patience { end: Instant::now() + LEAST, operation: None }
        } else {
            Patience::within(operation)
        }
    }

    /// To claim what the call goes on to do. Most of its time is left for that.
    pub fn within(operation: &'a Operation) -> Patience<'a> {
        Patience { end: Instant::now() + (operation.remaining() / 4).min(ENOUGH), operation: Some(operation) }
    }

    /// Sleeps for a moment; false when it is time to give up.
    pub fn wait(&self) -> bool {
        let left = self.end.saturating_duration_since(Instant::now());
        if left.is_zero() || self.operation.is_some_and(Operation::is_cancelled) {
            return false;
        }
        sleep(left.min(PAUSE));
        true
    }
}
