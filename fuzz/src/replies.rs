//! Responses of every shape, compressed or not, and what they mean to a call.
//!
//! The input has the HTTP status in its first line, header lines up to a blank line, and the body.

use etoauth::etrade::{
    Answer, ApiRequest, Call, Clock, Consumer, Context, Endpoints, Environment, Exchange, OAuthCall, Reply, Session,
    SignedWhen, Token, Verdict, Verifier, problem_code, retry_after,
};

use crate::{gzip, split_head, split_line};

/// Noon in New York.
const NOON: i64 = 1_784_995_200;
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

pub fn run(data: &[u8]) {
    let (head, body) = split_head(data);
    let (status, headers) = split_line(&head);
    let status = status.trim().parse::<u16>().unwrap_or(401);
    let status = if (100..600).contains(&status) { status } else { 401 };

    let reply = Reply::new(status, headers, body);
    check_reply(&reply);
    check_token(&reply, body);
    for method in ["GET", "POST"] {
        let verdict = judge(method, status, headers, body);
        check_verdict(method, &verdict, &reply);
        if !body.starts_with(&GZIP) {
            let compressed = judge(method, status, headers, &gzip(body));
            assert_eq!(format!("{verdict:?}"), format!("{compressed:?}"), "compression changes nothing");
        }
    }
    for call in
        [OAuthCall::RequestToken, OAuthCall::AccessToken, OAuthCall::RenewAccessToken, OAuthCall::RevokeAccessToken]
    {
        exchange(call, &reply, Reply::new(status, headers, body));
    }
}

/// Whether a person could read it: what cannot be read says nothing.
fn is_readable(reply: &Reply) -> bool {
    let control = |byte: &u8| (*byte < 32 && !matches!(byte, b'\t' | b'\n' | 11 | 12 | b'\r')) || *byte == 127;
    reply.defect.is_none() && !reply.body.iter().any(control)
}

fn check_reply(reply: &Reply) {
    for name in ["Date", "retry-after", "WWW-Authenticate", ""] {
        for value in reply.header(name) {
            assert!(value == value.trim() && !value.contains('\n'));
        }
    }
    let code = problem_code(reply);
    assert!(code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    assert!(code.is_empty() || reply.status >= 400);
    assert!(!reply.is_text() || is_readable(reply));
    reply.is_page();
    let clock = Clock::default();
    for now in [0, NOON, i64::MAX, i64::MIN] {
        assert_ne!(retry_after(reply, &clock, now), Some(0));
    }
}

fn check_token(reply: &Reply, body: &[u8]) {
    let Some(token) = Token::read(reply) else { return };
    for text in [&token.value, &token.secret] {
        assert!(!text.is_empty() && !text.chars().any(char::is_control));
    }
    if !body.starts_with(&GZIP) {
        let marked = Reply::new(200, "", &[b"\xef\xbb\xbf", body].concat());
        assert!(Token::read(&marked).is_some_and(|marked| marked.same_as(&token)), "a byte order mark is skipped");
    }
}

struct World {
    consumer: Consumer,
    session: Session,
    clock: Clock,
    endpoints: Endpoints,
}

impl World {
    fn new() -> World {
        let consumer = Consumer::new(Environment::Live, "key", "secret").expect("they are sound");
        let mut session = Session::default();
        session.set_access_token(Token::new("token", "secret").expect("they are sound"), NOON, NOON);
        session.begin_login(Token::new("pending", "secret").expect("they are sound"), NOON);
        World { consumer, session, clock: Clock::default(), endpoints: Endpoints::of(Environment::Live) }
    }

    fn context(&mut self) -> Context<'_> {
        let World { consumer, session, clock, .. } = self;
        Context { consumer, session, clock, now: NOON + 60, ticks: 1_000_000, lead_until: 1_030_000 }
    }
}

fn judge(method: &str, status: u16, headers: &str, body: &[u8]) -> Verdict {
    let mut world = World::new();
    let token = world.session.access_token().expect("it was set");
    let reply = Reply::new(status, headers, body);
    let request = ApiRequest::check(method, "/v1", "", b"", &world.endpoints).expect("it is sound");
    let signed = SignedWhen::Time(NOON + 30);
    let answer = Answer { reply: &reply, method: &request.method, url: &request.url, token: Some(&token), signed };
    let endpoints = world.endpoints.clone();
    let verdict = answer.judge(&endpoints, &mut world.context());
    assert!(!world.session.is_over(), "no response to an API call ends a login");
    assert!(world.session.access_token().is_ok_and(|held| held.same_as(&token)));
    assert!(world.clock.offset().abs() <= 900, "the clock is corrected by 15 minutes at most");
    verdict
}

fn check_verdict(method: &str, verdict: &Verdict, reply: &Reply) {
    match verdict {
        Verdict::Repeat(..) | Verdict::Renew(_) => {
            assert!(reply.status >= 400, "what was carried out is never repeated");
            let in_a_header = reply.header("WWW-Authenticate").any(|value| value.contains("oauth_problem"));
            let spoken = reply.header("WWW-Authenticate").next().is_some();
            assert!(method == "GET" || is_readable(reply) || (spoken && in_a_header), "it was not plainly refused");
        }
        Verdict::Final(_) => assert!(reply.defect.is_none()),
        Verdict::Failed(failure, _) => {
            assert!(reply.status >= 400 || reply.defect.is_some());
            assert!(!failure.sentence.is_empty() && failure.problem.len() <= 64);
        }
    }
}

fn exchange(call: OAuthCall, reply: &Reply, copy: Reply) {
    let mut world = World::new();
    let verifier = (call == OAuthCall::AccessToken).then(|| Verifier::read("code").expect("it is a code"));
    let endpoints = world.endpoints.clone();
    let mut exchange = Exchange::begin(call, verifier, endpoints, &world.context()).expect("it can be signed");
    let token = world.session.access_token().expect("it was set");
    let result = exchange.answered(copy, &mut world.context());
    if result.is_ok() {
        assert!(reply.defect.is_none());
    }
    if world.session.is_over() {
        assert!(call == OAuthCall::RenewAccessToken && result.is_err());
        assert!(reply.is_text(), "only a readable refusal ends a login");
        let named =
            matches!(result.err().as_ref().map(|failure| &*failure.problem), Some("token_expired" | "token_rejected"));
        assert!(named || reply.status >= 400);
    }
    match call {
        OAuthCall::RequestToken | OAuthCall::RenewAccessToken => {
            assert!(world.session.access_token().is_ok_and(|held| held.same_as(&token)));
        }
        OAuthCall::AccessToken => assert!(world.session.access_token().is_ok()),
        OAuthCall::RevokeAccessToken => {}
    }
}
