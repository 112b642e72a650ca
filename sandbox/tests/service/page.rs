//! The person's side: the page, its buttons, and the redirect.

use crate::client::{FORM, Pair, exchange, request_token};
use crate::harness::{Answer, Service};

const DELAY: &str = "Due to a logon delay or other issue";

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn look(service: &Service, key: &str, token: &str) -> Answer {
    let target = format!("/e/t/etws/authorize?key={key}&token={token}");
    service.connect().ask("GET", &target, &[], "").unwrap()
}

fn decide(service: &Service, pending: &Pair, decision: &str) -> Answer {
    let (key, token) = (service.fact("consumer_key"), escaped(&pending.token));
    let body = format!("key={key}&token={token}&decision={decision}");
    let headers = [("Content-Type", FORM)];
    service.connect().ask("POST", "/e/t/etws/authorize", &headers, &body).unwrap()
}

#[test]
fn accept_shows_the_code() {
    let service = Service::start(&[]);
    let pending = request_token(&service);
    let page = look(&service, service.fact("consumer_key"), &escaped(&pending.token));
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(page.body.contains("value=\"accept\"") && page.body.contains(&pending.token));
    assert_eq!(exchange(&service, &pending, "AAAAA").status, 401);

    let accepted = decide(&service, &pending, "accept");
    let (_, rest) = accepted.body.split_once("<code id=\"verifier\">").unwrap();
    let verifier = rest.split_once("</code>").unwrap().0;
    assert_eq!(exchange(&service, &pending, verifier).status, 200);
    assert!(decide(&service, &pending, "accept").body.contains(DELAY));
}

#[test]
fn decline_ends_the_request_token() {
    let service = Service::start(&["--code", "CODE1"]);
    let pending = request_token(&service);
    assert!(decide(&service, &pending, "decline").body.contains("no access"));
    assert_eq!(exchange(&service, &pending, "CODE1").status, 401);
}

#[test]
fn a_registered_callback_is_redirected_to() {
    let service = Service::start(&["--callback", "http://127.0.0.1:9/done?x=1", "--code", "A+B"]);
    let pending = request_token(&service);
    let accepted = decide(&service, &pending, "accept");
    assert_eq!(accepted.status, 302);
    let location = accepted.header("location").unwrap();
    let query = location.strip_prefix("http://127.0.0.1:9/done?x=1&").unwrap();
    let fields: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let expected = [("oauth_token", pending.token.as_str()), ("oauth_verifier", "A+B")];
    assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn faulty_links_say_what_the_real_page_says() {
    let service = Service::start(&[]);
    let key = service.fact("consumer_key");
    let mut pending = request_token(&service);
    while !pending.token.contains('+') {
        pending = request_token(&service);
    }
    let token = escaped(&pending.token);
    assert!(look(&service, key, &pending.token).body.contains(DELAY));
    assert!(look(&service, "another", &token).body.contains(DELAY));
    assert!(look(&service, key, "unknown").body.contains(DELAY));
    assert!(!look(&service, key, &token).body.contains(DELAY));
    service.admin("/sandbox/clock?advance=300");
    assert!(look(&service, key, &token).body.contains(DELAY));
}
