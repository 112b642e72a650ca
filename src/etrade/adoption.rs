//! How a session takes over another one: from a file that another process wrote, or from the host.

use std::sync::Arc;

use super::{Session, Token};

impl Session {
    /// Takes over another's state. A token that is the same stays the same object, so that what was begun with it goes on.
    pub fn adopt(&mut self, newer: Session) {
        self.take_over(|session| session.replace(newer));
    }

    fn replace(&mut self, mut newer: Session) {
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
        newer.renewal = std::mem::take(&mut self.renewal);
        if !newer.access.as_ref().is_some_and(|access| self.is_current(&access.token)) {
            self.retire();
            newer.renewal.forget();
        } else if newer.edition > self.edition {
            // Another process renewed the token.
            newer.renewal.succeeded();
        }
        *self = newer;
    }

    /// Takes over a session that the host brings, as a change of this moment.
    pub fn import(&mut self, session: Session, now: i64) {
        let same = session
            .access
            .as_ref()
            .is_some_and(|new| self.access.as_ref().is_some_and(|old| old.token.same_as(&new.token)));
        let changed_at = if same { self.changed_at } else { now };
        let edition = self.edition.max(session.edition).saturating_add(u64::from(!same));
        self.adopt(session);
        self.changed_at = changed_at;
        self.edition = edition;
    }

    /// Brings together this session, which could not be saved, and the one that another process saved meanwhile: of the
    /// access token and of the pending login the later one counts.
    pub fn merge_unsaved(&mut self, saved: Session) {
        self.take_over(|session| session.merge(saved));
    }

    fn merge(&mut self, mut saved: Session) {
        let begun = |session: &Session| session.pending.as_ref().map_or(i64::MIN, |pending| pending.issued_at);
        // A login that another process finished is pending no more.
        let mine = self.pending.take().filter(|pending| pending.issued_at > begun(&saved));
        let pending = mine.filter(|pending| pending.issued_at >= saved.changed_at).or(saved.pending.take());
        let edition = self.edition.max(saved.edition);
        let later = if self.revoked && saved.access.is_some() {
            // A revoke ends the login that it was meant for, and no later one.
            saved.changed_at > self.revoked_login
        } else {
            (saved.changed_at, saved.edition) > (self.changed_at, self.edition)
        };
        if later {
            self.replace(saved);
        } else if let (Some(mine), Some(theirs)) = (&mut self.access, &saved.access) {
            if mine.token.same_as(&theirs.token) {
                mine.used_at = mine.used_at.max(theirs.used_at);
            }
        }
        self.pending = pending;
        self.edition = edition;
    }

