//! include/etoauth.h: what compilers make of it, whether the libraries keep its word, and whether it explains itself.
//! include/etoauth_vb.h, whose functions only a Windows DLL has: its words.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use support::{
    Linkage, artefacts, compile, has, link, output_of, root, run, run_with_input, shared_library, static_library,
};

/// Compiled into programs, hence never to be changed.
const STATUSES: [(&str, i32); 34] = [
    ("ETOAUTH_OK", 0),
    ("ETOAUTH_E_NULL", -1),
    ("ETOAUTH_E_ARGUMENT", -2),
    ("ETOAUTH_E_UTF8", -3),
    ("ETOAUTH_E_BUFFER", -4),
    ("ETOAUTH_E_HANDLE", -5),
    ("ETOAUTH_E_STATE", -6),
    ("ETOAUTH_E_LIMIT", -7),
    ("ETOAUTH_E_INTERNAL", -8),
    ("ETOAUTH_E_MEMORY", -9),
    ("ETOAUTH_E_STALE", -10),
    ("ETOAUTH_E_URL", -20),
    ("ETOAUTH_E_METHOD", -21),
    ("ETOAUTH_E_SESSION", -22),
    ("ETOAUTH_E_RANDOM", -30),
    ("ETOAUTH_E_CLOCK", -31),
    ("ETOAUTH_E_FILE", -32),
    ("ETOAUTH_E_CONNECT", -40),
    ("ETOAUTH_E_TLS", -41),
    ("ETOAUTH_E_TIMEOUT", -42),
    ("ETOAUTH_E_INSECURE", -43),
    ("ETOAUTH_E_UNCERTAIN", -44),
    ("ETOAUTH_E_CANCELLED", -45),
    ("ETOAUTH_E_HTTP", -50),
    ("ETOAUTH_E_RESPONSE", -51),
    ("ETOAUTH_E_SIGNATURE", -52),
    ("ETOAUTH_E_CONSUMER_KEY", -53),
    ("ETOAUTH_E_VERIFIER", -54),
    ("ETOAUTH_E_LOGIN", -55),
    ("ETOAUTH_E_RATE_LIMIT", -56),
    ("ETOAUTH_E_UNAVAILABLE", -57),
    ("ETOAUTH_E_CLOCK_SKEW", -58),
    ("ETOAUTH_E_AGAIN", -59),
    ("ETOAUTH_E_DENIED", -60),
];

/// So are these.
const VALUES: [(&str, i32); 28] = [
    ("ETOAUTH_ADVICE_NONE", 0),
    ("ETOAUTH_ADVICE_RETRY", 1),
    ("ETOAUTH_ADVICE_RENEW", 2),
    ("ETOAUTH_ADVICE_LOGIN", 3),
    ("ETOAUTH_ADVICE_WAIT", 4),
    ("ETOAUTH_ADVICE_FIX", 5),
    ("ETOAUTH_ADVICE_CHECK", 6),
    ("ETOAUTH_ENV_LIVE", 1),
    ("ETOAUTH_ENV_SANDBOX", 2),
    ("ETOAUTH_EXCHANGE_REQUEST_TOKEN", 1),
    ("ETOAUTH_EXCHANGE_ACCESS_TOKEN", 2),
    ("ETOAUTH_EXCHANGE_RENEW", 3),
    ("ETOAUTH_EXCHANGE_REVOKE", 4),
    ("ETOAUTH_EXCHANGE_API", 5),
    ("ETOAUTH_ANSWER_NONE", 0),
    ("ETOAUTH_ANSWER_UNSENT", -1),
    ("ETOAUTH_STEP_SEND", 1),
    ("ETOAUTH_STEP_RENEW", 2),
    ("ETOAUTH_STEP_WAIT", 3),
    ("ETOAUTH_STEP_DONE", 4),
    ("ETOAUTH_TOKEN_NONE", 0),
    ("ETOAUTH_TOKEN_PENDING", 1),
    ("ETOAUTH_TOKEN_ACTIVE", 2),
    ("ETOAUTH_TOKEN_INACTIVE", 3),
    ("ETOAUTH_TOKEN_EXPIRED", 4),
    ("ETOAUTH_TOKEN_REVOKED", 5),
    ("ETOAUTH_HEADER_MAX", 2048),
    ("ETOAUTH_ERROR_MAX", 512),
];

