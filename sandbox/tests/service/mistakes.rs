//! Each usual mistake in a signature is recognized. The signatures here are made by hand.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::hmac;
use serde_json::Value;

use crate::client::{FORM, Pair, exchange, get, log_in, now, request_token};
use crate::harness::Service;

/// It has what needs an escape, as real ones have.
const SECRET: &str = "consumer+secret/=";

fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20").replace('*', "%2A")
}

/// A request, and what its client believes to sign. A test spoils one of the parts.
struct Attempt {
    method: &'static str,
    target: &'static str,
    content_type: &'static str,
    body: &'static str,
    /// The OAuth parameters that are sent.
    sent: Vec<(String, String)>,
    signed_method: &'static str,
    uri: String,
    signed: Vec<(String, String)>,
    base_string: fn(&Attempt) -> String,
    key: String,
    write_signature: fn(&[u8]) -> String,
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn normalized(parameters: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = parameters.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    pairs.sort();
    joined(&pairs)
}

fn joined(pairs: &[(String, String)]) -> String {
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

impl Attempt {
    /// `GET /v1/echo?symbol=A%2CB&n=1` as it should be.
    fn right(service: &Service, access: &Pair) -> Self {
        let sent = vec![
            pair("oauth_consumer_key", service.fact("consumer_key")),
            pair("oauth_token", &access.token),
            pair("oauth_signature_method", "HMAC-SHA1"),
            pair("oauth_timestamp", &now().to_string()),
            pair("oauth_nonce", "nonce"),
        ];
        let query = [pair("symbol", "A,B"), pair("n", "1")];
        Self {
            method: "GET",
            target: "/v1/echo?symbol=A%2CB&n=1",
            content_type: "",
            body: "",
            signed_method: "GET",
            uri: format!("{}/v1/echo", service.fact("url")),
            signed: sent.iter().chain(&query).cloned().collect(),
            sent,
            base_string: |attempt| {
                [attempt.signed_method, &attempt.uri, &normalized(&attempt.signed)].map(encode).join("&")
            },
            key: format!("{}&{}", encode(SECRET), encode(&access.secret)),
            write_signature: |digest| BASE64.encode(digest),
        }
    }

    /// The status of the response.
    fn send(&self, service: &Service) -> u16 {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.key.as_bytes());
        let digest = hmac::sign(&key, (self.base_string)(self).as_bytes());
        let signature = (self.write_signature)(digest.as_ref());
        let signature = pair("oauth_signature", &signature);
        let sent = self.sent.iter().chain([&signature]);
        let fields: Vec<String> = sent.map(|(name, value)| format!("{name}=\"{}\"", encode(value))).collect();
        let authorization = format!("OAuth {}", fields.join(","));
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", self.content_type)];
        service.connect().ask(self.method, self.target, &headers, self.body).unwrap().status
    }
}

/// A sandbox with a login whose secrets need escapes.
fn start() -> (Service, Pair) {
    let service = Service::start(&["--code", "CODE1", "--consumer-secret", SECRET]);
    let access = log_in(&service);
    (service, access)
}

/// Sends the request as it should be and with a mistake; gives the record of the latter.
#[track_caller]
fn refuse(service: &Service, access: &Pair, spoil: impl FnOnce(&mut Attempt)) -> Value {
    let mut attempt = Attempt::right(service, access);
    spoil(&mut attempt);
    assert_eq!(attempt.send(service), 401);
    let record = service.admin("/sandbox/requests")["requests"][0].clone();
    assert_eq!(record["problem"], "signature_invalid");
    record
}

/// The mistake that the sandbox finds.
#[track_caller]
fn found(spoil: impl FnOnce(&mut Attempt)) -> Value {
    let (service, access) = start();
    refuse(&service, &access, spoil)
}

/// The mistake lies in the base string, and the sandbox shows the client's own.
#[track_caller]
fn assert_base_string(spoil: impl Fn(&mut Attempt), cause: &str) {
    let (service, access) = start();
    let mut attempt = Attempt::right(&service, &access);
    let right = (attempt.base_string)(&attempt);
    spoil(&mut attempt);
    let wrong = (attempt.base_string)(&attempt);
    let at = right.bytes().zip(wrong.bytes()).take_while(|(right, wrong)| right == wrong).count();
    assert_eq!(attempt.send(&service), 401);
    let record = &service.admin("/sandbox/requests")["requests"][0];
    assert_eq!(record["cause"], cause, "{record}");
    let found = &record["base_string"];
    assert_eq!((&found["sandbox"], &found["client"]), (&right.into(), &wrong.into()));
    assert_eq!(found["differs_at"], at);
}

#[test]
fn none() {
    let (service, access) = start();
    assert_eq!(Attempt::right(&service, &access).send(&service), 200);
}

#[test]
fn an_unencoded_secret() {
    let record = found(|attempt| {
        let (consumer, token) = attempt.key.split_once('&').unwrap();
        let token: String = form_urlencoded::parse(token.as_bytes()).map(|(token, _)| token.into_owned()).collect();
        assert!(token.contains(['+', '/']));
        attempt.key = format!("{consumer}&{token}");
    });
    assert_eq!(record["cause"], "secret_not_encoded");
    assert!(record["sentence"].as_str().unwrap().contains("second half"), "{record}");
    assert_eq!(record["base_string"]["client"], Value::Null);
    let record = found(|attempt| {
        let token = attempt.key.split_once('&').unwrap().1;
        attempt.key = format!("{SECRET}&{token}");
    });
    assert_eq!(record["cause"], "secret_not_encoded");
    assert!(record["sentence"].as_str().unwrap().contains("first half"), "{record}");
}

#[test]
fn a_secret_that_was_not_decoded() {
    let record = found(|attempt| {
        let (consumer, token) = attempt.key.split_once('&').unwrap();
        attempt.key = format!("{consumer}&{}", encode(token));
    });
    assert_eq!(record["cause"], "secret_encoded_twice");
}

#[test]
fn a_key_without_a_half() {
    for (half, cause) in [(0, "token_secret_absent"), (1, "consumer_secret_absent")] {
        let record = found(|attempt| {
            let (consumer, token) = attempt.key.split_once('&').unwrap();
            attempt.key = if half == 0 { format!("{consumer}&") } else { format!("&{token}") };
        });
        assert_eq!(record["cause"], cause);
    }
}

#[test]
fn the_secret_of_the_request_token() {
    let service = Service::start(&["--code", "CODE1", "--consumer-secret", SECRET]);
    let pending = request_token(&service);
    let access = Pair::read(&exchange(&service, &pending, "CODE1").body);
    let record = refuse(&service, &access, |attempt| {
        attempt.key = format!("{}&{}", encode(SECRET), encode(&pending.secret));
    });
    assert_eq!(record["cause"], "request_token_secret");
}

#[test]
fn a_token_that_was_encoded_twice() {
    let spoil = |attempt: &mut Attempt| {
        let token = attempt.signed.iter_mut().find(|(name, _)| name == "oauth_token").unwrap();
        token.1 = encode(&token.1);
    };
    assert_base_string(spoil, "token_encoded_twice");
}

#[test]
fn an_unsigned_query() {
    assert_base_string(|attempt| attempt.signed = attempt.sent.clone(), "query_unsigned");
    assert_base_string(|attempt| attempt.signed.retain(|(name, _)| name != "n"), "parameter_unsigned");
}

#[test]
fn an_unsigned_form_and_a_signed_body() {
    let post = |attempt: &mut Attempt, content_type, body| {
        (attempt.method, attempt.signed_method) = ("POST", "POST");
        (attempt.content_type, attempt.body) = (content_type, body);
    };
    let record = found(|attempt| post(attempt, FORM, "form=1"));
    assert_eq!(record["cause"], "form_unsigned");
    let record = found(|attempt| {
        post(attempt, "application/json", "{\"a\":1}");
        attempt.signed.push(pair("{\"a\":1}", ""));
    });
    assert_eq!(record["cause"], "body_signed");
}

#[test]
fn another_scheme_port_or_host() {
    assert_base_string(|attempt| attempt.uri = attempt.uri.replace("http:", "https:"), "wrong_scheme");
    assert_base_string(|attempt| attempt.uri = "http://127.0.0.1/v1/echo".to_owned(), "wrong_port");
    assert_base_string(|attempt| attempt.uri = attempt.uri.replace("127.0.0.1", "localhost"), "wrong_host");
    assert_base_string(|attempt| attempt.uri = "https://api.etrade.com/v1/echo".to_owned(), "wrong_host");
}

#[test]
fn another_path_or_method() {
    assert_base_string(|attempt| attempt.uri += "/", "wrong_path");
    assert_base_string(|attempt| attempt.uri += "?symbol=A%2CB&n=1", "query_in_url");
    assert_base_string(|attempt| attempt.signed_method = "POST", "wrong_method");
    assert_base_string(|attempt| attempt.signed_method = "get", "method_in_lower_case");
}

#[test]
fn values_that_were_not_encoded() {
    let base_string = |attempt: &Attempt| {
        let mut signed = attempt.signed.clone();
        signed.sort();
        [attempt.signed_method, &attempt.uri, &joined(&signed)].map(encode).join("&")
    };
    assert_base_string(|attempt| attempt.base_string = base_string, "values_not_encoded");
}

#[test]
fn parameters_out_of_order() {
    fn joined_in(attempt: &Attempt, pairs: &[(String, String)]) -> String {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (encode(name), encode(value))).collect();
        [attempt.signed_method, &attempt.uri, &joined(&pairs)].map(encode).join("&")
    }
    let query_first = |attempt: &Attempt| {
        let (oauth, query) = attempt.signed.split_at(attempt.sent.len());
        joined_in(attempt, &[query, oauth].concat())
    };
    let header_first = |attempt: &Attempt| joined_in(attempt, &attempt.signed);
    let each_sorted = |attempt: &Attempt| {
        let (oauth, query) = attempt.signed.split_at(attempt.sent.len());
        let mut groups = [oauth.to_vec(), query.to_vec()];
        groups.iter_mut().for_each(|group| group.sort());
        joined_in(attempt, &groups.concat())
    };
    let descending = |attempt: &Attempt| {
        let mut signed = attempt.signed.clone();
        signed.sort_by(|one, other| other.cmp(one));
        joined_in(attempt, &signed)
    };
    assert_base_string(|attempt| attempt.base_string = query_first, "order");
    assert_base_string(|attempt| attempt.base_string = header_first, "order");
    assert_base_string(|attempt| attempt.base_string = each_sorted, "order");
    assert_base_string(|attempt| attempt.base_string = descending, "order");
}

