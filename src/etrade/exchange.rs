//! One OAuth call: what to send, and what the answer means. Whoever does the HTTP asks here.

use std::sync::Arc;

use super::advice::{Advice, Repairs};
use super::problem::{Meaning, Problem};
use super::refusal::Refusal;
use super::verifier::Verifier;
use super::{Call, Clock, Consumer, Endpoints, Failure, Kind, Reply, Session, Token};
use crate::oauth::{Nonce, Request, Stamp, encode};

pub struct Exchange {
    call: Call,
    /// The request token or access token that the call is about.
    token: Option<Arc<Token>>,
    verifier: Option<String>,
    endpoints: Endpoints,
    url: String,
    authorization: String,
    repairs: Repairs,
    ended: bool,
}

/// What the answer asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Done,
    /// Signed anew: send once more.
    Again,
}

/// The surroundings of an exchange, each under the caller's own lock.
pub struct Context<'a> {
    pub consumer: &'a Consumer,
    pub session: &'a mut Session,
    pub clock: &'a Clock,
    /// This machine's time.
    pub now: i64,
}

impl Context<'_> {
    fn server_time(&self) -> i64 {
        self.clock.server_time(self.now)
    }
}

impl Exchange {
    /// Signs the call.
    pub fn begin(
        call: Call,
        verifier: Option<&str>,
        endpoints: Endpoints,
        context: &Context,
    ) -> Result<Exchange, Failure> {
        let verifier = verifier.map(Verifier::read).transpose()?;
        let (session, server_time) = (&*context.session, context.server_time());
        let token = match call {
            Call::RequestToken => None,
            Call::AccessToken => Some(session.request_token(server_time)?),
            Call::RenewAccessToken => Some(session.renewable_token(server_time)?),
            Call::RevokeAccessToken => Some(session.access_token()?),
        };
        if let (Some(of_redirect), Some(pending)) = (verifier.as_ref().and_then(|v| v.token.as_ref()), &token) {
            if of_redirect != &*pending.value {
                let sentence = "verifier is a redirected URL of another login: its oauth_token is not the pending one.";
                return Err(Failure::new(Kind::Argument, sentence));
            }
        }
        let mut exchange = Exchange {
            call,
            token,
            verifier: verifier.map(|verifier| encode(&verifier.code)),
            url: format!("{}/{}", endpoints.oauth_base, call.path()),
            endpoints,
            authorization: String::new(),
            repairs: Repairs::default(),
            ended: false,
        };
        exchange.sign(context)?;
        Ok(exchange)
    }

    /// Signs it anew, for the very same call.
    pub fn sign(&mut self, context: &Context) -> Result<(), Failure> {
        let nonce = Nonce::from_system()?;
        let extra = match self.call {
            Call::RequestToken => Some(("oauth_callback", "oob")),
            _ => self.verifier.as_deref().map(|verifier| ("oauth_verifier", verifier)),
        };
        let request = Request { method: "GET", url: &self.url, form: None, extra };
        let stamp = Stamp { timestamp: context.server_time(), nonce: &nonce };
        self.authorization = context.consumer.signer(self.token.as_deref()).authorization(&request, &stamp)?;
        Ok(())
    }

    pub fn call(&self) -> Call {
        self.call
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn authorization(&self) -> &str {
        &self.authorization
    }

    /// Takes the answer and carries its meaning into the session.
    pub fn finish(&mut self, reply: &Reply, context: &mut Context) -> Result<Step, Failure> {
        self.check_current(context.session)?;
        if let Some(problem) = Problem::read(reply) {
            let learned = context.clock.learn(&problem, reply, context.now);
            let passing = learned || matches!(problem.meaning, Meaning::ParameterAbsent | Meaning::NonceUsed);
            if passing && self.repairs.allow(Advice::Retry, &problem) {
                self.sign(context)?;
                return Ok(Step::Again);
            }
            self.ended = true;
            return Err(self.refused(&problem, reply, context.session));
        }
        self.ended = true;
        if !reply.is_success() {
            self.abandon(context.session);
            let advice = "E*TRADE sends no redirects here: check the base URL and the proxy.";
            return Err(self.refusal(reply, None).because(Kind::Http, advice));
        }
        let server_time = context.server_time();
        match (self.call, &self.token) {
            (Call::RequestToken, _) => context.session.begin_login(self.read_token(reply)?, server_time),
            (Call::AccessToken, _) => context.session.finish_login(self.read_token(reply)?, server_time),
            (Call::RenewAccessToken, Some(token)) => context.session.renewed(token, server_time),
            (Call::RevokeAccessToken, Some(token)) => context.session.revoked(token),
            (_, None) => {}
        }
        Ok(Step::Done)
    }

    /// An exchange ends once, and only while its token is the session's.
    fn check_current(&self, session: &Session) -> Result<(), Failure> {
        let current = match (self.call, &self.token) {
            (Call::AccessToken, Some(token)) => session.is_pending(token),
            (_, Some(token)) => session.is_current(token),
            (_, None) => true,
        };
        let sentence = match (self.ended, current) {
            (true, _) => "The exchange is over: make a new one.",
            (_, false) => "The client no longer holds the token of this exchange; the answer changed nothing.",
            _ => return Ok(()),
        };
        Err(Failure::new(Kind::State, sentence))
    }

    /// No answer came. A revoked token is gone here, however the call ended.
    pub fn abandon(&mut self, session: &mut Session) {
        self.ended = true;
        if let (Call::RevokeAccessToken, Some(token)) = (self.call, &self.token) {
            session.revoked(token);
        }
    }

    /// The same for a host with its own HTTP, which knows no more than that.
    pub fn unanswered(&mut self, session: &mut Session) -> Result<Step, Failure> {
        self.check_current(session)?;
        self.abandon(session);
        let sentence = format!("{}: no answer came. Wait, then try again; the token is kept.", self.call.name());
        Err(Failure::new(Kind::Unavailable, sentence))
    }

    fn read_token(&self, reply: &Reply) -> Result<Token, Failure> {
        Token::read(reply).ok_or_else(|| {
            let advice =
                "the answer holds no token and secret. Check the base URL, or whether a proxy answered in its place.";
            self.refusal(reply, None).because(Kind::Response, advice)
        })
    }

    fn refused(&mut self, problem: &Problem, reply: &Reply, session: &mut Session) -> Failure {
        self.abandon(session);
        let refusal = self.refusal(reply, Some(problem));
        match (self.call, problem.meaning) {
            (Call::AccessToken, Meaning::Token | Meaning::Unauthorized) => refusal.because(
                Kind::Verifier,
                "the verification code is wrong or used up, or the login took longer than five minutes. Type the code again, or begin a new login.",
            ),
            (Call::RevokeAccessToken, Meaning::Token | Meaning::Unauthorized) => refusal
                .because(Kind::Login, "E*TRADE no longer knew the token; it is gone here, too. Log in when you need one."),
            (Call::RenewAccessToken, Meaning::Token | Meaning::Unauthorized | Meaning::Other)
                if matches!(reply.status, 400 | 401 | 403) =>
            {
                if let Some(token) = &self.token {
                    session.needs_login(token);
                }
                refusal.because(Kind::Login, "the access token can't be renewed. Log in again.")
            }
            (_, meaning) => refusal.failure(meaning, &self.endpoints),
        }
    }

    fn refusal<'a>(&'a self, reply: &'a Reply, problem: Option<&'a Problem>) -> Refusal<'a> {
        Refusal { what: self.call.name(), url: &self.url, reply, problem }
    }
}
