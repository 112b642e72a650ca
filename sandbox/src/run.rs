//! From start to exit: opens the ports, tells where they are, and waits for the end.

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus};
use std::sync::Arc;

use tempfile::NamedTempFile;
use tokio::process::Command;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::certificate;
use crate::options::Options;
use crate::sandbox::{Consumer, Sandbox};
use crate::server;

pub async fn run(options: Options) -> Result<ExitCode, Box<dyn Error>> {
    let code = options.instant_code();
    let (tls, ca_pem) = certificate::make()?;
    let (plain_listener, port) = server::listen(options.port).await?;
    let (tls_listener, tls_port) = server::listen(options.tls_port).await?;
    let ca_file = CaFile::write(options.ca_file, &ca_pem)?;

    let facts = [
        ("url", format!("http://127.0.0.1:{port}")),
        ("tls_url", format!("https://localhost:{tls_port}")),
        ("ca_file", ca_file.path.display().to_string()),
        ("consumer_key", options.consumer_key.clone()),
        ("consumer_secret", options.consumer_secret.clone()),
    ];
    let sandbox = Arc::new(Sandbox::new(Consumer {
        key: options.consumer_key,
        secret: options.consumer_secret,
        application: options.application,
        owner: options.key_owner,
        callback: options.callback,
        instant_code: code.clone(),
    }));
    options.faults.into_iter().for_each(|fault| sandbox.state().faults.arm(fault));
    let router = server::router(&sandbox);
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    tokio::spawn(server::accept(plain_listener, None, Arc::clone(&sandbox), router.clone()));
    tokio::spawn(server::accept(tls_listener, Some(acceptor), sandbox, router));

    if let [program, arguments @ ..] = options.command.as_slice() {
        return run_command(program, arguments, &facts, code).await;
    }
    announce(&facts)?;
    if options.until_stdin_closes {
        tokio::select! {
            () = stdin_closed() => {}
            () = told_to_stop() => {}
        }
    } else {
        told_to_stop().await;
    }
    Ok(ExitCode::SUCCESS)
}

/// The authority's certificate on disk; a temporary file goes when this is dropped.
struct CaFile {
    path: PathBuf,
    _temporary: Option<NamedTempFile>,
}

impl CaFile {
    fn write(wanted: Option<PathBuf>, pem: &str) -> io::Result<Self> {
        if let Some(path) = wanted {
            std::fs::write(&path, pem)?;
            return Ok(Self { path, _temporary: None });
        }
        let mut file = tempfile::Builder::new().prefix("etoauth-sandbox-ca-").suffix(".pem").tempfile()?;
        file.write_all(pem.as_bytes())?;
        Ok(Self { path: file.path().to_owned(), _temporary: Some(file) })
    }
}

type Facts = [(&'static str, String)];

fn announce(facts: &Facts) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for (name, value) in facts {
        writeln!(stdout, "{name}={value}")?;
    }
    writeln!(stdout, "ready")?;
    stdout.flush()
}

/// Runs the command with the facts in its environment, and ends as it ends.
async fn run_command(
    program: &OsString,
    arguments: &[OsString],
    facts: &Facts,
    code: Option<String>,
) -> Result<ExitCode, Box<dyn Error>> {
    let mut command = Command::new(program);
    command.args(arguments).kill_on_drop(true);
    for (name, value) in facts {
        let name = match *name {
            "consumer_key" => "KEY".to_owned(),
            "consumer_secret" => "SECRET".to_owned(),
            name => name.to_uppercase(),
        };
        command.env(format!("ETOAUTH_SANDBOX_{name}"), value);
    }
    command.env("ETOAUTH_SANDBOX_CODE", code.unwrap_or_default());

    let mut child = command.spawn().map_err(|error| format!("{}: {error}", program.to_string_lossy()))?;
    tokio::select! {
        status = child.wait() => Ok(exit_code(status?)),
        () = told_to_stop() => Ok(ExitCode::FAILURE),
    }
}

#[cfg(unix)]
fn exit_code(status: ExitStatus) -> ExitCode {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    ExitCode::from(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX))
}

#[cfg(not(unix))]
fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(u8::MAX))
}

/// Waits on a thread of its own, which does not hold up the exit.
async fn stdin_closed() {
    let (sender, closed) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        // An error is an end as well.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        drop(sender);
    });
    let _ = closed.await;
}

/// Waits for Ctrl-C or a termination signal, so that the temporary file is removed on the way out.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
