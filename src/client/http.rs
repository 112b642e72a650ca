//! Requests over ureq: no redirects, a deadline, and failures told apart by how far the request had come.

use std::io::Read;
use std::sync::Arc;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};
use zeroize::Zeroizing;

use super::operation::{Operation, Phase};
use super::settings::{ProxyChoice, Settings};
use super::wire::{Lookup, connector};
use crate::etrade::{Failure, Kind, Reply};
use crate::oauth::RequestUrl;

/// OAuth replies are a few hundred bytes; error pages a few thousand.
const LARGEST_OAUTH_BODY: u64 = 256 * 1024;

pub struct Http {
    agent: Agent,
}

impl Http {
    pub fn new(settings: &Settings) -> Result<Http, Failure> {
        let roots = match &settings.ca {
            Some(certificates) => RootCerts::new_with_certs(certificates),
            None => RootCerts::PlatformVerifier,
        };
        let tls = TlsConfig::builder()
            .root_certs(roots)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let mut config = Agent::config_builder()
            .tls_config(tls)
            .user_agent(&settings.user_agent)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false);
        if let ProxyChoice::Fixed(proxy) = &settings.proxy {
            config = config.proxy(proxy.clone());
        }
        let config = config.build();
        if config
            .proxy()
            .is_some_and(|proxy| !matches!(proxy.protocol(), ureq::ProxyProtocol::Http | ureq::ProxyProtocol::Https))
        {
            let sentence =
                "the environment names a SOCKS proxy, which is not supported. Set an HTTP proxy, or \"\" for none.";
            return Err(Failure::new(Kind::Connect, sentence));
        }
        let proxied = config.proxy().is_some();
        Ok(Http { agent: Agent::with_parts(config, connector(proxied), Lookup) })
    }

    /// Sends one of the OAuth calls: GET with one header.
    pub fn get(&self, operation: &Arc<Operation>, url: &str, authorization: &str) -> Result<Reply, Failure> {
        operation.enter(Phase::Open);
        let result = operation.run(|| {
            let request = self.agent.get(url).header("Authorization", authorization);
            let request = request.config().timeout_global(Some(operation.remaining())).build();
            read(request.call()?, LARGEST_OAUTH_BODY)
        });
        operation.release();
        // A cancelled read can look like the end of the body.
        let result = if operation.is_cancelled() { Err(ureq::Error::ConnectionFailed) } else { result };
        result.map_err(|error| failure(&error, operation, url))
    }
}

fn read(response: ureq::http::Response<ureq::Body>, limit: u64) -> Result<Reply, ureq::Error> {
    let (parts, body) = response.into_parts();
    let text = |value: &ureq::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let mut bytes = Zeroizing::new(Vec::new());
    body.into_with_config().limit(limit).reader().read_to_end(&mut bytes)?;
    Ok(Reply::from_parts(parts.status.as_u16(), headers, bytes))
}

fn failure(error: &ureq::Error, operation: &Operation, url: &str) -> Failure {
    let host = RequestUrl::parse(url).map_or("", |url| url.host);
    let phase = operation.phase();
    let (kind, what) = if operation.is_cancelled() {
        match phase {
            Phase::Sent => (
                Kind::Uncertain,
                "the call was cancelled when the request had left; it may have been carried out.".to_owned(),
            ),
            _ => (Kind::Cancelled, "the call was cancelled.".to_owned()),
        }
    } else {
        match (error, phase) {
            (ureq::Error::Timeout(_), _) => (
                Kind::Timeout,
                format!("no answer within the time-out, {}. Try again, or set a longer time-out.", doing(phase)),
            ),
            (ureq::Error::BodyExceedsLimit(limit), _) => {
                (Kind::Limit, format!("the answer is larger than {limit} bytes."))
            }
            (ureq::Error::HostNotFound, _) => {
                (Kind::Connect, "the host's name is not known. Check it, and the network.".to_owned())
            }
            (ureq::Error::ConnectProxyFailed(_), _) => {
                (Kind::Connect, "the proxy did not let the connection through. Check the proxy.".to_owned())
            }
            (ureq::Error::Io(error), Phase::Sent) => {
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
