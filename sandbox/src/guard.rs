//! Keeps other sites' pages in the developer's browser away from the admin path, which asks nobody for a password.

use std::net::IpAddr;

use axum::Json;
use axum::extract::Request;
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::proxy::HOSTS;

pub async fn guard(request: Request, next: Next) -> Response {
    match objection(request.headers(), request.uri()) {
        None => next.run(request).await,
        Some(sentence) => (StatusCode::FORBIDDEN, Json(json!({"error": sentence}))).into_response(),
    }
}

/// Why a request can't be the developer's own.
fn objection(headers: &HeaderMap, target: &Uri) -> Option<&'static str> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = text(HOST.as_str());
    // A name that a hostile site has made point to this machine. Nobody else can do so with E*TRADE's.
    if host.is_some_and(|host| !is_loopback(host) && !HOSTS.contains(&host)) {
        return Some("the Host is not this machine's: use 127.0.0.1 or localhost");
    }
    // A link to the dashboard, which changes nothing, may be anywhere.
    let opens_dashboard = target.path() == "/" && text("sec-fetch-mode") == Some("navigate");
    let foreign_site = text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    if foreign_site && !opens_dashboard {
        return Some("another site's page made the browser send this");
    }
    let foreign_origin =
        text(ORIGIN.as_str()).is_some_and(|origin| origin.split_once("://").map(|(_, authority)| authority) != host);
    foreign_origin.then_some("another site's page made the browser send this")
}

/// Whether an authority names this machine.
pub fn is_loopback(authority: &str) -> bool {
    let name = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let name = name.to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(target: &'static str, fields: &[(&'static str, &'static str)]) -> bool {
        let headers = fields.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        objection(&headers, &Uri::from_static(target)).is_some()
    }

    #[test]
    fn this_machines_names_are_served() {
        for host in
            ["127.0.0.1:80", "127.9.9.9", "localhost", "LOCALHOST:1", "a.localhost:1", "[::1]:80", "us.etrade.com"]
        {
            assert!(!refused("/sandbox/state", &[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "us.etrade.com.evil.example",
            "localhost.evil.example:80",
            "10.0.0.1",
            "[fe80::1]",
            "0.0.0.0:80",
            "[",
            "",
        ] {
            assert!(refused("/sandbox/state", &[("host", host)]), "{host}");
            assert!(refused("/", &[("host", host)]), "{host}");
        }
        assert!(!refused("/sandbox/state", &[]));
    }

    #[test]
    fn other_sites_are_refused() {
        const HOST: (&str, &str) = ("host", "127.0.0.1:80");
        for site in ["cross-site", "same-site"] {
            assert!(refused("/sandbox/reset", &[HOST, ("sec-fetch-site", site)]));
            assert!(refused("/sandbox/reset", &[HOST, ("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]));
            assert!(!refused("/", &[HOST, ("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]));
            assert!(refused("/", &[HOST, ("sec-fetch-site", site), ("sec-fetch-mode", "no-cors")]));
        }
        for site in ["none", "same-origin"] {
            assert!(!refused("/sandbox/reset", &[HOST, ("sec-fetch-site", site)]));
        }
        for origin in ["http://evil.example", "null", "http://127.0.0.1:81", "http://localhost:80"] {
            assert!(refused("/sandbox/reset", &[HOST, ("origin", origin)]), "{origin}");
        }
        assert!(!refused("/sandbox/reset", &[HOST, ("origin", "http://127.0.0.1:80")]));
    }
}
