//! One of the four OAuth calls: what to send, and what the answer means. Whoever does the HTTP asks here.

use std::sync::Arc;

use super::problem::{Meaning, Problem};
use super::refusal::Refusal;
use super::repairs::{Repair, Repairs};
use super::reply::Defect;
use super::verifier::Verifier;
use super::{
    Call, Context, Endpoints, Failure, Kind, OAuthCall, Progress, Reply, Session, Signed, Step, Token, Unanswered,
};
use crate::oauth::{Nonce, Request, Stamp, encode};

pub struct Exchange {
    call: OAuthCall,
    /// The request token or access token that the call is about.
    token: Option<Arc<Token>>,
    verifier: Option<String>,
    endpoints: Endpoints,
    signed: Signed,
    repairs: Repairs,
    ended: bool,
}

impl Exchange {
    /// Signs the call.
    pub fn begin(
        call: OAuthCall,
        verifier: Option<Verifier>,
        endpoints: Endpoints,
        context: &Context,
    ) -> Result<Exchange, Failure> {
        let token = match call {
            OAuthCall::RequestToken => None,
            OAuthCall::AccessToken => Some(context.session.request_token(context.server_time())?),
            OAuthCall::RenewAccessToken | OAuthCall::RevokeAccessToken => Some(context.session.access_token()?),
        };
        if let (Some(of_redirect), Some(pending)) = (verifier.as_ref().and_then(|v| v.token.as_ref()), &token) {
            if of_redirect != &*pending.value {
                let sentence =
                    "verifier is the redirected URL of another login: its oauth_token is not the pending login's.";
                return Err(Failure::new(Kind::Argument, sentence));
            }
        }
        let url = format!("{}/{}", endpoints.oauth_base, call.path());
        let mut exchange = Exchange {
            call,
            token,
            verifier: verifier.map(|verifier| encode(&verifier.code)),
            signed: Signed { url, authorization: String::new(), new_connection: false },
            endpoints,
            repairs: Repairs::default(),
            ended: false,
        };
        exchange.sign(context)?;
        Ok(exchange)
    }

    /// Signs the call again.
    fn sign(&mut self, context: &Context) -> Result<(), Failure> {
        let nonce = Nonce::from_system()?;
        let extra = match self.call {
            OAuthCall::RequestToken => Some(("oauth_callback", "oob")),
            _ => self.verifier.as_deref().map(|verifier| ("oauth_verifier", verifier)),
        };
        let request = Request { method: "GET", url: &self.signed.url, form: None, extra };
        let stamp = Stamp { timestamp: context.server_time(), nonce: &nonce };
        let signer = context.consumer.signer(self.token.as_deref());
        self.signed.authorization = signer.authorization(&request, &stamp)?;
        Ok(())
    }

    pub fn call(&self) -> OAuthCall {
        self.call
    }

    pub fn signed(&self) -> Signed {
        self.signed.clone()
    }

    /// Whether this is E*TRADE's response to a renewal that succeeded, and so to no other call.
    pub fn is_renewed(reply: &Reply) -> bool {
        let text = reply.body.trim_ascii_start();
        let words = b"access token has been renewed";
        reply.is_success() && text.get(..words.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(words))
    }

    /// The failure of a function that is used on a call that has ended.
    pub fn over() -> Failure {
        Failure::new(Kind::State, "The exchange has ended: make a new one.")
    }

    /// An exchange ends once, and only while its token is the session's.
    fn check_current(&mut self, session: &Session) -> Result<(), Failure> {
        if self.ended {
            return Err(Exchange::over());
        }
        let current = match (self.call, &self.token) {
            (OAuthCall::AccessToken, Some(token)) => session.is_pending(token),
            (_, Some(token)) => session.is_current(token),
            (_, None) => true,
        };
        if current {
            return Ok(());
        }
        self.ended = true;
        let sentence = "The client no longer holds the token of this exchange, so the response changed nothing.";
        Err(Failure::new(Kind::State, sentence))
    }

