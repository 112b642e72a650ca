//! An HTTP server on loopback that answers as it is told, byte for byte, and knows every request that arrived.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// One request that arrived as a whole.
pub struct Request {
    pub method: String,
    /// With its query.
    pub path: String,
    /// The `oauth_token` of the Authorization header, still percent-encoded.
    pub token: String,
}

/// The bytes to send, and whether the connection is closed after them.
pub struct Answer {
    pub bytes: Vec<u8>,
    pub close: bool,
}

impl Answer {
    /// A plain success.
    pub fn success(content_type: &str, body: &str) -> Answer {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n", body.len());
        Answer { bytes: (head + body).into_bytes(), close: false }
    }
}

/// Starts a server and gives its URL. It serves until the test's process ends.
pub fn serve(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            thread::spawn(move || converse(&stream, &*answer));
        }
    });
    format!("http://127.0.0.1:{port}")
}

/// Answers one request after the other, until one of both sides closes the connection.
fn converse(stream: &TcpStream, answer: &(impl Fn(&Request) -> Answer + ?Sized)) {
    let _ = stream.set_nodelay(true);
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = receive(&mut reader) {
        let answer = answer(&request);
        // A client that has left is judged by what it makes of that.
        if writer.write_all(&answer.bytes).is_err() || answer.close {
            return;
        }
    }
}

/// `None` at the connection's end, or for what is no request.
fn receive(reader: &mut impl BufRead) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            text => lines.push(text.to_owned()),
        }
    }
    let header = |name: &str| {
        let mut fields = lines.iter().skip(1).filter_map(|line| line.split_once(':'));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let length = header("Content-Length").map_or(Some(0), |length| length.parse().ok())?;
    reader.read_exact(&mut vec![0; length]).ok()?;
    let mut first = lines.first()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let authorization = header("Authorization").unwrap_or_default();
    let token = authorization.split_once("oauth_token=\"").and_then(|(_, rest)| rest.split('"').next());
    Some(Request { method, path, token: token.unwrap_or_default().to_owned() })
}
