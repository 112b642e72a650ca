//! One person's login: the pending request token and the access token, each with its lifetime.

use std::sync::Arc;

use super::lifetime::{IDLE, PENDING, midnight_after};
use super::{Failure, Kind, Token};

/// All times are E*TRADE's.
#[derive(Debug, Default)]
pub struct Session {
    pending: Option<Pending>,
    access: Option<Access>,
    revoked: bool,
}

#[derive(Debug)]
struct Pending {
    token: Arc<Token>,
    issued_at: i64,
}

#[derive(Debug)]
struct Access {
    token: Arc<Token>,
    issued_at: i64,
    used_at: i64,
    standing: Standing,
}

/// What the server has said; where it has said nothing, the lifetimes decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Good,
    /// Only a login helps.
    Dead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    None,
    Pending,
    Active,
    Inactive,
    Expired,
    Revoked,
}

/// The local estimate; the server's word wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenState {
    pub state: State,
    /// Seconds from now, 0 when past or none.
    pub inactive_in: i64,
    pub expires_in: i64,
}

impl Session {
    pub fn token_state(&self, now: i64) -> TokenState {
        if let Some(access) = &self.access {
            let state = access.state(now);
            if state != State::Expired {
                let left = |end: i64| end.saturating_sub(now).max(0);
                let inactive_in = left(access.used_at.saturating_add(IDLE));
                return TokenState { state, inactive_in, expires_in: left(access.expires_at()) };
            }
        }
        let state = match (self.pending(now), &self.access) {
            (Some(_), _) => State::Pending,
            (None, Some(_)) => State::Expired,
            (None, None) if self.revoked => State::Revoked,
            (None, None) => State::None,
        };
        let expires_in = self.pending(now).map_or(0, |pending| pending.issued_at + PENDING - now);
        TokenState { state, inactive_in: 0, expires_in }
    }

    fn pending(&self, now: i64) -> Option<&Pending> {
        self.pending.as_ref().filter(|pending| now.saturating_sub(pending.issued_at) < PENDING)
    }

    /// The request token of the pending login.
    pub fn request_token(&self, now: i64) -> Result<Arc<Token>, Failure> {
        match (self.pending(now), &self.pending) {
            (Some(pending), _) => Ok(pending.token.clone()),
            (None, Some(_)) => Err(Failure::new(
                Kind::State,
                "The pending login is over: E*TRADE keeps a request token for five minutes. Fetch a new request token.",
            )),
            (None, None) => Err(Failure::new(Kind::State, "No login is pending: fetch a request token first.")),
        }
    }

    /// The access token, in whatever state it is.
    pub fn access_token(&self) -> Result<Arc<Token>, Failure> {
        self.access.as_ref().map(|access| access.token.clone()).ok_or_else(|| {
            let why = if self.revoked { "The access token was revoked" } else { "There is no access token" };
            Failure::new(Kind::State, format!("{why}: log in, or set one."))
        })
    }

    /// The access token, if E*TRADE may still know it.
    pub fn renewable_token(&self, now: i64) -> Result<Arc<Token>, Failure> {
        let token = self.access_token()?;
        if self.access.as_ref().is_some_and(|access| access.state(now) == State::Expired) {
            return Err(Failure::new(
                Kind::Login,
                "The access token is over, and nothing renews it: tokens end at midnight in New York, or earlier by E*TRADE's word. Log in again.",
            ));
        }
        Ok(token)
    }

    pub fn begin_login(&mut self, token: Token, now: i64) {
        self.pending = Some(Pending { token: Arc::new(token), issued_at: now });
    }

    /// Ends the pending login with its access token. False, and nothing is changed, if another login took its place.
    pub fn finish_login(&mut self, request_token: &Arc<Token>, token: Token, now: i64) -> bool {
        let same = self.pending.as_ref().is_some_and(|pending| Arc::ptr_eq(&pending.token, request_token));
        if same {
            self.pending = None;
            self.set_access_token(token, now, now);
        }
        same
    }

    pub fn set_access_token(&mut self, token: Token, issued_at: i64, used_at: i64) {
        self.access = Some(Access { token: Arc::new(token), issued_at, used_at, standing: Standing::Good });
        self.revoked = false;
    }

    pub fn is_current(&self, token: &Arc<Token>) -> bool {
        self.access.as_ref().is_some_and(|access| Arc::ptr_eq(&access.token, token))
    }

