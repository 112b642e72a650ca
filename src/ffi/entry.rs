//! The one door into the library: every function that can fail passes through `enter`, which catches panics and
//! remembers the failure for `etoauth_last_error`.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use super::fault::Fault;
use super::fork;
use super::reader::Reader;
use super::status::{ETOAUTH_OK, status_of};
use super::types::etoauth_status;
use crate::oauth::{self, Counter, Nonce, NonceSource};

/// What the library keeps for a thread, all in one place: each thread-local costs a call.
pub struct Thread {
    pub reader: Reader,
    last: RefCell<Option<Fault>>,
    nonces: RefCell<Option<NonceSource>>,
    inside: Cell<bool>,
}

thread_local! {
    static THREAD: Thread = Thread::new();
}

impl Thread {
    fn new() -> Thread {
        fork::watch();
        #[cfg(windows)]
        super::stay::loaded();
        silence_panics();
        Thread { reader: Reader::new(), last: RefCell::new(None), nonces: RefCell::new(None), inside: Cell::new(false) }
    }

    /// A call made while the thread ends, when its memory is gone, is served all the same.
    fn with<R>(use_it: impl FnOnce(&Thread) -> R) -> R {
        let mut use_it = Some(use_it);
        let result = THREAD.try_with(|thread| use_it.take().map(|use_it| use_it(thread)));
        match (result, use_it) {
            (Ok(Some(result)), _) => result,
            (_, Some(use_it)) => use_it(&Thread::new()),
            (_, None) => unreachable!("a closure that was taken has run"),
        }
    }

    pub fn nonce(&self) -> Result<Nonce, oauth::Error> {
        self.with_nonces(NonceSource::next)
    }

    pub fn counter(&self) -> Result<Counter, oauth::Error> {
        self.with_nonces(NonceSource::next_counter)
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

/// Runs a function's body.
pub fn enter(body: impl FnOnce(&Thread) -> Result<(), Fault>) -> etoauth_status {
    Thread::with(|thread| {
        if let Ok(mut last) = thread.last.try_borrow_mut() {
            *last = None;
        }
        let fault = match guarded(thread, || body(thread)) {
            Ok(()) => return ETOAUTH_OK,
            Err(fault) => fault,
        };
        let status = status_of(&fault);
        if let Ok(mut last) = thread.last.try_borrow_mut() {
            *last = Some(fault);
        }
        status
    })
}

/// The same for functions that leave the last error as it is: frees, and those that read it.
pub fn enter_quietly(body: impl FnOnce(&Thread) -> Result<(), Fault>) -> etoauth_status {
    Thread::with(|thread| guarded(thread, || body(thread)).map_or_else(|fault| status_of(&fault), |()| ETOAUTH_OK))
}

fn guarded(thread: &Thread, body: impl FnOnce() -> Result<(), Fault>) -> Result<(), Fault> {
    let outer = thread.inside.replace(true);
    let result = catch_unwind(AssertUnwindSafe(body));
    thread.inside.set(outer);
    result.unwrap_or_else(|payload| {
        // Dropping what was thrown could throw again.
        std::mem::forget(payload);
        Err(Fault::Panic)
    })
}

/// This thread's last failure, if it has one.
pub fn with_last<R>(thread: &Thread, read: impl FnOnce(Option<&Fault>) -> R) -> R {
    match thread.last.try_borrow() {
        Ok(last) => read(last.as_ref()),
        Err(_) => read(None),
    }
}

/// A panic is answered with a status; the hook that prints it is for programs, not for a library in a workbook.
fn silence_panics() {
    static SILENCED: AtomicBool = AtomicBool::new(false);
    if SILENCED.swap(true, Ordering::SeqCst) {
        return;
    }
    let previous = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !THREAD.try_with(|thread| thread.inside.get()).unwrap_or(true) {
            previous(panic);
        }
    }));
}

#[cfg(unix)]
pub fn forget_other_threads() {
    if THREAD.try_with(|thread| super::reader::forget_other_threads(Some(&thread.reader))).is_err() {
        super::reader::forget_other_threads(None);
    }
}

#[cfg(test)]
mod tests {
    use super::super::status::{ETOAUTH_E_INTERNAL, ETOAUTH_E_NULL};
    use super::*;

    #[test]
    fn a_panic_is_a_status_and_the_thread_goes_on() {
        assert_eq!(enter(|_| panic!("not to be seen")), ETOAUTH_E_INTERNAL);
        assert_eq!(enter(|_| std::panic::panic_any(Box::new(7))), ETOAUTH_E_INTERNAL);
        assert_eq!(enter(|_| Err(Fault::Null("x"))), ETOAUTH_E_NULL);
        Thread::with(|thread| with_last(thread, |last| assert!(matches!(last, Some(Fault::Null("x"))))));
        assert_eq!(enter(|_| Ok(())), ETOAUTH_OK);
        Thread::with(|thread| with_last(thread, |last| assert!(last.is_none())));
    }

    #[test]
    fn quiet_functions_keep_the_last_error() {
        enter(|_| Err(Fault::Memory));
        assert_eq!(enter_quietly(|_| Err(Fault::Null("x"))), ETOAUTH_E_NULL);
        assert_eq!(enter_quietly(|_| panic!("quietly")), ETOAUTH_E_INTERNAL);
        Thread::with(|thread| with_last(thread, |last| assert!(matches!(last, Some(Fault::Memory)))));
    }
}
