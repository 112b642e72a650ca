//! The four calls and the judgement of API answers for hosts with their own HTTP: the same rules, without the network.

use std::sync::{Arc, Mutex, Weak};

use super::patience::Patience;
use super::{Client, lock, time};
use crate::etrade::{Advice, Answer, Call, Exchange, Failure, Kind, Reply, Session, Step, Token, only_asks};
use crate::oauth::{self, decode};

pub struct HostExchange {
    client: Weak<Client>,
    exchange: Mutex<Exchange>,
    url: String,
    /// The getters are stable until an answer asks for a new signature.
    authorization: Mutex<String>,
}

impl HostExchange {
    pub fn begin(client: &Arc<Client>, call: Call, verifier: Option<&str>) -> Result<HostExchange, Failure> {
        let operation = client.begin_operation()?;
        client.adopt_newer(&operation)?;
        let endpoints = client.endpoints();
        let exchange = client.store.update(|session| {
            let context = client.context(session)?;
            Exchange::begin(call, verifier, endpoints, &context)
        })?;
        Ok(HostExchange {
            client: Arc::downgrade(client),
            url: exchange.url().to_owned(),
            authorization: Mutex::new(exchange.authorization().to_owned()),
            exchange: Mutex::new(exchange),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn authorization(&self) -> String {
        lock(&self.authorization).clone()
    }

    /// `reply` is `None` if no answer came.
    pub fn finish(&self, reply: Option<&Reply>) -> Result<Step, Failure> {
        let client = self.client.upgrade().ok_or_else(client_freed)?;
        let mut exchange = lock(&self.exchange);
        let what = format!("{} by the host", exchange.call().name());
        let (result, saved) = client.store.change(Patience::local(), |session| match reply {
            Some(reply) => exchange.finish(reply, &mut client.context(session)?),
            None => exchange.unanswered(session),
        });
        let status = reply.map_or(0, |reply| reply.status);
        match result {
            Ok(Step::Again) => {
                exchange.authorization().clone_into(&mut lock(&self.authorization));
                client.log.note(&what, status, "", "signed anew: once more");
                Ok(Step::Again)
            }
            Ok(Step::Done) => {
                client.log.note(&what, status, "", "done");
                saved.map(|()| Step::Done)
            }
            Err(failure) => {
                client.note_save(saved);
                client.log.failed(&what, &failure);
                Err(failure)
            }
        }
    }
}

fn client_freed() -> Failure {
    Failure::new(Kind::State, "The exchange's client was freed; the answer changed nothing.")
}

impl Client {
    /// Judges the answer to an API call of the host's own. `authorization` is the header value that was sent; `reply` is
    /// `None` if no answer came.
    pub fn diagnose(&self, method: &str, authorization: &str, reply: Option<&Reply>) -> Result<Advice, Failure> {
        oauth::check_method(method)?;
        let sent = token_of(authorization)?;
        let Some(reply) = reply else {
            return Ok(if only_asks(method) { Advice::Wait } else { Advice::Check });
        };
        let now = time::now()?;
        let judgement = self.store.update(|session: &mut Session| {
            let held: Option<Arc<Token>> = session.access_token().ok().filter(|token| *token.value == sent);
            Answer { reply, method, token: held.as_ref() }.judge(session, &self.clock, now)
        });
        self.store.save_use();
        if let Some(problem) = &judgement.problem {
            let what = format!("{} by the host", method.to_ascii_uppercase());
            self.log.note(&what, reply.status, &problem.code, &format!("advice: {:?}", judgement.advice));
        }
        Ok(judgement.advice)
    }
}

/// The token in an Authorization header.
fn token_of(authorization: &str) -> Result<String, Failure> {
    let fields = authorization.strip_prefix("OAuth ").unwrap_or_default().split(',');
    let mut pairs = fields.filter_map(|field| field.trim().split_once('='));
    let value = pairs.find(|(name, _)| *name == "oauth_token").map(|(_, value)| value.trim_matches('"'));
    value.and_then(decode).filter(|token| !token.is_empty()).ok_or_else(|| {
        let sentence = "authorization is not the value of an Authorization header signed with a token.";
        Failure::new(Kind::Argument, sentence)
    })
}
