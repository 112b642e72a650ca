//! What API.md promises for each answer to a call of `etoauth_client_send`: how often the call may arrive, how it ends,
//! and what becomes of the token. Written from its sentences, which are quoted, and from nothing else.

use crate::refusals::{Case, Coding, Delivery, Meaning, Shape};

pub const OK: i32 = 0;
pub const E_HTTP: i32 = -50;
pub const E_UNCERTAIN: i32 = -44;
pub const E_SIGNATURE: i32 = -52;
pub const E_CONSUMER_KEY: i32 = -53;
pub const E_VERIFIER: i32 = -54;
pub const E_LOGIN: i32 = -55;
pub const E_CLOCK_SKEW: i32 = -58;
pub const E_DENIED: i32 = -60;

const NONE: i32 = 0;
const RETRY: i32 = 1;
const RENEW: i32 = 2;
const WAIT: i32 = 4;
const FIX: i32 = 5;
const CHECK: i32 = 6;

/// One end of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    pub status: i32,
    /// The answer's status, 0 without one.
    pub http: u16,
    pub sends: u32,
    pub renews: u32,
}

/// What is allowed.
#[derive(Debug)]
pub enum Allowed {
    /// One of these ends.
    Ends(Vec<End>),
    /// API.md leaves the end open: so many sends at most, and so many renews.
    AtMost { sends: u32, renews: u32 },
}

impl Allowed {
    pub fn allows(&self, end: &End) -> bool {
        match self {
            Allowed::Ends(ends) => ends.contains(end),
            Allowed::AtMost { sends, renews } => (1..=*sends).contains(&end.sends) && end.renews <= *renews,
        }
    }
}

/// Whether a caller to whom an answer is handed over may be given this advice about it.
pub fn advises(case: &Case, http: u16, advice: i32) -> bool {
    let limited = case.word.meaning == Meaning::RateLimit && readable(case) == Readable::Yes;
    let right: &[i32] = match http {
        200 => &[NONE],
        // Of a limit with such a status it is left open whether the order may have got through.
        500.. if limited && case.post => &[WAIT, CHECK],
        _ if limited => &[WAIT],
        500.. if case.post => &[CHECK],
        500.. => &[WAIT],
        // And of an error that can't be read.
        _ if case.post && readable(case) != Readable::Yes => &[NONE, CHECK],
        _ => &[NONE],
    };
    right.contains(&advice)
}

/// Whether `diagnose` may give this advice about the first answer: "`diagnose`, `send` and kind `_API` share one
/// judgement".
pub fn diagnoses(case: &Case, advice: i32) -> bool {
    let Allowed::Ends(ends) = allowed(case) else { return true };
    ends.iter().any(|end| match (end.status, end.sends, end.renews) {
        (_, 2.., 1..) => advice == RENEW,
        (_, 2.., 0) => advice == RETRY,
        (E_UNCERTAIN, ..) if case.post => advice == CHECK,
        // A question may be asked again; whether at once is left open.
        (E_UNCERTAIN, ..) => [RETRY, WAIT, CHECK].contains(&advice),
        (OK, ..) => advises(case, end.http, advice),
        _ => advice == FIX,
    })
}

/// "`ETOAUTH_E_UNCERTAIN` means that the request left ... and no whole answer came."
const UNCERTAIN: End = End { status: E_UNCERTAIN, http: 0, sends: 1, renews: 0 };

#[derive(PartialEq, Eq)]
enum Readable {
    Yes,
    /// It is gzip, and ends too early.
    Broken,
    /// "Compressed in a way that is not decoded, binary."
    No,
}

fn readable(case: &Case) -> Readable {
    match case.coding {
        Coding::Plain | Coding::Gzip | Coding::GzipUnannounced => Readable::Yes,
        Coding::GzipTruncated | Coding::GzipTruncatedUnannounced => Readable::Broken,
        Coding::Deflate | Coding::Brotli | Coding::Binary => Readable::No,
    }
}

pub fn allowed(case: &Case) -> Allowed {
    match case.delivery {
        Delivery::CutInHead | Delivery::CutInBody | Delivery::CutInChunk => return Allowed::Ends(vec![UNCERTAIN]),
        // "But for GET and HEAD, a body that only the connection's end delimits is no whole answer."
        Delivery::NoLength | Delivery::NoLengthOld if case.post => return Allowed::Ends(vec![UNCERTAIN]),
        _ => {}
    }
    let readable = readable(case);
    if readable == Readable::Yes {
        return Allowed::Ends(readable_ends(case));
    }
    if !case.post {
        // Nothing is said of a question whose answer can't be read, except what is said of all of them.
        return Allowed::AtMost { sends: if case.status == 200 { 1 } else { 2 }, renews: 1 };
    }
    let handed_over = End { status: OK, http: case.status, sends: 1, renews: 0 };
    // "For anything but GET and HEAD, an answer ... that doesn't decode is `_E_UNCERTAIN`, too." Of a success that
    // nobody announced as gzip it may be said that there was nothing to decode.
    if readable == Readable::Broken {
        let announced = case.coding == Coding::GzipTruncated;
        return Allowed::Ends(if announced || case.status == 401 {
            vec![UNCERTAIN]
        } else {
            vec![UNCERTAIN, handed_over]
        });
    }
    // "A refusal that can't be read ... is `_E_UNCERTAIN` then, and says nothing of the token." A 401 is a refusal; of
    // other statuses that isn't said. And a word in the header can be read, whatever the body is.
    let mut ends = vec![UNCERTAIN];
    if case.status == 200 {
        ends = if case.coding == Coding::Binary { vec![handed_over] } else { vec![UNCERTAIN, handed_over] };
    } else if case.shape == Shape::Header && case.word.meaning != Meaning::Wordless {
        ends.extend(readable_ends(case));
    } else if case.status != 401 {
        ends.push(handed_over);
    }
    Allowed::Ends(ends)
}

fn readable_ends(case: &Case) -> Vec<End> {
    let handed_over = End { status: OK, http: case.status, sends: 1, renews: 0 };
    let failed = |status| End { status, http: 0, sends: 1, renews: 0 };
    // Sent again, and if it is refused again, this remains. "Once more" is once for each fault.
    let again = |renews, remains| {
        if case.always {
            End { status: remains, http: 0, sends: 2, renews }
        } else {
            End { status: OK, http: 200, sends: 2, renews }
        }
    };
    if case.status == 200 {
        return vec![handed_over];
    }
    vec![match case.word.meaning {
        // "One renew, then the call once more"; "a token still refused after a renew that succeeded: `_E_LOGIN`".
        Meaning::Token => again(1, E_LOGIN),
        Meaning::Timestamp => again(0, E_CLOCK_SKEW),
        Meaning::ParameterAbsent => again(0, E_HTTP),
        // "`nonce_used`: once more for GET and HEAD only, since it may mean that an earlier copy arrived."
        Meaning::NonceUsed if case.post => UNCERTAIN,
        Meaning::NonceUsed => again(0, E_HTTP),
        Meaning::Signature => failed(E_SIGNATURE),
        Meaning::ConsumerKey => failed(E_CONSUMER_KEY),
        Meaning::Denied => failed(E_DENIED),
        // A verifier's code in answer to an API call: nobody says which of the two.
        Meaning::OtherCode => return vec![failed(E_HTTP), failed(E_VERIFIER)],
        Meaning::RateLimit => handed_over,
        // "... or a 401 that is readable text without a word or has an empty body."
        Meaning::Wordless if case.status == 401 => again(1, E_LOGIN),
        Meaning::Wordless => handed_over,
    }]
}
