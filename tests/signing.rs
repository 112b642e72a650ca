//! Prepared requests, and what the signing functions promise: the same signatures, no nonce twice, no allocation, and
//! threads that don't disturb each other.

mod support;

use std::collections::HashSet;
use std::process::Command;

use support::{BOTH, Linkage, artefacts, compile, run, valgrind};

/// Runs tests/c/<name>.c.
fn check(name: &str, linkage: Linkage, arguments: &[&str], expected: &str) {
    assert_eq!(run(Command::new(compile(name, linkage)).args(arguments)), format!("{expected}\n"));
}

/// What is not optimized takes twenty times as long.
fn optimized() -> bool {
    artefacts().ends_with("release")
}

#[test]
fn prepared() {
    for linkage in BOTH {
        check("prepared", linkage, &[], "no time or argument was mistaken");
    }
}

#[test]
fn signed_before() {
    for linkage in BOTH {
        check("signed_before", linkage, &[], "no signature was signed");
    }
}

#[test]
fn generated() {
    let count = if optimized() { "40000" } else { "4000" };
    check("generated", Linkage::Shared, &[count], "no signature differed");
}

#[test]
fn nonces() {
    let count = if optimized() { "2000000" } else { "200000" };
    check("nonces", Linkage::Shared, &[count], &format!("{count} nonces, none twice"));
}

/// Processes that have no common parent share no nonce either.
#[test]
fn nonces_of_two_runs() {
    let program = compile("nonces", Linkage::Shared);
    let runs: Vec<String> = (0..8).map(|_| run(Command::new(&program).arg("some"))).collect();
    let nonces: Vec<&str> = runs.iter().flat_map(|text| text.lines()).collect();
    assert_eq!(nonces.len(), 8 * 60);
    assert_eq!(nonces.iter().collect::<HashSet<_>>().len(), nonces.len());
}

/// Takes minutes and four gigabytes: cargo test --release --workspace --test signing -- --ignored
#[test]
#[ignore = "takes minutes and four gigabytes"]
fn a_hundred_million_nonces() {
    check("nonces", Linkage::Shared, &["100000000"], "100000000 nonces, none twice");
}

#[test]
fn no_alloc() {
    for linkage in BOTH {
        let rounds = if optimized() { "2000" } else { "200" };
        check("no_alloc", linkage, &[rounds], "nothing was allocated");
    }
}

#[test]
fn free_beside() {
    for linkage in BOTH {
        check("free_beside", linkage, &[], "no signature waited for a free");
    }
}

#[test]
fn no_random() {
    for linkage in BOTH {
        check("no_random", linkage, &[], "no nonce came from nowhere");
    }
}

#[test]
fn races() {
    for linkage in BOTH {
        let rounds = if optimized() { "1000" } else { "60" };
        check("races", linkage, &[rounds], "no race was lost");
    }
}

#[test]
fn under_valgrind() {
    // The generated requests are too many, and an allocator of the program's own stands in valgrind's way.
    let programs: [(&str, &[&str]); 3] = [("prepared", &[]), ("races", &["3"]), ("nonces", &["2000"])];
    for (name, arguments) in programs {
        if let Some(mut command) = valgrind(&Command::new(compile(name, Linkage::Shared))) {
            run(command.args(arguments));
        }
    }
}
