//! A call played without a server: the events it meets, and what came of it.

use super::super::{
    Advice, ApiCall, ApiRequest, Call, Clock, Consumer, Context, Endpoints, Environment, Failure, Kind, Outcome,
    Progress, Reply, Session, State, Step, Token, Unanswered,
};
use Event::*;

/// Noon in New York; midnight there is twelve hours away.
pub const NOON: i64 = 1_784_995_200;
pub const HOUR: i64 = 3600;

/// A response: HTTP status, header lines, body.
pub type Response = (u16, &'static str, &'static [u8]);

pub const FINE: Response = (200, "", b"{}");
pub const EXPIRED: Response = (401, "", b"oauth_problem=token_expired");
pub const REJECTED: Response = (400, "WWW-Authenticate: OAuth oauth_problem=\"token_rejected\"", b"");
pub const INVALID_TOKEN: Response = (401, "", b"<Error><message>Invalid access token used</message></Error>");
pub const INVALID_SESSION: Response = (401, "", b"{\"message\":\"invalid Consumer key and/or session token\"}");
pub const QUOTED: Response = (401, "", b"oauth_problem=&quot;token_expired&quot;");
pub const BARE: Response = (401, "", b"");
pub const WORDLESS: Response = (401, "", b"Unauthorized");
pub const PAGE: Response = (401, "", b"<html><title>Checking your browser</title></html>");
pub const BINARY: Response = (401, "", b"\x01\x02\x03\x04");
/// Words in it change nothing.
pub const BINARY_WITH_A_CODE: Response = (401, "", b"\x01oauth_problem=token_expired\x02");
pub const CUT: Response = (401, "", b"\x1f\x8b\x08\x00\x00");
pub const ABSENT: Response = (400, "", b"oauth_problem=parameter_absent");
pub const NONCE: Response = (401, "", b"oauth_problem=nonce_used");
/// 100 and 2,000 seconds ahead of the machine's clock.
pub const TIMESTAMP: Response =
    (401, "", b"oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1784995000-1784995600");
pub const TIMESTAMP_FAR: Response =
    (401, "", b"oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1784997100-1784997300");
pub const DENIED: Response = (403, "", b"");
pub const MISSING: Response = (404, "", b"<html>gone</html>");
pub const MOVED: Response = (302, "Location: https://example.com/", b"");
pub const SLOW_DOWN: Response = (429, "Retry-After: 7", b"");
pub const BROKEN: Response = (500, "", b"");
pub const DOWN: Response = (503, "Retry-After: 400", b"");
pub const PAGE_OF_SUCCESS: Response = (200, "", b"<!DOCTYPE html><html>maintenance</html>");
pub const MAINTENANCE: Response = (503, "", b"<html>maintenance</html>");

/// The readable refusals of a token: the only ones that may end a login, and that only for a renewal.
pub const TOKEN_REFUSALS: [Response; 5] = [EXPIRED, REJECTED, INVALID_TOKEN, INVALID_SESSION, QUOTED];

pub const RESPONSES: [Response; 24] = [
    FINE,
    EXPIRED,
    REJECTED,
    INVALID_TOKEN,
    INVALID_SESSION,
    QUOTED,
    BARE,
    WORDLESS,
    PAGE,
    BINARY,
    CUT,
    ABSENT,
    NONCE,
    TIMESTAMP,
    TIMESTAMP_FAR,
    DENIED,
    MISSING,
    MOVED,
    SLOW_DOWN,
    BROKEN,
    DOWN,
    PAGE_OF_SUCCESS,
    MAINTENANCE,
    (400, "", b"{\"Error\":{\"message\":\"Invalid quantity\"}}"),
];

/// After these a request that does something may be sent again, since they say that it was not carried out.
pub fn is_plain_refusal(response: Response) -> bool {
    TOKEN_REFUSALS.contains(&response) || [BARE, WORDLESS, PAGE, ABSENT, TIMESTAMP].contains(&response)
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    Answer(Response),
    Unsent,
    Cut,
    DeadConnection,
    TimedOut,
    /// Another call renewed the token.
    Renewed,
    /// Another token took its place.
    Replaced,
    /// Another call leads a renewal for the next second.
    AnotherLeads,
    ThreeHours,
    PastMidnight,
}

pub struct World {
    pub consumer: Consumer,
    pub session: Session,
    pub clock: Clock,
    pub endpoints: Endpoints,
    pub now: i64,
    pub ticks: u64,
}

impl World {
    pub fn new() -> World {
        let consumer = Consumer::new(Environment::Live, "key", "secret").unwrap();
        let mut session = Session::default();
        session.set_access_token(Token::new("token", "secret").unwrap(), NOON - 60, NOON - 60);
        let endpoints = Endpoints::of(Environment::Live);
        World { consumer, session, clock: Clock::default(), endpoints, now: NOON, ticks: 1_000_000 }
    }

