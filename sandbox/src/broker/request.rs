//! A call as the brokerage sees it.

use std::collections::HashMap;

use axum::http::{HeaderMap, Method, Uri};
use jiff::civil::Date;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::broker::format::{Format, read_body};
use crate::broker::refusal::Refusal;

#[derive(Debug)]
pub struct Request<'a> {
    pub person: &'a str,
    pub method: Method,
    /// The parts of the path after `/v1`, without `.json`.
    pub path: Vec<String>,
    /// By name, in lower case: clients don't agree on `detailFlag` and `detailflag`.
    query: HashMap<String, String>,
    pub format: Format,
    /// What replies name as their own address.
    pub base: String,
    body: Result<Value, String>,
}

impl<'a> Request<'a> {
    pub fn read(person: &'a str, method: &Method, uri: &Uri, base: String, headers: &HeaderMap, body: &[u8]) -> Self {
        let parts = uri.path().split('/').skip_while(|part| part.is_empty() || *part == "v1");
        let path = parts.map(|part| {
            percent_decode_str(part.strip_suffix(".json").unwrap_or(part)).decode_utf8_lossy().into_owned()
        });
        let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self {
            person,
            method: if *method == Method::HEAD { Method::GET } else { method.clone() },
            path: path.collect(),
            query: query.map(|(name, value)| (name.to_lowercase(), value.into_owned())).collect(),
            format: Format::of(uri.path(), headers),
            base,
            body: read_body(headers, body),
        }
    }

    /// A parameter of the query, unless it is empty.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.get(&name.to_lowercase()).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    pub fn flag(&self, name: &str) -> bool {
        self.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Refusal> {
        let read = |text: &str| text.parse().map_err(|_| Refusal::invalid(format!("{name} is not valid")));
        self.parameter(name).map(read).transpose()
    }

    /// How many entries are wanted: `usual` unless the call names a number, `most` at most. A count that is no number
    /// counts as none: pyetrade asks for `count=True` alerts.
    pub fn count(&self, usual: usize, most: usize) -> usize {
        let count = self.parameter("count").and_then(|count| count.parse().ok());
        count.filter(|count| *count > 0).unwrap_or(usual).min(most)
    }

    /// A date in the form MMDDYYYY.
    pub fn date(&self, name: &str) -> Result<Option<Date>, Refusal> {
        let read =
            |text| Date::strptime("%m%d%Y", text).map_err(|_| Refusal::invalid(format!("{name} is not MMDDYYYY")));
        self.parameter(name).map(read).transpose()
    }

    /// What is inside the body's outermost element.
    pub fn body(&self, name: &str) -> Result<&Value, Refusal> {
        match &self.any_body()?[name] {
            content @ Value::Object(_) => Ok(content),
            _ => Err(Refusal::invalid(format!("The body is no {name}"))),
        }
    }

    /// The body, whatever it is.
    pub fn any_body(&self) -> Result<&Value, Refusal> {
        self.body.as_ref().map_err(Refusal::invalid)
    }
}
