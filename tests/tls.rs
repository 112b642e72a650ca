//! Servers and proxies whose TLS is wrong in each way that badssl.com has and some more. Each failure has its status and
//! names its cause, a call makes one connection, and nothing of a request leaves unless it is said here.

mod support;

#[path = "support/certificates.rs"]
mod certificates;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::{fs, io};

use certificates::{AS_IT_IS, Authority, Identity, SERIAL, file, self_signed};
use rcgen::{ExtendedKeyUsagePurpose, GeneralSubtree, NameConstraints, date_time_ymd};
use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};
use support::peer::{Peer, read_request};
use support::{Linkage, compile, has, root, run};

const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
/// The settings with which a server begins HTTP/2.
const HTTP2: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];

/// The statuses of a question, of an order and of Get Request Token.
type Statuses = [i32; 3];
const CONNECT: Statuses = [-40; 3];
const TLS: Statuses = [-41; 3];

/// A server that counts what arrives through TLS.
struct Server {
    peer: Peer,
    requests: Arc<AtomicUsize>,
}

fn config(identity: Identity, versions: &[&'static SupportedProtocolVersion]) -> ServerConfig {
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_protocol_versions(versions).unwrap().with_no_client_auth();
    builder.with_single_cert(identity.chain, identity.key).unwrap()
}

impl Server {
    fn of(identity: Identity) -> Server {
        Server::start(config(identity, &[&TLS12, &TLS13]), b"")
    }

    /// Says `first` as soon as the handshake is over, and then answers each request.
    fn start(config: ServerConfig, first: &'static [u8]) -> Server {
        let (config, requests) = (Arc::new(config), Arc::new(AtomicUsize::new(0)));
        let count = requests.clone();
        let peer = Peer::start(move |stream| {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut reader = BufReader::new(StreamOwned::new(connection, stream.try_clone().unwrap()));
            let _ = reader.get_mut().write_all(first);
            // The end of the connection, or a refused handshake, is no request.
            while reader.fill_buf().is_ok_and(|arrived| !arrived.is_empty()) {
                count.fetch_add(1, Ordering::SeqCst);
                if read_request(&mut reader).is_none() || reader.get_mut().write_all(EMPTY.as_bytes()).is_err() {
                    break;
                }
            }
            end(stream);
        });
        Server { peer, requests }
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    fn url(&self) -> String {
        format!("https://localhost:{}", self.peer.address.port())
    }
}

/// Closes a connection so that what was said last arrives: whoever closes with something unread resets it.
fn end(mut stream: TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    let _ = io::copy(&mut stream, &mut io::sink());
}

/// A peer that hears the first flight of the client, and responds with bytes.
fn bytes(response: impl Into<Vec<u8>>) -> Peer {
    let response = response.into();
    Peer::start(move |mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(&response);
        end(stream);
    })
}

fn url(peer: &Peer) -> String {
    format!("https://localhost:{}", peer.address.port())
}

fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| compile("tls", Linkage::Shared))
}

/// The three calls, each with its status and with a cause that docs/tls.md has, too.
fn calls(url: &str, ca: &str, proxy: &str, statuses: Statuses, cause: &str) {
    let said = run(Command::new(program()).arg(url).arg(file(ca)).arg(proxy));
    let lines: Vec<_> = said.lines().map(|line| line.split_once(' ').unwrap()).collect();
    assert_eq!(lines.len(), 3, "{said}");
    for ((status, sentence), expected) in lines.into_iter().zip(statuses) {
        assert_eq!(status, expected.to_string(), "{said}");
        if expected == 0 {
            continue;
        }
        println!("{sentence}");
        assert!(sentence.contains(cause), "not \"{cause}\": {sentence}");
        let host = url.trim_start_matches("https://").rsplit_once(':').unwrap().0;
        assert!(sentence.contains(host), "{sentence}");
    }
    if cause.is_empty() {
        return;
    }
    let documented = fs::read_to_string(root().join("docs/tls.md")).unwrap().replace('\n', " ");
    assert!(documented.contains(cause), "docs/tls.md lacks \"{cause}\"");
}

/// The server is refused, and none of the calls gets anything through or tries a second time.
fn refused(server: &Server, ca: &str, cause: &str) {
    calls(&server.url(), ca, "", TLS, cause);
    assert_eq!((server.peer.connections(), server.requests()), (3, 0), "{cause}");
}