    /// The token was renewed or used.
    pub fn used(&mut self, token: &Arc<Token>, now: i64) {
        if let Some(access) = self.access.as_mut().filter(|access| Arc::ptr_eq(&access.token, token)) {
            access.used_at = now;
            access.standing = Standing::Good;
        }
    }

    /// E*TRADE will not renew the token.
    pub fn needs_login(&mut self, token: &Arc<Token>) {
        if let Some(access) = self.access.as_mut().filter(|access| Arc::ptr_eq(&access.token, token)) {
            access.standing = Standing::Dead;
        }
    }

    pub fn revoked(&mut self, token: &Arc<Token>) {
        if self.is_current(token) {
            self.access = None;
            self.revoked = true;
        }
    }
}

impl Access {
    fn expires_at(&self) -> i64 {
        midnight_after(self.issued_at)
    }

    fn state(&self, now: i64) -> State {
        if self.standing == Standing::Dead || now >= self.expires_at() {
            State::Expired
        } else if now.saturating_sub(self.used_at) >= IDLE {
            State::Inactive
        } else {
            State::Active
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_784_995_200; // 2026-07-25 12:00 in New York

    fn token() -> Token {
        Token::new("t", "s").unwrap()
    }

    fn state(session: &Session, now: i64) -> State {
        session.token_state(now).state
    }

    #[test]
    fn a_day() {
        let mut session = Session::default();
        assert_eq!(session.token_state(NOON), TokenState { state: State::None, inactive_in: 0, expires_in: 0 });
        session.begin_login(token(), NOON);
        assert_eq!(
            session.token_state(NOON + 10),
            TokenState { state: State::Pending, inactive_in: 0, expires_in: 290 }
        );
        assert_eq!(state(&session, NOON + 299), State::Pending);
        assert_eq!(state(&session, NOON + 300), State::None);
        let request_token = session.request_token(NOON + 1).unwrap();
        assert!(session.finish_login(&request_token, token(), NOON + 1));
        let expected = TokenState { state: State::Active, inactive_in: 7199, expires_in: 12 * 3600 - 2 };
        assert_eq!(session.token_state(NOON + 2), expected);
        assert_eq!(state(&session, NOON + 7200), State::Active);
        assert_eq!(state(&session, NOON + 7201), State::Inactive);
        let access_token = session.access_token().unwrap();
        session.used(&access_token, NOON + 7300);
        assert_eq!(state(&session, NOON + 7301), State::Active);
        assert_eq!(state(&session, NOON + 12 * 3600 - 1), State::Inactive);
        assert_eq!(state(&session, NOON + 12 * 3600), State::Expired);
        assert_eq!(session.renewable_token(NOON + 12 * 3600).unwrap_err().kind, Kind::Login);
        assert!(session.access_token().is_ok());
    }

    #[test]
    fn a_pending_login_stands_beside_a_live_token() {
        let mut session = Session::default();
        session.set_access_token(token(), NOON, NOON);
        session.begin_login(token(), NOON + 1);
        assert_eq!(state(&session, NOON + 2), State::Active);
        let dead = session.access_token().unwrap();
        session.needs_login(&dead);
        assert_eq!(state(&session, NOON + 2), State::Pending);
        let pending = session.request_token(NOON + 2).unwrap();
        session.begin_login(token(), NOON + 2);
        assert!(!session.finish_login(&pending, token(), NOON + 3), "a login that was replaced");
        assert_eq!(state(&session, NOON + 400), State::Expired);
    }

    #[test]
    fn revoked_and_replaced() {
        let mut session = Session::default();
        session.set_access_token(token(), NOON, NOON);
        let old = session.access_token().unwrap();
        session.set_access_token(token(), NOON, NOON);
        session.revoked(&old);
        session.needs_login(&old);
        assert_eq!(state(&session, NOON), State::Active, "a late word on an old token does no harm");
        let new = session.access_token().unwrap();
        session.revoked(&new);
        assert_eq!(state(&session, NOON), State::Revoked);
        assert_eq!(session.access_token().unwrap_err().kind, Kind::State);
    }

    #[test]
    fn a_clock_that_jumps_backwards() {
        let mut session = Session::default();
        session.set_access_token(token(), NOON, NOON);
        session.begin_login(token(), NOON);
        assert_eq!(state(&session, NOON - 3600), State::Active);
        assert_eq!(session.token_state(i64::MIN).state, State::Active);
        assert_eq!(session.token_state(i64::MAX).state, State::Expired);
    }
}
