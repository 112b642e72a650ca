//! The session in memory, kept in step with its file if it has one, and the signer that follows its token.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::lock;
use super::operation::Operation;
use super::session_file::{Claim, Locked, SessionFile};
use crate::etrade::{Consumer, Failure, Kind, Session, Token, read_session, write_session};
use crate::oauth::Signer;

pub struct Store {
    pub consumer: Consumer,
    session: Mutex<Session>,
    /// Read without a lock, so that signing waits for nothing.
    signing: ArcSwapOption<Signing>,
    /// Never taken while the session's lock is held: reading the session waits for no file.
    file: Mutex<Option<SessionFile>>,
    /// The last use of the token that the file knows of.
    saved_use: AtomicI64,
}

pub struct Signing {
    pub token: Arc<Token>,
    pub signer: Signer,
}

/// Local functions have no time-out of their own; others hold the lock for moments.
pub const PATIENCE: Duration = Duration::from_secs(5);

impl Store {
    pub fn new(consumer: Consumer) -> Store {
        Store {
            consumer,
            session: Mutex::default(),
            signing: ArcSwapOption::empty(),
            file: Mutex::default(),
            saved_use: AtomicI64::new(0),
        }
    }

    pub fn read<R>(&self, read: impl FnOnce(&Session) -> R) -> R {
        read(&lock(&self.session))
    }

    /// Changes the session in memory alone. Every change passes here, so that the signer follows.
    pub fn update<R>(&self, change: impl FnOnce(&mut Session) -> R) -> R {
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

    pub fn signing(&self) -> Option<Arc<Signing>> {
        self.signing.load_full()
    }

    /// Changes the session and saves it. What was saved by others meanwhile is adopted first. The second result tells
    /// whether it could be saved; the change took effect all the same.
    pub fn change<R>(
        &self,
        operation: Option<&Operation>,
        change: impl FnOnce(&mut Session) -> R,
    ) -> (R, Result<(), Failure>) {
        let mut file = lock(&self.file);
        let Some(file) = &mut *file else {
            self.saved_use.store(self.read(Session::used_at), Ordering::Relaxed);
            return (self.update(change), Ok(()));
        };
        let locked = with_patience(operation, |operation| file.lock(operation));
        if let Ok(locked) = &locked {
            // A file that has been damaged meanwhile has nothing to adopt.
            let _ = self.adopt(file, locked);
        }
        let result = self.update(change);
        (result, locked.and_then(|locked| self.save(file, &locked)))
    }

    /// Takes in an answer. Use is saved at most once a minute: the idle clock needs no more.
    pub fn used<R>(&self, operation: &Operation, judge: impl FnOnce(&mut Session) -> R) -> R {
        let result = self.update(judge);
        if self.read(Session::used_at) >= self.saved_use.load(Ordering::Relaxed).saturating_add(60) {
            // If it can't be saved, the next change tries again.
            let _ = self.change(Some(operation), |_| ());
        }
        result
    }

    /// Adopts what others saved, before a call that depends on it. True if there was something.
    pub fn adopt_newer(&self, operation: &Operation) -> Result<bool, Failure> {
        match &mut *lock(&self.file) {
            None => Ok(false),
            Some(file) => {
                let locked = file.lock(operation)?;
                self.adopt(file, &locked)
            }
        }
    }

    fn adopt(&self, file: &mut SessionFile, locked: &Locked) -> Result<bool, Failure> {
        let Some(text) = file.read_newer(locked)? else {
            return Ok(false);
        };
        let newer = read_session(&text, &self.consumer)?;
        file.accept(text);
        self.update(|session| session.adopt(newer));
        Ok(true)
    }

    fn save(&self, file: &mut SessionFile, locked: &Locked) -> Result<(), Failure> {
        let (text, used_at) = self.read(|session| (write_session(session, &self.consumer), session.used_at()));
        file.write(&text, locked)?;
        self.saved_use.store(used_at, Ordering::Relaxed);
        Ok(())
    }

    /// Attaches a file, whose session replaces this one; without a file it is created. `None` detaches.
    pub fn set_file(&self, path: Option<&str>) -> Result<(), Failure> {
        let Some(path) = path else {
            *lock(&self.file) = None;
            return Ok(());
        };
        let mut file = SessionFile::new(path)?;
        {
            let locked = with_patience(None, |operation| file.lock(operation))?;
            if file.exists() {
                self.adopt(&mut file, &locked).map_err(|failure| match failure.kind {
                    Kind::Session => {
                        let sentence = format!("{}: {}", file.path().display(), failure.sentence);
                        Failure { sentence, ..failure }
                    }
                    _ => failure,
                })?;
            } else {
                self.save(&mut file, &locked)?;
            }
        }
        *lock(&self.file) = Some(file);
        Ok(())
    }

    /// Claims the renew among the processes that share the file, waiting while another has it. `None` when what the
    /// other saved makes it needless: `still_needed` is asked again and again.
    pub fn claim_renew(
        &self,
        operation: &Operation,
        now: i64,
        still_needed: impl Fn(&Session) -> bool,
    ) -> Result<Option<Option<Claim>>, Failure> {
        loop {
            {
                let mut file = lock(&self.file);
                let Some(file) = &mut *file else {
                    return Ok(Some(None));
                };
                let mut locked = file.lock(operation)?;
                // A file that has been damaged meanwhile has nothing to adopt.
                let _ = self.adopt(file, &locked);
                if !self.read(&still_needed) {
                    return Ok(None);
                }
                let now = now.saturating_mul(1000);
                let deadline = now.saturating_add(i64::try_from(operation.remaining().as_millis()).unwrap_or(i64::MAX));
                if let Some(claim) = file.claim(&mut locked, now, deadline)? {
                    return Ok(Some(Some(claim)));
                }
            }
            operation.pause()?;
        }
    }

    /// After the renew's result was saved.
    pub fn give_back(&self, claim: Option<Claim>) {
        if let (Some(claim), Some(file)) = (claim, &*lock(&self.file)) {
            if let Ok(mut locked) = with_patience(None, |operation| file.lock(operation)) {
                file.give_back(claim, &mut locked);
            }
        }
    }
}

fn with_patience<R>(operation: Option<&Operation>, wait: impl FnOnce(&Operation) -> R) -> R {
    match operation {
        // What a call has learned is worth saving even when its time is up or it was cancelled.
        Some(operation) if operation.is_over() => wait(&Operation::new(Duration::from_millis(100))),
        Some(operation) => wait(operation),
        None => wait(&Operation::new(PATIENCE)),
    }
}
