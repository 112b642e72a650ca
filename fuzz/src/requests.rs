//! An API call as its caller asks for it: the input has a line each for method and URL, the caller's header lines up to a
//! blank line, and the body.

use etoauth::etrade::{ApiRequest, Endpoints, Environment};

use crate::{split_head, split_line};

pub fn run(data: &[u8]) {
    let (head, body) = split_head(data);
    let (method, rest) = split_line(&head);
    let (url, headers) = split_line(rest);
    let endpoints = Endpoints::of(Environment::Sandbox);
    let Ok(request) = ApiRequest::check(method, url, headers, body, &endpoints) else { return };

    assert!(request.method.bytes().all(|byte| byte.is_ascii_uppercase()) && request.method != "CONNECT");
    assert!(request.url.bytes().all(|byte| byte.is_ascii_graphic()) && !request.url.contains('#'));
    let after_scheme = request.url.to_ascii_lowercase();
    let after_scheme = after_scheme.strip_prefix("https://").expect("credentials go nowhere unencrypted");
    let end = after_scheme.find(['/', '?']).unwrap_or(after_scheme.len());
    let host = after_scheme[..end].split(':').next();
    assert_eq!(host, Some("apisb.etrade.com"), "credentials go to the API alone");

    let mut content_types = 0;
    for (name, value) in &request.headers {
        assert!(!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':'));
        assert!(value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')));
        let name = name.to_ascii_lowercase();
        let ours = ["authorization", "host", "content-length", "transfer-encoding", "accept-encoding"];
        assert!(!ours.contains(&&*name), "the library writes it itself");
        content_types += usize::from(name == "content-type");
    }
    assert!(content_types == 1 || content_types == 0 && body.is_empty());
    assert!(request.has_body || body.is_empty());
    if let Some(form) = &request.form {
        assert_eq!(form.as_bytes(), body, "a form is sent as it is signed");
    }
}