/// Get Request Token wants more than an empty response.
const ACCEPTED: Statuses = [0, 0, -51];

fn accepted(server: &Server, ca: &str) {
    calls(&server.url(), ca, "", ACCEPTED, "");
    assert_eq!(server.requests(), 3);
}

fn authority() -> Authority {
    Authority::root("authority", AS_IT_IS)
}

#[test]
fn certificates_that_are_right() {
    let root = authority();
    for version in [&TLS12, &TLS13] {
        accepted(&Server::start(config(root.sign(&["localhost"], AS_IT_IS), &[version]), b""), &root.pem);
    }
    let between = root.intermediate("between", AS_IT_IS);
    accepted(&Server::of(between.complete(between.sign(&["localhost"], AS_IT_IS))), &root.pem);
    let own = self_signed(&["localhost"], AS_IT_IS);
    let pem = own.pem.clone();
    accepted(&Server::of(own), &pem);
    let by_address = Server::of(root.sign(&["127.0.0.1"], AS_IT_IS));
    calls(&format!("https://{}", by_address.peer.address), &root.pem, "", ACCEPTED, "");
}

#[test]
fn dates() {
    let root = authority();
    let expired = Server::of(root.sign(&["localhost"], |leaf| leaf.not_after = date_time_ymd(2020, 2, 29)));
    refused(
        &expired,
        &root.pem,
        "the server's certificate expired at 2020-02-29 00:00 UTC, and by this machine's clock",
    );
    let early = Server::of(root.sign(&["localhost"], |leaf| leaf.not_before = date_time_ymd(3000, 1, 1)));
    refused(
        &early,
        &root.pem,
        "the server's certificate is not valid before 3000-01-01 00:00 UTC, and by this machine's",
    );
    let old = root.intermediate("old", |authority| authority.not_after = date_time_ymd(2020, 2, 29));
    let chain = Server::of(old.complete(old.sign(&["localhost"], AS_IT_IS)));
    refused(&chain, &root.pem, "the server's certificate expired at 2020-02-29");
}

#[test]
fn names() {
    let root = authority();
    let other = Server::of(root.sign(&["other.test", "www.other.test"], AS_IT_IS));
    refused(&other, &root.pem, "the server's certificate is for another host: other.test and 1 more");
    let nobody = Server::of(root.sign(&[], AS_IT_IS));
    refused(&nobody, &root.pem, "the server's certificate names no host");
    let no_address = Server::of(root.sign(&["localhost"], AS_IT_IS));
    let url = format!("https://{}", no_address.peer.address);
    calls(&url, &root.pem, "", TLS, "the server's certificate is for another host: localhost");
    assert_eq!(no_address.requests(), 0);
    let narrow = Authority::root("narrow", |authority| {
        authority.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("other.test".to_owned())],
            excluded_subtrees: vec![],
        });
    });
    let beyond = Server::of(narrow.sign(&["localhost"], AS_IT_IS));
    refused(&beyond, &narrow.pem, "the server's certificate names a host that its authority may not sign for");
}

#[test]
fn authorities() {
    let unknown = "the server's certificate was not signed by an authority that is trusted here";
    let (root, other) = (authority(), Authority::root("other", AS_IT_IS));
    refused(&Server::of(root.sign(&["localhost"], AS_IT_IS)), &other.pem, unknown);
    refused(&Server::of(self_signed(&["localhost"], AS_IT_IS)), &root.pem, unknown);
    let between = root.intermediate("between", AS_IT_IS);
    refused(&Server::of(between.sign(&["localhost"], AS_IT_IS)), &root.pem, unknown);
    // Of the same name, with another key.
    let namesake = authority();
    let imitated = Server::of(namesake.sign(&["localhost"], AS_IT_IS));
    refused(&imitated, &root.pem, "the server's certificate has a wrong signature");
    let own = self_signed(&["localhost"], |leaf| {
        leaf.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    });
    let pem = own.pem.clone();
    refused(
        &Server::of(own),
        &pem,
        "the server's certificate is an authority's own (CA:TRUE), which identifies no host",
    );
    let of_a_client = Server::of(root.sign(&["localhost"], |leaf| {
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    }));
    refused(&of_a_client, &root.pem, "the server's certificate is not meant for servers");
    // A server's certificate signs for nobody.
    let server = root.intermediate("server", |leaf| leaf.is_ca = rcgen::IsCa::ExplicitNoCa);
    let beneath = Server::of(server.complete(server.sign(&["localhost"], AS_IT_IS)));
    refused(&beneath, &root.pem, "the server's certificate was signed with a certificate that may not sign it");
}

