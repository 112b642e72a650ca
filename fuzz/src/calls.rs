//! Calls of one login as state machines, with events in any order. Each two bytes of the input are an event: which, to
//! which call; and with what.

use etoauth::etrade::{
    ApiCall, ApiRequest, Call, Clock, Consumer, Context, Endpoints, Environment, Exchange, Failure, Kind, Need,
    OAuthCall, Progress, Reply, Session, SharedRenew, Step, Token, Unanswered, Verifier, read_session, write_session,
};

/// Noon in New York.
const NOON: i64 = 1_784_995_200;

/// What a response says, in the words of the contract.
#[derive(Clone, Copy, PartialEq)]
enum Says {
    /// It plainly refuses the token.
    TokenRefused,
    /// It plainly refuses the request, so that it was not carried out.
    Refused,
    /// Anything else: the request may have been carried out.
    Other,
}

use Says::*;

const RESPONSES: [(u16, &str, &[u8], Says); 26] = [
    (200, "", b"{}", Other),
    (200, "", b"oauth_token=new&oauth_token_secret=s%2Bs", Other),
    (200, "", b"Access Token has been renewed", Other),
    (200, "", b"<!DOCTYPE html><html>maintenance</html>", Other),
    (200, "", b"oauth_problem=token_rejected", TokenRefused),
    (204, "", b"", Other),
    (302, "Location: https://example.com/", b"", Other),
    (400, "", b"{\"Error\":{\"message\":\"Invalid quantity\"}}", Other),
    (400, "", b"oauth_problem=parameter_absent", Refused),
    (400, "WWW-Authenticate: OAuth oauth_problem=\"token_rejected\"", b"", TokenRefused),
    (401, "", b"", Refused),
    (401, "", b"Unauthorized", Refused),
    (401, "", b"\x01\x02\x03\x04", Other),
    (401, "", b"\x1f\x8b\x08\x00\x00", Other),
    (401, "", b"oauth_problem=nonce_used", Other),
    (401, "", b"oauth_problem=token_expired", TokenRefused),
    (401, "", b"<Error><message>Invalid access token used</message></Error>", TokenRefused),
    (401, "", b"oauth_problem=signature_invalid", Other),
    (401, "", b"oauth_problem=verifier_invalid", Other),
    (401, "", b"oauth_problem=timestamp_refused&oauth_acceptable_timestamps=1784995000-1784995600", Refused),
    (401, "Date: Sat, 25 Jul 2026 16:10:00 GMT", b"oauth_problem=timestamp_refused", Refused),
    (403, "", b"<html>denied</html>", Other),
    (404, "", b"", Other),
    (429, "Retry-After: 7", b"", Other),
    (500, "", b"", Other),
    (503, "Retry-After: 400", b"<html>maintenance</html>", Other),
];

struct World {
    consumer: Consumer,
    session: Session,
    clock: Clock,
    endpoints: Endpoints,
    now: i64,
    ticks: u64,
}

impl World {
    fn context(&mut self) -> Context<'_> {
        let World { consumer, session, clock, now, ticks, .. } = self;
        Context { consumer, session, clock, now: *now, ticks: *ticks, lead_until: *ticks + 10_000 }
    }

    fn later(&mut self, milliseconds: u64) {
        self.ticks += milliseconds;
        self.now += (milliseconds / 1000) as i64;
    }

    fn server_time(&self) -> i64 {
        self.clock.server_time(self.now)
    }
}

