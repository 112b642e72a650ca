//! The rules for what is repeated and what ends a login: each in words, and all of them over every short sequence of events.

use super::shared_renew::{Need, SharedRenew};
use super::{
    Advice, ApiCall, ApiRequest, Call, Clock, Consumer, Context, Endpoints, Environment, Failure, Kind, Outcome,
    Progress, Reply, Session, State, Step, Token, Unanswered,
};

/// Noon in New York; midnight there is twelve hours away.
const NOON: i64 = 1_784_995_200;
const HOUR: i64 = 3600;

/// A response: HTTP status, header lines, body.
type Response = (u16, &'static str, &'static [u8]);

const FINE: Response = (200, "", b"{}");
const EXPIRED: Response = (401, "", b"oauth_problem=token_expired");
const REJECTED: Response = (400, "WWW-Authenticate: OAuth oauth_problem=\"token_rejected\"", b"");
const INVALID_TOKEN: Response = (401, "", b"<Error><message>Invalid access token used</message></Error>");
const INVALID_SESSION: Response = (401, "", b"{\"message\":\"invalid Consumer key and/or session token\"}");
const QUOTED: Response = (401, "", b"oauth_problem=&quot;token_expired&quot;");
const BARE: Response = (401, "", b"");
const WORDLESS: Response = (401, "", b"Unauthorized");
const PAGE: Response = (401, "", b"<html><title>Checking your browser</title></html>");
const BINARY: Response = (401, "", b"\x01\x02\x03\x04");
const CUT: Response = (401, "", b"\x1f\x8b\x08\x00\x00");
const ABSENT: Response = (400, "", b"oauth_problem=parameter_absent");
const NONCE: Response = (401, "", b"oauth_problem=nonce_used");
/// 100 and 2,000 seconds ahead of the machine's clock.
const TIMESTAMP: Response =
    (401, "", b"oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1784995000-1784995600");
const TIMESTAMP_FAR: Response =
    (401, "", b"oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1784997100-1784997300");
const DENIED: Response = (403, "", b"");
const MISSING: Response = (404, "", b"<html>gone</html>");
const MOVED: Response = (302, "Location: https://example.com/", b"");
const SLOW_DOWN: Response = (429, "Retry-After: 7", b"");
const BROKEN: Response = (500, "", b"");
const DOWN: Response = (503, "Retry-After: 400", b"");
const PAGE_OF_SUCCESS: Response = (200, "", b"<!DOCTYPE html><html>maintenance</html>");
const MAINTENANCE: Response = (503, "", b"<html>maintenance</html>");

/// The readable refusals of a token: the only ones that may end a login, and that only for a renewal.
const TOKEN_REFUSALS: [Response; 5] = [EXPIRED, REJECTED, INVALID_TOKEN, INVALID_SESSION, QUOTED];