#[test]
fn revocation_lists_in_the_ca_file() {
    let root = authority();
    let sign = || Server::of(root.sign(&["localhost"], AS_IT_IS));
    let revoked = "the server's certificate was revoked by its authority";
    refused(&sign(), &(root.pem.clone() + &root.revoke(SERIAL, 3000)), revoked);
    refused(&sign(), &(root.revoke(SERIAL, 2021) + &root.pem), revoked);
    accepted(&sign(), &(root.pem.clone() + &root.revoke(SERIAL + 1, 3000)));
    // Another authority's list says nothing about this one's certificates.
    let other = Authority::root("other", AS_IT_IS);
    accepted(&sign(), &(root.pem.clone() + &other.revoke(SERIAL, 3000)));
    let between = root.intermediate("between", |authority| authority.serial_number = Some(SERIAL.into()));
    let chain = Server::of(between.complete(between.sign(&["localhost"], AS_IT_IS)));
    refused(&chain, &(root.pem.clone() + &root.revoke(SERIAL, 3000)), revoked);
    // Nor does one that somebody else has signed in its name.
    let namesake = authority();
    let forged = root.pem.clone() + &namesake.revoke(SERIAL + 1, 3000);
    refused(&sign(), &forged, "a revocation list (CRL) in the CA file cannot be used");
}

#[test]
fn no_handshake() {
    let silent = Peer::start(drop);
    calls(&url(&silent), &authority().pem, "", TLS, "the connection ended during the TLS handshake with the server");
    let after_hello = bytes("");
    calls(
        &url(&after_hello),
        &authority().pem,
        "",
        TLS,
        "the connection ended during the TLS handshake with the server",
    );
    let begun = bytes(server_hello(3, &[]));
    calls(&url(&begun), &authority().pem, "", TLS, "the connection ended during the TLS handshake with the server");
    for text in ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH\r\n", "220 smtp ready\r\n", "<html>", "no"] {
        let plain = bytes(text);
        calls(&url(&plain), &authority().pem, "", TLS, "the server did not respond with TLS");
        assert_eq!(plain.connections(), 3);
    }
    for (alert, cause) in [
        (
            40,
            "the server refused the handshake: it has no way of encryption in common with this library, or requires a",
        ),
        (70, "the server supports neither TLS 1.2 nor TLS 1.3"),
        (80, "the server refused the connection (TLS alert InternalError)"),
        (112, "the server does not know this host name"),
        (116, "the server requires a client certificate, which this library does not have"),
        (120, "the server does not speak HTTP/1.1 on this port"),
    ] {
        let peer = bytes([0x15, 3, 3, 0, 2, 2, alert]);
        calls(&url(&peer), &authority().pem, "", TLS, cause);
        assert_eq!(peer.connections(), 3);
    }
}

/// A ServerHello with a cipher suite that the client has offered.
fn server_hello(minor: u8, extensions: &[u8]) -> Vec<u8> {
    let mut body = vec![3, minor];
    body.extend([7; 32]);
    body.extend([0, 0xc0, 0x2b, 0]);
    if !extensions.is_empty() {
        body.extend([0, extensions.len() as u8]);
        body.extend(extensions);
    }
    let mut record = vec![0x16, 3, minor, 0, body.len() as u8 + 4, 2, 0, 0, body.len() as u8];
    record.extend(body);
    record
}

#[test]
fn old_versions() {
    let old = "the server supports neither TLS 1.2 nor TLS 1.3";
    for minor in [1, 2] {
        let peer = bytes(server_hello(minor, &[]));
        calls(&url(&peer), &authority().pem, "", TLS, old);
        assert_eq!(peer.connections(), 3);
    }
    if has("openssl") {
        let (identity, ca) = openssl_identity("2048", "-sha256");
        for version in ["-tls1", "-tls1_1"] {
            let mut server = OpenSsl::start(&identity, version);
            calls(&server.url, &ca, "", TLS, old);
            server.received_nothing();
        }
    }
}

