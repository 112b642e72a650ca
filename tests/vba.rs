//! bindings/vba: whether its Declares are what include/etoauth_vb.h says in each Excel, and whether VBA's editor would
//! take the files. What they do is for tests/vba.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use support::root;

const MODULES: [&str; 6] = [
    "Etoauth.bas",
    "EtoauthClient.cls",
    "EtradeSession.bas",
    "EtradeMacros.bas",
    "EtradeCells.bas",
    "EtradeRibbon.bas",
];

/// The kinds of Excel by what they define: 32-bit and 64-bit.
const HOSTS: [&[&str]; 2] = [&[], &["Win64"]];

/// What a Declare or a prototype passes.
#[derive(Debug, PartialEq)]
struct Signature {
    arguments: Vec<(Passing, Type)>,
    returns: Type,
}

#[derive(Debug, PartialEq)]
enum Passing {
    Value,
    Address,
}

#[derive(Debug, PartialEq)]
enum Type {
    Bits32,
    Pointer,
}

impl Type {
    fn of_c(name: &str) -> Type {
        match name {
            "int32_t" | "etoauth_status" => Type::Bits32,
            "intptr_t" => Type::Pointer,
            _ => panic!("VBA has no {name}"),
        }
    }

    fn of_vba(name: &str) -> Type {
        match name {
            "Long" => Type::Bits32,
            "LongPtr" => Type::Pointer,
            _ => panic!("{name} has no place in a Declare"),
        }
    }
}

fn header(name: &str) -> String {
    let text = fs::read_to_string(root().join("include").join(name)).unwrap();
    let (mut code, mut rest) = (String::new(), &*text);
    while let Some((before, comment)) = rest.split_once("/*") {
        code += before;
        rest = comment.split_once("*/").expect("a comment ends").1;
    }
    code + rest
}

fn prototypes() -> BTreeMap<String, Signature> {
    let code = header("etoauth_vb.h");
    let mut found = BTreeMap::new();
    for statement in code.split(';').filter(|statement| statement.contains("etoauth_vb_")) {
        let (head, arguments) = statement.rsplit_once('(').unwrap();
        let head: Vec<_> = head.split_whitespace().collect();
        let [.., "ETOAUTH_API", returns, "ETOAUTH_VB_CALL", name] = head[..] else { panic!("{statement}") };
        let arguments = arguments.trim_end().strip_suffix(')').unwrap().split(',').map(|argument| {
            let words: Vec<_> = argument.split_whitespace().collect();
            let [kind, name] = words[..] else { panic!("{argument} in {statement}") };
            (if name.starts_with('*') { Passing::Address } else { Passing::Value }, Type::of_c(kind))
        });
        let signature = Signature { arguments: arguments.collect(), returns: Type::of_c(returns) };
        assert!(found.insert(name.to_owned(), signature).is_none(), "{name} is there twice");
    }
    assert!(found.len() > 20, "only {} prototypes were understood", found.len());
    found
}

fn text(module: &str) -> String {
    fs::read_to_string(root().join("bindings/vba").join(module)).unwrap()
}

/// The statements that such an Excel compiles, each on one line, without comments.
fn statements(module: &str, host: &[&str]) -> Vec<String> {
    let joined = text(module).replace("\r\n", "\n").replace(" _\n", " ");
    let (mut compiled, mut branches) = (Vec::new(), Vec::new());
    for line in joined.lines() {
        let code = without_comment(line).split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(condition) = code.strip_prefix("#If ") {
            let name = condition.strip_suffix(" Then").expect("a condition is one name");
            assert_eq!(name, "Win64", "{module}: {code}");
            branches.push(host.contains(&name));
        } else if code == "#Else" {
            let branch = branches.last_mut().expect("#Else is within #If");
            *branch = !*branch;
        } else if code == "#End If" {
            branches.pop().expect("#End If ends an #If");
        } else if !code.is_empty() && branches.iter().all(|taken| *taken) {
            assert!(!code.starts_with('#'), "{module}: {code}");
            compiled.push(code);
        }
    }
    assert!(branches.is_empty(), "{module}: an #If has no end");
    compiled
}

fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let end = line.find(|c| {
        quoted ^= c == '"';
        c == '\'' && !quoted
    });
    &line[..end.unwrap_or(line.len())]
}

