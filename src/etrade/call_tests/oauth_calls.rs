//! The four OAuth calls: what each response, and each way to get none, means for each of them.

use super::super::{
    Call, Exchange, Failure, Kind, OAuthCall, Progress, Reply, State, Step, Token, Unanswered, Verifier,
};
use super::play::{self, *};
use OAuthCall::*;

const CALLS: [OAuthCall; 4] = [RequestToken, AccessToken, RenewAccessToken, RevokeAccessToken];

const TOKEN: Response = (200, "", b"oauth_token=new&oauth_token_secret=secret");
const RENEWED: Response = (200, "", b"Access Token has been renewed");

/// A login is pending, and an access token is held.
fn world() -> World {
    let mut world = World::new();
    world.session.begin_login(Token::new("request", "secret").unwrap(), NOON);
    world
}

fn begin(call: OAuthCall, world: &mut World) -> Exchange {
    let verifier = (call == AccessToken).then(|| Verifier::read("CO:DE").unwrap());
    Exchange::begin(call, verifier, world.endpoints.clone(), &world.context()).unwrap()
}

fn answer(exchange: &mut Exchange, response: Response, world: &mut World) -> Result<Progress, Failure> {
    let (status, headers, body) = response;
    exchange.answered(Reply::new(status, headers, body), &mut world.context())
}

/// No response came to a request that left or did not.
fn lose(exchange: &mut Exchange, kind: Kind, left: bool, world: &mut World) -> Result<Progress, Failure> {
    let failure = Failure::new(kind, "Lost.");
    let unanswered = Unanswered { failure, left, dead_connection: false, given_up: false };
    exchange.unanswered(unanswered, &mut world.context())
}

fn lose_a_dead_connection(exchange: &mut Exchange, world: &mut World) -> Result<Progress, Failure> {
    let failure = Failure::new(Kind::Connect, "Lost.");
    let unanswered = Unanswered { failure, left: true, dead_connection: true, given_up: false };
    exchange.unanswered(unanswered, &mut world.context())
}

fn kind(progress: Result<Progress, Failure>) -> Option<Kind> {
    progress.err().map(|failure| failure.kind)
}

#[test]
fn what_each_call_sends() {
    let sent = CALLS.map(|call| begin(call, &mut world()).signed());
    for (signed, (path, token)) in sent.iter().zip([
        ("request_token", ""),
        ("access_token", "request"),
        ("renew_access_token", "token"),
        ("revoke_access_token", "token"),
    ]) {
        assert_eq!(signed.url, format!("https://api.etrade.com/oauth/{path}"));
        let header = &signed.authorization;
        assert_eq!(header.contains("oauth_callback=\"oob\""), path == "request_token", "{header}");
        assert_eq!(header.contains("oauth_verifier=\"CO%3ADE\""), path == "access_token", "{header}");
        assert_eq!(header.contains("oauth_token="), !token.is_empty(), "{header}");
        assert!(header.contains(&format!("oauth_token=\"{token}\"")) || token.is_empty(), "{header}");
        assert!(!signed.new_connection);
    }
    let names = CALLS.map(|call| begin(call, &mut world()).call().name());
    assert_eq!(names, ["Get Request Token", "Get Access Token", "Renew Access Token", "Revoke Access Token"]);
}

#[test]
fn a_verifier_of_another_login_is_not_sent() {
    let mut world = world();
    for (token, expected) in [("request", None), ("another", Some(Kind::Argument))] {
        let verifier = Verifier::read(&format!("http://h/?oauth_token={token}&oauth_verifier=V")).unwrap();
        let begun = Exchange::begin(AccessToken, Some(verifier), world.endpoints.clone(), &world.context());
        assert_eq!(begun.err().map(|failure| failure.kind), expected, "{token}");
    }
}

#[test]
fn what_each_call_expects() {
    for (call, response) in CALLS.into_iter().zip([TOKEN, TOKEN, RENEWED, FINE]) {
        let mut world = world();
        world.later(HOUR);
        world.session.begin_login(Token::new("request", "secret").unwrap(), world.now);
        let before = world.session.request_token(world.now).unwrap();
        let mut exchange = begin(call, &mut world);
        assert!(matches!(exchange.next(&mut world.context()), Ok(Step::Send(signed)) if signed == exchange.signed()));
        assert!(matches!(answer(&mut exchange, response, &mut world), Ok(Progress::Done(_))), "{call:?}");
        assert!(matches!(exchange.next(&mut world.context()), Ok(Step::Done)));
        assert_eq!(kind(answer(&mut exchange, response, &mut world)), Some(Kind::State), "it has ended");
        let held = world.session.access_token().map(|token| token.value.to_string()).unwrap_or_default();
        let (begun, renewed) = (!world.session.is_pending(&before), world.session.renewed_at() == world.now);
        assert_eq!(
            (held.as_str(), begun, renewed),
            match call {
                RequestToken => ("token", true, false),
                AccessToken => ("new", true, false),
                RenewAccessToken => ("token", false, true),
                RevokeAccessToken => ("", false, false),
            },
        );
        // The clock goes on past a renewal, so that what is signed after it is told from what was signed before.
        assert_eq!(world.clock.server_time(world.now) > world.now, renewed);
    }
}