#[test]
fn other_protocols() {
    let root = authority();
    let mut only_2 = config(root.sign(&["localhost"], AS_IT_IS), &[&TLS12, &TLS13]);
    only_2.alpn_protocols = vec![b"h2".to_vec()];
    let other_protocol = "the server does not speak HTTP/1.1 on this port";
    refused(&Server::start(only_2, b""), &root.pem, other_protocol);
    // The secure renegotiation that the client asks for, and ALPN with h2, which it has not offered.
    let h2 = bytes(server_hello(3, &[0xff, 1, 0, 1, 0, 0, 16, 0, 5, 0, 3, 2, b'h', b'2']));
    calls(&url(&h2), &root.pem, "", TLS, other_protocol);
    // Whoever agrees to nothing and then speaks another protocol has received the request.
    let silent = Server::start(config(root.sign(&["localhost"], AS_IT_IS), &[&TLS12]), HTTP2);
    calls(&silent.url(), &root.pem, "", [-44, -44, -51], "the response is not HTTP");
    assert_eq!(silent.peer.connections(), 3);
}

#[test]
fn client_certificates() {
    let root = authority();
    let mut roots = RootCertStore::empty();
    roots.add(root.sign(&["client"], AS_IT_IS).chain[0].clone()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let required = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let server = |version| {
        let identity = root.sign(&["localhost"], AS_IT_IS);
        let builder = ServerConfig::builder_with_provider(provider.clone()).with_protocol_versions(&[version]).unwrap();
        let builder = builder.with_client_cert_verifier(required.clone());
        Server::start(builder.with_single_cert(identity.chain, identity.key).unwrap(), b"")
    };
    let cause = "the server requires a client certificate, which this library does not have";
    refused(&server(&TLS12), &root.pem, cause);
    // There the handshake ends, for the client, before the server has judged it: the request is on its way.
    let late = server(&TLS13);
    calls(&late.url(), &root.pem, "", [-44, -44, -40], cause);
    assert_eq!((late.peer.connections(), late.requests()), (3, 0));
}

/// A proxy that hears a CONNECT, responds with these bytes, and once more when something follows.
fn proxy(first: &'static str, second: &'static str) -> Peer {
    Peer::start(move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let head = read_request(&mut reader).unwrap().head;
        assert!(head[0].starts_with("CONNECT localhost:"), "{head:?}");
        assert!(!head.iter().any(|line| line.contains("uthorization")), "{head:?}");
        let _ = stream.write_all(first.as_bytes());
        if !second.is_empty() && reader.fill_buf().is_ok_and(|arrived| !arrived.is_empty()) {
            let _ = stream.write_all(second.as_bytes());
        }
        end(stream);
    })
}

#[test]
fn proxies() {
    let root = authority();
    let server = Server::of(root.sign(&["localhost"], AS_IT_IS));
    for (first, second, statuses, cause) in [
        ("", "", CONNECT, "the proxy did not respond to CONNECT"),
        ("hello, who is there?\r\n\r\n", "", CONNECT, "the proxy gave no HTTP response to CONNECT"),
        ("HTTP/1.1 403 No\r\n\r\n", "", CONNECT, "the proxy refused the connection (HTTP 403)"),
        ("HTTP/1.1 407 Who\r\n\r\n", "", CONNECT, "the proxy asks for a user name and password (HTTP 407)"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "", CONNECT, "the proxy refused the connection (HTTP 502)"),
        ("HTTP/1.1 200 OK\r\n\r\n", "", TLS, "the connection ended during the TLS handshake with the server"),
        ("HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nSign in", TLS, "the server did not respond with TLS"),
        ("HTTP/1.1 200 OK\r\n\r\nSign in to this network", "", TLS, "the server did not respond with TLS"),
    ] {
        let proxy = proxy(first, second);
        calls(&server.url(), &root.pem, &format!("http://{}", proxy.address), statuses, cause);
        assert_eq!((proxy.connections(), server.peer.connections()), (3, 0), "{first}");
    }
}

