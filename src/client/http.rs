//! Requests over ureq: no redirects, a deadline, nothing sent twice, and failures told apart by how far the request came.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::{HeaderValue, Request, Response};
use ureq::{Agent, Body, Error, Proxy};
use zeroize::Zeroizing;

use super::operation::{Operation, Phase};
use super::proxy::{self, Route};
use super::roots;
use super::settings::Settings;
use super::tls::Tls;
use super::wire::{Lookup, connector};
use crate::etrade::{Failure, Kind, Reply, only_asks};
use crate::oauth::RequestUrl;

/// A kept connection that idled longer may be dead without our knowing. A request that may change something must not
/// find out.
const SAFE_IDLE: Duration = Duration::from_secs(5);
const USUAL_IDLE: Duration = Duration::from_secs(15);

/// More than any server takes, and less than HTTP libraries hold.
const LARGEST_HEAD: usize = 60_000;

pub struct Http {
    route: Route,
    user_agent: String,
    proxied: Option<Agent>,
    direct: Agent,
}

pub struct Outgoing<'a> {
    pub method: &'a str,
    pub url: &'a str,
    pub authorization: &'a str,
    pub headers: &'a [(String, String)],
    pub body: Option<&'a [u8]>,
    /// The largest answer that is read, in bytes.
    pub limit: usize,
    /// Whether a repetition does harm: then it goes out on no connection that may be dead.
    pub once_only: bool,
    /// Goes out on a new connection.
    pub new_connection: bool,
}

/// Why no answer came.
pub struct Lost {
    pub failure: Failure,
    /// A kept connection turned out dead: not a byte came back.
    pub dead_connection: bool,
    /// The request left, or part of it.
    pub sent: bool,
}

impl From<Failure> for Lost {
    /// Of a request that was not even begun.
    fn from(failure: Failure) -> Lost {
        Lost { failure, dead_connection: false, sent: false }
    }
}

impl From<Lost> for Failure {
    fn from(lost: Lost) -> Failure {
        lost.failure
    }
}

impl Http {
    pub fn new(settings: &Settings) -> Result<Http, Failure> {
        let tls = || Tls::new(settings.ca.clone(), &settings.environment);
        let agent = |proxied| Agent::with_parts(settings.common.clone(), connector(tls(), proxied), Lookup::default());
        let route = settings.route.clone();
        Ok(Http {
            proxied: route.proxy().map(|_| agent(true)),
            direct: agent(false),
            route,
            user_agent: settings.user_agent.clone(),
        })
    }

    pub fn send(&self, operation: &Arc<Operation>, outgoing: &Outgoing) -> Result<Reply, Lost> {
        let headers = outgoing.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>();
        if outgoing.url.len() + outgoing.authorization.len() + headers > LARGEST_HEAD {
            let sentence =
                "The key, token, verifier, url or headers are too long: 60,000 bytes go into a request's head.";
            return Err(Failure::new(Kind::Argument, sentence).into());
        }
        let agent = self.agent(outgoing.url)?;
        operation.begin_request();
        let result = operation.run(|| self.attempt(agent, operation, outgoing));
        operation.release();
        // A cancelled read can look like the end of the body.
        let result = if operation.is_cancelled() { Err(Error::ConnectionFailed) } else { result };
        result.map_err(|error| Lost {
            dead_connection: matches!(error, Error::Io(_)) && operation.found_dead_connection(),
            sent: operation.phase() == Phase::Sent,
            failure: failure(&error, operation, outgoing.url),
        })
    }

    /// The agent that a request goes out with, and its proxy.
    fn agent(&self, url: &str) -> Result<(&Agent, Option<&Proxy>), Failure> {
        let uses_proxy = self.route.uses_proxy(&RequestUrl::parse(url)?)?;
        match &self.proxied {
            Some(agent) if uses_proxy => Ok((agent, self.route.proxy())),
            _ => Ok((&self.direct, None)),
        }
    }

