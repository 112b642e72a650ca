//! Each fault does what it says, and what was processed is counted.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use crate::client::{Pair, Request, get, log_in};
use crate::harness::{Answer, End, Service, Wire};

const LIST: &str = "/v1/accounts/list.json";

/// A sandbox with a login.
fn start() -> (Service, Pair) {
    let service = Service::start(&["--code", "CODE1"]);
    let access = log_in(&service);
    (service, access)
}

/// Arms a fault on the list, asks for it, and gives what came before this end.
#[track_caller]
fn meet(service: &Service, access: &Pair, fault: &str, end: End) -> String {
    service.arm(&format!("on={LIST}&{fault}"));
    let mut wire = service.connect();
    get(LIST).with(access).send(service, &mut wire);
    wire.rest(end)
}

fn answer(service: &Service, access: &Pair, fault: &str) -> Answer {
    service.arm(fault);
    get(LIST).with(access).ask(service)
}

#[test]
fn dropped_and_stalled_requests() {
    let (service, access) = start();
    let whole = get(LIST).with(&access).ask(&service).body;
    let mut processed = 1;
    for (ending, end) in [("kind=drop", End::Closed), ("kind=drop&reset=1", End::Reset), ("kind=stall", End::Silent)] {
        for when in ["before", "after", "headers", "body", "chunked"] {
            let fault = format!("{ending}&when={when}");
            let text = meet(&service, &access, &fault, end);
            processed += u64::from(when != "before");
            assert_eq!(service.count("api_calls"), processed, "{fault}");
            let body = text.split_once("\r\n\r\n").map(|(_, body)| body);
            match when {
                "headers" => assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && body.is_none()),
                "body" => {
                    assert!(text.contains(&format!("content-length: {}\r\n", whole.len())));
                    assert_eq!(body.unwrap(), &whole[..whole.len() / 2]);
                }
                "chunked" => {
                    assert!(text.contains("transfer-encoding: chunked\r\n"));
                    assert!(!body.unwrap().contains("\r\n0\r\n"));
                }
                _ => assert_eq!(text, ""),
            }
        }
    }
    assert_eq!(service.count("requests"), 3 + 15);
    assert_eq!(service.count("faults"), 0);
}

#[test]
fn connections_dropped_and_stalled_at_once() {
    let (service, access) = start();
    for (fault, end) in [("kind=drop", End::Closed), ("kind=drop&reset=1", End::Reset), ("kind=stall", End::Silent)] {
        service.arm(&format!("{fault}&when=accept"));
        assert_eq!(service.connect().rest(end), "", "{fault}");
    }
    assert_eq!(get(LIST).with(&access).ask(&service).status, 200);
}

#[test]
fn connections_that_die_after_a_whole_answer() {
    let (service, access) = start();
    let text = meet(&service, &access, "kind=drop&when=idle", End::Closed);
    assert!(text.contains("AccountListResponse") && !text.contains("connection:"));
    let text = meet(&service, &access, "kind=drop&when=idle&reset=1", End::Reset);
    assert!(text.contains("AccountListResponse"));

    service.arm("kind=drop&when=next");
    let mut wire = service.connect();
    let request = get(LIST).with(&access);
    request.send(&service, &mut wire);
    assert_eq!(wire.receive().unwrap().status, 200);
    request.send(&service, &mut wire);
    assert_eq!(wire.rest(End::Closed), "");
    assert_eq!(service.count("api_calls"), 3);
}

#[test]
fn a_broken_connection_over_tls() {
    let (service, access) = start();
    let ask = |fault: &str, end| {
        service.arm(&format!("on={LIST}&{fault}"));
        let authorization = get(LIST).with(&access).authorization(&service, service.fact("tls_url"));
        let host = service.host("tls_url");
        let headers = [("Authorization", authorization.as_str()), ("Host", host)];
        let mut wire = service.connect_tls();
        wire.send("GET", LIST, &headers, "").unwrap();
        wire.rest(end)
    };
    assert_eq!(ask("kind=drop&when=after", End::Closed), "");
    assert_eq!(ask("kind=drop&when=after&reset=1", End::Reset), "");
    assert_eq!(ask("kind=stall&when=after", End::Silent), "");
    assert!(ask("kind=drop&when=idle", End::Closed).contains("AccountListResponse"));
    assert_eq!(service.count("api_calls"), 4);
}

