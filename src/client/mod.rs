//! The blocking client: a consumer, its session, and the HTTP that keeps it alive.

mod background;
#[cfg(any(test, not(all(unix, not(any(target_vendor = "apple", target_os = "android"))))))]
mod background_verifier;
mod calls;
mod claim;
mod descriptors;
mod dial;
mod driver;
mod exchange;
mod file_failures;
mod http;
mod io_error;
mod listener;
mod lock_file;
mod lock_wait;
mod log;
mod login;
mod lookup;
mod lost;
mod operation;
mod port;
mod private_file;
mod process_environment;
mod proxy;
mod real_path;
mod response;
mod roots;
mod session_file;
mod store;
mod tls;
mod tls_failure;
#[cfg(unix)]
mod unix;
mod wait;
#[cfg(windows)]
mod windows;
mod wire;

pub mod fork;
pub mod reserve;
pub mod settings;
pub mod time;

use std::ops::Deref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use crate::etrade::{Environment, Failure, Kind};
#[cfg(unix)]
pub use descriptors::close_all as close_in_forked_child;
pub use exchange::{HostAnswer, HostExchange, HostStep};
pub use listener::Listener;
pub use login::Login;
use operation::Operation;
pub use response::Response;

/// A handle on a login, with a timeout and a cancellation of its own.
pub struct Client {
    login: Arc<Login>,
    /// In milliseconds. It bounds each call from entry to return.
    timeout: AtomicU32,
    calls: Mutex<Calls>,
    /// Whether it was made by `share`.
    shared: bool,
}

#[derive(Default)]
struct Calls {
    under_way: Vec<Weak<Operation>>,
    /// Why calls that begin from now on are refused.
    refused: Option<&'static str>,
}

const DEFAULT_TIMEOUT_MS: u32 = 30_000;

impl Client {
    /// `privileged`: whether the process acts with more rights than its user. The user's environment is ignored then.
    pub fn new(
        environment: Environment,
        consumer_key: &str,
        consumer_secret: &str,
        privileged: bool,
    ) -> Result<Client, Failure> {
        let login = Login::new(environment, consumer_key, consumer_secret, privileged)?;
        Ok(Client::of(Arc::new(login), DEFAULT_TIMEOUT_MS, false))
    }

    /// One more handle on the login.
    pub fn share(&self) -> Client {
        self.login.add_handle();
        Client::of(self.login.clone(), self.timeout.load(Ordering::Relaxed), true)
    }

    fn of(login: Arc<Login>, timeout: u32, shared: bool) -> Client {
        Client { login, timeout: AtomicU32::new(timeout), calls: Mutex::default(), shared }
    }

    pub fn set_timeout_ms(&self, milliseconds: u32) -> Result<(), Failure> {
        if milliseconds == 0 {
            return Err(Failure::new(Kind::Argument, "timeout_ms is 0: give a number of milliseconds greater than 0."));
        }
        self.timeout.store(milliseconds, Ordering::Relaxed);
        Ok(())
    }

    fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout.load(Ordering::Relaxed).into())
    }

    /// Ends the calls under way. For a shared handle this is for good.
    pub fn cancel(&self) {
        let sentence = "This shared handle was cancelled, which is for good: make another with etoauth_client_share.";
        self.end_calls(self.shared.then_some(sentence));
    }

    /// Ends the calls under way and those that are about to begin, and the login if this was its last handle. To be
    /// called once.
    pub fn close(&self) {
        self.end_calls(Some("The client was freed."));
        self.login.remove_handle();
    }

    fn end_calls(&self, refuse_later_ones: Option<&'static str>) {
        let under_way = {
            let mut calls = lock(&self.calls);
            calls.refused = calls.refused.or(refuse_later_ones);
            std::mem::take(&mut calls.under_way)
        };
        under_way.iter().filter_map(Weak::upgrade).for_each(|operation| operation.cancel());
    }

    /// Every function that uses the network calls this before it looks at the login's state.
    fn begin_operation(&self) -> Result<Arc<Operation>, Failure> {
        let mut calls = lock(&self.calls);
        if let Some(why) = calls.refused {
            return Err(Failure::new(Kind::Cancelled, why));
        }
        reserve::check()?;
        let operation = Arc::new(Operation::new(self.timeout()));
        calls.under_way.retain(|other| other.strong_count() > 0);
        calls.under_way.push(Arc::downgrade(&operation));
        Ok(operation)
    }
}

/// What is not a handle's own is the login's.
impl Deref for Client {
    type Target = Login;

    fn deref(&self) -> &Login {
        &self.login
    }
}

/// What these locks guard is never left half changed, even by a panic, so a poisoned lock can be used.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
