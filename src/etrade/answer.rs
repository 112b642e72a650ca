//! What an answer to an API call means: the one judgement behind `send`, exchanges and `diagnose`.

use std::sync::Arc;

use super::problem::{Meaning, Problem};
use super::repairs::Repair;
use super::reply::Defect;
use super::retry_after::retry_after;
use super::{Advice, Context, Endpoints, Failure, Kind, Refusal, Reply, Session, State, Token, only_asks};

/// An answer, and what was sent for it.
pub struct Answer<'a> {
    pub reply: &'a Reply,
    pub method: &'a str,
    pub url: &'a str,
    /// The token that the request was signed with; `None` if the client no longer holds it.
    pub token: Option<&'a Arc<Token>>,
    pub signed: SignedWhen,
}

/// When a request was signed: before or after the last renew.
#[derive(Clone, Copy, Debug)]
pub enum SignedWhen {
    /// At this edition of the session.
    Edition(u64),
    /// At this time of E*TRADE's.
    Time(i64),
}

impl SignedWhen {
    fn is_before_the_last_renew(self, session: &Session) -> bool {
        match self {
            SignedWhen::Edition(edition) => edition != session.edition(),
            SignedWhen::Time(time) => time <= session.renewed_at(),
        }
    }
}

#[derive(Debug)]
pub enum Verdict {
    /// It is the call's answer, for the caller to read.
    Final(Advice),
    /// Refused, and not carried out: sign again and send once more, unless this repair was made before.
    Repeat(Repair, Failure),
    /// Refused for its token: the same after a renew.
    Renew(Failure),
    Failed(Failure, Advice),
}

impl Answer<'_> {
    /// Judges, and carries what the answer says about clock, use and token into the session.
    pub fn judge(&self, endpoints: &Endpoints, context: &mut Context) -> Verdict {
        if let Some(failure) = self.unreadable() {
            let advice = if failure.kind == Kind::Uncertain { Advice::Check } else { Advice::Wait };
            return Verdict::Failed(failure, advice);
        }
        let problem = Problem::read(self.reply);
        if let Some(token) = self.token.filter(|_| !problem.as_ref().is_some_and(Problem::is_oauth_failure)) {
            let now = context.server_time();
            context.session.used(token, now);
        }
        match &problem {
            None => Verdict::Final(Advice::None),
            Some(problem) => self.weigh(problem, endpoints, context),
        }
    }

    /// The failure of an answer that can't be read, so that it can't be told whether the request was carried out, or what
    /// became of the token.
    fn unreadable(&self) -> Option<Failure> {
        let refused_in_a_header = || Problem::in_a_header(self.reply).is_some_and(|problem| !problem.code.is_empty());
        let (kind, what) = match self.reply.defect {
            Some(Defect::TooLarge) => (Kind::Limit, "the decoded response is larger than 16 MiB."),
            Some(Defect::Memory) => (Kind::Memory, "there is not enough memory for the decoded response."),
            Some(Defect::Damaged) => (Kind::Response, "the compressed response is damaged or cut short."),
            None if self.reply.status < 400 || self.reply.is_text() || refused_in_a_header() => return None,
            None if only_asks(self.method) && self.reply.status != 401 => return None,
            None => (Kind::Response, "the refusal is not readable text."),
        };
        Some(if only_asks(self.method) {
            self.refusal(None).because(kind, &format!("{what} Ask again."))
        } else {
            let advice = format!("{what} The request may have been carried out: check before you repeat it.");
            self.refusal(None).because(Kind::Uncertain, &advice)
        })
    }

    fn weigh(&self, problem: &Problem, endpoints: &Endpoints, context: &mut Context) -> Verdict {
        let failure = || self.refusal(Some(problem)).failure(problem.meaning, endpoints);
        match problem.meaning {
            Meaning::Token | Meaning::Unauthorized => self.refused(failure(), context),
            Meaning::Timestamp(_) if context.clock.learn(problem, self.reply, context.now) => {
                Verdict::Repeat(Repair::Timestamp, failure())
            }
            Meaning::ParameterAbsent => Verdict::Repeat(Repair::ParameterAbsent, failure()),
            Meaning::NonceUsed if only_asks(self.method) => Verdict::Repeat(Repair::NonceUsed, failure()),
            Meaning::NonceUsed => {
                let advice = "the server has seen this nonce before, so an earlier copy may have been carried out. Check before you repeat it.";
                Verdict::Failed(self.refusal(Some(problem)).because(Kind::Uncertain, advice), Advice::Check)
            }
            Meaning::RateLimit => Verdict::Final(Advice::Wait),
            Meaning::Unavailable if only_asks(self.method) => Verdict::Final(Advice::Wait),
            Meaning::Unavailable => Verdict::Final(Advice::Check),
            Meaning::Other if problem.code.is_empty() => Verdict::Final(Advice::None),
            _ => Verdict::Failed(failure(), Advice::Fix),
        }
    }

    /// The token was refused. Whether it was the present one, and what the last renew brought, tells what to do.
    fn refused(&self, failure: Failure, context: &mut Context) -> Verdict {
        let session = &mut *context.session;
        let Some(token) = self.token.filter(|token| session.is_current(token)) else {
            return Verdict::Repeat(Repair::Overtaken, failure);
        };
        if self.signed.is_before_the_last_renew(session) {
            return Verdict::Repeat(Repair::Overtaken, failure);
        }
        if session.is_over() {
            return Verdict::Failed(failure, Advice::Login);
        }
        let idle = session.token_state(context.clock.server_time(context.now)).state == State::Inactive;
        session.refused(token);
        match session.renewal.refused_again(idle, context.ticks) {
            None => Verdict::Renew(failure),
            Some(instead) if instead.kind == Kind::Login => {
                let sentence = format!("{} {}", failure.sentence, instead.sentence);
                Verdict::Failed(Failure { sentence, ..failure }, Advice::Login)
            }
            Some(instead) => {
                let advice = Advice::about(instead.kind);
                Verdict::Failed(instead, advice)
            }
        }
    }

    fn refusal<'a>(&'a self, problem: Option<&'a Problem>) -> Refusal<'a> {
        Refusal { what: self.method, url: self.url, reply: self.reply, problem }
    }
}

impl Context<'_> {
    /// Notes that a renew has failed, so that the next is not asked for at once.
    pub fn renew_failed(&mut self, failure: &Failure, reply: Option<&Reply>) {
        let wish = reply.and_then(|reply| retry_after(reply, self.clock, self.now));
        self.session.renewal.failed(failure.clone(), wish, self.ticks);
    }
}
