//! What every call has in common: it is told what happened and says what to do next. Whoever does the HTTP, the library's
//! own client or a host, drives it so.

use super::{Advice, Clock, Consumer, Failure, Reply, Session};

/// A call as a state machine: events in, steps out, no I/O.
///
/// `answered` or `unanswered` follows each step to send or renew. A call whose method returned a failure is over.
pub trait Call {
    /// What to do now. Asked again before the step's end, it says the same.
    fn next(&mut self, context: &mut Context) -> Result<Step, Failure>;

    /// A complete response came.
    fn answered(&mut self, reply: Reply, context: &mut Context) -> Result<Progress, Failure>;

    /// None came.
    fn unanswered(&mut self, unanswered: Unanswered, context: &mut Context) -> Result<Progress, Failure>;

    /// The call is given up before its end; what it holds for others is given back.
    fn give_up(&mut self, session: &mut Session);
}

#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Send the call itself.
    Send(Signed),
    /// Send a renew of the access token first: a GET without a body. It is needless once the session's edition is no
    /// longer this one.
    Renew { signed: Signed, since: Option<u64> },
    /// Another call of this process renews: ask again when that has ended, or after a while.
    Wait,
    /// There is nothing to do (any more).
    Done,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    pub url: String,
    /// The value of the Authorization header.
    pub authorization: String,
    /// A kept connection turned out dead: send on a new one.
    pub new_connection: bool,
}

pub enum Progress {
    /// There is more to do; why, in a word for the log.
    More(&'static str),
    Done(Outcome),
}

/// A call that has come to its end.
pub struct Outcome {
    /// The answer to an API call.
    pub reply: Option<Reply>,
    pub advice: Advice,
    /// How often the call itself was sent.
    pub sends: u32,
}

impl Progress {
    /// The end of a call whose answer the caller doesn't see.
    pub fn done() -> Progress {
        Progress::Done(Outcome { reply: None, advice: Advice::None, sends: 0 })
    }
}

/// Why no complete response came, as far as whoever does the HTTP could see.
#[derive(Debug)]
pub struct Unanswered {
    pub failure: Failure,
    /// The request left, or part of it, or may have.
    pub left: bool,
    /// A kept connection was found dead: not a byte came back.
    pub dead_connection: bool,
    /// The caller gave up, or its time-out ended the wait: this says nothing of the server.
    pub given_up: bool,
}

/// The surroundings of a call, under the caller's lock.
pub struct Context<'a> {
    pub consumer: &'a Consumer,
    pub session: &'a mut Session,
    pub clock: &'a Clock,
    /// This machine's time, in seconds since 1970.
    pub now: i64,
    /// Milliseconds of a clock that is never set.
    pub ticks: u64,
    /// The tick until which the call may lead a renew.
    pub lead_until: u64,
}

impl Context<'_> {
    pub fn server_time(&self) -> i64 {
        self.clock.server_time(self.now)
    }
}
