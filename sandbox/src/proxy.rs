//! The proxy on the port of plain HTTP: E*TRADE's own host names lead to the sandbox, and no other name leads anywhere.

use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::guard::is_loopback;

/// The hosts of E*TRADE that the sandbox stands in for.
pub const HOSTS: [&str; 3] = ["api.etrade.com", "apisb.etrade.com", "us.etrade.com"];

/// Where a request leads.
#[derive(Debug, PartialEq, Eq)]
pub enum Route {
    Here,
    /// TLS follows, by the name of one of E*TRADE's hosts.
    Tunnel,
    /// To a host that is not played here.
    Elsewhere,
}

impl Route {
    pub fn of(method: &Method, target: &Uri) -> Self {
        let Some(host) = target.host().map(str::to_ascii_lowercase) else {
            return Self::Here;
        };
        let played = HOSTS.contains(&host.as_str());
        match *method {
            Method::CONNECT if played && target.port_u16() == Some(443) => Self::Tunnel,
            Method::CONNECT => Self::Elsewhere,
            _ if played || is_loopback(&host) => Self::Here,
            _ => Self::Elsewhere,
        }
    }
}

pub fn refusal(target: &Uri) -> Response {
    let sentence =
        format!("The sandbox forwards nothing to {target}. Its proxy plays port 443 of {}.\n", HOSTS.join(", "));
    (StatusCode::FORBIDDEN, sentence).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_etrade_is_played() {
        let route = |method, target| Route::of(&method, &Uri::from_static(target));
        for host in ["api.etrade.com:443", "APISB.etrade.com:443", "us.etrade.com:443"] {
            assert_eq!(route(Method::CONNECT, host), Route::Tunnel, "{host}");
        }
        for host in ["api.etrade.com:80", "etrade.com:443", "api.etrade.com.example:443", "localhost:443"] {
            assert_eq!(route(Method::CONNECT, host), Route::Elsewhere, "{host}");
        }
        assert_eq!(route(Method::GET, "/v1/echo"), Route::Here);
        assert_eq!(route(Method::GET, "http://127.0.0.1:8080/v1/echo"), Route::Here);
        assert_eq!(route(Method::GET, "http://example.com/v1/echo"), Route::Elsewhere);
    }
}
