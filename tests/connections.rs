//! Connections: which address they go to, how long they are kept, and what is said when there can be none.

mod support;

use std::io::Read;
use std::process::Command;

use support::peer::{Peer, answer};
use support::{BOTH, Sandbox, compile, run};

const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const LAST: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

fn port(peer: &Peer) -> String {
    peer.address.port().to_string()
}

/// Runs tests/c/<name>.c both ways, with the port of a peer that answers everything.
fn check(name: &str, expected: &str) {
    let peer = Peer::answering(EMPTY);
    for linkage in BOTH {
        assert_eq!(run(Command::new(compile(name, linkage)).arg(port(&peer))), format!("{expected}\n"));
    }
}

#[test]
fn threads_in_step_keep_a_connection_each() {
    for linkage in BOTH {
        let peer = Peer::answering(EMPTY);
        let url = format!("http://{}", peer.address);
        assert_eq!(run(Command::new(compile("kept", linkage)).arg(url)), "all rounds\n");
        assert!((16..=20).contains(&peer.connections()), "{}", peer.connections());
    }
}

#[test]
fn the_age_of_a_connection_counts_sleep() {
    for linkage in BOTH {
        let program = compile("asleep", linkage);
        for (slept, method, connections) in
            [("0", "GET", 1), ("7200", "GET", 2), ("10", "GET", 1), ("10", "POST", 2), ("2", "POST", 1)]
        {
            let peer = Peer::answering(EMPTY);
            let url = format!("http://{}", peer.address);
            assert_eq!(run(Command::new(&program).args([&url, slept, method])), "two calls\n");
            assert_eq!(peer.connections(), connections, "{slept} {method}");
        }
    }
}

#[test]
fn happy_eyeballs() {
    for linkage in BOTH {
        let peer = Peer::start_at("127.0.0.2:0", |stream| answer(stream, LAST, 1));
        assert_eq!(run(Command::new(compile("eyeballs", linkage)).arg(port(&peer))), "the one that answers\n");
    }
}

#[test]
fn no_descriptors() {
    check("no_descriptors", "said so");
}

#[test]
fn no_thread() {
    check("no_thread", "said so");
}

#[test]
fn signals_are_the_hosts_business() {
    check("signal_masks", "undisturbed");
}

#[test]
fn the_clock_is_named() {
    let sandbox = Sandbox::start(&[]);
    // It has read the beginning of the handshake, so that the end comes as an end.
    let peer = Peer::start(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
    });
    for linkage in BOTH {
        let mut command = sandbox.command(&compile("wrong_clock", linkage));
        assert_eq!(run(command.arg(port(&peer))), "the clock was named\n");
    }
}
