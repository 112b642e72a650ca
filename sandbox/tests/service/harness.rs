//! Starts the sandbox and talks HTTP to it, byte by byte.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// Longer than any answer takes, short enough to fail a test.
const PATIENCE: Duration = Duration::from_secs(20);
/// After this long, a connection that should be silent counts as silent.
const SILENCE: Duration = Duration::from_millis(500);

pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_etoauth-sandbox"));
    command.args(arguments);
    command
}

/// A running sandbox, which ends when it is dropped.
pub struct Service {
    pub child: Child,
    pub facts: HashMap<String, String>,
}

impl Service {
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = command(arguments)
            .arg("--until-stdin-closes")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let facts = lines
            .map(Result::unwrap)
            .take_while(|line| line != "ready")
            .map(|line| line.split_once('=').map(|(name, value)| (name.into(), value.into())))
            .collect::<Option<_>>()
            .unwrap();
        Self { child, facts }
    }

    pub fn fact(&self, name: &str) -> &str {
        &self.facts[name]
    }

    /// The host and port of a URL among the facts.
    pub fn host(&self, name: &str) -> &str {
        self.fact(name).split_once("://").unwrap().1
    }

    pub fn connect(&self) -> Wire {
        let tcp = TcpStream::connect(self.host("url")).unwrap();
        Wire::new(tcp.try_clone().unwrap(), tcp)
    }

    pub fn connect_tls(&self) -> Wire {
        let port = self.fact("tls_url").rsplit_once(':').unwrap().1;
        self.shake_hands("localhost", TcpStream::connect(format!("127.0.0.1:{port}")).unwrap())
    }

    /// A connection to one of E*TRADE's hosts through the proxy.
    pub fn tunnel(&self, host: &str) -> Wire {
        let mut tcp = TcpStream::connect(self.host("url")).unwrap();
        write!(tcp, "CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n\r\n").unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            tcp.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        assert!(head.starts_with(b"HTTP/1.1 200 "));
        self.shake_hands(host, tcp)
    }

    fn shake_hands(&self, host: &str, tcp: TcpStream) -> Wire {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.fact("ca_file")).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let session = ClientConnection::new(Arc::new(config), name).unwrap();
        Wire::new(tcp.try_clone().unwrap(), StreamOwned::new(session, tcp))
    }

    /// What the admin path answers.
    pub fn admin(&self, target: &str) -> Value {
        let answer = self.connect().ask("GET", target, &[], "").unwrap();
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        answer.json()
    }

    pub fn arm(&self, fault: &str) {
        self.admin(&format!("/sandbox/fault?{fault}"));
    }

    pub fn count(&self, counter: &str) -> u64 {
        self.admin("/sandbox/state")[counter].as_u64().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

/// One connection.
pub struct Wire {
    tcp: TcpStream,
    stream: BufReader<Box<dyn ReadWrite>>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Closed,
    Reset,
    Silent,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

impl Wire {
    fn new(tcp: TcpStream, stream: impl ReadWrite + 'static) -> Self {
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { tcp, stream: BufReader::new(Box::new(stream)) }
    }

    pub fn ask(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> io::Result<Answer> {
        self.send(method, target, headers, body)?;
        self.receive()
    }

    pub fn send(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> io::Result<()> {
        let mut request = format!("{method} {target} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| *name == "Host") {
            request += &format!("Host: {}\r\n", self.tcp.peer_addr()?);
        }
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("Content-Length: {}\r\n\r\n{body}", body.len());
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.stream.get_mut().flush()
    }

    pub fn receive(&mut self) -> io::Result<Answer> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: String::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        answer.body = String::from_utf8(body).unwrap();
        Ok(answer)
    }

    /// The next event of a stream of server-sent events.
    pub fn event(&mut self) -> Value {
        let mut line = String::new();
        while !line.starts_with("data: ") {
            line.clear();
            assert_ne!(self.stream.read_line(&mut line).unwrap(), 0, "the stream has ended");
        }
        serde_json::from_str(line.trim_start_matches("data: ")).unwrap()
    }

    /// Takes a short silence for a long one.
    pub fn give_up_soon(&self) {
        self.tcp.set_read_timeout(Some(SILENCE)).unwrap();
    }

    /// All that comes until the connection ends, which must be in this way.
    #[track_caller]
    pub fn rest(&mut self, expected: End) -> String {
        if expected == End::Silent {
            self.give_up_soon();
        }
        let mut bytes = Vec::new();
        let end = match self.stream.read_to_end(&mut bytes).map_err(|error| error.kind()) {
            Ok(_) | Err(io::ErrorKind::UnexpectedEof) => End::Closed,
            Err(io::ErrorKind::ConnectionReset) => End::Reset,
            Err(io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => End::Silent,
            Err(other) => panic!("{other}"),
        };
        assert_eq!(end, expected);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