    /// A revoked token is gone here, however the call ended.
    fn end(&mut self, context: &mut Context) {
        self.ended = true;
        if let (OAuthCall::RevokeAccessToken, Some(token)) = (self.call, &self.token) {
            let now = context.server_time();
            context.session.revoked(token, now);
        }
    }

    fn succeed(&mut self, reply: &Reply, context: &mut Context) -> Result<Progress, Failure> {
        let now = context.server_time();
        match (self.call, &self.token) {
            (OAuthCall::RequestToken, _) => context.session.begin_login(self.read_token(reply)?, now),
            (OAuthCall::AccessToken, _) => context.session.finish_login(self.read_token(reply)?, now),
            (OAuthCall::RenewAccessToken, Some(token)) => {
                context.session.renewed(token, now);
                context.clock.renewed_at(now, context.now);
            }
            (OAuthCall::RevokeAccessToken, _) | (_, None) => {}
        }
        Ok(Progress::done())
    }

    fn read_token(&self, reply: &Reply) -> Result<Token, Failure> {
        Token::read(reply).ok_or_else(|| {
            let advice =
                "the response contains no token and secret. Check the base URL, and whether a proxy responded in its place.";
            let problem = Problem::named(reply);
            self.refusal(reply, problem.as_ref()).because(Kind::Response, advice)
        })
    }

    /// An answer that is none of E*TRADE's to this call: a redirect, a page for a person, a body that can't be read.
    fn strange(&self, reply: &Reply) -> Failure {
        match self.call {
            OAuthCall::RenewAccessToken => self.refusal(reply, None).because(
                Kind::Unavailable,
                "the response is not one that E*TRADE gives to this call. Wait, then try again.",
            ),
            _ if reply.defect == Some(Defect::Memory) => self
                .refusal(reply, None)
                .because(Kind::Memory, "there is not enough memory for the response. Try again."),
            _ if reply.is_success() || !reply.is_text() => {
                self.refusal(reply, None).because(Kind::Response, "the response cannot be read. Try again.")
            }
            _ => {
                let advice = "E*TRADE gives no such response to this call. Check the base URL and the proxy.";
                self.refusal(reply, None).because(Kind::Http, advice)
            }
        }
    }

    fn refused(&mut self, problem: &Problem, reply: &Reply, context: &mut Context) -> Failure {
        let refusal = self.refusal(reply, Some(problem));
        let without_a_word =
            problem.code.is_empty() && matches!(problem.meaning, Meaning::Unauthorized | Meaning::Other);
        match (self.call, problem.meaning) {
            (OAuthCall::RequestToken, Meaning::Token | Meaning::Unauthorized) => refusal.because(
                Kind::ConsumerKey,
                "the request was refused. Check the consumer key, its secret and the environment.",
            ),
            (OAuthCall::AccessToken, Meaning::Token | Meaning::Unauthorized | Meaning::Verifier) => refusal.because(
                Kind::Verifier,
                "the verification code is wrong, was used before, or is more than five minutes old. Type the code again, or begin a new login.",
            ),
            (OAuthCall::RevokeAccessToken, Meaning::Token | Meaning::Unauthorized) => refusal
                .because(Kind::Login, "E*TRADE no longer accepted the token, and it has been removed here as well. Log in when you need a new one."),
            (OAuthCall::RenewAccessToken, Meaning::Token) => {
                if let Some(token) = &self.token {
                    context.session.end(token);
                }
                refusal.because(Kind::Login, "the access token can't be renewed. Log in again.")
            }
            (OAuthCall::RenewAccessToken, Meaning::Unauthorized)
                if context.session.is_past_midnight(context.server_time()) =>
            {
                refusal.because(Kind::Login, "it is past midnight in New York, when access tokens expire. Log in again.")
            }
            (OAuthCall::RenewAccessToken, _) if without_a_word => self.strange(reply),
            (_, meaning) => refusal.failure(meaning, &self.endpoints),
        }
    }

