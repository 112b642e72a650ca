//! How long a server wants to be left alone: its Retry-After header (RFC 9110 section 10.2.3).

use super::clock::{date, read_date};
use super::{Clock, Reply};

/// In seconds; `None` if there is no such header, if it is past, or if it can't be read. A date is compared with the
/// answer's own Date or, without one, with the corrected clock. `now` is this machine's time.
pub fn retry_after(reply: &Reply, clock: &Clock, now: i64) -> Option<u64> {
    let text = reply.header("Retry-After").next()?.trim();
    let seconds = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().unwrap_or(u64::MAX)
    } else {
        let answered_at = date(reply).unwrap_or_else(|| clock.server_time(now));
        u64::try_from(read_date(text)?.saturating_sub(answered_at)).ok()?
    };
    (seconds > 0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &str, now: i64) -> Option<u64> {
        retry_after(&Reply::new(503, headers, b""), &Clock::default(), now)
    }

    #[test]
    fn both_forms() {
        let date = "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(read("retry-after: 7", 0), Some(7));
        assert_eq!(read("Retry-After: 99999999999999999999", 0), Some(u64::MAX));
        assert_eq!(read(date, 784_111_700), Some(77));
        assert_eq!(read(&format!("{date}\nDate: Sun, 06 Nov 1994 08:49:30 GMT"), 5), Some(7));
        for nothing in
            ["", "Retry-After: 0", "Retry-After: -1", "Retry-After: soon", "Retry-After: 1.5", "Retry-After:"]
        {
            assert_eq!(read(nothing, 0), None, "{nothing}");
        }
        assert_eq!(read(date, 784_111_777), None, "it is past");
    }
}
