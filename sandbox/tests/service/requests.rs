//! The record of the last requests, and what it says about wrong signatures.

use serde_json::Value;

use crate::client::{Request, exchange, get, log_in, request_token};
use crate::harness::Service;

const LIST: &str = "/v1/accounts/list";

fn records(service: &Service) -> Vec<Value> {
    service.admin("/sandbox/requests")["requests"].as_array().unwrap().clone()
}

#[test]
fn what_came_and_what_became_of_it() {
    let service = Service::start(&["--code", "CODE1"]);
    let access = log_in(&service);
    assert_eq!(get(LIST).with(&access).ask(&service).status, 200);
    service.connect().ask("GET", "/v1/accounts/list?b=%2B", &[], "").unwrap();
    service.arm("kind=status&http=503");
    get(LIST).ask(&service);
    service.connect().ask("GET", "/nothing", &[], "").unwrap();

    let records = records(&service);
    let of = |field: &str| records.iter().map(|record| record[field].clone()).collect::<Vec<_>>();
    assert_eq!(of("number"), [6, 5, 4, 3, 2, 1]);
    assert_eq!(of("http"), [404, 503, 400, 200, 200, 200]);
    assert_eq!(of("verdict"), ["unsigned", "fault", "refused", "accepted", "accepted", "accepted"]);
    assert_eq!(records[1]["fault"], "status");
    let refused = &records[2];
    assert_eq!((&refused["method"], &refused["path"]), (&"GET".into(), &LIST.into()));
    assert_eq!(refused["query"][0], serde_json::json!(["b", "+"]));
    assert_eq!(refused["problem"], "parameter_absent");
    assert!(refused["sentence"].as_str().unwrap().starts_with("oauth_consumer_key is absent."), "{refused}");
    assert!(records[3]["header"].as_array().unwrap().contains(&serde_json::json!(["oauth_token", access.token])));
}

#[test]
fn a_hundred_requests_are_kept() {
    let service = Service::start(&[]);
    let mut wire = service.connect();
    for _ in 0..103 {
        wire.ask("GET", "/nothing", &[], "").unwrap();
    }
    let records = records(&service);
    assert_eq!((records.len(), &records[0]["number"], &records[99]["number"]), (100, &103.into(), &4.into()));
}

#[test]
fn no_secret_and_no_verifier_is_kept() {
    let service = Service::start(&["--code", "VERIFIER7", "--consumer-secret", "consumer+secret"]);
    let pending = request_token(&service);
    let mistaken = Request { timestamp: 1, ..get("/oauth/access_token").with(&pending) };
    Request { verifier: Some("VERIFIER7"), ..mistaken }.ask(&service);
    let secret = exchange(&service, &pending, "VERIFIER7").body;
    let access = crate::client::Pair::read(&secret);
    // A client in utter confusion.
    let escape = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let plaintext = format!("{}&{}", escape("consumer+secret"), escape(&access.secret));
    for target in [
        format!("{LIST}?oauth_token={}&secret={}", escape(&access.token), escape(&access.secret)),
        format!("{LIST}?oauth_token={}&x={}", escape(&access.token), escape(&plaintext)),
        format!("/v1/{}?oauth_signature={}", escape("consumer+secret"), escape(&plaintext)),
        format!("{LIST}?oauth_verifier=VERIFIER7"),
        format!("{LIST}?oauth_token={}", escape(&access.secret)),
        format!("{LIST}?oauth_token={}", escape(&pending.secret)),
    ] {
        service.connect().ask("GET", &target, &[], "").unwrap();
    }
    let wrong = crate::client::Pair { token: access.token.clone(), secret: "wrong".to_owned() };
    let request = get("/oauth/renew_access_token").with(&wrong);
    let query = [("a", access.secret.as_str()), ("oauth_verifier", "VERIFIER7"), ("b", "consumer+secret")];
    assert_eq!(Request { query: &query, ..request }.ask(&service).status, 401);

    let all = service.admin("/sandbox/requests").to_string();
    let mut secret_forms = vec!["VERIFIER7".to_owned()];
    for secret in [&access.secret, &pending.secret, "consumer+secret"] {
        secret_forms.extend([secret.to_owned(), escape(secret), escape(&escape(secret))]);
    }
    for form in secret_forms {
        assert!(!all.contains(&form), "{form} in {all}");
    }
    assert_eq!(all.matches("signature_invalid").count(), 1);
    assert!(all.contains("HIDDEN"));
}
