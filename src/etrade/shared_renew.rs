//! A renew that all who need one share: one of them leads, the others wait for its end.

use super::renewal::Turn;
use super::{
    Call, Context, Endpoints, Exchange, Failure, Kind, OAuthCall, Progress, Reply, Session, State, Step, Unanswered,
};

pub struct SharedRenew {
    need: Need,
    endpoints: Endpoints,
    /// Noted when the need arose: a renew that ends after that satisfies it.
    edition: u64,
    rounds: u64,
    /// The renewal that this call leads, and the number of its lead; or one whose lead ran out and whose response may
    /// still come.
    led: Option<(u64, Exchange)>,
}

/// Why a renew is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The caller says so.
    Always,
    /// The token should be active for so many seconds more.
    ActiveFor(u32),
    /// A request was refused that was signed with the present token.
    Refused,
}

impl SharedRenew {
    pub fn new(need: Need, endpoints: Endpoints, session: &Session) -> SharedRenew {
        let (edition, rounds) = (session.edition(), session.renewal.rounds());
        SharedRenew { need, endpoints, edition, rounds, led: None }
    }

    /// Whether the need is gone, because the token was renewed or replaced meanwhile.
    fn is_satisfied(&self, session: &Session) -> bool {
        self.need != Need::Always && session.edition() != self.edition
    }

    /// Whether the token is active for long enough anyway. A failure if no renew could help.
    fn is_needless(&self, context: &Context) -> Result<bool, Failure> {
        let Need::ActiveFor(seconds) = self.need else {
            return Ok(false);
        };
        let token = context.session.token_state(context.server_time());
        match token.state {
            State::Active => Ok(token.inactive_in > i64::from(seconds)),
            State::Inactive => Ok(false),
            _ => Err(Failure::new(Kind::Login, "There is no access token that can be renewed: log in.")),
        }
    }

    fn leave(&mut self, session: &mut Session) {
        if let Some((number, _)) = self.led.take() {
            session.renewal.leave(number);
        }
    }

    /// What a failed renew means for the call that wanted it.
    fn failed(&mut self, failure: Failure, context: &mut Context) -> Result<Progress, Failure> {
        self.leave(context.session);
        if self.is_satisfied(context.session) {
            return Ok(Progress::done());
        }
        Err(match failure.kind {
            // Of the renew it may be unknown whether it was carried out; what needed it was not.
            Kind::Uncertain | Kind::Cancelled if self.need != Need::Always => Failure {
                kind: Kind::Cancelled,
                sentence: "The call was cancelled while the access token was being renewed.".to_owned(),
                ..failure
            },
            _ => failure,
        })
    }
}

impl Call for SharedRenew {
    fn next(&mut self, context: &mut Context) -> Result<Step, Failure> {
        if self.is_satisfied(context.session) {
            self.leave(context.session);
            return Ok(Step::Done);
        }
        let since = (self.need != Need::Always).then_some(self.edition);
        if let Some((number, renew)) = self.led.as_mut().filter(|(number, _)| context.session.renewal.leads(*number)) {
            let number = *number;
            return match renew.next(context) {
                Ok(Step::Send(signed)) => Ok(Step::Renew { signed, since }),
                Ok(step) => Ok(step),
                Err(failure) => {
                    context.session.renewal.leave(number);
                    Err(failure)
                }
            };
        }
        if self.is_needless(context)? {
            return Ok(Step::Done);
        }
        if self.need == Need::Always {
            context.session.access_token()?
        } else {
            context.session.usable_token()?
        };
        let always = self.need == Need::Always;
        let number = match context.session.renewal.join(self.rounds, always, context.ticks, context.lead_until) {
            Turn::Wait => return Ok(Step::Wait),
            Turn::Ended(result) => return result.map(|()| Step::Done),
            Turn::Lead(number) => number,
        };
        let begun = Exchange::begin(OAuthCall::RenewAccessToken, None, self.endpoints.clone(), context);
        match begun {
            Ok(renew) => {
                let signed = renew.signed();
                self.led = Some((number, renew));
                Ok(Step::Renew { signed, since })
            }
            Err(failure) => {
                context.session.renewal.leave(number);
                Err(failure)
            }
        }
    }

    fn answered(&mut self, reply: Reply, context: &mut Context) -> Result<Progress, Failure> {
        let Some((_, renew)) = &mut self.led else {
            return Err(Exchange::over());
        };
        match renew.answered(reply, context) {
            Ok(Progress::More(why)) => Ok(Progress::More(why)),
            Ok(Progress::Done(_)) => {
                self.leave(context.session);
                Ok(Progress::done())
            }
            Err(failure) => self.failed(failure, context),
        }
    }

    fn unanswered(&mut self, mut unanswered: Unanswered, context: &mut Context) -> Result<Progress, Failure> {
        let Some((number, renew)) = &mut self.led else {
            return Err(Exchange::over());
        };
        // Whoever lost the lead knows nothing of how the service is now.
        unanswered.given_up |= !context.session.renewal.leads(*number);
        match renew.unanswered(unanswered, context) {
            Ok(Progress::More(why)) => Ok(Progress::More(why)),
            Ok(Progress::Done(_)) => self.failed(Exchange::over(), context),
            Err(failure) => self.failed(failure, context),
        }
    }

    fn give_up(&mut self, session: &mut Session) {
        self.leave(session);
    }
}
