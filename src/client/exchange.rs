//! The four calls and the judgement of API answers for hosts with their own HTTP: the same rules, without the network.

use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use super::patience::Patience;
use super::{Client, lock, time};
use crate::etrade::{
    Advice, Answer, Call, Exchange, Failure, Fault, Kind, OAuthCall, Progress, Reply, SignedWhen, Unanswered, Verdict,
    only_asks, problem_code,
};
use crate::oauth::{self, decode};

pub struct HostExchange {
    client: Weak<Client>,
    exchange: Mutex<Exchange>,
    url: String,
    /// The getters are stable until an answer asks for a new signature.
    authorization: Mutex<String>,
}

impl HostExchange {
    pub fn begin(client: &Arc<Client>, call: OAuthCall, verifier: Option<&str>) -> Result<HostExchange, Failure> {
        let operation = client.begin_operation()?;
        client.adopt_newer();
        let endpoints = client.endpoints();
        let now = time::now()?;
        let exchange = client.store.update(|session| {
            Exchange::begin(call, verifier, endpoints, &client.context(session, now, operation.remaining()))
        })?;
        let signed = exchange.signed();
        Ok(HostExchange {
            client: Arc::downgrade(client),
            url: signed.url,
            authorization: Mutex::new(signed.authorization),
            exchange: Mutex::new(exchange),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn authorization(&self) -> String {
        lock(&self.authorization).clone()
    }

    /// `reply` is `None` if no answer came. True if the exchange was signed anew, to be sent once more.
    pub fn finish(&self, reply: Option<Reply>) -> Result<bool, Failure> {
        let client = self.client.upgrade().ok_or_else(client_freed)?;
        let mut exchange = lock(&self.exchange);
        let call = exchange.call();
        let what = format!("{} by the host", call.name());
        let status = reply.as_ref().map_or(0, |reply| reply.status);
        let now = time::now()?;
        let (result, saved) = client.store.change(Patience::local(), |session| {
            let context = &mut client.context(session, now, Duration::ZERO);
            match reply {
                Some(reply) => exchange.answered(reply, context),
                None => exchange.unanswered(unanswered(), context),
            }
        });
        client.note_save(&saved);
        client.renew_ends.notify();
        match result {
            Ok(Progress::More(why)) => {
                *lock(&self.authorization) = exchange.signed().authorization;
                client.log.note(&what, status, "", why);
                Ok(true)
            }
            Ok(Progress::Done(_)) => {
                client.log.note(&what, status, "", "done");
                if call == OAuthCall::AccessToken { saved.map(|()| false) } else { Ok(false) }
            }
            Err(failure) => {
                client.log.failed(&what, &failure);
                Err(failure)
            }
        }
    }
}

/// No answer came, or none that was complete: a host knows no more.
fn unanswered() -> Unanswered {
    let failure = Failure::new(Kind::Connect, "no complete response came.");
    Unanswered { failure, left: true, dead_connection: false, given_up: false }
}

fn client_freed() -> Failure {
    Failure::new(Kind::State, "The exchange's client was freed; the answer changed nothing.")
}

impl Client {
    /// Judges the answer to an API call of the host's own. `authorization` is the header value that was sent; `reply` is
    /// `None` if no answer came.
    pub fn diagnose(&self, method: &str, authorization: &str, reply: Option<&Reply>) -> Result<Advice, Failure> {
        oauth::check_method(method)?;
        let (sent, signed_at) = token_of(authorization)?;
        let Some(reply) = reply else {
            return Ok(if only_asks(method) { Advice::Wait } else { Advice::Check });
        };
        let now = time::now()?;
        let endpoints = self.endpoints();
        let advice = self.store.update(|session| {
            let held = session.access_token().ok();
            let token = held.as_ref().filter(|token| *token.value == sent);
            let url = &endpoints.api_base;
            let answer = Answer { reply, method, url, token, signed: SignedWhen::Time(signed_at) };
            let context = &mut self.context(session, now, Duration::ZERO);
            match answer.judge(&endpoints, context) {
                Verdict::Repeat(Fault::Overtaken, _) if held.is_none() => Advice::Login,
                Verdict::Repeat(..) => Advice::Retry,
                Verdict::Renew(_) => Advice::Renew,
                Verdict::Final(advice) | Verdict::Failed(_, advice) => advice,
            }
        });
        self.store.save_use();
        if reply.status >= 400 {
            let what = format!("{} by the host", method.to_ascii_uppercase());
            self.log.note(&what, reply.status, &problem_code(reply), &format!("advice: {advice:?}"));
        }
        Ok(advice)
    }
}

/// The token in an Authorization header, and the time of its signature.
fn token_of(authorization: &str) -> Result<(String, i64), Failure> {
    let fields = authorization.strip_prefix("OAuth ").unwrap_or_default().split(',');
    let pairs: Vec<(&str, &str)> = fields.filter_map(|field| field.trim().split_once('=')).collect();
    let value = |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.trim_matches('"'));
    let token = value("oauth_token").and_then(decode).filter(|token| !token.is_empty());
    // Without a time, it counts as signed after the last renew.
    let time = value("oauth_timestamp").and_then(|time| time.parse().ok()).unwrap_or(i64::MAX);
    token.map(|token| (token, time)).ok_or_else(|| {
        let sentence = "authorization is not the value of an Authorization header signed with a token.";
        Failure::new(Kind::Argument, sentence)
    })
}
