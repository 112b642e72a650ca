//! One person's login: the pending request token and the access token, each with its lifetime.

use std::sync::Arc;

use super::lifetime::{IDLE, PENDING, midnight_after};
use super::renewal::Renewal;
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
    /// Grows with all that an export should be repeated for; this process's own and not saved.
    pub(super) revision: u64,
    /// When the login was made that was revoked here; not saved.
    pub(super) revoked_login: i64,
    /// Who renews, and when the next renew may be asked for. It is this process's alone and is not saved.
    pub renewal: Renewal,
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
    /// The last renew, 0 if there was none.
    pub renewed_at: i64,
    /// The midnight that follows is the estimated end of the token. It is the time of issue until a renew succeeds
    /// past that midnight.
    pub day: i64,
    pub standing: Standing,
}

/// What the server has said. Where it has said nothing, the lifetimes are an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Good,
    /// An API call was refused; a renew may help.
    Refused,
    /// A renew was refused in plain words: only a login helps.
    Over,
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

/// The state as far as is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenState {
    pub state: State,
    /// Seconds from now, 0 when past or none.
    pub inactive_in: i64,
    pub expires_in: i64,
}

impl Session {
    pub fn token_state(&self, now: i64) -> TokenState {
        let nothing_left = |state| TokenState { state, inactive_in: 0, expires_in: 0 };
        if let Some(access) = self.access.as_ref().filter(|access| access.standing != Standing::Over) {
            let left = |end: i64| end.saturating_sub(now).max(0);
            let expires_in = left(access.estimated_end());
            if expires_in == 0 {
                return nothing_left(State::Inactive);
            }
            let inactive_in =
                if access.standing == Standing::Good { left(access.used_at.saturating_add(IDLE)) } else { 0 };
            let state = if inactive_in > 0 { State::Active } else { State::Inactive };
            return TokenState { state, inactive_in, expires_in };
        }
        match (self.pending(now), &self.access) {
            (Some(pending), _) => {
                let expires_in = pending.issued_at.saturating_add(PENDING).saturating_sub(now).clamp(0, PENDING);
                TokenState { state: State::Pending, inactive_in: 0, expires_in }
            }
            (None, Some(_)) => nothing_left(State::Expired),
            (None, None) if self.revoked => nothing_left(State::Revoked),
            (None, None) => nothing_left(State::None),
        }
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
                "The pending login has expired, since a request token is valid for five minutes. Fetch a new request token.",
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

    /// The access token, unless E*TRADE has said that it is over.
    pub fn usable_token(&self) -> Result<Arc<Token>, Failure> {
        let token = self.access_token()?;
        if self.is_over() { Err(over()) } else { Ok(token) }
    }

    /// Whether E*TRADE has refused, in plain words, to renew the access token.
    pub fn is_over(&self) -> bool {
        self.access.as_ref().is_some_and(|access| access.standing == Standing::Over)
    }

    /// Whether the token is past its estimated end.
    pub fn is_past_midnight(&self, now: i64) -> bool {
        self.access.as_ref().is_some_and(|access| now >= access.estimated_end())
    }

    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn revise(&mut self) {
        self.revision = self.revision.saturating_add(1);
    }

    pub fn begin_login(&mut self, token: Token, now: i64) {
        self.revise();
        self.pending = Some(Pending { token: Arc::new(token), issued_at: now });
    }

    /// Ends the pending login with its access token.
    pub fn finish_login(&mut self, token: Token, now: i64) {
        self.pending = None;
        self.set_access_token(token, now, now);
    }

    pub fn set_access_token(&mut self, token: Token, issued_at: i64, now: i64) {
        self.retire();
        self.revise();
        self.edition = self.edition.saturating_add(1);
        let token = Arc::new(token);
        self.access = Some(Access {
            token,
            issued_at,
            used_at: issued_at,
            renewed_at: 0,
            day: issued_at,
            standing: Standing::Good,
        });
        self.revoked = false;
        self.changed_at = now;
        self.renewal.forget();
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

    pub fn used_at(&self) -> i64 {
        self.access.as_ref().map_or(0, |access| access.used_at)
    }

    /// When the token was last renewed, 0 if it never was.
    pub fn renewed_at(&self) -> i64 {
        self.access.as_ref().map_or(0, |access| access.renewed_at)
    }

    /// E*TRADE renewed the token. Past the estimated midnight this moves the estimate to the next one.
    pub fn renewed(&mut self, token: &Arc<Token>, now: i64) {
        if let Some(access) = self.access.as_mut().filter(|access| Arc::ptr_eq(&access.token, token)) {
            access.used_at = now;
            access.renewed_at = now;
            access.standing = Standing::Good;
            if now >= access.estimated_end() {
                access.day = now;
            }
            self.edition = self.edition.saturating_add(1);
            self.renewal.succeeded();
            self.revise();
        }
    }

    /// The token works: this ends an inactivity, too.
    pub fn used(&mut self, token: &Arc<Token>, now: i64) {
        if let Some(access) = self.access.as_mut().filter(|access| Arc::ptr_eq(&access.token, token)) {
            access.used_at = now;
            access.standing = Standing::Good;
            self.renewal.used();
        }
    }

    /// A renew of the token was refused in plain words.
    pub fn end(&mut self, token: &Arc<Token>) {
        if let Some(access) = self.access.as_mut().filter(|access| Arc::ptr_eq(&access.token, token)) {
            let ends = access.standing != Standing::Over;
            access.standing = Standing::Over;
            if ends {
                self.revise();
            }
        }
    }

    /// An API call was refused for its token; a renew may help. A word on an old token does no harm to a new one.
    pub fn refused(&mut self, token: &Arc<Token>) {
        let access = self.access.as_mut().filter(|access| Arc::ptr_eq(&access.token, token));
        if let Some(access) = access.filter(|access| access.standing == Standing::Good) {
            access.standing = Standing::Refused;
        }
    }

    pub fn revoked(&mut self, token: &Arc<Token>, now: i64) {
        if self.is_current(token) {
            self.retire();
            self.revise();
            self.edition = self.edition.saturating_add(1);
            self.access = None;
            self.revoked = true;
            self.revoked_login = self.changed_at;
            self.changed_at = now;
            self.renewal.forget();
        }
    }

    pub(super) fn retire(&self) {
        if let Some(access) = &self.access {
            access.token.retire();
        }
    }
}

/// The failure of what needs a token when E*TRADE has refused to renew it.
fn over() -> Failure {
    Failure::new(Kind::Login, "E*TRADE refused to renew the access token, so it cannot be used any more. Log in again.")
}

impl Access {
    fn estimated_end(&self) -> i64 {
        midnight_after(self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_784_995_200; // 2026-07-25 12:00 in New York
    const MIDNIGHT: i64 = NOON + 12 * 3600;

    fn token() -> Token {
        Token::new("t", "s").unwrap()
    }

    fn logged_in() -> Session {
        let mut session = Session::default();
        session.set_access_token(token(), NOON, NOON);
        session
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
        assert_eq!(state(&session, MIDNIGHT - 1), State::Inactive);
    }

    #[test]
    fn midnight_is_an_estimate() {
        let mut session = logged_in();
        let token = session.access_token().unwrap();
        session.used(&token, MIDNIGHT - 60);
        assert_eq!(session.token_state(MIDNIGHT - 1).expires_in, 1);
        let past = TokenState { state: State::Inactive, inactive_in: 0, expires_in: 0 };
        assert_eq!(session.token_state(MIDNIGHT), past);
        assert!(session.usable_token().is_ok() && session.is_past_midnight(MIDNIGHT));
        session.renewed(&token, MIDNIGHT + 60);
        let renewed = TokenState { state: State::Active, inactive_in: 7200, expires_in: 86_400 - 60 };
        assert_eq!(session.token_state(MIDNIGHT + 60), renewed);
        assert_eq!(session.token_state(MIDNIGHT + 86_400), past);
    }

    #[test]
    fn a_renew_before_midnight_leaves_the_estimate() {
        let mut session = logged_in();
        session.renewed(&session.access_token().unwrap(), NOON + 3600);
        assert_eq!(session.token_state(NOON + 3600).expires_in, 11 * 3600);
    }

    #[test]
    fn a_pending_login_is_beside_a_live_token() {
        let mut session = logged_in();
        session.begin_login(token(), NOON + 1);
        assert_eq!(state(&session, NOON + 2), State::Active);
        let over = session.access_token().unwrap();
        session.end(&over);
        assert_eq!(state(&session, NOON + 2), State::Pending);
        assert_eq!(session.usable_token().unwrap_err().kind, Kind::Login);
        let pending = session.request_token(NOON + 2).unwrap();
        session.begin_login(token(), NOON + 2);
        assert!(!session.is_pending(&pending), "a login that was replaced");
        assert_eq!(state(&session, NOON + 400), State::Expired);
        session.renewed(&over, NOON + 400);
        assert_eq!(state(&session, NOON + 400), State::Active, "the server's word is the last one");
    }

    #[test]
    fn revoked_and_replaced() {
        let mut session = logged_in();
        let old = session.access_token().unwrap();
        session.set_access_token(token(), NOON, NOON);
        session.revoked(&old, NOON);
        session.end(&old);
        session.refused(&old);
        assert_eq!(state(&session, NOON), State::Active, "a late word on an old token does no harm");
        let new = session.access_token().unwrap();
        session.revoked(&new, NOON);
        assert_eq!(state(&session, NOON), State::Revoked);
        assert_eq!(session.access_token().unwrap_err().kind, Kind::State);
    }

    #[test]
    fn extreme_times_saturate() {
        let mut session = logged_in();
        session.begin_login(token(), NOON);
        assert_eq!(state(&session, NOON - 3600), State::Active);
        assert_eq!(session.token_state(i64::MIN).state, State::Active);
        assert_eq!(session.token_state(i64::MAX).state, State::Inactive);
        for extreme in [i64::MIN, i64::MAX] {
            let mut session = Session::default();
            session.set_access_token(token(), extreme, extreme);
            session.begin_login(token(), extreme);
            for now in [i64::MIN, 0, i64::MAX] {
                session.token_state(now);
                let _ = session.request_token(now);
            }
            session.end(&session.access_token().unwrap());
            for now in [i64::MIN, 0, i64::MAX] {
                session.token_state(now);
            }
        }
    }
    #[test]
    fn a_revision_is_what_an_export_should_be_repeated_for() {
        let mut session = Session::default();
        let mut revised = |change: fn(&mut Session)| {
            let before = session.revision();
            change(&mut session);
            session.revision() - before
        };
        assert_eq!(revised(|session| session.begin_login(token(), NOON)), 1);
        assert_eq!(revised(|session| session.finish_login(token(), NOON)), 1);
        assert_eq!(revised(|session| session.renewed(&session.access_token().unwrap(), NOON)), 1);
        assert_eq!(revised(|session| session.used(&session.access_token().unwrap(), NOON)), 0);
        assert_eq!(revised(|session| session.refused(&session.access_token().unwrap())), 0);
        assert_eq!(revised(|session| session.end(&session.access_token().unwrap())), 1);
        assert_eq!(revised(|session| session.end(&session.access_token().unwrap())), 0, "it had ended");
        assert_eq!(revised(|session| session.revoked(&session.access_token().unwrap(), NOON)), 1);
    }

    #[test]
    fn an_edition_is_a_renewal_or_another_token() {
        let mut session = Session::default();
        assert_eq!((session.edition(), session.used_at(), session.renewed_at()), (0, 0, 0));
        session.begin_login(token(), NOON);
        assert_eq!(session.edition(), 0);
        session.finish_login(token(), NOON);
        assert_eq!((session.edition(), session.used_at(), session.renewed_at()), (1, NOON, 0));
        let old = session.access_token().unwrap();
        session.used(&old, NOON + 5);
        assert_eq!((session.edition(), session.used_at(), session.renewed_at()), (1, NOON + 5, 0));
        session.renewed(&old, NOON + 9);
        assert_eq!((session.edition(), session.used_at(), session.renewed_at()), (2, NOON + 9, NOON + 9));
        session.set_access_token(token(), NOON, NOON);
        assert!(session.edition() == 3 && old.is_retired());
        let new = session.access_token().unwrap();
        session.revoked(&new, NOON);
        assert!(session.edition() == 4 && new.is_retired());
    }

    #[test]
    fn what_is_missing_is_named() {
        let mut session = Session::default();
        let why = |failure: Failure| (failure.kind, failure.sentence);
        assert!(why(session.access_token().unwrap_err()).1.contains("There is no access token"));
        assert!(why(session.request_token(NOON).unwrap_err()).1.contains("No login is pending"));
        session.begin_login(token(), NOON);
        assert!(session.request_token(NOON + 299).is_ok());
        let (kind, sentence) = why(session.request_token(NOON + 300).unwrap_err());
        assert!(kind == Kind::State && sentence.contains("has expired"), "{sentence}");
        session.finish_login(token(), NOON);
        assert!(!session.is_past_midnight(MIDNIGHT - 1) && session.is_past_midnight(MIDNIGHT));
        session.revoked(&session.access_token().unwrap(), NOON);
        assert!(why(session.access_token().unwrap_err()).1.contains("was revoked"));
        assert!(!session.is_past_midnight(MIDNIGHT) && !session.is_over());
    }
}
