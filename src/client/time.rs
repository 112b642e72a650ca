//! This machine's clock.

use std::sync::OnceLock;
#[cfg(unix)]
use std::time::Duration;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::etrade::{Failure, Kind};

pub const UNUSABLE: &str = "This machine's clock stands before 1970. Set it.";

/// Seconds since 1970.
pub fn now() -> Result<i64, Failure> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    let seconds = since.and_then(|since| i64::try_from(since.as_secs()).ok()).filter(|&seconds| seconds > 0);
    seconds.ok_or_else(|| Failure::new(Kind::Clock, UNUSABLE))
}

/// Milliseconds of a clock that is never set.
pub fn ticks() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX)
}
/// The time since this machine was started, or since some other moment of its run. It counts sleep, which `Instant` does
/// not, and is never set.
#[cfg(unix)]
pub fn since_boot() -> Duration {
    use nix::time::ClockId;
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const COUNTS_SLEEP: ClockId = ClockId::CLOCK_BOOTTIME;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const COUNTS_SLEEP: ClockId = ClockId::CLOCK_MONOTONIC;
    COUNTS_SLEEP.now().map(Duration::from).unwrap_or_default()
}

#[cfg(windows)]
pub use super::windows::since_boot;
