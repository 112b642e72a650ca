//! The blocking client: a consumer, its session and the HTTP that keeps it alive.

mod http;
mod operation;
mod settings;
mod wire;

pub mod time;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arc_swap::ArcSwapOption;

use crate::etrade::{
    Call, Clock, Consumer, Endpoints, Environment, Exchange, Failure, Kind, Session, Token, TokenState,
};
use crate::oauth::{Nonce, Request, Signer, Stamp, encode};
use http::Http;
use operation::Operation;
pub use settings::Settings;

pub struct Client {
    consumer: Consumer,
    clock: Clock,
    session: Mutex<Session>,
    /// Follows the session's access token; read without a lock, so that signing waits for nothing.
    signing: ArcSwapOption<Signing>,
    settings: Mutex<Settings>,
    /// Built when first needed, and anew after a change of settings.
    http: Mutex<Option<Arc<Http>>>,
    under_way: Mutex<Vec<Weak<Operation>>>,
    closed: AtomicBool,
}

struct Signing {
    token: Arc<Token>,
    signer: Signer,
}

impl Client {
    pub fn new(environment: Environment, consumer_key: &str, consumer_secret: &str) -> Result<Client, Failure> {
        Ok(Client {
            consumer: Consumer::new(environment, consumer_key, consumer_secret)?,
            clock: Clock::default(),
            session: Mutex::default(),
            signing: ArcSwapOption::empty(),
            settings: Mutex::new(Settings::new(Endpoints::of(environment))),
            http: Mutex::default(),
            under_way: Mutex::default(),
            closed: AtomicBool::new(false),
        })
    }

    /// Changes settings for the calls that begin later.
    pub fn configure(&self, change: impl FnOnce(&mut Settings) -> Result<(), Failure>) -> Result<(), Failure> {
        change(&mut lock(&self.settings))?;
        *lock(&self.http) = None;
        Ok(())
    }

    pub fn fetch_request_token(&self) -> Result<(), Failure> {
        self.exchange(Call::RequestToken, None)
    }

    pub fn fetch_access_token(&self, verifier: &str) -> Result<(), Failure> {
        self.exchange(Call::AccessToken, Some(verifier))
    }

    pub fn renew_access_token(&self) -> Result<(), Failure> {
        self.exchange(Call::RenewAccessToken, None)
    }

    pub fn revoke_access_token(&self) -> Result<(), Failure> {
        self.exchange(Call::RevokeAccessToken, None)
    }

    fn exchange(&self, call: Call, verifier: Option<&str>) -> Result<(), Failure> {
        let (endpoints, timeout) = {
            let settings = lock(&self.settings);
            (settings.endpoints.clone(), settings.timeout)
        };
        let now = time::now()?;
        let begin =
            |session: &Session| Exchange::begin(call, verifier, &self.consumer, &endpoints, session, &self.clock, now);
        let mut exchange = begin(&lock(&self.session))?;
        let operation = self.begin_operation(timeout)?;
        let reply = self.http().and_then(|http| http.get(&operation, exchange.url(), exchange.authorization()));
        let now = time::now();
        self.update_session(|session| match (reply, now) {
            (Ok(reply), Ok(now)) => exchange.finish(&reply, session, &self.clock, now),
            (Err(failure), _) | (_, Err(failure)) => {
                exchange.abandon(session);
                Err(during(exchange.call(), failure))
            }
        })
    }

    /// The page where the person approves. Both values are encoded: a raw `+` in the token fails there at random.
    pub fn authorize_url(&self) -> Result<String, Failure> {
        let now = self.clock.server_time(time::now()?);
        let token = lock(&self.session).request_token(now)?;
        let page = &lock(&self.settings).endpoints.authorize_url;
        Ok(format!("{page}?key={}&token={}", encode(&self.consumer.key), encode(&token.value)))
    }

    pub fn token_state(&self) -> Result<TokenState, Failure> {
        let now = self.clock.server_time(time::now()?);
        Ok(lock(&self.session).token_state(now))
    }

    pub fn access_token(&self) -> Result<Arc<Token>, Failure> {
        lock(&self.session).access_token()
    }

