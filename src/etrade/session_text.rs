//! A session as one line of text: for another process, another machine, another day.
//!
//! `etoauth-session-1.` + base64 of JSON + `.` + the begin of its SHA-1, which tells a damaged text. Times are E*TRADE's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::write::EncoderStringWriter;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::session::{Access, Pending, Standing};
use super::{Consumer, Environment, Failure, Kind, Session, Token};

const FAMILY: &str = "etoauth-session-";
const VERSION: u64 = 1;
/// In bytes. The longest keys and tokens that the library takes fit into less.
const LONGEST: usize = 512 << 10;

pub fn write(session: &Session, consumer: &Consumer) -> Zeroizing<String> {
    let pending = session.pending.as_ref().map(|pending| {
        json!({"token": &*pending.token.value, "secret": &*pending.token.secret, "issued_at": pending.issued_at})
    });
    let access = session.access.as_ref().map(|access| {
        json!({
            "token": &*access.token.value, "secret": &*access.token.secret, "issued_at": access.issued_at,
            "used_at": access.used_at, "renewed_at": access.renewed_at, "day": access.day,
            "standing": name_of(access.standing),
        })
    });
    let whole = json!({
        "environment": environment(consumer), "key": fingerprint(consumer.key.as_bytes()),
        "pending": pending, "access": access, "revoked": session.revoked, "edition": session.edition,
        "changed_at": session.changed_at,
    });
    // Encoded as it is written, into its place: a copy in between would be a secret more, and need memory.
    let tokens = [session.pending.as_ref().map(|held| &held.token), session.access.as_ref().map(|held| &held.token)];
    let secrets: usize = tokens.into_iter().flatten().map(|token| token.value.len() + token.secret.len()).sum();
    let mut text = Zeroizing::new(String::with_capacity(1024 + secrets * 3 / 2));
    text.push_str(FAMILY);
    text.push_str(&VERSION.to_string());
    text.push('.');
    let begin = text.len();
    let mut payload = EncoderStringWriter::from_consumer(&mut *text, &URL_SAFE_NO_PAD);
    serde_json::to_writer(&mut payload, &whole).expect("a string takes all that is written");
    payload.into_inner();
    let sum = fingerprint(&text.as_bytes()[begin..]);
    text.push('.');
    text.push_str(&sum);
    text
}

/// Why a text is not this client's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionDefect {
    /// Damaged or cut short.
    Damaged,
    /// Written by a newer version of the library.
    NewerVersion,
    OtherEnvironment,
    OtherKey,
}

impl From<SessionDefect> for Failure {
    fn from(defect: SessionDefect) -> Failure {
        let why = match defect {
            SessionDefect::Damaged => "is damaged or cut short",
            SessionDefect::NewerVersion => "was written by a newer version of this library",
            SessionDefect::OtherEnvironment => "belongs to the other environment",
            SessionDefect::OtherKey => "belongs to another consumer key",
        };
        Failure::new(Kind::Session, format!("The session text {why}; nothing was changed."))
    }
}

pub fn read(text: &str, consumer: &Consumer) -> Result<Session, SessionDefect> {
    let damaged = || SessionDefect::Damaged;
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(damaged());
    }
    let number = text.strip_prefix(FAMILY).and_then(|rest| rest.split('.').next()?.parse::<u64>().ok());
    if number.is_some_and(|number| number > VERSION) {
        return Err(SessionDefect::NewerVersion);
    }
    let mut parts = text.split('.');
    let (Some(version), Some(payload), Some(sum), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(damaged());
    };
    if number != Some(VERSION) || version.len() != FAMILY.len() + 1 || sum != fingerprint(payload.as_bytes()) {
        return Err(damaged());
    }
    let payload = Zeroizing::new(URL_SAFE_NO_PAD.decode(payload).map_err(|_| damaged())?);
    let whole: Value = serde_json::from_slice(&payload).map_err(|_| damaged())?;
    if whole["environment"] != environment(consumer) {
        return Err(SessionDefect::OtherEnvironment);
    }
    if whole["key"] != fingerprint(consumer.key.as_bytes()) {
        return Err(SessionDefect::OtherKey);
    }
    let pending = optional(&whole["pending"], |pending| {
        Some(Pending { token: token(pending)?, issued_at: moment(&pending["issued_at"])? })
    });
    let access = optional(&whole["access"], |access| {
        let issued_at = moment(&access["issued_at"])?;
        Some(Access {
            token: token(access)?,
            issued_at,
            used_at: moment(&access["used_at"])?,
            renewed_at: moment_or(0, &access["renewed_at"])?,
            day: moment_or(issued_at, &access["day"])?,
            standing: standing(access["standing"].as_str()?)?,
        })
    });
    let revoked = whole["revoked"].as_bool();
    match (pending, access, revoked, whole["edition"].as_u64(), moment_or(0, &whole["changed_at"])) {
        (Some(pending), Some(access), Some(revoked), Some(edition), Some(changed_at)) => {
            Ok(Session { pending, access, revoked, edition, changed_at, ..Session::default() })
        }
        _ => Err(damaged()),
    }
}

/// Seconds since 1970. Nothing beyond the year 9999 was ever written.
fn moment(value: &Value) -> Option<i64> {
    value.as_i64().filter(|seconds| (0..253_402_300_800).contains(seconds))
}

/// The same for what version 0.1 did not write.
fn moment_or(default: i64, value: &Value) -> Option<i64> {
    if value.is_null() { Some(default) } else { moment(value) }
}

/// `None` for what is there but unreadable.
fn optional<T>(value: &Value, read: impl FnOnce(&Value) -> Option<T>) -> Option<Option<T>> {
    if value.is_null() { Some(None) } else { read(value).map(Some) }
}

