//! What a client's handle stands for: the client, and the last failure of a function that was called with this handle.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use super::argument::{try_not_null, try_object};
use super::entry::enter;
use super::fault::Fault;
use super::handle::{self, Object};
use super::thread::Thread;
use super::types::{etoauth_client, etoauth_status};
use crate::client::Client;

pub struct ClientHandle {
    /// Exchanges keep a client that was freed.
    client: Arc<Client>,
    last: Mutex<Option<Fault>>,
}

impl ClientHandle {
    pub fn new(client: Client) -> ClientHandle {
        ClientHandle { client: Arc::new(client), last: Mutex::default() }
    }

    pub fn last(&self) -> Option<Fault> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_last(&self, fault: Fault) {
        let former = self.last.lock().unwrap_or_else(PoisonError::into_inner).replace(fault);
        drop(former);
    }
}

impl Deref for ClientHandle {
    type Target = Arc<Client>;

    fn deref(&self) -> &Arc<Client> {
        &self.client
    }
}

impl Object for ClientHandle {
    const KIND: usize = 1;
    const NAME: &'static str = "client";
    const SURVIVES_FORK: bool = false;

    fn freed(&self) {
        self.close();
    }
}

/// Runs the body of a function that has a client among its arguments, and keeps a failure for
/// `etoauth_client_last_error` as well, if the client is a live one.
pub fn enter_for_client(c: *mut etoauth_client, body: impl FnOnce(&Thread) -> Result<(), Fault>) -> etoauth_status {
    enter(|thread| {
        thread.catch(|| body(thread)).inspect_err(|fault| {
            if let Ok(client) = handle::get::<ClientHandle>(c.cast(), "c", &thread.hazards) {
                client.set_last(fault.clone());
            }
        })
    })
}

/// Runs the body of a function whose only other arguments may be anything.
pub fn with_client(
    c: *mut etoauth_client,
    body: impl FnOnce(&Thread, &ClientHandle) -> Result<(), Fault>,
) -> etoauth_status {
    enter_for_client(c, |thread| {
        try_not_null!(c);
        let client = try_object!(thread, c as ClientHandle);
        body(thread, &client)
    })
}