/// A call, and what was seen of it.
struct Player {
    call: Box<dyn Call>,
    kind: Played,
    /// The step that no event has followed yet.
    step: Option<Sent>,
    sends: u32,
    /// An earlier copy of the request may have been carried out.
    uncertain: bool,
    over: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Played {
    Get,
    Post,
    Renew(Need),
    OAuth(OAuthCall),
}

#[derive(Clone, Copy, PartialEq)]
enum Sent {
    Own,
    Renewal,
}

const PLAYERS: usize = 4;

struct Game {
    world: World,
    players: [Option<Player>; PLAYERS],
    /// Who leads a renewal, until which tick.
    lead: Option<(usize, u64)>,
    logins: u32,
}

pub fn run(data: &[u8]) {
    let consumer = Consumer::new(Environment::Live, "key", "secret").expect("they are sound");
    let mut session = Session::default();
    session.set_access_token(token("token"), NOON - 60, NOON - 60);
    let endpoints = Endpoints::of(Environment::Live);
    let world = World { consumer, session, clock: Clock::default(), endpoints, now: NOON, ticks: 1_000_000 };
    let mut game = Game { world, players: Default::default(), lead: None, logins: 0 };
    for event in data.chunks_exact(2).take(200) {
        game.meet(event[0], event[1]);
    }
    game.end();
}

fn token(name: &str) -> Token {
    Token::new(name, "secret").expect("they are sound")
}

impl Game {
    fn meet(&mut self, event: u8, with: u8) {
        let (place, event) = (usize::from(event) % PLAYERS, usize::from(event) / PLAYERS);
        let was_over = self.world.session.is_over();
        let held = self.world.session.access_token().ok();
        let mut may_end = false;
        match event % 16 {
            0 | 1 => self.begin(place, with),
            2..=4 => self.next(place),
            5..=7 => may_end = self.answer(place, RESPONSES[usize::from(with) % RESPONSES.len()]),
            8 => self.lose(place, with),
            9 => self.give_up(place),
            10 => self.world.later(1000 << (with % 16)),
            11 => self.world.later(u64::from(with)),
            12 => self.set_token(),
            13 => self.renewed_elsewhere(),
            14 => may_end = self.there_and_back(with),
            _ => {
                self.world.clock.set_offset(i64::from(with as i8) * 1000);
            }
        }
        let session = &self.world.session;
        assert!(!session.is_over() || was_over || may_end, "a login ended without a readable refusal of a renewal");
        if held.is_some() && session.access_token().is_err() {
            assert!(matches!(event % 16, 5..=8), "only a revocation takes a token away");
        }
        let state = session.token_state(self.world.server_time());
        assert!(state.inactive_in >= 0 && state.expires_in >= 0);
    }

    fn begin(&mut self, place: usize, with: u8) {
        self.give_up(place);
        let kinds = [
            Played::Get,
            Played::Post,
            Played::Post,
            Played::Renew(Need::Always),
            Played::Renew(Need::ActiveFor(60)),
            Played::OAuth(OAuthCall::RequestToken),
            Played::OAuth(OAuthCall::AccessToken),
            Played::OAuth(OAuthCall::RenewAccessToken),
            Played::OAuth(OAuthCall::RevokeAccessToken),
        ];
        let kind = kinds[usize::from(with) % kinds.len()];
        let endpoints = self.world.endpoints.clone();
        let api = |method, endpoints: Endpoints| {
            let request = ApiRequest::check(method, "/v1/accounts", "", b"", &endpoints).expect("it is sound");
            Box::new(ApiCall::new(request, endpoints)) as Box<dyn Call>
        };
        let call = match kind {
            Played::Get => api("GET", endpoints),
            Played::Post => api("POST", endpoints),
            Played::Renew(need) => Box::new(SharedRenew::new(need, endpoints, &self.world.session)),
            Played::OAuth(call) => {
                let verifier = (call == OAuthCall::AccessToken).then(|| Verifier::read("code").expect("it is a code"));
                match Exchange::begin(call, verifier, endpoints, &self.world.context()) {
                    Ok(exchange) => Box::new(exchange) as Box<dyn Call>,
                    Err(_) => return,
                }
            }
        };
        self.players[place] = Some(Player { call, kind, step: None, sends: 0, uncertain: false, over: false });
    }

    fn next(&mut self, place: usize) {
        let Some(player) = &mut self.players[place] else { return };
        if player.over && matches!(player.kind, Played::Renew(_)) {
            // Its driver asks no more.
            return;
        }
        let waiting = self.world.session.renewal.wait(self.world.ticks);
        let step = player.call.next(&mut self.world.context());
        if player.over {
            assert!(matches!(step, Ok(Step::Done)), "it goes on after its end");
            return;
        }
        player.step = None;
        match step {
            Ok(Step::Send(signed)) => {
                assert!(signed.authorization.starts_with("OAuth "));
                assert!(player.kind != Played::Post || !player.uncertain, "it may have been carried out");
                player.step = Some(Sent::Own);
                // Another process has renewed meanwhile.
                self.lead = self.lead.filter(|&(leader, _)| leader != place);
            }
            Ok(Step::Renew { signed, .. }) => {
                assert!(signed.authorization.starts_with("OAuth "));
                let lead = self.lead.filter(|&(_, until)| self.world.ticks < until);
                assert!(lead.is_none_or(|(leader, _)| leader == place), "two renew at once");
                let leads = self.lead.is_some_and(|(leader, _)| leader == place);
                let told = player.kind == Played::Renew(Need::Always);
                assert!(leads || told || waiting == 0, "a renewal is asked for during a back-off");
                if !leads {
                    self.lead = Some((place, self.world.ticks + 10_000));
                }
                player.step = Some(Sent::Renewal);
            }
            Ok(Step::Wait) => {
                assert!(self.lead.is_some_and(|(leader, _)| leader != place), "it waits for nobody");
            }
            Ok(Step::Done) => {
                assert!(matches!(player.kind, Played::Renew(_)), "it was not told of its end");
                player.over = true;
            }
            Err(failure) => {
                check(&failure);
                player.over = true;
            }
        }
    }

