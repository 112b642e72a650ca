//! Hosts that keep the network, or the browser, in their own hands: exchanges, judgements, and the callback listener.

mod support;

use support::{BOTH, Sandbox, compile, run};

/// Runs tests/c/<name>.c both ways.
fn check(name: &str, expected: &str) {
    for linkage in BOTH {
        let sandbox = Sandbox::start(&[]);
        assert_eq!(run(&mut sandbox.command(&compile(name, linkage))), format!("{expected}\n"));
    }
}

#[test]
fn exchange() {
    check("exchange", "four calls by hand");
}

#[test]
fn exchange_end() {
    check("exchange_end", "every exchange came to its end");
}

#[test]
fn exchange_request() {
    check("exchange_request", "every call came to its end");
}

#[test]
fn diagnose() {
    check("diagnose", "every answer was judged");
}

#[test]
fn advice() {
    check("advice", "every question was answered");
}

#[test]
fn case_e4_listener() {
    check("listener", "only the redirect was heard");
}

#[test]
fn case_d9_listener_process() {
    check("listener_process", "each port was free when it had to be");
}
