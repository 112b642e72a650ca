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
    /// The verification code is wrong.
    Verifier,
    PermissionDenied,
    RateLimit,
    /// The service is down for the moment, as is common when the market opens and closes.
    Unavailable,
    /// Not authorized, without a word why.
    Unauthorized,
    /// Any other error.
    Other,
}

/// In bytes. A refusal is short: what comes later in a body is none.
const LONGEST_REFUSAL: usize = 64 << 10;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub meaning: Meaning,
    /// The `oauth_problem`, or empty.
    pub code: String,
}

impl Problem {
    /// `None` for an answer that is not an error.
    pub fn read(reply: &Reply) -> Option<Problem> {
        if reply.status < 400 {
            return None;
        }
        Some(Problem::in_words(reply).unwrap_or_else(|| {
            let meaning = match reply.status {
                429 => Meaning::RateLimit,
                500.. => Meaning::Unavailable,
                401 => Meaning::Unauthorized,
                _ => Meaning::Other,
            };
            Problem { meaning, code: String::new() }
        }))
    }

    /// What the answer says in words, whatever its status: a code or a sentence that stands for one.
    fn in_words(reply: &Reply) -> Option<Problem> {
        Problem::in_a_header(reply).or_else(|| {
            let begin = &reply.body[..reply.body.len().min(LONGEST_REFUSAL)];
            read_text(&message::read(begin)).or_else(|| read_text(&String::from_utf8_lossy(begin)))
        })
    }

    /// What its headers say, which can be read even if the body can't be.
    pub fn in_a_header(reply: &Reply) -> Option<Problem> {
        reply.header("WWW-Authenticate").find_map(read_text)
    }

    /// The `oauth_problem` that an answer names although its status is none of an error.
    pub fn named(reply: &Reply) -> Option<Problem> {
        Problem::in_words(reply).filter(|problem| !problem.code.is_empty())
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

/// The `oauth_problem` of an answer, or nothing: for the log.
pub fn problem_code(reply: &Reply) -> String {
    Problem::read(reply).map(|problem| problem.code).unwrap_or_default()
}

/// E*TRADE also answers with a bare code, or with a sentence, where others have `oauth_problem=`.
fn read_text(text: &str) -> Option<Problem> {
    let (code, rest) = if meaning_of(text.trim()).is_some() { (text.trim(), "") } else { find_code(text) };
    if code.is_empty() {
        return sentence(text).map(|meaning| Problem { meaning, code: String::new() });
    }
    let meaning = match meaning_of(code) {
        Some(Meaning::Timestamp(_)) => Meaning::Timestamp(acceptable_timestamp(rest)),
        Some(meaning) => meaning,
        None => Meaning::Other,
    };
    Some(Problem { meaning, code: code.to_owned() })
}

/// The first code that follows an `oauth_problem=`, and the text after it.
fn find_code(text: &str) -> (&str, &str) {
    let places = text.match_indices("oauth_problem");
    let codes = places.filter_map(|(place, name)| split_code(text.get(place + name.len()..)?));
    codes.into_iter().next().unwrap_or_default()
}

/// Splits the code from what follows the name. Quotes around it are read through. An empty text or a sentence is not a code.
///
/// A code is short, of small letters: nothing else of the server's text, such as a token, is ever repeated.
fn split_code(text: &str) -> Option<(&str, &str)> {
    let text = skip_quotes(text);
    let text =
        text.strip_prefix(['=', ':']).or_else(|| text.strip_prefix("%3D")).or_else(|| text.strip_prefix("%3d"))?;
    let text = skip_quotes(text);
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    let end = text.bytes().take(LONGEST_CODE).position(|byte| !plain(byte)).unwrap_or(text.len().min(LONGEST_CODE));
    let (code, rest) = text.split_at_checked(end)?;
    let in_a_sentence = rest.starts_with(['+', ' ', '-', '.']) || rest.starts_with("%20");
    if code.is_empty() || (in_a_sentence && meaning_of(code).is_none()) { None } else { Some((code, rest)) }
}

const LONGEST_CODE: usize = 64;

fn skip_quotes(mut text: &str) -> &str {
    const QUOTES: [&str; 11] = [" ", "\"", "'", "\\", "&quot;", "&apos;", "&#34;", "&#39;", "&#x27;", "%22", "%27"];
    while let Some(rest) = QUOTES.iter().find_map(|quote| text.strip_prefix(quote)) {
        text = rest;
    }
    text
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
        "verifier_invalid" => Meaning::Verifier,
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
    let (min, rest) = skip_quotes(range).split_once('-')?;
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
    fn quotes_are_read_through() {
        let quotes = ["", "'", "\"", "\\\"", "&quot;", "&#39;", "%22", " ", "\" "];
        for quote in quotes {
            for form in [
                "oauth_problem=@token_expired@",
                "realm=x,oauth_problem=@token_expired@,b=c",
                "<p>oauth_problem=@token_expired@</p>",
            ] {
                let body = form.replace('@', quote);
                assert_eq!(read(401, "", &body), (Meaning::Token, "token_expired".to_owned()), "{body}");
                let header = format!("WWW-Authenticate: OAuth {body}");
                assert_eq!(read(400, &header, "").1, "token_expired", "{header}");
            }
        }
        assert_eq!(read(401, "", r#"{"oauth_problem": "nonce_used"}"#).1, "nonce_used");
        assert_eq!(read(401, "", "%26oauth_problem%3Dnonce_used").1, "nonce_used");
    }

    #[test]
    fn what_is_empty_or_a_sentence_is_no_code() {
        for none in [
            "oauth_problem=",
            "oauth_problem=\"\"",
            "oauth_problem=''",
            "oauth_problem=é",
            "oauth_problem=Consumer+key+has+expired",
            "oauth_problem=consumer+key+has+expired",
            "oauth_problem=\"the token is old\"",
            "oauth_problem",
            "oauth_problem_advice=x",
        ] {
            assert_eq!(read(401, "", none), (Meaning::Unauthorized, String::new()), "{none}");
            assert_eq!(read(404, "", none), (Meaning::Other, String::new()), "{none}");
            let header = format!("WWW-Authenticate: OAuth realm=\"x\",{none}");
            assert_eq!(read(401, &header, "oauth_problem=token_expired").1, "token_expired", "{none}");
            assert_eq!(read(401, "", &format!("{none}\noauth_problem=token_expired")).1, "token_expired", "{none}");
        }
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
        assert_eq!(read(401, "", &format!("oauth_problem={}", "a".repeat(500))).1.len(), 64);
    }
    #[test]
    fn a_range_of_timestamps_begins_above_0_and_ends_no_earlier() {
        for (range, middle) in [("1-1", Some(1)), ("1-4", Some(2)), ("0-300", None), ("300-299", None), ("5", None)] {
            let text = format!("oauth_problem=timestamp_refused,oauth_acceptable_timestamps={range}");
            assert_eq!(read(401, "", &text).0, Meaning::Timestamp(middle), "{range}");
        }
    }

    #[test]
    fn the_code_for_the_log() {
        let code = |status, body: &str| problem_code(&Reply::new(status, "", body.as_bytes()));
        assert_eq!(code(401, "oauth_problem=nonce_used"), "nonce_used");
        assert_eq!(code(401, "Invalid access token used"), "");
        assert_eq!(code(200, "oauth_problem=nonce_used"), "");
    }
}
