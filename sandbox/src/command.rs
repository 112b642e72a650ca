//! A command that runs beside the sandbox.

use std::error::Error;
use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::{ExitCode, ExitStatus};

use tokio::process::{Child, Command};

/// The names by which programs know a file of certificates.
const CA_VARIABLES: [&str; 4] = ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/// Requests to this machine go past the proxy.
const LOOPBACK: &str = "localhost,127.0.0.1,::1";

/// What a command finds in its environment.
pub struct Environment(Vec<(String, OsString)>);

impl Environment {
    /// The sandbox's facts by its own names.
    pub fn new(facts: &[(&'static str, String)], code: &str) -> Self {
        let own_name = |name: &str| match name {
            "consumer_key" => "KEY".to_owned(),
            "consumer_secret" => "SECRET".to_owned(),
            name => name.to_uppercase(),
        };
        let mut variables = Self(Vec::new());
        for (name, value) in facts {
            variables.add(&format!("ETOAUTH_SANDBOX_{}", own_name(name)), value);
        }
        variables.add("ETOAUTH_SANDBOX_CODE", code);
        variables
    }

    /// Leads requests for E*TRADE's hosts here. Some programs know a variable by its name in lower case alone.
    pub fn behind_proxy(mut self, proxy: &str, ca_file: &Path) -> Self {
        for (name, value) in [("HTTPS_PROXY", proxy), ("NO_PROXY", LOOPBACK)] {
            self.add(name, value);
            self.add(&name.to_lowercase(), value);
        }
        for name in CA_VARIABLES {
            self.add(name, ca_file);
        }
        // Node.js reads the others only then.
        self.add("NODE_USE_ENV_PROXY", "1");
        self
    }

    fn add(&mut self, name: &str, value: impl Into<OsString>) {
        self.0.push((name.to_owned(), value.into()));
    }
}

/// Runs the command, passes signals on to it, and ends as it ends.
pub async fn run(command: &[OsString], environment: Environment, signals: Signals) -> Result<ExitCode, Box<dyn Error>> {
    let [program, arguments @ ..] = command else {
        return Err("there is no command".into());
    };
    let child = Command::new(program).args(arguments).envs(environment.0).kill_on_drop(true).spawn();
    let mut child = child.map_err(|error| format!("{}: {error}", program.to_string_lossy()))?;
    Ok(exit_code(wait(&mut child, signals).await?))
}

async fn wait(child: &mut Child, mut signals: Signals) -> io::Result<ExitStatus> {
    loop {
        tokio::select! {
            status = child.wait() => return status,
            signal = signals.next() => pass_on(child, signal),
        }
    }
}

#[cfg(unix)]
pub use unix::{Signals, exit_code, pass_on};

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{ExitCode, ExitStatus};

    use rustix::process::{Pid, Signal, getpgrp, kill_process};
    use rustix::termios::tcgetpgrp;
    use tokio::process::Child;
    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    /// The signals that ask a process to end.
    pub struct Signals {
        interrupt: Stream,
        terminate: Stream,
        hangup: Stream,
        quit: Stream,
    }

    impl Signals {
        pub fn listen() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
                quit: signal(SignalKind::quit())?,
            })
        }

        pub async fn next(&mut self) -> Signal {
            tokio::select! {
                _ = self.interrupt.recv() => Signal::INT,
                _ = self.terminate.recv() => Signal::TERM,
                _ = self.hangup.recv() => Signal::HUP,
                _ = self.quit.recv() => Signal::QUIT,
            }
        }
    }

    pub fn pass_on(child: &Child, signal: Signal) {
        let by_key = matches!(signal, Signal::INT | Signal::QUIT);
        if by_key && in_foreground() {
            // The terminal has told the command, too: twice would cut its end short.
            return;
        }
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        // A command that has ended meanwhile needs no signal.
        id.map(|id| kill_process(id, signal));
    }

    /// Whether keys of the terminal reach this process, and the command with it.
    fn in_foreground() -> bool {
        File::open("/dev/tty").is_ok_and(|terminal| tcgetpgrp(&terminal).is_ok_and(|group| group == getpgrp()))
    }

    pub fn exit_code(status: ExitStatus) -> ExitCode {
        let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
        ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
    }
}

#[cfg(not(unix))]
pub use elsewhere::{Signals, exit_code, pass_on};

#[cfg(not(unix))]
mod elsewhere {
    use std::io;
    use std::process::{ExitCode, ExitStatus};

    use tokio::process::Child;

    /// Ctrl-C, which the console tells the command, too.
    pub struct Signals;

    impl Signals {
        pub fn listen() -> io::Result<Self> {
            Ok(Self)
        }

        pub async fn next(&mut self) {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    pub fn pass_on(_child: &Child, _signal: ()) {}

    pub fn exit_code(status: ExitStatus) -> ExitCode {
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        ExitCode::from(code.unwrap_or(u8::MAX))
    }
}