/// A proxy that is reached through TLS, and plays the server in its tunnels.
fn secure_proxy(outer: Identity, inner: Identity, requests: Arc<AtomicUsize>) -> Peer {
    let configs = [outer, inner].map(|identity| Arc::new(config(identity, &[&TLS12, &TLS13])));
    Peer::start(move |stream| {
        let [outer, inner] = configs.clone().map(|config| ServerConnection::new(config).unwrap());
        let mut reader = BufReader::new(StreamOwned::new(outer, stream.try_clone().unwrap()));
        if read_request(&mut reader).is_some_and(|request| request.head[0].starts_with("CONNECT localhost:")) {
            let _ = reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            let mut reader = BufReader::new(StreamOwned::new(inner, reader.into_inner()));
            while read_request(&mut reader).is_some() {
                requests.fetch_add(1, Ordering::SeqCst);
                let _ = reader.get_mut().write_all(EMPTY.as_bytes());
            }
        }
        end(stream);
    })
}

#[test]
fn proxies_behind_tls() {
    let root = authority();
    for (outer, inner, statuses, cause) in [
        ("localhost", "localhost", ACCEPTED, ""),
        ("other.test", "localhost", TLS, "the proxy's certificate is for another host: other.test"),
        ("localhost", "other.test", TLS, "the server's certificate is for another host: other.test"),
    ] {
        let requests = Arc::new(AtomicUsize::new(0));
        let (outer, inner) = (root.sign(&[outer], AS_IT_IS), root.sign(&[inner], AS_IT_IS));
        let proxy = secure_proxy(outer, inner, requests.clone());
        calls("https://localhost:9", &root.pem, &url(&proxy), statuses, cause);
        assert_eq!(requests.load(Ordering::SeqCst), if cause.is_empty() { 3 } else { 0 });
    }
}

/// A server that does what rustls would not. It prints what arrives.
struct OpenSsl {
    child: Child,
    url: String,
}

impl OpenSsl {
    /// `identity`: a certificate and its key.
    fn start(identity: &str, version: &str) -> OpenSsl {
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", "127.0.0.1:0", "-cipher", "ALL:@SECLEVEL=0", version, "-cert"]);
        command.arg(file(identity)).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        let line = lines.find(|line| line.as_ref().unwrap().starts_with("ACCEPT ")).expect("it listens").unwrap();
        OpenSsl { url: format!("https://localhost:{}", line.rsplit_once(':').unwrap().1), child }
    }

    fn received_nothing(&mut self) {
        self.child.kill().unwrap();
        let mut printed = Vec::new();
        self.child.stdout.take().unwrap().read_to_end(&mut printed).unwrap();
        let printed = String::from_utf8_lossy(&printed);
        assert!(!printed.contains("HTTP/1.1"), "{printed}");
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A certificate with an RSA key of so many bits, and its key, signed with this hash; and its authority.
fn openssl_identity(bits: &str, hash: &str) -> (String, String) {
    let settings = file(
        "[req]\ndistinguished_name = name\nx509_extensions = leaf\n[name]\n\
         [authority]\nbasicConstraints = critical, CA:TRUE\n\
         [leaf]\nbasicConstraints = critical, CA:FALSE\nsubjectAltName = DNS:localhost\n",
    );
    let make = |arguments: &[&str], bits: &str, key: &Path, certificate: &Path| {
        let mut command = Command::new("openssl");
        command.args(["req", "-x509", "-nodes", "-config"]).arg(&settings).args(["-newkey", &format!("rsa:{bits}")]);
        run(command.args(arguments).arg("-keyout").arg(key).arg("-out").arg(certificate));
        fs::read_to_string(certificate).unwrap() + &fs::read_to_string(key).unwrap()
    };
    let [ca_key, ca, key, certificate] = [(); 4].map(|()| file(""));
    make(&["-extensions", "authority", "-subj", "/CN=authority"], "2048", &ca_key, &ca);
    let issuer = ["-CA", ca.to_str().unwrap(), "-CAkey", ca_key.to_str().unwrap(), "-subj", "/CN=leaf", hash];
    let identity = make(&issuer, bits, &key, &certificate);
    (identity, fs::read_to_string(ca).unwrap())
}

#[test]
fn weak_certificates() {
    if !has("openssl") {
        return;
    }
    for (bits, hash, cause) in [
        ("2048", "-sha1", "the server's certificate is signed in a way that is not accepted, as SHA-1 is not"),
        ("1024", "-sha256", "the server's certificate has a wrong signature, or one with an RSA key under 2048 bits"),
    ] {
        let (identity, ca) = openssl_identity(bits, hash);
        for version in ["-tls1_2", "-tls1_3"] {
            let mut server = OpenSsl::start(&identity, version);
            calls(&server.url, &ca, "", TLS, cause);
            server.received_nothing();
        }
    }
}
