//! The four OAuth calls, over the client's own HTTP.

use std::sync::Arc;

use super::http::Outgoing;
use super::operation::Operation;
use super::store::RenewClaim;
use super::{Client, time};
use crate::etrade::{Call, Context, Exchange, Failure, Kind, Session, State, Step};
use crate::oauth::encode;

/// OAuth replies are a few hundred bytes; error pages a few thousand.
const LARGEST_BODY: usize = 256 * 1024;

impl Client {
    pub fn fetch_request_token(&self) -> Result<(), Failure> {
        self.exchange(Call::RequestToken, None, &self.begin_operation()?)
    }

    pub fn fetch_access_token(&self, verifier: &str) -> Result<(), Failure> {
        self.exchange(Call::AccessToken, Some(verifier), &self.begin_operation()?)
    }

    pub fn revoke_access_token(&self) -> Result<(), Failure> {
        self.exchange(Call::RevokeAccessToken, None, &self.begin_operation()?)
    }

    pub fn renew_access_token(&self) -> Result<(), Failure> {
        let operation = self.begin_operation()?;
        let rounds = self.renewal.rounds();
        self.adopt_newer(&operation)?;
        self.renewal.share(&operation, rounds, || self.renew_once(&operation, None))
    }

    /// Makes sure that the token will be active for some seconds more, by one renew if need be.
    pub fn ensure_active(&self, seconds: u32) -> Result<(), Failure> {
        let operation = self.begin_operation()?;
        let rounds = self.renewal.rounds();
        self.adopt_newer(&operation)?;
        let now = self.server_time()?;
        let (token, edition) = self.store.read(|session| (session.token_state(now), session.edition()));
        match token.state {
            State::Active if token.inactive_in > i64::from(seconds) => Ok(()),
            State::Active | State::Inactive => self.repair(&operation, rounds, edition),
            _ => Err(Failure::new(Kind::Login, "There is no access token that a renew could help: log in.")),
        }
    }

    /// One renew for all that need it, in this process and in those that share the session file. Its failure on the way
    /// says nothing of the token. `rounds` and `edition` were noted when the need arose.
    pub(super) fn repair(&self, operation: &Arc<Operation>, rounds: u64, edition: u64) -> Result<(), Failure> {
        let result = self.renewal.share(operation, rounds, || self.renew_once(operation, Some(edition)));
        result.map_err(|failure| match failure.kind {
            // Of the renew it may be uncertain whether it was carried out; the caller's own request was not.
            _ if operation.is_cancelled() => {
                Failure::new(Kind::Cancelled, "The call was cancelled while the access token was renewed.")
            }
            Kind::Connect | Kind::Tls | Kind::Timeout | Kind::Uncertain | Kind::Http | Kind::Response | Kind::Limit => {
                let sentence =
                    "The access token needs a renew, which failed on the way. Wait, then try again; the token is kept.";
                Failure { kind: Kind::Unavailable, sentence: format!("{sentence} ({})", failure.sentence), ..failure }
            }
            _ => failure,
        })
    }

    /// `edition`: unless the token was renewed or replaced since then.
    fn renew_once(&self, operation: &Arc<Operation>, edition: Option<u64>) -> Result<(), Failure> {
        let needed = |session: &Session| edition.is_none_or(|noted| session.edition() == noted);
        let claim = match self.store.claim_renew(operation, needed)? {
            RenewClaim::Mine(claim) => claim,
            RenewClaim::Needless => {
                self.log.note("Renew Access Token", 0, "", "needless: another process has renewed");
                return Ok(());
            }
        };
        let result = self.exchange(Call::RenewAccessToken, None, operation);
        self.store.give_back(claim, operation);
        // Whatever became of it: the need is gone if the token was renewed or replaced meanwhile.
        if edition.is_some_and(|noted| self.store.read(Session::edition) != noted) { Ok(()) } else { result }
    }

    fn exchange(&self, call: Call, verifier: Option<&str>, operation: &Arc<Operation>) -> Result<(), Failure> {
        if matches!(call, Call::AccessToken | Call::RevokeAccessToken) {
            self.adopt_newer(operation)?;
        }
        let endpoints = self.endpoints();
        let mut exchange = self.store.update(|session| {
            let context = self.context(session)?;
            Exchange::begin(call, verifier, endpoints, &context)
        })?;
        let what = format!("{} {}", call.name(), self.endpoints().oauth_host());
        let mut afresh = false;
        loop {
            let outgoing = Outgoing {
                method: "GET",
                url: exchange.url(),
                authorization: exchange.authorization(),
                headers: &[],
                body: None,
                limit: LARGEST_BODY,
                once_only: call == Call::AccessToken,
                new_connection: afresh,
            };
            let reply = match self.http()?.send(operation, &outgoing) {
                Ok(reply) => reply,
                // Asking again does no harm, but for a verifier, which serves once.
                Err(lost) if lost.dead_connection && !afresh && call != Call::AccessToken => {
                    self.log.note(&what, 0, "", "the kept connection was dead: once more");
                    afresh = true;
                    self.store.update(|session| exchange.sign(&self.context(session)?))?;
                    continue;
                }
                Err(lost) => {
                    let ((), saved) = self.store.change(operation, |session| exchange.abandon(session));
                    self.note_save(saved);
                    let mut failure = lost.failure;
                    if lost.sent && matches!(failure.kind, Kind::Connect | Kind::Cancelled) {
                        failure.kind = Kind::Uncertain;
                    }
                    let failure = Failure { sentence: format!("{}: {}", call.name(), failure.sentence), ..failure };
                    self.log.failed(&what, &failure);
                    return Err(failure);
                }
            };
            let (result, saved) =
                self.store.change(operation, |session| exchange.finish(&reply, &mut self.context(session)?));
            match result {
                Ok(Step::Again) => self.log.note(&what, reply.status, "", "signed anew: once more"),
                Ok(Step::Done) => {
                    self.log.note(&what, reply.status, "", "done");
                    // A login that is not kept would be missed at the next start.
                    if call == Call::AccessToken {
                        return saved;
                    }
                    self.note_save(saved);
                    return Ok(());
                }
                Err(failure) => {
                    self.note_save(saved);
                    self.log.failed(&what, &failure);
                    return Err(failure);
                }
            }
        }
    }

    pub(super) fn context<'a>(&'a self, session: &'a mut Session) -> Result<Context<'a>, Failure> {
        Ok(Context { consumer: &self.store.consumer, session, clock: &self.clock, now: time::now()? })
    }

    /// The page where the person approves. Both values are encoded: a raw `+` in the token fails there at random.
    pub fn authorize_url(&self) -> Result<String, Failure> {
        let now = self.server_time()?;
        let token = self.store.read(|session| session.request_token(now))?;
        let page = self.endpoints().authorize_url;
        Ok(format!("{page}?key={}&token={}", encode(&self.store.consumer.key), encode(&token.value)))
    }
}
