//! Every answer that a server may give to an order: status, words, shape, quotes, encoding and delivery.

use crate::encoding::Encoding;
use crate::scripted::Answer;

pub const STATUSES: [u16; 6] = [401, 400, 403, 500, 503, 200];

/// What the answer says, by what API.md makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A refusal of the token.
    Token,
    Timestamp,
    ParameterAbsent,
    NonceUsed,
    Signature,
    ConsumerKey,
    Denied,
    /// A code of another call's, or one that nobody knows.
    OtherCode,
    RateLimit,
    /// No code that could be read, and no sentence that is known.
    Wordless,
}

/// A word of the server's.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// What follows `oauth_problem=`, or the whole message.
    pub text: &'static str,
    pub code: bool,
    pub meaning: Meaning,
    /// Where it has been seen.
    pub shapes: &'static [Shape],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Html,
    HtmlOld,
    Json,
    Xml,
    XmlCode,
    Text,
    /// In WWW-Authenticate, with a body that says nothing.
    Header,
    /// In the body; WWW-Authenticate has a code that is empty.
    Beside,
    /// No word at all, and an empty body.
    Empty,
}

use Shape::{Beside, Empty, Header, Html, HtmlOld, Json, Text, Xml, XmlCode};

const CODED: &[Shape] = &[Html, HtmlOld, Json, Xml, XmlCode, Text, Header, Beside];
const SENTENCES: &[Shape] = &[Json, Xml, XmlCode, Text, Beside];

const fn code(text: &'static str, meaning: Meaning) -> Word {
    Word { text, code: true, meaning, shapes: CODED }
}

const fn message(text: &'static str, meaning: Meaning, shapes: &'static [Shape]) -> Word {
    Word { text, code: false, meaning, shapes }
}

/// `RANGE` stands for times around the server's.
pub const WORDS: [Word; 21] = [
    code("signature_invalid", Meaning::Signature),
    code("consumer_key_rejected", Meaning::ConsumerKey),
    code("consumer_key_unknown", Meaning::ConsumerKey),
    code("token_expired", Meaning::Token),
    code("token_rejected", Meaning::Token),
    code("parameter_absent", Meaning::ParameterAbsent),
    code("nonce_used", Meaning::NonceUsed),
    code("timestamp_refused,oauth_acceptable_timestamps=RANGE", Meaning::Timestamp),
    code("callback_rejected,oauth_acceptable_callback=oob", Meaning::OtherCode),
    code("permission_denied", Meaning::Denied),
    code("verifier_invalid", Meaning::OtherCode),
    code("something_new", Meaning::OtherCode),
    code("", Meaning::Wordless),
    code("Consumer+key+has+expired", Meaning::Wordless),
    code("Consumer key has expired", Meaning::Wordless),
    message("token_rejected", Meaning::Token, &[Json, Xml]),
    message("Invalid access token used", Meaning::Token, SENTENCES),
    message("Unauthorized request - invalid Consumer key and/or session token", Meaning::Token, SENTENCES),
    message("Number of requests exceeded the rate limit set", Meaning::RateLimit, SENTENCES),
    message("Unauthorized", Meaning::Wordless, CODED),
    message("", Meaning::Wordless, &[Empty]),
];

/// What stands around a code.
pub const QUOTES: [&str; 6] = ["", "'", "\"", "&quot;", "&#39;", "&apos;"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Plain,
    Gzip,
    /// Without Content-Encoding.
    GzipUnannounced,
    GzipTruncated,
    GzipTruncatedUnannounced,
    Deflate,
    Brotli,
    /// Bytes that are no text, and nothing that says so.
    Binary,
}

pub const CODINGS: [Coding; 8] = [
    Coding::Plain,
    Coding::Gzip,
    Coding::GzipUnannounced,
    Coding::GzipTruncated,
    Coding::GzipTruncatedUnannounced,
    Coding::Deflate,
    Coding::Brotli,
    Coding::Binary,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Whole,
    Chunked,
    CutInHead,
    CutInBody,
    CutInChunk,
    /// Ended by the connection's end, in HTTP/1.1.
    NoLength,
    /// The same in HTTP/1.0.
    NoLengthOld,
}

pub const DELIVERIES: [Delivery; 7] = [
    Delivery::Whole,
    Delivery::Chunked,
    Delivery::CutInHead,
    Delivery::CutInBody,
    Delivery::CutInChunk,
    Delivery::NoLength,
    Delivery::NoLengthOld,
];

#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub post: bool,
    pub status: u16,
    pub word: Word,
    pub shape: Shape,
    pub quotes: &'static str,
    pub coding: Coding,
    pub delivery: Delivery,
    /// The server answers so again and again, not only once.
    pub always: bool,
}

/// The whole product: each word in the shapes in which it has been seen, and odd quotes around codes alone.
pub fn product() -> Vec<Case> {
    let mut all = Vec::new();
    for word in WORDS {
        for &shape in word.shapes {
            for quotes in if word.code { &QUOTES[..] } else { &QUOTES[..1] } {
                for coding in if shape == Shape::Empty { &CODINGS[..1] } else { &CODINGS[..] } {
                    for delivery in DELIVERIES {
                        for status in STATUSES {
                            for [post, always] in [[true, false], [true, true], [false, false], [false, true]] {
                                let coding = *coding;
                                all.push(Case { post, status, word, shape, quotes, coding, delivery, always });
                            }
                        }
                    }
                }
            }
        }
    }
    all
}