    fn attempt(
        &self,
        (agent, proxy): (&Agent, Option<&Proxy>),
        operation: &Operation,
        outgoing: &Outgoing,
    ) -> Result<Reply, Error> {
        let mut request = Request::builder().method(outgoing.method).uri(outgoing.url);
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        // Of ureq's own setting, one for each agent, only a proxy hears.
        if !outgoing.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("User-Agent")) {
            request = request.header("User-Agent", &self.user_agent);
        }
        let request = request.header("Authorization", outgoing.authorization);
        let idle = match (outgoing.new_connection, outgoing.once_only) {
            (true, _) => Duration::ZERO,
            (_, true) => SAFE_IDLE,
            _ => USUAL_IDLE,
        };
        let left = operation.remaining();
        let response = match outgoing.body {
            Some(body) => {
                let request = agent.configure_request(request.body(body)?).proxy(proxy.cloned());
                agent.run(request.timeout_global(Some(left)).max_idle_age(idle).build())?
            }
            None => {
                let request = agent.configure_request(request.body(())?).proxy(proxy.cloned());
                agent.run(request.timeout_global(Some(left)).max_idle_age(idle).build())?
            }
        };
        read(response, outgoing)
    }
}

fn read(response: Response<Body>, outgoing: &Outgoing) -> Result<Reply, Error> {
    let (parts, body) = response.into_parts();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers: Vec<_> = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let has = |name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
    let delimited = has("content-length") || has("transfer-encoding") || matches!(parts.status.as_u16(), 204 | 304);
    if !delimited && !only_asks(outgoing.method) {
        return Err(Error::Io(std::io::Error::other("only the connection's end would delimit the answer")));
    }
    let mut reader = body.into_with_config().limit(outgoing.limit as u64 + 1).reader();
    let mut bytes = Zeroizing::new(Vec::new());
    let mut chunk = Zeroizing::new(vec![0; 16 * 1024]);
    loop {
        let amount = reader.read(&mut chunk)?;
        if amount == 0 {
            break;
        }
        if bytes.len() + amount > outgoing.limit {
            return Err(Error::BodyExceedsLimit(outgoing.limit as u64));
        }
        bytes.try_reserve(amount).map_err(|_| Error::Io(std::io::ErrorKind::OutOfMemory.into()))?;
        bytes.extend_from_slice(&chunk[..amount]);
    }
    Ok(Reply::from_parts(parts.status.as_u16(), headers, bytes))
}

fn failure(error: &Error, operation: &Operation, url: &str) -> Failure {
    let host = RequestUrl::parse(url).map_or("", |url| url.host);
    let phase = operation.phase();
    let (kind, what) = if operation.is_cancelled() {
        operation.cancellation()
    } else if let Some(missing) = roots::missing(error) {
        missing
    } else {
        match (error, phase) {
            (Error::BodyExceedsLimit(limit), _) => (Kind::Limit, format!("the answer is larger than {limit} bytes.")),
            (Error::Io(error), _) if error.kind() == std::io::ErrorKind::OutOfMemory => {
                (Kind::Memory, "no memory for the answer.".to_owned())
            }
            (Error::Timeout(_), _) => (
                Kind::Timeout,
                format!("no answer within the time-out, {}. Try again, or set a longer time-out.", doing(phase)),
            ),
            (Error::HostNotFound, _) => {
                (Kind::Connect, "the host's name is not known. Check it, and the network.".to_owned())
            }
            (Error::ConnectProxyFailed(reason), _) => (Kind::Connect, proxy::refusal(reason)),
            (Error::Io(error), Phase::Sent) => {
                (Kind::Uncertain, format!("the connection ended before the whole answer came ({}).", error.kind()))
            }
            (_, Phase::Sent) => (
                Kind::Response,
                "the answer is no HTTP. Check the base URL, or whether a proxy answered in its place.".to_owned(),
            ),
            (_, Phase::Securing) => (
                Kind::Tls,
                format!(
                    "no secure connection: {error}. Check the host; behind a private authority, give its certificate with the CA file."
                ),
            ),
            (error, _) => {
                (Kind::Connect, format!("no connection: {error}. Check the network, and the firewall or proxy."))
            }
        }
    };
    Failure::new(kind, format!("{host}: {what}"))
}

fn doing(phase: Phase) -> &'static str {
    match phase {
        Phase::Connecting => "in connecting",
        Phase::Securing => "in the TLS handshake",
        Phase::Open | Phase::Sent => "waiting for the answer",
    }
}
