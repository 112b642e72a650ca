//! Calls, and the judgement of responses, for hosts with their own HTTP stack: the same rules, without the network.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::lock_wait::LockWait;
use super::{Client, Login, lock, time};
use crate::etrade::{
    Advice, Answer, ApiCall, ApiRequest, Call, Exchange, Failure, Kind, OAuthCall, Progress, Repair, Reply, Session,
    Signed, SignedWhen, Step, Unanswered, Verdict, Verifier, only_asks, problem_code,
};
use crate::oauth::{self, decode};

/// A call whose HTTP is left to the host.
pub struct HostExchange {
    client: Arc<Client>,
    /// For the log.
    name: String,
    method: String,
    state: Mutex<State>,
}

struct State {
    call: HostCall,
    /// What the getters give: what is to be sent now.
    request: Option<HostRequest>,
    /// The response to what the last step to send said.
    awaited: Option<Awaited>,
    /// A renewal was to be sent, and its response has not come.
    renewal_unfinished: bool,
    /// How many steps to wait were given without a pause.
    waits: u32,
    /// What to do about the response that ended the call.
    advice: Option<Advice>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Call,
    Renewal,
}

enum HostCall {
    OAuth(Exchange),
    Api(Box<ApiCall>),
}

#[derive(Clone)]
pub struct HostRequest {
    pub method: String,
    pub url: String,
    pub authorization: String,
}

/// What a host is to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostStep {
    Send,
    Renew,
    /// Ask again after so many milliseconds.
    Wait(u32),
    Done,
}

/// What came of a host's request.
pub enum HostAnswer {
    Reply(Reply),
    /// No complete response came.
    None,
    /// Nothing of the request left.
    Unsent,
}

/// For how long a host that was told to renew leads, unless the client's timeout is shorter.
const LONGEST_LEAD: Duration = Duration::from_secs(10);
/// How long a host waits before it asks again, in milliseconds: from the first to the second.
const SHORTEST_WAIT: u32 = 20;
const LONGEST_WAIT: u32 = 250;

impl HostCall {
    fn call(&mut self) -> &mut dyn Call {
        match self {
            HostCall::OAuth(exchange) => exchange,
            HostCall::Api(call) => &mut **call,
        }
    }

    fn is(&self, kind: OAuthCall) -> bool {
        matches!(self, HostCall::OAuth(exchange) if exchange.call() == kind)
    }
}

impl HostExchange {
    pub fn begin(client: &Arc<Client>, call: OAuthCall, verifier: Option<&str>) -> Result<HostExchange, Failure> {
        let verifier = verifier.map(Verifier::read).transpose()?;
        client.adopt_newer();
        let endpoints = client.endpoints();
        let now = time::now()?;
        let exchange = client.store.update(|session| {
            Exchange::begin(call, verifier, endpoints, &client.context(session, now, Duration::ZERO))
        })?;
        let request = HostRequest::of("GET", exchange.signed());
        Ok(HostExchange {
            client: client.clone(),
            name: format!("{} by the host", call.name()),
            method: "GET".to_owned(),
            state: Mutex::new(State {
                call: HostCall::OAuth(exchange),
                request: Some(request),
                awaited: Some(Awaited::Call),
                renewal_unfinished: false,
                waits: 0,
                advice: None,
            }),
        })
    }

    /// An API call. `form` is a form-encoded body, which is signed; other bodies and headers are the host's.
    pub fn begin_request(
        client: &Arc<Client>,
        method: &str,
        url: &str,
        form: Option<&str>,
    ) -> Result<HostExchange, Failure> {
        let endpoints = client.endpoints();
        let headers = if form.is_some() { "Content-Type: application/x-www-form-urlencoded" } else { "" };
        let request = ApiRequest::check(method, url, headers, form.unwrap_or_default().as_bytes(), &endpoints)?;
        client.adopt_newer();
        client.store.read(|session| session.usable_token())?;
        let method = request.method.clone();
        let call = HostCall::Api(Box::new(ApiCall::new(request, endpoints)));
        Ok(HostExchange {
            client: client.clone(),
            name: format!("{method} by the host"),
            method,
            state: Mutex::new(State {
                call,
                request: None,
                awaited: None,
                renewal_unfinished: false,
                waits: 0,
                advice: None,
            }),
        })
    }

