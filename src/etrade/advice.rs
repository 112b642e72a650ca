//! What to do about an answer to an API call: the one judgement behind `send` and `diagnose`.

use std::sync::Arc;

use super::problem::{Meaning, Problem};
use super::session::State;
use super::{Clock, Reply, Session, Token};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    None,
    /// Sign anew and send again.
    Retry,
    /// Renew, then retry.
    Renew,
    Login,
    Wait,
    Fix,
    /// It may have been carried out: look before repeating.
    Check,
}

/// An answer, and what was sent for it.
pub struct Answer<'a> {
    pub reply: &'a Reply,
    pub method: &'a str,
    /// The token that the request was signed with; `None` if the client no longer holds it.
    pub token: Option<&'a Arc<Token>>,
}

#[derive(Debug)]
pub struct Judgement {
    pub advice: Advice,
    pub problem: Option<Problem>,
}

/// GET and HEAD ask; everything else may change something.
pub fn only_asks(method: &str) -> bool {
    method.eq_ignore_ascii_case("GET") || method.eq_ignore_ascii_case("HEAD")
}

impl Answer<'_> {
    /// Judges, and carries what the answer says about clock, use and token into the session. `now` is this machine's.
    pub fn judge(&self, session: &mut Session, clock: &Clock, now: i64) -> Judgement {
        let problem = Problem::read(self.reply);
        let advice = match &problem {
            None => Advice::None,
            Some(problem) => self.advise(problem, session, clock, now),
        };
        if let Some(token) = self.token.filter(|_| !problem.as_ref().is_some_and(Problem::is_oauth_failure)) {
            session.used(token, clock.server_time(now));
        }
        Judgement { advice, problem }
    }

    fn advise(&self, problem: &Problem, session: &mut Session, clock: &Clock, now: i64) -> Advice {
        match problem.meaning {
            Meaning::Token | Meaning::Unauthorized => match self.token.filter(|token| session.is_current(token)) {
                None if session.access_token().is_err() => Advice::Login,
                None => Advice::Retry,
                Some(token) => {
                    session.refused(token);
                    match session.token_state(clock.server_time(now)).state {
                        State::Inactive => Advice::Renew,
                        _ => Advice::Login,
                    }
                }
            },
            Meaning::Timestamp(_) => {
                let learned = clock.learn(problem, self.reply, now);
                if learned { Advice::Retry } else { Advice::Fix }
            }
            Meaning::ParameterAbsent => Advice::Retry,
            Meaning::NonceUsed if only_asks(self.method) => Advice::Retry,
            Meaning::NonceUsed => Advice::Check,
            Meaning::RateLimit => Advice::Wait,
            Meaning::Unavailable if only_asks(self.method) => Advice::Wait,
            Meaning::Unavailable => Advice::Check,
            Meaning::Other if problem.code.is_empty() => Advice::None,
            Meaning::SignatureInvalid
            | Meaning::ConsumerKey
            | Meaning::CallbackRejected
            | Meaning::PermissionDenied
            | Meaning::Other => Advice::Fix,
        }
    }
}

/// The faults that one call has met. Each is repaired once, and no call is sent more than three times.
#[derive(Debug, Default)]
pub struct Repairs {
    repaired: Vec<&'static str>,
}

impl Repairs {
    const MOST: usize = 2;

