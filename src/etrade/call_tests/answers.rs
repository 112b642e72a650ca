//! What a response to an API call means: the table in ARCHITECTURE.md, row by row.

use super::super::{Advice, Answer, Failure, Kind, Repair, Reply, SignedWhen, Verdict};
use super::play::*;
use Said::*;

/// A verdict without its sentences.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Said {
    Final(Advice),
    Repeat(Repair),
    Renew,
    Failed(Kind, Advice),
}

/// The verdict on a response to a request that was signed with the present token.
fn judge(method: &str, response: Response, signed: SignedWhen, world: &mut World) -> (Said, Option<Failure>) {
    let token = world.session.access_token().unwrap();
    let (status, headers, body) = response;
    let (reply, url) = (Reply::new(status, headers, body), "https://api.etrade.com/v1/accounts");
    let answer = Answer { reply: &reply, method, url, token: Some(&token), signed };
    match answer.judge(&world.endpoints.clone(), &mut world.context()) {
        Verdict::Final(advice) => (Final(advice), None),
        Verdict::Repeat(repair, failure) => (Repeat(repair), Some(failure)),
        Verdict::Renew(failure) => (Renew, Some(failure)),
        Verdict::Failed(failure, advice) => (Failed(failure.kind, advice), Some(failure)),
    }
}

fn judge_now(method: &str, response: Response, world: &mut World) -> (Said, Option<Failure>) {
    let edition = world.session.edition();
    judge(method, response, SignedWhen::Edition(edition), world)
}

#[test]
fn what_each_response_means_to_what_asks_and_to_what_acts() {
    const UNREADABLE: [Said; 2] = [Failed(Kind::Response, Advice::Wait), Failed(Kind::Uncertain, Advice::Check)];
    const UNCERTAIN: Said = Failed(Kind::Uncertain, Advice::Check);
    let code_in_a_header = "WWW-Authenticate: OAuth oauth_problem=token_expired";
    let sentence_in_a_header = "WWW-Authenticate: OAuth realm=\"Invalid access token used\"";
    let fix = |kind| [Failed(kind, Advice::Fix); 2];
    let responses: [(Response, [Said; 2]); 32] = [
        (CUT, UNREADABLE),
        ((200, "", CUT.2), UNREADABLE),
        (BINARY, UNREADABLE),
        (BINARY_WITH_A_CODE, UNREADABLE),
        ((401, sentence_in_a_header, BINARY.2), UNREADABLE),
        ((401, code_in_a_header, BINARY.2), [Renew; 2]),
        ((399, "", BINARY.2), [Final(Advice::None); 2]),
        ((400, "", BINARY.2), [Final(Advice::None), UNCERTAIN]),
        ((503, "", BINARY.2), [Final(Advice::Wait), UNCERTAIN]),
        (FINE, [Final(Advice::None); 2]),
        (MOVED, [Final(Advice::None); 2]),
        (PAGE_OF_SUCCESS, [Final(Advice::None); 2]),
        (EXPIRED, [Renew; 2]),
        (REJECTED, [Renew; 2]),
        (INVALID_TOKEN, [Renew; 2]),
        (BARE, [Renew; 2]),
        (TIMESTAMP, [Repeat(Repair::Timestamp); 2]),
        (TIMESTAMP_FAR, fix(Kind::ClockSkew)),
        (ABSENT, [Repeat(Repair::ParameterAbsent); 2]),
        (NONCE, [Repeat(Repair::NonceUsed), UNCERTAIN]),
        ((401, "", b"oauth_problem=signature_invalid"), fix(Kind::Signature)),
        ((401, "", b"oauth_problem=consumer_key_unknown"), fix(Kind::ConsumerKey)),
        ((401, "", b"oauth_problem=verifier_invalid"), fix(Kind::Verifier)),
        ((401, "", b"oauth_problem=permission_denied"), fix(Kind::Denied)),
        ((401, "", b"oauth_problem=callback_rejected"), fix(Kind::Http)),
        ((400, "", b"oauth_problem=something_new"), fix(Kind::Http)),
        (SLOW_DOWN, [Final(Advice::Wait); 2]),
        ((401, "", b"Number of requests exceeded the rate limit set"), [Final(Advice::Wait); 2]),
        (BROKEN, [Final(Advice::Wait), Final(Advice::Check)]),
        (MAINTENANCE, [Final(Advice::Wait), Final(Advice::Check)]),
        (DENIED, [Final(Advice::None); 2]),
        (MISSING, [Final(Advice::None); 2]),
    ];
    for (response, [asks, acts]) in responses {
        for (method, expected) in [("GET", asks), ("HEAD", asks), ("POST", acts), ("DELETE", acts)] {
            let (said, failure) = judge_now(method, response, &mut World::new());
            assert_eq!(said, expected, "{method} {response:?}");
            let Some(failure) = failure else { continue };
            assert_eq!(failure.http_status, response.0);
            let begin = format!("{method} at api.etrade.com failed (HTTP {}", response.0);
            assert!(failure.sentence.starts_with(&begin), "{}", failure.sentence);
        }
    }
}

