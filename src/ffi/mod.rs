//! The C ABI.
#![allow(unsafe_code)]
// What C passes is checked as far as it can be; the rest is said in the header.
#![allow(clippy::missing_safety_doc)]

mod argument;
#[cfg(windows)]
mod dll;
mod entry;
mod fault;
mod fork;
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
#[cfg(windows)]
mod vb_text;

mod client;
mod errors;
mod exchange;
mod library;
mod listener;
mod login;
mod prepared;
mod send;
mod session;
mod signer;
#[cfg(windows)]
mod vb;
