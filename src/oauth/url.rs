//! The request URL and the base string URI made from it (RFC 5849 section 3.4.1.2).

use std::net::Ipv6Addr;

use super::Error;
use super::encoding::{escapes_are_whole, write_encoded};

/// A URL that can be sent as it stands: RFC 3986's characters only, no fragment, no user information.
#[derive(Clone, Copy, Debug)]
pub struct RequestUrl<'a> {
    pub https: bool,
    pub host: &'a str,
    /// Absent where it is the scheme's default.
    pub port: Option<u16>,
    pub path: &'a str,
    pub query: Option<&'a str>,
}

impl<'a> RequestUrl<'a> {
    pub fn parse(url: &'a str) -> Result<RequestUrl<'a>, Error> {
        let brackets = check_characters(url)?;
        let (https, rest) = split_scheme(url)?;
        let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let (host, port) = split_authority(authority)?;
        let default = if https { 443 } else { 80 };
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        if brackets && target.contains(['[', ']']) {
            return Err(Error::Url("it has a raw [ or ] outside the host: encode it"));
        }
        Ok(RequestUrl { https, host, port: port.filter(|&port| port != default), path, query })
    }

    /// Whether the host is this machine, by name or by address.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        let loopback = |address: std::net::IpAddr| address.is_loopback();
        self.host.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(loopback)
    }

    /// Whether one server answers both.
    pub fn same_origin(&self, other: &RequestUrl) -> bool {
        self.https == other.https && self.host.eq_ignore_ascii_case(other.host) && self.port == other.port
    }

    /// Writes the base string URI, percent-encoded, as the base string wants it.
    pub fn write_base_uri(&self, mut write: impl FnMut(&[u8])) {
        write(if self.https { b"https%3A%2F%2F" } else { b"http%3A%2F%2F" });
        if self.host.bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.host.bytes().for_each(|byte| write_encoded(&[byte.to_ascii_lowercase()], &mut write));
        } else {
            write_encoded(self.host.as_bytes(), &mut write);
        }
        if let Some(port) = self.port {
            write(b"%3A");
            write(itoa::Buffer::new().format(port).as_bytes());
        }
        let path = if self.path.is_empty() { "/" } else { self.path };
        write_encoded(path.as_bytes(), write);
    }
}

/// What a byte of a URL may ask to look at again. One pass over the URL finds whether there is anything to ask.
const ILLEGAL: u8 = 1;
const PERCENT: u8 = 2;
const BRACKET: u8 = 4;
const ASKS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            0..=32 | 127.. | b'#' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => ILLEGAL,
            b'%' => PERCENT,
            b'[' | b']' => BRACKET,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// Whether there are brackets, which only some places may hold.
fn check_characters(url: &str) -> Result<bool, Error> {
    let asks = url.bytes().fold(0, |asks, byte| asks | ASKS[usize::from(byte)]);
    if asks & ILLEGAL != 0 {
        let illegal = url.bytes().find(|&byte| ASKS[usize::from(byte)] & ILLEGAL != 0);
        return Err(Error::Url(match illegal.unwrap_or_default() {
            b' ' => "it has a blank: encode it as %20",
            0..=31 | 127 => "it has a control character",
            128.. => "it has a character beyond ASCII: encode its UTF-8 bytes",
            b'#' => "it has a fragment, which is never sent",
            _ => "it has a character that a URL can't hold raw, one of \"<>\\^`{|}: encode it",
        }));
    }
    if asks & PERCENT != 0 && !escapes_are_whole(url) {
        return Err(Error::Url("it has a % without two hexadecimal digits"));
    }
    Ok(asks & BRACKET != 0)
}

/// Whether the scheme is https, and what follows it.
fn split_scheme(url: &str) -> Result<(bool, &str), Error> {
    for (scheme, https) in [("https://", true), ("http://", false)] {
        // ASCII only by now, so that any index is fine.
        if url.len() >= scheme.len() && url[..scheme.len()].eq_ignore_ascii_case(scheme) {
            return Ok((https, &url[scheme.len()..]));
        }
    }
    Err(Error::Url(match url.contains("://") {
        true => "its scheme is neither http nor https",
        false => "it is not absolute: it begins with no http:// or https://",
    }))
}