fn token(value: &Value) -> Option<std::sync::Arc<Token>> {
    Some(std::sync::Arc::new(Token::new(value["token"].as_str()?, value["secret"].as_str()?).ok()?))
}

fn environment(consumer: &Consumer) -> &'static str {
    match consumer.environment {
        Environment::Live => "live",
        Environment::Sandbox => "sandbox",
    }
}

const STANDINGS: [(Standing, &str); 3] =
    [(Standing::Good, "good"), (Standing::Refused, "refused"), (Standing::Over, "over")];

fn name_of(standing: Standing) -> &'static str {
    STANDINGS.iter().find(|(known, _)| *known == standing).map_or("good", |(_, name)| name)
}

fn standing(name: &str) -> Option<Standing> {
    match name {
        // Version 0.1 took this from more than the refusal of a renewal.
        "dead" => Some(Standing::Refused),
        _ => STANDINGS.iter().find(|(_, known)| *known == name).map(|(standing, _)| *standing),
    }
}

fn fingerprint(bytes: &[u8]) -> String {
    Sha1::digest(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::session::State;
    use super::*;

    const NOON: i64 = 1_784_995_200;

    fn consumer(environment: Environment, key: &str) -> Consumer {
        Consumer::new(environment, key, "secret").unwrap()
    }

    fn session() -> Session {
        let mut session = Session::default();
        session.set_access_token(Token::new("a+/=\"\\", "s\n").unwrap(), NOON, NOON);
        session.renewed(&session.access_token().unwrap(), NOON + 5);
        session.begin_login(Token::new("r", "t").unwrap(), NOON + 10);
        session
    }

    /// In the form of version 0.1, which had fewer fields and gave a token up for more reasons.
    #[test]
    fn what_version_0_1_wrote_is_read() {
        let mine = consumer(Environment::Live, "key");
        let written = json!({
            "environment": "live", "key": fingerprint(b"key"), "pending": null, "revoked": false, "edition": 7,
            "access": {"token": "t", "secret": "s", "issued_at": NOON, "used_at": NOON + 5, "standing": "dead"},
        });
        let payload = URL_SAFE_NO_PAD.encode(written.to_string());
        let text = format!("{FAMILY}1.{payload}.{}", fingerprint(payload.as_bytes()));
        let session = read(&text, &mine).unwrap();
        assert_eq!(session.edition(), 7);
        let access = session.access.as_ref().unwrap();
        assert!((access.day, access.standing) == (NOON, Standing::Refused));
        assert!(session.usable_token().is_ok(), "it is asked for again");
    }

    #[test]
    fn there_and_back() {
        let consumer = consumer(Environment::Live, "key");
        let text = write(&session(), &consumer);
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "one line: {}", *text);
        let back = read(&format!(" {}\r\n", *text), &consumer).unwrap();
        assert_eq!(&*back.access_token().unwrap().value, "a+/=\"\\");
        assert_eq!(&*back.request_token(NOON + 20).unwrap().secret, "t");
        assert_eq!(back.token_state(NOON + 20), session().token_state(NOON + 20));
        assert_eq!(*write(&back, &consumer), *text);
        let mut revoked = session();
        revoked.revoked(&revoked.access_token().unwrap(), NOON + 15);
        let back = read(&write(&revoked, &consumer), &consumer).unwrap();
        assert_eq!(back.token_state(NOON + 900).state, State::Revoked);
        let mut over = session();
        over.end(&over.access_token().unwrap());
        assert_eq!(read(&write(&over, &consumer), &consumer).unwrap().token_state(NOON + 900).state, State::Expired);
        assert_eq!(
            *write(&read(&write(&Session::default(), &consumer), &consumer).unwrap(), &consumer),
            *write(&Session::default(), &consumer)
        );
    }

    #[test]
    fn times_that_were_never_written_are_damage() {
        let consumer = consumer(Environment::Live, "key");
        for extreme in [i64::MIN, -1, 253_402_300_800, i64::MAX] {
            let mut session = session();
            session.set_access_token(Token::new("t", "s").unwrap(), extreme, NOON);
            assert_eq!(read(&write(&session, &consumer), &consumer).unwrap_err(), SessionDefect::Damaged);
            session.set_access_token(Token::new("t", "s").unwrap(), NOON, extreme);
            assert_eq!(read(&write(&session, &consumer), &consumer).unwrap_err(), SessionDefect::Damaged);
            session.set_access_token(Token::new("t", "s").unwrap(), NOON, NOON);
            session.begin_login(Token::new("t", "s").unwrap(), extreme);
            assert_eq!(read(&write(&session, &consumer), &consumer).unwrap_err(), SessionDefect::Damaged);
        }
    }

    #[test]
    fn anothers_or_damaged_text_is_refused() {
        let mine = consumer(Environment::Live, "key");
        let text = write(&session(), &mine);
        let sentence = |text: &str, consumer: &Consumer| {
            let failure = Failure::from(read(text, consumer).unwrap_err());
            assert_eq!(failure.kind, Kind::Session);
            failure.sentence
        };
        assert!(sentence(&text, &consumer(Environment::Sandbox, "key")).contains("environment"));
        assert!(sentence(&text, &consumer(Environment::Live, "yek")).contains("key"));
        assert!(sentence(&text.replace("session-1", "session-9"), &mine).contains("version"));
        for end in 0..text.len() {
            assert!(sentence(&text[..end], &mine).contains("nothing was changed"));
        }
        for at in 0..text.len() {
            let mut damaged = text.as_bytes().to_vec();
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            sentence(std::str::from_utf8(&damaged).unwrap(), &mine);
        }
    }
}
