//! One call of a client from entry to return: its deadline, how far it has come, and whether it was cancelled.

use std::cell::RefCell;
use std::fmt;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::lock;
use crate::etrade::{Failure, Kind};

/// How far a request has come. Only once it `has_left` may the server have acted on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    LookingUp,
    Connecting,
    /// CONNECT has been sent to a proxy, or is about to be sent.
    Tunnelling,
    /// The TLS handshake, with a proxy or with the server itself.
    SecuringProxy,
    Securing,
    /// There is a connection, a new one or one that was kept.
    Open,
    /// The first bytes of the request have left, or may have.
    Sending,
    /// The complete request has left, and the response is awaited or read.
    Sent,
}

const PHASES: [Phase; 8] = [
    Phase::LookingUp,
    Phase::Connecting,
    Phase::Tunnelling,
    Phase::SecuringProxy,
    Phase::Securing,
    Phase::Open,
    Phase::Sending,
    Phase::Sent,
];

impl Phase {
    pub fn has_left(self) -> bool {
        matches!(self, Phase::Sending | Phase::Sent)
    }
}

pub struct Operation {
    deadline: Instant,
    cancelled: AtomicBool,
    phase: AtomicU8,
    /// For how many milliseconds a kept connection may have been idle to be used for the current request.
    idle_limit: AtomicU64,
    /// Whether the current request opened a connection, and whether anything came back.
    connected: AtomicBool,
    answered: AtomicBool,
    socket: Mutex<Option<Arc<TcpStream>>>,
}

/// Why a wait ended without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupted {
    Cancelled,
    TimedOut,
    /// The helper thread ended without one.
    Lost,
    /// The helper thread could not be created.
    NoThread,
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Interrupted::Cancelled => "the call was cancelled",
            Interrupted::TimedOut => "the call timed out",
            Interrupted::Lost => "a helper thread ended without a result",
            Interrupted::NoThread => "no thread could be created",
        })
    }
}

/// Makes it an error that ureq and rustls can pass on inside their own.
impl std::error::Error for Interrupted {}

thread_local! {
    /// ureq passes no context of the caller's to connectors and transports, but it runs them on the caller's thread.
    static CURRENT: RefCell<Option<Arc<Operation>>> = const { RefCell::new(None) };
}

impl Operation {
    pub fn new(timeout: Duration) -> Operation {
        Operation {
            deadline: Instant::now() + timeout,
            cancelled: AtomicBool::new(false),
            phase: AtomicU8::new(0),
            idle_limit: AtomicU64::new(0),
            connected: AtomicBool::new(false),
            answered: AtomicBool::new(false),
            socket: Mutex::default(),
        }
    }

    /// Runs work in which `current` is this operation.
    pub fn run<R>(self: &Arc<Self>, work: impl FnOnce() -> R) -> R {
        struct Reset(Option<Arc<Operation>>);
        impl Drop for Reset {
            fn drop(&mut self) {
                CURRENT.set(self.0.take());
            }
        }
        let _reset = Reset(CURRENT.replace(Some(self.clone())));
        work()
    }

    pub fn current() -> Option<Arc<Operation>> {
        CURRENT.with_borrow(Clone::clone)
    }

    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// A request begins: on a kept connection that was idle for less than `idle_limit`, unless one is opened for it.
    pub fn begin_request(&self, idle_limit: Duration) {
        self.idle_limit.store(idle_limit.as_millis().try_into().unwrap_or(u64::MAX), Ordering::SeqCst);
        self.enter(Phase::Open);
        self.connected.store(false, Ordering::SeqCst);
        self.answered.store(false, Ordering::SeqCst);
    }

    pub fn idle_limit(&self) -> Duration {
        Duration::from_millis(self.idle_limit.load(Ordering::SeqCst))
    }

    pub fn connecting(&self) {
        self.enter(Phase::LookingUp);
        self.connected.store(true, Ordering::SeqCst);
    }

    pub fn answered(&self) {
        self.answered.store(true, Ordering::SeqCst);
    }

    pub fn found_dead_connection(&self) -> bool {
        !self.connected.load(Ordering::SeqCst) && !self.answered.load(Ordering::SeqCst)
    }

    pub fn phase(&self) -> Phase {
        PHASES[usize::from(self.phase.load(Ordering::SeqCst))]
    }

    pub fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::SeqCst);
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    pub fn is_over(&self) -> bool {
        self.is_cancelled() || self.remaining().is_zero()
    }

    /// From any thread: wakes the operation wherever it waits.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        if let Some(socket) = &*lock(&self.socket) {
            // It fails if the socket is closed already, which ends the wait as well.
            let _ = socket.shutdown(Shutdown::Both);
            #[cfg(windows)]
            super::windows::end_waits(socket);
        }
    }

    /// Sleeps for this long. Fails, with what the operation was doing in its sentence, if the operation is over.
    pub fn sleep(&self, interval: Duration, doing: &str) -> Result<(), Failure> {
        self.check(doing)?;
        std::thread::sleep(interval.min(self.remaining()));
        Ok(())
    }

    /// Fails if the operation is over.
    pub fn check(&self, doing: &str) -> Result<(), Failure> {
        if self.is_cancelled() {
            return Err(Failure::new(Kind::Cancelled, format!("The call was cancelled {doing}.")));
        }
        if self.remaining().is_zero() {
            let sentence = format!("The call timed out {doing}. Try again, or set a longer timeout.");
            return Err(Failure::new(Kind::Timeout, sentence));
        }
        Ok(())
    }

    /// Called before each wait on a socket: from now on a cancellation ends the wait. False if the operation was
    /// already cancelled.
    pub fn watch(&self, socket: &Arc<TcpStream>) -> bool {
        let mut watched = lock(&self.socket);
        if !watched.as_ref().is_some_and(|watched| Arc::ptr_eq(watched, socket)) {
            *watched = Some(socket.clone());
        }
        !self.is_cancelled()
    }

    /// The request is over, and its connection may serve another call, which a late cancellation must not end.
    pub fn release(&self) {
        *lock(&self.socket) = None;
    }
}
