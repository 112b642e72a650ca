//! Drives a call to its end: does what the call says is to be done, and tells it what came of it. What may be repeated,
//! who renews and when a login ends is decided in `etrade`.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::claim::Claim;
use super::http::{Lost, Outgoing};
use super::operation::Operation;
use super::patience::Patience;
use super::store::RenewClaim;
use super::{Client, lock, time};
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
    /// The largest body of an answer, in bytes.
    pub limit: usize,
    /// A repetition does harm: then it goes out on no connection that may be dead.
    pub once_only: bool,
    /// The call changes the session, which is saved then; else at most a use is.
    pub changes: bool,
}

impl Payload<'_> {
    /// A GET with nothing but a signature, as the OAuth calls are. Their answers are a few hundred bytes, error pages a few
    /// thousand.
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

/// Tells those who wait for another's renew that one has ended.
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

    /// Waits for a renew to end after `count`, or for a moment.
    fn wait(&self, count: u64, moment: Duration) {
        let guard = lock(&self.count);
        if *guard == count {
            drop(self.changed.wait_timeout(guard, moment).unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// A cancel is noticed after this long by those who wait for another's renew.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

impl Client {
    pub(super) fn drive(
        &self,
        call: &mut dyn Call,
        payload: &Payload,
        operation: &Arc<Operation>,
    ) -> Result<Ended, Failure> {
        let mut drive = Drive { client: self, call, operation, claim: None, claimed: false, saved: Ok(()) };
        let outcome = drive.run(payload)?;
        Ok(Ended { outcome, saved: std::mem::replace(&mut drive.saved, Ok(())) })
    }

    /// The surroundings of a call that is told something now.
    pub(super) fn context<'a>(&'a self, session: &'a mut Session, now: i64, lead: Duration) -> Context<'a> {
        let ticks = time::ticks();
        let lead_until = ticks.saturating_add(u64::try_from(lead.as_millis()).unwrap_or(u64::MAX));
        Context { consumer: &self.store.consumer, session, clock: &self.clock, now, ticks, lead_until }
    }
}

struct Drive<'a> {
    client: &'a Client,
    call: &'a mut dyn Call,
    operation: &'a Arc<Operation>,
    /// The right to renew, among the processes that share a session file.
    claim: Option<Claim>,
    claimed: bool,
    saved: Result<(), Failure>,
}

impl Drive<'_> {
    fn run(&mut self, payload: &Payload) -> Result<Outcome, Failure> {
        let renew = format!("{} {}", OAuthCall::RenewAccessToken.name(), self.client.endpoints().oauth_host());
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
                    self.give_back();
                    (signed, payload)
                }
            };
            let (status, code, result) = match self.send(&signed, payload) {
                Ok(reply) => (reply.status, problem_code(&reply), self.answered(reply, payload, now)),
                Err(unanswered) => (0, String::new(), self.unanswered(unanswered, payload, now)),
            };
            let log = &self.client.log;
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
        let Drive { client, call, operation, .. } = self;
        client
            .store
            .update(|session| call.next(&mut client.context(session, now, operation.remaining() + POLL_INTERVAL)))
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
        let http = self.client.http().map_err(Lost::from);
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

    /// Tells the call what came, and saves what that changed. `now` is when the request was signed, if the clock has become
    /// unusable since: an answer always counts.
    fn tell(
        &mut self,
        changes: bool,
        now: i64,
        event: impl FnOnce(&mut dyn Call, &mut Context) -> Result<Progress, Failure>,
    ) -> Result<Progress, Failure> {
        let Drive { client, call, operation, saved, .. } = self;
        let now = time::now().unwrap_or(now);
        let told = |session: &mut Session| event(*call, &mut client.context(session, now, operation.remaining()));
        if !changes {
            let result = client.store.update(told);
            client.store.save_use();
            return result;
        }
        let (result, written) = client.store.change(Patience::to_save(operation), told);
        client.note_save(&written);
        *saved = written;
        client.renew_ends.notify();
        result
    }

    /// Another call of this process renews.
    fn wait(&self, waiting: &mut Option<u64>) -> Result<(), Failure> {
        if self.operation.is_cancelled() {
            return Err(Failure::new(Kind::Cancelled, "The call was cancelled while another call renewed the token."));
        }
        if self.operation.remaining().is_zero() {
            return Err(Failure::new(Kind::Timeout, "Another call's renew took longer than the time-out."));
        }
        let ends = &self.client.renew_ends;
        if let Some(count) = *waiting {
            ends.wait(count, POLL_INTERVAL.min(self.operation.remaining()));
        }
        *waiting = Some(ends.count());
        Ok(())
    }

    /// Claims the renew among the processes that share the session file, waiting while another one has it.
    fn claim(&mut self, since: Option<u64>) -> Result<(), Failure> {
        self.claimed = true;
        let log = &self.client.log;
        let name = OAuthCall::RenewAccessToken.name();
        match self.client.store.claim_renew(self.operation, since)? {
            RenewClaim::Mine(claim) => self.claim = claim,
            RenewClaim::Unclaimed(why) => log.failed(name, &why),
            RenewClaim::Needless | RenewClaim::Theirs => log.note(name, 0, "", "needless: another process has renewed"),
        }
        Ok(())
    }

    fn give_back(&mut self) {
        self.claim = None;
        self.claimed = false;
    }
}

/// However the call ends, what it holds for others is given back.
impl Drop for Drive<'_> {
    fn drop(&mut self) {
        self.give_back();
        let Drive { client, call, .. } = self;
        client.store.update(|session| call.give_up(session));
        client.renew_ends.notify();
    }
}
