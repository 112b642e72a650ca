//! Session texts: any text, and any JSON in the form of a session.
//!
//! An input that begins with `{` is a session's JSON, to which its armour is added; any other is the text itself.

use etoauth::etrade::{Consumer, Environment, Session, read_session, write_session};

use crate::independent::{base64, sha1};

const MOMENTS: [i64; 5] = [i64::MIN, 0, 1_784_995_200, 253_402_300_799, i64::MAX];

pub fn run(data: &[u8]) {
    let text = if data.starts_with(b"{") { armour(data) } else { String::from_utf8_lossy(data).into_owned() };
    let consumer = Consumer::new(Environment::Live, "key", "secret").expect("they are sound");
    let read = || read_session(&text, &consumer).ok();
    let Some(session) = read() else { return };

    let written = write_session(&session, &consumer);
    assert!(written.bytes().all(|byte| byte.is_ascii_graphic()), "it is one line");
    let back = read_session(&written, &consumer).expect("it was written here");
    assert_eq!(*write_session(&back, &consumer), *written, "nothing is lost on the way");
    for now in MOMENTS {
        let state = session.token_state(now);
        assert_eq!(state, back.token_state(now));
        assert!(state.inactive_in >= 0 && state.expires_in >= 0);
        let _ = session.request_token(now);
        session.is_past_midnight(now);
    }
    type TakeOver = fn(&mut Session, Session);
    let ways: [TakeOver; 3] =
        [Session::adopt, Session::merge_unsaved, |session, other| session.import(other, 1_784_995_200)];
    for (way, take_over) in ways.into_iter().enumerate() {
        let mut mine = Session::default();
        take_over(&mut mine, session_of(read()));
        assert_eq!(way != 1 && mine.is_over(), way != 1 && session.is_over());
        take_over(&mut mine, session_of(read()));
        let token = mine.access_token();
        if let Ok(token) = token {
            mine.used(&token, 1_784_995_200);
            mine.renewed(&token, 1_784_995_200);
            assert!(!mine.is_over());
            mine.end(&token);
            assert!(mine.is_over());
            mine.revoked(&token, 1_784_995_200);
            assert!(mine.access_token().is_err());
        }
        let changed = write_session(&mine, &consumer);
        assert!(read_session(&changed, &consumer).is_ok(), "what was written can be read");
    }
}

fn session_of(read: Option<Session>) -> Session {
    read.expect("it was read before")
}

/// The text around a session's JSON.
pub fn armour(json: &[u8]) -> String {
    let payload = base64(json).replace('+', "-").replace('/', "_").replace('=', "");
    let sum: String = sha1(payload.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("etoauth-session-1.{payload}.{sum}")
}
