//! Logging in through a proxy: by setting, by the environment as curl reads it, and proxies that refuse.

mod support;

#[path = "support/ears.rs"]
mod ears;

use std::io::{BufRead, BufReader, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ears::{Came, Ears};
use support::{BOTH, Linkage, Sandbox, compile, has, run};

/// A CONNECT proxy on loopback. It ends with the test's process.
struct Proxy {
    url: String,
    tunnels: Arc<AtomicUsize>,
}

impl Proxy {
    fn start(answer: &'static str) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://user:word@{}", listener.local_addr().unwrap());
        let tunnels = Arc::new(AtomicUsize::new(0));
        let count = tunnels.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let count = count.clone();
                thread::spawn(move || tunnel(client, answer, &count));
            }
        });
        Proxy { url, tunnels }
    }
}

fn tunnel(mut client: TcpStream, answer: &str, count: &AtomicUsize) -> Option<()> {
    let mut lines = BufReader::new(client.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    let target = first.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    let head: Vec<String> = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    // Base64 of user:word; and the token's header is not for the proxy.
    assert!(head.iter().any(|line| line == "Proxy-Authorization: Basic dXNlcjp3b3Jk"), "{head:?}");
    assert!(!head.iter().any(|line| line.starts_with("Authorization")), "{head:?}");
    write!(client, "HTTP/1.1 {answer}\r\n\r\n").ok()?;
    if !answer.starts_with("200") {
        return None;
    }
    count.fetch_add(1, Ordering::SeqCst);
    let mut server = TcpStream::connect(target.replace("localhost", "127.0.0.1")).ok()?;
    let (mut from_client, mut to_server) = (client.try_clone().ok()?, server.try_clone().ok()?);
    thread::spawn(move || {
        let _ = copy(&mut from_client, &mut to_server);
        to_server.shutdown(Shutdown::Write)
    });
    let _ = copy(&mut server, &mut client);
    client.shutdown(Shutdown::Write).ok()
}

#[test]
fn a_login_goes_through_one_tunnel() {
    let sandbox = Sandbox::start(&[]);
    for linkage in BOTH {
        let proxy = Proxy::start("200 Fine");
        run(sandbox.command(&compile("proxied", linkage)).args([&proxy.url, "0"]));
        assert_eq!(proxy.tunnels.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn d6_a_proxy_that_refuses() {
    let sandbox = Sandbox::start(&[]);
    for linkage in BOTH {
        let program = compile("proxied", linkage);
        for (answer, sentence) in [
            ("403 No", "the proxy refused the connection (HTTP 403)"),
            ("407 Who", "the proxy asks for a user name and password (HTTP 407)"),
            ("502 Bad Gateway", "(HTTP 502)"),
        ] {
            let proxy = Proxy::start(answer);
            run(sandbox.command(&program).args([&proxy.url, "-40", sentence]));
        }
    }
}

/// Who must have come: the server itself, the proxy, or nobody.
const DIRECT: &[Came] = &[Came::Direct];
const PROXY: &[Came] = &[Came::Proxy];
const NOBODY: &[Came] = &[];

/// The host, the environment with PORT for the server's and PROXY for the proxy's host and port, and who must have come.
type Row = (&'static str, &'static [(&'static str, &'static str)], &'static [Came]);

const VIA: (&str, &str) = ("HTTPS_PROXY", "http://PROXY");

/// All versions of curl from 7.88 on agree about these.
const AS_CURL: &[Row] = &[
    // Which proxy.
    ("localhost", &[], DIRECT),
    ("localhost", &[VIA], PROXY),
    ("localhost", &[("https_proxy", "http://PROXY")], PROXY),
    ("localhost", &[("ALL_PROXY", "http://PROXY")], PROXY),
    ("localhost", &[("all_proxy", "http://PROXY")], PROXY),
    ("localhost", &[("HTTP_PROXY", "http://PROXY")], DIRECT),
    ("localhost", &[("http_proxy", "http://PROXY")], DIRECT),
    ("localhost", &[VIA, ("ALL_PROXY", "socks5://127.0.0.1:1")], PROXY),
    ("localhost", &[("https_proxy", "http://PROXY"), ("HTTPS_PROXY", "http://127.0.0.1:1")], PROXY),
    ("localhost", &[("https_proxy", "http://127.0.0.1:1"), ("all_proxy", "http://PROXY")], NOBODY),
    ("localhost", &[VIA, ("all_proxy", "http://127.0.0.1:1")], PROXY),
    ("localhost", &[("https_proxy", ""), VIA], PROXY),
    ("localhost", &[("HTTPS_PROXY", ""), ("all_proxy", ""), ("ALL_PROXY", "http://PROXY")], PROXY),
    ("localhost", &[("HTTPS_PROXY", "")], DIRECT),
    // How it is written.
    ("localhost", &[("HTTPS_PROXY", "PROXY")], PROXY),
    ("localhost", &[("HTTPS_PROXY", "user:word@PROXY")], PROXY),
    ("localhost", &[("HTTPS_PROXY", "http://user@PROXY/")], PROXY),
    ("localhost", &[("HTTPS_PROXY", "HTTP://PROXY/path?query")], PROXY),
    ("localhost", &[("HTTPS_PROXY", "ftp://PROXY")], NOBODY),
    ("localhost", &[("HTTPS_PROXY", "http://127.0.0.1:99999")], NOBODY),
    ("localhost", &[("HTTPS_PROXY", "http://")], NOBODY),
    ("localhost", &[("HTTPS_PROXY", "://PROXY")], NOBODY),
    ("localhost", &[("HTTPS_PROXY", " ")], NOBODY),
    // What is excepted from it.
    ("localhost", &[VIA, ("NO_PROXY", "localhost")], DIRECT),
    ("localhost", &[VIA, ("no_proxy", "localhost")], DIRECT),
    ("localhost", &[VIA, ("no_proxy", "other"), ("NO_PROXY", "localhost")], PROXY),
    ("localhost", &[VIA, ("no_proxy", ""), ("NO_PROXY", "localhost")], DIRECT),
    ("localhost", &[("ALL_PROXY", "http://PROXY"), ("NO_PROXY", "localhost")], DIRECT),
    ("localhost", &[("HTTPS_PROXY", "socks5://127.0.0.1:1"), ("NO_PROXY", "localhost")], DIRECT),
    ("localhost", &[("HTTPS_PROXY", "ftp://127.0.0.1:1"), ("NO_PROXY", "localhost")], DIRECT),
    ("localhost", &[VIA, ("NO_PROXY", "localhost, .corp.test")], DIRECT),
    ("localhost", &[VIA, ("NO_PROXY", "a.test,localhost")], DIRECT),
    ("localhost", &[VIA, ("NO_PROXY", "a.test , localhost")], DIRECT),
    ("localhost", &[VIA, ("NO_PROXY", "  localhost  ")], DIRECT),
    ("localhost", &[VIA, ("NO_PROXY", "a.test,,localhost")], DIRECT),
    ("localhost", &[VIA, ("NO_PROXY", "LOCALHOST")], DIRECT),
    ("localhost", &[VIA, ("NO_PROXY", "localhost.")], DIRECT),
    ("localhost", &[VIA, ("NO_PROXY", "localhost:PORT")], PROXY),
    ("localhost", &[VIA, ("NO_PROXY", "127.0.0.1")], PROXY),
    ("localhost", &[VIA, ("NO_PROXY", "host")], PROXY),
    ("localhost", &[VIA, ("NO_PROXY", "*")], DIRECT),
    ("localhost", &[VIA, ("NO_PROXY", "*,other")], PROXY),
    ("localhost", &[VIA, ("NO_PROXY", ",")], PROXY),
    ("LOCALHOST", &[VIA, ("NO_PROXY", "localhost")], DIRECT),
    ("api.corp.test", &[VIA, ("NO_PROXY", "localhost, .corp.test")], DIRECT),
    ("api.corp.test", &[VIA, ("NO_PROXY", "localhost,.corp.test")], DIRECT),
    ("api.corp.test", &[VIA, ("NO_PROXY", "corp.test")], DIRECT),
    ("api.corp.test", &[VIA, ("NO_PROXY", "Corp.Test.")], DIRECT),
    ("api.corp.test", &[VIA, ("NO_PROXY", "test")], DIRECT),
    ("api.corp.test", &[VIA, ("NO_PROXY", "api.corp.test")], DIRECT),
    ("api.corp.test", &[VIA, ("NO_PROXY", "orp.test")], PROXY),
    ("api.corp.test", &[VIA, ("NO_PROXY", "*.corp.test")], PROXY),
    ("api.corp.test", &[VIA, ("NO_PROXY", "..corp.test")], PROXY),
    ("api.corp.test", &[VIA, ("NO_PROXY", "x.api.corp.test")], PROXY),
    ("api.corp.test", &[VIA, ("NO_PROXY", "corp.test:PORT")], PROXY),
    ("api.corp.test", &[VIA, ("NO_PROXY", "localhost;corp.test")], PROXY),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "127.0.0.1")], DIRECT),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "localhost,127.0.0.1,other")], DIRECT),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "127.0.0.0/8")], DIRECT),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "10.0.0.0/8, 127.0.0.0/8")], DIRECT),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "126.0.0.0/7")], DIRECT),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "128.0.0.0/7")], PROXY),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "127.0.0.1/32")], DIRECT),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "127.0.0.0/33")], PROXY),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "127.0.0.1:PORT")], PROXY),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "0.0.1")], PROXY),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "localhost")], PROXY),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "127.1")], PROXY),
    ("[::1]", &[VIA], PROXY),
    ("[::1]", &[VIA, ("NO_PROXY", "::1")], DIRECT),
    ("[::1]", &[VIA, ("NO_PROXY", "localhost,::1")], DIRECT),
    ("[::1]", &[VIA, ("NO_PROXY", "::2")], PROXY),
    ("[0:0::1]", &[VIA, ("NO_PROXY", "::1")], DIRECT),
];

