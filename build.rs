//! Makes include/etoauth.h from src/ffi, one section for each file there, include/etoauth_vb.h, and what others than C
//! read instead of etoauth.h; fails if a committed one is stale. Gives the shared library its name.

#[path = "build/declarations.rs"]
mod declarations;

use std::env;
use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use cbindgen::{Builder, Config, DocumentationStyle, Language, Layout};
use declarations::Declarations;

const HEADER: &str = "include/etoauth.h";
const CDEF: &str = "include/etoauth.cdef";
const JSON: &str = "include/etoauth.json";
const VB_HEADER: &str = "include/etoauth_vb.h";

const WIDTH: usize = 120;

/// cbindgen leaves out types that a file does not use itself.
const TYPES: [&str; 7] = [
    "etoauth_status",
    "etoauth_client",
    "etoauth_response",
    "etoauth_exchange",
    "etoauth_signer",
    "etoauth_prepared",
    "etoauth_listener",
];

/// In the order in which a newcomer reads them: cbindgen by itself sorts constants, types and functions apart.
const SECTIONS: [(&str, &str); 13] = [
    ("types", ""),
    ("login", "1  Log in, sign, log out"),
    ("errors", "2  What went wrong"),
    ("send", "3  API calls that repair themselves"),
    ("client", "4  A client's token and settings"),
    ("session", "5  Sessions that survive a restart"),
    ("listener", "6  The callback listener"),
    ("share", "7  A handle for each call: its own timeout, cancellation and last failure"),
    ("exchange", "8  For hosts with their own HTTP: the library decides, the host sends"),
    ("signer", "9  Signing into a buffer: no lock, no allocation"),
    ("prepared", "10  Prepared requests: one method and URL, signed again and again"),
    ("library", "11  The library"),
    ("status", "12  Statuses"),
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/ffi");
    for made in [HEADER, CDEF, JSON, VB_HEADER] {
        println!("cargo::rerun-if-changed={made}");
    }
    println!("cargo::rerun-if-env-changed=ETOAUTH_HEADER");
    name_shared_library();

    let header = render()?;
    let declarations = Declarations::read(&header)?;
    keep(HEADER, &header)?;
    keep(CDEF, &declarations.cdef())?;
    keep(JSON, &declarations.json()?)?;
    keep(VB_HEADER, &render_vb()?)
}

/// Compares a file with the committed one, or renews that.
fn keep(path: &str, made: &str) -> Result<(), Box<dyn Error>> {
    if fs::read_to_string(path).unwrap_or_default().replace('\r', "") == made {
        Ok(())
    } else if env::var("ETOAUTH_HEADER").is_ok_and(|wish| wish == "write") {
        Ok(fs::write(path, made)?)
    } else {
        Err(format!("{path} is stale. Renew it with: ETOAUTH_HEADER=write cargo build").into())
    }
}

/// The ABI's number is part of the name, and the library stays loaded: handles must stay unique, and threads and fork
/// handlers keep pointing into it.
fn name_shared_library() {
    let abi = constant("src/ffi/library.rs", "ETOAUTH_ABI_VERSION: u32 = ");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libetoauth.so.{abi}");
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    } else if env::var("CARGO_CFG_TARGET_VENDOR").is_ok_and(|vendor| vendor == "apple") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libetoauth.{abi}.dylib");
    }
}

fn constant(file: &str, before: &str) -> String {
    let source = fs::read_to_string(file).unwrap_or_default();
    let value = source.split_once(before).and_then(|(_, rest)| rest.split_once(';'));
    value.map_or_else(|| panic!("{file} holds no {before}"), |(value, _)| value.to_owned())
}

fn render() -> Result<String, Box<dyn Error>> {
    let mut header = preamble("src/ffi/preamble.h")?;
    for (file, title) in SECTIONS {
        if !title.is_empty() {
            let rule = "=".repeat(WIDTH - 6);
            write!(header, "\n/* {rule}\n * {title}\n * {rule} */\n")?;
        }
        write!(header, "\n{}", section(&shown(file, |source| without_macro(&source))?, "ETOAUTH_CALL")?)?;
    }
    Ok(header + &ending("ETOAUTH_H"))
}

