//! Base strings, signatures, headers and signed URLs, compared with an implementation that shares nothing with the
//! library's.
//!
//! The input has a line each for method, URL, form ("-" for none), consumer key, its secret, token ("-" for none), its
//! secret, timestamp and nonce.

use std::mem::MaybeUninit;
use std::sync::Arc;

use etoauth::oauth::{
    Credentials, Nonce, Output, Prepared, Request, RequestUrl, Signer, Stamp, TokenCredentials, check_timestamp,
    decode, encode,
};

use crate::independent;

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let mut line = |default| lines.next().unwrap_or(default);
    let (method, url, form) = (line("GET"), line("https://h/"), Some(line("-")).filter(|&form| form != "-"));
    let (key, secret) = (line("key"), line("secret"));
    let token = Some((line("token"), line("token secret"))).filter(|&(token, _)| token != "-");
    let (time, nonce) = (line("1344885636"), line("0bba225a"));

    assert_eq!(encode(url), independent::encode(url.as_bytes()));
    assert_eq!(decode(&encode(secret)).as_deref(), Some(secret));

    let credentials = Credentials {
        consumer_key: key,
        consumer_secret: secret,
        token: token.map(|(token, token_secret)| TokenCredentials { token, token_secret }),
    };
    let signer = Arc::new(Signer::new(&credentials));
    let (Ok(nonce), Ok(timestamp)) = (Nonce::new(nonce), time.parse::<i64>()) else { return };
    let stamp = Stamp { timestamp, nonce: &nonce };
    let request = Request::new(method, url, form);
    let Ok(base_string) = signer.base_string(&request, &stamp) else {
        let refused = request.check().is_err() || check_timestamp(timestamp).is_err();
        assert!(refused && signer.authorization(&request, &stamp).is_err());
        return;
    };
    check_accepted(method, url);
    let digits = timestamp.to_string();
    let expected =
        independent::Request { method, url, form, key, secret, token, timestamp: &digits, nonce: nonce.as_str() };
    assert_eq!(base_string, expected.base_string());

    let header = signer.authorization(&request, &stamp).expect("its base string was made");
    assert_eq!(fields(&header), expected.fields());
    let bound = signer.bound();
    let written = write(bound, |output| signer.sign(&request, &stamp, output).is_ok());
    assert_eq!(written.as_deref(), Some(&*header));
    assert_eq!(write(bound - 1, |output| signer.sign(&request, &stamp, output).is_ok()), None);

    let signed = signer.signed_url(&request, &stamp).expect("its base string was made");
    let added =
        signed.strip_prefix(url).expect("it is the URL with something behind it").trim_start_matches(['?', '&']);
    let added = added.split('&').filter_map(|pair| pair.split_once('='));
    assert_eq!(sorted(added), expected.fields());
    if form.is_none() {
        let again = signer.base_string(&Request::new(method, &signed, None), &stamp);
        assert!(again.is_ok(), "what was signed can be sent");
        check_prepared(&signer, &expected, timestamp);
    }
}

/// What was accepted can be written into a request as it is.
fn check_accepted(method: &str, url: &str) {
    assert!(method.bytes().all(|byte| byte.is_ascii_alphabetic()) && !method.eq_ignore_ascii_case("CONNECT"));
    assert!(url.bytes().all(|byte| byte.is_ascii_graphic()) && !url.contains('#'));
    let parts = RequestUrl::parse(url).expect("it was accepted");
    assert!(parts.path.is_empty() || parts.path.starts_with('/'));
    assert!(!parts.host.is_empty() && !parts.host.contains(['@', '/', '?', '%']));
}

/// A prepared request has a nonce of its own.
fn check_prepared(signer: &Arc<Signer>, expected: &independent::Request, timestamp: i64) {
    let prepared = Prepared::new(signer.clone(), expected.method, expected.url).expect("it was accepted");
    let header = write(signer.bound(), |output| prepared.sign(timestamp, b"0123456789abcdef0123", output).is_ok());
    let header = header.expect("it was accepted");
    let fields = fields(&header);
    let nonce = fields.iter().find(|(name, _)| name == "oauth_nonce").map(|(_, nonce)| nonce).expect("it has one");
    assert!(nonce.ends_with("0123456789abcdef0123") && (32..=48).contains(&nonce.len()));
    let expected = independent::Request { nonce, ..*expected };
    assert_eq!(fields, expected.fields());
}

/// What is written into memory of this size. `None` if it was refused.
fn write(capacity: usize, sign: impl FnOnce(&mut Output) -> bool) -> Option<String> {
    let mut memory = vec![MaybeUninit::new(0); capacity];
    let mut output = Output::new(&mut memory);
    if !sign(&mut output) {
        assert_eq!(output.len(), 0);
        return None;
    }
    output.terminate();
    let length = output.len();
    let bytes = memory[..length].iter().map(|byte| {
        // SAFETY: all of it was initialized above.
        unsafe { byte.assume_init() }
    });
    Some(String::from_utf8(bytes.collect()).expect("a header is ASCII"))
}

fn fields(header: &str) -> Vec<(String, String)> {
    let fields = header.strip_prefix("OAuth ").expect("it begins so").split(',');
    sorted(fields.map(|field| {
        let (name, value) = field.trim().split_once('=').expect("it is a field");
        (name, value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).expect("it is in quotes"))
    }))
}

fn sorted<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<(String, String)> {
    let mut fields: Vec<_> = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    fields.sort();
    fields
}
