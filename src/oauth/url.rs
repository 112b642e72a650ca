//! The request URL and the base string URI made from it (RFC 5849 section 3.4.1.2).

use std::net::Ipv6Addr;

use super::Error;
use super::encoding::{escapes_are_whole, write_encoded};

/// A URL that can be sent as it is: it has only the characters of RFC 3986, no fragment and no user information.
#[derive(Clone, Copy, Debug)]
pub struct RequestUrl<'a> {
    pub https: bool,
    pub host: &'a str,
    /// `None` if it is the scheme's default.
    pub port: Option<u16>,
    pub path: &'a str,
    pub query: Option<&'a str>,
}

impl<'a> RequestUrl<'a> {
    pub fn parse(url: &'a str) -> Result<RequestUrl<'a>, Error> {
        let (https, rest) = split_scheme(url)?;
        let name = rest.bytes().take_while(|&byte| is_a(byte, NAME)).count();
        // Nearly always, the authority consists of a host name only.
        let (host, port, target) = match rest.as_bytes().get(name) {
            None | Some(b'/' | b'?') if (1..=255).contains(&name) => (&rest[..name], None, &rest[name..]),
            _ => split_authority(rest)?,
        };
        let plain = target.bytes().take_while(|&byte| is_a(byte, PLAIN_PATH)).count();
        let (path, query) = match target.as_bytes().get(plain) {
            None => (target, None),
            Some(b'?') => (&target[..plain], Some(&target[plain + 1..])),
            Some(_) => target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query))),
        };
        if path.len() > plain {
            check_target(path)?;
        }
        query.map_or(Ok(()), check_target)?;
        let default = if https { 443 } else { 80 };
        Ok(RequestUrl { https, host, port: port.filter(|&port| port != default), path, query })
    }

    /// Whether the host is this machine, by name or by address.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        let loopback = |address: std::net::IpAddr| address.is_loopback();
        self.host.eq_ignore_ascii_case("localhost") || bare.parse().is_ok_and(loopback)
    }

    /// Whether both URLs belong to one server.
    pub fn same_origin(&self, other: &RequestUrl) -> bool {
        self.https == other.https && self.host.eq_ignore_ascii_case(other.host) && self.port == other.port
    }

    /// Writes the base string URI, percent-encoded as the base string requires.
    pub fn write_base_uri(&self, mut write: impl FnMut(&[u8])) {
        write(if self.https { b"https%3A%2F%2F" } else { b"http%3A%2F%2F" });
        if self.host.bytes().all(|byte| is_a(byte, NAME)) {
            write(self.host.as_bytes());
        } else {
            self.host.bytes().for_each(|byte| write_encoded(&[byte.to_ascii_lowercase()], &mut write));
        }
        if let Some(port) = self.port {
            write(b"%3A");
            write(itoa::Buffer::new().format(port).as_bytes());
        }
        let path = if self.path.is_empty() { "/" } else { self.path };
        write_encoded(path.as_bytes(), write);
    }
}

/// Where a byte may stand in a URL: in most host names; behind the host; there, but not as the start of an escape; in
/// most paths.
const NAME: u8 = 1;
const TARGET: u8 = 2;
const NO_ESCAPE: u8 = 4;
const PLAIN_PATH: u8 = 8;
const KINDS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' => NAME | TARGET | NO_ESCAPE | PLAIN_PATH,
            b'A'..=b'Z' | b'_' | b'~' | b'/' | b',' => TARGET | NO_ESCAPE | PLAIN_PATH,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b';' | b'=' | b'?' | b':' | b'@' => {
                TARGET | NO_ESCAPE
            }
            b'%' => TARGET,
            _ => 0,
        };
        byte += 1;
    }
    table
};

fn is_a(byte: u8, kind: u8) -> bool {
    KINDS[usize::from(byte)] & kind != 0
}

/// Whether the scheme is https, and what follows it.
fn split_scheme(url: &str) -> Result<(bool, &str), Error> {
    for (scheme, https) in [("https://", true), ("http://", false)] {
        match url.split_at_checked(scheme.len()) {
            Some((start, rest)) if start.eq_ignore_ascii_case(scheme) => return Ok((https, rest)),
            _ => continue,
        }
    }
    Err(Error::Url(match url.contains("://") {
        true => "its scheme is neither http nor https",
        false => "it is not absolute: it does not begin with http:// or https://",
    }))
}

fn check_target(target: &str) -> Result<(), Error> {
    let all = target.bytes().fold(TARGET | NO_ESCAPE, |all, byte| all & KINDS[usize::from(byte)]);
    if all & TARGET == 0 {
        let illegal = target.bytes().find(|&byte| !is_a(byte, TARGET));
        return Err(illegal_character(illegal.unwrap_or_default()));
    }
    if all & NO_ESCAPE != 0 || escapes_are_whole(target) {
        Ok(())
    } else {
        Err(Error::Url("it has a % without two hexadecimal digits"))
    }
}

