//! E*TRADE's rules, without I/O: environments, the four calls, lifetimes, problems, the session.
//!
//! "Now" is an argument, in seconds since 1970. Nothing here sleeps, reads a clock or opens a socket.

mod adoption;
mod advice;
mod answer;
mod api_call;
mod api_request;
mod call;
#[cfg(test)]
mod call_tests;
mod clock;
mod consumer;
mod environment;
mod exchange;
mod failure;
mod lifetime;
mod message;
mod oauth_call;
mod problem;
mod refusal;
mod renewal;
mod repairs;
mod reply;
mod retry_after;
mod session;
mod session_text;
mod shared_renew;
mod token;
mod verifier;

pub use advice::{Advice, only_asks};
pub use answer::{Answer, SignedWhen, Verdict};
pub use api_call::ApiCall;
pub use api_request::ApiRequest;
pub use call::{Call, Context, Outcome, Progress, Signed, Step, Unanswered};
pub use clock::Clock;
pub use consumer::Consumer;
pub use environment::{Endpoints, Environment};
pub use exchange::Exchange;
pub use failure::{Failure, Kind};
pub use oauth_call::OAuthCall;
pub use problem::problem_code;
use refusal::Refusal;
pub use repairs::Repair;
pub use reply::{FIRST_CAPACITY, LARGEST_BODY, Reply};
pub use retry_after::retry_after;
pub use session::{Session, State, TokenState};
pub use session_text::{SessionDefect, read as read_session, write as write_session};
pub use shared_renew::{Need, SharedRenew};
pub use token::Token;
pub use verifier::Verifier;
