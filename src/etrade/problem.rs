//! What an error answer means: the `oauth_problem` in it, or one of the sentences that stand for one.

use super::{Reply, message};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    SignatureInvalid,
    /// Expired, or the other environment's.
    ConsumerKey,
    /// The token is idle, past midnight, revoked, replaced or never was; or the verifier is wrong. No reply tells which.
    Token,
    /// Seen as a passing fault.
    ParameterAbsent,
    /// A passing fault, or an earlier copy of the request arrived.
    NonceUsed,
    /// The clock is off; the middle of the range that the server would accept, if it said so.
    Timestamp(Option<i64>),
    CallbackRejected,
    PermissionDenied,
    RateLimit,
    /// The service is down for the moment, as is common when the market opens and closes.
    Unavailable,
    /// Not authorized, without a word why.
    Unauthorized,
    /// Any other error.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub meaning: Meaning,
    /// The `oauth_problem`, or empty.
    pub code: String,
}

impl Problem {
    /// `None` for an answer that is no error.
    pub fn read(reply: &Reply) -> Option<Problem> {
        if reply.status < 400 {
            return None;
        }
        let texts = reply.header("WWW-Authenticate").map(std::borrow::Cow::Borrowed);
        let found = texts.chain([message::read(&reply.body)]).find_map(|text| read_text(&text));
        Some(found.unwrap_or_else(|| {
            let meaning = match reply.status {
                429 => Meaning::RateLimit,
                500.. => Meaning::Unavailable,
                401 => Meaning::Unauthorized,
                _ => Meaning::Other,
            };
            Problem { meaning, code: String::new() }
        }))
    }

    /// Whether authentication failed, so that the request was not carried out. An error of any other kind counts as use.
    pub fn is_oauth_failure(&self) -> bool {
        match self.meaning {
            Meaning::Other => !self.code.is_empty(),
            Meaning::Unavailable | Meaning::RateLimit => false,
            _ => true,
        }
    }
}

/// E*TRADE also answers with a bare code, or with a sentence, where others have `oauth_problem=`.
fn read_text(text: &str) -> Option<Problem> {
    let bare = text.trim();
    let (code, rest) = match text.split_once("oauth_problem=") {
        Some((_, rest)) => split_code(rest.trim_start_matches('"')),
        None if meaning_of(bare).is_some() => (bare, ""),
        None => return sentence(text).map(|meaning| Problem { meaning, code: String::new() }),
    };
    let meaning = match meaning_of(code) {
        Some(Meaning::Timestamp(_)) => Meaning::Timestamp(acceptable_timestamp(rest)),
        Some(meaning) => meaning,
        None => Meaning::Other,
    };
    Some(Problem { meaning, code: code.to_owned() })
}

/// A code is short, of small letters: nothing else of the server's text, such as a token, is ever repeated.
fn split_code(text: &str) -> (&str, &str) {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let end = text.bytes().take(64).position(|byte| !plain(byte)).unwrap_or(text.len().min(64));
    text.split_at_checked(end).unwrap_or(("", text))
}

fn meaning_of(code: &str) -> Option<Meaning> {
    Some(match code {
        "signature_invalid" => Meaning::SignatureInvalid,
        "consumer_key_rejected" | "consumer_key_unknown" => Meaning::ConsumerKey,
        "token_expired" | "token_rejected" => Meaning::Token,
        "parameter_absent" => Meaning::ParameterAbsent,
        "nonce_used" => Meaning::NonceUsed,
        "timestamp_refused" => Meaning::Timestamp(None),
        "callback_rejected" => Meaning::CallbackRejected,
        "permission_denied" => Meaning::PermissionDenied,
        _ => return None,
    })
}

fn sentence(text: &str) -> Option<Meaning> {
    let text = text.to_ascii_lowercase();
    if text.contains("invalid access token used") || text.contains("invalid consumer key and/or session token") {
        Some(Meaning::Token)
    } else if text.contains("exceeded the rate limit") {
        Some(Meaning::RateLimit)
    } else {
        None
    }
}