/// Of these, some later versions of curl think differently: spaces alone between names, network lengths that are no
/// numbers, and IPv6 in brackets or by network.
const AS_CURL_7_88: &[Row] = &[
    ("localhost", &[VIA, ("NO_PROXY", "a.test localhost")], DIRECT),
    ("localhost", &[VIA, ("NO_PROXY", "a.test\tlocalhost")], DIRECT),
    ("localhost", &[VIA, ("NO_PROXY", "a.test *")], PROXY),
    ("localhost", &[VIA, ("NO_PROXY", " *")], PROXY),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "0.0.0.0/0")], PROXY),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "127.0.0.1/0")], DIRECT),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "127.0.0.1/x")], DIRECT),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "126.0.0.0/7x")], DIRECT),
    ("127.0.0.1", &[VIA, ("NO_PROXY", "127.0.0.0/-8")], PROXY),
    ("[::1]", &[VIA, ("NO_PROXY", "[::1]")], PROXY),
    ("[::1]", &[VIA, ("NO_PROXY", "::/64")], PROXY),
];

/// The library and curl, each asked in the same environment.
#[test]
fn d1_d2_proxies_as_curl() {
    let ears = Ears::open();
    let program = compile("process_environment", Linkage::Static);
    let curl = has("curl");
    let old = curl && {
        let version = Command::new("curl").arg("--version").output().unwrap().stdout;
        version.starts_with(b"curl 7.88.")
    };
    let rows = AS_CURL.iter().map(|row| (row, curl)).chain(AS_CURL_7_88.iter().map(|row| (row, old)));
    for (&(host, environment, expected), compare) in rows {
        if host.starts_with('[') && !ears.ipv6 {
            println!("SKIPPED {host}: this machine has no IPv6");
            continue;
        }
        let url = format!("https://{host}:{}/", ears.port);
        let set = |command: &mut Command| {
            command.env_clear();
            for (name, value) in environment {
                let value = value.replace("PROXY", &format!("127.0.0.1:{}", ears.proxy_port));
                command.env(name, value.replace("PORT", &ears.port.to_string()));
            }
        };
        if compare {
            let mut curl = Command::new("curl");
            curl.args(["-q", "-s", "-k", "-m", "60", "-o", "/dev/null"]);
            if host.ends_with(".test") {
                curl.args(["--resolve", &format!("{host}:{}:127.0.0.1", ears.port)]);
            }
            set(curl.arg(&url));
            curl.status().unwrap();
            assert_eq!(ears.heard(), expected, "curl thinks so of {host} with {environment:?}");
        }
        let mut command = Command::new(&program);
        set(command.arg(&url));
        let said = run(&mut command);
        assert_eq!(ears.heard(), expected, "{host} with {environment:?}: {said}");
    }
}

