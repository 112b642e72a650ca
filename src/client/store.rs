//! The session in memory, kept in step with its file if it has one, and the signer that follows its token.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwapOption;

use super::claim::Claim;
use super::lock_file::Lock;
use super::operation::Operation;
use super::patience::Patience;
use super::session_file::{Look, SessionFile};
use super::{lock, time};
use crate::etrade::{Consumer, Failure, Kind, Session, SessionFault, Token, read_session, write_session};
use crate::oauth::Signer;

pub struct Store {
    pub consumer: Consumer,
    held: Mutex<Held>,
    /// Read without a lock, so that signing waits for nothing.
    signing: ArcSwapOption<Signing>,
    file: ArcSwapOption<Attached>,
    /// The last use of the token that the file knows of, or that could not be saved.
    saved_use: AtomicI64,
}

#[derive(Default)]
struct Held {
    session: Session,
    /// How many changes there were that are to be saved.
    changes: u64,
}

struct Attached {
    file: SessionFile,
    /// How many of the session's changes the file holds.
    saved: AtomicU64,
}

pub struct Signing {
    pub token: Arc<Token>,
    pub signer: Signer,
}

/// Whether to renew.
pub enum RenewClaim {
    /// The token was renewed or replaced meanwhile.
    Needless,
    /// With a claim, if there is a file to share it by.
    Mine(Option<Claim>),
    /// Without one, for this reason, which is worth a line in the log.
    Unclaimed(Failure),
    /// Another process is renewing.
    Theirs,
}

/// Between two looks at another's renew.
const GLANCE: Duration = Duration::from_millis(50);
/// The idle clock is two hours long: its hand need not be saved more often.
const USE_INTERVAL: i64 = 60;

impl Store {
    pub fn new(consumer: Consumer) -> Store {
        Store {
            consumer,
            held: Mutex::default(),
            signing: ArcSwapOption::empty(),
            file: ArcSwapOption::empty(),
            saved_use: AtomicI64::new(0),
        }
    }

    pub fn read<R>(&self, read: impl FnOnce(&Session) -> R) -> R {
        read(&lock(&self.held).session)
    }

    /// Changes the session in memory alone.
    pub fn update<R>(&self, change: impl FnOnce(&mut Session) -> R) -> R {
        self.update_held(|held| change(&mut held.session))
    }

