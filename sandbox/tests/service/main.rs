//! The sandbox as its clients see it, over sockets.

mod client;
mod faults;
mod harness;
mod login;
mod page;
mod process;
mod requests;