    /// `issued_at` 0 means now.
    pub fn set_access_token(&self, token: &str, token_secret: &str, issued_at: i64) -> Result<(), Failure> {
        let token = Token::new(token, token_secret)?;
        let now = self.clock.server_time(time::now()?);
        if issued_at < 0 || issued_at > now.saturating_add(24 * 60 * 60) {
            let sentence = "issued_at is no moment of the past: give seconds since 1970, or 0 for now.";
            return Err(Failure::new(Kind::Argument, sentence));
        }
        let issued_at = if issued_at == 0 { now } else { issued_at };
        self.update_session(|session| session.set_access_token(token, issued_at, issued_at));
        Ok(())
    }

    /// The value of the Authorization header.
    pub fn sign(&self, method: &str, url: &str, nonce: &Nonce) -> Result<String, Failure> {
        self.with_signer(nonce, |signer, stamp| signer.authorization(&Request::new(method, url, None), stamp))
    }

    /// The URL with the signature in its query.
    pub fn sign_url(&self, method: &str, url: &str, nonce: &Nonce) -> Result<String, Failure> {
        self.with_signer(nonce, |signer, stamp| signer.signed_url(&Request::new(method, url, None), stamp))
    }

    fn with_signer(
        &self,
        nonce: &Nonce,
        sign: impl FnOnce(&Signer, &Stamp) -> Result<String, crate::oauth::Error>,
    ) -> Result<String, Failure> {
        let timestamp = self.clock.server_time(time::now()?);
        let stamp = Stamp { timestamp, nonce: nonce.as_str() };
        match &*self.signing.load() {
            Some(signing) => Ok(sign(&signing.signer, &stamp)?),
            None => {
                // What is wrong with the arguments is said before what is wrong with the state.
                sign(&self.consumer.signer(None), &stamp)?;
                Err(lock(&self.session).access_token().err().unwrap_or_else(just_replaced))
            }
        }
    }

    /// Ends the calls under way. The client stays usable.
    pub fn cancel(&self) {
        for operation in lock(&self.under_way).drain(..) {
            if let Some(operation) = operation.upgrade() {
                operation.cancel();
            }
        }
    }

    /// Ends the calls under way and those that are about to begin.
    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.cancel();
    }

    fn begin_operation(&self, timeout: std::time::Duration) -> Result<Arc<Operation>, Failure> {
        let operation = Arc::new(Operation::new(timeout));
        let mut under_way = lock(&self.under_way);
        under_way.retain(|other| other.strong_count() > 0);
        under_way.push(Arc::downgrade(&operation));
        if self.closed.load(Ordering::SeqCst) {
            return Err(Failure::new(Kind::Cancelled, "The client was freed."));
        }
        Ok(operation)
    }

    fn http(&self) -> Result<Arc<Http>, Failure> {
        let mut http = lock(&self.http);
        if let Some(http) = &*http {
            return Ok(http.clone());
        }
        let built = Arc::new(Http::new(&lock(&self.settings))?);
        *http = Some(built.clone());
        Ok(built)
    }

    /// Every change of the session goes through here, so that the signer follows it.
    fn update_session<R>(&self, change: impl FnOnce(&mut Session) -> R) -> R {
        let mut session = lock(&self.session);
        let result = change(&mut session);
        let token = session.access_token().ok();
        let signing = self.signing.load();
        if token.as_ref().map(Arc::as_ptr) != signing.as_ref().map(|signing| Arc::as_ptr(&signing.token)) {
            let new = token.map(|token| Arc::new(Signing { signer: self.consumer.signer(Some(&token)), token }));
            self.signing.store(new);
        }
        result
    }
}

/// Says which call a failure on the way was about.
fn during(call: Call, failure: Failure) -> Failure {
    Failure { sentence: format!("{}: {}", call.name(), failure.sentence), ..failure }
}

fn just_replaced() -> Failure {
    Failure::new(Kind::State, "The access token was replaced at this moment. Sign again.")
}

/// A panic elsewhere leaves nothing half done in what these locks guard.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
