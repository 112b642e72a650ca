//! What is refused for its size or number, and the rest of the admin path.

use crate::client::{FORM, get, log_in};
use crate::harness::Service;

#[test]
fn bodies_end_at_a_mebibyte() {
    let service = Service::start(&[]);
    for (size, status) in [(1 << 20, 400), ((1 << 20) + 1, 413)] {
        let body = "x".repeat(size);
        // A body that is too large need not be read to its end.
        let mut wire = service.connect();
        let _ = wire.send("POST", "/v1/echo", &[("Content-Type", FORM)], &body);
        assert_eq!(wire.receive().unwrap().status, status, "{size}");
    }
}

#[test]
fn heads_end_at_64_kibibytes() {
    let service = Service::start(&[]);
    for (size, status) in [(60 << 10, 404), (70 << 10, 431)] {
        let long = "x".repeat(size);
        let mut wire = service.connect();
        // One that is too long need not be read to its end.
        let _ = wire.send("GET", "/nothing", &[("Long", long.as_str())], "");
        assert_eq!(wire.receive().unwrap().status, status, "{size}");
    }
}

#[test]
fn paths_are_counted_up_to_a_thousand() {
    let service = Service::start(&[]);
    let mut wire = service.connect();
    for number in 0..1005 {
        wire.ask("GET", &format!("/path/{number}"), &[], "").unwrap();
    }
    wire.ask("GET", "/path/7", &[], "").unwrap();
    wire.ask("GET", &"/long".repeat(100), &[], "").unwrap();
    let state = service.admin("/sandbox/state");
    assert_eq!(state["requests"], 1007);
    assert_eq!((&state["paths"]["/path/7"], &state["paths"]["(others)"]), (&2.into(), &6.into()));
    assert_eq!(state["paths"].as_object().unwrap().len(), 1001);
}

#[test]
fn nonces_are_forgotten_with_the_clock() {
    let service = Service::start(&["--code", "CODE1"]);
    let access = log_in(&service);
    assert_eq!(service.count("nonces"), 2);
    let now = service.admin("/sandbox/clock?advance=601")["clock"].as_u64().unwrap();
    let request = crate::client::Request { timestamp: now, ..get("/v1/echo").with(&access) };
    assert_eq!(request.ask(&service).status, 200);
    assert_eq!(service.count("nonces"), 1);
}

#[test]
fn modules_have_their_limits_on_demand() {
    let message = "Number of requests exceeded the rate limit set";
    for (arguments, limited) in [(&["--code", "CODE1", "--rate-limits"][..], true), (&["--code", "CODE1"], false)] {
        let service = Service::start(arguments);
        let access = log_in(&service);
        let mut wire = service.connect();
        // Of so many, some are within one second.
        let mut answers = (0..60).map(|_| {
            get("/v1/accounts/list").with(&access).send(&service, &mut wire);
            wire.receive().unwrap()
        });
        let refused = answers.find(|answer| answer.status != 200);
        assert_eq!(refused.is_some(), limited);
        if let Some(refused) = refused {
            assert_eq!(refused.status, 400);
            assert!(refused.body.contains(message), "{}", refused.body);
            assert_eq!(service.admin("/sandbox/requests")["requests"][0]["verdict"], "limited");
        }
    }
}

#[test]
fn the_clock_takes_one_parameter() {
    let service = Service::start(&[]);
    for query in ["offset=1&advance=1", "offset=1&offset=2", "offset=x", "later=1"] {
        let answer = service.connect().ask("GET", &format!("/sandbox/clock?{query}"), &[], "").unwrap();
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["error"].is_string());
    }
    assert_eq!(service.admin("/sandbox/clock")["offset"], 0);
    assert_eq!(service.admin("/sandbox/health")["status"], "ok");
    assert_eq!(service.count("requests"), 0);
}

#[test]
fn malformed_headers_are_told_what_is_wrong() {
    let service = Service::start(&[]);
    for (field, why) in [
        ("oauth_callback=oob", "oauth_callback has a value without quotation marks."),
        ("oauth_callback= \"oob\"", "oauth_callback has a space after its =."),
    ] {
        let authorization = format!("OAuth {field},oauth_nonce=\"1\"");
        let headers = [("Authorization", authorization.as_str())];
        let answer = service.connect().ask("GET", "/oauth/request_token", &headers, "").unwrap();
        assert_eq!(answer.status, 400);
        let code = "oauth_problem=parameter_rejected&amp;oauth_parameters_rejected=oauth_callback";
        assert!(answer.body.contains(code) && answer.body.contains(why), "{}", answer.body);
        assert_eq!(answer.header("sandbox-explanation"), Some(why));
    }
    let answer = service.connect().ask("GET", "/v1/echo", &[], "").unwrap();
    let code = "oauth_problem=parameter_absent&amp;oauth_parameters_absent=oauth_consumer_key";
    assert!(answer.body.contains(code), "{}", answer.body);
}
