//! The difference between E*TRADE's clock and this machine's.

use std::sync::atomic::{AtomicI64, Ordering};

use super::Reply;
use super::problem::{Meaning, Problem};

/// What a host may set, in seconds.
const LARGEST_OFFSET: i64 = 24 * 60 * 60;
/// How far what is learned from an answer may lie from what was set: beyond this the clock, or the answer, is wrong.
const LARGEST_LEARNED: i64 = 15 * 60;

/// How far signatures may be stamped ahead of the time after renews, in seconds.
const FURTHEST_AHEAD: i64 = 30;

/// Shared with signers, which read it without a lock.
#[derive(Debug, Default)]
pub struct Clock {
    offset: AtomicI64,
    /// What the host has set: what is learned stays near it.
    set: AtomicI64,
    /// No time before this is given out.
    floor: AtomicI64,
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
            self.set.store(seconds, Ordering::Relaxed);
            self.move_to(seconds);
        }
        believable
    }

    pub fn server_time(&self, local: i64) -> i64 {
        local.saturating_add(self.offset()).max(self.floor.load(Ordering::Relaxed))
    }

    /// A renew ended at `time`: what is signed from now on is stamped later, and so can be told from what was signed
    /// before, within the same second, too. `local` is this machine's time.
    pub fn renewed_at(&self, time: i64, local: i64) {
        let next = time.saturating_add(1);
        // Renews without a pause must not lead far from the time.
        if next <= local.saturating_add(self.offset()).saturating_add(FURTHEST_AHEAD) {
            self.floor.store(next, Ordering::Relaxed);
        }
    }

    fn move_to(&self, offset: i64) {
        self.floor.store(0, Ordering::Relaxed);
        self.offset.store(offset, Ordering::Relaxed);
    }

    /// Learns from a refused timestamp: the middle of the range that it names or, without one, the answer's date. Only
    /// then, since a date alone may be a cache's. `now` is this machine's time.
    pub fn learn(&self, problem: &Problem, reply: &Reply, now: i64) -> bool {
        let Meaning::Timestamp(acceptable) = problem.meaning else {
            return false;
        };
        let server_time = acceptable.or_else(|| date(reply));
        let Some(offset) = server_time.and_then(|time| time.checked_sub(now)) else {
            return false;
        };
        let set = self.set.load(Ordering::Relaxed);
        let near = offset.checked_sub(set).is_some_and(|skew| skew.unsigned_abs() <= LARGEST_LEARNED.unsigned_abs());
        if near {
            self.move_to(offset);
        }
        near
    }
}

/// When the answer was given, by the server's clock.
pub fn date(reply: &Reply) -> Option<i64> {
    read_date(reply.header("Date").next()?)
}

/// An HTTP date (RFC 9110 section 5.6.7).
pub fn read_date(text: &str) -> Option<i64> {
    Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_784_995_200;

    fn learn(headers: &str, body: &str, now: i64) -> Option<i64> {
        let clock = Clock::default();
        let reply = Reply::new(401, headers, body.as_bytes());
        clock.learn(&Problem::read(&reply).unwrap(), &reply, now).then(|| clock.offset())
    }

    #[test]
    fn a_refused_timestamp_teaches() {
        let range = "oauth_problem=timestamp_refused,oauth_acceptable_timestamps=10000-10600";
        let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(learn("", range, 10_900), Some(-600));
        assert_eq!(learn("", range, 10_300 - 900), Some(900));
        assert_eq!(learn(date, "oauth_problem=timestamp_refused", 784_111_700), Some(77));
        assert_eq!(learn(date, range, 10_000), Some(300), "the range is nearer to the truth than the date");
    }

    #[test]
    fn what_teaches_nothing() {
        let range = "oauth_problem=timestamp_refused,oauth_acceptable_timestamps=10000-10600";
        assert_eq!(learn("", range, 10_300 + 901), None);
        assert_eq!(learn("", range, 10_300 - 901), None);
        assert_eq!(learn("", "oauth_problem=timestamp_refused", 5), None);
        assert_eq!(learn("Date: soon", "oauth_problem=timestamp_refused", 5), None);
        assert_eq!(learn("Date: Sun, 06 Nov 1994 08:49:37 GMT", "oauth_problem=nonce_used", 784_111_700), None);
    }
    #[test]
    fn an_offset_of_up_to_a_day_can_be_set() {
        let clock = Clock::default();
        for (seconds, believable) in
            [(86_400, true), (-86_400, true), (86_401, false), (-86_401, false), (i64::MIN, false), (7, true)]
        {
            let before = clock.offset();
            assert_eq!(clock.set_offset(seconds), believable, "{seconds}");
            assert_eq!(clock.offset(), if believable { seconds } else { before });
            assert_eq!(clock.server_time(NOON), NOON + clock.offset());
        }
    }

    #[test]
    fn what_is_learned_stays_near_what_was_set() {
        let clock = Clock::default();
        clock.set_offset(-5000);
        for (middle, learned) in [(5900, true), (5901, false), (4100, true), (4099, false), (10_000, false)] {
            let range = format!("oauth_problem=timestamp_refused,oauth_acceptable_timestamps={middle}-{middle}");
            let reply = Reply::new(401, "", range.as_bytes());
            assert_eq!(clock.learn(&Problem::read(&reply).unwrap(), &reply, 10_000), learned, "{middle}");
            assert_eq!(clock.offset() == middle - 10_000, learned);
        }
    }

    #[test]
    fn after_a_renewal_the_time_goes_on_and_never_far_ahead() {
        let clock = Clock::default();
        clock.renewed_at(1000, 1000);
        assert_eq!([999, 1000, 1001, 1002].map(|local| clock.server_time(local)), [1001, 1001, 1001, 1002]);
        clock.renewed_at(1029, 1000);
        assert_eq!(clock.server_time(1000), 1030);
        clock.renewed_at(1030, 1000);
        assert_eq!(clock.server_time(1000), 1030, "renewals without a pause lead 30 seconds ahead at the most");
        clock.set_offset(5);
        assert_eq!(clock.server_time(1000), 1005, "a new offset counts at once");
    }
}