const C: [&str; 5] = ["c90", "c99", "c11", "c17", "c2x"];
const CPP: [&str; 6] = ["c++98", "c++11", "c++14", "c++17", "c++20", "c++2b"];
const COMPILERS: [(&str, &str, &[&str]); 4] =
    [("gcc", "c", &C), ("clang", "c", &C), ("g++", "c++", &CPP), ("clang++", "c++", &CPP)];
const WARNINGS: [&str; 5] = ["-Wall", "-Wextra", "-Wundef", "-pedantic", "-Werror"];

struct Header {
    text: String,
    functions: Vec<Function>,
    macros: Vec<Macro>,
    /// Declarations without a comment directly before them.
    bare: BTreeSet<String>,
}

struct Function {
    name: String,
    /// Without the handle.
    parameters: Vec<String>,
    comment: String,
}

struct Macro {
    name: String,
    value: String,
}

impl Header {
    fn read() -> Header {
        Header::of("include/etoauth.h")
    }

    fn both() -> [Header; 2] {
        [Header::read(), Header::of("include/etoauth_vb.h")]
    }

    /// An empty line ends what belongs together: a comment, and the declaration or the few macros that it is about.
    fn of(file: &str) -> Header {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let mut header = Header { functions: Vec::new(), macros: Vec::new(), bare: BTreeSet::new(), text };
        for block in header.text.clone().split("\n\n") {
            let commented = block.strip_prefix("/**").and_then(|block| block.split_once("*/\n"));
            let (comment, code) = commented.unwrap_or(("", block));
            for line in code.lines().filter_map(|line| line.strip_prefix("#define ")) {
                let (name, value) = line.split_once(' ').unwrap_or((line, ""));
                if !name.ends_with("_H") {
                    header.note(name, comment);
                    header.macros.push(Macro { name: name.to_owned(), value: value.to_owned() });
                }
            }
            // A comment is about one function.
            let statements = code.split_inclusive(";\n").filter(|code| code.starts_with("ETOAUTH_API "));
            for (statement, comment) in statements.zip([comment].into_iter().chain(std::iter::repeat(""))) {
                let function = Function::read(statement, comment);
                header.note(&function.name, comment);
                header.functions.push(function);
            }
            if code.starts_with("typedef ") {
                header.note(code, comment);
            }
        }
        header
    }

    fn note(&mut self, name: &str, comment: &str) {
        if comment.is_empty() {
            self.bare.insert(name.to_owned());
        }
    }

    /// The macros that are numbers.
    fn numbers(&self) -> impl Iterator<Item = &Macro> {
        self.macros.iter().filter(|item| item.value.starts_with(|first: char| first == '(' || first.is_numeric()))
    }

    fn comments_and_code(&self) -> (String, String) {
        let mut parts = self.text.split("/*");
        let (mut comments, mut code) = (String::new(), parts.next().unwrap().to_owned());
        for part in parts {
            let (comment, rest) = part.split_once("*/").expect("a comment ends before the next begins");
            comments += comment;
            code += rest;
        }
        (comments, code)
    }
}

