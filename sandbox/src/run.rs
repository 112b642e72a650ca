//! From start to exit: opens the ports, tells where they are, and waits for the end.

use std::error::Error;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::broker::Broker;
use crate::command::{self, Environment, Signals};
use crate::options::Options;
use crate::sandbox::{Address, Consumer, Sandbox, Settings};
use crate::{certificate, server};

pub async fn run(options: Options) -> Result<ExitCode, Box<dyn Error>> {
    if let Some(key) = options.repeated_key() {
        return Err(format!("the consumer key {key} was given twice").into());
    }
    // Listened for from the beginning: none must end the process while there is a file to remove or a command.
    let mut signals = Signals::listen()?;
    let code = options.instant_code();
    let (tls, ca_pem) = certificate::make()?;
    let (plain_listener, port) = server::listen(options.port).await?;
    let (tls_listener, tls_port) = server::listen(options.tls_port).await?;
    let ca_file = CaFile::write(options.ca_file, &ca_pem)?;

    let address = Address {
        url: format!("http://127.0.0.1:{port}"),
        tls_url: format!("https://localhost:{tls_port}"),
        ca_file: ca_file.path.display().to_string(),
    };
    let facts = [
        ("url", address.url.clone()),
        ("tls_url", address.tls_url.clone()),
        ("ca_file", address.ca_file.clone()),
        ("consumer_key", options.consumer_key.clone()),
        ("consumer_secret", options.consumer_secret.clone()),
    ];
    let consumer = Consumer {
        key: options.consumer_key,
        secret: options.consumer_secret,
        further: options.further_keys,
        application: options.application,
        owner: options.key_owner,
        callback: options.callback,
        instant_code: code.clone(),
    };
    let settings = Settings { verbose: options.verbose, rate_limits: options.rate_limits };
    let broker = Broker::open(options.brokerage)?;
    let sandbox = Arc::new(Sandbox::new(consumer, settings, address, broker));
    options.faults.into_iter().for_each(|fault| sandbox.state().faults.arm(fault));
    let router = server::router(&sandbox);
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    tokio::spawn(server::accept(plain_listener, "http", acceptor.clone(), Arc::clone(&sandbox), router.clone()));
    tokio::spawn(server::accept(tls_listener, "https", acceptor, sandbox, router));

    if !options.command.is_empty() {
        let environment = Environment::new(&facts, &code.unwrap_or_default());
        let environment = environment.behind_proxy(&facts[0].1, &ca_file.path);
        return command::run(&options.command, environment, signals).await;
    }
    if options.json { announce_in_json(&facts) } else { announce(&facts) }?;
    raise_file_limit();
    tokio::select! {
        () = stdin_closed(), if options.until_stdin_closes => {}
        _ = signals.next() => {}
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
            // A mistyped path must not cost a file.
            if std::fs::read(&path).is_ok_and(|former| !former.is_empty() && !former.starts_with(b"-----BEGIN ")) {
                let sentence = "there is a file already, and not one of certificates";
                return Err(named(&path, &io::Error::new(io::ErrorKind::AlreadyExists, sentence)));
            }
            std::fs::write(&path, pem).map_err(|error| named(&path, &error))?;
            return Ok(Self { path, _temporary: None });
        }
        let created = tempfile::Builder::new().prefix("etoauth-sandbox-ca-").suffix(".pem").tempfile();
        let mut file = created.map_err(|error| named(&std::env::temp_dir(), &error))?;
        file.write_all(pem.as_bytes())?;
        Ok(Self { path: file.path().to_owned(), _temporary: Some(file) })
    }
}

/// The error with the path that it is about.
fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn announce_in_json(facts: &Facts) -> io::Result<()> {
    let mut object: Map<String, Value> = facts.iter().map(|(name, value)| ((*name).into(), json!(value))).collect();
    object.insert("ready".to_owned(), json!(true));
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", Value::Object(object))?;
    stdout.flush()
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

/// Lets as many connections be open as the system allows. A command would inherit the limit, and is spared.
fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        // With the lower limit there are fewer connections, and no other difference.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    }
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
