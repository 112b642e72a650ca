//! Each wait of a call ends at the time-out: against peers that are silent, drip or don't read, in every phase, while a
//! signal comes all the time.

mod support;

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use support::peer::{Peer, be_silent, drip, read_request, relay};
use support::{Linkage, Sandbox, compile, run};

const PAUSE: Duration = Duration::from_millis(300);
const UNREAD_BODY: usize = 32 << 20;

const OK: &str = "0";
const TIMEOUT: &str = "-42";
const UNCERTAIN: &str = "-44";

struct Scene {
    url: String,
    proxy: String,
    ca_file: String,
    body: usize,
    status: &'static str,
    sentence: &'static str,
}

impl Scene {
    fn at(url: String, status: &'static str, sentence: &'static str) -> Scene {
        Scene { url, proxy: String::new(), ca_file: String::new(), body: 0, status, sentence }
    }

    /// Once with each kind of signal handler, and with each kind of library.
    fn play(self) {
        let run_one = |program: PathBuf, handler: &str| {
            let mut command = Command::new(program);
            command.args([&self.url, &self.proxy, &self.ca_file, &self.body.to_string()]);
            assert_eq!(run(command.args([self.status, self.sentence, handler])), "in time\n");
        };
        run_one(compile("deadlines", Linkage::Shared), "restart");
        run_one(compile("deadlines", Linkage::Static), "interrupt");
    }
}

fn http(peer: &Peer) -> String {
    format!("http://{}", peer.address)
}

fn https(peer: &Peer) -> String {
    format!("https://{}", peer.address)
}

/// Reads the request, then drips.
fn after_the_request(stream: TcpStream, bytes: &str, pause: Duration) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    read_request(&mut reader).unwrap();
    let (at_once, slowly) = bytes.split_once('|').unwrap();
    let mut stream = stream;
    let _ = stream.write_all(at_once.as_bytes());
    drip(&mut stream, slowly.bytes(), pause);
}

#[test]
fn silence() {
    let peer = Peer::start(|stream| be_silent(stream));
    Scene::at(http(&peer), UNCERTAIN, "waiting for the response").play();
    Scene::at(https(&peer), TIMEOUT, "TLS handshake").play();
}

#[test]
fn a_silent_proxy() {
    let proxy = Peer::start(|stream| be_silent(stream));
    let url = "https://localhost:1".to_owned();
    Scene { proxy: http(&proxy), ..Scene::at(url, TIMEOUT, "answer to CONNECT") }.play();
}

#[test]
fn a_body_that_nobody_reads() {
    let peer = Peer::start(|stream| be_silent(stream));
    Scene { body: UNREAD_BODY, ..Scene::at(http(&peer), UNCERTAIN, "sending the request") }.play();
}

#[test]
fn dripping_in_the_handshake() {
    // The header of a TLS record, and a body that never comes to its end.
    let record = || [0x16, 3, 3, 0x10, 0, 2, 0, 0x0f, 0xfc].into_iter().chain(std::iter::repeat(0));
    let peer = Peer::start(move |mut stream| drip(&mut stream, record(), PAUSE));
    Scene::at(https(&peer), TIMEOUT, "TLS handshake").play();
}

#[test]
fn dripping_in_the_answer_to_connect() {
    let proxy = Peer::start(|stream| after_the_request(stream, "|HTTP/1.1 200 Fine\r\n\r\n", PAUSE));
    let url = "https://localhost:1".to_owned();
    Scene { proxy: http(&proxy), ..Scene::at(url, TIMEOUT, "answer to CONNECT") }.play();
}

#[test]
fn dripping_in_head_and_body() {
    let head = Peer::start(|stream| after_the_request(stream, "|HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", PAUSE));
    Scene::at(http(&head), UNCERTAIN, "waiting for the response").play();
    let body = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n|01234567890123456789";
    let body = Peer::start(move |stream| after_the_request(stream, body, PAUSE));
    Scene::at(http(&body), UNCERTAIN, "waiting for the response").play();
    let chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n|1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n";
    let chunk = Peer::start(move |stream| after_the_request(stream, chunk, PAUSE));
    Scene::at(http(&chunk), UNCERTAIN, "waiting for the response").play();
}

#[test]
fn a_signal_ends_nothing() {
    let slow = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n|01234";
    let peer = Peer::start(move |stream| after_the_request(stream, slow, Duration::from_millis(80)));
    Scene::at(http(&peer), OK, "").play();
}

#[test]
fn within_tls() {
    let sandbox = Sandbox::start(&[]);
    let url = sandbox.fact("tls_url");
    let server = format!("127.0.0.1:{}", url.rsplit_once(':').unwrap().1).parse().unwrap();
    let ca_file = || sandbox.fact("ca_file").to_owned();
    let arm = |fault: &str| {
        let address = sandbox.fact("url").strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET /sandbox/fault?on=/v1/x&times=2&{fault} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        assert!(read_request(&mut BufReader::new(stream)).unwrap().head[0].contains("200"));
    };
    let waits = "waiting for the response";
    arm("kind=stall&when=before");
    Scene { ca_file: ca_file(), ..Scene::at(url.to_owned(), UNCERTAIN, waits) }.play();
    arm("kind=slow&ms=300");
    Scene { ca_file: ca_file(), ..Scene::at(url.to_owned(), UNCERTAIN, waits) }.play();
    // Enough for the handshake, and a little of the body.
    let peer = Peer::start(move |stream| relay(stream, server, 64 << 10));
    let url = format!("https://localhost:{}", peer.address.port());
    Scene { ca_file: ca_file(), body: UNREAD_BODY, ..Scene::at(url, UNCERTAIN, "sending the request") }.play();
}
