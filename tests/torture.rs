//! The programs behind `make torture`, in short, and that each fails for a mistake that is planted.

mod support;

use std::path::PathBuf;
use std::process::Output;

use support::{Directory, Linkage, Sandbox, compile, output_of, told};

/// One of the programs, with the library inside, where its faults can be put before the C library's functions.
struct Torture {
    program: PathBuf,
    arguments: &'static [&'static str],
    settings: &'static [(&'static str, &'static str)],
}

impl Torture {
    fn run(&self, plant: Option<&str>) -> Output {
        let (sandbox, directory) = (Sandbox::start(&[]), Directory::new());
        let mut command = sandbox.command(&self.program);
        command.arg(&directory.0).args(self.arguments);
        command.env_remove("PLANT").envs(self.settings.iter().copied());
        command.envs(plant.map(|plant| ("PLANT", plant)));
        output_of(&mut command, "")
    }

    /// It ends well, with this last line, and fails for each of the mistakes.
    fn check(&self, last: &str, plants: &[(&str, &str)]) {
        let output = self.run(None);
        let said = told(&output);
        if said.contains("SKIPPED") {
            return support::left_out("a tracer");
        }
        assert!(output.status.success() && said.contains(last), "{said}");
        for (plant, refused) in plants {
            let planted = self.run(Some(plant));
            assert!(!planted.status.success() && told(&planted).contains(refused), "{plant}: {}", told(&planted));
        }
    }
}

#[test]
fn case_c9_e1_files() {
    let program = compile("session_torture", Linkage::Static);
    Torture { program, arguments: &[], settings: &[] }
        .check(" faults, no session torn or lost\n", &[("torn", "session_torture.c")]);
}

#[test]
fn case_e6_memory() {
    let program = compile("memory_torture", Linkage::Static);
    // Of the places where the process may be aborted, these meet a few.
    let arguments = &["1", "61", "5"];
    Torture { program, arguments, settings: &[] }
        .check(" allocations failed, ", &[("order", "times_placed(c, account) == 1"), ("abort", "aborted <= most")]);
}

#[test]
fn case_e6_long_texts() {
    let program = compile("long_texts", Linkage::Static);
    Torture { program, arguments: &[], settings: &[] }
        .check(" failed, and none of them the process\n", &[("abort", "faults > 0")]);
}

#[test]
fn signals() {
    let program = compile("signal_torture", Linkage::Static);
    Torture { program, arguments: &["1", "7"], settings: &[] }
        .check(" all together, no call failed\n", &[("interrupt", "poll(")]);
}

#[test]
fn network() {
    let program = compile("network_torture", Linkage::Static);
    let settings = &[("STEP", "149"), ("THREADS", "12")];
    Torture { program, arguments: &[], settings }.check(
        " network faults, no order repeated, no call late\n",
        &[("order", "times <= 1"), ("late", "took <= LATE_S")],
    );
}
