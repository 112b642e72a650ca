//! Waits on this machine for E*TRADE's redirect to a registered callback.
//!
//! No thread and no blocking read: each look takes what has come, from however many visitors, and answers them.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{Client, lock};
use crate::etrade::{Failure, Kind};
use crate::oauth::{RequestUrl, decode};

pub struct Listener {
    sockets: Vec<TcpListener>,
    visitors: Mutex<Vec<Visitor>>,
    /// `http://host:port`, and what the redirect must begin with after it.
    origin: String,
    path: String,
    query: String,
    closed: AtomicBool,
}

struct Visitor {
    stream: TcpStream,
    head: Vec<u8>,
    since: Instant,
}

/// More visitors than these, or longer heads, or slower ones, are none of ours.
const MOST_VISITORS: usize = 64;
const LONGEST_HEAD: usize = 16 * 1024;
const SLOWEST: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(20);

impl Listener {
    pub fn new(callback_url: &str) -> Result<Listener, Failure> {
        let wrong = |why: &str| Failure::new(Kind::Argument, format!("callback_url {why}."));
        let any_port = without_port_zero(callback_url);
        let url = RequestUrl::parse(any_port.as_deref().unwrap_or(callback_url)).map_err(|_| wrong("is no URL"))?;
        if url.https || !url.is_loopback() {
            return Err(wrong("is not http:// on this machine: only localhost, 127.0.0.1 or [::1] can be listened on"));
        }
        let named = url.host.eq_ignore_ascii_case("localhost");
        let bare = url.host.trim_matches(['[', ']']);
        let port = if any_port.is_some() { 0 } else { url.port.unwrap_or(80) };
        let addresses: Vec<SocketAddr> = if named {
            vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]
        } else {
            bare.parse().map(|address: std::net::IpAddr| vec![(address, port).into()]).unwrap_or_default()
        };
        let (sockets, port) = bind(&addresses)?;
        Ok(Listener {
            sockets,
            visitors: Mutex::default(),
            origin: format!("http://{}:{port}", url.host),
            path: if url.path.is_empty() { "/".to_owned() } else { url.path.to_owned() },
            query: url.query.unwrap_or_default().to_owned(),
            closed: AtomicBool::new(false),
        })
    }

    /// The callback's URL, its port filled in.
    pub fn url(&self) -> String {
        let query = if self.query.is_empty() { String::new() } else { format!("?{}", self.query) };
        format!("{}{}{query}", self.origin, self.path)
    }

    pub fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// The whole redirected URL. With a client only its pending login ends the wait. Time-out 0 takes one look.
    pub fn wait(&self, client: Option<&Client>, timeout: Duration) -> Result<String, Failure> {
        let end = Instant::now() + timeout;
        loop {
            if let Some(url) = self.look(client)? {
                return Ok(url);
            }
            let left = end.saturating_duration_since(Instant::now());
            if self.is_closed() || left.is_zero() {
                return Err(Failure::new(
                    Kind::Timeout,
                    "No redirect came within the time-out. Wait again, or log in anew.",
                ));
            }
            std::thread::sleep(GLANCE.min(left));
        }
    }

    fn look(&self, client: Option<&Client>) -> Result<Option<String>, Failure> {
        let mut visitors = lock(&self.visitors);
        for socket in &self.sockets {
            while visitors.len() < MOST_VISITORS {
                let Ok((stream, _)) = socket.accept() else { break };
                // The flag is not inherited everywhere.
                if stream.set_nonblocking(true).is_ok() {
                    visitors.push(Visitor { stream, head: Vec::new(), since: Instant::now() });
                }
            }
        }
        let mut found = None;
        visitors.retain_mut(|visitor| match visitor.read() {
            Heard::Nothing => visitor.since.elapsed() < SLOWEST,
            Heard::Enough => false,
            Heard::Get(target) => {
                let url = self.redirect(&target, client).filter(|_| found.is_none());
                visitor.answer(if url.is_some() { &DONE } else { &NOT_HERE });
                found = found.take().or(url);
                false
            }
        });
        // Those who have been silent longest make room for those at the door.
        if visitors.len() == MOST_VISITORS {
            visitors.drain(..MOST_VISITORS / 2);
        }
        Ok(found)
    }

    /// The URL, if this request is the redirect that is waited for.
    fn redirect(&self, target: &str, client: Option<&Client>) -> Option<String> {
        let (path, query) = target.split_once('?')?;
        let rest = query.strip_prefix(&self.query).filter(|_| path == self.path)?;
        if !self.query.is_empty() && !rest.starts_with('&') {
            return None;
        }
        let field = |name: &str| {
            let mut pairs = rest.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, value)| *key == name && !value.is_empty()).and_then(|(_, value)| decode(value))
        };
        let token = field("oauth_token").filter(|_| field("oauth_verifier").is_some())?;
        let expected = client.is_none_or(|client| client.is_pending(&token));
        expected.then(|| format!("{}{target}", self.origin))
    }
}

