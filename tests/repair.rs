//! Auth that repairs itself, counted at the sandbox.

mod support;

use std::process::Command;

use support::{BOTH, Sandbox, compile, run};

fn against_the_sandbox(program: &str, says: &str) {
    for linkage in BOTH {
        let sandbox = Sandbox::start(&[]);
        assert_eq!(run(&mut sandbox.command(&compile(program, linkage))), format!("{says}\n"));
    }
}

#[test]
fn every_problem() {
    against_the_sandbox("repair", "every fault was repaired or told");
}

#[test]
fn orders() {
    against_the_sandbox("orders", "no order was sent twice");
}

#[test]
fn a_day() {
    against_the_sandbox("day", "a whole day");
}

#[test]
fn cancel_and_time_out() {
    for linkage in BOTH {
        assert_eq!(run(&mut Command::new(compile("cancel", linkage))), "every wait was cut short\n");
    }
}
