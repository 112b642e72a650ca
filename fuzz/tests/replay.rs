//! Replays every committed input on any toolchain: corpora, and what campaigns have found.

use std::fs;
use std::path::{Path, PathBuf};

use etoauth_fuzz::TARGETS;

/// The inputs of a target under a folder, in the order of their names.
fn inputs(folder: &str, target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(target);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// One after another, since some count the live objects of the process.
#[test]
fn all_inputs() {
    let mut replayed = 0;
    for (name, target) in TARGETS {
        let corpus = inputs("corpus", name);
        assert!(corpus.len() >= 3, "{name} has a corpus");
        for path in corpus.into_iter().chain(inputs("found", name)) {
            println!("{}", path.display());
            target(&fs::read(path).unwrap());
            replayed += 1;
        }
        target(b"");
    }
    println!("{replayed} inputs of {} targets", TARGETS.len());
}

/// A folder of no target would never be replayed.
#[test]
fn every_folder_is_a_targets() {
    for folder in ["corpus", "found"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(etoauth_fuzz::target(&name).is_some(), "{name} is no target");
        }
    }
}

/// The crate around the library's files depends on what the library does.
#[test]
fn dependencies_are_the_librarys() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let library = dependencies(&root.join("../Cargo.toml"));
    assert!(library.contains("[dependencies]") && library.contains("\"Win32_Foundation\""));
    // Beside them, what stands for Windows.
    let copied =
        dependencies(&root.join("library/Cargo.toml")).replace("etoauth-windows = { path = \"../windows\" }\n", "");
    assert_eq!(copied, library, "fuzz/library/Cargo.toml is stale");
}

/// The tables of dependencies, without comments.
fn dependencies(manifest: &Path) -> String {
    let mut inside = false;
    let mut text = String::new();
    for line in fs::read_to_string(manifest).unwrap().lines() {
        if line.starts_with('[') {
            inside = line == "[dependencies]" || (line.starts_with("[target.") && line.ends_with("dependencies]"));
        }
        if inside && !line.is_empty() && !line.starts_with('#') {
            text += line;
            text += "\n";
        }
    }
    text
}
