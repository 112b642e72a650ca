//! The session in memory, kept in step with its file if it has one, and the signer that follows its token.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::lock;
use super::operation::Operation;
pub use super::session_file::Claim;
use super::session_file::{Locked, SessionFile};
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

/// Between two tries for the lock, which others hold while they read or write.
const MOMENT: Duration = Duration::from_millis(2);
/// Between two looks at another's renew.
const GLANCE: Duration = Duration::from_millis(50);

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
    pub fn change<R>(&self, operation: &Operation, change: impl FnOnce(&mut Session) -> R) -> (R, Result<(), Failure>) {
        let mut change = Some(change);
        let mut result = None;
        let saved = with_patience(operation, |operation| {
            self.with_file(operation, |file, locked| {
                // A file that has been damaged meanwhile has nothing to adopt.
                let _ = self.adopt(file, locked);
                result = change.take().map(|change| self.update(change));
                self.save(file, locked)
            })
        });
        // Without a file, or without its lock, it is a change in memory.
        let result = result.unwrap_or_else(|| match change {
            Some(change) => self.update(change),
            None => unreachable!("a change that was taken has a result"),
        });
        match saved {
            Ok(Some(saved)) => (result, saved),
            Ok(None) => {
                self.saved_use.store(self.read(Session::used_at), Ordering::Relaxed);
                (result, Ok(()))
            }
            Err(failure) => (result, Err(failure)),
        }
    }

    /// Does something with the file and its lock. `None` without a file. No other thread of this client waits while
    /// another process has the lock: each waits by itself, within its own time-out.
    fn with_file<R>(
        &self,
        operation: &Operation,
        work: impl FnOnce(&mut SessionFile, &mut Locked) -> R,
    ) -> Result<Option<R>, Failure> {
        loop {
            match &mut *lock(&self.file) {
                None => return Ok(None),
                Some(file) => {
                    if let Some(mut locked) = file.try_lock()? {
                        return Ok(Some(work(file, &mut locked)));
                    }
                }
            }
            operation.pause(MOMENT)?;
        }
    }

    /// Takes in an answer. Use is saved at most once a minute: the idle clock needs no more.
    pub fn used<R>(&self, operation: &Operation, judge: impl FnOnce(&mut Session) -> R) -> R {
        let result = self.update(judge);
        if self.read(Session::used_at) >= self.saved_use.load(Ordering::Relaxed).saturating_add(60) {
            // If it can't be saved, the next change tries again.
            let _ = self.change(operation, |_| ());
        }
        result
    }

    /// Adopts what others saved, before a call that depends on it. True if there was something.
    pub fn adopt_newer(&self, operation: &Operation) -> Result<bool, Failure> {
        self.with_file(operation, |file, locked| self.adopt(file, locked))?.unwrap_or(Ok(false))
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
    pub fn set_file(&self, path: Option<&str>, operation: &Operation) -> Result<(), Failure> {
        let Some(path) = path else {
            *lock(&self.file) = None;
            return Ok(());
        };
        let mut file = SessionFile::new(path)?;
        let locked = loop {
            match file.try_lock()? {
                Some(locked) => break locked,
                None => operation.pause(MOMENT)?,
            }
        };
        if file.exists() {
            self.adopt(&mut file, &locked).map_err(|failure| match failure.kind {
                Kind::Session => {
                    Failure { sentence: format!("{}: {}", file.path().display(), failure.sentence), ..failure }
                }
                _ => failure,
            })?;
        } else {
            self.save(&mut file, &locked)?;
        }
        drop(locked);
        *lock(&self.file) = Some(file);
        Ok(())
    }

    /// Claims the renew among the processes that share the file, waiting while another has it. `still_needed` is asked
    /// again and again, for what the other saves may make it needless.
    pub fn claim_renew(
        &self,
        operation: &Operation,
        still_needed: impl Fn(&Session) -> bool,
    ) -> Result<RenewClaim, Failure> {
        loop {
            let now = super::time::now()?.saturating_mul(1000);
            let left = i64::try_from(operation.remaining().as_millis()).unwrap_or(i64::MAX);
            let claimed = self.with_file(operation, |file, locked| {
                let _ = self.adopt(file, locked);
                if !self.read(&still_needed) {
                    return Ok(Some(RenewClaim::Needless));
                }
                Ok(file.claim(locked, now, now.saturating_add(left))?.map(|claim| RenewClaim::Mine(Some(claim))))
            });
            match claimed.and_then(|claimed| claimed.unwrap_or(Ok(Some(RenewClaim::Mine(None))))) {
                Ok(Some(claim)) => return Ok(claim),
                Ok(None) => operation.pause(GLANCE)?,
                // Without the file nothing is shared: the renew is this client's own.
                Err(failure) if failure.kind == Kind::File => return Ok(RenewClaim::Mine(None)),
                Err(failure) => return Err(failure),
            }
        }
    }

    /// After the renew's result was saved. One that is not given back is void when this process ends.
    pub fn give_back(&self, claim: Option<Claim>, operation: &Operation) {
        if let Some(claim) = claim {
            let _ = with_patience(operation, |operation| {
                self.with_file(operation, |file, locked| file.give_back(claim, locked))
            });
        }
    }
}

/// Whether to renew.
pub enum RenewClaim {
    /// Others have done it.
    Needless,
    /// With a claim, if there is a file to share it by.
    Mine(Option<Claim>),
}

/// What a call has learned is worth saving even when its time is up or it was cancelled.
fn with_patience<R>(operation: &Operation, wait: impl FnOnce(&Operation) -> R) -> R {
    if operation.is_over() { wait(&Operation::new(Duration::from_millis(100))) } else { wait(operation) }
}
