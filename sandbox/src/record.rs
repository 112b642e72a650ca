//! The last requests: what came, and what became of each. No secret and no verifier is kept.

use std::collections::VecDeque;
use std::fmt::{self, Display, Formatter};
use std::sync::{Arc, OnceLock};

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::request::Parts;
use serde_json::{Value, json};

use crate::call::oauth_parameters_of;
use crate::problem::Problem;
use crate::signature::{Parameter, decode_form, encode};

/// How many requests are remembered.
const KEPT: usize = 100;

/// No text of a record is longer.
const LONGEST_TEXT: usize = 4096;

/// Stands in a record for what must not be shown.
pub const HIDDEN: &str = "HIDDEN";

/// A request as it came.
#[derive(Debug)]
pub struct Record {
    pub number: u64,
    /// By the sandbox's clock.
    pub time: i64,
    pub scheme: &'static str,
    pub method: String,
    pub host: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    /// The OAuth parameters of the header.
    pub header: Vec<(String, String)>,
    pub content_type: String,
    pub body_bytes: usize,
    /// Empty while the request is under way, and for ever if a fault broke its connection.
    outcome: OnceLock<Outcome>,
    fault: OnceLock<&'static str>,
}

/// What became of a request.
#[derive(Debug)]
pub struct Outcome {
    pub http: u16,
    pub verdict: Verdict,
}

#[derive(Debug)]
pub enum Verdict {
    /// The signature check let it in.
    Accepted,
    Refused(Problem),
    /// No signature is asked for there.
    Unsigned,
    /// A fault answered in the service's place.
    Fault,
    /// It exceeded the rate limit.
    Limited,
}

impl Verdict {
    fn name(&self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused(_) => "refused",
            Self::Unsigned => "unsigned",
            Self::Fault => "fault",
            Self::Limited => "limited",
        }
    }
}

impl Record {
    /// Takes down a request without the texts in `secrets`.
    pub fn new(parts: &Parts, scheme: &'static str, body_bytes: usize, time: i64, secrets: &[String]) -> Self {
        let header_text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let shown = |text: &str| cut(&hide(text, secrets));
        let pairs = |parameters: Vec<Parameter>| {
            let shown_pair = |(name, value): &Parameter| {
                let (name, value) = (String::from_utf8_lossy(name), String::from_utf8_lossy(value));
                (shown(&name), shown(shown_value(&name, &value)))
            };
            parameters.iter().map(shown_pair).collect()
        };
        Self {
            number: 0,
            time,
            scheme,
            method: shown(parts.method.as_str()),
            host: shown(header_text(HOST)),
            path: shown(parts.uri.path()),
            query: pairs(decode_form(parts.uri.query().unwrap_or_default().as_bytes())),
            header: pairs(oauth_parameters_of(header_text(AUTHORIZATION)).unwrap_or_default()),
            content_type: shown(header_text(CONTENT_TYPE)),
            body_bytes,
            outcome: OnceLock::new(),
            fault: OnceLock::new(),
        }
    }

    /// The fault that the request met.
    pub fn meet(&self, fault: &'static str) {
        let _ = self.fault.set(fault);
    }

    pub fn end(&self, http: u16, verdict: Verdict) {
        let _ = self.outcome.set(Outcome { http, verdict });
    }

    pub fn outcome(&self) -> Option<&Outcome> {
        self.outcome.get()
    }

    fn problem(&self) -> Option<&Problem> {
        match &self.outcome()?.verdict {
            Verdict::Refused(problem) => Some(problem),
            _ => None,
        }
    }

    pub fn report(&self) -> Value {
        let (outcome, problem) = (self.outcome(), self.problem());
        let explanation = problem.and_then(Problem::explanation);
        json!({
            "number": self.number,
            "time": self.time,
            "scheme": self.scheme,
            "method": self.method,
            "host": self.host,
            "path": self.path,
            "query": self.query,
            "header": self.header,
            "content_type": self.content_type,
            "body_bytes": self.body_bytes,
            "fault": self.fault.get(),
            "http": outcome.map(|outcome| outcome.http),
            "verdict": outcome.map(|outcome| outcome.verdict.name()),
            "problem": problem.map(Problem::code),
            "sentence": problem.map(Problem::sentence),
            "cause": explanation.map(|explanation| explanation.cause),
            "base_string": explanation.map(|explanation| json!({
                "sandbox": explanation.sandbox,
                "client": explanation.client,
                "differs_at": explanation.differs_at,
            })),
        })
    }
}

/// As `--verbose` prints it: a line, and for a wrong signature the base strings below it.
impl Display for Record {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        write!(f, "{} {}://{}{}", self.method, self.scheme, self.host, self.path)?;
        if let Some(Outcome { http, verdict }) = self.outcome() {
            write!(f, " {http} {}", verdict.name())?;
        }
        let Some(problem) = self.problem() else {
            return Ok(());
        };
        // A parameter's name may be anything, and must not look like another line.
        write!(f, ": {}. {}", problem.code(), problem.sentence().replace(char::is_control, " "))?;
        let base_strings = problem.explanation().map(|explanation| [&explanation.sandbox, &explanation.client]);
        for (name, base_string) in ["sandbox", "client"].iter().zip(base_strings.into_iter().flatten()) {
            if let Some(base_string) = base_string {
                write!(f, "\n    base string of the {name}: {base_string}")?;
            }
        }
        Ok(())
    }
}

/// The records that are kept.
#[derive(Debug, Default)]
pub struct Records {
    count: u64,
    kept: VecDeque<Arc<Record>>,
}

impl Records {
    pub fn begin(&mut self, mut record: Record) -> Arc<Record> {
        self.count += 1;
        record.number = self.count;
        let record = Arc::new(record);
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Arc::clone(&record));
        record
    }

    /// The newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.kept.iter().rev()
    }

    pub fn report(&self) -> Value {
        json!({"requests": self.iter().map(|record| record.report()).collect::<Vec<_>>()})
    }
}

/// A parameter's value, unless its name says that it is nobody's business.
pub fn shown_value<'a>(name: &str, value: &'a str) -> &'a str {
    let name = name.to_lowercase();
    // Some signature methods send the secrets themselves in place of a signature.
    let plaintext = name == "oauth_signature" && value.contains('&');
    let private = ["secret", "verifier", "password"].iter().any(|word| name.contains(word));
    if plaintext || private { HIDDEN } else { value }
}

/// The text without the secrets, however often they were encoded.
pub fn hide(text: &str, secrets: &[String]) -> String {
    // What is shorter is no secret, and may be a part of any word.
    const SHORTEST_SECRET: usize = 6;
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET) {
        let mut form = secret.clone();
        for _ in 0..4 {
            text = text.replace(&form, HIDDEN);
            form = encode(form.as_bytes());
        }
    }
    text
}

pub fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}
