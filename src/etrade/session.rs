//! One person's login: the pending request token and the access token, each with its lifetime.

use std::sync::Arc;

use super::lifetime::{IDLE, PENDING, midnight_after};
use super::{Failure, Kind, Token};

/// All times are E*TRADE's.
#[derive(Debug, Default)]
pub struct Session {
    pub(super) pending: Option<Pending>,
    pub(super) access: Option<Access>,
    pub(super) revoked: bool,
    /// Counts renews and replaced tokens: who noted it can tell whether there was one since.
    pub(super) edition: u64,
    /// When an access token was last obtained, set, imported or revoked.
    pub(super) changed_at: i64,
}

#[derive(Debug)]
pub(super) struct Pending {
    pub token: Arc<Token>,
    pub issued_at: i64,
}

#[derive(Debug)]
pub(super) struct Access {
    pub token: Arc<Token>,
    pub issued_at: i64,
    pub used_at: i64,
    pub standing: Standing,
}

/// What the server has said; where it has said nothing, the lifetimes decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    /// It was refused, and a renew may help.
    Refused,
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
                let awake = state == State::Active;
                let inactive_in = if awake { left(access.used_at.saturating_add(IDLE)) } else { 0 };
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

    /// Ends the pending login with its access token.
    pub fn finish_login(&mut self, token: Token, now: i64) {
        self.pending = None;
        self.set_access_token(token, now, now);
    }

    pub fn set_access_token(&mut self, token: Token, issued_at: i64, used_at: i64) {
        self.retire();
        self.edition += 1;
        self.changed_at = used_at;
        self.access = Some(Access { token: Arc::new(token), issued_at, used_at, standing: Standing::Good });
        self.revoked = false;
    }

    pub fn is_pending(&self, request_token: &Arc<Token>) -> bool {
        self.pending.as_ref().is_some_and(|pending| Arc::ptr_eq(&pending.token, request_token))
    }

    pub fn is_current(&self, token: &Arc<Token>) -> bool {
        self.access.as_ref().is_some_and(|access| Arc::ptr_eq(&access.token, token))
    }

    pub fn edition(&self) -> u64 {
        self.edition
    }

    pub fn renewed(&mut self, token: &Arc<Token>, now: i64) {
        self.used(token, now);
        self.edition += 1;
    }

    /// The token works: this ends an inactivity, too.
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

    /// Whether E*TRADE has said that only a login helps.
    pub fn is_dead(&self, token: &Arc<Token>) -> bool {
        let access = self.access.as_ref().filter(|access| Arc::ptr_eq(&access.token, token));
        access.is_some_and(|access| access.standing == Standing::Dead)
    }

    pub fn used_at(&self) -> i64 {
        self.access.as_ref().map_or(0, |access| access.used_at)
    }

    /// E*TRADE refused the token; a renew may help. A word on an old token does no harm to a new one.
    pub fn refused(&mut self, token: &Arc<Token>) {
        let access = self.access.as_mut().filter(|access| Arc::ptr_eq(&access.token, token));
        if let Some(access) = access.filter(|access| access.standing == Standing::Good) {
            access.standing = Standing::Refused;
        }
    }

    pub fn revoked(&mut self, token: &Arc<Token>) {
        if self.is_current(token) {
            self.retire();
            self.edition += 1;
            self.access = None;
            self.revoked = true;
        }
    }

    /// Takes over another's state. A token that is the same stays the same object, so that what was begun with it goes on.
    pub fn adopt(&mut self, mut newer: Session) {
        let keep = |new: &mut Arc<Token>, old: Option<&Arc<Token>>| {
            if let Some(old) = old.filter(|old| old.same_as(new)) {
                *new = old.clone();
            }
        };
        if let Some(pending) = &mut newer.pending {
            keep(&mut pending.token, self.pending.as_ref().map(|pending| &pending.token));
        }
        if let Some(access) = &mut newer.access {
            keep(&mut access.token, self.access.as_ref().map(|access| &access.token));
        }
        if !newer.access.as_ref().is_some_and(|access| self.is_current(&access.token)) {
            self.retire();
        }
        *self = newer;
    }

    /// Brings together this session, which could not be saved, and the one that another process saved meanwhile: of the
    /// access token and of the pending login the later one counts.
    pub fn merge_unsaved(&mut self, mut saved: Session) {
        let begun = |session: &Session| session.pending.as_ref().map_or(i64::MIN, |pending| pending.issued_at);
        let mine = self.pending.take().filter(|pending| pending.issued_at > begun(&saved));
        let pending = mine.filter(|pending| pending.issued_at >= saved.changed_at).or(saved.pending.take());
        let edition = self.edition.max(saved.edition);
        if (saved.changed_at, saved.edition) > (self.changed_at, self.edition) {
            self.adopt(saved);
        }
        self.pending = pending;
        self.edition = edition;
    }

    fn retire(&self) {
        if let Some(access) = &self.access {
            access.token.retire();
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
        } else if self.standing == Standing::Refused || now.saturating_sub(self.used_at) >= IDLE {
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
        assert!(session.is_pending(&session.request_token(NOON + 1).unwrap()));
        session.finish_login(token(), NOON + 1);
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
        assert!(!session.is_pending(&pending), "a login that was replaced");
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
    fn an_adopted_session_keeps_a_token_that_is_the_same() {
        let mut session = Session::default();
        session.set_access_token(token(), NOON, NOON);
        let old = session.access_token().unwrap();
        let mut newer = Session::default();
        newer.set_access_token(token(), NOON, NOON + 9000);
        session.adopt(newer);
        assert!(session.is_current(&old) && !old.is_retired());
        assert_eq!(state(&session, NOON + 9001), State::Active);
        let mut newer = Session::default();
        newer.set_access_token(Token::new("other", "s").unwrap(), NOON, NOON);
        session.adopt(newer);
        assert!(!session.is_current(&old) && old.is_retired());
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
