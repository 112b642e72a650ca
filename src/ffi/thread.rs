//! What the library keeps for a thread. It is all in one place, since each thread-local variable costs a call.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use super::fault::Fault;
use super::hazard::HazardRecord;
use crate::client::fork;
use crate::oauth::{self, Nonce, NonceSource, NonceSuffix};

pub struct Thread {
    pub hazards: HazardRecord,
    last: RefCell<Option<Fault>>,
    nonces: RefCell<Option<NonceSource>>,
    inside: Cell<bool>,
}

thread_local! {
    static THREAD: Thread = const { Thread::new() };
}

impl Thread {
    const fn new() -> Thread {
        Thread {
            hazards: HazardRecord::new(),
            last: RefCell::new(None),
            nonces: RefCell::new(None),
            inside: Cell::new(false),
        }
    }

    /// Runs a body that needs what is kept for this thread. While the thread ends and that is gone, a call is served
    /// with a substitute.
    pub fn with<R>(body: impl FnOnce(&Thread) -> R) -> R {
        match THREAD.try_with(ptr::from_ref) {
            // It stays until this thread ends, and this thread is busy here.
            Ok(thread) => body(unsafe { &*thread }),
            Err(_) => body(&Thread::new()),
        }
    }

    /// Runs a body and turns a panic in it into a failure.
    pub fn catch(&self, body: impl FnOnce() -> Result<(), Fault>) -> Result<(), Fault> {
        let outer = self.inside.replace(true);
        let result = catch_unwind(AssertUnwindSafe(body));
        self.inside.set(outer);
        result.unwrap_or_else(|payload| {
            // Dropping the payload could panic again.
            std::mem::forget(payload);
            Err(Fault::Panic)
        })
    }

    /// Remembers a call's failure, or that there was none.
    pub fn set_last(&self, fault: Option<Fault>) {
        if let Ok(mut last) = self.last.try_borrow_mut() {
            *last = fault;
        }
    }

    /// This thread's last failure, if it has one.
    pub fn with_last<R>(&self, read: impl FnOnce(Option<&Fault>) -> R) -> R {
        match self.last.try_borrow() {
            Ok(last) => read(last.as_ref()),
            Err(_) => read(None),
        }
    }

    pub fn nonce(&self) -> Result<Nonce, oauth::Error> {
        self.with_nonces(NonceSource::next)
    }

    pub fn nonce_suffix(&self) -> Result<NonceSuffix, oauth::Error> {
        self.with_nonces(NonceSource::next_suffix)
    }

    fn with_nonces<R>(&self, next: impl FnOnce(&mut NonceSource) -> R) -> Result<R, oauth::Error> {
        let mut nonces = self.nonces.borrow_mut();
        let process = fork::process();
        match &mut *nonces {
            Some(source) if source.belongs_to(process) => Ok(next(source)),
            _ => Ok(next(nonces.insert(NonceSource::new(process)?))),
        }
    }
}

/// Whether this thread is inside one of the library's functions. A thread that is ending may be, so it counts.
pub fn is_inside() -> bool {
    THREAD.try_with(|thread| thread.inside.get()).unwrap_or(true)
}

/// Called in a forked child, in which this is the only thread.
#[cfg(unix)]
pub fn forget_others() {
    if THREAD.try_with(|thread| super::hazard::forget_other_threads(Some(&thread.hazards))).is_err() {
        super::hazard::forget_other_threads(None);
    }
}
