//! What becomes of an answer's body on its way.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use axum::response::Response;

use crate::encoding::Encoding;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    pub encoding: Option<Encoding>,
    /// Whether `Content-Encoding` says so.
    pub announced: bool,
    /// The encoded body ends halfway, in an answer that is otherwise complete.
    pub truncated: bool,
    /// Without a length, only the connection's end tells where the body ends.
    pub length: bool,
}

impl Form {
    pub fn apply(self, answer: Response, body: &[u8]) -> Response {
        let (mut parts, _) = answer.into_parts();
        parts.headers.remove(CONTENT_LENGTH);
        let mut body = self.encoding.map_or_else(|| body.to_vec(), |encoding| encoding.encode(body));
        if self.truncated {
            body.truncate(body.len() / 2);
        }
        if let Some(encoding) = self.encoding.filter(|_| self.announced) {
            parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        }
        Response::from_parts(parts, Body::from(body))
    }
}
