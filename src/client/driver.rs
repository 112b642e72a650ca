//! Drives a call to its end: carries out the steps that the call asks for, and reports their results to it. `etrade`
//! decides what may be repeated, who renews and when a login ends.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::claim::Claim;
use super::file_failures::FileTask;
use super::http::{Lost, Outgoing};
use super::lock_wait::LockWait;
use super::operation::Operation;
use super::store::RenewClaim;
use super::{Login, lock, time};
use crate::etrade::{
    Call, Context, Failure, Kind, OAuthCall, Outcome, Progress, Reply, Session, Signed, Step, Unanswered, problem_code,
};

/// What goes out beside the signature.
pub struct Payload<'a> {
    /// The call's name, for the log: no path, since it holds account numbers.
    pub name: &'a str,
    pub method: &'a str,
    pub headers: &'a [(String, String)],
    pub body: Option<&'a [u8]>,
    /// The largest body of a response, in bytes.
    pub limit: usize,
    /// Repeating it may do harm, so it is never sent on a connection that may be dead.
    pub once_only: bool,
    /// The call changes the session, which is saved then. After any other call at most a use is saved.
    pub changes: bool,
}

impl Payload<'_> {
    /// A GET with nothing but a signature, as the OAuth calls are. Their responses have a few hundred bytes, and error
    /// pages a few thousand.
    pub fn bare(name: &str) -> Payload<'_> {
        let limit = 256 * 1024;
        Payload { name, method: "GET", headers: &[], body: None, limit, once_only: false, changes: true }
    }
}

/// A call's end, and whether what it changed could be saved.
pub struct Ended {
    pub outcome: Outcome,
    pub saved: Result<(), Failure>,
}

/// Wakes the calls that wait for another call's renewal.
#[derive(Default)]
pub struct RenewEnds {
    count: Mutex<u64>,
    changed: Condvar,
}

impl RenewEnds {
    pub fn count(&self) -> u64 {
        *lock(&self.count)
    }

    pub fn notify(&self) {
        *lock(&self.count) += 1;
        self.changed.notify_all();
    }

