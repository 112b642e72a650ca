//! A peer on loopback that does what a test tells it to, byte by byte, and counts its connections. It ends with the test's
//! process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

pub struct Peer {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

/// What came in one request.
pub struct Request {
    /// The request line and the headers, one a line.
    pub head: Vec<String>,
    pub body: Vec<u8>,
}

impl Peer {
    /// Each connection is served on a thread of its own. It is closed when `serve` returns, but for what it keeps.
    pub fn start(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Peer {
        Peer::start_at("127.0.0.1:0", serve)
    }

    /// On this address of loopback.
    pub fn start_at(address: &str, serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Peer {
        let listener = TcpListener::bind(address).expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let (connections, serve) = (Arc::new(AtomicUsize::new(0)), Arc::new(serve));
        let count = connections.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let serve = serve.clone();
                let _ = stream.set_nodelay(true);
                thread::spawn(move || serve(stream));
            }
        });
        Peer { address, connections }
    }

    /// Answers each request with these bytes, for as long as the client keeps the connection.
    pub fn answering(response: &'static str) -> Peer {
        Peer::start(move |stream| answer(stream, response, usize::MAX))
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Answers so many requests of a connection with these bytes.
pub fn answer(mut stream: TcpStream, response: &str, requests: usize) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream can be cloned"));
    for _ in 0..requests {
        if read_request(&mut reader).is_none() || stream.write_all(response.as_bytes()).is_err() {
            return;
        }
    }
}

/// The next request of a connection; `None` when the client has closed it.
pub fn read_request(reader: &mut impl BufRead) -> Option<Request> {
    let head: Vec<String> = reader.lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    if head.is_empty() {
        return None;
    }
    let length = head.iter().filter_map(|line| line.split_once(':'));
    let mut length =
        length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length")).map(|(_, value)| value.trim());
    let length = length.next_back().map_or(0, |value| value.parse().expect("a length is a number"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { head, body })
}

/// Writes byte by byte, with a pause before each, until the client leaves.
pub fn drip(stream: &mut TcpStream, bytes: impl IntoIterator<Item = u8>, pause: Duration) {
    for byte in bytes {
        // The rhythm is what this peer is about; no test waits for it to be over.
        thread::sleep(pause);
        if stream.write_all(&[byte]).is_err() {
            return;
        }
    }
}

/// Neither says nor reads anything, for as long as the test's process runs.
pub fn be_silent(_stream: TcpStream) -> ! {
    loop {
        thread::park();
    }
}

/// Hands bytes on between a client and a server, of the client's no more than `limit`; then it is silent.
pub fn relay(client: TcpStream, server: SocketAddr, limit: u64) {
    let Ok(server) = TcpStream::connect(server) else {
        return;
    };
    let (mut from_server, mut to_client) = (server.try_clone().expect("cloned"), client.try_clone().expect("cloned"));
    thread::spawn(move || {
        let _ = std::io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Write);
    });
    let copied = std::io::copy(&mut (&client).take(limit), &mut &server);
    if copied.is_ok_and(|copied| copied == limit) {
        be_silent(client);
    }
    let _ = server.shutdown(Shutdown::Both);
}
