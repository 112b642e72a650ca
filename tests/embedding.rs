//! What docs/embedding.md tells authors of bindings, and how long hosts in several languages take to end.

mod support;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use support::peer::{Peer, read_request};
use support::{BOTH, Sandbox, artefacts, compile, has, output_of, root, run, shared_library};

/// Longer than any test runs.
const ALARM: Duration = Duration::from_secs(600);
/// The call's timeout, of a host that waits for it, and of one that is not to wait.
const SHORT_MS: u32 = 5_000;
const HOUR_MS: u32 = 3_600_000;

// What a host writes.
const LEAVING: &str = "leaving";
const HOOK: &str = "hook";
const TIMED_OUT: &str = "ended -44 127.0.0.1: the call timed out";
const CANCELLED: &str = "ended -44 127.0.0.1: the call was cancelled";

/// A way to end, the timeout of the call that is under way then, and what the host writes. A host that is not to wait for
/// its call has an hour.
type Way<'a> = (&'a str, u32, &'a [&'a str]);

/// A program that the test ends if it takes too long, with the shared library where the loader finds it.
fn host(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("timeout");
    command.arg(ALARM.as_secs().to_string()).arg(program);
    command.env("LD_LIBRARY_PATH", shared_library().parent().unwrap());
    command
}

fn script(name: &str) -> PathBuf {
    root().join("tests/ffi").join(name)
}

