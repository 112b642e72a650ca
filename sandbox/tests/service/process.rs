//! The program: its command line, its start and its end.

use std::path::Path;
use std::process::Stdio;

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
    let mistakes = [&["--port", "x"][..], &["--fault", "kind=none"], &["--until-stdin-closes", "--", "true"]];
    for arguments in mistakes {
        let output = command(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
    let output = command(&["--", "/nonexistent/command"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
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