#[test]
fn a_signature_in_another_form() {
    let hex = |digest: &[u8]| digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(found(|attempt| attempt.write_signature = hex)["cause"], "signature_in_hex");
    let twice = |digest: &[u8]| encode(&BASE64.encode(digest));
    assert_eq!(found(|attempt| attempt.write_signature = twice)["cause"], "signature_encoded_twice");
}

#[test]
fn two_at_once() {
    let record = found(|attempt| {
        attempt.signed = attempt.sent.clone();
        attempt.key = format!("{}&", encode(SECRET));
    });
    assert_eq!(record["cause"], "token_secret_absent");
    assert!(record["sentence"].as_str().unwrap().contains("query were not signed"), "{record}");
}

#[test]
fn a_secret_that_is_simply_wrong() {
    let record = found(|attempt| attempt.key = "wrong&secret".to_owned());
    assert_eq!(record["cause"], "unknown");
    assert!(record["base_string"]["sandbox"].as_str().unwrap().starts_with("GET&http%3A%2F%2F127.0.0.1"), "{record}");
    assert_eq!(record["base_string"]["client"], Value::Null);
}

#[test]
fn a_clock_that_is_wrong() {
    let (service, access) = start();
    let sentence_at = |timestamp: u64| {
        let mut attempt = Attempt::right(&service, &access);
        for (_, value) in attempt.sent.iter_mut().filter(|(name, _)| name == "oauth_timestamp") {
            *value = timestamp.to_string();
        }
        assert_eq!(attempt.send(&service), 401);
        let record = service.admin("/sandbox/requests")["requests"][0].clone();
        assert_eq!(record["problem"], "timestamp_refused");
        record["sentence"].as_str().unwrap().to_owned()
    };
    assert!(sentence_at(now() - 3600).contains("behind"));
    assert!(sentence_at(now() + 3600).contains("ahead"));
    assert!(sentence_at(now() * 1000).contains("milliseconds"));
}

