//! Signed requests: what is let in and what is refused.

use crate::client::{Pair, Request, exchange, get, log_in, now, request_token};
use crate::harness::{Answer, Service};

const LIST: &str = "/v1/accounts/list.json";

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, problem: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(answer.body.contains(&format!("oauth_problem={problem}")), "{}", answer.body);
}

#[test]
fn the_whole_lifecycle() {
    let service = Service::start(&[]);
    let pending = request_token(&service);
    let query: String = form_urlencoded::byte_serialize(pending.token.as_bytes()).collect();
    let approved = service.admin(&format!("/sandbox/approve?token={query}"));
    let answer = exchange(&service, &pending, approved["oauth_verifier"].as_str().unwrap());
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let access = Pair::read(&answer.body);
    for text in [&access.token, &access.secret] {
        assert!(text.len() == 44 && text.contains(['+', '/']), "{text}");
    }

    let mut wire = service.connect();
    for _ in 0..2 {
        get(LIST).with(&access).send(&service, &mut wire);
        let answer = wire.receive().unwrap();
        assert!(answer.json()["AccountListResponse"]["Accounts"]["Account"].is_array());
    }
    let renewed = get("/oauth/renew_access_token").with(&access).ask(&service);
    assert_eq!(renewed.body, "Access Token has been renewed");
    let revoked = get("/oauth/revoke_access_token").with(&access).ask(&service);
    assert_eq!(revoked.body, "Revoked Access Token");
    assert_refused(&get(LIST).with(&access).ask(&service), 401, "token_rejected");
    let renewed = get("/oauth/renew_access_token").with(&access).ask(&service);
    assert_refused(&renewed, 401, "token_rejected");

    let state = service.admin("/sandbox/state");
    for (counter, count) in [
        ("connections", 7),
        ("requests", 8),
        ("request_tokens", 1),
        ("access_tokens", 1),
        ("renews", 1),
        ("renews_refused", 1),
        ("revokes", 1),
        ("api_calls", 2),
        ("refused", 2),
        ("nonces", 8),
    ] {
        assert_eq!(state[counter], count, "{counter}");
    }
    assert_eq!(state["paths"][LIST], 3);
    let state = service.admin("/sandbox/reset");
    assert_eq!((&state["requests"], &state["nonces"]), (&0.into(), &0.into()));
}

#[test]
fn tls_serves_the_same() {
    let service = Service::start(&["--code", "CODE1"]);
    let access = log_in(&service);
    let request = get(LIST).with(&access);
    let authorization = request.authorization(&service, service.fact("tls_url"));
    let headers = [("Authorization", authorization.as_str()), ("Host", service.host("tls_url"))];
    let mut wire = service.connect_tls();
    let answer = wire.ask("GET", LIST, &headers, "").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    let state = wire.ask("GET", "/sandbox/state", &[], "").unwrap();
    assert_eq!(state.json()["api_calls"], 1);
}

#[test]
fn every_kind_of_parameter_is_signed() {
    let service = Service::start(&["--code", "CODE1"]);
    let access = log_in(&service);
    let request = Request {
        method: "POST",
        query: &[("a", "2 +&="), ("a", "1"), ("d", "ü"), ("oauth", "~")],
        form: &[("a", "1,5"), ("c", "ü*")],
        version: true,
        ..get("/v1/echo").with(&access)
    };
    let answer = request.ask(&service);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let echo = answer.json();
    assert_eq!(echo["method"], "POST");
    assert_eq!(echo["target"], request.target());
    assert_eq!(echo["body"], "a=1%2C5&c=%C3%BC*");

    let quote = get("/v1/market/quote/GOOG,BRK.B.json").with(&access).ask(&service);
    assert_eq!(quote.json()["QuoteResponse"]["QuoteData"][1]["Product"]["symbol"], "BRK.B");
}

