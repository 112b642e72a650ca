//! Compiles, links and runs C programs as a stranger would, and starts the sandbox for them.
#![allow(dead_code, reason = "each driver uses a part")]

pub mod peer;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs};

use serde_json::Value;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linkage {
    Shared,
    Static,
    /// The program loads the library by itself.
    Loaded,
}

pub const BOTH: [Linkage; 2] = [Linkage::Shared, Linkage::Static];

/// What every C program of the tests must compile under.
pub const STRICT: [&str; 7] = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror", "-Wno-unused-function", "-g"];

/// And every C++ program.
pub const STRICT_CPP: [&str; 8] =
    ["-std=c++17", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-pedantic", "-Werror", "-g"];

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where cargo puts this run's artefacts: target/debug, or target/release.
pub fn artefacts() -> &'static Path {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    PATH.get_or_init(|| {
        let test = env::current_exe().expect("a test knows its own path");
        test.ancestors().nth(2).expect("tests run from target/<profile>/deps").to_owned()
    })
}

/// Where the libraries are that the programs are linked with: cargo's, or those that `make sanitize` has built.
fn libraries() -> PathBuf {
    env::var_os("ETOAUTH_TEST_LIBRARIES").map_or_else(|| artefacts().to_owned(), PathBuf::from)
}

/// The libraries and the sandbox. `cargo test` builds neither, since the crate has no rlib.
fn build() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(root()).args(["build", "--quiet", "--workspace", "--target-dir"]);
        cargo.arg(artefacts().parent().expect("a profile lies in a target directory"));
        // Build scripts watch these; with the test's own values they would all run again.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text == "OUT_DIR" || text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                cargo.env_remove(&name);
            }
        }
        if artefacts().ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().expect("cargo runs").success(), "the libraries don't build");
        let lib = shared_directory();
        fs::create_dir_all(&lib).expect("a directory for the shared library");
        remove_old_programs();
        let installed = lib.join("libetoauth.so.1");
        let fresh = lib.join(format!("new-{}", std::process::id()));
        fs::copy(libraries().join("libetoauth.so"), &fresh).expect("the shared library was built");
        fs::rename(&fresh, &installed).expect("it is installed under its soname");
        let _ = std::os::unix::fs::symlink("libetoauth.so.1", lib.join("libetoauth.so"));
    });
}

/// Those of test runs that have ended: name, linkage, process and number.
fn remove_old_programs() {
    let programs = fs::read_dir(programs_directory()).expect("it was just made");
    for program in programs.flatten() {
        let name = program.file_name().to_string_lossy().into_owned();
        let process = name.rsplit('-').nth(1).and_then(|process| process.parse::<u32>().ok());
        if process.is_some_and(|process| !Path::new("/proc").join(process.to_string()).exists()) {
            let _ = fs::remove_file(program.path());
        }
    }
}

fn programs_directory() -> PathBuf {
    libraries().join("c-tests")
}

fn shared_directory() -> PathBuf {
    programs_directory().join("lib")
}

pub fn shared_library() -> PathBuf {
    build();
    shared_directory().join("libetoauth.so.1")
}

pub fn static_library() -> PathBuf {
    build();
    libraries().join("libetoauth.a")
}

/// The C compiler. `make sanitize` gives the programs one that cargo must not use for what it builds.
pub fn c_compiler() -> Command {
    let name = env::var("ETOAUTH_TEST_CC").or_else(|_| env::var("CC"));
    Command::new(name.unwrap_or_else(|_| "cc".to_owned()))
}

/// Compiles and links tests/c/<name>.c.
pub fn compile(name: &str, linkage: Linkage) -> PathBuf {
    compile_source(&root().join("tests/c").join(format!("{name}.c")), linkage)
}

pub fn compile_source(source: &Path, linkage: Linkage) -> PathBuf {
    let name = source.file_stem().expect("a source has a name").to_string_lossy();
    let mut cc = c_compiler();
    cc.args(STRICT).arg(source);
    link(cc, &name, linkage)
}

/// Ends a compiler's command line, which holds the source already, and runs it.
pub fn link(mut cc: Command, name: &str, linkage: Linkage) -> PathBuf {
    build();
    // Tests run side by side: a program that one runs must not be written by another.
    static PROGRAMS: AtomicUsize = AtomicUsize::new(0);
    let number = PROGRAMS.fetch_add(1, Ordering::Relaxed);
    let program = programs_directory().join(format!("{name}-{linkage:?}-{}-{number}", std::process::id()));
    cc.arg("-I").arg(root().join("include")).arg("-o").arg(&program);
    match linkage {
        Linkage::Shared => {
            let lib = shared_directory();
            cc.arg("-L").arg(&lib).arg("-letoauth").arg(format!("-Wl,-rpath,{}", lib.display())).arg("-lpthread");
        }
        Linkage::Static => {
            cc.arg(static_library()).args(["-lpthread", "-ldl", "-lm"]);
        }
        Linkage::Loaded => {
            cc.args(["-lpthread", "-ldl"]);
        }
    }
    assert!(cc.status().expect("a C compiler").success(), "{name} does not compile");
    program
}

