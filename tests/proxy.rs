//! Logging in through a proxy: by setting, by environment, and one that refuses.

mod support;

use std::io::{BufRead, BufReader, Write, copy};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use support::{BOTH, Sandbox, compile, run};

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
fn a_proxy_that_refuses() {
    let sandbox = Sandbox::start(&[]);
    for linkage in BOTH {
        let proxy = Proxy::start("403 No");
        run(sandbox.command(&compile("proxied", linkage)).args([&proxy.url, "-40"]));
    }
}
