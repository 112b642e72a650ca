//! E*TRADE's rules, without I/O: environments, the four calls, lifetimes, problems, the session.
//!
//! "Now" is an argument, in seconds since 1970. Nothing here sleeps, reads a clock or opens a socket.

mod call;
mod clock;
mod consumer;
mod environment;
mod exchange;
mod failure;
mod lifetime;
mod message;
mod problem;
mod reply;
mod session;
mod token;
mod verifier;

pub use call::Call;
pub use clock::Clock;
pub use consumer::Consumer;
pub use environment::{Endpoints, Environment};
pub use exchange::Exchange;
pub use failure::{Failure, Kind};
pub use reply::Reply;
pub use session::{Session, State, TokenState};
pub use token::Token;