impl Client {
    /// Whether the pending login has this request token.
    fn is_pending(&self, token: &str) -> bool {
        let Ok(now) = self.server_time() else { return false };
        self.store.read(|session| session.request_token(now).is_ok_and(|pending| *pending.value == token))
    }
}

enum Heard {
    /// Not all yet.
    Nothing,
    Get(String),
    /// Gone, or no browser.
    Enough,
}

impl Visitor {
    fn read(&mut self) -> Heard {
        let mut chunk = [0; 2048];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Heard::Enough,
                Ok(amount) => self.head.extend_from_slice(&chunk[..amount]),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Heard::Nothing,
                Err(_) => return Heard::Enough,
            }
            let mut headers = [httparse::EMPTY_HEADER; 100];
            let mut request = httparse::Request::new(&mut headers);
            match request.parse(&self.head) {
                Ok(httparse::Status::Complete(_)) => {
                    let target = request.path.filter(|_| request.method == Some("GET"));
                    return target.map_or(Heard::Enough, |target| Heard::Get(target.to_owned()));
                }
                Ok(httparse::Status::Partial) if self.head.len() <= LONGEST_HEAD => {}
                _ => return Heard::Enough,
            }
        }
    }

    /// The page is small enough for any socket's buffer; a visitor that does not take it goes without.
    fn answer(&mut self, page: &Page) {
        let body = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{}</title><style>body{{font:1.2em sans-serif;margin:4em}}</style><h1>{}</h1><p>{}</p></html>",
            page.title, page.title, page.text
        );
        let answer = format!(
            "HTTP/1.1 {}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{body}",
            page.status,
            body.len()
        );
        let _ = self.stream.write_all(answer.as_bytes());
    }
}

struct Page {
    status: &'static str,
    title: &'static str,
    text: &'static str,
}

static DONE: Page = Page {
    status: "200 OK",
    title: "You are logged in",
    text: "The program has what it needs. You can close this window.",
};
static NOT_HERE: Page =
    Page { status: "404 Not Found", title: "Nothing here", text: "This address only waits for E*TRADE's redirect." };

/// The URL and its port, which 0 asks the system for: taken out before, since no request can be sent to it.
fn without_port_zero(callback_url: &str) -> Option<String> {
    let (scheme, rest) = callback_url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let host = rest[..end].strip_suffix(":0")?;
    Some(format!("{scheme}://{host}{}", &rest[end..]))
}

/// Binds all addresses to one port. Of localhost's two, one that this machine lacks may be missing.
fn bind(addresses: &[SocketAddr]) -> Result<(Vec<TcpListener>, u16), Failure> {
    // A port that is free for one address may be taken for the next: where any port will do, another is tried.
    let tries = if addresses.first().is_some_and(|address| address.port() == 0) { 16 } else { 1 };
    let mut failed = std::io::Error::from(ErrorKind::AddrNotAvailable);
    for _ in 0..tries {
        match bind_once(addresses) {
            Ok(bound) => return Ok(bound),
            Err(error) => failed = error,
        }
    }
    let why = failed.kind();
    let sentence = format!("callback_url can't be listened on: {why}. Is another program on its port?");
    Err(Failure::new(Kind::Connect, sentence))
}

fn bind_once(addresses: &[SocketAddr]) -> std::io::Result<(Vec<TcpListener>, u16)> {
    let mut sockets: Vec<TcpListener> = Vec::new();
    let mut port = addresses.first().map_or(0, SocketAddr::port);
    let mut failed = std::io::Error::from(ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpListener::bind((address.ip(), port)) {
            Ok(socket) => {
                socket.set_nonblocking(true)?;
                port = socket.local_addr()?.port();
                sockets.push(socket);
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(error),
            Err(error) => failed = error,
        }
    }
    if sockets.is_empty() { Err(failed) } else { Ok((sockets, port)) }
}