#[test]
fn what_each_response_means_to_each_call() {
    use Kind::*;
    let responses: [(play::Response, [Kind; 4]); 17] = [
        (EXPIRED, [ConsumerKey, Verifier, Login, Login]),
        (REJECTED, [ConsumerKey, Verifier, Login, Login]),
        ((401, "", b"oauth_problem=verifier_invalid"), [Verifier; 4]),
        (BARE, [ConsumerKey, Verifier, Unavailable, Login]),
        (MISSING, [Http, Http, Unavailable, Http]),
        (MOVED, [Http, Http, Unavailable, Http]),
        (BINARY, [Response, Response, Unavailable, Response]),
        (BINARY_WITH_A_CODE, [Response, Response, Unavailable, Response]),
        ((200, "", b"\x01"), [Response, Response, Unavailable, Response]),
        (PAGE_OF_SUCCESS, [Response, Response, Unavailable, Response]),
        ((200, "", b"oauth_problem=token_expired"), [Response, Response, Login, Login]),
        (SLOW_DOWN, [RateLimit; 4]),
        (DOWN, [Unavailable; 4]),
        (TIMESTAMP_FAR, [ClockSkew; 4]),
        ((401, "", b"oauth_problem=signature_invalid"), [Signature; 4]),
        ((403, "", b"oauth_problem=permission_denied"), [Denied; 4]),
        ((400, "", b"oauth_problem=something_new"), [Http; 4]),
    ];
    for (response, kinds) in responses {
        for (call, expected) in CALLS.into_iter().zip(kinds) {
            let mut world = world();
            let mut exchange = begin(call, &mut world);
            let Err(failure) = answer(&mut exchange, response, &mut world) else { panic!("{call:?} {response:?}") };
            assert_eq!((failure.kind, failure.http_status), (expected, response.0), "{call:?} {response:?}");
            let begin = format!("{} at api.etrade.com failed (HTTP {}", call.name(), response.0);
            assert!(failure.sentence.starts_with(&begin), "{}", failure.sentence);
            assert!(matches!(exchange.next(&mut world.context()), Ok(Step::Done)));
            assert!(world.session.request_token(NOON).is_ok(), "the login stays pending");
            let refused = call == RenewAccessToken && expected == Login;
            assert_eq!(world.session.is_over(), refused, "only a renewal's refusal ends a login");
            assert_eq!(world.session.access_token().is_err(), call == RevokeAccessToken, "a revoked token is dropped");
            let waits = world.session.renewal.wait(world.ticks) > 0;
            assert_eq!(waits, call == RenewAccessToken && !refused, "only a failed renewal begins a back-off");
        }
    }
}

#[test]
fn a_response_that_no_one_can_read_and_one_that_means_nothing_are_told_apart() {
    let sentence = |call, response| {
        let mut world = world();
        let mut exchange = begin(call, &mut world);
        answer(&mut exchange, response, &mut world).err().unwrap().sentence
    };
    assert!(sentence(RevokeAccessToken, BINARY).contains("cannot be read"));
    assert!(sentence(RevokeAccessToken, PAGE_OF_SUCCESS).contains("cannot be read"));
    assert!(sentence(RevokeAccessToken, MOVED).contains("no such response"));
    assert!(sentence(AccessToken, FINE).contains("no token and secret"));
    assert!(sentence(RenewAccessToken, MISSING).contains("not one that E*TRADE gives"));
}

#[test]
fn a_page_refuses_no_request_for_a_token_that_is_in_it() {
    let page: Response = (200, "", b"oauth_token=new&oauth_token_secret=<html>");
    let mut world = world();
    let mut exchange = begin(RequestToken, &mut world);
    assert!(answer(&mut exchange, page, &mut world).is_ok());
}

#[test]
fn each_repair_once_and_twice_in_all() {
    for call in CALLS {
        for (first, second) in [(ABSENT, NONCE), (NONCE, TIMESTAMP), (TIMESTAMP, ABSENT)] {
            let mut world = world();
            let mut exchange = begin(call, &mut world);
            let mut headers = vec![exchange.signed().authorization];
            for response in [first, second] {
                assert!(matches!(answer(&mut exchange, response, &mut world), Ok(Progress::More(_))));
                let Ok(Step::Send(signed)) = exchange.next(&mut world.context()) else { panic!() };
                assert!(!headers.contains(&signed.authorization), "signed again");
                headers.push(signed.authorization);
            }
            assert!(kind(answer(&mut exchange, first, &mut world)).is_some());
        }
        for (response, expected) in [(ABSENT, Kind::Http), (NONCE, Kind::Http), (TIMESTAMP, Kind::ClockSkew)] {
            let mut world = world();
            let mut exchange = begin(call, &mut world);
            assert!(answer(&mut exchange, response, &mut world).is_ok());
            assert_eq!(kind(answer(&mut exchange, response, &mut world)), Some(expected));
        }
    }
}