struct Declare {
    name: String,
    library: String,
    safe: bool,
    signature: Signature,
}

impl Declare {
    fn read(statement: &str) -> Declare {
        let rest = statement.strip_prefix("Private Declare ").unwrap_or_else(|| panic!("not private: {statement}"));
        let (safe, rest) = rest.strip_prefix("PtrSafe ").map_or((false, rest), |rest| (true, rest));
        let (head, rest) = rest.split_once(" (").unwrap_or_else(|| rest.split_once('(').expect("it has arguments"));
        let head: Vec<_> = head.split(' ').collect();
        let ["Function", name, "Lib", library] = head[..] else { panic!("{statement}") };
        let (arguments, returns) = rest.rsplit_once(") As ").unwrap_or_else(|| panic!("no result: {statement}"));
        let arguments = arguments.split(',').map(|argument| {
            let words: Vec<_> = argument.split_whitespace().collect();
            let [passing, _, "As", kind] = words[..] else { panic!("{argument} in {statement}") };
            let passing = match passing {
                "ByVal" => Passing::Value,
                "ByRef" => Passing::Address,
                _ => panic!("{argument} in {statement}"),
            };
            (passing, Type::of_vba(kind))
        });
        Declare {
            name: name.to_owned(),
            library: library.trim_matches('"').to_owned(),
            safe,
            signature: Signature { arguments: arguments.collect(), returns: Type::of_vba(returns) },
        }
    }
}

fn declares(host: &[&str]) -> Vec<Declare> {
    let statements = MODULES.iter().flat_map(|module| statements(module, host));
    let declares = statements.filter(|statement| words(statement).any(|word| word == "Declare"));
    declares.map(|statement| Declare::read(&statement)).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c != '_' && !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}

#[test]
fn every_excel_declares_what_the_header_does() {
    let prototypes = prototypes();
    for host in HOSTS {
        let mut found = BTreeMap::new();
        for declare in declares(host).into_iter().filter(|declare| declare.library != "kernel32") {
            assert_eq!(declare.library, "etoauth.dll", "{}", declare.name);
            let twice = found.insert(declare.name.clone(), declare.signature);
            assert!(twice.is_none(), "{} is declared twice for {host:?}", declare.name);
        }
        let names = |signatures: &BTreeMap<String, Signature>| signatures.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(&found), names(&prototypes), "{host:?}");
        for (name, signature) in &prototypes {
            assert_eq!(&found[name], signature, "{name} for {host:?}: the Declare, then the header");
        }
    }
}

/// 64-bit Office refuses to compile a Declare without this word.
#[test]
fn declares_are_safe() {
    for Declare { name, safe, .. } in HOSTS.iter().flat_map(|host| declares(host)) {
        assert!(safe, "{name}");
    }
}

#[test]
fn the_kind_of_excel_is_known() {
    for host in HOSTS {
        let bits: Vec<_> =
            statements("Etoauth.bas", host).into_iter().filter(|line| line.contains("BITS As")).collect();
        let expected = if host.contains(&"Win64") { 64 } else { 32 };
        assert_eq!(bits, [format!("Private Const BITS As Long = {expected}")], "{host:?}");
    }
}

/// A Declare that is called before the DLL is loaded would look for it wherever Windows does.
#[test]
fn nothing_is_called_before_the_library_is_loaded() {
    let prototypes = prototypes();
    let mut called = BTreeSet::new();
    for module in MODULES {
        let mut loaded = false;
        for statement in statements(module, &[]) {
            if words(&statement).any(|word| word == "Declare") {
                continue;
            }
            if statement.starts_with("End ") {
                loaded = false;
            }
            loaded |= statement == "EtoauthLoad";
            for name in words(&statement).filter(|word| word.starts_with("etoauth_vb_")) {
                assert!(loaded, "{module}: {statement}");
                assert!(prototypes.contains_key(name), "{module}: {name} does not exist");
                called.insert(name.to_owned());
            }
        }
    }
    assert_eq!(called, prototypes.into_keys().collect(), "some are declared and never called");
}

fn defines() -> BTreeMap<String, String> {
    let code = header("etoauth.h");
    let defines = code.lines().filter_map(|line| line.strip_prefix("#define ")?.split_once(' '));
    defines.map(|(name, value)| (name.to_owned(), value.trim_matches(['(', ')']).to_owned())).collect()
}

