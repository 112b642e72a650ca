//! A login: a consumer's session with everything that its handles have in common.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::driver::RenewEnds;
use super::file_failures::{FileFailures, FileTask};
use super::http::Http;
use super::lock_wait::LockWait;
use super::log::Log;
use super::process_environment::ProcessEnvironment;
use super::settings::Settings;
use super::store::Store;
use super::{lock, time};
use crate::etrade::{Clock, Consumer, Endpoints, Environment, Failure, Kind, Token, TokenState};
use crate::oauth::{self, Nonce, Request, Signer, Stamp, encode};

pub struct Login {
    pub(super) store: Store,
    /// Shared with the login's signers.
    pub(super) clock: Arc<Clock>,
    pub(super) settings: Mutex<Settings>,
    /// Built when first needed, and again after a change of settings that connections are made by.
    http: Mutex<Option<Arc<Http>>>,
    pub(super) renew_ends: RenewEnds,
    pub(super) log: Log,
    file_failures: FileFailures,
    /// How many handles are not freed yet. The login is over with the last one, even if an exchange keeps it for a
    /// while.
    handles: AtomicUsize,
}

impl Login {
    /// A login with one handle.
    pub(super) fn new(
        environment: Environment,
        consumer_key: &str,
        consumer_secret: &str,
        privileged: bool,
    ) -> Result<Login, Failure> {
        Ok(Login {
            store: Store::new(Consumer::new(environment, consumer_key, consumer_secret)?),
            clock: Arc::default(),
            settings: Mutex::new(Settings::new(Endpoints::of(environment), ProcessEnvironment::read(privileged))),
            http: Mutex::default(),
            renew_ends: RenewEnds::default(),
            log: Log::default(),
            file_failures: FileFailures::default(),
            handles: AtomicUsize::new(1),
        })
    }

    /// If the last handle is being freed at this moment, the login goes on.
    pub(super) fn add_handle(&self) {
        self.handles.fetch_add(1, Ordering::SeqCst);
    }