fn python(name: &str) -> Command {
    let mut command = host("python3");
    command.arg(script(name)).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Has a host leave when its request has come and gets no response. Gives the time from then to its end.
fn leave(mut host: Command, (way, timeout_ms, expected): Way) -> Duration {
    let (sender, came) = mpsc::channel();
    let peer = Peer::start(move |stream| {
        let mut reader = BufReader::new(&stream);
        if read_request(&mut reader).is_some() {
            let _ = sender.send(());
            let _ = reader.read(&mut [0]);
        }
    });
    host.arg(way).arg(format!("http://{}", peer.address)).arg(timeout_ms.to_string());
    let mut child = host.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let called = came.recv_timeout(ALARM);
    let begun = Instant::now();
    let _ = child.stdin.take().unwrap().write_all(b"\n");
    let output = child.wait_with_output().unwrap();
    let took = begun.elapsed();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(called.is_ok() && output.status.success(), "{way}: {} {said}", output.status);
    let lines: Vec<_> = said.lines().collect();
    let alike = lines.iter().zip(expected).all(|(line, part)| line.starts_with(part));
    assert!(lines.len() == expected.len() && alike, "{way}: {lines:#?}");
    println!("{way}, timeout {timeout_ms} ms: {} ms", took.as_millis());
    took
}

/// One after the other, except for those that wait.
fn all_leave(host: impl Fn() -> Command + Sync, ways: &[Way]) {
    for way in ways.iter().filter(|way| way.1 == HOUR_MS) {
        leave(host(), *way);
    }
    thread::scope(|scope| {
        for way in ways.iter().filter(|way| way.1 != HOUR_MS) {
            scope.spawn(|| leave(host(), *way));
        }
    });
}

#[test]
fn c_hosts_leave() {
    for linkage in BOTH {
        let program = compile("exits", linkage);
        let ways: [Way; 5] = [
            ("return", HOUR_MS, &[LEAVING]),
            ("exit", HOUR_MS, &[LEAVING]),
            ("exit, atexit", HOUR_MS, &[LEAVING, HOOK, CANCELLED]),
            ("cancel, join", HOUR_MS, &[LEAVING, CANCELLED]),
            ("join", SHORT_MS, &[LEAVING, TIMED_OUT]),
        ];
        all_leave(|| host(&program), &ways);
    }
}

#[test]
fn python_hosts_leave() {
    if !has("python3") {
        return;
    }
    let ways: [Way; 13] = [
        ("daemon thread", HOUR_MS, &[LEAVING]),
        ("finally", HOUR_MS, &[LEAVING, HOOK, CANCELLED]),
        ("thread, _register_atexit", HOUR_MS, &[LEAVING, HOOK, CANCELLED]),
        ("pool, _register_atexit", HOUR_MS, &[LEAVING, HOOK, CANCELLED]),
        ("asyncio, finally", HOUR_MS, &[LEAVING, HOOK, CANCELLED]),
        ("interrupted beside the call", HOUR_MS, &[LEAVING, "interrupted", HOOK, CANCELLED]),
        ("thread", SHORT_MS, &[LEAVING, TIMED_OUT]),
        ("thread, atexit", SHORT_MS, &[LEAVING, TIMED_OUT, HOOK]),
        ("pool", SHORT_MS, &[LEAVING, TIMED_OUT]),
        ("pool, atexit", SHORT_MS, &[LEAVING, TIMED_OUT, HOOK]),
        ("_register_atexit, pool", SHORT_MS, &[LEAVING, TIMED_OUT, HOOK]),
        ("asyncio", SHORT_MS, &[LEAVING, TIMED_OUT]),
        // And what came of the call is lost.
        ("interrupted in the call", SHORT_MS, &[LEAVING, "interrupted"]),
    ];
    all_leave(|| python("exits.py"), &ways);
}

/// koffi is found by NODE_PATH.
#[test]
#[ignore = "needs Node and koffi"]
fn node_hosts_leave() {
    let node = || {
        let mut command = host("node");
        command.arg(script("exits.cjs"));
        command
    };
    leave(node(), ("cancel", HOUR_MS, &[LEAVING, HOOK, CANCELLED]));
    leave(node(), ("exit, on exit", HOUR_MS, &[LEAVING, HOOK]));
    leave(node(), ("end", SHORT_MS, &[LEAVING, TIMED_OUT]));
    // It waits, and the call's end is never told.
    let took = leave(node(), ("exit", SHORT_MS, &[LEAVING]));
    assert!(took.as_millis() > u128::from(SHORT_MS) / 2);
}

#[test]
#[ignore = "needs Java 22 or later"]
fn java_hosts_leave() {
    let ways: [Way; 9] = [
        ("thread, System.exit", HOUR_MS, &[LEAVING]),
        ("thread, System.exit, shutdown hook", HOUR_MS, &[LEAVING, HOOK]),
        ("thread, cancel", HOUR_MS, &[LEAVING, HOOK, CANCELLED]),
        ("daemon thread", HOUR_MS, &[LEAVING]),
        ("virtual thread", HOUR_MS, &[LEAVING]),
        ("virtual thread, cancel, join", HOUR_MS, &[LEAVING, HOOK, CANCELLED]),
        ("thread", SHORT_MS, &[LEAVING, TIMED_OUT]),
        ("thread, shutdown hook", SHORT_MS, &[LEAVING, TIMED_OUT, HOOK]),
        // The call holds the carrier, so that no other virtual thread runs meanwhile.
        ("two virtual threads on one carrier, join", SHORT_MS, &[LEAVING, TIMED_OUT, "second", TIMED_OUT]),
    ];
    let java = || {
        let mut command = host("java");
        command.arg("--enable-native-access=ALL-UNNAMED").arg(script("Exits.java"));
        command
    };
    all_leave(java, &ways);
}

#[test]
#[ignore = "needs Go"]
fn go_hosts_leave() {
    let library = shared_library();
    let program = artefacts().join("c-tests").join(format!("exits-go-{}-0", std::process::id()));
    let mut go = Command::new("go");
    go.arg("build").arg("-o").arg(&program).arg(script("exits.go")).env("GOFLAGS", "-buildvcs=false");
    go.env("CGO_CFLAGS", format!("-I{}", root().join("include").display()));
    go.env("CGO_LDFLAGS", library);
    run(&mut go);
    let ways: [Way; 4] = [
        ("return", HOUR_MS, &[LEAVING]),
        ("os.Exit", HOUR_MS, &[LEAVING]),
        ("cancel", HOUR_MS, &[LEAVING, CANCELLED]),
        ("wait", SHORT_MS, &[LEAVING, TIMED_OUT]),
    ];
    all_leave(|| host(&program), &ways);
}

#[test]
fn handles_texts_and_finalisers_in_python() {
    if has("python3") {
        assert_eq!(run(&mut python("handles.py")), "as a binding does it\n");
    }
}

/// As it stands on the page.
#[test]
fn the_pages_binding() {
    let page = fs::read_to_string(root().join("docs/embedding.md")).unwrap();
    let binding = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!(binding.lines().count() < 80, "it is a short one");
    if !has("python3") {
        return;
    }
    let directory = artefacts().join("c-tests").join(format!("binding-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("etoauth.py"), binding).unwrap();
    let sandbox = Sandbox::start(&[]);
    let mut command = python("asyncio_host.py");
    let facts = sandbox.command(Path::new(""));
    command.envs(facts.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PYTHONPATH", &directory);
    assert_eq!(run(&mut command), "every call had its own end\n");
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn the_page_names_tests_that_exist() {
    let page = fs::read_to_string(root().join("docs/embedding.md")).unwrap();
    let named = page.split('`').filter(|text| text.starts_with("tests/") && !text.contains(' '));
    let named: BTreeSet<_> = named.collect();
    assert!(named.len() > 20, "{named:?}");
    for name in named {
        assert!(root().join(name).exists(), "{name}");
    }
}

#[test]
fn the_process_stays_as_it_was() {
    for linkage in BOTH {
        let sandbox = Sandbox::start(&[]);
        let program = compile("undisturbed", linkage);
        let session = program.with_extension("session");
        let output = output_of(sandbox.command(&program).arg(&session), "");
        assert!(output.status.success() && output.stderr.is_empty() && output.stdout == b"as it was\n", "{output:?}");
        fs::remove_file(&session).unwrap();
        let _ = fs::remove_file(session.with_extension("session.lock"));
    }
}

#[test]
fn a_limit_of_memory() {
    for linkage in BOTH {
        let calls = Arc::new(AtomicUsize::new(0));
        let peer = Peer::start(move |mut stream| {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while read_request(&mut reader).is_some() {
                let size = [0, 4 << 20][calls.fetch_add(1, Ordering::SeqCst).min(1)];
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n");
                if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&vec![b'x'; size])).is_err() {
                    return;
                }
            }
        });
        let mut command = host(compile("memory_limit", linkage));
        // Another arena has address space in reserve.
        command.env("MALLOC_ARENA_MAX", "1");
        assert_eq!(run(command.arg(format!("http://{}", peer.address))), "said so\n");
    }
}
