//! What a newcomer copies: the README's program and the examples.

mod support;

use std::path::PathBuf;
use std::process::Command;

use support::{BOTH, Sandbox, artefacts, compile_source, root, run};

fn example(name: &str) -> PathBuf {
    root().join("examples-c").join(name)
}

#[test]
fn the_readmes_program_compiles_and_links() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let program = readme.split("```c\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!((30..=50).contains(&program.lines().count()), "a program of about forty lines");
    let source = artefacts().join(format!("readme-{}.c", std::process::id()));
    std::fs::write(&source, program).unwrap();
    for linkage in BOTH {
        // It is not run: it would talk to E*TRADE.
        compile_source(&source, linkage);
    }
}

#[test]
fn examples_are_short() {
    for entry in std::fs::read_dir(example("")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "c") {
            assert!(std::fs::read_to_string(&path).unwrap().lines().count() < 100, "{}", path.display());
        }
    }
}

#[test]
fn sign() {
    for linkage in BOTH {
        let said = run(&mut Command::new(compile_source(&example("01_sign.c"), linkage)));
        assert!(said.starts_with("Authorization: OAuth ") && said.ends_with("\"\n"), "{said}");
        assert!(said.contains("oauth_signature=\"UOnPVdzExTAgHkcGWLLfeTaaMSM%3D\""), "{said}");
    }
}

#[test]
fn lifecycle() {
    for linkage in BOTH {
        let said = run(&mut Sandbox::around(&compile_source(&example("02_lifecycle.c"), linkage)));
        for step in ["access token fetched", "GET /v1/accounts/list", "access token renewed", "access token revoked"] {
            assert!(said.contains(step), "{step} is missing in\n{said}");
        }
    }
}
