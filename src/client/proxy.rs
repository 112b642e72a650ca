//! Whether a request goes through a proxy, and through which one: by setting, or by the environment as curl reads it.

use std::net::{Ipv4Addr, Ipv6Addr};

use ureq::Proxy;

use super::process_environment::{ProcessEnvironment, Variable};
use crate::etrade::{Failure, Kind};
use crate::oauth::RequestUrl;

/// The default ports of curl.
const HTTP_PORT: u16 = 1080;
const HTTPS_PORT: u16 = 443;

/// Which way https leaves this machine. Plain http stays on this machine, and needs no proxy.
#[derive(Clone, Debug)]
pub struct Route {
    /// Why the proxy can't be used is said to those requests alone that would go through it.
    proxy: Result<Option<Proxy>, Failure>,
    exceptions: Exceptions,
}

impl Route {
    pub fn from_environment(environment: &ProcessEnvironment) -> Route {
        Route {
            proxy: environment.proxy.as_ref().map(read_variable).transpose(),
            exceptions: Exceptions::new(environment.no_proxy.as_ref()),
        }
    }

    pub fn direct() -> Route {
        Route { proxy: Ok(None), exceptions: Exceptions::default() }
    }

    /// All requests go through this one.
    pub fn through(url: &str) -> Result<Route, Failure> {
        if !url.contains("://") {
            return Err(Failure::new(Kind::Url, Wrong::Form.sentence("url")));
        }
        let proxy = read_proxy(url).map_err(|wrong| Failure::new(Kind::Url, wrong.sentence("url")))?;
        Ok(Route { proxy: Ok(Some(proxy)), exceptions: Exceptions::default() })
    }

    /// The proxy of the requests that have one.
    pub fn proxy(&self) -> Option<&Proxy> {
        self.proxy.as_ref().ok()?.as_ref()
    }

    /// Whether a request goes through the proxy.
    pub fn uses_proxy(&self, url: &RequestUrl) -> Result<bool, Failure> {
        match &self.proxy {
            Ok(None) => Ok(false),
            _ if !url.https || self.exceptions.include(url.host) => Ok(false),
            Ok(Some(_)) => Ok(true),
            Err(failure) => Err(failure.clone()),
        }
    }
}

/// What the proxy answered to CONNECT, in words. ureq's own end with the status, twice.
pub fn refusal(reason: &str) -> String {
    let status = reason.rsplit('/').next().and_then(|status| status.parse::<u16>().ok());
    match status {
        Some(407) => "the proxy asks for a user name and password (HTTP 407). Check the ones in the proxy's URL: \
            http://user:password@host:port, with special characters percent-encoded."
            .to_owned(),
        Some(status) => format!("the proxy refused the connection (HTTP {status}). Check the proxy."),
        None => "the proxy closed the connection without an answer. Check the proxy.".to_owned(),
    }
}

/// What is wrong with a proxy's URL. The URL itself may hold a password and is not repeated.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    Form,
    Port,
    Socks,
    Scheme,
}

impl Wrong {
    fn sentence(&self, what: &str) -> String {
        let why = match self {
            Wrong::Form => "is not the URL of a proxy",
            Wrong::Port => "has a bad port: a proxy's port is a number from 1 to 65535",
            Wrong::Socks => "names a SOCKS proxy, which is not supported",
            Wrong::Scheme => "names a kind of proxy that is not supported",
        };
        format!("{what} {why}. Give http://host:port or https://host:port, or an empty text for no proxy.")
    }
}

fn read_variable(variable: &Variable) -> Result<Proxy, Failure> {
    let url = variable.value.to_str().ok_or(Wrong::Form);
    let wrong = |wrong: Wrong| {
        let sentence = wrong.sentence(&format!("the environment's {}", variable.name));
        Failure::new(Kind::Connect, format!("{sentence} etoauth_client_set_proxy takes precedence over it."))
    };
    url.and_then(read_proxy).map_err(wrong)
}

/// Without a scheme it is an http proxy. What follows the port is ignored, as curl does.
fn read_proxy(url: &str) -> Result<Proxy, Wrong> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match scheme.as_str() {
        "http" => HTTP_PORT,
        "https" => HTTPS_PORT,
        "socks" | "socks4" | "socks4a" | "socks5" | "socks5h" => return Err(Wrong::Socks),
        _ => return Err(Wrong::Scheme),
    };
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let (credentials, address) = authority.rsplit_once('@').map_or((None, authority), |(c, a)| (Some(c), a));
    let after_host = address.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match address[after_host..].rfind(':') {
        None => (address, default_port),
        Some(colon) => {
            let (host, port) = address.split_at(after_host + colon);
            let digits = &port[1..];
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            (host, digits.parse().ok().filter(|&port: &u16| plain && port > 0).ok_or(Wrong::Port)?)
        }
    };
    // ureq is lenient with what it can't read, and a mistyped host must not go elsewhere.
    RequestUrl::parse(&format!("http://{host}/")).map_err(|_| Wrong::Form)?;
    let credentials = credentials.map_or_else(String::new, |credentials| format!("{credentials}@"));
    Proxy::new(&format!("{scheme}://{credentials}{host}:{port}")).map_err(|_| Wrong::Form)
}