/// cbindgen passes over functions of another convention than C's.
fn render_vb() -> Result<String, Box<dyn Error>> {
    let copy = shown("vb", |source| source.replace("extern \"system\"", "extern \"C\""))?;
    let functions = section(&copy, "ETOAUTH_VB_CALL")?.replace("ptrdiff_t", "intptr_t");
    Ok(format!("{}\n{functions}{}", preamble("src/ffi/preamble_vb.h")?, ending("ETOAUTH_VB_H")))
}

/// A copy of a file of src/ffi as cbindgen can read it.
fn shown(file: &str, change: impl FnOnce(String) -> String) -> Result<PathBuf, Box<dyn Error>> {
    let copy = Path::new(&env::var("OUT_DIR")?).join(format!("{file}.rs"));
    fs::write(&copy, change(fs::read_to_string(format!("src/ffi/{file}.rs"))?.replace('\r', "")))?;
    Ok(copy)
}

/// cbindgen does not look into the macro around the table of statuses.
fn without_macro(source: &str) -> String {
    match source.split_once("\nstatuses! {\n").and_then(|(before, rest)| Some((before, rest.split_once("\n}\n")?))) {
        Some((before, (table, after))) => [before, "\n", table, "\n", after].concat(),
        None => source.to_owned(),
    }
}

fn ending(guard: &str) -> String {
    format!("\n#ifdef __cplusplus\n}}\n#endif\n\n#endif /* {guard} */\n")
}

/// The part before the functions, the version filled in.
fn preamble(file: &str) -> Result<String, Box<dyn Error>> {
    let preamble = fs::read_to_string(file)?.replace('\r', "");
    let version = env::var("CARGO_PKG_VERSION")?;
    let mut parts = Vec::new();
    for part in version.split('.') {
        parts.push(part.parse::<u32>()?);
    }
    let number = format!("0x{:02x}{:02x}{:02x}", parts[0], parts[1], parts[2]);
    let filled = preamble.replace("@VERSION@", &version).replace("@NUMBER@", &number);
    let filled = filled.replace("@MAJOR@", &parts[0].to_string()).replace("@MINOR@", &parts[1].to_string());
    Ok(filled.replace("@PATCH@", &parts[2].to_string()))
}

fn section(file: &Path, convention: &str) -> Result<String, Box<dyn Error>> {
    let mut config = Config {
        language: Language::C,
        no_includes: true,
        cpp_compat: false,
        usize_is_size_t: true,
        documentation_style: DocumentationStyle::Doxy,
        ..Config::default()
    };
    config.export.include = TYPES.map(str::to_owned).to_vec();
    config.function.prefix = Some("ETOAUTH_API".to_owned());
    config.function.args = Layout::Horizontal;
    let mut text = Vec::new();
    Builder::new().with_config(config).with_src(file).generate()?.write(&mut text);
    let text = String::from_utf8(text)?.replace('\r', "").replace("ETOAUTH_API\n", "ETOAUTH_API ");
    let text = shorten_comments(text.trim());
    Ok(text.lines().map(|line| finish(line, convention)).collect())
}

/// A comment of one line stands on one line.
fn shorten_comments(text: &str) -> String {
    let mut parts = text.split("/**\n * ");
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("\n */\n") {
            Some((comment, rest)) if !comment.contains('\n') => short += &format!("/** {comment} */\n{rest}"),
            _ => short += &format!("/**\n * {part}"),
        }
    }
    short
}

/// What cbindgen has no setting for: constants in parentheses, the calling convention before the name, and long
/// prototypes broken after the name.
fn finish(line: &str, convention: &str) -> String {
    if let Some((name, value)) = line.strip_prefix("#define ").and_then(|rest| rest.split_once(' ')) {
        return format!("#define {name} ({value})\n");
    }
    let Some((head, arguments)) = line.split_once('(').filter(|_| line.starts_with("ETOAUTH_API ")) else {
        return format!("{line}\n");
    };
    let name = head.rfind("etoauth_").unwrap_or(head.len());
    let head = format!("{}{convention} {}(", &head[..name], &head[name..]);
    if head.len() + arguments.len() <= WIDTH {
        return format!("{head}{arguments}\n");
    }
    let mut lines = vec![head, "   ".to_owned()];
    for argument in arguments.split_inclusive(',') {
        let last = lines.last_mut().expect("there is a line");
        if last.len() + argument.len() + 1 > WIDTH {
            lines.push(format!("    {}", argument.trim()));
        } else {
            *last += &format!(" {}", argument.trim());
        }
    }
    lines.join("\n") + "\n"
}