    /// Waits until a renewal ends after `count`, or until the interval has passed.
    fn wait(&self, count: u64, interval: Duration) {
        let guard = lock(&self.count);
        if *guard == count {
            drop(self.changed.wait_timeout(guard, interval).unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// A call that waits for another call's renewal notices after this time that it was cancelled.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

impl Login {
    pub(super) fn drive(
        &self,
        call: &mut dyn Call,
        payload: &Payload,
        operation: &Arc<Operation>,
    ) -> Result<Ended, Failure> {
        let mut drive = Drive { login: self, call, operation, claim: None, claimed: false, saved: Ok(()) };
        let outcome = drive.run(payload)?;
        Ok(Ended { outcome, saved: std::mem::replace(&mut drive.saved, Ok(())) })
    }

    /// Reports an event that changes the session, and saves that.
    pub(super) fn note_change<R>(
        &self,
        wait: LockWait,
        told: impl FnOnce(&mut Session) -> R,
    ) -> (R, Result<(), Failure>) {
        let (result, saved) = self.store.change(wait, told);
        self.note_save(&saved);
        self.renew_ends.notify();
        (result, saved)
    }

    /// Reports an event that is at most a use of the token.
    pub(super) fn note_use<R>(&self, told: impl FnOnce(&mut Session) -> R) -> R {
        let result = self.store.update(told);
        self.store.save_use();
        result
    }

    /// The context of a call that is told something now.
    pub(super) fn context<'a>(&'a self, session: &'a mut Session, now: i64, lead: Duration) -> Context<'a> {
        let ticks = time::ticks();
        let lead_until = ticks.saturating_add(u64::try_from(lead.as_millis()).unwrap_or(u64::MAX));
        Context { consumer: &self.store.consumer, session, clock: &self.clock, now, ticks, lead_until }
    }
}

struct Drive<'a> {
    login: &'a Login,
    call: &'a mut dyn Call,
    operation: &'a Arc<Operation>,
    /// The right to renew among the processes that share a session file.
    claim: Option<Claim>,
    claimed: bool,
    saved: Result<(), Failure>,
}

impl Drive<'_> {
    fn run(&mut self, payload: &Payload) -> Result<Outcome, Failure> {
        let renew = format!("{} {}", OAuthCall::RenewAccessToken.name(), self.login.endpoints().oauth_host());
        let renew = Payload::bare(&renew);
        let mut waiting = None;
        loop {
            let now = time::now()?;
            let (signed, payload) = match self.next(now)? {
                Step::Done => return Ok(Outcome { reply: None, advice: crate::etrade::Advice::None, sends: 0 }),
                Step::Wait => {
                    self.wait(&mut waiting)?;
                    continue;
                }
                Step::Renew { since, .. } if !self.claimed => {
                    self.claim(since)?;
                    continue;
                }
                Step::Renew { signed, .. } => (signed, &renew),
                Step::Send(signed) => {
                    self.release_claim();
                    (signed, payload)
                }
            };
            let (status, code, result) = match self.send(&signed, payload) {
                Ok(reply) => (reply.status, problem_code(&reply), self.answered(reply, payload, now)),
                Err(unanswered) => (0, String::new(), self.unanswered(unanswered, payload, now)),
            };
            let log = &self.login.log;
            match result {
                Ok(Progress::More(why)) => log.note(payload.name, status, &code, why),
                Ok(Progress::Done(outcome)) => {
                    if payload.changes {
                        log.note(payload.name, status, "", "done");
                    } else if status >= 400 {
                        log.note(payload.name, status, &code, "given to the caller");
                    }
                    return Ok(outcome);
                }
                Err(failure) => {
                    log.failed(payload.name, &failure);
                    return Err(failure);
                }
            }
        }
    }

    fn next(&mut self, now: i64) -> Result<Step, Failure> {
        let Drive { login, call, operation, .. } = self;
        login.store.update(|session| call.next(&mut login.context(session, now, operation.remaining() + POLL_INTERVAL)))
    }

    fn send(&self, signed: &Signed, payload: &Payload) -> Result<Reply, Unanswered> {
        let outgoing = Outgoing {
            method: payload.method,
            url: &signed.url,
            authorization: &signed.authorization,
            headers: payload.headers,
            body: payload.body,
            limit: payload.limit,
            once_only: payload.once_only,
            new_connection: signed.new_connection,
        };
        let http = self.login.http().map_err(Lost::from);
        http.and_then(|http| http.send(self.operation, &outgoing)).map_err(|lost| Unanswered {
            given_up: matches!(lost.failure.kind, Kind::Cancelled | Kind::Timeout),
            failure: lost.failure,
            left: lost.sent,
            dead_connection: lost.dead_connection,
        })
    }

    fn answered(&mut self, reply: Reply, payload: &Payload, now: i64) -> Result<Progress, Failure> {
        self.tell(payload.changes, now, |call, context| call.answered(reply, context))
    }

    fn unanswered(&mut self, unanswered: Unanswered, payload: &Payload, now: i64) -> Result<Progress, Failure> {
        self.tell(payload.changes, now, |call, context| call.unanswered(unanswered, context))
    }

    /// Reports an event to the call, and saves what it changed. `now` is when the request was signed: it is used if the
    /// clock has become unusable since, because a response always counts.
    fn tell(
        &mut self,
        changes: bool,
        now: i64,
        event: impl FnOnce(&mut dyn Call, &mut Context) -> Result<Progress, Failure>,
    ) -> Result<Progress, Failure> {
        let Drive { login, call, operation, saved, .. } = self;
        let now = time::now().unwrap_or(now);
        let told = |session: &mut Session| event(*call, &mut login.context(session, now, operation.remaining()));
        if !changes {
            return login.note_use(told);
        }
        let (result, written) = login.note_change(LockWait::to_save(operation), told);
        *saved = written;
        result
    }

    /// Waits while another call of this process is renewing.
    fn wait(&self, waiting: &mut Option<u64>) -> Result<(), Failure> {
        self.operation.check("while another call was renewing the token")?;
        let ends = &self.login.renew_ends;
        if let Some(count) = *waiting {
            ends.wait(count, POLL_INTERVAL.min(self.operation.remaining()));
        }
        *waiting = Some(ends.count());
        Ok(())
    }

    /// Claims the renewal among the processes that share the session file, and waits while another one is renewing.
    fn claim(&mut self, since: Option<u64>) -> Result<(), Failure> {
        self.claimed = true;
        let log = &self.login.log;
        let name = OAuthCall::RenewAccessToken.name();
        match self.login.store.claim_renew(self.operation, since)? {
            RenewClaim::Mine(claim) => {
                self.login.note_file(FileTask::Claim, None);
                self.claim = claim;
            }
            RenewClaim::Unclaimed(why) => self.login.note_file(FileTask::Claim, Some(&why)),
            RenewClaim::Needless => log.note(name, 0, "", "not needed: the token was renewed or replaced meanwhile"),
        }
        Ok(())
    }

    fn release_claim(&mut self) {
        self.claim = None;
        self.claimed = false;
    }
}

/// However the call ends, it gives up its claim and its lead.
impl Drop for Drive<'_> {
    fn drop(&mut self) {
        self.release_claim();
        let Drive { login, call, .. } = self;
        login.store.update(|session| call.give_up(session));
        login.renew_ends.notify();
    }
}