/// The hosts that are reached directly: NO_PROXY, read as curl reads it. Neither ports nor wildcards have a meaning
/// there, and no name is looked up.
#[derive(Clone, Debug, Default)]
struct Exceptions {
    all: bool,
    entries: Vec<String>,
}

impl Exceptions {
    fn new(variable: Option<&Variable>) -> Exceptions {
        let text = variable.map(|variable| variable.value.to_string_lossy()).unwrap_or_default();
        let entries = text.split([',', ' ', '\t']).filter(|entry| !entry.is_empty());
        Exceptions { all: text == "*", entries: entries.map(str::to_owned).collect() }
    }

    fn include(&self, host: &str) -> bool {
        self.all
            || match host.parse::<Ipv4Addr>() {
                Ok(address) => self.entries.iter().any(|entry| is_within(address, entry)),
                Err(_) => self.name(&canonical(host)),
            }
    }

    /// A name is matched by itself and by each domain that it lies in.
    fn name(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host);
        self.entries.iter().any(|entry| {
            let entry = entry.strip_suffix('.').unwrap_or(entry);
            let entry = entry.strip_prefix('.').unwrap_or(entry);
            let Some(rest) = host.len().checked_sub(entry.len()) else { return false };
            let (before, end) = host.as_bytes().split_at(rest);
            end.eq_ignore_ascii_case(entry.as_bytes()) && (before.is_empty() || before.ends_with(b"."))
        })
    }
}

/// An IPv6 address in a URL stands in brackets, in one of many spellings. curl compares the usual one as a text.
fn canonical(host: &str) -> String {
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let address = bare.and_then(|bare| bare.parse::<Ipv6Addr>().ok());
    address.map_or_else(|| host.to_owned(), |address| address.to_string())
}

/// Whether an address is the entry, or lies in the network that the entry names: 192.0.2.0/24. A length of 0 or without
/// a number stands for the whole address.
fn is_within(address: Ipv4Addr, entry: &str) -> bool {
    let (network, bits) = entry.split_once('/').map_or((entry, 32), |(network, bits)| (network, leading_number(bits)));
    let Ok(network) = network.parse::<Ipv4Addr>() else { return false };
    match bits {
        0 => address == network,
        1..=32 => (address.to_bits() ^ network.to_bits()) >> (32 - bits) == 0,
        _ => false,
    }
}

/// As C's atoi reads it.
fn leading_number(text: &str) -> u32 {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if text.starts_with('-') {
        return u32::MAX;
    }
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    if end == 0 { 0 } else { digits[..end].parse().unwrap_or(u32::MAX) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_url() {
        let parts = |url| {
            read_proxy(url).map(|proxy| {
                let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
                (proxy.host().to_owned(), proxy.port(), text(proxy.username()), text(proxy.password()))
            })
        };
        let expected = |host: &str, port, user: &str, password: &str| {
            Ok((host.to_owned(), port, user.to_owned(), password.to_owned()))
        };
        assert_eq!(parts("proxy.test"), expected("proxy.test", 1080, "", ""));
        assert_eq!(parts("http://proxy.test/path?a:b@c"), expected("proxy.test", 1080, "", ""));
        assert_eq!(parts("HTTPS://proxy.test"), expected("proxy.test", 443, "", ""));
        assert_eq!(parts("a%40b:c%3Ad@proxy.test:8080"), expected("proxy.test", 8080, "a@b", "c:d"));
        assert_eq!(parts("http://[::1]"), expected("[::1]", 1080, "", ""));
        assert_eq!(parts("http://user@[::1]:80/"), expected("[::1]", 80, "user", ""));
        for (url, wrong) in [
            ("", Wrong::Form),
            ("http://", Wrong::Form),
            ("http://user@:1", Wrong::Form),
            ("http://two words", Wrong::Form),
            ("http://::1", Wrong::Form),
            ("http://proxy:+80", Wrong::Port),
            ("http://proxy:0", Wrong::Port),
            ("http://proxy:", Wrong::Port),
            ("http://proxy:65536", Wrong::Port),
            ("Socks5h://proxy", Wrong::Socks),
            ("ftp://proxy", Wrong::Scheme),
        ] {
            assert_eq!(parts(url), Err(wrong), "{url}");
        }
    }
}
