//! The C ABI.
#![allow(unsafe_code)]
// C arguments are checked as far as possible; the header documents the rest.
#![allow(clippy::missing_safety_doc)]

mod argument;
#[cfg(windows)]
mod dll;
mod entry;
mod fault;
mod handle;
mod hazard;
mod memory;
mod privilege;
mod process;
mod sentence;
mod slots;
mod status;
mod string;
mod thread;
mod time;
mod types;
#[cfg(any(windows, fuzzing))]
mod vb_text;

mod client;
mod client_handle;
mod errors;
mod exchange;
mod library;
mod listener;
mod login;
mod prepared;
mod send;
mod session;
mod share;
mod signer;
#[cfg(any(windows, fuzzing))]
mod vb;
