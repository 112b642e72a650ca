//! More handles on one login: a timeout, a cancellation and a last failure for each call.

mod support;

use support::{BOTH, Linkage, Sandbox, compile, run};

fn check(name: &str, arguments: &[&str], linkages: &[Linkage], expected: &str) {
    for &linkage in linkages {
        let sandbox = Sandbox::start(&[]);
        let mut command = sandbox.command(&compile(name, linkage));
        assert_eq!(run(command.args(arguments)), format!("{expected}\n"));
    }
}

#[test]
fn handles_have_the_login_in_common() {
    check("share", &[], &BOTH, "one login, many handles");
}

#[test]
fn a_cancellation_is_one_handles_own() {
    check("share_cancel", &[], &BOTH, "each cancellation met its own calls");
}

#[test]
fn a_failure_is_told_by_its_handle() {
    check("share_errors", &[], &BOTH, "every failure was told by its handle");
}

#[test]
fn handles_come_and_go_in_many_threads() {
    check("share_races", &["100000", "2000"], &[Linkage::Shared], "every handle came and went");
}