impl Case {
    /// Whether a run of every day has it. In a build for debugging a new connection takes milliseconds, so each
    /// dimension is crossed in full only with those that can change what the library makes of it.
    pub fn is_daily(&self) -> bool {
        let decoded = matches!(self.coding, Coding::Plain | Coding::Gzip);
        if !self.quotes.is_empty() || self.always {
            let small = self.quotes.is_empty() || (self.post && !self.always && matches!(self.status, 401 | 403));
            return small && self.coding == Coding::Plain && self.delivery == Delivery::Whole;
        }
        match self.delivery {
            Delivery::Whole => self.post || matches!(self.status, 401 | 500 | 200),
            _ if self.post && decoded => matches!(self.status, 401 | 200),
            _ => self.status == 401 && self.shape == Shape::Text && (self.post || decoded),
        }
    }

    /// The answer on the wire; `now` is the server's time.
    pub fn answer(&self, now: u64) -> Answer {
        let mut head = format!("{} {} Answer\r\n", self.version(), self.status);
        if let Shape::Header | Shape::Beside = self.shape {
            let word = if self.shape == Shape::Header { self.message(now) } else { "oauth_problem=\"\"".to_owned() };
            head += &format!("WWW-Authenticate: OAuth realm=\"https://api.etrade.com/\",{word}\r\n");
        }
        let (encoding, truncated) = match self.coding {
            Coding::Plain => (None, false),
            Coding::Gzip | Coding::GzipUnannounced => (Some(Encoding::Gzip), false),
            Coding::GzipTruncated | Coding::GzipTruncatedUnannounced => (Some(Encoding::Gzip), true),
            Coding::Deflate => (Some(Encoding::Deflate), false),
            Coding::Brotli | Coding::Binary => (Some(Encoding::Br), false),
        };
        let (content_type, text) = self.body(now);
        let mut body = encoding.map_or_else(|| text.clone().into_bytes(), |encoding| encoding.encode(text.as_bytes()));
        if truncated {
            body.truncate(body.len() / 2);
        }
        let announced = !matches!(
            self.coding,
            Coding::Plain | Coding::GzipUnannounced | Coding::GzipTruncatedUnannounced | Coding::Binary
        );
        if let Some(encoding) = encoding.filter(|_| announced) {
            head += &format!("Content-Encoding: {}\r\n", encoding.name());
        }
        head += &format!("Content-Type: {content_type}\r\n");
        self.deliver(head, &body)
    }

    fn version(&self) -> &'static str {
        if self.delivery == Delivery::NoLengthOld { "HTTP/1.0" } else { "HTTP/1.1" }
    }

    fn deliver(&self, mut head: String, body: &[u8]) -> Answer {
        head += &match self.delivery {
            Delivery::Chunked | Delivery::CutInChunk => "Transfer-Encoding: chunked\r\n\r\n".to_owned(),
            Delivery::NoLength => "Connection: close\r\n\r\n".to_owned(),
            Delivery::NoLengthOld => "\r\n".to_owned(),
            // Of an empty body, one that was promised is cut.
            Delivery::CutInBody if body.is_empty() => "Content-Length: 10\r\n\r\n".to_owned(),
            _ => format!("Content-Length: {}\r\n\r\n", body.len()),
        };
        let chunk = |part: &[u8]| [format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat();
        let head = head.into_bytes();
        let bytes = match self.delivery {
            Delivery::Whole | Delivery::NoLength | Delivery::NoLengthOld => [head.as_slice(), body].concat(),
            Delivery::Chunked if body.is_empty() => [head.as_slice(), b"0\r\n\r\n"].concat(),
            Delivery::Chunked => [head.as_slice(), &chunk(body), b"0\r\n\r\n"].concat(),
            Delivery::CutInHead => head[..head.len() / 2].to_vec(),
            Delivery::CutInBody => [head.as_slice(), &body[..body.len() / 2]].concat(),
            // All that was to be said is there, except that it was all.
            Delivery::CutInChunk if body.is_empty() => head,
            Delivery::CutInChunk => [head.as_slice(), &chunk(body)].concat(),
        };
        Answer { bytes, close: !matches!(self.delivery, Delivery::Whole | Delivery::Chunked) }
    }

    fn message(&self, now: u64) -> String {
        let range = format!("{}-{}", now - 200, now + 400);
        let text = self.word.text.replace("RANGE", &range);
        if !self.word.code {
            return text;
        }
        // The code alone is quoted, and what belongs to it stands after it.
        let (code, rest) =
            text.split_once(',').map_or((&*text, String::new()), |(code, rest)| (code, format!(",{rest}")));
        format!("oauth_problem={0}{code}{0}{rest}", self.quotes)
    }

    fn body(&self, now: u64) -> (&'static str, String) {
        let (message, status) = (self.message(now), self.status);
        match self.shape {
            Shape::Html => (
                "text/html",
                format!(
                    "<!DOCTYPE html><html><head><title>HTTP Status {status} - Error</title></head><body><h1>HTTP Status {status}</h1>\
                     <hr/><p><b>Type</b> Status Report</p><p><b>Message</b> {message}</p></body></html>"
                ),
            ),
            Shape::HtmlOld => {
                ("text/html", format!("<html><body><h1>HTTP Status {status} - {message}</h1></body></html>"))
            }
            Shape::Json | Shape::Beside => {
                ("application/json", format!("{{\"Error\":{{\"message\":\"{}\"}}}}", message.replace('"', "\\\"")))
            }
            Shape::Xml => {
                ("application/xml", format!("<?xml version=\"1.0\"?>\n<Error><message>{message}</message></Error>"))
            }
            Shape::XmlCode => ("application/xml", format!("<Error><code>0</code><message>{message}</message></Error>")),
            Shape::Text => ("text/plain", message),
            Shape::Header => ("text/plain", "The request was not carried out.".to_owned()),
            Shape::Empty => ("text/plain", String::new()),
        }
    }
}
