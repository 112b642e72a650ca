//! Why a request is refused, and the shapes in which E*TRADE says so.

use std::str::FromStr;

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use crate::explanation::Explanation;
use crate::signature::encode;
use crate::tokens::CLOCK_TOLERANCE;

/// A header of refusals with a sentence for the developer. E*TRADE has no such header.
const EXPLANATION: &str = "sandbox-explanation";

/// The values of `oauth_problem` that the sandbox finds by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    CallbackRejected,
    ConsumerKeyRejected,
    NonceUsed,
    ParameterAbsent(&'static str),
    /// With its name, and why.
    ParameterRejected(String, &'static str),
    SignatureInvalid(Box<Explanation>),
    SignatureMethodRejected,
    /// With the seconds by which it is ahead of the sandbox's clock, if it is a number.
    TimestampRefused(Option<i64>),
    /// With a sentence that says why.
    TokenExpired(&'static str),
    TokenRejected(&'static str),
    VersionRejected,
}

impl Problem {
    pub fn code(&self) -> &'static str {
        match self {
            Self::CallbackRejected => "callback_rejected",
            Self::ConsumerKeyRejected => "consumer_key_rejected",
            Self::NonceUsed => "nonce_used",
            Self::ParameterAbsent(_) => "parameter_absent",
            Self::ParameterRejected(..) => "parameter_rejected",
            Self::SignatureInvalid(_) => "signature_invalid",
            Self::SignatureMethodRejected => "signature_method_rejected",
            Self::TimestampRefused(_) => "timestamp_refused",
            Self::TokenExpired(_) => "token_expired",
            Self::TokenRejected(_) => "token_rejected",
            Self::VersionRejected => "version_rejected",
        }
    }

    /// What was wrong and what to do about it. It contains no secret.
    pub fn sentence(&self) -> String {
        match self {
            Self::CallbackRejected => "oauth_callback must be oob, also when a callback is registered.".to_owned(),
            Self::ConsumerKeyRejected => {
                "This oauth_consumer_key is not one that the sandbox was started with.".to_owned()
            }
            Self::NonceUsed => {
                "This nonce came before with this timestamp and token. Each request, also a repeated one, needs a \
                 fresh nonce."
                    .to_owned()
            }
            Self::ParameterAbsent(name) => format!(
                "{name} is absent. OAuth parameters are read from the Authorization header or the query, never from \
                 a body."
            ),
            Self::ParameterRejected(name, why) => format!("{name} {why}."),
            Self::SignatureInvalid(explanation) => explanation.sentence.clone(),
            Self::SignatureMethodRejected => "oauth_signature_method must be HMAC-SHA1.".to_owned(),
            Self::TimestampRefused(ahead) => timestamp_sentence(*ahead),
            Self::TokenExpired(why) | Self::TokenRejected(why) => (*why).to_owned(),
            Self::VersionRejected => "oauth_version, if it is sent at all, must be 1.0.".to_owned(),
        }
    }

    pub fn explanation(&self) -> Option<&Explanation> {
        match self {
            Self::SignatureInvalid(explanation) => Some(explanation),
            _ => None,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::CallbackRejected
            | Self::ParameterAbsent(_)
            | Self::ParameterRejected(..)
            | Self::SignatureMethodRejected
            | Self::VersionRejected => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    /// `oauth_problem=code`, with the parameter that it is about.
    fn message(&self, now: i64) -> String {
        let message = message(self.code(), now);
        match self {
            Self::ParameterAbsent(name) => format!("{message}&oauth_parameters_absent={name}"),
            Self::ParameterRejected(name, _) => {
                format!("{message}&oauth_parameters_rejected={}", encode(name.as_bytes()))
            }
            _ => message,
        }
    }

    /// The answer of a path under /oauth.
    pub fn on_oauth_path(self, now: i64) -> Response {
        let shape = if self == Self::CallbackRejected { Shape::Text } else { Shape::Html };
        self.answer(shape, now)
    }

    /// The answer in this shape. The front takes the problem from its extensions.
    pub fn answer(self, shape: Shape, now: i64) -> Response {
        let mut answer = shape.explained_answer(self.status(), &self.message(now), &self.sentence());
        if let Ok(sentence) = HeaderValue::from_str(&self.sentence()) {
            answer.headers_mut().insert(EXPLANATION, sentence);
        }
        answer.extensions_mut().insert(self);
        answer
    }
}

fn timestamp_sentence(ahead: Option<i64>) -> String {
    let Some(ahead) = ahead else {
        return "oauth_timestamp must be the whole seconds since 1970.".to_owned();
    };
    // Milliseconds since 1970 are about a thousand times as many.
    if ahead > 100_000_000_000 {
        return "oauth_timestamp must be seconds since 1970; these look like milliseconds.".to_owned();
    }
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    format!(
        "oauth_timestamp is {} s {direction} the sandbox's clock; {CLOCK_TOLERANCE} s are tolerated. See \
         /sandbox/clock if the clock was moved.",
        ahead.unsigned_abs()
    )
}

/// `oauth_problem=code`, with what belongs to the code.
pub fn message(code: &str, now: i64) -> String {
    match code {
        "callback_rejected" => format!("oauth_problem={code},oauth_acceptable_callback=oob"),
        "timestamp_refused" => {
            let (min, max) = (now - CLOCK_TOLERANCE, now + CLOCK_TOLERANCE);
            format!("oauth_problem={code},oauth_acceptable_timestamps={min}-{max}")
        }
        _ => format!("oauth_problem={code}"),
    }
}

/// The shapes of a refusal that were seen on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Html,
    HtmlOld,
    Json,
    Xml,
    XmlCode,
    Text,
    Header,
    Empty,
}

impl Shape {
    pub fn answer(self, status: StatusCode, message: &str) -> Response {
        self.explained_answer(status, message, "The request was not carried out.")
    }

    /// With a sentence for the person, where the shape has room for one.
    fn explained_answer(self, status: StatusCode, message: &str, sentence: &str) -> Response {
        let escaped = escape(message);
        let sentence = escape(sentence);
        let reason = status.canonical_reason().unwrap_or_default();
        let title = format!("HTTP Status {} - {reason}", status.as_u16());
        let answer = match self {
            Self::Html => Html(format!(
                "<!DOCTYPE html><html><head><title>{title}</title></head><body>\
                 <h1>{title}</h1><hr/><p><b>Type</b> Status Report</p>\
                 <p><b>Message</b> {escaped}</p>\
                 <p><b>Description</b> {sentence}</p></body></html>"
            ))
            .into_response(),
            Self::HtmlOld => Html(format!(
                "<html><head><title>Error report</title></head><body>\
                 <h1>HTTP Status {} - {escaped}</h1></body></html>",
                status.as_u16()
            ))
            .into_response(),
            Self::Json => Json(json!({"Error": {"message": message}})).into_response(),
            Self::Xml => xml(format!("<Error><message>{escaped}</message></Error>")),
            Self::XmlCode => xml(format!("<Error><code>0</code><message>{escaped}</message></Error>")),
            Self::Text => message.to_owned().into_response(),
            Self::Header => {
                let challenge = format!("OAuth realm=\"https://api.etrade.com/\",{message}");
                let challenge = HeaderValue::from_bytes(challenge.as_bytes());
                challenge.map_or_else(
                    |_| Body::empty().into_response(),
                    |value| ([(header::WWW_AUTHENTICATE, value)], Body::empty()).into_response(),
                )
            }
            Self::Empty => Body::empty().into_response(),
        };
        (status, answer).into_response()
    }
}

impl FromStr for Shape {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Ok(match name {
            "html" => Self::Html,
            "html_old" => Self::HtmlOld,
            "json" => Self::Json,
            "xml" => Self::Xml,
            "xml_code" => Self::XmlCode,
            "text" => Self::Text,
            "header" => Self::Header,
            "empty" => Self::Empty,
            _ => return Err(()),
        })
    }
}

/// An answer in XML.
pub fn xml(content: String) -> Response {
    let content = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>{content}");
    ([(header::CONTENT_TYPE, "application/xml")], content).into_response()
}

/// Escapes text for HTML and XML, attributes included.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