#[test]
fn tokens_that_are_refused() {
    let service = Service::start(&[]);
    let sentence = |answer: crate::harness::Answer, problem: &str| {
        assert!(answer.body.contains(&format!("oauth_problem={problem}")), "{}", answer.body);
        answer.header("sandbox-explanation").unwrap().to_owned()
    };
    let pending = request_token(&service);
    assert!(sentence(exchange(&service, &pending, "AAAAA"), "token_rejected").contains("has not approved"));
    let approved = service.admin(&format!("/sandbox/approve?token={}", encode(&pending.token)));
    let verifier = approved["oauth_verifier"].as_str().unwrap();
    assert!(sentence(exchange(&service, &pending, "AAAAA"), "token_rejected").contains("oauth_verifier"));
    let access = Pair::read(&exchange(&service, &pending, verifier).body);
    assert!(sentence(exchange(&service, &pending, verifier), "token_rejected").contains("serves once"));

    let call = |token: &str| {
        let pair = Pair { token: token.to_owned(), secret: access.secret.clone() };
        sentence(get("/v1/echo").with(&pair).ask(&service), "token_rejected")
    };
    assert!(call(&pending.token).contains("is a request token"));
    assert!(call("unknown").contains("has not issued"));
    assert!(call(&encode(&access.token)).contains("encoded twice"));
    service.admin("/sandbox/expire?what=idle");
    let call = || sentence(get("/v1/echo").with(&access).ask(&service), "token_expired");
    assert!(call().contains("renew"));
    service.admin("/sandbox/expire?what=day");
    assert!(call().contains("midnight"));
}