    /// With the last handle, the connections are closed.
    pub(super) fn remove_handle(&self) {
        if self.handles.fetch_sub(1, Ordering::SeqCst) == 1 {
            *lock(&self.http) = None;
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.handles.load(Ordering::SeqCst) == 0
    }

    /// Changes settings for the calls that begin later. Connections are kept.
    pub fn configure(&self, change: impl FnOnce(&mut Settings) -> Result<(), Failure>) -> Result<(), Failure> {
        change(&mut lock(&self.settings))
    }

    /// The same for settings that connections are made by (proxy, CA file and user agent): those that are kept are
    /// closed.
    pub fn configure_connections(
        &self,
        change: impl FnOnce(&mut Settings) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.configure(change)?;
        *lock(&self.http) = None;
        Ok(())
    }

    pub fn token_state(&self) -> Result<TokenState, Failure> {
        let now = self.server_time()?;
        Ok(self.store.read(|session| session.token_state(now)))
    }

    /// For how many seconds, rounded up, the library will not ask for a renewal by itself.
    pub fn renew_wait(&self) -> u64 {
        self.store.read(|session| session.renewal.wait(time::ticks())).div_ceil(1000)
    }

    pub fn session_revision(&self) -> u64 {
        self.store.read(|session| session.revision())
    }

    pub fn access_token(&self) -> Result<Arc<Token>, Failure> {
        self.store.read(|session| session.access_token())
    }

    /// `issued_at` 0 means now.
    pub fn set_access_token(&self, token: &str, token_secret: &str, issued_at: i64) -> Result<(), Failure> {
        let token = Token::new(token, token_secret)?;
        let now = self.server_time()?;
        // As far as clocks may differ, a token's time can be ahead of this machine's.
        if issued_at < 0 || issued_at > now.saturating_add(5 * 60) {
            let sentence = "issued_at is negative or in the future: give seconds since 1970, or 0 for now.";
            return Err(Failure::new(Kind::Argument, sentence));
        }
        let issued_at = if issued_at == 0 { now } else { issued_at };
        // A save that fails is tried again with the next change.
        let _ = self.note_change(LockWait::local(), |session| session.set_access_token(token, issued_at, now));
        Ok(())
    }

    /// The page where the person approves. Both values are encoded: a raw `+` in the token fails there at random.
    pub fn authorize_url(&self) -> Result<String, Failure> {
        let now = self.server_time()?;
        let token = self.store.read(|session| session.request_token(now))?;
        let page = self.endpoints().authorize_url;
        Ok(format!("{page}?key={}&token={}", encode(&self.store.consumer.key), encode(&token.value)))
    }

    pub fn clock(&self) -> &Arc<Clock> {
        &self.clock
    }

    pub(super) fn server_time(&self) -> Result<i64, Failure> {
        Ok(self.clock.server_time(time::now()?))
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
        sign: impl FnOnce(&Signer, &Stamp) -> Result<String, oauth::Error>,
    ) -> Result<String, Failure> {
        let stamp = Stamp { timestamp: self.server_time()?, nonce };
        match self.store.signing() {
            Some(signing) => Ok(sign(&signing.signer, &stamp)?),
            None => {
                // A wrong argument is reported before a wrong state.
                sign(&self.store.consumer.signer(None), &stamp)?;
                Err(self.access_token().err().unwrap_or_else(just_replaced))
            }
        }
    }

    /// A signer of its own for the present token, and that token.
    pub fn signer(&self) -> Result<(Signer, Arc<Token>), Failure> {
        let token = self.access_token()?;
        Ok((self.store.consumer.signer(Some(&token)), token))
    }

    /// The whole state as one line of text.
    pub fn export_session(&self) -> zeroize::Zeroizing<String> {
        self.store.read(|session| crate::etrade::write_session(session, &self.store.consumer))
    }

    pub fn import_session(&self, text: &str) -> Result<(), Failure> {
        let newer = crate::etrade::read_session(text, &self.store.consumer)?;
        let now = self.server_time()?;
        let ((), saved) = self.note_change(LockWait::local(), |session| session.import(newer, now));
        self.log.note("session", 0, "", "imported");
        saved
    }

    pub fn set_session_file(&self, path: Option<&str>) -> Result<(), Failure> {
        self.store.set_file(path)?;
        self.file_failures.forget();
        self.log.note("session file", 0, "", if path.is_some() { "attached" } else { "detached" });
        Ok(())
    }

    pub fn read_log(&self) -> String {
        self.log.drain()
    }

    pub(super) fn http(&self) -> Result<Arc<Http>, Failure> {
        let mut http = lock(&self.http);
        if let Some(http) = &*http {
            return Ok(http.clone());
        }
        let built = Arc::new(Http::new(&lock(&self.settings))?);
        *http = Some(built.clone());
        Ok(built)
    }

    pub(super) fn endpoints(&self) -> Endpoints {
        lock(&self.settings).endpoints.clone()
    }

    /// If the file cannot be read, the call goes on with what the client holds.
    pub(super) fn adopt_newer(&self) {
        let adopted = self.store.adopt();
        if let Ok(true) = adopted {
            self.log.note("session file", 0, "", "adopted a newer session");
        }
        self.note_file(FileTask::Read, adopted.as_ref().err());
        match self.store.save_unsaved() {
            Ok(false) => {}
            Ok(true) => self.note_file(FileTask::Save, None),
            Err(failure) => self.note_file(FileTask::Save, Some(&failure)),
        }
    }

    /// A save that fails is tried again with the next call or change.
    pub(super) fn note_save(&self, saved: &Result<(), Failure>) {
        self.note_file(FileTask::Save, saved.as_ref().err());
    }

    /// A failure that is the same at every call is logged once.
    pub(super) fn note_file(&self, task: FileTask, failure: Option<&Failure>) {
        let is_new = self.file_failures.note(task, failure);
        if let Some(failure) = failure.filter(|_| is_new) {
            self.log.failed("session file", failure);
        }
    }
}

fn just_replaced() -> Failure {
    Failure::new(Kind::State, "The access token was replaced while the request was being signed. Sign again.")
}