/// The middle of `oauth_acceptable_timestamps=MIN-MAX`.
fn acceptable_timestamp(text: &str) -> Option<i64> {
    let (_, range) = text.split_once("oauth_acceptable_timestamps=")?;
    let (min, rest) = range.trim_start_matches('"').split_once('-')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (min, max): (i64, i64) = (min.parse().ok()?, rest[..end].parse().ok()?);
    (0 < min && min <= max).then(|| min + (max - min) / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, headers: &str, body: &str) -> (Meaning, String) {
        let problem = Problem::read(&Reply::new(status, headers, body.as_bytes())).unwrap();
        (problem.meaning, problem.code)
    }

    #[test]
    fn every_shape_and_meaning() {
        use Meaning::*;
        let html = "<html><head><title>HTTP Status 401 - Unauthorized</title></head><body><p><b>Message</b> oauth_problem=consumer_key_rejected</p><hr></body>";
        let old = "<h1>HTTP Status 401 - oauth_problem=signature_invalid</h1>";
        for (body, meaning, code) in [
            (html, ConsumerKey, "consumer_key_rejected"),
            (old, SignatureInvalid, "signature_invalid"),
            (r#"{"Error":{"message":"oauth_problem=token_expired"}}"#, Token, "token_expired"),
            (r#"{"Error":{"message":"token_rejected"}}"#, Token, "token_rejected"),
            (r#"{"Error":{"message":"Invalid access token used"}}"#, Token, ""),
            ("<Error><code>0</code><message>oauth_problem=nonce_used</message></Error>", NonceUsed, "nonce_used"),
            (
                "<Error><message>Unauthorized request - invalid Consumer key and/or session token</message></Error>",
                Token,
                "",
            ),
            ("<Error><message>Number of requests exceeded the rate limit set</message></Error>", RateLimit, ""),
            ("oauth_problem=callback_rejected,oauth_acceptable_callback=oob", CallbackRejected, "callback_rejected"),
            (
                "oauth_problem=timestamp_refused,oauth_acceptable_timestamps=100-300",
                Timestamp(Some(200)),
                "timestamp_refused",
            ),
            ("oauth_problem=timestamp_refused&oauth_acceptable_timestamps=x-300", Timestamp(None), "timestamp_refused"),
            (
                "oauth_problem=timestamp_refused,oauth_acceptable_timestamps=9223372036854775000-9223372036854775807",
                Timestamp(Some(9223372036854775403)),
                "timestamp_refused",
            ),
            ("oauth_problem=something_new", Other, "something_new"),
            ("permission_denied", PermissionDenied, "permission_denied"),
            ("", Unauthorized, ""),
        ] {
            assert_eq!(read(401, "", body), (meaning, code.to_owned()), "{body}");
        }
        let header = "www-authenticate: OAuth realm=\"x\",oauth_problem=\"parameter_absent\"";
        assert_eq!(read(400, header, "<html>"), (ParameterAbsent, "parameter_absent".to_owned()));
    }

    #[test]
    fn statuses_speak_where_the_body_does_not() {
        assert_eq!(read(429, "", "").0, Meaning::RateLimit);
        assert_eq!(read(503, "", "<html>").0, Meaning::Unavailable);
        assert_eq!(read(404, "", "").0, Meaning::Other);
        assert_eq!(read(500, "", "oauth_problem=token_rejected").0, Meaning::Token);
        assert_eq!(Problem::read(&Reply::new(200, "", b"oauth_problem=token_rejected")), None);
    }

    #[test]
    fn a_code_repeats_nothing_else_of_the_answer() {
        assert_eq!(read(401, "", "oauth_problem=abc<secret>").1, "abc");
        assert_eq!(read(401, "", "oauth_problem=é").1, "");
        assert_eq!(read(401, "", &format!("oauth_problem={}", "a".repeat(500))).1.len(), 64);
    }
}
