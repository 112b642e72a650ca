//! The difference between E*TRADE's clock and this machine's.

use std::sync::atomic::{AtomicI64, Ordering};

/// A correction beyond this is no skew but a wrong clock, or a wrong answer.
pub const LARGEST_OFFSET: i64 = 24 * 60 * 60;

/// Shared with signers, which read it without a lock.
#[derive(Debug, Default)]
pub struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// E*TRADE's time minus this machine's, in seconds.
    pub fn offset(&self) -> i64 {
        self.offset.load(Ordering::Relaxed)
    }

    /// False, and unchanged, if the offset is too large to be believed.
    pub fn set_offset(&self, seconds: i64) -> bool {
        let believable = seconds.unsigned_abs() <= LARGEST_OFFSET.unsigned_abs();
        if believable {
            self.offset.store(seconds, Ordering::Relaxed);
        }
        believable
    }

    pub fn server_time(&self, local: i64) -> i64 {
        local.saturating_add(self.offset())
    }
}
