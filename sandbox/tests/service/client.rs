//! A client that signs with a library of its own.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::time::SystemTime;

use oauth1_request::{Builder, Credentials, HmacSha1, ParameterList};

use crate::harness::{Answer, Service, Wire};

pub const FORM: &str = "application/x-www-form-urlencoded";

pub fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()
}

/// A request to be signed, with the parts that tests vary.
#[derive(Clone)]
pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a [(&'a str, &'a str)],
    pub form: &'a [(&'a str, &'a str)],
    pub token: Option<&'a Pair>,
    pub callback: Option<&'a str>,
    pub verifier: Option<&'a str>,
    pub nonce: Option<&'a str>,
    pub timestamp: u64,
    pub version: bool,
}

pub fn get(path: &str) -> Request<'_> {
    Request {
        method: "GET",
        path,
        query: &[],
        form: &[],
        token: None,
        callback: None,
        verifier: None,
        nonce: None,
        timestamp: now(),
        version: false,
    }
}

#[derive(Clone, Debug)]
pub struct Pair {
    pub token: String,
    pub secret: String,
}

impl Pair {
    pub fn read(form: &str) -> Self {
        let fields: HashMap<_, _> = form_urlencoded::parse(form.as_bytes()).collect();
        Self { token: fields["oauth_token"].to_string(), secret: fields["oauth_token_secret"].to_string() }
    }
}

impl<'a> Request<'a> {
    pub fn with(mut self, token: &'a Pair) -> Self {
        self.token = Some(token);
        self
    }

    /// The Authorization header, signed with the library.
    pub fn authorization(&self, service: &Service, base_url: &str) -> String {
        let secret = service.fact("consumer_secret");
        let mut builder = Builder::new(Credentials::new(service.fact("consumer_key"), secret), HmacSha1::new());
        if let Some(pair) = self.token {
            builder.token(Credentials::new(pair.token.as_str(), pair.secret.as_str()));
        }
        builder
            .callback(self.callback)
            .verifier(self.verifier)
            .nonce(self.nonce)
            .timestamp(NonZeroU64::new(self.timestamp))
            .version(self.version);
        let signed = [self.query, self.form].concat();
        let uri = format!("{base_url}{}", self.path);
        builder.authorize(self.method, uri, &ParameterList::new(signed))
    }

    pub fn target(&self) -> String {
        let query = form(self.query);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}{mark}{query}", self.path)
    }

    /// Sends the request over a connection to plain HTTP.
    pub fn send(&self, service: &Service, wire: &mut Wire) {
        let authorization = self.authorization(service, service.fact("url"));
        let headers = [("Authorization", authorization.as_str()), ("Content-Type", FORM)];
        wire.send(self.method, &self.target(), &headers, &form(self.form)).unwrap();
    }

    /// Asks on a connection of its own.
    pub fn ask(&self, service: &Service) -> Answer {
        let mut wire = service.connect();
        self.send(service, &mut wire);
        wire.receive().unwrap()
    }
}

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub fn request_token(service: &Service) -> Pair {
    let request = Request { callback: Some("oob"), ..get("/oauth/request_token") };
    let answer = request.ask(service);
    assert_eq!(answer.status, 200, "{}", answer.body);
    Pair::read(&answer.body)
}

pub fn exchange(service: &Service, request_token: &Pair, verifier: &str) -> Answer {
    let request = get("/oauth/access_token").with(request_token);
    Request { verifier: Some(verifier), ..request }.ask(service)
}

/// Logs in to a sandbox that was started with `--code CODE1`.
pub fn log_in(service: &Service) -> Pair {
    let answer = exchange(service, &request_token(service), "CODE1");
    assert_eq!(answer.status, 200, "{}", answer.body);
    Pair::read(&answer.body)
}
