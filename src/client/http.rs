//! Requests over ureq: no redirects, nothing sent twice.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::{HeaderValue, Request, Response, Version};
use ureq::{Agent, Body, Error, Proxy};
use zeroize::Zeroizing;

use super::lookup::DeferredLookup;
pub use super::lost::Lost;
use super::lost::NoLength;
use super::operation::Operation;
use super::proxy::Route;
use super::settings::Settings;
use super::tls::Tls;
use super::wire::connector;
use crate::etrade::{FIRST_CAPACITY, Failure, Kind, Reply, only_asks};
use crate::oauth::RequestUrl;

/// A kept connection that was idle for longer may be dead. A request that may change something is not sent on one.
const SAFE_IDLE: Duration = Duration::from_secs(5);
pub const LONGEST_IDLE: Duration = Duration::from_secs(15);

/// More than servers accept, and less than HTTP libraries can write.
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
    /// The largest body that is read, in bytes.
    pub limit: usize,
    /// Repeating it may do harm, so it is never sent on a connection that may be dead.
    pub once_only: bool,
    /// It is sent on a connection that is opened for it.
    pub new_connection: bool,
}

impl Http {
    pub fn new(settings: &Settings) -> Result<Http, Failure> {
        let tls = || Tls::new(settings.ca.clone(), &settings.environment);
        let agent = |proxied| Agent::with_parts(settings.common.clone(), connector(tls(), proxied), DeferredLookup);
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
            let sentence = "The request's url, headers and signature together have more than 60,000 bytes: \
                shorten the url, the headers, the key, the token or the verifier.";
            return Err(Failure::new(Kind::Argument, sentence).into());
        }
        let agent = self.agent(outgoing.url)?;
        operation.begin_request(match (outgoing.new_connection, outgoing.once_only) {
            (true, _) => Duration::ZERO,
            (false, true) => SAFE_IDLE,
            (false, false) => LONGEST_IDLE,
        });
        let result = operation.run(|| self.attempt(agent, outgoing));
        operation.release();
        // A read that was cancelled can look like the end of the body.
        let result = if operation.is_cancelled() { Err(Error::ConnectionFailed) } else { result };
        result.map_err(|error| Lost::new(&error, operation, outgoing.url))
    }

    /// The agent that sends a request, and its proxy.
    fn agent(&self, url: &str) -> Result<(&Agent, Option<&Proxy>), Failure> {
        let uses_proxy = self.route.uses_proxy(&RequestUrl::parse(url)?)?;
        match &self.proxied {
            Some(agent) if uses_proxy => Ok((agent, self.route.proxy())),
            _ => Ok((&self.direct, None)),
        }
    }

    /// The socket watches the operation's deadline and its cancellation, so ureq is given no timeout.
    fn attempt(&self, (agent, proxy): (&Agent, Option<&Proxy>), outgoing: &Outgoing) -> Result<Reply, Error> {
        let mut request = Request::builder().method(outgoing.method).uri(outgoing.url);
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        // ureq's own setting, one for each agent, is used for CONNECT only.
        if !outgoing.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("User-Agent")) {
            request = request.header("User-Agent", &self.user_agent);
        }
        let request = request.header("Authorization", outgoing.authorization);
        let response = match outgoing.body {
            Some(body) => agent.run(agent.configure_request(request.body(body)?).proxy(proxy.cloned()).build())?,
            None => agent.run(agent.configure_request(request.body(())?).proxy(proxy.cloned()).build())?,
        };
        read(response, outgoing)
    }
}

fn read(response: Response<Body>, outgoing: &Outgoing) -> Result<Reply, Error> {
    let (parts, body) = response.into_parts();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers: Vec<_> = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let chunked = || {
        let mut codings = parts.headers.get_all("transfer-encoding").iter().filter_map(|value| value.to_str().ok());
        parts.version >= Version::HTTP_11
            && codings.any(|value| value.split(',').any(|coding| coding.trim().eq_ignore_ascii_case("chunked")))
    };
    let has_no_body = matches!(parts.status.as_u16(), 204 | 304);
    let has_length = parts.headers.contains_key("content-length") || has_no_body || chunked();
    if !has_length && !only_asks(outgoing.method) {
        return Err(Error::Other(Box::new(NoLength)));
    }
    // Read straight into its place: a buffer in between would have to be wiped as well, byte by byte.
    let mut bytes = Zeroizing::new(Vec::with_capacity(FIRST_CAPACITY));
    let most = outgoing.limit as u64 + 1;
    body.into_with_config().limit(most).reader().take(most).read_to_end(&mut bytes)?;
    if bytes.len() > outgoing.limit {
        return Err(Error::BodyExceedsLimit(outgoing.limit as u64));
    }
    Ok(Reply::from_parts(parts.status.as_u16(), headers, bytes))
}
