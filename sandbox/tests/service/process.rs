//! The program: its command line, its start and its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
#[cfg(unix)]
use std::process::{Child, Command};

use crate::client::get;
use crate::harness::{Service, command};

#[test]
fn it_ends_with_its_input_and_removes_its_file() {
    let mut service = Service::start(&[]);
    let ca_file = service.fact("ca_file").to_owned();
    assert!(Path::new(&ca_file).exists());
    drop(service.child.stdin.take());
    assert!(service.child.wait().unwrap().success());
    assert!(!Path::new(&ca_file).exists());
}

#[test]
fn the_authority_goes_where_it_is_wanted() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ca.pem");
    let service = Service::start(&["--ca-file", path.to_str().unwrap()]);
    assert_eq!(Path::new(service.fact("ca_file")), path);
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn faults_are_armed_at_the_start() {
    let service = Service::start(&["--fault", "kind=status&http=503&on=/v1&times=2", "--fault", "kind=hold"]);
    assert_eq!(service.count("faults"), 2);
    let answer = get("/v1/accounts/list").ask(&service);
    assert_eq!(answer.status, 503);
}

#[test]
fn mistakes_on_the_command_line_are_refused() {
    let mistakes = [
        &["--port", "x"][..],
        &["--fault", "kind=none"],
        &["--until-stdin-closes", "--", "true"],
        &["--json", "--", "true"],
        &["--consumer-key", ""],
        &["--consumer-secret", ""],
        &["--code", ""],
        &["--key", "key"],
        &["--key", ":secret"],
        &["--key", "key:"],
        &["--callback", ""],
        &["--callback", "no url"],
        &["--callback", "/path"],
        &["--callback", "127.0.0.1:8080/path"],
        &["--callback", "http://127.0.0.1/#part"],
    ];
    for arguments in mistakes {
        let output = command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    // Not taken for an option, which would be told how to become a command.
    let output = command(&["--port", "-1"]).output().unwrap();
    assert!(output.status.code() == Some(2) && String::from_utf8_lossy(&output.stderr).contains("-1 is not in"));
    let output = command(&["--", "/nonexistent/command"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

/// Before anything is served, and with the name of what is wrong.
#[test]
fn what_cannot_be_used_is_refused_at_the_start() {
    let directory = tempfile::tempdir().unwrap();
    let notes = directory.path().join("notes.txt");
    std::fs::write(&notes, "not a certificate").unwrap();
    let notes = notes.to_str().unwrap();
    for (arguments, named) in [
        (&["--ca-file", notes][..], "notes.txt"),
        (&["--state", "/nonexistent/state.json"], "/nonexistent/state.json"),
        (&["--consumer-key", "one", "--key", "one:secret"], "one"),
        (&["--key", "two:secret", "--key", "two:other"], "two"),
    ] {
        let output = command(arguments).arg("--until-stdin-closes").stdin(Stdio::null()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(output.stdout.is_empty() && String::from_utf8_lossy(&output.stderr).contains(named), "{arguments:?}");
    }
    assert_eq!(std::fs::read_to_string(notes).unwrap(), "not a certificate");
}

#[cfg(unix)]
#[test]
fn a_command_runs_with_the_facts_and_gives_its_exit_code() {
    let script = "test -r \"$ETOAUTH_SANDBOX_CA_FILE\" && echo $ETOAUTH_SANDBOX_URL \
                  $ETOAUTH_SANDBOX_TLS_URL $ETOAUTH_SANDBOX_KEY $ETOAUTH_SANDBOX_SECRET \
                  $ETOAUTH_SANDBOX_CODE; exit 7";
    let facts = ["--consumer-key", "k", "--consumer-secret", "s", "--", "sh", "-c", script];
    let output = command(&facts).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    let printed = String::from_utf8(output.stdout).unwrap();
    let words: Vec<&str> = printed.split_whitespace().collect();
    assert!(words[0].starts_with("http://127.0.0.1:"), "{printed}");
    assert!(words[1].starts_with("https://localhost:"), "{printed}");
    assert_eq!(words[2..], ["k", "s", "SBX42"]);

    let killed = command(&["--", "sh", "-c", "kill -TERM $$"]).output().unwrap();
    assert_eq!(killed.status.code(), Some(128 + 15));
}

#[test]
fn errors_name_port_and_path() {
    let service = Service::start(&[]);
    let port = service.host("url").rsplit_once(':').unwrap().1;
    let mistakes = [
        (vec!["--port", port], port),
        (vec!["--tls-port", port], port),
        (vec!["--ca-file", "/nonexistent/ca.pem"], "/nonexistent/ca.pem"),
    ];
    for (arguments, named) in mistakes {
        let output = command(&arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains(named), "{error}");
    }
}

#[test]
fn the_ready_line_in_json() {
    let mut child =
        command(&["--json", "--until-stdin-closes"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    let facts: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(facts["ready"], true);
    assert!(facts["url"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{facts}");
    assert!(output.stdout.ends_with(b"}\n"));
}

#[test]
fn it_tells_of_requests() {
    let mut child = command(&["--verbose", "--json", "--until-stdin-closes"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let facts: serde_json::Value = serde_json::from_str(&line).unwrap();
    let host = facts["url"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let mut tcp = TcpStream::connect(&host).unwrap();
    write!(tcp, "GET /v1/echo HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    tcp.read_to_end(&mut Vec::new()).unwrap();
    drop(child.stdin.take());
    let told = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    let expected = format!("GET http://{host}/v1/echo 400 refused: parameter_absent. oauth_consumer_key is absent.");
    assert!(told.starts_with(&expected), "{told}");
}

#[cfg(unix)]
fn signal(child: &Child, signal: &str) {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[cfg(unix)]
#[test]
fn signals_that_end_it_leave_no_file() {
    for name in ["-TERM", "-INT", "-HUP", "-QUIT"] {
        let mut service = Service::start(&[]);
        signal(&service.child, name);
        assert!(service.child.wait().unwrap().success(), "{name}");
        assert!(!Path::new(service.fact("ca_file")).exists(), "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_command_gets_the_signals_and_ends_in_its_own_time() {
    for name in ["TERM", "INT", "HUP"] {
        let script =
            format!("trap 'kill $!; echo torn down; exit 3' {name}; sleep 20 & echo $ETOAUTH_SANDBOX_CA_FILE; wait");
        let mut child = command(&["--", "sh", "-c", &script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ca_file = lines.next().unwrap().unwrap();
        assert!(Path::new(&ca_file).exists());
        signal(&child, &format!("-{name}"));
        assert_eq!(lines.next().unwrap().unwrap(), "torn down");
        assert_eq!(child.wait().unwrap().code(), Some(3));
        assert!(!Path::new(&ca_file).exists());
    }
}

#[cfg(unix)]
#[test]
fn a_command_finds_the_proxy() {
    let script = "echo $HTTPS_PROXY $https_proxy; echo $NO_PROXY $no_proxy; \
                  echo $SSL_CERT_FILE $REQUESTS_CA_BUNDLE $CURL_CA_BUNDLE $NODE_EXTRA_CA_CERTS; \
                  echo $ETOAUTH_SANDBOX_URL $ETOAUTH_SANDBOX_CA_FILE";
    let output = command(&["--", "sh", "-c", script]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = printed.lines().collect();
    let (url, ca_file) = lines[3].split_once(' ').unwrap();
    let loopback = "localhost,127.0.0.1,::1";
    assert_eq!(lines[0], format!("{url} {url}"));
    assert_eq!(lines[1], format!("{loopback} {loopback}"));
    assert_eq!(lines[2], [ca_file; 4].join(" "));
}
