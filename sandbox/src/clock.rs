//! The sandbox's clock, which can be moved, and New York's midnight.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::{DateTime, Time};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

static NEW_YORK: TimeZone = jiff::tz::get!("America/New_York");

/// The clock stays inside the years that a `Date` header can write, with room for lifetimes.
const LATEST: i64 = 250_000_000_000;

/// A clock that runs at an offset from the machine's.
#[derive(Debug, Default)]
pub struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        machine_now() + self.offset()
    }

    pub fn offset(&self) -> i64 {
        self.offset.load(Ordering::SeqCst)
    }

    /// Sets the offset against the machine's clock; refuses times that no date can express.
    pub fn set_offset(&self, offset: i64) -> Result<(), String> {
        match machine_now().checked_add(offset) {
            Some(0..=LATEST) => {
                self.offset.store(offset, Ordering::SeqCst);
                Ok(())
            }
            _ => Err("the clock would leave the years from 1970 to 9892".to_owned()),
        }
    }

    /// Moves the clock on from where it is.
    pub fn advance(&self, seconds: i64) -> Result<(), String> {
        self.set_offset(self.offset().saturating_add(seconds))
    }

    /// Sets the clock so that now is `at`.
    pub fn set(&self, at: i64) -> Result<(), String> {
        self.set_offset(at.saturating_sub(machine_now()))
    }
}

/// The first instant of the day of `now` in New York.
pub fn start_of_day(now: i64) -> i64 {
    let today = timestamp(now).to_zoned(NEW_YORK.clone()).start_of_day();
    today.expect("the day has begun").timestamp().as_second()
}

/// Reads a moment: seconds since 1970, a word, a time of day in New York, or a date and time, in New York unless it
/// says its offset.
pub fn moment(text: &str, now: i64) -> Result<i64, String> {
    let here = timestamp(now).to_zoned(NEW_YORK.clone());
    if text == "midnight" {
        return Ok(next_midnight(now));
    }
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant.as_second());
    }
    // A time is also read from a text with a date, so the date comes first.
    let local = text.parse::<DateTime>();
    let local = local.or_else(|_| text.parse::<Time>().map(|time| here.date().to_datetime(time)));
    let zoned = local.ok().and_then(|local| local.to_zoned(NEW_YORK.clone()).ok());
    zoned.map(|zoned| zoned.timestamp().as_second()).ok_or_else(|| {
        format!("{text} is neither midnight, nor a time like 23:59, 2026-03-08T01:59 or 2026-03-08T06:59Z, nor seconds")
    })
}

fn machine_now() -> i64 {
    Timestamp::now().as_second()
}

/// The first instant of the day that follows `now` in New York.
pub fn next_midnight(now: i64) -> i64 {
    new_york(now)
        .checked_add(1.day())
        .and_then(|tomorrow| tomorrow.start_of_day())
        .expect("the clock's range leaves room for a day")
        .timestamp()
        .as_second()
}

/// `now` as New York's clocks show it.
pub fn new_york(now: i64) -> Zoned {
    timestamp(now).to_zoned(NEW_YORK.clone())
}

/// The time of day in New York.
pub fn new_york_time(at: i64) -> String {
    new_york(at).strftime("%H:%M:%S").to_string()
}

/// `now` as a `Date` header writes it.
pub fn http_date(now: i64) -> String {
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&timestamp(now))
        .expect("the clock's range is the range of dates")
}

fn timestamp(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds.clamp(0, LATEST)).expect("the range fits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn midnight_is_new_yorks() {
        let cases = [
            // Winter and summer.
            ("2026-01-15T12:00:00Z", "2026-01-16T05:00:00Z"),
            ("2026-07-15T12:00:00Z", "2026-07-16T04:00:00Z"),
            // 23:59:59 and 00:00:00 local.
            ("2026-01-16T04:59:59Z", "2026-01-16T05:00:00Z"),
            ("2026-01-16T05:00:00Z", "2026-01-17T05:00:00Z"),
            // The day of 23 hours, from its first and its last second.
            ("2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
            ("2026-03-09T03:59:59Z", "2026-03-09T04:00:00Z"),
            // The day of 25 hours.
            ("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
            ("2026-11-02T04:59:59Z", "2026-11-02T05:00:00Z"),
            // The day before each, issued at the hour that the change skips or repeats.
            ("2026-03-07T07:30:00Z", "2026-03-08T05:00:00Z"),
            ("2026-10-31T05:30:00Z", "2026-11-01T04:00:00Z"),
            // A leap day.
            ("2028-02-29T12:00:00Z", "2028-03-01T05:00:00Z"),
        ];
        for (now, midnight) in cases {
            assert_eq!(next_midnight(utc(now)), utc(midnight), "{now}");
            assert_eq!(start_of_day(utc(midnight)), utc(midnight));
            assert_eq!(next_midnight(start_of_day(utc(now))), utc(midnight), "{now}");
        }
    }

    #[test]
    fn the_clock_moves() {
        let clock = Clock::default();
        clock.set(1_000_000_000).unwrap();
        assert!((1_000_000_000..1_000_000_002).contains(&clock.now()));
        clock.advance(-10).unwrap();
        assert!((999_999_990..999_999_992).contains(&clock.now()));
        clock.set_offset(0).unwrap();
        assert_eq!(clock.offset(), 0);
    }

    #[test]
    fn the_clock_refuses_what_no_date_expresses() {
        let clock = Clock::default();
        for wrong in [i64::MIN, i64::MAX, -10_000_000_000] {
            assert!(clock.set_offset(wrong).is_err());
            assert!(clock.advance(wrong).is_err());
        }
        assert!(clock.set(-1).is_err());
        assert_eq!(clock.offset(), 0);
    }

    #[test]
    fn moments_are_read() {
        // 10:00 on a day in winter in New York.
        let now = utc("2026-01-15T15:00:00Z");
        for (text, expected) in [
            ("0", "1970-01-01T00:00:00Z"),
            ("midnight", "2026-01-16T05:00:00Z"),
            ("23:59", "2026-01-16T04:59:00Z"),
            ("00:00:01", "2026-01-15T05:00:01Z"),
            ("2026-07-01", "2026-07-01T04:00:00Z"),
            ("2026-07-01T12:30", "2026-07-01T16:30:00Z"),
            ("2026-07-01T12:30:00Z", "2026-07-01T12:30:00Z"),
            ("2026-07-01T12:30:00-07:00", "2026-07-01T19:30:00Z"),
            // In the hour that the change skips.
            ("2026-03-08T02:30", "2026-03-08T07:30:00Z"),
        ] {
            assert_eq!(moment(text, now), Ok(utc(expected)), "{text}");
        }
        for text in ["", "noon", "25:00", "2026-02-30", "1.5"] {
            assert!(moment(text, now).is_err(), "{text}");
        }
    }

    #[test]
    fn times_of_day_are_new_yorks() {
        assert_eq!(new_york_time(utc("2026-01-15T05:00:00Z")), "00:00:00");
        assert_eq!(new_york_time(utc("2026-07-15T17:09:08Z")), "13:09:08");
    }

    #[test]
    fn dates_are_http_dates() {
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