#[test]
fn a_stalled_handshake() {
    let (service, _) = start();
    service.arm("kind=stall&when=accept");
    let mut wire = service.connect_tls();
    wire.give_up_soon();
    let error = wire.ask("GET", "/", &[], "").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
}

#[test]
fn a_slow_handshake() {
    let (service, _) = start();
    service.arm("kind=slow&ms=1&when=accept");
    let mut wire = service.connect_tls();
    wire.give_up_soon();
    let begun = Instant::now();
    let error = wire.ask("GET", "/", &[], "").unwrap_err();
    // Then it falls silent, but before that came a certificate, byte by byte.
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    assert!(begun.elapsed() > Duration::from_secs(1));
}

#[test]
fn slow_answers_keep_the_connection() {
    let (service, access) = start();
    service.arm("kind=slow&ms=1");
    let mut wire = service.connect();
    for _ in 0..2 {
        get(LIST).with(&access).send(&service, &mut wire);
        assert!(wire.receive().unwrap().json()["AccountListResponse"].is_object());
    }
    assert_eq!(service.count("connections"), 3);
}

#[test]
fn answers_of_strange_form() {
    let (service, access) = start();
    let text = meet(&service, &access, "kind=garbage", End::Closed);
    assert!(!text.starts_with("HTTP/") && !text.is_empty());

    let text = meet(&service, &access, "kind=close_delimited", End::Closed);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 200") && !head.contains("content-length"));
    assert!(body.ends_with('}') && !head.contains("chunked"));

    let large = answer(&service, &access, "kind=oversize&bytes=5000001");
    assert_eq!((large.status, large.body.len()), (200, 5_000_001));
    assert_eq!(service.count("api_calls"), 3);

    let skewed = answer(&service, &access, "kind=date&skew=-86400");
    let honest = get(LIST).with(&access).ask(&service);
    assert_ne!(skewed.header("date").unwrap()[..16], honest.header("date").unwrap()[..16]);
}

#[test]
fn refusals_in_every_shape() {
    let (service, access) = start();
    let sentence = "oauth_problem=token_expired";
    for (shape, expected) in [
        ("html", format!("<b>Message</b> {sentence}</p>")),
        ("html_old", format!("<h1>HTTP Status 401 - {sentence}</h1>")),
        ("json", format!("{{\"Error\":{{\"message\":\"{sentence}\"}}}}")),
        ("xml", format!("<Error><message>{sentence}</message></Error>")),
        ("xml_code", format!("<Error><code>0</code><message>{sentence}</message></Error>")),
        ("text", sentence.to_owned()),
        ("header", String::new()),
        ("empty", String::new()),
    ] {
        let fault = format!("kind=problem&code=token_expired&shape={shape}");
        let answer = answer(&service, &access, &fault);
        assert_eq!(answer.status, 401);
        assert!(answer.body.contains(&expected), "{shape}: {}", answer.body);
        assert_eq!(answer.body.is_empty(), expected.is_empty());
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        assert_eq!(challenge.ends_with(sentence), shape == "header");
    }
    let limit = "kind=problem&http=400&message=Number+of+requests+exceeded+the+rate+limit+set";
    let answer = answer(&service, &access, limit);
    assert_eq!(answer.status, 400);
    let message = "Number of requests exceeded the rate limit set";
    assert_eq!(answer.json()["Error"]["message"], message);
    assert_eq!(service.count("api_calls"), 0);
}

