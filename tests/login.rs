//! The OAuth calls against the sandbox: the lifecycle over HTTP and over TLS, and everything that goes wrong on the way.

mod support;

use std::path::Path;
use std::process::Command;

use support::{BOTH, Linkage, Sandbox, compile, left_out, run};

#[test]
fn lifecycle() {
    for linkage in BOTH {
        let program = compile("lifecycle", linkage);
        let plain = Sandbox::start(&[]);
        assert_eq!(run(plain.command(&program).arg(plain.fact("url"))), "logged in, renewed, revoked\n");
        let secure = Sandbox::start(&[]);
        let (url, ca_file) = (secure.fact("tls_url"), secure.fact("ca_file"));
        assert_eq!(run(secure.command(&program).args([url, ca_file])), "logged in, renewed, revoked\n");
        // In the place of the machine's own trust store.
        let trusted = Sandbox::start(&[]);
        let mut command = trusted.command(&program);
        command.env("SSL_CERT_FILE", trusted.fact("ca_file")).env_remove("SSL_CERT_DIR");
        assert_eq!(run(command.arg(trusted.fact("tls_url"))), "logged in, renewed, revoked\n");
    }
}

#[test]
fn errors() {
    for linkage in BOTH {
        let sandbox = Sandbox::start(&[]);
        assert_eq!(run(&mut sandbox.command(&compile("errors", linkage))), "every error was told\n");
    }
}

/// From 1970 to 2100 each year has one day of 23 hours and one of 25. One linkage: the library is not optimised here.
#[test]
fn midnight_in_new_york_as_the_system_has_it() {
    if !Path::new("/usr/share/zoneinfo/America/New_York").exists() {
        return left_out("tzdata");
    }
    let mut command = Command::new(compile("midnight", Linkage::Shared));
    assert_eq!(run(&mut command), "47847 days, of 23 hours 131, of 25 hours 131\n");
}