#[test]
fn constants_are_the_headers() {
    let defined = defines();
    let mut found = BTreeSet::new();
    for statement in MODULES.iter().flat_map(|module| statements(module, &[])) {
        let Some(constant) = statement.strip_prefix("Public Const ").filter(|rest| rest.starts_with("ETOAUTH_")) else {
            continue;
        };
        let (name, value) = constant.split_once(" As Long = ").unwrap_or_else(|| panic!("{statement}"));
        assert_eq!(defined.get(name).map(|number| &**number), Some(value), "{statement}");
        found.insert(name.to_owned());
    }
    for name in defined.keys().filter(|name| name.starts_with("ETOAUTH_ENV_") || name.starts_with("ETOAUTH_TOKEN_")) {
        assert!(found.contains(&**name), "{name} is missing");
    }
    assert!(found.contains("ETOAUTH_E_LOGIN") && found.contains("ETOAUTH_OK"));
    for module in MODULES {
        let statements = statements(module, &[]).join(" ");
        for name in words(&statements).filter(|word| word.starts_with("ETOAUTH_")) {
            assert!(found.contains(name), "{module} has no constant {name}");
        }
    }
}

/// Its table of errors says each status with its number.
#[test]
fn the_guide_tells_the_headers_numbers() {
    let defined = defines();
    let guide = fs::read_to_string(root().join("docs/excel.md")).unwrap();
    let mut told = 0;
    for line in guide.lines().filter(|line| line.starts_with("| `ETOAUTH_E_")) {
        for status in line.split('|').nth(1).unwrap().split(',') {
            let (name, number) =
                status.trim().strip_prefix('`').unwrap().split_once("` ").expect("a name and its number");
            assert_eq!(defined.get(name).map(|number| &**number), Some(number), "{line}");
            told += 1;
        }
    }
    assert!(told > 10, "only {told} statuses were found");
}

/// Without this at its very begin a class is imported as a standard module.
const CLASS: &str = "VERSION 1.0 CLASS\r\nBEGIN\r\n  MultiUse = -1  'True\r\nEND\r\n";

/// The editor imports other line ends as one line, a class with them as a standard module; it reads bytes beyond ASCII
/// in the country's code page, and counts continuations.
#[test]
fn the_editor_takes_the_files() {
    for module in MODULES {
        let text = text(module);
        let name = module.split_once('.').unwrap().0;
        let class = if module.ends_with(".cls") { CLASS } else { "" };
        let begin = format!("{class}Attribute VB_Name = \"{name}\"\r\n");
        assert!(text.starts_with(&begin), "{module} imports under another name, or as another kind of module");
        assert!(text.contains("\r\nOption Explicit\r\n"), "{module}");
        assert!(text.ends_with("\r\n") && text.is_ascii(), "{module}");
        let mut continuations = 0;
        for line in text.split_terminator("\r\n") {
            assert!(!line.contains(['\t', '\r', '\n']) && line.trim_end() == line, "{module}: {line:?}");
            assert!(line.len() <= 120, "{module}: {line}");
            let continued = line.ends_with(" _");
            assert!(!continued || without_comment(line) == line, "{module}: a comment goes on: {line}");
            continuations = if continued { continuations + 1 } else { 0 };
            assert!(continuations <= 24, "{module}: {line}");
            for word in words(without_comment(line)) {
                assert!(!["LongLong", "CLngPtr", "CLngLng"].contains(&word), "only some VBA has it: {line}");
            }
        }
    }
}

/// A declaration after the first procedure does not compile.
#[test]
fn declarations_come_first() {
    for module in MODULES {
        let statements = statements(module, &[]);
        let procedure = |statement: &str| words(statement).take(2).any(|word| ["Sub", "Function"].contains(&word));
        let first = statements.iter().position(|statement| procedure(statement)).expect("a module has procedures");
        let mut inside = false;
        for statement in &statements[first..] {
            if procedure(statement) && statement.starts_with('P') {
                assert!(!inside, "{module}: {statement} begins in another procedure");
                inside = true;
            } else {
                assert!(inside, "{module}: {statement} is outside");
                inside = statement != "End Sub" && statement != "End Function";
            }
        }
        assert!(!inside, "{module}: a procedure has no end");
    }
}