impl Function {
    fn read(statement: &str, comment: &str) -> Function {
        let (_, rest) = statement.split_once("CALL ").unwrap_or_else(|| panic!("no convention: {statement}"));
        let (name, rest) = rest.split_once('(').unwrap();
        let parameters = rest.trim_end().strip_suffix(");").unwrap().split(',').map(str::trim);
        let handle = |text: &str| {
            let of_vba = ["intptr_t client", "intptr_t listener"].contains(&text);
            text.starts_with("etoauth_") && !text.starts_with("etoauth_status ") && !text.contains("**") || of_vba
        };
        let parameters = parameters.filter(|text| !handle(text) && *text != "void");
        let parameters = parameters.map(|text| words(text).last().unwrap().to_owned()).collect();
        Function { name: name.to_owned(), parameters, comment: comment.to_owned() }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

/// What a comment describes: the words before a colon, as in "key, secret: copied."
fn described(comment: &str) -> BTreeSet<&str> {
    let mut described = BTreeSet::new();
    let mut after_colon = false;
    for word in comment.split_whitespace().rev() {
        after_colon = word.ends_with(':') || after_colon && word.ends_with(',');
        if after_colon {
            described.insert(word.trim_end_matches([':', ',']));
        }
    }
    described
}

/// A program that uses whatever the header declares, and prints the name of every status. It begins with the header,
/// so that nothing is there to help it, and has it twice.
fn program(header: &Header) -> String {
    let lines = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>().join("\n");
    let conditions = lines(&mut header.numbers().map(|item| {
        let number = item.value.trim_matches(['(', ')']);
        format!("#if {0} - 1 != {number} - 1 || -{0} != 0 - ({number})\n#error {0}\n#endif", item.name)
    }));
    let elements = lines(&mut header.numbers().map(|item| format!("    {},", item.name)));
    let (statuses, others): (Vec<_>, Vec<_>) = header.numbers().partition(|item| is_status(&item.name));
    let cases = lines(&mut statuses.iter().map(|item| format!("    case {}:", item.name)));
    let switches = lines(&mut others.iter().map(|item| format!("    switch (n) {{ case {}: ++n; }}", item.name)));
    let addresses = lines(&mut header.functions.iter().map(|function| format!("    (function){},", function.name)));
    let names = lines(&mut statuses.iter().map(|item| format!("    puts(etoauth_status_name({}));", item.name)));
    format!(
        r#"#include "etoauth.h"
#include "etoauth.h"
{conditions}

typedef void (*function)(void);

static const int32_t numbers[] = {{
{elements}
    0
}};

static const function functions[] = {{
{addresses}
    0
}};

static const char version[] = "version " ETOAUTH_VERSION_STRING;

ETOAUTH_API int ETOAUTH_CALL use(int n);

ETOAUTH_API int ETOAUTH_CALL use(int n)
{{
{switches}
    switch (n) {{
{cases}
        return numbers[-n] != 0 && functions[-n] != 0;
    default:
        return version[0];
    }}
}}

#if __STDC_HOSTED__
#include <stdio.h>

int main(void)
{{
{names}
    return 0;
}}
#endif
"#
    )
}

fn is_status(name: &str) -> bool {
    name == "ETOAUTH_OK" || name.starts_with("ETOAUTH_E_")
}

#[test]
fn every_compiler_takes_it() {
    let program = program(&Header::read()) + "#include \"etoauth_vb.h\"\n#include \"etoauth_vb.h\"\n";
    for (compiler, language, standards) in COMPILERS {
        if !has(compiler) {
            continue;
        }
        for standard in standards {
            // Freestanding, since few machines have a C library of 32 bits.
            for bits in [&["-m64"][..], &["-m32", "-ffreestanding"]] {
                let mut command = Command::new(compiler);
                command.args(WARNINGS).args(bits).arg(format!("-std={standard}")).arg("-I").arg(root().join("include"));
                run_with_input(command.args(["-fsyntax-only", "-x", language, "-"]), &program);
            }
        }
    }
}

#[test]
fn c_and_cpp_find_every_function_and_status() {
    let header = Header::read();
    let expected: String = STATUSES.iter().map(|(name, _)| format!("{name}\n")).collect();
    for (compiler, suffix, standard) in [("gcc", "c", "-std=c90"), ("g++", "cpp", "-std=c++98")] {
        if !has(compiler) {
            continue;
        }
        let source = artefacts().join(format!("header-{}.{suffix}", std::process::id()));
        fs::write(&source, program(&header)).unwrap();
        let mut cc = Command::new(compiler);
        cc.args(WARNINGS).arg(standard).arg(&source);
        let said = run(&mut Command::new(link(cc, &format!("header-{suffix}"), Linkage::Shared)));
        assert_eq!(said, expected, "{compiler}");
        fs::remove_file(source).unwrap();
    }
}

#[test]
fn numbers_stay() {
    let header = Header::read();
    for item in header.numbers() {
        assert!(item.value.starts_with('(') && item.value.ends_with(')'), "{} is {}", item.name, item.value);
    }
    let numbers = |wanted: &dyn Fn(&str) -> bool| -> Vec<(String, i32)> {
        let pairs = header.numbers().filter(|item| wanted(&item.name));
        pairs.map(|item| (item.name.clone(), item.value.trim_matches(['(', ')']).parse().unwrap())).collect()
    };
    let pinned = |table: &[(&str, i32)]| -> Vec<_> { table.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect() };
    assert_eq!(numbers(&is_status), pinned(&STATUSES));
    assert_eq!(STATUSES.iter().map(|(_, value)| value).collect::<BTreeSet<_>>().len(), STATUSES.len());
    let other = |name: &str| !is_status(name) && !name.contains("VERSION");
    let sorted = |mut pairs: Vec<_>| {
        pairs.sort();
        pairs
    };
    assert_eq!(sorted(numbers(&other)), sorted(pinned(&VALUES)));
}

#[test]
fn version_is_the_packages() {
    let header = Header::read();
    let value = |name: &str| &*header.macros.iter().find(|item| item.name == name).unwrap().value;
    let part = |name: &str| value(name).trim_matches(['(', ')']).parse::<u32>().unwrap();
    let parts = ["ETOAUTH_VERSION_MAJOR", "ETOAUTH_VERSION_MINOR", "ETOAUTH_VERSION_PATCH"].map(part);
    assert_eq!(parts.map(|part| part.to_string()).join("."), env!("CARGO_PKG_VERSION"));
    assert_eq!(value("ETOAUTH_VERSION_STRING"), format!("{:?}", env!("CARGO_PKG_VERSION")));
    // vcpkg reads its port's version before it runs anything.
    let port = fs::read_to_string(root().join("packaging/vcpkg/vcpkg.json")).unwrap();
    assert!(port.contains(&format!("\"version\": {:?}", env!("CARGO_PKG_VERSION"))), "{port}");
    let number = format!("(0x{:02x}{:02x}{:02x})", parts[0], parts[1], parts[2]);
    assert_eq!(value("ETOAUTH_VERSION_NUMBER"), number);
}

/// The names of what a library defines for others.
fn symbols(library: &Path, table: &str) -> BTreeSet<String> {
    let said = run(Command::new("nm").args([table, "--defined-only", "--format=just-symbols"]).arg(library));
    said.lines().map(str::to_owned).collect()
}

#[test]
fn libraries_define_what_it_declares() {
    let declared: BTreeSet<_> = Header::read().functions.into_iter().map(|function| function.name).collect();
    assert_eq!(symbols(&shared_library(), "--dynamic"), declared);
    let missing: Vec<_> = declared.difference(&symbols(&static_library(), "--extern-only")).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn shared_library_has_its_name_and_stays() {
    let header = Header::read();
    let abi = header.macros.iter().find(|item| item.name == "ETOAUTH_ABI_VERSION").unwrap();
    let library = shared_library();
    let said = run(Command::new("readelf").args(["--dynamic", "--wide"]).arg(&library));
    let soname = format!("[libetoauth.so.{}]", abi.value.trim_matches(['(', ')']));
    assert!(said.lines().any(|line| line.contains("(SONAME)") && line.ends_with(&soname)), "no {soname}:\n{said}");
    assert!(said.lines().any(|line| line.contains("(FLAGS_1)") && line.contains("NODELETE")), "{said}");
    run(Command::new(compile("dlclose", Linkage::Loaded)).arg(library));
}

#[test]
fn everything_is_explained() {
    let mut faults = Vec::new();
    for header in Header::both() {
        faults.extend(header.bare.iter().map(|name| format!("{name} has no comment")));
        for Function { name, parameters, comment } in &header.functions {
            // On one line a parameter may just occur.
            let line = !comment.contains('\n');
            let described = if line { words(comment).collect() } else { described(comment) };
            let missing = parameters.iter().filter(|parameter| !described.contains(&***parameter));
            faults.extend(missing.map(|parameter| format!("{name} does not explain {parameter}")));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn comments_name_what_exists() {
    let [of_c, of_vb] = Header::both().map(|header| header.comments_and_code());
    for (comments, code) in [(of_c.0, of_c.1.clone()), (of_vb.0, of_vb.1 + &of_c.1)] {
        let known: BTreeSet<_> = words(&code).collect();
        for word in words(&comments).filter(|word| word.starts_with("etoauth_") || word.starts_with("ETOAUTH_")) {
            let family = word.ends_with('_') && known.iter().any(|name| name.starts_with(word));
            assert!(known.contains(word) || family, "{word} does not exist");
        }
    }
}

#[test]
fn its_form_is_plain() {
    for header in Header::both() {
        for line in header.text.lines() {
            assert!(line.len() <= 120, "too long: {line}");
            assert!(line.is_ascii() && !line.contains(['\t', '\r']) && line.trim_end() == line, "{line:?}");
        }
        assert!(!header.comments_and_code().1.contains("//"), "C90 knows no // comment");
    }
}

#[test]
fn doxygen_understands_it() {
    if !has("doxygen") {
        return;
    }
    let out = artefacts().join(format!("doxygen-{}", std::process::id()));
    fs::create_dir_all(&out).unwrap();
    let settings = format!(
        "INPUT={}\nOUTPUT_DIRECTORY={}\nQUIET=YES\nGENERATE_HTML=NO\nGENERATE_LATEX=NO\nGENERATE_XML=YES\n\
         PREDEFINED=ETOAUTH_API= ETOAUTH_CALL=\nMACRO_EXPANSION=YES\nOPTIMIZE_OUTPUT_FOR_C=YES\n\
         WARN_IF_UNDOCUMENTED=NO\n",
        root().join("include/etoauth.h").display(),
        out.display()
    );
    let output = output_of(Command::new("doxygen").arg("-"), &settings);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::remove_dir_all(out).unwrap();
}

/// A copy of the package, checked with panic = "abort", so that it always fails; what cargo said.
fn check(package: &Path, wish: Option<&str>) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(package).args(["check", "--offline", "--package", "etoauth", "--target-dir"]);
    cargo.arg(artefacts().join("c-tests/cargo")).env("CARGO_PROFILE_DEV_PANIC", "abort").env_remove("ETOAUTH_HEADER");
    cargo.envs(wish.map(|wish| ("ETOAUTH_HEADER", wish)));
    let output = output_of(&mut cargo, "");
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

/// Some program expects each of them.
#[test]
fn every_status_has_a_test() {
    let mut programs = String::new();
    for directory in ["tests/c", "tests/install"] {
        for entry in fs::read_dir(root().join(directory)).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.extension().is_some_and(|extension| extension == "c" || extension == "h") {
                programs.push_str(&fs::read_to_string(entry).unwrap());
            }
        }
    }
    let expected: BTreeSet<&str> = programs.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    for (name, _) in STATUSES {
        assert!(expected.contains(name), "no test program expects {name}");
    }
}

#[test]
fn build_refuses_what_is_stale_and_panic_abort() {
    const STALE: &str = "ETOAUTH_HEADER=write cargo build";
    const ABORT: &str = "libetoauth answers a panic with ETOAUTH_E_INTERNAL: build it with panic = \"unwind\".";
    let package = artefacts().join("c-tests/package");
    let _ = fs::remove_dir_all(&package);
    fs::create_dir_all(&package).unwrap();
    let parts = ["Cargo.toml", "Cargo.lock", "build.rs", "build", "include", "src", "sandbox", "benches"];
    run(Command::new("cp").arg("-R").args(parts.map(|part| root().join(part))).arg(&package));

    let said = check(&package, None);
    assert!(said.contains(ABORT) && !said.contains(STALE), "{said}");

    let made =
        ["etoauth.h", "etoauth.cdef", "etoauth.json", "etoauth_vb.h"].map(|name| package.join("include").join(name));
    let fresh = made.each_ref().map(|file| fs::read_to_string(file).unwrap());
    for (file, fresh) in made.iter().zip(&fresh) {
        let stale = fresh.replacen("etoauth_", "etouath_", 1);
        assert_ne!(stale, *fresh);
        fs::write(file, &stale).unwrap();
        let said = check(&package, None);
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(said.contains(STALE) && said.contains(&format!("include/{name} is stale")), "{said}");
        assert!(!said.contains(ABORT), "{said}");
        assert_eq!(fs::read_to_string(file).unwrap(), stale, "a build that was not asked to writes nothing");
        fs::write(file, fresh).unwrap();
    }

    for file in &made {
        fs::remove_file(file).unwrap();
    }
    check(&package, Some("write"));
    for (file, fresh) in made.iter().zip(&fresh) {
        assert_eq!(fs::read_to_string(file).unwrap(), *fresh);
    }
}
