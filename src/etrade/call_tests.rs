//! The rules for what is repeated and what ends a login: each in words, and all of them over every short sequence of
//! events.

mod answers;
mod oauth_calls;
mod play;
mod renews;

use super::shared_renew::{Need, SharedRenew};
use super::{ApiCall, ApiRequest, Call, Failure, Kind, Progress, Reply, State, Step, Unanswered};
use play::Event::*;
use play::*;

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
fn a_signature_is_good_for_a_minute_and_for_its_token() {
    for (later, same) in [(0, true), (59_999, true), (60_000, false), (120_000, false)] {
        let mut play = Play::of(World::new(), "POST");
        let signed = play.next();
        play.world.ticks += later;
        assert_eq!(play.next() == signed, same, "{later}");
    }
    let mut play = Play::of(World::new(), "POST");
    assert!(matches!(play.next(), Some(Step::Send(signed)) if signed.authorization.contains("\"token\"")));
    play.world.meet(Replaced);
    assert!(matches!(play.next(), Some(Step::Send(signed)) if signed.authorization.contains("\"another\"")));
}

#[test]
fn a_wordless_401_counts_as_a_refused_token_if_it_can_be_read() {
    for refusal in [BARE, WORDLESS, PAGE] {
        let play = Play::ended("POST", &[Answer(refusal), Answer(FINE), Answer(FINE)]);
        assert!(play.succeeded() && play.sends == 2, "{refusal:?}");
    }
    for unreadable in [BINARY, BINARY_WITH_A_CODE, CUT] {
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

fn api_call(method: &str, world: &World) -> ApiCall {
    let request = ApiRequest::check(method, "/v1/accounts", "", b"", &world.endpoints).unwrap();
    ApiCall::new(request, world.endpoints.clone())
}

/// What a call is told that got no response.
fn lost(kind: Kind, left: bool) -> Unanswered {
    Unanswered { failure: Failure::new(kind, "Lost."), left, dead_connection: false, given_up: false }
}

#[test]
fn a_response_that_could_not_be_taken_in_has_its_own_kind_only_for_what_asks() {
    for kind in [Kind::Limit, Kind::Memory, Kind::Timeout] {
        for method in ["GET", "POST"] {
            let mut world = World::new();
            let mut call = api_call(method, &world);
            assert!(call.next(&mut world.context()).is_ok());
            let Err(failure) = call.unanswered(lost(kind, true), &mut world.context()) else { panic!() };
            let own = method == "GET" && kind != Kind::Timeout;
            assert_eq!(failure.kind, if own { kind } else { Kind::Uncertain }, "{method} {kind:?}");
            let advice = match (own, method) {
                (true, _) => "",
                (false, "GET") => " Nothing was changed: ask again.",
                (false, _) => " The request may have been carried out: check before you repeat it.",
            };
            assert_eq!(failure.sentence, format!("Lost.{advice}"));
        }
    }
}

#[test]
fn a_call_was_sent_once_something_of_it_left() {
    for (event, sent) in [(None, true), (Some(true), true), (Some(false), false)] {
        let mut world = World::new();
        let mut call = api_call("GET", &world);
        assert!(call.next(&mut world.context()).is_ok() && !call.was_sent());
        let ended = match event {
            None => call.answered(Reply::new(200, "", b"{}"), &mut world.context()),
            Some(left) => call.unanswered(lost(Kind::Connect, left), &mut world.context()),
        };
        assert_eq!((call.was_sent(), ended.is_ok()), (sent, event.is_none()));
    }
}

#[test]
fn the_outcome_counts_what_was_sent() {
    let sends = |events: &[Event]| match Play::ended("GET", events).end {
        Some(Ok(outcome)) => outcome.sends,
        _ => panic!("{events:?}"),
    };
    assert_eq!(sends(&[Answer(FINE)]), 1);
    assert_eq!(sends(&[Answer(ABSENT), Answer(NONCE), Answer(FINE)]), 3);
    assert_eq!(sends(&[DeadConnection, Answer(FINE)]), 2);
    assert_eq!(sends(&[Answer(EXPIRED), Answer(FINE), Answer(FINE)]), 2, "renewals do not count");
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
    for other in
        [BARE, WORDLESS, PAGE, BINARY, BINARY_WITH_A_CODE, CUT, MISSING, MOVED, BROKEN, MAINTENANCE, PAGE_OF_SUCCESS]
    {
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
