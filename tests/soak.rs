//! The program behind `make soak`, in short, and that it fails for each mistake that is planted.

mod support;

use std::path::Path;
use std::process::Output;

use support::{Directory, Linkage, Sandbox, compile, output_of, told};

fn run(program: &Path, settings: &[(&str, &str)]) -> Output {
    let (sandbox, directory) = (Sandbox::start(&[]), Directory::new());
    let mut command = sandbox.command(program);
    command.arg(&directory.0).env_remove("PLANT").env("DAYS", "2").envs(settings.iter().copied());
    output_of(&mut command, "")
}

#[test]
fn a_short_soak() {
    let program = compile("soak", Linkage::Static);
    let output = run(&program, &[("CLIENTS", "10")]);
    assert!(output.status.success() && told(&output).ends_with(", nothing left behind\n"), "{}", told(&output));
    let fails = &|plant: &str, refused: &str| {
        // The seed's faults must leave an order uncertain.
        let planted = run(&program, &[("CLIENTS", "5"), ("SEED", "3"), ("PLANT", plant)]);
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