#[test]
fn what_was_refused_before_a_renewal_is_sent_again() {
    let mut world = World::new();
    world.meet(Event::Renewed);
    let (edition, renewed_at) = (world.session.edition(), world.session.renewed_at());
    for (signed, overtaken) in [
        (SignedWhen::Edition(edition - 1), true),
        (SignedWhen::Edition(edition), false),
        (SignedWhen::Time(renewed_at - 1), true),
        (SignedWhen::Time(renewed_at), true),
        (SignedWhen::Time(renewed_at + 1), false),
    ] {
        world.session.used(&world.session.access_token().unwrap(), NOON);
        let expected = if overtaken { Repeat(Repair::Overtaken) } else { Renew };
        assert_eq!(judge("POST", EXPIRED, signed, &mut world).0, expected, "{signed:?}");
    }
}

#[test]
fn what_a_refused_token_means_after_what_came_before() {
    const LOGIN: Said = Failed(Kind::Login, Advice::Login);
    let mut over = World::new();
    over.session.end(&over.session.access_token().unwrap());
    assert_eq!(judge_now("GET", EXPIRED, &mut over).0, LOGIN, "the login has ended");

    let mut renewed = World::new();
    renewed.meet(Event::Renewed);
    let (said, failure) = judge_now("GET", EXPIRED, &mut renewed);
    assert_eq!(said, LOGIN, "a renewal has just succeeded");
    let sentence = failure.unwrap().sentence;
    assert!(sentence.contains("HTTP 401") && sentence.contains("right after E*TRADE had renewed it"), "{sentence}");
    assert_eq!(judge_now("GET", EXPIRED, &mut renewed).0, LOGIN, "and the back-off goes on");
    renewed.later(1);
    assert_eq!(judge_now("GET", EXPIRED, &mut renewed).0, Renew, "until it is over");

    let mut idle = World::new();
    idle.meet(Event::Renewed);
    idle.later(3 * HOUR);
    assert_eq!(judge_now("GET", EXPIRED, &mut idle).0, Renew, "the token has been idle since");

    for (kind, advice) in [(Kind::RateLimit, Advice::Wait), (Kind::ClockSkew, Advice::Fix)] {
        let mut failed = World::new();
        failed.context().renew_failed(&Failure::new(kind, "The renewal failed."), None);
        let (said, failure) = judge_now("GET", EXPIRED, &mut failed);
        assert_eq!(said, Failed(kind, advice), "the failure that began the back-off");
        assert_eq!(failure.unwrap().sentence, "The renewal failed.");
    }
}

#[test]
fn what_a_renewals_response_asks_for_is_the_back_off() {
    for (response, wait) in [(SLOW_DOWN, 7000), (BROKEN, 1000)] {
        let mut world = World::new();
        let reply = Reply::new(response.0, response.1, response.2);
        world.context().renew_failed(&Failure::new(Kind::RateLimit, ""), Some(&reply));
        assert_eq!(world.session.renewal.wait(world.ticks), wait);
    }
}

#[test]
fn what_to_do_about_each_kind_of_failure() {
    use Kind::*;
    for (advice, kinds) in [
        (Advice::None, &[Cancelled][..]),
        (Advice::Retry, &[Again]),
        (Advice::Wait, &[Connect, Tls, Timeout, RateLimit, Unavailable]),
        (Advice::Login, &[Login]),
        (Advice::Check, &[Uncertain]),
        (Advice::Fix, &[Argument, State, Limit, Memory, Url, Session, File, Http, Response, Signature, ClockSkew]),
    ] {
        for kind in kinds {
            assert_eq!(Advice::about(*kind), advice, "{kind:?}");
        }
    }
}
