//! The last events of a client, for a host that wants to know later what happened.

use std::collections::VecDeque;
use std::sync::Mutex;

use jiff::Timestamp;

use super::lock;
use crate::etrade::Failure;

const MOST: usize = 64;

/// One line for each event, the oldest first. It contains hosts, calls and codes, and never a secret.
#[derive(Default)]
pub struct Log(Mutex<VecDeque<String>>);

impl Log {
    /// `what` is the call and its host. The HTTP status and the problem are the server's, and `action` is what was
    /// done.
    pub fn note(&self, what: &str, http_status: u16, problem: &str, action: &str) {
        let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        let status = if http_status == 0 { "-".to_owned() } else { http_status.to_string() };
        let problem = if problem.is_empty() { "-" } else { problem };
        let mut lines = lock(&self.0);
        if lines.len() == MOST {
            lines.pop_front();
        }
        lines.push_back(format!("{time} {what} {status} {problem} {action}"));
    }

    pub fn failed(&self, what: &str, failure: &Failure) {
        self.note(what, failure.http_status, &failure.problem, &format!("failed: {}", failure.sentence));
    }

    pub fn drain(&self) -> String {
        lock(&self.0).drain(..).map(|line| line + "\n").collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_are_kept_and_drained_once() {
        let log = Log::default();
        for number in 0..70 {
            log.note("GET host", 401, "", &number.to_string());
        }
        let text = log.drain();
        assert_eq!(text.lines().count(), 64);
        assert!(text.lines().next().unwrap().ends_with(" GET host 401 - 6"));
        assert!(text.ends_with(" 69\n"));
        assert_eq!(log.drain(), "");
    }
}