fn illegal_character(character: u8) -> Error {
    Error::Url(match character {
        b' ' => "it has a space: write it as %20",
        0..=31 | 127 => "it has a control character",
        128.. => "it has a character outside ASCII: percent-encode its UTF-8 bytes",
        b'#' => "it has a #, and what follows would never be sent: write # as %23, as in the symbol WYND%23",
        b'[' | b']' => "it has a [ or ] outside the host: write %5B or %5D",
        _ => "it has one of the characters \"<>\\^`{|}, which a URL cannot contain: percent-encode it",
    })
}

/// The host, the port, and what follows.
fn split_authority(rest: &str) -> Result<(&str, Option<u16>, &str), Error> {
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
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
        return Ok((host, None, target));
    }
    match port.parse() {
        Ok(number) if number != 0 && port.bytes().all(|byte| byte.is_ascii_digit()) => Ok((host, Some(number), target)),
        _ => Err(Error::Url("its port is not a number from 1 to 65535")),
    }
}

fn check_host(host: &str) -> Result<(), Error> {
    let fits = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()),
        None => {
            let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            !host.is_empty() && host.len() <= 255 && host.bytes().all(named)
        }
    };
    if fits {
        return Ok(());
    }
    // A character that no URL may contain is reported first.
    let illegal = host.bytes().find(|&byte| !is_a(byte, TARGET) && !matches!(byte, b'[' | b']'));
    Err(illegal.map_or(Error::Url("its host is neither a name nor an address"), illegal_character))
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
    #[test]
    fn what_is_wrong_is_named() {
        for (url, why) in [
            ("https://h/a b", "has a space"),
            ("https://h/a\nb", "control character"),
            ("https://h/\u{7f}", "control character"),
            ("https://h/é", "outside ASCII"),
            ("https://h/a#b", "has a #"),
            ("https://h/?a[]=1", "has a [ or ]"),
            ("https://h/a]", "has a [ or ]"),
            ("https://h/a|b", "percent-encode it"),
            ("https://h/%4", "without two hexadecimal digits"),
            ("https://h/?a=%zz", "without two hexadecimal digits"),
            ("https://u@h/", "user name"),
            ("https://h:0/", "port"),
            ("https://h:1x/", "port"),
            ("https://h b/", "has a space"),
            ("https://h{/", "percent-encode it"),
            ("https://[::1]x/", "neither a name nor an address"),
            ("https://h%41/", "neither a name nor an address"),
            ("https:///", "neither a name nor an address"),
            ("ftp://h/", "neither http nor https"),
            ("h/p", "not absolute"),
        ] {
            let Err(Error::Url(said)) = RequestUrl::parse(url) else { panic!("{url}") };
            assert!(said.contains(why), "{url}: {said}");
        }
    }

    #[test]
    fn host_names_have_up_to_255_characters() {
        for (length, fits) in [(1, true), (255, true), (256, false)] {
            for name in ["h".repeat(length), "H".repeat(length)] {
                assert_eq!(RequestUrl::parse(&format!("https://{name}/")).is_ok(), fits, "{length}");
                assert_eq!(RequestUrl::parse(&format!("https://{name}:1/")).is_ok(), fits, "{length}");
            }
        }
    }

    #[test]
    fn the_parts_of_a_url() {
        for (url, host, port, path, query) in [
            ("https://h", "h", None, "", None),
            ("https://h?", "h", None, "", Some("")),
            ("https://h/p?a=b?c", "h", None, "/p", Some("a=b?c")),
            ("https://h/p%20;q?a=b", "h", None, "/p%20;q", Some("a=b")),
            ("https://h/p%20;q", "h", None, "/p%20;q", None),
            ("https://a_b:65535/p", "a_b", Some(65535), "/p", None),
            ("http://h:443/p", "h", Some(443), "/p", None),
            ("https://[::1]:1/", "[::1]", Some(1), "/", None),
            ("https://[::1]/", "[::1]", None, "/", None),
        ] {
            let parsed = RequestUrl::parse(url).unwrap();
            assert_eq!((parsed.host, parsed.port, parsed.path, parsed.query), (host, port, path, query), "{url}");
        }
    }

    #[test]
    fn one_origin_is_scheme_host_and_port() {
        let same = |url: &str| RequestUrl::parse("https://h:1/").unwrap().same_origin(&RequestUrl::parse(url).unwrap());
        assert!(same("https://H:1/a?b"));
        assert!(!same("http://h:1/") && !same("https://h2:1/") && !same("https://h:2/") && !same("https://h/"));
    }
}