#[test]
fn bodies_in_every_form() {
    let (service, access) = start();
    let status = "kind=status&http=401&body=oauth_problem%3Dnonce_used";
    let form = |form: &str| meet(&service, &access, &format!("{status}{form}"), End::Silent);
    let gzip = form("&encoding=gzip");
    assert!(gzip.contains("content-encoding: gzip\r\n") && !gzip.contains("oauth_problem"));
    let unannounced = form("&encoding=gzip&announced=0");
    assert!(!unannounced.contains("content-encoding") && !unannounced.contains("oauth_problem"));
    assert!(form("&encoding=br&truncated=1").contains("content-length: 12\r\n"));
    let challenge = answer(&service, &access, "kind=status&http=401&challenge=OAuth+oauth_problem%3D%22%22&body=x");
    assert_eq!(challenge.header("www-authenticate"), Some("OAuth oauth_problem=\"\""));
    let unmeasured = meet(&service, &access, &format!("{status}&length=0"), End::Closed);
    assert!(unmeasured.starts_with("HTTP/1.0 401") && unmeasured.ends_with("nonce_used"));
    assert!(!unmeasured.contains("content-length"));
    service.arm("kind=oversize&bytes=17000000&encoding=gzip");
    let mut wire = service.connect();
    get(LIST).with(&access).send(&service, &mut wire);
    assert!(wire.rest(End::Silent).len() < 1_000_000);
}

#[test]
fn plain_answers() {
    let (service, access) = start();
    let busy = "kind=status&http=429&retry_after=7&body=slow+down";
    let busy = answer(&service, &access, busy);
    assert_eq!((busy.status, busy.body.as_str()), (429, "slow down"));
    assert_eq!(busy.header("retry-after"), Some("7"));
    let moved = answer(&service, &access, "kind=redirect&to=http://127.0.0.1:9/");
    assert_eq!((moved.status, moved.header("location")), (302, Some("http://127.0.0.1:9/")));

    service.arm("on=/oauth/request&kind=token_reply&body=oauth_token%3Da%2Bb");
    let request = Request { callback: Some("oob"), ..get("/oauth/request_token") };
    assert_eq!(request.ask(&service).body, "oauth_token=a+b");
    assert_eq!(service.count("request_tokens"), 1);
}

#[test]
fn held_requests_wait_for_their_release() {
    let (service, access) = start();
    service.arm(&format!("on={LIST}&kind=hold&times=3"));
    let mut wires = [service.connect(), service.connect(), service.connect()];
    for wire in &mut wires {
        get(LIST).with(&access).send(&service, wire);
    }
    while service.count("held") < 3 {}
    // They have not been processed, so that this still concerns them.
    service.admin("/sandbox/expire?what=idle");
    assert_eq!((service.count("api_calls"), service.count("refused")), (0, 0));
    assert_eq!(service.admin("/sandbox/release?on=/v2")["released"], 0);
    assert_eq!(service.admin("/sandbox/release?on=/v1")["released"], 3);
    for wire in &mut wires {
        assert_eq!(wire.receive().unwrap().status, 401);
    }
    assert_eq!((service.count("refused"), service.count("faults")), (3, 0));
}

#[test]
fn faults_wait_for_their_request() {
    let (service, access) = start();
    service.arm("on=/v1&method=post&kind=status&http=500");
    service.arm("on=/v1&kind=status&http=503&times=2&after=1");
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(get(LIST).with(&access).ask(&service).status);
    }
    assert_eq!(statuses, [200, 503, 503, 200]);
    assert_eq!(service.count("faults"), 1);
    let refused = |query: &str| {
        let mut wire: Wire = service.connect();
        wire.ask("POST", &format!("/sandbox/{query}"), &[], "").unwrap().status
    };
    assert_eq!(refused("fault?kind=unknown"), 400);
    assert_eq!(refused("clock?offset=soon"), 400);
    assert_eq!(refused("approve?token=unknown"), 400);
    assert_eq!(refused("expire?what=all"), 400);
    assert_eq!(refused("unknown"), 404);
}
