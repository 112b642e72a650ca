//! The person's side: the page, its buttons, and the redirect.

use crate::client::{FORM, Pair, exchange, request_token};
use crate::harness::{Answer, Service};

const DELAY: &str = "Due to a logon delay or other issue";

fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn open(service: &Service, query: &str) -> Answer {
    service.connect().ask("GET", &format!("/e/t/etws/authorize?{query}"), &[], "").unwrap()
}

fn look(service: &Service, key: &str, token: &str) -> Answer {
    open(service, &format!("key={key}&token={token}&USER=Ann"))
}

fn decide(service: &Service, pending: &Pair, decision: &str) -> Answer {
    let (key, token) = (service.fact("consumer_key"), escaped(&pending.token));
    let body = format!("key={key}&token={token}&{decision}");
    let headers = [("Content-Type", FORM)];
    service.connect().ask("POST", "/e/t/etws/authorize", &headers, &body).unwrap()
}

#[test]
fn accept_shows_the_code() {
    let service = Service::start(&[]);
    let pending = request_token(&service);
    let page = look(&service, service.fact("consumer_key"), &escaped(&pending.token));
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert!(page.body.contains("value=\"Accept\"") && page.body.contains(&pending.token));
    assert_eq!(exchange(&service, &pending, "AAAAA").status, 401);

    for no_decision in ["decision=Maybe", "decision=", "other=1"] {
        assert!(decide(&service, &pending, no_decision).body.contains(DELAY), "{no_decision}");
    }
    let accepted = decide(&service, &pending, "decision=Accept");
    let (_, rest) = accepted.body.split_once("<code id=\"verifier\">").unwrap();
    let verifier = rest.split_once("</code>").unwrap().0;
    assert!(accepted.body.contains(&format!("value=\"{verifier}\"")));
    // Scripts take the only field there is.
    assert_eq!(accepted.body.matches("<input").count(), 1);
    assert_eq!(exchange(&service, &pending, verifier).status, 200);
    assert!(decide(&service, &pending, "decision=Accept").body.contains(DELAY));
}

#[test]
fn decline_ends_the_request_token() {
    let service = Service::start(&["--code", "CODE1"]);
    let pending = request_token(&service);
    assert!(decide(&service, &pending, "decision=decline").body.contains("no access"));
    assert_eq!(exchange(&service, &pending, "CODE1").status, 401);
}

#[test]
fn a_registered_callback_is_redirected_to() {
    let service = Service::start(&["--callback", "http://127.0.0.1:9/done?x=1", "--code", "A+B"]);
    let pending = request_token(&service);
    let accepted = decide(&service, &pending, "decision=Accept");
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

#[test]
fn the_sandbox_says_why() {
    let service = Service::start(&["--code", "CODE1"]);
    let key = service.fact("consumer_key");
    let says = |query: &str, cause: &str| {
        let body = open(&service, query).body;
        assert!(body.contains(DELAY) && body.contains("The sandbox says") && body.contains(cause), "{query}: {body}");
    };
    says("", "has no key");
    says(&format!("key={key}"), "has no token");
    says("key=a&token=b", "not the sandbox’s consumer key");
    says(&format!("key={key}&token=b"), "No request token");
    says(&format!("key={key}&token=a+b"), "%2B");
    let exchanged = request_token(&service);
    let access = Pair::read(&exchange(&service, &exchanged, "CODE1").body);
    says(&format!("key={key}&token={}", escaped(&exchanged.token)), "has been exchanged");
    says(&format!("key={key}&token={}", escaped(&access.token)), "is an access token");
    let declined = request_token(&service);
    decide(&service, &declined, "decision=Decline");
    says(&format!("key={key}&token={}", escaped(&declined.token)), "declined");
    let expired = request_token(&service);
    service.admin("/sandbox/clock?advance=290");
    let late = format!("key={key}&token={}", escaped(&expired.token));
    assert!(open(&service, &late).body.contains("Log on"));
    service.admin("/sandbox/clock?advance=20");
    says(&late, "s ago");
    service.admin("/sandbox/expire?what=request");
    says(&late, "has expired");
}

#[test]
fn a_token_belongs_to_the_key_that_it_was_issued_to() {
    let service = Service::start(&["--key", "other:secret"]);
    let pending = request_token(&service);
    let body = look(&service, "other", &escaped(&pending.token)).body;
    assert!(body.contains(DELAY) && body.contains("another consumer key"), "{body}");
}

#[test]
fn a_person_logs_on_first() {
    let service = Service::start(&["--application", "Tips & <Tricks>"]);
    let pending = request_token(&service);
    let link = format!("key={}&token={}", service.fact("consumer_key"), escaped(&pending.token));
    let log_on = open(&service, &link).body;
    assert!(log_on.contains("Log on") && log_on.contains("Tips &#38; &#60;Tricks&#62;"), "{log_on}");
    assert!(!log_on.contains("Accept") && !log_on.contains("type=\"password\""));
    assert!(open(&service, &format!("{link}&USER=+")).body.contains("Log on"));
    let consent = open(&service, &format!("{link}&USER=%22%3E%3Cscript%3E")).body;
    assert!(consent.contains("value=\"&#34;&#62;&#60;script&#62;\"") && !consent.contains("><script>"), "{consent}");
}

#[test]
fn only_its_owner_approves_an_individual_key() {
    let service = Service::start(&["--key-owner", "Ann"]);
    let pending = request_token(&service);
    let link = format!("key={}&token={}", service.fact("consumer_key"), escaped(&pending.token));
    let bob = open(&service, &format!("{link}&USER=Bob")).body;
    assert!(bob.contains(DELAY) && bob.contains("individual key of Ann"), "{bob}");
    assert!(decide(&service, &pending, "USER=Bob&decision=Accept").body.contains(DELAY));
    let target = format!("/sandbox/approve?token={}&person=Bob", escaped(&pending.token));
    assert_eq!(service.connect().ask("GET", &target, &[], "").unwrap().status, 400);
    assert!(open(&service, &format!("{link}&USER=Ann")).body.contains("Accept"));
    assert!(decide(&service, &pending, "USER=Ann&decision=Accept").body.contains("id=\"verifier\""));
}

#[test]
fn a_page_loads_nothing_from_elsewhere() {
    let service = Service::start(&["--callback", "http://[::1]:9/done"]);
    let pending = request_token(&service);
    let page = look(&service, service.fact("consumer_key"), &escaped(&pending.token));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.ends_with("form-action 'self' http:"), "{policy}");
    assert!(!page.body.contains("://"), "{}", page.body);
    for file in ["style.css", "copy.js", "countdown.js"] {
        let path = format!("/sandbox/web/{file}");
        assert!(page.body.contains(&path));
        let file = service.connect().ask("GET", &path, &[], "").unwrap();
        assert!(file.status == 200 && !file.body.contains("://"), "{path}");
    }
}

#[test]
fn other_sites_pages_are_kept_from_the_admin_path() {
    let service = Service::start(&[]);
    for (name, value) in [("Host", "evil.example"), ("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site")]
    {
        let refused = service.connect().ask("POST", "/sandbox/clock?advance=9", &[(name, value)], "").unwrap();
        assert!(refused.status == 403 && refused.json()["error"].is_string(), "{name}");
    }
    assert_eq!(service.admin("/sandbox/state")["offset"], 0);
}
