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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_what_other_encoders_make_of_them() {
        // Made with Python's zlib and its strategy Z_FIXED, for texts in which nothing repeats.
        assert_eq!(Encoding::Deflate.encode(b"")[2..], [0x03, 0, 0, 0, 0, 1]);
        assert_eq!(Encoding::Deflate.encode(b"abc")[2..], [0x4b, 0x4c, 0x4a, 0x06, 0x00, 0x02, 0x4d, 0x01, 0x27]);
        let gzip = Encoding::Gzip.encode(b"abc");
        assert_eq!(gzip[10..], [0x4b, 0x4c, 0x4a, 0x06, 0x00, 0xc2, 0x41, 0x24, 0x35, 3, 0, 0, 0]);
    }

    #[test]
    fn runs_are_short() {
        assert!(Encoding::Gzip.encode(&vec![b'.'; 17_000_000]).len() < 200_000);
    }
}