    /// Whether the response may end the login.
    fn answer(&mut self, place: usize, (status, headers, body, says): (u16, &str, &[u8], Says)) -> bool {
        let Some(player) = &mut self.players[place] else { return false };
        let Some(step) = player.step.take() else { return false };
        let reply = Reply::new(status, headers, body);
        let renewal = step == Sent::Renewal || player.kind == Played::OAuth(OAuthCall::RenewAccessToken);
        if step == Sent::Own {
            player.sends += 1;
            player.uncertain |= says == Other || status < 400;
        }
        let progress = player.call.answered(reply, &mut self.world.context());
        self.went(place, step, progress);
        renewal && says == TokenRefused
    }

    fn lose(&mut self, place: usize, with: u8) {
        let Some(player) = &mut self.players[place] else { return };
        let Some(step) = player.step.take() else { return };
        let kinds = [Kind::Connect, Kind::Timeout, Kind::Cancelled, Kind::Tls];
        let kind = kinds[usize::from(with) % kinds.len()];
        let (left, dead_connection) = (with & 16 != 0, with & 48 == 48 && kind == Kind::Connect);
        let failure = Failure::new(kind, "Lost.");
        let given_up = matches!(kind, Kind::Cancelled | Kind::Timeout);
        if step == Sent::Own {
            player.sends += u32::from(left && !dead_connection);
            player.uncertain |= left;
        }
        let unanswered = Unanswered { failure, left, dead_connection, given_up };
        let progress = player.call.unanswered(unanswered, &mut self.world.context());
        self.went(place, step, progress);
    }

    fn went(&mut self, place: usize, step: Sent, progress: Result<Progress, Failure>) {
        let Some(player) = &mut self.players[place] else { return };
        assert!(player.sends <= 3, "{:?} was sent {} times", player.kind, player.sends);
        match progress {
            Ok(Progress::More(why)) => assert!(!why.is_empty()),
            Ok(Progress::Done(outcome)) => {
                assert!(outcome.sends <= 3);
                player.over = true;
            }
            Err(failure) => {
                check(&failure);
                player.over = true;
            }
        }
        // A renewal that is to be sent once more is still led; any other end of one gives the lead back.
        let renewing = step == Sent::Renewal && self.lead.is_some_and(|(leader, _)| leader == place);
        if renewing && !self.still_leads(place) {
            self.lead = None;
        }
    }

    /// Asks for a renewal as another call would, and gives a lead back at once.
    fn still_leads(&mut self, place: usize) -> bool {
        if self.players[place].as_ref().is_none_or(|player| player.over) {
            return false;
        }
        let mut other = SharedRenew::new(Need::Always, self.world.endpoints.clone(), &self.world.session);
        let waits = matches!(other.next(&mut self.world.context()), Ok(Step::Wait));
        other.give_up(&mut self.world.session);
        waits
    }

    fn give_up(&mut self, place: usize) {
        if let Some(mut player) = self.players[place].take() {
            player.call.give_up(&mut self.world.session);
        }
        if self.lead.is_some_and(|(leader, _)| leader == place) {
            self.lead = None;
        }
    }

    fn set_token(&mut self) {
        self.logins += 1;
        let now = self.world.server_time();
        let name = format!("token {}", self.logins);
        self.world.session.set_access_token(token(&name), now, now);
        self.lead = None;
    }

    fn renewed_elsewhere(&mut self) {
        if let Ok(token) = self.world.session.access_token() {
            let now = self.world.server_time();
            self.world.session.renewed(&token, now);
        }
    }

    /// The session is written and read, as another process does. Whether that may end the login.
    fn there_and_back(&mut self, with: u8) -> bool {
        let text = write_session(&self.world.session, &self.world.consumer);
        let Ok(read) = read_session(&text, &self.world.consumer) else {
            let day = self.world.server_time();
            assert!(!(0..253_402_300_800).contains(&day), "what was written cannot be read");
            return false;
        };
        let over = read.is_over();
        let now = self.world.server_time();
        match with % 3 {
            0 => self.world.session.adopt(read),
            1 => self.world.session.import(read, now),
            _ => self.world.session.merge_unsaved(read),
        }
        over
    }

    /// All give up: the lead of a renewal is free then.
    fn end(&mut self) {
        for place in 0..PLAYERS {
            self.give_up(place);
        }
        if self.world.session.access_token().is_ok() {
            let mut renew = SharedRenew::new(Need::Always, self.world.endpoints.clone(), &self.world.session);
            let step = renew.next(&mut self.world.context());
            assert!(matches!(step, Ok(Step::Renew { .. })), "the lead was not given back");
        }
    }
}

fn check(failure: &Failure) {
    assert!(!failure.sentence.is_empty() && failure.problem.len() <= 64);
}
