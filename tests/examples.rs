//! What a newcomer copies: the programs in the README and the tutorial, and the examples.

mod support;

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use support::{
    BOTH, Linkage, STRICT, STRICT_CPP, Sandbox, artefacts, c_compiler, compile_source, cpp_compiler, link, root, run,
};

fn example(name: &str) -> PathBuf {
    root().join("examples-c").join(name)
}

/// The first C program of a page.
fn program_of(page: &str) -> PathBuf {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let program = text.split("```c\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let name = page.replace(['/', '.'], "-");
    let source = artefacts().join(format!("{name}-{}.c", std::process::id()));
    std::fs::write(&source, program).unwrap();
    source
}

#[test]
fn the_readmes_program_compiles_and_links() {
    let source = program_of("README.md");
    let lines = std::fs::read_to_string(&source).unwrap().lines().count();
    assert!((30..=50).contains(&lines), "a program of about forty lines");
    for linkage in BOTH {
        // It is not run: it would talk to E*TRADE.
        compile_source(&source, linkage);
    }
}

/// With a person who approves at once and types the code.
#[test]
fn the_tutorials_program_logs_in() {
    let source = program_of("docs/tutorial.md");
    for linkage in BOTH {
        let mut command = Sandbox::around(&compile_source(&source, linkage));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"SBX42\n").unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && said.contains("/authorize?") && said.contains("accountId"), "{said}");
    }
}

#[test]
fn the_readmes_cpp_compiles_and_links() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let lines = readme.split("```cpp\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert!((8..=12).contains(&lines.lines().count()), "about ten lines");
    let Some(mut compiler) = cpp_compiler() else { return };
    // They are the body of a function, but for the header.
    let (include, body) = lines.split_once("\n\n").unwrap();
    let source = artefacts().join(format!("readme-{}.cpp", std::process::id()));
    let program = format!("#include <iostream>\n{include}\nint main()\n{{\n{body}}}\n");
    std::fs::write(&source, program).unwrap();
    compiler.args(STRICT_CPP).arg(&source);
    link(compiler, "readme-cpp", Linkage::Shared);
}

#[test]
fn examples_are_short() {
    for entry in std::fs::read_dir(example("")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        let most = match path.extension().and_then(|extension| extension.to_str()) {
            Some("c" | "cpp" | "h" | "hpp") if *name >= *"05" => 150,
            Some("c") => 100,
            Some("cpp") => 120,
            _ => continue,
        };
        assert!(std::fs::read_to_string(&path).unwrap().lines().count() < most, "{name}");
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

/// Somebody who opens the page, accepts, and is redirected to the program that waits.
#[test]
fn callback() {
    for linkage in BOTH {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let callback = format!("http://127.0.0.1:{port}/back?from=etrade");
        let sandbox = Sandbox::start(&["--callback", &callback]);
        let mut command = Command::new(compile_source(&example("02_lifecycle.c"), linkage));
        command.args(["--callback", &callback]).env("ETOAUTH_SANDBOX_URL", sandbox.fact("url"));
        command.env("ETOAUTH_SANDBOX_KEY", sandbox.fact("consumer_key"));
        command.env("ETOAUTH_SANDBOX_SECRET", sandbox.fact("consumer_secret"));
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let page = lines.find(|line| line.contains("/authorize?")).unwrap();
        let (_, query) = page.split_once('?').unwrap();
        let form = format!("{query}&decision=accept");
        let head = format!(
            "POST /e/t/etws/authorize HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{form}",
            form.len()
        );
        let accepted = ask(sandbox.fact("url"), &head);
        let location = accepted.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
        let target = location.strip_prefix(&format!("http://127.0.0.1:{port}")).unwrap();
        let seen = ask(&callback, &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        assert!(seen.contains("close this window"), "{seen}");
        assert!(lines.any(|line| line.contains("access token revoked")));
        assert!(child.wait().unwrap().success());
    }
}

/// Sends a request to the URL's host and gives the whole answer.
fn ask(url: &str, request: &str) -> String {
    let authority = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let mut server = TcpStream::connect(authority).unwrap();
    server.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    server.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn own_http() {
    let mut probe = c_compiler();
    probe.args(["-include", "curl/curl.h", "-E", "-x", "c", "/dev/null"]).stdout(Stdio::null()).stderr(Stdio::null());
    if !probe.status().unwrap().success() {
        assert!(env::var_os("CI").is_none(), "libcurl's header is not installed");
        println!("SKIPPED, for libcurl's header is not installed: 03_own_http");
        return;
    }
    for linkage in BOTH {
        let mut cc = c_compiler();
        cc.args(STRICT).arg(example("03_own_http.c")).arg("-lcurl");
        let program = link(cc, "03_own_http", linkage);
        let said = run(&mut Sandbox::around(&program));
        let steps =
            ["request token fetched", "access token fetched", ": HTTP 200, advice 0\n<?xml", "renewed", "revoked"];
        for step in steps {
            assert!(said.contains(step), "{step} is missing in\n{said}");
        }

        // Each OAuth call meets a passing fault, and the call of its own a token that went to sleep.
        let sandbox = Sandbox::start(&["--code", "SBX42"]);
        for fault in
            ["on=/oauth/req&code=parameter_absent", "on=/oauth/acc&code=nonce_used", "on=/v1&code=token_expired"]
        {
            let request = format!(
                "GET /sandbox/fault?kind=problem&{fault} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            );
            let answer = ask(sandbox.fact("url"), &request);
            assert!(answer.contains(" 200 "), "{answer}");
        }
        let mut command = Command::new(&program);
        command.env("ETOAUTH_SANDBOX_URL", sandbox.fact("url")).env("ETOAUTH_SANDBOX_CODE", "SBX42");
        command.env("ETOAUTH_SANDBOX_KEY", sandbox.fact("consumer_key"));
        command.env("ETOAUTH_SANDBOX_SECRET", sandbox.fact("consumer_secret"));
        let said = run(&mut command);
        assert!(said.contains("renewed, since it was refused\nGET "), "{said}");
        assert!(said.contains(": HTTP 200, advice 0\n"), "{said}");
    }
}

#[test]
fn engine() {
    for linkage in BOTH {
        let Some(mut compiler) = cpp_compiler() else { return };
        compiler.args(STRICT_CPP).arg("-O2").arg(example("04_engine.cpp"));
        let said = run(&mut Sandbox::around(&link(compiler, "04_engine", linkage)));
        // Every signature was made, and every thread noticed the other login.
        let (calls, ends) =
            (said.matches("HTTP 200").count(), said.contains("160000 signatures; a new signer was needed 8 times"));
        assert!(calls == 2 && ends && said.contains("logged in again while 8 threads sign"), "{said}");
    }
}