    pub fn request(&self) -> Result<HostRequest, Failure> {
        lock(&self.state).request.clone().ok_or_else(|| {
            Failure::new(Kind::State, "There is nothing to send now: ask etoauth_exchange_next what to do.")
        })
    }

    /// What to do about the response that ended the exchange.
    pub fn advice(&self) -> Result<Advice, Failure> {
        lock(&self.state).advice.ok_or_else(|| Failure::new(Kind::State, "The exchange has not ended yet."))
    }

    pub fn next(&self) -> Result<HostStep, Failure> {
        let state = &mut *lock(&self.state);
        if state.advice.is_some() {
            return Ok(HostStep::Done);
        }
        let client = &self.client;
        // The login may have ended. Then what was begun is sent, but nothing is repaired.
        if client.is_over() && matches!(&state.call, HostCall::Api(call) if call.was_sent()) {
            let failure = client_freed();
            state.end(Advice::about(failure.kind));
            return Err(failure);
        }
        let now = time::now()?;
        let lead = LONGEST_LEAD.min(client.timeout());
        let next = client.store.update(|session| state.call.call().next(&mut client.context(session, now, lead)));
        let step = match next {
            Ok(step) => step,
            Err(failure) => {
                state.end(Advice::about(failure.kind));
                return Err(failure);
            }
        };
        if !matches!(step, Step::Wait) {
            state.waits = 0;
        }
        Ok(match step {
            Step::Send(signed) => {
                state.send(&self.method, signed, Awaited::Call);
                HostStep::Send
            }
            Step::Renew { signed, .. } => {
                state.send("GET", signed, Awaited::Renewal);
                HostStep::Renew
            }
            Step::Wait => {
                let wait = SHORTEST_WAIT.saturating_mul(1 << state.waits.min(8)).min(LONGEST_WAIT);
                state.waits += 1;
                HostStep::Wait(wait)
            }
            Step::Done => {
                state.end(Advice::None);
                HostStep::Done
            }
        })
    }

    /// True if there is more to do.
    pub fn finish(&self, answer: HostAnswer) -> Result<bool, Failure> {
        let state = &mut *lock(&self.state);
        let Some(awaited) = state.awaited else {
            return Err(Failure::new(Kind::State, "No response is awaited: ask etoauth_exchange_next what to do."));
        };
        let client = &self.client;
        let oauth = matches!(state.call, HostCall::OAuth(_));
        if oauth && client.is_over() {
            return Err(client_freed());
        }
        let now = time::now()?;
        state.awaited = None;
        let of_renewal =
            |answer: &HostAnswer| matches!(answer, HostAnswer::Reply(reply) if Exchange::is_renewed(reply));
        if std::mem::take(&mut state.renewal_unfinished) && awaited == Awaited::Call && of_renewal(&answer) {
            // The host sent the renewal that it was told to send first, asked again too early, and was told to send the
            // call, because the token was renewed by somebody else. An order must not seem placed by this.
            state.request = None;
            return Ok(true);
        }
        let (status, code) = match &answer {
            HostAnswer::Reply(reply) => (reply.status, problem_code(reply)),
            _ => (0, String::new()),
        };
        let call = &mut state.call;
        let told = |session: &mut Session| {
            let context = &mut client.context(session, now, Duration::ZERO);
            match answer {
                HostAnswer::Reply(reply) => call.call().answered(reply, context),
                HostAnswer::None => call.call().unanswered(unanswered(true), context),
                HostAnswer::Unsent => call.call().unanswered(unanswered(false), context),
            }
        };
        let (result, saved) = if oauth || awaited == Awaited::Renewal {
            client.note_change(LockWait::none(), told)
        } else {
            (client.note_use(told), Ok(()))
        };
        match result {
            Ok(Progress::More(why)) => {
                client.log.note(&self.name, status, &code, why);
                if let HostCall::OAuth(exchange) = &state.call {
                    let signed = exchange.signed();
                    state.send("GET", signed, Awaited::Call);
                } else {
                    state.request = None;
                }
                Ok(true)
            }
            Ok(Progress::Done(outcome)) => {
                if oauth {
                    client.log.note(&self.name, status, "", "done");
                } else if status >= 400 {
                    client.log.note(&self.name, status, &code, "given to the host");
                }
                state.end(outcome.advice);
                if state.call.is(OAuthCall::AccessToken) { saved.map(|()| false) } else { Ok(false) }
            }
            Err(failure) => {
                client.log.failed(&self.name, &failure);
                state.end(Advice::about(failure.kind));
                Err(failure)
            }
        }
    }
}