    fn refusal<'a>(&'a self, reply: &'a Reply, problem: Option<&'a Problem>) -> Refusal<'a> {
        Refusal { what: self.call.name(), url: &self.signed.url, reply, problem }
    }

    /// A renew that has failed is not asked for again at once; one that was refused for good never is.
    fn note_failure(&self, failure: &Failure, reply: Option<&Reply>, context: &mut Context) {
        if self.call != OAuthCall::RenewAccessToken {
            return;
        }
        if context.session.is_over() {
            context.session.renewal.refused(failure.clone());
        } else {
            context.renew_failed(failure, reply);
        }
    }

    /// What the answer means, but for its effect on the next renew.
    fn judge(&mut self, reply: &Reply, context: &mut Context) -> Result<Progress, Failure> {
        let problem = match self.call {
            _ if !reply.is_text() => None,
            // Success needs no particular body there, so a code in it is all that tells a failure.
            OAuthCall::RenewAccessToken | OAuthCall::RevokeAccessToken => {
                Problem::read(reply).or_else(|| Problem::named(reply))
            }
            _ => Problem::read(reply),
        };
        if let Some(problem) = &problem {
            let repair = match problem.meaning {
                Meaning::Timestamp(_) if context.clock.learn(problem, reply, context.now) => Some(Repair::Timestamp),
                Meaning::ParameterAbsent => Some(Repair::ParameterAbsent),
                Meaning::NonceUsed => Some(Repair::NonceUsed),
                _ => None,
            };
            if repair.is_some_and(|repair| self.repairs.allow(repair)) {
                self.sign(context)?;
                return Ok(Progress::More("signed again, to be sent once more"));
            }
        }
        self.end(context);
        let page = matches!(self.call, OAuthCall::RenewAccessToken | OAuthCall::RevokeAccessToken) && reply.is_page();
        match &problem {
            Some(problem) => Err(self.refused(problem, reply, context)),
            None if !reply.is_success() || !reply.is_text() || page => Err(self.strange(reply)),
            None => self.succeed(reply, context),
        }
    }
}

impl Call for Exchange {
    fn next(&mut self, _: &mut Context) -> Result<Step, Failure> {
        Ok(if self.ended { Step::Done } else { Step::Send(self.signed()) })
    }

    fn answered(&mut self, reply: Reply, context: &mut Context) -> Result<Progress, Failure> {
        self.check_current(context.session)?;
        let result = self.judge(&reply, context);
        if let Err(failure) = &result {
            self.ended = true;
            self.note_failure(failure, Some(&reply), context);
        }
        result
    }

    fn unanswered(&mut self, unanswered: Unanswered, context: &mut Context) -> Result<Progress, Failure> {
        self.check_current(context.session)?;
        let Unanswered { failure, left, dead_connection, given_up } = unanswered;
        // Asking again does no harm, except with a verifier, which serves once.
        if dead_connection && !self.signed.new_connection && self.call != OAuthCall::AccessToken {
            self.signed.new_connection = true;
            self.sign(context)?;
            return Ok(Progress::More("the kept connection was dead, to be sent once more"));
        }
        self.end(context);
        let (kind, advice) = match (self.call, failure.kind) {
            (_, Kind::Cancelled) if left => (Kind::Uncertain, "It is not known whether it was carried out."),
            (_, kind @ (Kind::Cancelled | Kind::Argument | Kind::Memory)) => (kind, ""),
            (OAuthCall::AccessToken, _) if left => {
                (Kind::Uncertain, "The verification code may be used up: begin the login again.")
            }
            (OAuthCall::RevokeAccessToken, _) if left => (
                Kind::Uncertain,
                "The token has been removed here, but E*TRADE may still accept it until midnight in New York.",
            ),
            (OAuthCall::RenewAccessToken, Kind::Insecure) => (Kind::Insecure, ""),
            (OAuthCall::RenewAccessToken, _) => (Kind::Unavailable, "Wait, then try again; the token is kept."),
            (_, kind) => (kind, ""),
        };
        let space = if advice.is_empty() { "" } else { " " };
        let sentence = format!("{}: {}{space}{advice}", self.call.name(), failure.sentence);
        let failure = Failure { kind, sentence, ..failure };
        if !given_up {
            self.note_failure(&failure, None, context);
        }
        Err(failure)
    }

    fn give_up(&mut self, _: &mut Session) {}
}
