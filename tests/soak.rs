//! The program behind `make soak`, in short, and that it fails for each mistake that is planted.

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use support::{Linkage, Sandbox, compile, output_of};

/// An empty directory, which ends with this value.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Directory {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("etoauth-soak-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Directory(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn run(program: &PathBuf, settings: impl FnOnce(&mut Command)) -> Output {
    let (sandbox, directory) = (Sandbox::start(&[]), Directory::new());
    let mut command = sandbox.command(program);
    command.arg(&directory.0).env_remove("PLANT");
    settings(&mut command);
    output_of(&mut command, "")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_short_soak() {
    let program = compile("soak", Linkage::Static);
    let days =
        |clients: &'static str| move |command: &mut Command| drop(command.envs([("DAYS", "2"), ("CLIENTS", clients)]));
    let output = run(&program, days("10"));
    assert!(output.status.success() && told(&output).ends_with(", nothing left behind\n"), "{}", told(&output));
    let fails = &|plant: &str, refused: &str| {
        let planted = run(&program, |command| {
            days("5")(command);
            // The seed's faults must leave an order uncertain.
            command.env("PLANT", plant).env("SEED", "3");
        });
        assert!(!planted.status.success() && told(&planted).contains(refused), "{plant}: {}", told(&planted));
    };
    std::thread::scope(|scope| {
        for (plant, refused) in [
            ("login", "logins_today == 1"),
            ("order", "orders_repeated"),
            ("handle", "etoauth_live_objects() == 0"),
            ("memory", "heap_kib() < heap"),
            ("descriptor", "\"/proc/self/fd\""),
            ("thread", "a thread was left"),
        ] {
            scope.spawn(move || fails(plant, refused));
        }
    });
}
