//! The service as a whole: who may use it, its clock, and all that changes.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::broker::Broker;
use crate::call::Call;
use crate::clock::Clock;
use crate::fault::Faults;
use crate::limits::Limits;
use crate::nonces::Nonces;
use crate::problem::Problem;
use crate::recipe::Secrets;
use crate::record::Records;
use crate::tokens::{CLOCK_TOLERANCE, Tokens};

/// The one application that E*TRADE knows here.
#[derive(Debug)]
pub struct Consumer {
    pub key: String,
    pub secret: String,
    /// Further keys with their secrets, of applications that are otherwise like this one.
    pub further: Vec<(String, String)>,
    /// The name that the person reads.
    pub application: String,
    /// The only person who can approve an individual key.
    pub owner: Option<String>,
    pub callback: Option<String>,
    /// Approves every request token as it is issued.
    pub instant_code: Option<String>,
}

impl Consumer {
    /// The secret of a key that is known here.
    pub fn secret_of(&self, key: &str) -> Option<&str> {
        self.keys().find(|(known, _)| *known == key).map(|(_, secret)| secret)
    }

    fn keys(&self) -> impl Iterator<Item = (&str, &str)> {
        let further = self.further.iter().map(|(key, secret)| (key.as_str(), secret.as_str()));
        further.chain([(self.key.as_str(), self.secret.as_str())])
    }

    /// Why this person can't approve the key, if they can't. Whoever gives no name counts as its owner.
    pub fn objection_to(&self, person: &str) -> Option<String> {
        let owner = self.owner.as_deref().filter(|owner| !person.is_empty() && *owner != person)?;
        Some(format!("The consumer key is an individual key of {owner}: {person} cannot approve it."))
    }
}

/// Where clients find the sandbox.
#[derive(Debug)]
pub struct Address {
    pub url: String,
    pub tls_url: String,
    pub ca_file: String,
}

#[derive(Debug)]
pub struct Settings {
    /// Whether each request is told on the standard error.
    pub verbose: bool,
    /// Whether the API's modules have their limits.
    pub rate_limits: bool,
}

#[derive(Debug)]
pub struct Sandbox {
    pub consumer: Consumer,
    pub settings: Settings,
    pub address: Address,
    pub clock: Clock,
    state: Mutex<State>,
    broker: Mutex<Broker>,
}

#[derive(Debug, Default)]
pub struct State {
    pub tokens: Tokens,
    pub faults: Faults,
    pub counters: Counters,
    pub records: Records,
    /// The requests that are held, with their paths. Each goes on when its sender is gone.
    held: Vec<(String, oneshot::Sender<()>)>,
    nonces: Nonces,
    pub limits: Limits,
}

#[derive(Debug, Default)]
pub struct Counters {
    pub paths: BTreeMap<String, u64>,
    pub connections: u64,
    pub requests: u64,
    pub request_tokens: u64,
    pub access_tokens: u64,
    pub renews: u64,
    pub renews_refused: u64,
    pub revokes: u64,
    pub api_calls: u64,
    pub orders: u64,
    pub held: u64,
    /// Those whose clientOrderId the account had seen before.
    pub orders_repeated: u64,
    pub refused: u64,
}

/// Under which further paths are counted when there are this many, and those that are longer.
const OTHER_PATHS: &str = "(others)";
const MOST_PATHS: usize = 1000;
const LONGEST_PATH: usize = 256;

impl Counters {
    pub fn count_request(&mut self, path: &str) {
        self.requests += 1;
        let full = self.paths.len() >= MOST_PATHS && !self.paths.contains_key(path);
        let path = if full || path.len() > LONGEST_PATH { OTHER_PATHS } else { path };
        *self.paths.entry(path.to_owned()).or_default() += 1;
    }
}

/// Which token a call is to be signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedWith {
    KeyAlone,
    RequestToken,
    AccessToken,
}

impl Sandbox {
    pub fn new(consumer: Consumer, settings: Settings, address: Address, broker: Broker) -> Self {
        let (clock, state) = (Clock::default(), Mutex::default());
        Self { consumer, settings, address, clock, state, broker: Mutex::new(broker) }
    }

