//! Connections: which address they go to, how long they are kept, and what is said when there can be none.

mod support;

use std::io::{BufReader, Read, Write};
use std::process::Command;

use support::peer::{Peer, answer, read_request};
use support::{BOTH, Linkage, Sandbox, compile, run};

const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const LAST: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

const OK: &str = "0";
const UNCERTAIN: &str = "-44";

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

/// One request, and all that comes back to it.
fn one_call(peer: &Peer, method: &str, status: &str, sentence: &str) {
    let url = format!("http://{}", peer.address);
    let mut command = Command::new(compile("one_call", Linkage::Shared));
    assert_eq!(run(command.args([&url, method, status, sentence])), "as expected\n");
}

#[test]
fn an_order_needs_a_response_with_a_length() {
    let no_length = "no length, so it cannot be known to be complete";
    for (head, post, sentence) in [
        ("HTTP/1.0 200 OK\r\n\r\n", UNCERTAIN, no_length),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", UNCERTAIN, no_length),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", UNCERTAIN, no_length),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", OK, ""),
        ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", OK, ""),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", OK, ""),
        ("HTTP/1.1 204 No Content\r\n\r\n", OK, ""),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", UNCERTAIN, "ended before the complete response came"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", UNCERTAIN, "ended before the complete"),
    ] {
        let peer = Peer::start(|stream| answer(stream, head, 1));
        one_call(&peer, "POST", post, sentence);
        assert_eq!(peer.connections(), 1, "{head}");
        // The end of the connection is as good for a question, unless the head promised more.
        let cut = sentence.starts_with("ended");
        one_call(&peer, "GET", if cut { UNCERTAIN } else { OK }, if cut { sentence } else { "" });
    }
}

#[test]
fn a_reset_is_no_end_of_a_body() {
    // A connection that is closed with something unread is reset.
    let peer = Peer::start(|mut stream| {
        let _ = stream.read(&mut [0; 1]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf of");
    });
    one_call(&peer, "GET", UNCERTAIN, "ended before the complete response came (connection reset)");
}

#[test]
fn compressed_responses_are_asked_for() {
    let peer = Peer::start(|stream| {
        let head = read_request(&mut BufReader::new(&stream)).unwrap().head;
        let asks = |line: &&String| line.eq_ignore_ascii_case("accept-encoding: gzip");
        if head.iter().filter(asks).count() == 1 {
            let _ = (&stream).write_all(LAST.as_bytes());
        }
    });
    one_call(&peer, "GET", OK, "");
    one_call(&peer, "POST", OK, "");
}

#[test]
fn threads_in_step_keep_a_connection_each() {
    for linkage in BOTH {
        let peer = Peer::answering(EMPTY);
        let url = format!("http://{}", peer.address);
        assert_eq!(run(Command::new(compile("kept", linkage)).arg(url)), "all rounds\n");
        // Of forty rounds of sixteen.
        assert!(peer.connections() <= 20, "{}", peer.connections());
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