const RESPONSES: [Response; 24] = [
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
fn is_plain_refusal(response: Response) -> bool {
    TOKEN_REFUSALS.contains(&response) || [BARE, WORDLESS, PAGE, ABSENT, TIMESTAMP].contains(&response)
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Event {
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

use Event::*;

struct World {
    consumer: Consumer,
    session: Session,
    clock: Clock,
    endpoints: Endpoints,
    now: i64,
    ticks: u64,
}

impl World {
    fn new() -> World {
        let consumer = Consumer::new(Environment::Live, "key", "secret").unwrap();
        let mut session = Session::default();
        session.set_access_token(Token::new("token", "secret").unwrap(), NOON - 60, NOON - 60);
        let endpoints = Endpoints::of(Environment::Live);
        World { consumer, session, clock: Clock::default(), endpoints, now: NOON, ticks: 1_000_000 }
    }

    fn context(&mut self) -> Context<'_> {
        let World { consumer, session, clock, now, ticks, .. } = self;
        Context { consumer, session, clock, now: *now, ticks: *ticks, lead_until: *ticks + 30_000 }
    }

    fn later(&mut self, seconds: i64) {
        self.now += seconds;
        self.ticks += u64::try_from(seconds).unwrap() * 1000;
    }

    fn state(&self) -> State {
        self.session.token_state(self.clock.server_time(self.now)).state
    }

    /// What happens outside the call.
    fn meet(&mut self, event: Event) {
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
struct Play {
    world: World,
    call: Box<dyn Call>,
    /// How often the call itself was sent, dead connections not counted.
    sends: u32,
    renews: u32,
    asks: bool,
    end: Option<Result<Outcome, Failure>>,
    /// A renewal met a readable refusal of the token.
    login_refused: bool,
    /// The request may have been carried out.
    uncertain: bool,
}

impl Play {
    fn of(world: World, method: &str) -> Play {
        let request = ApiRequest::check(method, "/v1/accounts", "", b"", &world.endpoints).unwrap();
        let call = Box::new(ApiCall::new(request, world.endpoints.clone()));
        Play::with(world, call, matches!(method, "GET" | "HEAD"))
    }

    fn with(world: World, call: Box<dyn Call>, asks: bool) -> Play {
        Play { world, call, sends: 0, renews: 0, asks, end: None, login_refused: false, uncertain: false }
    }

    fn ended(method: &str, events: &[Event]) -> Play {
        let mut play = Play::of(World::new(), method);
        events.iter().for_each(|event| play.meet(*event));
        play
    }

    fn next(&mut self) -> Option<Step> {
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

    fn meet(&mut self, event: Event) {
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

    fn kind(&self) -> Option<Kind> {
        self.end.as_ref().and_then(|end| end.as_ref().err().map(|failure| failure.kind))
    }

    fn succeeded(&self) -> bool {
        matches!(self.end, Some(Ok(_)))
    }

    fn check(&mut self, events: &[Event]) {
        assert!(!self.world.session.is_over() || self.login_refused, "a login was given up: {events:?}");
        assert!(self.sends <= 3, "sent {} times: {events:?}", self.sends);
        if self.end.is_some() {
            let step = self.call.next(&mut self.world.context());
            assert!(matches!(step, Ok(Step::Done)), "it goes on after its end: {events:?}");
        }
    }
}

fn every_event() -> Vec<Event> {
    let mut events: Vec<Event> = RESPONSES.map(Answer).to_vec();
    events.extend([Unsent, Cut, DeadConnection, TimedOut, Renewed, Replaced, AnotherLeads, ThreeHours, PastMidnight]);
    events
}

/// Plays all sequences that begin so; a call that has ended meets nothing more.
fn play_all(method: &str, events: &mut Vec<Event>, all: &[Event], played: &mut u32) {
    *played += 1;
    let mut play = Play::ended(method, events);
    play.check(events);
    if play.end.is_some() || events.len() == 4 {
        return;
    }
    for event in all {
        events.push(*event);
        play_all(method, events, all, played);
        events.pop();
    }
}

#[test]
fn every_sequence_of_up_to_four_events() {
    for method in ["GET", "POST"] {
        let mut played = 0;
        play_all(method, &mut Vec::new(), &every_event(), &mut played);
        assert!(played > 10_000, "{method}: {played}");
    }
}

#[test]
fn a_refused_token_is_renewed_once_and_the_call_sent_once_more() {
    for refusal in TOKEN_REFUSALS {
        for method in ["GET", "POST"] {
            let play = Play::ended(method, &[Answer(refusal), Answer(FINE), Answer(FINE)]);
            assert!(play.succeeded() && (play.sends, play.renews) == (2, 1), "{refusal:?}");
            assert_eq!(play.world.state(), State::Active);
        }
    }
}

#[test]
fn each_send_is_freshly_signed() {
    let mut play = Play::of(World::new(), "POST");
    let headers: Vec<String> = [ABSENT, EXPIRED, FINE, FINE]
        .iter()
        .map(|response| {
            let Some(Step::Send(signed) | Step::Renew { signed, .. }) = play.next() else { panic!() };
            play.meet(Answer(*response));
            signed.authorization
        })
        .collect();
    assert!((1..headers.len()).all(|at| !headers[..at].contains(&headers[at])));
}

#[test]
fn a_wordless_401_counts_as_a_refused_token_if_it_can_be_read() {
    for refusal in [BARE, WORDLESS, PAGE] {
        let play = Play::ended("POST", &[Answer(refusal), Answer(FINE), Answer(FINE)]);
        assert!(play.succeeded() && play.sends == 2, "{refusal:?}");
    }
    for unreadable in [BINARY, CUT] {
        let play = Play::ended("POST", &[Answer(unreadable)]);
        assert_eq!((play.kind(), play.sends), (Some(Kind::Uncertain), 1));
        assert_eq!(play.world.state(), State::Active, "it says nothing of the token");
        let play = Play::ended("GET", &[Answer(unreadable)]);
        assert_eq!(play.kind(), Some(Kind::Response));
        assert_eq!(play.world.state(), State::Active);
    }
}

#[test]
fn a_refused_timestamp_corrects_the_clock_by_up_to_15_minutes() {
    let play = Play::ended("POST", &[Answer(TIMESTAMP), Answer(FINE)]);
    assert!(play.succeeded() && play.sends == 2 && play.world.clock.offset() == 100);
    let play = Play::ended("POST", &[Answer(TIMESTAMP_FAR)]);
    assert_eq!((play.kind(), play.world.clock.offset()), (Some(Kind::ClockSkew), 0));
}

#[test]
fn an_absent_parameter_once_more_a_used_nonce_only_for_what_asks() {
    assert!(Play::ended("POST", &[Answer(ABSENT), Answer(FINE)]).succeeded());
    assert!(Play::ended("POST", &[Answer(ABSENT), Answer(ABSENT)]).kind().is_some());
    for method in ["GET", "HEAD"] {
        assert!(Play::ended(method, &[Answer(NONCE), Answer(FINE)]).succeeded());
    }
    for method in ["POST", "PUT", "DELETE"] {
        assert_eq!(Play::ended(method, &[Answer(NONCE)]).kind(), Some(Kind::Uncertain));
    }
}

#[test]
fn three_sends_and_a_dead_connection_beside_them() {
    let play = Play::ended("GET", &[Answer(ABSENT), Answer(NONCE), Answer(EXPIRED)]);
    assert!(play.end.is_some() && play.sends == 3);
    let play = Play::ended("GET", &[DeadConnection, Answer(ABSENT), Answer(NONCE), Answer(FINE)]);
    assert!(play.succeeded() && play.sends == 3);
    assert_eq!(Play::ended("GET", &[DeadConnection, DeadConnection]).kind(), Some(Kind::Uncertain));
    assert_eq!(Play::ended("POST", &[DeadConnection]).kind(), Some(Kind::Uncertain));
}

#[test]
fn what_left_without_a_response_is_uncertain() {
    for method in ["GET", "POST"] {
        for lost in [Cut, TimedOut] {
            assert_eq!(Play::ended(method, &[lost]).kind(), Some(Kind::Uncertain));
        }
        assert_eq!(Play::ended(method, &[Unsent]).kind(), Some(Kind::Connect));
    }
    let Some(Err(failure)) = Play::ended("GET", &[Cut]).end else { panic!() };
    assert!(failure.sentence.contains("ask again"));
}

#[test]
fn a_call_is_sent_in_every_state_while_a_token_is_held() {
    for before in [ThreeHours, PastMidnight] {
        let mut world = World::new();
        world.meet(before);
        let mut play = Play::of(world, "POST");
        play.meet(Answer(FINE));
        assert!(play.succeeded() && play.sends == 1 && play.renews == 0);
    }
}

#[test]
fn a_renewal_past_midnight_moves_the_estimate() {
    let mut world = World::new();
    world.meet(PastMidnight);
    assert_eq!(world.state(), State::Inactive);
    let mut play = Play::of(world, "GET");
    for response in [EXPIRED, FINE, FINE] {
        play.meet(Answer(response));
    }
    let state = play.world.session.token_state(play.world.now);
    assert!(play.succeeded() && state.state == State::Active && state.expires_in > 20 * 3600);
}

#[test]
fn only_a_readable_refusal_of_the_renewal_ends_a_login() {
    for refusal in TOKEN_REFUSALS {
        let mut play = Play::ended("GET", &[Answer(EXPIRED), Answer(refusal)]);
        assert_eq!((play.kind(), play.world.state()), (Some(Kind::Login), State::Expired), "{refusal:?}");
        play = Play::of(play.world, "GET");
        play.meet(Answer(FINE));
        assert_eq!((play.kind(), play.sends), (Some(Kind::Login), 0), "no request is sent");
    }
    for other in [BARE, WORDLESS, PAGE, BINARY, CUT, MISSING, MOVED, BROKEN, MAINTENANCE, PAGE_OF_SUCCESS] {
        let play = Play::ended("GET", &[Answer(EXPIRED), Answer(other)]);
        assert_eq!((play.kind(), play.world.state()), (Some(Kind::Unavailable), State::Inactive), "{other:?}");
    }
}

#[test]
fn a_wordless_refusal_of_the_renewal_past_midnight_is_told_and_ends_nothing() {
    let mut world = World::new();
    world.meet(PastMidnight);
    let mut play = Play::of(world, "GET");
    play.meet(Answer(EXPIRED));
    play.meet(Answer(BARE));
    assert_eq!((play.kind(), play.world.state()), (Some(Kind::Login), State::Inactive));
}

#[test]
fn a_failed_renewal_is_not_asked_for_again_at_once() {
    let mut play = Play::ended("GET", &[Answer(EXPIRED), Answer(SLOW_DOWN)]);
    assert_eq!(play.kind(), Some(Kind::RateLimit));
    for (seconds, renews) in [(0, 0), (6, 0), (1, 1)] {
        play.world.later(seconds);
        play = Play::of(play.world, "GET");
        play.meet(Answer(EXPIRED));
        if renews == 0 {
            assert_eq!((play.kind(), play.sends, play.renews), (Some(Kind::RateLimit), 1, 0));
        } else {
            play.meet(Answer(FINE));
            assert_eq!(play.renews, 1);
        }
    }
    let play = Play::ended("GET", &[Answer(EXPIRED), Answer(DOWN)]);
    assert_eq!(play.world.session.renewal.wait(play.world.ticks), 300_000, "a server may ask for 300 s at the most");
}

#[test]
fn a_refusal_right_after_a_renewal_is_told_and_renews_nothing_for_a_while() {
    let mut play = Play::ended("GET", &[Answer(EXPIRED), Answer(FINE), Answer(EXPIRED)]);
    assert_eq!((play.kind(), play.world.state()), (Some(Kind::Login), State::Inactive));
    play = Play::of(play.world, "GET");
    play.meet(Answer(EXPIRED));
    assert_eq!((play.kind(), play.sends, play.renews), (Some(Kind::Login), 1, 0));
    play.world.later(1);
    play = Play::of(play.world, "GET");
    for response in [EXPIRED, FINE, FINE] {
        play.meet(Answer(response));
    }
    assert!(play.succeeded() && play.renews == 1);
}

#[test]
fn what_was_signed_before_the_last_renewal_is_sent_again_without_one() {
    for overtaken in [Renewed, Replaced] {
        let mut play = Play::of(World::new(), "POST");
        assert!(matches!(play.next(), Some(Step::Send(_))));
        let context = &mut play.world.context();
        let signed_before = play.call.next(context);
        assert!(matches!(signed_before, Ok(Step::Send(_))));
        play.world.meet(overtaken);
        // The response belongs to the request that had left.
        let (status, headers, body) = EXPIRED;
        let progress = play.call.answered(Reply::new(status, headers, body), &mut play.world.context());
        assert!(matches!(progress, Ok(Progress::More(_))));
        play.meet(Answer(FINE));
        assert!(play.succeeded() && play.renews == 0);
    }
}

#[test]
fn one_leads_a_renewal_and_who_gives_up_hands_the_lead_on() {
    let mut play = Play::ended("GET", &[Answer(EXPIRED)]);
    assert!(matches!(play.next(), Some(Step::Renew { .. })));
    let renewal = |world: &World| SharedRenew::new(Need::Refused, world.endpoints.clone(), &world.session);
    let mut other = renewal(&play.world);
    assert!(matches!(other.next(&mut play.world.context()), Ok(Step::Wait)));
    play.call.give_up(&mut play.world.session);
    assert_eq!(play.world.session.renewal.wait(play.world.ticks), 0, "that starts no back-off");
    assert!(matches!(other.next(&mut play.world.context()), Ok(Step::Renew { .. })));
}

#[test]
fn a_leader_whose_own_timeout_ends_starts_no_back_off() {
    let play = Play::ended("GET", &[Answer(EXPIRED), TimedOut]);
    assert!(play.kind().is_some() && play.world.session.renewal.wait(play.world.ticks) == 0);
    let play = Play::ended("GET", &[Answer(EXPIRED), Cut]);
    assert_eq!(play.kind(), Some(Kind::Unavailable));
    assert_eq!(play.world.session.renewal.wait(play.world.ticks), 1000);
}

#[test]
fn a_response_that_refuses_nothing_is_a_use_and_a_refusal_is_none() {
    for (response, is_use) in [(FINE, true), (MISSING, true), (BROKEN, true), (EXPIRED, false), (NONCE, false)] {
        let mut world = World::new();
        world.later(HOUR);
        let mut play = Play::of(world, "GET");
        play.meet(Answer(response));
        assert_eq!(play.world.session.used_at() >= NOON + HOUR, is_use, "{response:?}");
    }
}

#[test]
fn ensure_active_asks_only_when_the_estimate_says_so() {
    for (before, renews) in [(0, 0), (3 * HOUR, 1), (13 * HOUR, 1)] {
        let mut world = World::new();
        world.later(before);
        let need = SharedRenew::new(Need::ActiveFor(60), world.endpoints.clone(), &world.session);
        let mut play = Play::with(world, Box::new(need), true);
        play.meet(Answer(FINE));
        assert!(play.succeeded() && play.renews == renews, "{before}");
    }
}