/// Runs a C program and fails with its output unless it succeeds.
pub fn run(command: &mut Command) -> String {
    run_with_input(command, "")
}

pub fn run_with_input(command: &mut Command, input: &str) -> String {
    let output = output_of(command, input);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{text}\n{errors}", output.status);
    text
}

/// Whether a tool is installed that not every machine has. What needs it is left out there, but not in CI.
pub fn has(tool: &str) -> bool {
    let found = Command::new(tool).arg("--version").output().is_ok();
    if !found {
        left_out(tool);
    }
    found
}

/// Says that something is not installed, and so a check left out.
pub fn left_out(what: &str) {
    assert!(env::var_os("CI").is_none(), "{what} is not installed");
    println!("SKIPPED a check, for {what} is not installed");
}

/// `None` where there is none.
pub fn cpp_compiler() -> Option<Command> {
    let name = env::var("CXX").unwrap_or_else(|_| "c++".to_owned());
    has(&name).then(|| Command::new(name))
}

/// The same command under valgrind, which fails it for a wrong access or a leak. `None` where valgrind is missing.
pub fn valgrind(command: &Command) -> Option<Command> {
    if !has("valgrind") {
        return None;
    }
    let mut valgrind = Command::new("valgrind");
    // One thread runs at a time; without turns, one that spins can keep the others waiting for minutes.
    valgrind.args(["-q", "--fair-sched=try", "--error-exitcode=99", "--leak-check=full"]);
    valgrind.args(["--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]);
    valgrind.arg(command.get_program()).args(command.get_args());
    valgrind.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Some(valgrind)
}

pub fn output_of(command: &mut Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = piped.spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let mut stdin = child.stdin.take().expect("it has an input");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || {
        // A program that does not read all of it is judged by its exit status.
        let _ = stdin.write_all(input.as_bytes());
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("the writer ends");
    output
}

/// All that a program said.
pub fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// An empty directory, which ends with this value.
pub struct Directory(pub PathBuf);

impl Directory {
    pub fn new() -> Directory {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("etoauth-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = env::temp_dir().join(name);
        fs::create_dir(&path).expect("a place for it");
        Directory(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running etoauth-sandbox. It ends with this value, or with the test's process.
pub struct Sandbox {
    child: Child,
    _stdin: ChildStdin,
    facts: HashMap<String, String>,
}

impl Sandbox {
    pub fn start(arguments: &[&str]) -> Sandbox {
        build();
        let mut command = Command::new(artefacts().join("etoauth-sandbox"));
        command.args(["--until-stdin-closes", "--tally"]).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the sandbox starts");
        let stdin = child.stdin.take().expect("it has an input");
        let lines = BufReader::new(child.stdout.take().expect("it has an output")).lines();
        let lines = lines.map(|line| line.expect("it speaks UTF-8")).take_while(|line| line != "ready");
        let facts = lines.filter_map(|line| line.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned()))).collect();
        Sandbox { child, _stdin: stdin, facts }
    }

    /// A program that the sandbox starts by itself, as the demo does.
    pub fn around(program: &Path) -> Command {
        build();
        let mut command = Command::new(artefacts().join("etoauth-sandbox"));
        command.arg("--").arg(program);
        command
    }

    pub fn fact(&self, name: &str) -> &str {
        self.facts.get(name).unwrap_or_else(|| panic!("the sandbox said no {name}"))
    }

    /// The sandbox's answer to a request of its admin path.
    pub fn admin(&self, path: &str) -> Value {
        let mut stream = TcpStream::connect(self.fact("url").strip_prefix("http://").unwrap()).unwrap();
        write!(stream, "GET /sandbox/{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// A command with what the program needs to find the sandbox, in its environment.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env("SANDBOX_URL", self.fact("url")).env("SANDBOX_TLS_URL", self.fact("tls_url"));
        command.env("SANDBOX_CA_FILE", self.fact("ca_file"));
        command.env("SANDBOX_KEY", self.fact("consumer_key")).env("SANDBOX_SECRET", self.fact("consumer_secret"));
        command
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
