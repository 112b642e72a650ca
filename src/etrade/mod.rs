//! E*TRADE's rules, without I/O: environments, the four calls, lifetimes, problems, the session.
//!
//! "Now" is an argument, in seconds since 1970. Nothing here sleeps, reads a clock or opens a socket.

mod advice;
mod call;
mod clock;
mod consumer;
mod environment;
mod exchange;
mod failure;
mod lifetime;
mod message;
mod problem;
mod refusal;
mod reply;
mod session;
mod session_text;
mod token;
mod verifier;

pub use advice::{Advice, Answer, Repairs, only_asks};
pub use call::Call;
pub use clock::Clock;
pub use consumer::Consumer;
pub use environment::{Endpoints, Environment};
pub use exchange::{Context, Exchange, Step};
pub use failure::{Failure, Kind};
pub use problem::{Meaning, Problem};
pub use refusal::Refusal;
pub use reply::Reply;
pub use session::{Session, State, TokenState};
pub use session_text::{SessionFault, read as read_session, write as write_session};
pub use token::Token;
