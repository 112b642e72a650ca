//! The C ABI.
#![allow(unsafe_code)]
// What C passes is checked as far as it can be; the rest is said in the header.
#![allow(clippy::missing_safety_doc)]

mod argument;
mod entry;
mod fault;
mod fork;
mod handle;
mod memory;
mod reader;
mod slots;
mod status;
#[cfg(windows)]
mod stay;
mod string;
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
