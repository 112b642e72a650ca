//! The sandbox as its clients see it, over sockets.

mod broker;
mod client;
mod dashboard;
mod faults;
mod harness;
mod limits;
#[cfg(target_os = "linux")]
mod load;
mod login;
mod mistakes;
mod page;
mod process;
mod proxy;
mod requests;