#[test]
fn parameters_may_ride_in_the_query_but_not_in_the_body() {
    let service = Service::start(&["--code", "CODE1"]);
    let access = log_in(&service);
    let header = get(LIST).with(&access).authorization(&service, service.fact("url"));
    let query = header.trim_start_matches("OAuth ").replace(['"', ' '], "").replace(',', "&");
    let answer = service.connect().ask("GET", &format!("{LIST}?{query}"), &[], "").unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    let form = [("Content-Type", crate::client::FORM)];
    let answer = service.connect().ask("POST", "/v1/echo", &form, &query).unwrap();
    assert_refused(&answer, 400, "parameter_absent");
}

#[test]
fn nonces_are_used_once() {
    let service = Service::start(&["--code", "CODE1"]);
    let access = log_in(&service);
    let request = Request { nonce: Some("once"), ..get(LIST).with(&access) };
    assert_eq!(request.ask(&service).status, 200);
    assert_refused(&request.ask(&service), 401, "nonce_used");
    let later = Request { timestamp: request.timestamp + 1, ..request };
    assert_eq!(later.ask(&service).status, 200);
}

#[test]
fn timestamps_stay_near_the_clock() {
    let service = Service::start(&["--code", "CODE1"]);
    let token = get("/oauth/request_token");
    let at = |timestamp| Request { callback: Some("oob"), timestamp, ..token.clone() };
    assert_eq!(at(now() - 290).ask(&service).status, 200);
    assert_eq!(at(now() + 290).ask(&service).status, 200);
    let refused = at(now() - 310).ask(&service);
    assert_refused(&refused, 401, "timestamp_refused,oauth_acceptable_timestamps=");
    assert_refused(&at(now() + 310).ask(&service), 401, "timestamp_refused");

    service.admin("/sandbox/clock?offset=2400");
    assert_refused(&at(now()).ask(&service), 401, "timestamp_refused");
    let answer = at(now() + 2400).ask(&service);
    assert_eq!(answer.status, 200);
    service.admin("/sandbox/clock?at=784111777");
    let date = at(now()).ask(&service);
    assert!(date.header("date").unwrap().starts_with("Sun, 06 Nov 1994 08:49:"));
}

#[test]
fn faulty_requests_are_refused() {
    let service = Service::start(&["--code", "CODE1"]);
    let pending = request_token(&service);
    let ask = |header: &str| {
        let headers = [("Authorization", header)];
        service.connect().ask("GET", "/oauth/request_token", &headers, "").unwrap()
    };
    let good = Request { callback: Some("oob"), ..get("/oauth/request_token") };
    let header = good.authorization(&service, service.fact("url"));
    assert_refused(&ask("OAuth "), 400, "parameter_absent");
    let wrong_key = header.replace(service.fact("consumer_key"), "another");
    assert_refused(&ask(&wrong_key), 401, "consumer_key_rejected");
    let wrong_method = header.replace("HMAC-SHA1", "PLAINTEXT");
    assert_refused(&ask(&wrong_method), 400, "signature_method_rejected");
    assert_refused(&ask(&header.replace("\"oob\"", "\"oops\"")), 401, "signature_invalid");
    assert_eq!(ask(&header).status, 200);

    let url = Request { callback: Some("http://127.0.0.1/"), ..good.clone() };
    let refused = url.ask(&service);
    assert_eq!(refused.status, 400);
    assert_eq!(refused.body, "oauth_problem=callback_rejected,oauth_acceptable_callback=oob");
    let other_secret = Pair { secret: "other".to_owned(), ..pending.clone() };
    assert_refused(&exchange(&service, &other_secret, "CODE1"), 401, "signature_invalid");
    assert_refused(&get(LIST).with(&pending).ask(&service), 401, "token_rejected");
    assert_eq!(get(LIST).with(&pending).ask(&service).json()["Error"].as_object().unwrap().len(), 1);
}

