//! The one door into the library: every function that can fail passes through `enter`, which catches panics and
//! remembers the failure for `etoauth_last_error`.

use super::fault::Fault;
use super::process;
use super::status::{ETOAUTH_OK, status_of};
use super::thread::Thread;
use super::types::etoauth_status;

/// Runs a function's body.
pub fn enter(body: impl FnOnce(&Thread) -> Result<(), Fault>) -> etoauth_status {
    process::prepare();
    Thread::with(|thread| {
        thread.set_last(None);
        let Err(fault) = thread.catch(|| body(thread)) else {
            return ETOAUTH_OK;
        };
        let status = status_of(&fault);
        thread.set_last(Some(fault));
        status
    })
}

/// The same for functions that leave the last error as it is: frees, and those that read it.
pub fn enter_keeping_last_error(body: impl FnOnce(&Thread) -> Result<(), Fault>) -> etoauth_status {
    process::prepare();
    Thread::with(|thread| thread.catch(|| body(thread)).map_or_else(|fault| status_of(&fault), |()| ETOAUTH_OK))
}

#[cfg(test)]
mod tests {
    use super::super::status::{ETOAUTH_E_INTERNAL, ETOAUTH_E_NULL};
    use super::*;

    fn last_is(expected: impl FnOnce(Option<&Fault>) -> bool) {
        assert!(Thread::with(|thread| thread.with_last(expected)));
    }

    #[test]
    fn a_panic_is_a_status_and_the_thread_goes_on() {
        assert_eq!(enter(|_| panic!("not to be seen")), ETOAUTH_E_INTERNAL);
        assert_eq!(enter(|_| std::panic::panic_any(Box::new(7))), ETOAUTH_E_INTERNAL);
        assert_eq!(enter(|_| Err(Fault::Null("x"))), ETOAUTH_E_NULL);
        last_is(|last| matches!(last, Some(Fault::Null("x"))));
        assert_eq!(enter(|_| Ok(())), ETOAUTH_OK);
        last_is(|last| last.is_none());
    }

    #[test]
    fn the_last_error_can_be_kept() {
        enter(|_| Err(Fault::Memory));
        assert_eq!(enter_keeping_last_error(|_| Err(Fault::Null("x"))), ETOAUTH_E_NULL);
        assert_eq!(enter_keeping_last_error(|_| panic!("not to be seen")), ETOAUTH_E_INTERNAL);
        last_is(|last| matches!(last, Some(Fault::Memory)));
    }
}