#[test]
fn what_no_response_means_to_each_call() {
    use Kind::*;
    let losses: [(Kind, bool, [Kind; 4]); 9] = [
        (Connect, false, [Connect, Connect, Unavailable, Connect]),
        (Timeout, false, [Timeout, Timeout, Unavailable, Timeout]),
        (Connect, true, [Connect, Uncertain, Unavailable, Uncertain]),
        (Timeout, true, [Timeout, Uncertain, Unavailable, Uncertain]),
        (Cancelled, false, [Cancelled; 4]),
        (Cancelled, true, [Uncertain; 4]),
        (Memory, true, [Memory; 4]),
        (Argument, false, [Argument; 4]),
        (Insecure, false, [Insecure; 4]),
    ];
    for (lost, left, kinds) in losses {
        for (call, expected) in CALLS.into_iter().zip(kinds) {
            let mut world = world();
            let mut exchange = begin(call, &mut world);
            let Err(failure) = lose(&mut exchange, lost, left, &mut world) else { panic!("{call:?} {lost:?}") };
            assert_eq!(failure.kind, expected, "{call:?} {lost:?} {left}");
            assert!(failure.sentence.starts_with(&format!("{}: Lost.", call.name())), "{}", failure.sentence);
            assert_eq!(failure.sentence.ends_with("Lost."), failure.kind == lost, "advice goes with a change of kind");
            assert_eq!(world.session.access_token().is_err(), call == RevokeAccessToken);
            let waits = world.session.renewal.wait(world.ticks) > 0;
            assert_eq!(waits, call == RenewAccessToken, "only a failed renewal begins a back-off");
        }
    }
}

#[test]
fn who_gave_up_begins_no_back_off() {
    let mut world = world();
    let mut exchange = begin(RenewAccessToken, &mut world);
    let failure = Failure::new(Kind::Timeout, "Lost.");
    let unanswered = Unanswered { failure, left: true, dead_connection: false, given_up: true };
    assert_eq!(kind(exchange.unanswered(unanswered, &mut world.context())), Some(Kind::Unavailable));
    assert_eq!(world.session.renewal.wait(world.ticks), 0);
}

#[test]
fn a_dead_connection_is_replaced_once_but_never_for_a_verifier() {
    for call in CALLS {
        let mut world = world();
        let mut exchange = begin(call, &mut world);
        let before = exchange.signed();
        if call == AccessToken {
            assert_eq!(kind(lose_a_dead_connection(&mut exchange, &mut world)), Some(Kind::Uncertain));
            continue;
        }
        assert!(matches!(lose_a_dead_connection(&mut exchange, &mut world), Ok(Progress::More(_))), "{call:?}");
        let after = exchange.signed();
        assert!(after.new_connection && after.authorization != before.authorization);
        assert!(kind(lose_a_dead_connection(&mut exchange, &mut world)).is_some(), "{call:?}");
    }
}

#[test]
fn a_call_whose_token_was_replaced_changes_nothing() {
    for call in [AccessToken, RenewAccessToken, RevokeAccessToken] {
        for lost in [false, true] {
            let mut world = world();
            let mut exchange = begin(call, &mut world);
            world.session.begin_login(Token::new("later", "secret").unwrap(), NOON);
            world.session.set_access_token(Token::new("later", "secret").unwrap(), NOON, NOON);
            let late = if lost {
                lose(&mut exchange, Kind::Connect, true, &mut world)
            } else {
                answer(&mut exchange, EXPIRED, &mut world)
            };
            let Err(failure) = late else { panic!("{call:?}") };
            assert_eq!(failure.kind, Kind::State);
            assert!(failure.sentence.contains("no longer holds"), "{}", failure.sentence);
            assert_eq!(world.state(), State::Active);
            assert_eq!(&*world.session.access_token().unwrap().value, "later");
            assert!(matches!(exchange.next(&mut world.context()), Ok(Step::Done)));
        }
    }
}

#[test]
fn a_renewal_is_known_by_its_words() {
    let is_renewed = |status, body: &str| Exchange::is_renewed(&Reply::new(status, "", body.as_bytes()));
    assert!(is_renewed(200, "Access Token has been renewed"));
    assert!(is_renewed(200, "\r\n access token has been renewed."));
    assert!(!is_renewed(401, "Access Token has been renewed"));
    for other in ["", "Access Token has been", "Revoked Access Token", "{\"Access Token has been renewed\":1}"] {
        assert!(!is_renewed(200, other), "{other}");
    }
}
