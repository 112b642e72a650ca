//! How long tokens live. https://apisb.etrade.com/docs/api/authorization/get_access_token.html

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// A request token waits this long for its verifier.
pub const PENDING: i64 = 5 * 60;
/// An access token that is not used for this long is inactive until renewed.
pub const IDLE: i64 = 2 * 60 * 60;

/// Compiled in, since Windows has no such data.
static NEW_YORK: TimeZone = jiff::tz::get!("America/New_York");

/// The first midnight in New York after a moment: an access token that is issued then dies there.
pub fn midnight_after(moment: i64) -> i64 {
    let next = || {
        let zoned = Timestamp::from_second(moment).ok()?.to_zoned(NEW_YORK.clone());
        Some(zoned.tomorrow().ok()?.start_of_day().ok()?.timestamp().as_second())
    };
    next().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn midnight_in_new_york() {
        for (moment, midnight) in [
            ("2026-01-15T23:59:59-05:00", "2026-01-16T00:00:00-05:00"),
            ("2026-01-16T00:00:00-05:00", "2026-01-17T00:00:00-05:00"),
            ("2026-07-15T09:30:00-04:00", "2026-07-16T00:00:00-04:00"),
            // Clocks go forward: a day of 23 hours, begun in winter time.
            ("2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00"),
            ("2026-03-08T03:00:00-04:00", "2026-03-09T00:00:00-04:00"),
            // Clocks go back: a day of 25 hours.
            ("2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00"),
            ("2026-11-01T01:30:00-05:00", "2026-11-02T00:00:00-05:00"),
            ("2028-02-28T12:00:00-05:00", "2028-02-29T00:00:00-05:00"),
            ("2028-02-29T12:00:00-05:00", "2028-03-01T00:00:00-05:00"),
            ("2060-07-01T12:00:00-04:00", "2060-07-02T00:00:00-04:00"),
        ] {
            assert_eq!(midnight_after(at(moment)), at(midnight), "{moment}");
        }
        assert_eq!(at("2026-03-09T00:00:00-04:00") - at("2026-03-08T00:00:00-05:00"), 23 * 3600);
        assert_eq!(at("2026-11-02T00:00:00-05:00") - at("2026-11-01T00:00:00-04:00"), 25 * 3600);
        assert_eq!(midnight_after(i64::MAX), i64::MAX);
    }
}
