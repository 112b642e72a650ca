//! One renew for the many threads that need one at the same time.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::lock;
use super::operation::Operation;
use crate::etrade::{Failure, Kind};

#[derive(Default)]
pub struct Renewal {
    gate: Mutex<Gate>,
    changed: Condvar,
}

struct Gate {
    running: bool,
    /// How many renews have ended, and how the last one did.
    rounds: u64,
    last: Result<(), Failure>,
}

impl Default for Gate {
    fn default() -> Gate {
        Gate { running: false, rounds: 0, last: Ok(()) }
    }
}

impl Renewal {
    /// To be noted when a request is signed: a renew that ends after that is good for its repair.
    pub fn rounds(&self) -> u64 {
        lock(&self.gate).rounds
    }

    /// Renews, or shares the result, failure included, of a renew that others began or have ended since `rounds`.
    pub fn share(
        &self,
        operation: &Operation,
        rounds: u64,
        renew: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut gate = lock(&self.gate);
        loop {
            if gate.rounds > rounds {
                return gate.last.clone();
            }
            if !gate.running {
                break;
            }
            let glance = operation.remaining().min(Duration::from_millis(50));
            gate = self.changed.wait_timeout(gate, glance).unwrap_or_else(PoisonError::into_inner).0;
            if operation.is_cancelled() {
                return Err(Failure::new(Kind::Cancelled, "The call was cancelled while another thread renewed."));
            }
            if operation.remaining().is_zero() && gate.rounds <= rounds {
                return Err(Failure::new(Kind::Overdue, "Another thread's renew took longer than the time-out."));
            }
        }
        gate.running = true;
        drop(gate);
        let mut turn = Turn { renewal: self, result: Err(Failure::new(Kind::Unavailable, "The renew broke off.")) };
        turn.result = renew();
        turn.result.clone()
    }
}

/// Ends the round, even if the renew panics: no one waits for ever.
struct Turn<'a> {
    renewal: &'a Renewal,
    result: Result<(), Failure>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut gate = lock(&self.renewal.gate);
        gate.running = false;
        gate.rounds += 1;
        gate.last = self.result.clone();
        self.renewal.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn count(threads: usize, result: fn() -> Result<(), Failure>) -> usize {
        let (renewal, renews, together) = (Renewal::default(), AtomicUsize::new(0), Barrier::new(threads));
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let operation = Operation::new(Duration::from_secs(30));
                    let rounds = renewal.rounds();
                    together.wait();
                    let shared = renewal.share(&operation, rounds, || {
                        renews.fetch_add(1, Ordering::SeqCst);
                        result()
                    });
                    assert_eq!(shared.map_err(|f| f.kind), result().map_err(|f| f.kind));
                });
            }
        });
        renews.into_inner()
    }

    #[test]
    fn many_threads_one_renew() {
        assert_eq!(count(16, || Ok(())), 1);
        assert_eq!(count(16, || Err(Failure::new(Kind::Unavailable, ""))), 1);
    }

    #[test]
    fn a_waiting_thread_can_be_cancelled_and_timed_out() {
        let (renewal, inside, leave) = (Renewal::default(), Barrier::new(2), Barrier::new(2));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                renewal.share(&Operation::new(Duration::from_secs(30)), 0, || {
                    inside.wait();
                    leave.wait();
                    Ok(())
                })
            });
            inside.wait();
            let wait = |operation: &Operation| renewal.share(operation, 0, || Ok(())).unwrap_err().kind;
            assert_eq!(wait(&Operation::new(Duration::from_millis(1))), Kind::Overdue);
            let cancelled = Operation::new(Duration::from_secs(30));
            cancelled.cancel();
            assert_eq!(wait(&cancelled), Kind::Cancelled);
            leave.wait();
        });
    }
}