    /// Takes something over, which is a revision only if the tokens or their ending differ after it.
    fn take_over(&mut self, change: impl FnOnce(&mut Session)) {
        let held = |session: &Session| {
            let pending = session.pending.as_ref().map(|pending| pending.token.clone());
            (pending, session.access.as_ref().map(|access| access.token.clone()), session.is_over(), session.revoked)
        };
        let same = |one: &Option<Arc<Token>>, other: &Option<Arc<Token>>| match (one, other) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        };
        let (before, revision) = (held(self), self.revision);
        change(self);
        self.revision = revision;
        let after = held(self);
        if !same(&before.0, &after.0) || !same(&before.1, &after.1) || (before.2, before.3) != (after.2, after.3) {
            self.revise();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::session::State;
    use super::*;

    const NOON: i64 = 1_784_995_200; // 2026-07-25 12:00 in New York

    fn login(name: &str, at: i64) -> Session {
        let mut session = Session::default();
        session.set_access_token(Token::new(name, "s").unwrap(), NOON, at);
        session
    }

    fn token() -> Token {
        Token::new("t", "s").unwrap()
    }

    fn state(session: &Session, now: i64) -> State {
        session.token_state(now).state
    }

    #[test]
    fn an_adopted_session_keeps_a_token_that_is_the_same() {
        let mut session = login("t", NOON);
        let old = session.access_token().unwrap();
        let mut newer = login("t", NOON);
        newer.used(&newer.access_token().unwrap(), NOON + 9000);
        session.adopt(newer);
        assert!(session.is_current(&old) && !old.is_retired());
        assert_eq!(state(&session, NOON + 9001), State::Active);
        session.adopt(login("other", NOON));
        assert!(!session.is_current(&old) && old.is_retired());
    }

    fn name(session: &Session) -> String {
        session.access_token().map(|token| token.value.to_string()).unwrap_or_default()
    }

    #[test]
    fn an_adopted_renewal_ends_this_processs_own_need_of_one() {
        for (renewed, rounds) in [(true, 1), (false, 0)] {
            let mut session = login("t", NOON);
            let mut newer = login("t", NOON);
            if renewed {
                newer.renewed(&newer.access_token().unwrap(), NOON + 5);
            }
            session.adopt(newer);
            assert_eq!(session.renewal.rounds(), rounds);
        }
        let mut newer = login("t", NOON);
        newer.renewed(&newer.access_token().unwrap(), NOON + 5);
        newer.adopt(login("t", NOON));
        assert_eq!(newer.renewal.rounds(), 1, "an older one ends nothing");
    }

    #[test]
    fn an_imported_session_is_a_change_of_this_moment_if_its_token_is_another() {
        let mut session = login("t", NOON);
        session.import(login("t", NOON + 5), NOON + 50);
        assert_eq!((session.changed_at, session.edition()), (NOON, 1));
        session.import(login("other", NOON + 5), NOON + 50);
        assert_eq!((name(&session).as_str(), session.changed_at, session.edition()), ("other", NOON + 50, 2));
        session.import(Session::default(), NOON + 60);
        assert!(session.access_token().is_err());
        assert_eq!((session.changed_at, session.edition()), (NOON + 60, 3));
    }

    #[test]
    fn only_a_change_of_tokens_or_of_their_end_is_a_revision() {
        let held = || {
            let mut session = login("t", NOON);
            session.begin_login(token(), NOON);
            session
        };
        let with = |change: fn(&mut Session)| {
            let mut session = held();
            change(&mut session);
            session
        };
        for (newer, revised) in [
            (held(), false),
            (with(|newer| newer.used(&newer.access_token().unwrap(), NOON + 9)), false),
            (with(|newer| newer.begin_login(Token::new("another", "s").unwrap(), NOON)), true),
            (with(|newer| newer.pending = None), true),
            (with(|newer| newer.access = Some(login("another", NOON).access.unwrap())), true),
            (with(|newer| newer.end(&newer.access_token().unwrap())), true),
            (with(|newer| newer.revoked(&newer.access_token().unwrap(), NOON)), true),
        ] {
            let mut session = held();
            let before = session.revision();
            session.adopt(newer);
            assert_eq!(session.revision() - before, u64::from(revised));
        }
        let mut empty = Session::default();
        empty.adopt(Session::default());
        assert_eq!(empty.revision(), 0);
    }

    #[test]
    fn of_two_logins_begun_at_once_the_saved_one_stays_and_of_equal_sessions_mine() {
        let begun = |name: &str| {
            let mut session = Session::default();
            session.begin_login(Token::new(name, "s").unwrap(), NOON);
            session
        };
        let mut mine = begun("mine");
        mine.merge_unsaved(begun("saved"));
        assert_eq!(&*mine.request_token(NOON).unwrap().value, "saved");
        let mut mine = login("mine", NOON);
        mine.merge_unsaved(login("saved", NOON));
        assert_eq!(name(&mine), "mine");
        let mut mine = login("mine", NOON);
        mine.revoked(&mine.access_token().unwrap(), NOON + 40);
        mine.merge_unsaved(login("saved", NOON));
        assert_eq!(name(&mine), "", "a revocation counts for a login of the same second");
    }

    #[test]
    fn an_unsaved_login_outlives_an_older_file() {
        let mut saved = login("old", NOON);
        saved.renewed(&saved.access_token().unwrap(), NOON + 20);
        saved.begin_login(token(), NOON + 15);
        let mut mine = login("mine", NOON + 10);
        mine.merge_unsaved(saved);
        assert_eq!(name(&mine), "mine");
        assert!(mine.request_token(NOON + 16).is_ok());
        mine.merge_unsaved(login("later", NOON + 30));
        assert_eq!(name(&mine), "later");
        let mut revoked = login("old", NOON);
        revoked.revoked(&revoked.access_token().unwrap(), NOON + 40);
        revoked.merge_unsaved(login("old", NOON));
        assert_eq!(state(&revoked, NOON + 41), State::Revoked);
        revoked.merge_unsaved(login("another", NOON + 30));
        assert_eq!(name(&revoked), "another", "it was not meant by the revoke");
        let mut begun = login("same", NOON);
        begun.begin_login(token(), NOON + 50);
        let mut saved = login("same", NOON);
        saved.renewed(&saved.access_token().unwrap(), NOON + 45);
        begun.merge_unsaved(saved);
        assert!(begun.request_token(NOON + 51).is_ok() && begun.renewed_at() == NOON + 45);
    }
}