    pub fn broker(&self) -> MutexGuard<'_, Broker> {
        self.broker.lock().expect("no holder of the brokerage panics")
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder of the state panics")
    }

    /// The texts that no record may show: the consumer secrets, the secret of this token, and what was sent in place of a
    /// token if it is a secret itself.
    pub fn secrets_with(&self, token: &str) -> Vec<String> {
        let state = self.state();
        let of_token = [state.tokens.request_secret(token), state.tokens.access_secret(token)];
        let is_token = of_token.iter().any(Option::is_some);
        let mistaken = (!is_token && state.tokens.knows_secret(token)).then_some(token);
        let of_keys = self.consumer.keys().map(|(_, secret)| secret);
        of_token.into_iter().flatten().chain(mistaken).chain(of_keys).map(str::to_owned).collect()
    }

    /// Waits until a request for this path is released.
    pub async fn hold(&self, path: &str) {
        let (sender, released) = oneshot::channel();
        {
            let mut state = self.state();
            state.counters.held += 1;
            state.held.push((path.to_owned(), sender));
        }
        let _ = released.await;
    }

    /// Everything as it was at the start.
    pub fn reset(&self) {
        *self.state() = State::default();
        self.broker().reset();
        self.clock.set_offset(0).expect("the machine's clock is in range");
    }

    /// Lets a call do its work if it is signed as it must be, and counts it if it is refused.
    pub fn authenticated<T>(
        &self,
        call: &Result<Call, Problem>,
        signed_with: SignedWith,
        work: impl FnOnce(&mut State, &Call, i64) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let mut state = self.state();
        let now = self.clock.now();
        let outcome = call.as_ref().map_err(Problem::clone).and_then(|call| {
            state.check(&self.consumer, call, signed_with, now)?;
            let done = work(&mut state, call, now)?;
            let _ = call.accepted.set(());
            Ok(done)
        });
        state.counters.refused += u64::from(outcome.is_err());
        outcome
    }
}

impl State {
    /// Lets the requests go on that are held on paths with this prefix; says how many.
    pub fn release(&mut self, on: &str) -> usize {
        let before = self.held.len();
        self.held.retain(|(path, _)| !path.starts_with(on));
        before - self.held.len()
    }

    fn check(&mut self, consumer: &Consumer, call: &Call, signed_with: SignedWith, now: i64) -> Result<(), Problem> {
        let key = call.required("oauth_consumer_key")?;
        let method = call.required("oauth_signature_method")?;
        let timestamp = call.required("oauth_timestamp")?;
        let nonce = call.required("oauth_nonce")?;
        call.required("oauth_signature")?;
        let token = match signed_with {
            SignedWith::KeyAlone => "",
            _ => call.required("oauth_token")?,
        };

        if call.get("oauth_version").is_some_and(|version| version != "1.0") {
            return Err(Problem::VersionRejected);
        }
        if method != "HMAC-SHA1" {
            return Err(Problem::SignatureMethodRejected);
        }
        let consumer_secret = consumer.secret_of(key).ok_or(Problem::ConsumerKeyRejected)?;
        let time: i64 = timestamp.parse().map_err(|_| Problem::TimestampRefused(None))?;
        let ahead = time.saturating_sub(now);
        if !(-CLOCK_TOLERANCE..=CLOCK_TOLERANCE).contains(&ahead) {
            return Err(Problem::TimestampRefused(Some(ahead)));
        }
        let token_secret = match signed_with {
            SignedWith::KeyAlone => Some(""),
            SignedWith::RequestToken => self.tokens.request_secret(token),
            SignedWith::AccessToken => self.tokens.access_secret(token),
        };
        let objection = || Problem::TokenRejected(self.tokens.objection_to(token, signed_with));
        let token_secret = token_secret.ok_or_else(objection)?;
        let request_secret = match signed_with {
            SignedWith::AccessToken => self.tokens.request_secret_of(token),
            _ => None,
        };
        call.check_signature(&Secrets { consumer: consumer_secret, token: token_secret, request: request_secret })?;
        if signed_with != SignedWith::KeyAlone && self.tokens.consumer_of(token) != Some(key) {
            return Err(Problem::TokenRejected("The token was issued to another consumer key."));
        }
        if !self.nonces.take(nonce, time, token, now) {
            return Err(Problem::NonceUsed);
        }
        Ok(())
    }

    pub fn report(&self, clock: &Clock) -> Value {
        let counters = &self.counters;
        json!({
            "connections": counters.connections,
            "requests": counters.requests,
            "request_tokens": counters.request_tokens,
            "access_tokens": counters.access_tokens,
            "renews": counters.renews,
            "renews_refused": counters.renews_refused,
            "revokes": counters.revokes,
            "api_calls": counters.api_calls,
            "orders": counters.orders,
            "held": counters.held,
            "orders_repeated": counters.orders_repeated,
            "refused": counters.refused,
            "nonces": self.nonces.len(),
            "faults": self.faults.len(),
            "clock": clock.now(),
            "offset": clock.offset(),
            "paths": counters.paths,
        })
    }
}
