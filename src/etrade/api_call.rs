//! One API call: signed, judged, and repaired where that can do no harm.

use std::sync::Arc;

use super::answer::{Answer, SignedWhen, Verdict};
use super::repairs::{Repair, Repairs};
use super::shared_renew::{Need, SharedRenew};
use super::{
    ApiRequest, Call, Context, Endpoints, Exchange, Failure, Kind, Outcome, Progress, Reply, Session, Signed, Step,
    Token, Unanswered, only_asks,
};
use crate::oauth::{Nonce, Request, Stamp};

pub struct ApiCall {
    request: ApiRequest,
    endpoints: Endpoints,
    repairs: Repairs,
    sends: u32,
    new_connection: bool,
    state: State,
}

enum State {
    /// To be signed and sent.
    Ready,
    /// To be sent, or sent: the answer is awaited.
    Sent(Sent),
    /// Refused for its token: to be sent again after a renew.
    Refused(SharedRenew),
    Over,
}

struct Sent {
    signed: Signed,
    token: Arc<Token>,
    edition: u64,
    ticks: u64,
}

/// A signature that has waited for longer is replaced, in milliseconds.
const STALE: u64 = 60_000;

impl ApiCall {
    pub fn new(request: ApiRequest, endpoints: Endpoints) -> ApiCall {
        let (repairs, state) = (Repairs::default(), State::Ready);
        ApiCall { request, endpoints, repairs, sends: 0, new_connection: false, state }
    }

    /// Whether a response to it has come, or something of it left without one.
    pub fn was_sent(&self) -> bool {
        self.sends > 0
    }

    fn sign(&self, context: &Context) -> Result<Sent, Failure> {
        let token = context.session.usable_token()?;
        let nonce = Nonce::from_system()?;
        let stamp = Stamp { timestamp: context.server_time(), nonce: &nonce };
        let ApiRequest { method, url, form, .. } = &self.request;
        let request = Request::new(method, url, form.as_deref().map(String::as_str));
        let authorization = token.signer(context.consumer).authorization(&request, &stamp)?;
        let signed = Signed { url: url.clone(), authorization, new_connection: self.new_connection };
        Ok(Sent { signed, token, edition: context.session.edition(), ticks: context.ticks })
    }

    /// The call is sent once more after this repair, unless it was made before.
    fn repeat(&mut self, repair: Repair, failure: Failure, why: &'static str) -> Result<Progress, Failure> {
        if !self.repairs.allow(repair) {
            return Err(failure);
        }
        self.state = State::Ready;
        Ok(Progress::More(why))
    }

    fn judge(&mut self, sent: &Sent, reply: Reply, context: &mut Context) -> Result<Progress, Failure> {
        let answer = Answer {
            reply: &reply,
            method: &self.request.method,
            url: &self.request.url,
            token: Some(&sent.token),
            signed: SignedWhen::Edition(sent.edition),
        };
        match answer.judge(&self.endpoints, context) {
            Verdict::Final(advice) => Ok(Progress::Done(Outcome { reply: Some(reply), advice, sends: self.sends })),
            Verdict::Repeat(fault, failure) => self.repeat(fault, failure, "signed again, to be sent once more"),
            Verdict::Renew(failure) => {
                let progress = self.repeat(Repair::Refused, failure, "to be sent once more after a renewal");
                if progress.is_ok() {
                    self.state =
                        State::Refused(SharedRenew::new(Need::Refused, self.endpoints.clone(), context.session));
                }
                progress
            }
            Verdict::Failed(failure, _) => Err(failure),
        }
    }

    /// No complete response came. A request that left is uncertain, whatever ended it.
    fn lose(&mut self, unanswered: Unanswered) -> Result<Progress, Failure> {
        let Unanswered { failure, left, dead_connection, .. } = unanswered;
        let asks = only_asks(&self.request.method);
        if dead_connection && asks && !self.new_connection {
            self.new_connection = true;
            self.state = State::Ready;
            return Ok(Progress::More("the kept connection was dead, to be sent once more"));
        }
        if !left {
            return Err(failure);
        }
        let (kind, advice) = match failure.kind {
            kind @ (Kind::Limit | Kind::Memory) if asks => (kind, ""),
            _ if asks => (Kind::Uncertain, " Nothing was changed: ask again."),
            _ => (Kind::Uncertain, " The request may have been carried out: check before you repeat it."),
        };
        Err(Failure { kind, sentence: failure.sentence + advice, ..failure })
    }
}

impl Call for ApiCall {
    fn next(&mut self, context: &mut Context) -> Result<Step, Failure> {
        if let State::Refused(renew) = &mut self.state {
            match renew.next(context) {
                Ok(Step::Done) => self.state = State::Ready,
                Ok(step) => return Ok(step),
                Err(failure) => {
                    self.state = State::Over;
                    return Err(failure);
                }
            }
        }
        if let State::Sent(sent) = &self.state {
            let fresh = context.ticks.saturating_sub(sent.ticks) < STALE;
            if fresh && context.session.is_current(&sent.token) {
                return Ok(Step::Send(sent.signed.clone()));
            }
        }
        if let State::Over = self.state {
            return Ok(Step::Done);
        }
        match self.sign(context) {
            Ok(sent) => {
                let signed = sent.signed.clone();
                self.state = State::Sent(sent);
                Ok(Step::Send(signed))
            }
            Err(failure) => {
                self.state = State::Over;
                Err(failure)
            }
        }
    }

    fn answered(&mut self, reply: Reply, context: &mut Context) -> Result<Progress, Failure> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Sent(sent) => {
                self.sends += 1;
                self.judge(&sent, reply, context)
            }
            State::Refused(mut renew) => match renew.answered(reply, context) {
                Ok(Progress::More(why)) => {
                    self.state = State::Refused(renew);
                    Ok(Progress::More(why))
                }
                Ok(Progress::Done(_)) => {
                    self.state = State::Ready;
                    Ok(Progress::More("renewed, to be sent once more"))
                }
                Err(failure) => Err(failure),
            },
            State::Ready | State::Over => Err(Exchange::over()),
        }
    }

    fn unanswered(&mut self, unanswered: Unanswered, context: &mut Context) -> Result<Progress, Failure> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Sent(_) => {
                self.sends += u32::from(unanswered.left);
                self.lose(unanswered)
            }
            State::Refused(mut renew) => match renew.unanswered(unanswered, context) {
                Ok(Progress::More(why)) => {
                    self.state = State::Refused(renew);
                    Ok(Progress::More(why))
                }
                Ok(Progress::Done(_)) => {
                    self.state = State::Ready;
                    Ok(Progress::More("renewed meanwhile, to be sent once more"))
                }
                Err(failure) => Err(failure),
            },
            State::Ready | State::Over => Err(Exchange::over()),
        }
    }

    fn give_up(&mut self, session: &mut Session) {
        if let State::Refused(renew) = &mut self.state {
            renew.give_up(session);
        }
    }
}
