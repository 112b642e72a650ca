//! include/etoauth.cdef and include/etoauth.json: whether they say what include/etoauth.h does, what other languages
//! make of the first, and whether the library keeps the second's word.

mod support;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;
use support::{Linkage, artefacts, c_compiler, has, left_out, link, output_of, root, run, shared_library};

/// A file of include.
fn include(name: &str) -> PathBuf {
    root().join("include").join(name)
}

fn read(name: &str) -> String {
    fs::read_to_string(include(name)).unwrap()
}

fn json() -> Value {
    serde_json::from_str(&read("etoauth.json")).unwrap()
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of[name].as_array().unwrap_or_else(|| panic!("no list {name} in {of}"))
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_else(|| panic!("no text {name} in {of}"))
}

fn flag(of: &Value, name: &str) -> bool {
    of[name].as_bool().unwrap_or_else(|| panic!("no flag {name} in {of}"))
}

/// Constants and statuses that are numbers, with their values.
fn numbers(json: &Value) -> Vec<(&str, i64)> {
    let all = list(json, "constants").iter().chain(list(json, "statuses"));
    all.filter_map(|item| Some((text(item, "name"), item["value"].as_i64()?))).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Prototypes and types, each on a line, without those of the system's headers.
fn statements(code: &str) -> BTreeSet<String> {
    let statements = code.split(';').map(|text| one_line(text).replace("( ", "(").replace("* ", "*"));
    statements.filter(|text| text.contains("etoauth_")).collect()
}

fn same<T: Ord + Debug>(left: BTreeSet<T>, right: BTreeSet<T>) {
    assert!(left == right, "{:#?}", left.symmetric_difference(&right).collect::<Vec<_>>());
}

fn preprocessed(options: &[&str]) -> String {
    run(c_compiler().args(options).args(["-x", "c"]).arg(include("etoauth.h")))
}

/// A C program of the tests, made here and run once.
fn run_c(name: &str, source: &str) -> String {
    let file = artefacts().join(format!("{name}-{}.c", std::process::id()));
    fs::write(&file, source).unwrap();
    let mut cc = c_compiler();
    cc.args(support::STRICT).arg("-I").arg(root().join("tests/c")).arg(&file);
    let program = link(cc, name, Linkage::Shared);
    fs::remove_file(file).unwrap();
    run(&mut Command::new(program))
}

#[test]
fn json_declares_what_the_header_does() {
    let json = json();
    let joined = |c_type: &str, name: &str| {
        if c_type.ends_with('*') { format!("{c_type}{name}") } else { format!("{c_type} {name}") }
    };
    let types =
        list(&json, "types").iter().map(|item| format!("typedef {} {}", text(item, "type"), text(item, "name")));
    let functions = list(&json, "functions").iter().map(|function| {
        let parameters: Vec<_> =
            list(function, "parameters").iter().map(|item| joined(text(item, "type"), text(item, "name"))).collect();
        let parameters = if parameters.is_empty() { "void".to_owned() } else { parameters.join(", ") };
        format!("{}({parameters})", joined(text(function, "returns"), text(function, "name")))
    });
    let declared: Vec<_> = types.chain(functions).collect();
    assert_eq!(declared.len(), declared.iter().collect::<BTreeSet<_>>().len());
    same(declared.into_iter().collect(), statements(&preprocessed(&["-E", "-P"])));
}

#[test]
fn cdef_declares_what_the_header_does() {
    let cdef = read("etoauth.cdef");
    assert!(!cdef.lines().any(|line| line.trim_start().starts_with('#')) && cdef.is_ascii());
    let (_, code) = cdef.split_once("*/").unwrap();
    let (types, rest) = code.split_once("enum {").unwrap();
    let (_, functions) = rest.split_once("};").unwrap();
    same(statements(&(types.to_owned() + functions)), statements(&preprocessed(&["-E", "-P"])));
}

/// As the C compiler sees them.
#[test]
fn constants_have_the_headers_values() {
    let json = json();
    let said = preprocessed(&["-E", "-dM"]);
    let macros = said.lines().filter_map(|line| line.strip_prefix("#define ETOAUTH_")?.split(' ').next());
    let not_constants = ["H", "API", "CALL"];
    let macros: BTreeSet<_> = macros.filter(|name| !not_constants.contains(name)).collect();
    let all = list(&json, "constants").iter().chain(list(&json, "statuses"));
    let names: Vec<_> = all.map(|item| text(item, "name").strip_prefix("ETOAUTH_").unwrap()).collect();
    assert_eq!(names.len(), macros.len());
    same(names.into_iter().collect(), macros);

    let check = |(name, value): &(&str, i64)| format!("typedef char {name}_is[{name} == ({value}) ? 1 : -1];\n");
    let checks: String = numbers(&json).iter().map(check).collect();
    let of_header = "#include <stdio.h>\n#include \"etoauth.h\"\n\n\
                     int main(void)\n{\n    puts(ETOAUTH_VERSION_STRING);\n    return 0;\n}\n";
    let version = list(&json, "constants").iter().find(|item| text(item, "name") == "ETOAUTH_VERSION_STRING").unwrap();
    assert_eq!(run_c("constants-header", &(of_header.to_owned() + &checks)).trim(), text(version, "value"));
    let of_cdef = "#include <stddef.h>\n#include <stdint.h>\n#include \"etoauth.cdef\"\n\n\
                   int main(void)\n{\n    return ETOAUTH_OK;\n}\n";
    run_c("constants-cdef", &(of_cdef.to_owned() + &checks));
}

#[test]
fn statuses_have_the_librarys_words() {
    let json = json();
    let mut expected = String::new();
    let mut calls = String::new();
    for status in list(&json, "statuses") {
        let line = text(status, "meaning").lines().next().unwrap();
        expected += &format!("{} {line}\n", text(status, "name"));
        let value = &status["value"];
        calls += &format!("    printf(\"%s %s\\n\", etoauth_status_name({value}), etoauth_status_text({value}));\n");
    }
    let program = format!("#include <stdio.h>\n#include \"etoauth.h\"\nint main(void)\n{{\n{calls}    return 0;\n}}\n");
    assert_eq!(run_c("statuses", &program), expected);
}

/// Everything is explained, and in the header's words.
#[test]
fn meanings_are_the_headers() {
    let json = json();
    let header = read("etoauth.h");
    let words = header.lines().map(|line| line.strip_prefix(" *").unwrap_or(line)).collect::<Vec<_>>().join("\n");
    let words = one_line(&words);
    let mut meanings = Vec::new();
    for part in ["types", "constants", "statuses", "functions"] {
        meanings.extend(list(&json, part).iter().map(|item| (text(item, "name"), text(item, "meaning"))));
    }
    for function in list(&json, "functions") {
        meanings.extend(function["source"].as_str().map(|source| (text(function, "name"), source)));
        for parameter in list(function, "parameters") {
            let (name, meaning) = (text(parameter, "name"), text(parameter, "meaning"));
            // The header leaves handles to their types.
            match meaning.strip_prefix("the ").and_then(|rest| rest.strip_suffix(" handle.")) {
                Some(kind) => assert_eq!(text(parameter, "type"), format!("etoauth_{kind} *")),
                None => meanings.push((name, meaning)),
            }
        }
    }
    for (name, meaning) in meanings {
        assert!(!meaning.is_empty() && !meaning.starts_with("as for "), "{name}: {meaning}");
        for paragraph in meaning.split("\n\n") {
            assert!(words.contains(paragraph), "{name}: {paragraph}");
        }
    }
}

/// The library refuses NULL where it must not be, and takes it where it may be.
#[test]
fn nullability_is_the_librarys() {
    let json = json();
    let mut checks = String::new();
    let mut count = 0;
    let mut check = |function: &Value, is_null: &dyn Fn(&str) -> bool, comparison: &str| {
        let arguments = list(function, "parameters").iter().map(|parameter| match text(parameter, "type") {
            c_type if !c_type.ends_with('*') => "0",
            _ if is_null(text(parameter, "name")) => "NULL",
            _ => "any",
        });
        let call = format!("{}({})", text(function, "name"), arguments.collect::<Vec<_>>().join(", "));
        checks += &format!("    CHECK({call} {comparison} ETOAUTH_E_NULL);\n");
        count += 1;
    };
    for function in list(&json, "functions").iter().filter(|function| text(function, "returns") == "etoauth_status") {
        let pointers: Vec<_> =
            list(function, "parameters").iter().filter(|parameter| text(parameter, "type").ends_with('*')).collect();
        let nullable: BTreeSet<_> =
            pointers.iter().filter(|parameter| flag(parameter, "nullable")).map(|item| text(item, "name")).collect();
        check(function, &|name| nullable.contains(name), "!=");
        for parameter in pointers.iter().map(|item| text(item, "name")).filter(|name| !nullable.contains(name)) {
            check(function, &|name| name == parameter, "==");
        }
    }
    assert!(count > 150, "{count}");
    // To the library it is no handle, an empty text or a place for an output: NULL is looked for first.
    let program = format!(
        "#include \"check.h\"\n\nint main(void)\n{{\n    static size_t memory[8];\n    void *any = memory;\n\n{checks}    \
         puts(\"NULL where it may be\");\n    return 0;\n}}\n"
    );
    assert_eq!(run_c("nullability", &program), "NULL where it may be\n");
}

#[test]
fn directions_and_statuses() {
    let json = json();
    assert_eq!((&json["schema"], &json["abi_version"]), (&1.into(), &1.into()));
    assert_eq!(text(&json, "version"), env!("CARGO_PKG_VERSION"));
    let function = |name: &str| list(&json, "functions").iter().find(|item| text(item, "name") == name).unwrap();
    let directions = |name: &str| -> Vec<(&str, bool)> {
        let parameters = list(function(name), "parameters").iter();
        parameters.map(|item| (text(item, "direction"), flag(item, "nullable"))).collect()
    };
    let (taken, given, may_be_taken, may_be_given) = (("in", false), ("out", false), ("in", true), ("out", true));
    // c, method, url, headers, body, body_len, out
    let send = [taken, taken, taken, may_be_taken, may_be_taken, taken, given];
    assert_eq!(directions("etoauth_client_send"), send);
    // status, buf, cap, len
    assert_eq!(directions("etoauth_last_error"), [may_be_given, may_be_given, taken, may_be_given]);
    // s, method, url, form, timestamp, nonce, buf, cap, len: most of them are explained elsewhere.
    let sign_at = [taken, taken, taken, may_be_taken, taken, may_be_taken, may_be_given, taken, may_be_given];
    assert_eq!(directions("etoauth_signer_sign_at"), sign_at);
    assert_eq!(directions("etoauth_string_free"), [may_be_taken]);

    let known: BTreeSet<_> = list(&json, "statuses").iter().map(|item| text(item, "name")).collect();
    let statuses = |name: &str| -> Vec<&str> {
        list(function(name), "statuses").iter().map(|item| item.as_str().unwrap()).collect()
    };
    for item in list(&json, "functions") {
        let statuses = statuses(text(item, "name"));
        assert!(statuses.iter().all(|status| known.contains(status)), "{item}");
        assert_eq!(statuses.iter().collect::<BTreeSet<_>>().len(), statuses.len(), "{item}");
    }
    assert_eq!(statuses("etoauth_client_free"), ["ETOAUTH_E_HANDLE", "ETOAUTH_E_STATE"]);
    assert_eq!(statuses("etoauth_client_sign_url"), statuses("etoauth_client_sign"));
    let (signs, tells) = (statuses("etoauth_signer_sign_at"), statuses("etoauth_signer_get_base_string"));
    assert_eq!(signs.into_iter().filter(|status| *status != "ETOAUTH_E_BUFFER").collect::<Vec<_>>(), tells);
    assert!(statuses("etoauth_status_name").is_empty(), "it returns none");
}

struct Language {
    name: &'static str,
    suffix: &'static str,
    interpreters: &'static [&'static [&'static str]],
    /// A program of one line that needs the FFI, and the option before it.
    probe: [&'static str; 2],
}

impl Language {
    /// An interpreter that has the FFI.
    fn interpreter(&self) -> Option<&'static [&'static str]> {
        let has_ffi = |words: &&&'static [&'static str]| {
            let output = Command::new(words[0]).args(&words[1..]).args(self.probe).output();
            output.is_ok_and(|output| output.status.success())
        };
        let found = self.interpreters.iter().find(has_ffi).copied();
        if found.is_none() {
            left_out(&format!("the FFI of {}", self.name));
        }
        found
    }

    /// Runs its program of tests/ffi, and its example in docs/bindings.md, which makes a client.
    fn reads_the_cdef(&self) {
        let Some(words) = self.interpreter() else { return };
        let interpreter = || {
            let mut command = Command::new(words[0]);
            command.args(&words[1..]);
            command
        };
        let (library, cdef) = (shared_library(), include("etoauth.cdef"));
        let program = root().join("tests/ffi/sign").with_extension(self.suffix);
        signs(interpreter().arg(program).arg(&library).arg(&cdef));

        let page = fs::read_to_string(root().join("docs/bindings.md")).unwrap();
        let (_, rest) = page.split_once(&format!("```{}\n", self.name)).unwrap();
        let mut example = rest.split_once("```\n").unwrap().0.to_owned();
        for (path, here) in [("/usr/local/share/etoauth/etoauth.cdef", cdef), ("libetoauth.so.1", library)] {
            assert!(example.contains(path));
            example = example.replace(path, here.to_str().unwrap());
        }
        let file = artefacts().join(format!("example-{}.{}", std::process::id(), self.suffix));
        fs::write(&file, &example).unwrap();
        assert_eq!(run(interpreter().arg(&file)), "");
        let refused = example.replacen("\"key\"", "\"\"", 1);
        fs::write(&file, refused).unwrap();
        let output = output_of(interpreter().arg(&file), "");
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!output.status.success() && said.contains("consumer_key"), "{said}");
        fs::remove_file(file).unwrap();
    }
}

