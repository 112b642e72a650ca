//! include/etoauth.hpp: what compilers make of it, whether it leaves out anything of the C header, and its promises.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{
    BOTH, Linkage, STRICT_CPP, Sandbox, artefacts, c_compiler, cpp_compiler, has, link, output_of, root, run, valgrind,
};

const COMPILERS: [&str; 2] = ["g++", "clang++"];
const DIALECTS: [&str; 3] = ["-std=c++17", "-std=c++20", "-std=c++2b"];
const FREEDOMS: [&[&str]; 4] = [&[], &["-fno-exceptions"], &["-fno-rtti"], &["-fno-exceptions", "-fno-rtti"]];

fn source(name: &str) -> PathBuf {
    root().join("tests/cpp").join(name)
}

/// Compiles tests/cpp/<name>.cpp; `None` without a compiler.
fn compile(name: &str, linkage: Linkage, flags: &[&str]) -> Option<PathBuf> {
    let mut compiler = cpp_compiler()?;
    compiler.args(STRICT_CPP).args(flags).arg(source(&format!("{name}.cpp")));
    Some(link(compiler, name, linkage))
}

fn header(name: &str) -> String {
    fs::read_to_string(root().join("include").join(name)).unwrap()
}

/// A header's words, without those of its comments.
fn words(text: &str) -> BTreeSet<String> {
    let code: String = text.split("/*").flat_map(|part| part.rsplit("*/").next()).collect::<Vec<_>>().join(" ");
    let code: String = code.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
    let words = code.split(|c: char| c != '_' && !c.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[test]
fn nothing_of_the_c_header_is_missing() {
    let (c, cpp) = (header("etoauth.h"), words(&header("etoauth.hpp")));
    let code = c.lines().filter(|line| !line.starts_with(" *"));
    let functions = code.clone().filter(|line| line.starts_with("ETOAUTH_API ")).map(|line| {
        let (_, rest) = line.split_once("ETOAUTH_CALL ").expect("a calling convention");
        rest.split('(').next().unwrap().to_owned()
    });
    let functions: BTreeSet<_> = functions.collect();
    assert!(functions.len() > 60, "{functions:?}");
    let constants = code.filter_map(|line| line.strip_prefix("#define ")?.split_once(" (")).map(|(name, _)| name);
    // The version is for the preprocessor. It stays what it is.
    let constants = constants.filter(|name| !name.starts_with("ETOAUTH_VERSION_")).map(str::to_owned);
    let wanted: BTreeSet<_> = functions.into_iter().chain(constants).collect();
    assert!(wanted.contains("ETOAUTH_E_STALE") && wanted.contains("ETOAUTH_TOKEN_EXPIRED"));
    let missing: Vec<_> = wanted.difference(&cpp).collect();
    assert!(missing.is_empty(), "etoauth.hpp does not use {missing:#?}");
}

#[test]
fn its_form_is_plain() {
    for line in header("etoauth.hpp").lines() {
        assert!(line.len() <= 120, "too long: {line}");
        assert!(line.is_ascii() && !line.contains(['\t', '\r']) && line.trim_end() == line, "{line:?}");
    }
}

#[test]
fn every_dialect_takes_it() {
    // The lifecycle calls every function, so that no template is left as it was read.
    for compiler in COMPILERS.into_iter().filter(|compiler| has(compiler)) {
        for dialect in DIALECTS {
            // Each freedom by itself in the oldest dialect; in the later ones none and all.
            let single = |freedom: &&&[&str]| dialect == DIALECTS[0] || freedom.len() != 1;
            for freedom in FREEDOMS.iter().filter(single) {
                let mut command = Command::new(compiler);
                command.args(STRICT_CPP).arg(dialect).args(*freedom).arg("-fsyntax-only");
                run(command.arg("-I").arg(root().join("include")).arg(source("lifecycle.cpp")));
            }
        }
    }
}

/// What must not compile, and a word of the reason that is given.
#[test]
fn mistakes_are_refused() {
    const MISTAKES: [(&str, &str); 6] = [
        ("etoauth::Client b = a;", "delete"),
        ("a.set_proxy(std::string_view(\"x\", 1)).ok();", "delete"),
        ("a.set_proxy(\"\");", "nodiscard"),
        ("a.signer();", "nodiscard"),
        ("if (a.set_proxy(\"\")) return;", "bool"),
        ("etoauth::Client b; b = a.get();", "operator="),
    ];
    let Some(compiler) = cpp_compiler() else { return };
    for (mistake, reason) in MISTAKES {
        let mut command = Command::new(compiler.get_program());
        command.args(["-std=c++17", "-Werror", "-fsyntax-only", "-x", "c++", "-I"]).arg(root().join("include"));
        let text = format!(
            "#include \"etoauth.hpp\"\nvoid f(etoauth::Client &a);\nvoid f(etoauth::Client &a) {{ {mistake} }}"
        );
        let output = output_of(command.arg("-"), &text);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(reason), "{mistake}\n{said}");
    }
}

#[test]
fn an_older_dialect_is_told() {
    let Some(mut command) = cpp_compiler() else { return };
    command.args(["-std=c++14", "-fsyntax-only", "-x", "c++", "-I"]).arg(root().join("include")).arg("-");
    let output = output_of(&mut command, "#include \"etoauth.hpp\"\n");
    assert!(String::from_utf8_lossy(&output.stderr).contains("etoauth.hpp needs C++17"));
}

fn in_every_freedom(name: &str, expected: &str) {
    let shared = FREEDOMS.map(|freedom| (Linkage::Shared, freedom));
    for (linkage, freedom) in shared.into_iter().chain([(Linkage::Static, FREEDOMS[0])]) {
        let Some(program) = compile(name, linkage, freedom) else { return };
        assert_eq!(run(&mut Command::new(program)), expected);
    }
}

#[test]
fn owners() {
    in_every_freedom("owners", "each was freed once\n");
}

#[test]
fn errors() {
    in_every_freedom("errors", "every failure was told\n");
}

/// Runs the program against a sandbox that approves by itself.
fn live(program: &Path) {
    let sandbox = Sandbox::start(&["--code", "SBX42"]);
    let mut command = sandbox.command(program);
    assert_eq!(run(&mut command), "logged in, called, revoked\n");
}

#[test]
fn lifecycle() {
    for linkage in BOTH {
        for freedom in [FREEDOMS[0], FREEDOMS[3]] {
            let Some(program) = compile("lifecycle", linkage, freedom) else { return };
            live(&program);
        }
    }
}

#[test]
fn stop_tokens() {
    for linkage in BOTH {
        let Some(program) = compile("stop", linkage, &["-std=c++20"]) else { return };
        assert_eq!(run(&mut Command::new(program)), "every stop was heard\n");
    }
}

#[test]
fn no_alloc() {
    // The allocator is C's to replace.
    let object = artefacts().join(format!("counted-{}.o", std::process::id()));
    let mut cc = c_compiler();
    run(cc.args(support::STRICT).arg("-c").arg(source("counted.c")).arg("-o").arg(&object));
    for linkage in BOTH {
        for optimized in ["-O0", "-O2"] {
            let Some(program) = compile("no_alloc", linkage, &[optimized, object.to_str().unwrap()]) else { return };
            assert_eq!(run(&mut Command::new(program)), "nothing was allocated\n");
        }
    }
    fs::remove_file(object).unwrap();
}

/// Nothing of the class is left in an optimized program: it calls the C functions and nothing else.
#[test]
fn signing_is_the_c_call() {
    for compiler in COMPILERS.into_iter().filter(|compiler| has(compiler)) {
        let object = artefacts().join(format!("inlined-{compiler}-{}.o", std::process::id()));
        let mut command = Command::new(compiler);
        command.args(STRICT_CPP).args(["-O2", "-fno-exceptions", "-c"]).arg("-I").arg(root().join("include"));
        run(command.arg(source("inlined.cpp")).arg("-o").arg(&object));
        let said = run(Command::new("nm").args(["--undefined-only", "--format=just-symbols"]).arg(&object));
        assert_eq!(said, "etoauth_prepared_sign\netoauth_signer_sign\n", "{compiler}");
        fs::remove_file(object).unwrap();
    }
}

#[test]
fn under_valgrind() {
    for (name, dialect) in [("owners", "-std=c++17"), ("errors", "-std=c++17"), ("stop", "-std=c++20")] {
        let Some(program) = compile(name, Linkage::Shared, &[dialect]) else { return };
        if let Some(mut command) = valgrind(&Command::new(program)) {
            run(&mut command);
        }
    }
}

#[test]
fn under_sanitizers() {
    const FLAGS: [&str; 3] = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-O1"];
    let Some(mut probe) = cpp_compiler() else { return };
    let program = artefacts().join(format!("sanitized-{}", std::process::id()));
    let built = output_of(probe.args(FLAGS).args(["-x", "c++", "-", "-o"]).arg(&program), "int main() { return 0; }\n");
    // Some containers forbid what the sanitizers' start needs.
    if !built.status.success() || !output_of(&mut Command::new(&program), "").status.success() {
        println!("SKIPPED a check, for the C++ compiler has no sanitizers, or they don't run here");
        return;
    }
    fs::remove_file(program).unwrap();
    for name in ["owners", "errors"] {
        let program = compile(name, Linkage::Shared, &FLAGS).expect("there is a compiler");
        run(&mut Command::new(program));
    }
    live(&compile("lifecycle", Linkage::Shared, &FLAGS).expect("there is a compiler"));
}
