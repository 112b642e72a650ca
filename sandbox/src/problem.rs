//! Why a request is refused, and the shapes in which E*TRADE says so.

use std::str::FromStr;

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use crate::tokens::CLOCK_TOLERANCE;

/// The values of `oauth_problem` that the sandbox finds by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    CallbackRejected,
    ConsumerKeyRejected,
    NonceUsed,
    ParameterAbsent,
    ParameterRejected,
    SignatureInvalid,
    SignatureMethodRejected,
    TimestampRefused,
    TokenExpired,
    TokenRejected,
    VersionRejected,
}

impl Problem {
    fn code(self) -> &'static str {
        match self {
            Self::CallbackRejected => "callback_rejected",
            Self::ConsumerKeyRejected => "consumer_key_rejected",
            Self::NonceUsed => "nonce_used",
            Self::ParameterAbsent => "parameter_absent",
            Self::ParameterRejected => "parameter_rejected",
            Self::SignatureInvalid => "signature_invalid",
            Self::SignatureMethodRejected => "signature_method_rejected",
            Self::TimestampRefused => "timestamp_refused",
            Self::TokenExpired => "token_expired",
            Self::TokenRejected => "token_rejected",
            Self::VersionRejected => "version_rejected",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::CallbackRejected
            | Self::ParameterAbsent
            | Self::ParameterRejected
            | Self::SignatureMethodRejected
            | Self::VersionRejected => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNAUTHORIZED,
        }
    }

    /// The answer of a path under /oauth.
    pub fn on_oauth_path(self, now: i64) -> Response {
        let shape = if self == Self::CallbackRejected { Shape::Text } else { Shape::Html };
        shape.answer(self.status(), &message(self.code(), now))
    }

    /// The answer of a path under /v1.
    pub fn on_api_path(self, now: i64) -> Response {
        Shape::Json.answer(self.status(), &message(self.code(), now))
    }
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
        let escaped = escape(message);
        let reason = status.canonical_reason().unwrap_or_default();
        let title = format!("HTTP Status {} - {reason}", status.as_u16());
        let answer = match self {
            Self::Html => Html(format!(
                "<!DOCTYPE html><html><head><title>{title}</title></head><body>\
                 <h1>{title}</h1><hr/><p><b>Type</b> Status Report</p>\
                 <p><b>Message</b> {escaped}</p>\
                 <p><b>Description</b> The request was not carried out.</p></body></html>"
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