fn split_authority(authority: &str) -> Result<(&str, Option<u16>), Error> {
    if is_name(authority) {
        return Ok((authority, None));
    }
    if authority.contains('@') {
        return Err(Error::Url("it has a user name or password before the host"));
    }
    let colon = match authority.rfind(']') {
        Some(bracket) => authority[bracket..].find(':').map(|colon| bracket + colon),
        None => authority.find(':'),
    };
    let (host, port) = match colon {
        Some(colon) => (&authority[..colon], &authority[colon + 1..]),
        None => (authority, ""),
    };
    check_host(host)?;
    if port.is_empty() {
        return Ok((host, None));
    }
    match port.parse() {
        Ok(number) if number != 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => Ok((host, Some(number))),
        _ => Err(Error::Url("its port is no number from 1 to 65535")),
    }
}

fn check_host(host: &str) -> Result<(), Error> {
    let fits = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()),
        None => is_name(host),
    };
    if fits { Ok(()) } else { Err(Error::Url("its host is neither a name nor an address")) }
}

fn is_name(host: &str) -> bool {
    let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !host.is_empty() && host.len() <= 255 && host.bytes().all(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base_uri(url: &str) -> String {
        let mut text = Vec::new();
        RequestUrl::parse(url).unwrap().write_base_uri(|bytes| text.extend_from_slice(bytes));
        decode(&text)
    }

    fn decode(text: &[u8]) -> String {
        super::super::decode(std::str::from_utf8(text).unwrap()).unwrap()
    }

    #[test]
    fn base_string_uris() {
        for (url, expected) in [
            ("HTTP://EXAMPLE.COM:80/r%20v/X?id=123", "http://example.com/r%20v/X"),
            ("https://www.example.net:8080/?q=1", "https://www.example.net:8080/"),
            ("https://h", "https://h/"),
            ("https://h?x=1", "https://h/"),
            ("https://h:443/a,b", "https://h/a,b"),
            ("http://h:443/", "http://h:443/"),
            ("https://h:/", "https://h/"),
            ("https://[2001:DB8::1]:8443/p", "https://[2001:db8::1]:8443/p"),
        ] {
            assert_eq!(base_uri(url), expected, "{url}");
        }
    }

    #[test]
    fn path_bytes_are_signed_as_sent() {
        let mut text = Vec::new();
        RequestUrl::parse("https://h/a%2fb%2F,;=%7E~").unwrap().write_base_uri(|bytes| text.extend_from_slice(bytes));
        assert_eq!(std::str::from_utf8(&text).unwrap(), "https%3A%2F%2Fh%2Fa%252fb%252F%2C%3B%3D%257E~");
    }

    #[test]
    fn urls_that_cannot_be_sent_are_refused() {
        for bad in [
            "",
            "h/p",
            "//h/p",
            "ftp://h/",
            "https:/h",
            "https://",
            "https:///p",
            "https://h:0/",
            "https://h:65536/",
            "https://h:+80/",
            "https://u@h/",
            "https://u:p@h/",
            "https://h/a b",
            "https://h/a\nb",
            "https://h/\u{7f}",
            "https://h/é",
            "https://h/a|b",
            "https://h/\"",
            "https://h/%",
            "https://h/%4",
            "https://h/%zz",
            "https://h/#f",
            "https://h/a?b#c",
            "https://[::1",
            "https://[::g]/",
            "https://::1/",
            "https://h%41/",
            "https://h/?a[]=1",
            "https://h\\x/",
            "https://[::1]x/",
        ] {
            assert!(matches!(RequestUrl::parse(bad), Err(Error::Url(_))), "{bad}");
        }
    }

    #[test]
    fn loopback() {
        for (url, expected) in [
            ("http://localhost:1/", true),
            ("http://LOCALHOST/", true),
            ("http://127.8.9.1/", true),
            ("http://[::1]:9/", true),
            ("http://localhost.example/", false),
            ("http://128.0.0.1/", false),
            ("http://127.0.0.1.example/", false),
        ] {
            assert_eq!(RequestUrl::parse(url).unwrap().is_loopback(), expected, "{url}");
        }
    }
}