/// What it holds for others is given back.
impl Drop for HostExchange {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.client.store.update(|session| state.call.call().give_up(session));
        self.client.renew_ends.notify();
    }
}

impl State {
    fn send(&mut self, method: &str, signed: Signed, awaited: Awaited) {
        self.request = Some(HostRequest::of(method, signed));
        self.renewal_unfinished |= awaited == Awaited::Renewal;
        self.awaited = Some(awaited);
    }

    fn end(&mut self, advice: Advice) {
        // The getters of an OAuth call go on giving what was sent.
        if let HostCall::Api(_) = self.call {
            self.request = None;
        }
        self.awaited = None;
        self.advice = Some(advice);
    }
}

impl HostRequest {
    fn of(method: &str, signed: Signed) -> HostRequest {
        HostRequest { method: method.to_owned(), url: signed.url, authorization: signed.authorization }
    }
}

/// `left`: something of the request left, or may have.
fn unanswered(left: bool) -> Unanswered {
    let sentence = if left {
        "The host received no complete response."
    } else {
        "The host sent nothing of the request. Try again."
    };
    Unanswered { failure: Failure::new(Kind::Connect, sentence), left, dead_connection: false, given_up: !left }
}

fn client_freed() -> Failure {
    Failure::new(Kind::State, "The exchange's client was freed, so the response changed nothing.")
}

impl Login {
    /// Judges the response to an API call that the host sent itself. `authorization` is the header value that was sent.
    pub fn diagnose(&self, method: &str, authorization: &str, answer: &HostAnswer) -> Result<Advice, Failure> {
        oauth::check_method(method)?;
        let (sent, signed_at) = token_of(authorization)?;
        let reply = match answer {
            HostAnswer::Reply(reply) => reply,
            HostAnswer::Unsent => return Ok(Advice::Retry),
            HostAnswer::None if only_asks(method) => return Ok(Advice::Wait),
            HostAnswer::None => return Ok(Advice::Check),
        };
        let now = time::now()?;
        let endpoints = self.endpoints();
        let advice = self.note_use(|session| {
            let held = session.access_token().ok();
            let token = held.as_ref().filter(|token| *token.value == sent);
            let url = &endpoints.api_base;
            let answer = Answer { reply, method, url, token, signed: SignedWhen::Time(signed_at) };
            let context = &mut self.context(session, now, Duration::ZERO);
            match answer.judge(&endpoints, context) {
                Verdict::Repeat(Repair::Overtaken, _) if held.is_none() => Advice::Login,
                Verdict::Repeat(..) => Advice::Retry,
                Verdict::Renew(_) => Advice::Renew,
                Verdict::Final(advice) | Verdict::Failed(_, advice) => advice,
            }
        });
        if reply.status >= 400 {
            let what = format!("{} by the host", method.to_ascii_uppercase());
            self.log.note(&what, reply.status, &problem_code(reply), &format!("advice: {advice:?}"));
        }
        Ok(advice)
    }
}

/// The token in an Authorization header, and the time of its signature.
fn token_of(authorization: &str) -> Result<(String, i64), Failure> {
    let fields = authorization.strip_prefix("OAuth ").unwrap_or_default().split(',');
    let pairs: Vec<(&str, &str)> = fields.filter_map(|field| field.trim().split_once('=')).collect();
    let value = |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.trim_matches('"'));
    let token = value("oauth_token").and_then(decode).filter(|token| !token.is_empty());
    // Without a timestamp the request counts as signed after the last renewal.
    let time = value("oauth_timestamp").and_then(|time| time.parse().ok()).unwrap_or(i64::MAX);
    token.map(|token| (token, time)).ok_or_else(|| {
        let sentence = "authorization is not the value of an Authorization header that was signed with a token.";
        Failure::new(Kind::Argument, sentence)
    })
}
