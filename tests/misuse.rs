//! What callers do wrong, or at a bad moment: wrong arguments, handles, buffers and texts, threads, forks; and where
//! secrets go meanwhile.

mod support;

use std::fs::read_to_string;

use support::{BOTH, Linkage, Sandbox, compile, root, run, valgrind};

/// Runs tests/c/<name>.c both ways.
fn check(name: &str, arguments: &[&str], expected: &str) {
    for linkage in BOTH {
        let sandbox = Sandbox::start(&[]);
        assert_eq!(run(sandbox.command(&compile(name, linkage)).args(arguments)), format!("{expected}\n"));
    }
}

const MEGABYTE: &str = "1048576";

#[test]
fn nulls() {
    check("nulls", &[], "NULL is refused everywhere");
}

#[test]
fn precedence() {
    check("precedence", &[], "the first mistake was told");
}

#[test]
fn case_d18_handles() {
    check("handles", &["100000"], "no handle was mistaken");
}

#[test]
fn case_d16_buffers() {
    check("buffers", &[], "no buffer was overrun");
}

#[test]
fn texts() {
    check("texts", &[MEGABYTE], "no text was misread");
}

#[test]
fn calls() {
    check("calls", &[], "no wrong call was carried out");
}

#[test]
fn pasted() {
    check("pasted", &[], "nothing was pasted along");
}

#[test]
fn signers() {
    check("signers", &[], "no signer outlived its token");
}

#[test]
fn case_d17_settings() {
    check("settings", &[], "no setting was half made");
}

#[test]
fn threads() {
    check("threads", &[], "no thread was let down");
}

#[test]
fn forks() {
    check("forks", &[], "no child was led astray");
}

#[test]
fn forked_without_memory() {
    check("forked_reserve", &[], "no child waited");
}

#[test]
fn full_reserve() {
    check("full_reserve", &[], "no call was begun that could not end");
}

#[test]
fn secrets() {
    check("secrets", &[], "no secret was told or left behind");
}

/// A function that the header gains must be misused, too.
#[test]
fn every_function() {
    let read = |path: &str| read_to_string(root().join(path)).unwrap();
    let header = read("include/etoauth.h");
    let functions: Vec<&str> = header
        .lines()
        .filter_map(|line| line.strip_prefix("ETOAUTH_API ")?.split_once("ETOAUTH_CALL "))
        .filter_map(|(_, rest)| rest.split_once('('))
        .map(|(name, _)| name)
        .collect();
    assert!(functions.len() > 30, "{functions:?}");
    let (nulls, handles) = (read("tests/c/nulls.c"), read("tests/c/misuse.h") + &read("tests/c/handles.c"));
    for function in functions {
        let call = format!("{function}(");
        let takes_handle = !function.ends_with("_new")
            && ["client", "signer", "prepared", "response", "exchange", "listener"]
                .iter()
                .any(|kind| function.contains(&format!("_{kind}_")));
        assert!(handles.contains(&call) || !takes_handle, "no wrong handle in {function}");
        let takes_pointer =
            header.split(&call).nth(1).is_some_and(|rest| rest.split(';').next().unwrap().contains('*'));
        assert!(nulls.contains(&call) || !takes_pointer, "no NULL in {function}");
    }
}

#[test]
fn under_valgrind() {
    // None of these speaks TLS: valgrind can't follow ring's assembly there, and takes what it writes for uninitialised.
    let programs: [(&str, &[&str]); 5] =
        [("nulls", &[]), ("precedence", &[]), ("handles", &["1000"]), ("buffers", &[]), ("texts", &["65536"])];
    for (name, arguments) in programs {
        let sandbox = Sandbox::start(&[]);
        if let Some(mut command) = valgrind(&sandbox.command(&compile(name, Linkage::Shared))) {
            run(command.args(arguments));
        }
    }
}