    pub fn context(&mut self) -> Context<'_> {
        let World { consumer, session, clock, now, ticks, .. } = self;
        Context { consumer, session, clock, now: *now, ticks: *ticks, lead_until: *ticks + 30_000 }
    }

    pub fn later(&mut self, seconds: i64) {
        self.now += seconds;
        self.ticks += u64::try_from(seconds).unwrap() * 1000;
    }

    pub fn state(&self) -> State {
        self.session.token_state(self.clock.server_time(self.now)).state
    }

    /// What happens outside the call.
    pub fn meet(&mut self, event: Event) {
        let now = self.clock.server_time(self.now);
        match event {
            Renewed => {
                let token = self.session.access_token().unwrap();
                self.session.renewed(&token, now);
                self.session.renewal.succeeded();
            }
            Replaced => self.session.set_access_token(Token::new("another", "secret").unwrap(), now, now),
            AnotherLeads => {
                let rounds = self.session.renewal.rounds();
                self.session.renewal.join(rounds, true, self.ticks, self.ticks + 1000);
            }
            ThreeHours => self.later(3 * HOUR),
            PastMidnight => self.later(13 * HOUR),
            _ => unreachable!("{event:?} happens to the call"),
        }
    }
}

/// A call under way, and what came of it.
pub struct Play {
    pub world: World,
    pub call: Box<dyn Call>,
    /// How often the call itself was sent, dead connections not counted.
    pub sends: u32,
    pub renews: u32,
    pub asks: bool,
    pub end: Option<Result<Outcome, Failure>>,
    /// A renewal met a readable refusal of the token.
    pub login_refused: bool,
    /// The request may have been carried out.
    pub uncertain: bool,
}

impl Play {
    pub fn of(world: World, method: &str) -> Play {
        let request = ApiRequest::check(method, "/v1/accounts", "", b"", &world.endpoints).unwrap();
        let call = Box::new(ApiCall::new(request, world.endpoints.clone()));
        Play::with(world, call, matches!(method, "GET" | "HEAD"))
    }

    pub fn with(world: World, call: Box<dyn Call>, asks: bool) -> Play {
        Play { world, call, sends: 0, renews: 0, asks, end: None, login_refused: false, uncertain: false }
    }

    pub fn ended(method: &str, events: &[Event]) -> Play {
        let mut play = Play::of(World::new(), method);
        events.iter().for_each(|event| play.meet(*event));
        play
    }

    pub fn next(&mut self) -> Option<Step> {
        for _ in 0..3 {
            match self.call.next(&mut self.world.context()) {
                Ok(Step::Wait) => self.world.later(1),
                Ok(Step::Done) => {
                    self.end.get_or_insert(Ok(Outcome { reply: None, advice: Advice::None, sends: 0 }));
                    return None;
                }
                Ok(step) => return Some(step),
                Err(failure) => {
                    self.end.get_or_insert(Err(failure));
                    return None;
                }
            }
        }
        panic!("it waits for ever");
    }

    pub fn meet(&mut self, event: Event) {
        if self.end.is_some() {
            return;
        }
        if matches!(event, Renewed | Replaced | AnotherLeads | ThreeHours | PastMidnight) {
            return self.world.meet(event);
        }
        let Some(step) = self.next() else {
            return;
        };
        let own = matches!(step, Step::Send(_));
        let lost = |kind, left, dead_connection| Unanswered {
            failure: Failure::new(kind, "Lost."),
            left,
            dead_connection,
            given_up: kind == Kind::Timeout,
        };
        assert!(!own || !self.uncertain || self.asks, "sent again, though it may have been carried out");
        if own {
            self.sends += u32::from(!matches!(event, Unsent | DeadConnection));
        } else {
            self.renews += 1;
        }
        let context = &mut self.world.context();
        let progress = match event {
            Answer(response) => {
                self.login_refused |= !own && TOKEN_REFUSALS.contains(&response);
                self.uncertain |= own && !is_plain_refusal(response);
                let (status, headers, body) = response;
                self.call.answered(Reply::new(status, headers, body), context)
            }
            lost_how => {
                self.uncertain |= own && lost_how != Unsent;
                let (kind, left, dead) = match lost_how {
                    Unsent => (Kind::Connect, false, false),
                    DeadConnection => (Kind::Connect, true, true),
                    TimedOut => (Kind::Timeout, true, false),
                    _ => (Kind::Connect, true, false),
                };
                self.call.unanswered(lost(kind, left, dead), context)
            }
        };
        match progress {
            Ok(Progress::More(_)) => {}
            Ok(Progress::Done(outcome)) => self.end = Some(Ok(outcome)),
            Err(failure) => self.end = Some(Err(failure)),
        }
    }

    pub fn kind(&self) -> Option<Kind> {
        self.end.as_ref().and_then(|end| end.as_ref().err().map(|failure| failure.kind))
    }

    pub fn succeeded(&self) -> bool {
        matches!(self.end, Some(Ok(_)))
    }

    pub fn check(&mut self, events: &[Event]) {
        assert!(!self.world.session.is_over() || self.login_refused, "a login was given up: {events:?}");
        assert!(self.sends <= 3, "sent {} times: {events:?}", self.sends);
        if self.end.is_some() {
            let step = self.call.next(&mut self.world.context());
            assert!(matches!(step, Ok(Step::Done)), "it goes on after its end: {events:?}");
        }
    }
}