    /// Whether the call may be sent once more for this fault.
    pub fn allow(&mut self, advice: Advice, problem: &Problem) -> bool {
        let fault = match (advice, problem.meaning) {
            (Advice::Retry, Meaning::Token | Meaning::Unauthorized) => "replaced",
            (Advice::Retry, Meaning::Timestamp(_)) => "timestamp",
            (Advice::Retry, Meaning::ParameterAbsent) => "parameter",
            (Advice::Retry, Meaning::NonceUsed) => "nonce",
            (Advice::Renew, _) => "refused",
            _ => return false,
        };
        let first = !self.repaired.contains(&fault) && self.repaired.len() < Self::MOST;
        if first {
            self.repaired.push(fault);
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_784_995_200; // 2026-07-25 12:00 in New York

    fn session() -> Session {
        let mut session = Session::default();
        session.set_access_token(Token::new("t", "s").unwrap(), NOON, NOON);
        session
    }

    fn advice(method: &str, status: u16, body: &str, at: i64) -> Advice {
        let mut session = session();
        let token = session.access_token().unwrap();
        let reply = Reply::new(status, "", body.as_bytes());
        let answer = Answer { reply: &reply, method, token: Some(&token) };
        answer.judge(&mut session, &Clock::default(), at).advice
    }

    #[test]
    fn every_row() {
        for (method, status, body, expected) in [
            ("GET", 200, "", Advice::None),
            ("GET", 302, "", Advice::None),
            ("GET", 404, "{}", Advice::None),
            ("POST", 400, "{\"Error\":{\"message\":\"Invalid quantity\"}}", Advice::None),
            ("GET", 401, "oauth_problem=signature_invalid", Advice::Fix),
            ("GET", 401, "oauth_problem=consumer_key_rejected", Advice::Fix),
            ("GET", 401, "oauth_problem=token_expired", Advice::Renew),
            ("POST", 400, "oauth_problem=token_rejected", Advice::Renew),
            ("GET", 401, "", Advice::Renew),
            ("POST", 401, "oauth_problem=parameter_absent", Advice::Retry),
            ("GET", 401, "oauth_problem=nonce_used", Advice::Retry),
            ("head", 401, "oauth_problem=nonce_used", Advice::Retry),
            ("POST", 401, "oauth_problem=nonce_used", Advice::Check),
            (
                "POST",
                401,
                &format!("oauth_problem=timestamp_refused,oauth_acceptable_timestamps={NOON}-{NOON}"),
                Advice::Retry,
            ),
            ("POST", 401, "oauth_problem=timestamp_refused,oauth_acceptable_timestamps=1-2", Advice::Fix),
            ("GET", 403, "oauth_problem=permission_denied", Advice::Fix),
            ("GET", 401, "oauth_problem=news", Advice::Fix),
            ("POST", 400, "Number of requests exceeded the rate limit set", Advice::Wait),
            ("POST", 429, "", Advice::Wait),
            ("GET", 503, "", Advice::Wait),
            ("POST", 500, "", Advice::Check),
        ] {
            assert_eq!(advice(method, status, body, NOON + 60), expected, "{method} {status} {body}");
        }
        assert_eq!(advice("GET", 401, "oauth_problem=token_expired", NOON + 12 * 3600), Advice::Login);
    }

    #[test]
    fn use_and_refusal_reach_the_session() {
        let mut session = session();
        let token = session.access_token().unwrap();
        let judge = |session: &mut Session, status, body: &str, at| {
            let reply = Reply::new(status, "", body.as_bytes());
            Answer { reply: &reply, method: "GET", token: Some(&token) }.judge(session, &Clock::default(), at).advice
        };
        judge(&mut session, 500, "", NOON + 7000);
        assert_eq!(session.token_state(NOON + 7300).state, State::Active, "any answer but an OAuth failure is use");
        judge(&mut session, 401, "oauth_problem=token_expired", NOON + 7300);
        assert_eq!(session.token_state(NOON + 7300).state, State::Inactive);
        session.set_access_token(Token::new("new", "s").unwrap(), NOON, NOON + 7400);
        assert_eq!(judge(&mut session, 401, "oauth_problem=token_expired", NOON + 7401), Advice::Retry);
        assert_eq!(
            session.token_state(NOON + 7402).state,
            State::Active,
            "a late refusal of an old token does no harm"
        );
    }

    #[test]
    fn each_fault_once_and_three_sends_at_most() {
        let problem = |meaning| Problem { meaning, code: String::new() };
        let mut repairs = Repairs::default();
        assert!(repairs.allow(Advice::Retry, &problem(Meaning::ParameterAbsent)));
        assert!(!repairs.allow(Advice::Retry, &problem(Meaning::ParameterAbsent)));
        assert!(repairs.allow(Advice::Renew, &problem(Meaning::Token)));
        assert!(!repairs.allow(Advice::Retry, &problem(Meaning::NonceUsed)));
        assert!(!Repairs::default().allow(Advice::Check, &problem(Meaning::NonceUsed)));
    }
}
