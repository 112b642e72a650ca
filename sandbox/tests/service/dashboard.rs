//! The dashboard without a browser: what it says, what it streams, and that it leaves no trace.

use serde_json::{Value, json};

use crate::client::{exchange, request_token};
use crate::harness::{Service, Wire};

#[test]
fn it_says_how_to_point_a_client_here_and_is_not_counted() {
    let service = Service::start(&["--consumer-secret", "a<b>&\"c\"", "--code", "CODE1"]);
    service.arm("kind=status&http=503");
    let page = service.connect().ask("GET", "/", &[], "").unwrap();
    assert_eq!(page.status, 200);
    for fact in ["url", "tls_url", "ca_file", "consumer_key"] {
        assert!(page.body.contains(service.fact(fact)), "{fact}");
    }
    assert!(page.body.contains("a&#60;b&#62;&#38;&#34;c&#34;") && !page.body.contains("<b>&"));
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    let state = service.admin("/sandbox/state");
    assert_eq!([&state["requests"], &state["connections"], &state["faults"]], [0, 0, 1]);
}

#[test]
fn every_change_is_streamed() {
    let service = Service::start(&["--code", "CODE1"]);
    let mut stream = service.connect();
    stream.send("GET", "/sandbox/events", &[], "").unwrap();
    assert_eq!(stream.event()["tokens"]["access"], json!([]));

    let pending = request_token(&service);
    let event = until(&mut stream, |event| event["requests"]["requests"][0]["http"] == 200);
    assert_eq!(event["tokens"]["request"][0]["token"], pending.token.as_str());
    assert!(!event.to_string().contains("CODE1") && !event.to_string().contains(&pending.secret));

    exchange(&service, &pending, "CODE1");
    let event = until(&mut stream, |event| event["tokens"]["access"][0].is_object());
    let access = &event["tokens"]["access"][0];
    let [issued, idle] = ["issued_at", "idle_at"].map(|name| access[name].as_i64().unwrap());
    assert_eq!(idle - issued, 7200);
    assert_eq!(access["dies_at"], event["day"][1]);

    service.arm("on=/v1&kind=status&http=500&times=3");
    let armed = json!({"query": "kind=status&http=500&on=%2Fv1", "times": 3, "after": 0});
    until(&mut stream, |event| event["faults"][0] == armed);
    service.admin("/sandbox/clock?offset=60");
    until(&mut stream, |event| event["offset"] == 60);
}

/// Waits for an event that is so.
fn until(stream: &mut Wire, is_so: impl Fn(&Value) -> bool) -> Value {
    loop {
        let event = stream.event();
        if is_so(&event) {
            return event;
        }
    }
}

#[test]
fn the_clock_understands_words() {
    let service = Service::start(&[]);
    let at = |text: &str| service.admin(&format!("/sandbox/clock?at={text}"))["clock"].as_i64().unwrap();
    // The machine's second may have passed.
    let is = |text, expected: i64| assert!((expected..expected + 5).contains(&at(text)), "{text}");
    is("2026-03-06T12:00", 1_772_816_400);
    is("midnight", 1_772_859_600);
    is("23:59", 1_772_945_940);
    is("2026-03-06T12:00:00-05:00", 1_772_816_400);
    let wrong = service.connect().ask("GET", "/sandbox/clock?at=noon", &[], "").unwrap();
    assert!(wrong.status == 400 && wrong.body.contains("noon"), "{}", wrong.body);
}