#[test]
fn verifiers_are_checked_and_used_once() {
    let service = Service::start(&["--code", "CODE1"]);
    let pending = request_token(&service);
    assert_refused(&exchange(&service, &pending, "WRONG"), 401, "token_rejected");
    assert_eq!(exchange(&service, &pending, "CODE1").status, 200);
    assert_refused(&exchange(&service, &pending, "CODE1"), 401, "token_rejected");
    let late = request_token(&service);
    service.admin("/sandbox/expire?what=request");
    assert_refused(&exchange(&service, &late, "CODE1"), 401, "token_expired");
}

#[test]
fn access_tokens_fall_idle_and_die_and_are_replaced() {
    let service = Service::start(&["--code", "CODE1"]);
    // 2026-01-15, 12:00 in New York.
    let noon = 1_768_496_400;
    let ask = |path, access: &Pair, hours: u64| {
        let at = noon + hours * 3600;
        service.admin(&format!("/sandbox/clock?at={at}"));
        Request { timestamp: at, ..get(path).with(access) }.ask(&service)
    };
    let access = log_in(&service);
    assert_eq!(get(LIST).with(&access).ask(&service).status, 200);
    service.admin("/sandbox/expire?what=idle");
    assert_refused(&get(LIST).with(&access).ask(&service), 401, "token_expired");
    assert_eq!(get("/oauth/renew_access_token").with(&access).ask(&service).status, 200);
    assert_eq!(get(LIST).with(&access).ask(&service).status, 200);
    service.admin("/sandbox/expire?what=day");
    let renewed = get("/oauth/renew_access_token").with(&access).ask(&service);
    assert_refused(&renewed, 401, "token_expired");

    service.admin(&format!("/sandbox/clock?at={noon}"));
    let login = |path, token: Option<&Pair>| {
        let oauth = Request { timestamp: noon, callback: Some("oob"), ..get(path) };
        let request = Request { verifier: token.map(|_| "CODE1"), token, ..oauth };
        Pair::read(&request.ask(&service).body)
    };
    let first = login("/oauth/access_token", Some(&login("/oauth/request_token", None)));
    let access = login("/oauth/access_token", Some(&login("/oauth/request_token", None)));
    assert_refused(&ask(LIST, &first, 0), 401, "token_rejected");
    assert_eq!(ask(LIST, &access, 1).status, 200);
    assert_refused(&ask(LIST, &access, 4), 401, "token_expired");
    assert_eq!(ask("/oauth/renew_access_token", &access, 4).status, 200);
    assert_eq!(ask(LIST, &access, 5).status, 200);
    assert_refused(&ask("/oauth/renew_access_token", &access, 12), 401, "token_expired");
}

#[test]
fn keys_have_tokens_of_their_own() {
    let arguments = ["--code", "CODE1", "--key", "second:its-secret", "--key", "third:secret:with:colons"];
    let mut service = Service::start(&arguments);
    let first = log_in(&service);
    let mut own = Vec::new();
    for (key, secret) in [("second", "its-secret"), ("third", "secret:with:colons")] {
        service.facts.insert("consumer_key".to_owned(), key.to_owned());
        service.facts.insert("consumer_secret".to_owned(), secret.to_owned());
        assert_refused(&get(LIST).with(&first).ask(&service), 401, "token_rejected");
        own.push(log_in(&service));
        assert_eq!(get(LIST).with(own.last().unwrap()).ask(&service).status, 200);
    }
    assert_refused(&get(LIST).with(&own[0]).ask(&service), 401, "token_rejected");
    service.facts.insert("consumer_key".to_owned(), "fourth".to_owned());
    assert_refused(&get(LIST).with(&own[0]).ask(&service), 401, "consumer_key_rejected");
    service.facts.insert("consumer_key".to_owned(), "second".to_owned());
    service.facts.insert("consumer_secret".to_owned(), "its-secret".to_owned());
    assert_eq!(get(LIST).with(&own[0]).ask(&service).status, 200);
}
