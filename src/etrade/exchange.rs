//! One OAuth call: what to send, and what the answer means. Whoever does the HTTP asks here.

use std::sync::Arc;

use super::problem::{Meaning, Problem};
use super::verifier::Verifier;
use super::{Call, Clock, Consumer, Endpoints, Failure, Kind, Reply, Session, Token};
use crate::oauth::{Nonce, Request, Stamp, encode};

pub struct Exchange {
    call: Call,
    /// The request token or access token that the call is about.
    token: Option<Arc<Token>>,
    verifier: Option<String>,
    url: String,
    other_host: &'static str,
    authorization: String,
}

impl Exchange {
    /// Signs the call. `now` is this machine's time.
    pub fn begin(
        call: Call,
        verifier: Option<&str>,
        consumer: &Consumer,
        endpoints: &Endpoints,
        session: &Session,
        clock: &Clock,
        now: i64,
    ) -> Result<Exchange, Failure> {
        let verifier = verifier.map(Verifier::read).transpose()?;
        let server_time = clock.server_time(now);
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
            other_host: endpoints.other_oauth_host(),
            authorization: String::new(),
        };
        exchange.sign(consumer, server_time)?;
        Ok(exchange)
    }

    fn sign(&mut self, consumer: &Consumer, server_time: i64) -> Result<(), Failure> {
        let nonce = Nonce::from_system()?;
        let extra = match self.call {
            Call::RequestToken => Some(("oauth_callback", "oob")),
            _ => self.verifier.as_deref().map(|verifier| ("oauth_verifier", verifier)),
        };
        let request = Request { method: "GET", url: &self.url, form: None, extra };
        let stamp = Stamp { timestamp: server_time, nonce: nonce.as_str() };
        self.authorization = consumer.signer(self.token.as_deref()).authorization(&request, &stamp)?;
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

    /// Takes the answer and carries its meaning into the session. `now` is this machine's time.
    pub fn finish(&mut self, reply: &Reply, session: &mut Session, clock: &Clock, now: i64) -> Result<(), Failure> {
        let server_time = clock.server_time(now);
        if let Some(problem) = Problem::read(reply) {
            return Err(self.refused(&problem, reply, session));
        }
        if !reply.is_success() {
            let advice = "E*TRADE sends no redirects here: check the base URL and the proxy.";
            return Err(self.failure(Kind::Http, reply, None, advice));
        }
        match (self.call, &self.token) {
            (Call::RequestToken, _) => session.begin_login(self.read_token(reply)?, server_time),
            (Call::AccessToken, Some(request_token)) => {
                if !session.finish_login(request_token, self.read_token(reply)?, server_time) {
                    return Err(replaced("the pending login"));
                }
            }
            (Call::RenewAccessToken, Some(token)) => {
                if !session.is_current(token) {
                    return Err(replaced("the access token"));
                }
                session.used(token, server_time);
            }
            (_, Some(token)) => session.revoked(token),
            (_, None) => {}
        }
        Ok(())
    }

    /// No answer came. A revoked token is gone here, however the call ended.
    pub fn abandon(&self, session: &mut Session) {
        if let (Call::RevokeAccessToken, Some(token)) = (self.call, &self.token) {
            session.revoked(token);
        }
    }

    fn read_token(&self, reply: &Reply) -> Result<Token, Failure> {
        Token::read(reply).ok_or_else(|| {
            let advice =
                "the answer holds no token and secret. Check the base URL, or whether a proxy answered in its place.";
            self.failure(Kind::Response, reply, None, advice)
        })
    }

    fn refused(&self, problem: &Problem, reply: &Reply, session: &mut Session) -> Failure {
        self.abandon(session);
        let (kind, advice) = match (problem.meaning, self.call) {
            (Meaning::Token | Meaning::Unauthorized, Call::AccessToken) => (
                Kind::Verifier,
                "the verification code is wrong or used up, or the login took longer than five minutes. Type the code again, or begin a new login.",
            ),
            (Meaning::Token | Meaning::Unauthorized, Call::RevokeAccessToken) => {
                (Kind::Login, "E*TRADE no longer knew the token; it is gone here, too. Log in when you need a new one.")
            }
            (Meaning::Token | Meaning::Unauthorized | Meaning::Other, Call::RenewAccessToken)
                if matches!(reply.status, 400 | 401 | 403) =>
            {
                if let Some(token) = &self.token {
                    session.needs_login(token);
                }
                (Kind::Login, "the access token can't be renewed. Log in again.")
            }
            (Meaning::SignatureInvalid, _) => {
                (Kind::Signature, "a secret is wrong. Check the consumer secret; the token is kept.")
            }
            (Meaning::ConsumerKey, _) => {
                let advice = format!(
                    "the consumer key is not accepted there: it has expired (keys last about two years) or belongs to the other environment, whose host may be {}.",
                    self.other_host
                );
                return self.failure(Kind::ConsumerKey, reply, Some(problem), &advice);
            }
            (Meaning::Timestamp(_), _) => {
                (Kind::ClockSkew, "this machine's clock and E*TRADE's differ by more than five minutes. Set the clock.")
            }
            (Meaning::PermissionDenied, _) => (Kind::Denied, "this key or person is not allowed to do that."),
            (Meaning::RateLimit, _) => (Kind::RateLimit, "too many requests. Wait, then try again; the token is kept."),
            (Meaning::Unavailable, _) => {
                (Kind::Unavailable, "the service is down for the moment. Wait, then try again; the token is kept.")
            }
            (Meaning::ParameterAbsent | Meaning::NonceUsed, _) => {
                (Kind::Http, "this is mostly a passing fault. Try again.")
            }
            _ => (Kind::Http, "an unexpected answer. Check the base URL."),
        };
        self.failure(kind, reply, Some(problem), advice)
    }

    fn failure(&self, kind: Kind, reply: &Reply, problem: Option<&Problem>, advice: &str) -> Failure {
        let code = problem.map_or("", |problem| problem.code.as_str());
        let host = crate::oauth::RequestUrl::parse(&self.url).map_or("", |url| url.host);
        let comma = if code.is_empty() { "" } else { ", " };
        Failure {
            kind,
            sentence: format!("{} at {host} failed (HTTP {}{comma}{code}): {advice}", self.call.name(), reply.status),
            http_status: reply.status,
            problem: code.to_owned(),
        }
    }
}

fn replaced(what: &str) -> Failure {
    Failure::new(Kind::State, format!("Meanwhile {what} was replaced; the answer changed nothing."))
}
