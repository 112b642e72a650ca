//! Waits on this machine for E*TRADE's redirect to a registered callback.
//!
//! No thread and no blocking read: each look takes what has come, from however many visitors, and answers them.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::descriptors::NotInherited;
use super::io_error::describe;
use super::port::Port;
use super::{Client, Login, lock};
use crate::etrade::{Failure, Kind, Verifier};
use crate::oauth::RequestUrl;

pub struct Listener {
    port: Arc<Port>,
    visitors: Mutex<Vec<Visitor>>,
    /// `http://host:port`, and what the redirect must begin with after it.
    origin: String,
    path: String,
    query: String,
    closed: AtomicBool,
}

struct Visitor {
    stream: NotInherited<TcpStream>,
    head: Vec<u8>,
    since: Instant,
}

/// A browser that follows the redirect keeps well within these limits.
const MOST_VISITORS: usize = 64;
const LONGEST_HEAD: usize = 16 * 1024;
const SLOWEST: Duration = Duration::from_secs(10);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

impl Listener {
    pub fn new(callback_url: &str) -> Result<Listener, Failure> {
        let wrong = |why: &str| Failure::new(Kind::Argument, format!("callback_url {why}."));
        let any_port = without_port_zero(callback_url);
        let url = RequestUrl::parse(any_port.as_deref().unwrap_or(callback_url)).map_err(|_| wrong("is not a URL"))?;
        if url.https || !url.is_loopback() {
            return Err(wrong("is not an http:// URL on this machine: its host must be localhost, 127.0.0.1 or [::1]"));
        }
        let named = url.host.eq_ignore_ascii_case("localhost");
        let bare = url.host.trim_matches(['[', ']']);
        let port = if any_port.is_some() { 0 } else { url.port.unwrap_or(80) };
        let addresses: Vec<SocketAddr> = if named {
            vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()]
        } else {
            bare.parse().map(|address: std::net::IpAddr| vec![(address, port).into()]).unwrap_or_default()
        };
        let port = Port::bind(&addresses)?;
        Ok(Listener {
            visitors: Mutex::default(),
            origin: format!("http://{}:{}", url.host, port.number),
            port,
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
        self.port.close();
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// The complete redirected URL. With a client only its pending login ends the wait. A timeout of 0 looks once.
    pub fn wait(&self, client: Option<&Client>, timeout: Duration) -> Result<String, Failure> {
        let end = Instant::now() + timeout;
        let operation = client.map(Client::begin_operation).transpose()?;
        loop {
            let mut refused = None;
            if let Some(url) = self.poll(client, &mut refused) {
                return Ok(url);
            }
            let left = end.saturating_duration_since(Instant::now());
            if operation.as_ref().is_some_and(|operation| operation.is_cancelled()) {
                return Err(Failure::new(Kind::Cancelled, "The wait was cancelled."));
            }
            if self.port.is_taken_over() {
                let sentence = "A newer listener in this process has taken over the port: wait with that one.";
                return Err(Failure::new(Kind::State, sentence));
            }
            if self.is_closed() || left.is_zero() {
                let sentence = refused.map_or_else(
                    || "No redirect came within the timeout. Wait again, or begin a new login.".to_owned(),
                    |error| format!("A visit to the callback could not be accepted: {}.", describe(&error)),
                );
                return Err(Failure::new(Kind::Timeout, sentence));
            }
            std::thread::sleep(POLL_INTERVAL.min(left));
        }
    }

    /// Serves the visitors who have come, without waiting. `refused` is why a visitor could not be accepted.
    fn poll(&self, client: Option<&Client>, refused: &mut Option<io::Error>) -> Option<String> {
        let mut visitors = lock(&self.visitors);
        let accepted = self.port.accept(|stream| {
            // Not every system passes the flag on from the listening socket.
            if stream.set_nonblocking(true).is_ok() {
                let stream = NotInherited::new(stream);
                visitors.push(Visitor { stream, head: Vec::new(), since: Instant::now() });
            }
            visitors.len() < MOST_VISITORS
        });
        *refused = accepted.err();
        let mut found = None;
        visitors.retain_mut(|visitor| match visitor.read() {
            Head::Incomplete => visitor.since.elapsed() < SLOWEST,
            Head::Unusable => false,
            Head::Get(target) => {
                match self.judge(&target, client) {
                    Visit::Redirect(url) if found.is_none() => {
                        visitor.answer(&DONE);
                        found = Some(url);
                    }
                    Visit::Unfinished => visitor.answer(&UNFINISHED),
                    Visit::Redirect(_) | Visit::Other => visitor.answer(&NOT_HERE),
                }
                false
            }
        });
        // Those who have been silent longest make room for new ones.
        if visitors.len() >= MOST_VISITORS {
            visitors.drain(..MOST_VISITORS / 2);
        }
        found
    }

    fn judge(&self, target: &str, client: Option<&Client>) -> Visit {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if path != self.path {
            return Visit::Other;
        }
        let url = format!("{}{target}", self.origin);
        let Ok(verifier) = Verifier::read(&url) else { return Visit::Unfinished };
        let rest = query.strip_prefix(&self.query);
        let registered = rest.is_some_and(|rest| self.query.is_empty() || rest.starts_with('&'));
        // A token without a value belongs to no login.
        let token = verifier.token.as_deref();
        let expected = token != Some("") && client.is_none_or(|client| client.awaits(token));
        if registered && expected { Visit::Redirect(url) } else { Visit::Other }
    }
}

enum Visit {
    /// The URL of the redirect that is waited for.
    Redirect(String),
    /// A visit to the callback without a verification code.
    Unfinished,
    Other,
}

impl Login {
    /// Whether a login is pending that a redirect with this request token, or with none, belongs to.
    fn awaits(&self, token: Option<&str>) -> bool {
        let Ok(now) = self.server_time() else { return false };
        self.store.read(|session| {
            session.request_token(now).is_ok_and(|pending| token.is_none_or(|token| *pending.value == token))
        })
    }
}

/// The head of a visitor's request.
enum Head {
    Incomplete,
    /// A GET of this target.
    Get(String),
    /// The visitor has gone, or is not a browser that follows the redirect.
    Unusable,
}

impl Visitor {
    fn read(&mut self) -> Head {
        // It has a verifier in it, and would stay on the stack.
        let mut chunk = Zeroizing::new([0; 2048]);
        loop {
            match (&*self.stream).read(chunk.as_mut_slice()) {
                Ok(0) => return Head::Unusable,
                Ok(amount) => self.head.extend_from_slice(&chunk[..amount]),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Head::Incomplete,
                Err(_) => return Head::Unusable,
            }
            let mut headers = [httparse::EMPTY_HEADER; 100];
            let mut request = httparse::Request::new(&mut headers);
            match request.parse(&self.head) {
                Ok(httparse::Status::Complete(_)) => {
                    let target = request.path.filter(|_| request.method == Some("GET"));
                    return target.map_or(Head::Unusable, |target| Head::Get(target.to_owned()));
                }
                Ok(httparse::Status::Partial) if self.head.len() <= LONGEST_HEAD => {}
                _ => return Head::Unusable,
            }
        }
    }

    /// The page is small enough for any socket's buffer, so nothing waits for a visitor who does not take it.
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
        let _ = (&*self.stream).write_all(answer.as_bytes());
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
static UNFINISHED: Page = Page {
    status: "404 Not Found",
    title: "The login was not finished",
    text: "This visit brought no verification code. Go back to E*TRADE's page and accept, or begin the login again.",
};
static NOT_HERE: Page =
    Page { status: "404 Not Found", title: "Nothing here", text: "This address only waits for E*TRADE's redirect." };

/// The URL without its port, if that is 0, for which the system chooses one. No request can be sent to port 0, and so
/// it is not a part of a request's URL.
fn without_port_zero(callback_url: &str) -> Option<String> {
    let (scheme, rest) = callback_url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let host = rest[..end].strip_suffix(":0")?;
    Some(format!("{scheme}://{host}{}", &rest[end..]))
}