/// What can't be used is refused, by the variable's name, instead of being ignored; and no password is repeated.
#[test]
fn d6_a_variable_that_cannot_be_used() {
    let ears = Ears::open();
    for linkage in BOTH {
        let program = compile("process_environment", linkage);
        for (name, value, sentence) in [
            ("HTTPS_PROXY", "ftp://user:secret@PROXY", "kind of proxy that is not supported"),
            ("https_proxy", "http://user:secret@127.0.0.1:80800", "bad port"),
            ("HTTPS_PROXY", "http://127.0.0.1:", "bad port"),
            ("HTTPS_PROXY", "127.0.0.1:0", "bad port"),
            ("ALL_PROXY", "socks5://user:secret@PROXY", "SOCKS"),
            ("all_proxy", "socks5h://PROXY", "SOCKS"),
            ("ALL_PROXY", "SOCKS4://PROXY", "SOCKS"),
            ("HTTPS_PROXY", "http://", "is not the URL of a proxy"),
            ("HTTPS_PROXY", "http://us er:secret@PROXY", "is not the URL of a proxy"),
        ] {
            let mut command = Command::new(&program);
            command.env_clear().arg(format!("https://localhost:{}/", ears.port));
            command.env(name, value.replace("PROXY", &format!("127.0.0.1:{}", ears.proxy_port)));
            let said = run(&mut command);
            assert!(said.starts_with("-40 ") && said.contains(name) && said.contains(sentence), "{value}: {said}");
            assert!(!said.contains("secret"), "{said}");
            assert_eq!(ears.heard(), NOBODY);
        }
    }
}