fn signs(command: &mut Command) {
    assert_eq!(run(command), "signed, and refused twice\n");
}

#[test]
fn cffi_reads_the_cdef() {
    // Debian's cffi is for Debian's Python.
    let interpreters: &[&[&str]] = &[&["python3"], &["/usr/bin/python3"]];
    Language { name: "python", suffix: "py", interpreters, probe: ["-c", "import cffi"] }.reads_the_cdef();
}

#[test]
fn luajit_reads_the_cdef() {
    let probe = ["-e", "require('ffi')"];
    Language { name: "lua", suffix: "lua", interpreters: &[&["luajit"]], probe }.reads_the_cdef();
}

#[test]
fn php_reads_the_cdef() {
    let probe = ["-r", "FFI::cdef('int32_t abs(int32_t n);');"];
    Language { name: "php", suffix: "php", interpreters: &[&["php", "-d", "ffi.enable=1"]], probe }.reads_the_cdef();
}

/// Debian 12's.
const OLD_LIBCLANG: &str = "/usr/lib/llvm-14/lib";

/// What bindgen makes of header and cdef, in both of the ways that docs/bindings.md shows: one type for all constants.
#[test]
fn bindgen_gives_one_type() {
    if !has("bindgen") {
        return;
    }
    let out = artefacts().join(format!("bindgen-{}", std::process::id()));
    fs::create_dir_all(&out).unwrap();
    let wrapper = out.join("wrapper.h");
    fs::write(&wrapper, "#include <stddef.h>\n#include <stdint.h>\n#include \"etoauth.cdef\"\n").unwrap();
    let constants: String = numbers(&json()).iter().map(|(name, value)| format!("({name}, {value}), ")).collect();
    fs::write(out.join("constants.rs"), format!("[{constants}]")).unwrap();
    let library = shared_library();
    let directory = library.parent().unwrap();

    let ways = [(include("etoauth.h"), &["--default-macro-constant-type", "signed"][..]), (wrapper, &[])];
    for (header, options) in ways {
        let mut bindgen = Command::new("bindgen");
        // Before 0.62, as in Debian 12, bindgen loses enumerations without a name with libclang 16 and later.
        if Path::new(OLD_LIBCLANG).exists() {
            bindgen.env("LIBCLANG_PATH", OLD_LIBCLANG);
        }
        bindgen.args(options).args(["--allowlist-function", "etoauth_.*", "--allowlist-var", "ETOAUTH_.*"]);
        bindgen.arg("-o").arg(out.join("bindings.rs")).arg(header).arg("--").arg("-I").arg(root().join("include"));
        run(&mut bindgen);
        let program = out.join("sign");
        let mut rustc = Command::new(env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()));
        rustc
            .args(["--edition", "2021", "-D", "warnings", "-A", "unknown-lints", "-l", "etoauth", "-L"])
            .arg(directory);
        rustc.arg(format!("-Clink-arg=-Wl,-rpath,{}", directory.display()));
        rustc.env("BINDINGS", out.join("bindings.rs")).env("CONSTANTS", out.join("constants.rs"));
        run(rustc.arg(root().join("tests/ffi/sign.rs")).arg("-o").arg(&program));
        signs(&mut Command::new(program));
    }
    fs::remove_dir_all(out).unwrap();
}