    /// Every change passes here, so that the signer follows.
    fn update_held<R>(&self, change: impl FnOnce(&mut Held) -> R) -> R {
        let mut held = lock(&self.held);
        let result = change(&mut held);
        let token = held.session.access_token().ok();
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

    /// Changes the session and saves it. The change always takes effect in memory; the second result tells whether it
    /// could be saved. If not, it is tried again with the next change and before each call.
    pub fn change<R>(&self, patience: Patience, change: impl FnOnce(&mut Session) -> R) -> (R, Result<(), Failure>) {
        // The change is made to what others saved before it. A file that can't be read is met again when saving.
        let _ = self.adopt();
        let (result, wanted) = self.update_held(|held| {
            held.changes += 1;
            (change(&mut held.session), held.changes)
        });
        (result, self.save(&patience, wanted))
    }

    /// Saves a use of the token, at most once a minute, unless another has the lock. Nothing depends on it: the next save
    /// makes up for it.
    pub fn save_use(&self) {
        let (used_at, saved_use) = (self.read(Session::used_at), self.saved_use.load(Ordering::Relaxed));
        if used_at < saved_use.saturating_add(USE_INTERVAL) {
            return;
        }
        let first = self.saved_use.compare_exchange(saved_use, used_at, Ordering::Relaxed, Ordering::Relaxed);
        if let (Ok(_), Some(attached)) = (first, &*self.file.load()) {
            if let Ok(Some(lock)) = attached.file.lock(|| false) {
                let _ = self.save_locked(attached, &lock);
            }
        }
    }

    /// Adopts what others saved, before a call that depends on it, and saves what could not be saved earlier. True if
    /// there was something to adopt. It waits for no lock.
    pub fn adopt_newer(&self) -> Result<bool, Failure> {
        let adopted = self.adopt();
        let file = self.file.load();
        if let Some(attached) = file.as_ref().filter(|attached| attached.lacks(lock(&self.held).changes)) {
            if let Some(lock) = attached.file.lock(|| false)? {
                self.save_locked(attached, &lock)?;
                return Ok(adopted.unwrap_or_default());
            }
        }
        adopted
    }

    fn adopt(&self) -> Result<bool, Failure> {
        match &*self.file.load() {
            Some(attached) if attached.file.may_have_changed()? => match self.look(attached)? {
                Look::Adopted => Ok(true),
                Look::Missing | Look::Unchanged => Ok(false),
                Look::Refused(fault) => Err(fault.into()),
            },
            _ => Ok(false),
        }
    }

    /// What others saved replaces the session, except for what is newer here and could not be saved.
    fn look(&self, attached: &Attached) -> Result<Look<SessionFault>, Failure> {
        attached.file.read(|text| {
            let saved = read_session(text, &self.consumer)?;
            self.update_held(|held| {
                if attached.lacks(held.changes) {
                    held.session.merge_unsaved(saved);
                } else {
                    held.session.adopt(saved);
                }
                self.saved_use.store(held.session.used_at(), Ordering::Relaxed);
            });
            Ok(())
        })
    }

    fn save(&self, patience: &Patience, wanted: u64) -> Result<(), Failure> {
        let Some(attached) = self.file.load_full() else {
            return Ok(());
        };
        // Another thread's save holds this one's change as well.
        let lock = attached.file.lock(|| attached.lacks(wanted) && patience.wait())?;
        match lock {
            _ if !attached.lacks(wanted) => Ok(()),
            Some(lock) => self.save_locked(&attached, &lock),
            None => Err(attached.is_locked("It is saved as soon as the lock is free.")),
        }
    }

    /// Only a missing or a damaged file is replaced unseen: what can't be read may be newer than the session here.
    fn save_locked(&self, attached: &Attached, lock_file: &Lock) -> Result<(), Failure> {
        match self.look(attached)? {
            Look::Missing | Look::Unchanged | Look::Adopted | Look::Refused(SessionFault::Damaged) => {}
            Look::Refused(fault) => {
                let (path, why) = (attached.file.path().display(), Failure::from(fault).sentence);
                return Err(Failure::new(Kind::File, format!("The session file {path} is left as it is. {why}")));
            }
        }
        let (text, changes, used_at) = {
            let held = lock(&self.held);
            (write_session(&held.session, &self.consumer), held.changes, held.session.used_at())
        };
        attached.file.replace(&text, lock_file)?;
        attached.saved.fetch_max(changes, Ordering::SeqCst);
        self.saved_use.store(used_at, Ordering::Relaxed);
        Ok(())
    }

    /// Attaches a file, whose session replaces this one; a missing one is made from it. `None` detaches. After a failure
    /// the client and the file are as before.
    pub fn set_file(&self, path: Option<&str>) -> Result<(), Failure> {
        let Some(path) = path else {
            self.file.store(None);
            return Ok(());
        };
        let file = SessionFile::new(path)?;
        // A file that could not be locked could not be written to either.
        let mut locked = file.lock(|| false)?;
        // Nothing counts as unsaved before the file's own session is here.
        let attached = Attached { file, saved: AtomicU64::new(u64::MAX) };
        let saved = lock(&self.held).changes;
        let mut look = self.look(&attached)?;
        if look == Look::Missing && locked.is_none() {
            let patience = Patience::local();
            locked = attached.file.lock(|| patience.wait())?;
            look = self.look(&attached)?;
        }
        match (look, &locked) {
            (Look::Adopted | Look::Unchanged, _) => {}
            (Look::Missing, Some(locked)) => {
                let text = self.read(|session| write_session(session, &self.consumer));
                if let Err(failure) = attached.file.replace(&text, locked) {
                    attached.file.remove(locked);
                    return Err(failure);
                }
                self.saved_use.store(self.read(Session::used_at), Ordering::Relaxed);
            }
            (Look::Missing, None) => return Err(attached.is_locked("Try again later, or take another path.")),
            (Look::Refused(fault), _) => {
                let (path, failure) = (attached.file.path().display(), Failure::from(fault));
                return Err(Failure { sentence: format!("{} The file is {path}.", failure.sentence), ..failure });
            }
        }
        attached.saved.store(saved, Ordering::SeqCst);
        drop(locked);
        self.file.store(Some(Arc::new(attached)));
        Ok(())
    }

    /// Claims the renew among the processes that share the file, and waits while another has it. A renew is needless once
    /// the session's edition is not the one noted any more.
    pub fn claim_renew(&self, operation: &Operation, noted_edition: Option<u64>) -> Result<RenewClaim, Failure> {
        loop {
            let patience = Patience::within(operation);
            let claim = self.claim_once(operation.remaining(), noted_edition, || patience.wait())?;
            if !matches!(claim, RenewClaim::Theirs) {
                return Ok(claim);
            }
            operation.pause(GLANCE)?;
        }
    }

    /// Without a file, or a lock on it, the renew is this client's own affair.
    fn claim_once(
        &self,
        span: Duration,
        noted_edition: Option<u64>,
        wait: impl FnMut() -> bool,
    ) -> Result<RenewClaim, Failure> {
        let is_needless = || noted_edition.is_some_and(|noted| self.read(Session::edition) != noted);
        let _ = self.adopt();
        let Some(attached) = self.file.load_full().filter(|_| !is_needless()) else {
            return Ok(if is_needless() { RenewClaim::Needless } else { RenewClaim::Mine(None) });
        };
        let mut lock = match attached.file.lock(wait) {
            Ok(Some(lock)) => lock,
            Ok(None) => return Ok(RenewClaim::Unclaimed(attached.is_locked("The renew goes on without it."))),
            Err(failure) => return Ok(RenewClaim::Unclaimed(failure)),
        };
        // Another's renew may have ended before this lock was free.
        let _ = self.look(&attached);
        if is_needless() {
            return Ok(RenewClaim::Needless);
        }
        let now = time::now()?.saturating_mul(1000);
        let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        Ok(match attached.file.claim(&mut lock, now, span) {
            Ok(Some(claim)) => RenewClaim::Mine(Some(claim)),
            Ok(None) => RenewClaim::Theirs,
            Err(failure) => RenewClaim::Unclaimed(failure),
        })
    }
}

impl Attached {
    /// Whether the file lacks some of this many changes.
    fn lacks(&self, changes: u64) -> bool {
        self.saved.load(Ordering::SeqCst) < changes
    }

    fn is_locked(&self, what_then: &str) -> Failure {
        let path = self.file.path().display();
        Failure::new(Kind::File, format!("Another process holds the lock beside the session file {path}. {what_then}"))
    }
}
