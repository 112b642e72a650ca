//! The command line.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;

use axum::http::Uri;
use clap::Parser;
use clap::builder::NonEmptyStringValueParser;

use crate::broker;
use crate::fault::Fault;

/// Plays E*TRADE's OAuth 1.0a service on loopback.
#[derive(Debug, Parser)]
#[command(
    name = "etoauth-sandbox",
    version,
    allow_negative_numbers = true,
    after_help = "--help says how a first login goes, and how a client runs unchanged.",
    after_long_help = include_str!("help.txt")
)]
pub struct Options {
    /// Port of plain HTTP on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub port: u16,

    /// Port of TLS on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub tls_port: u16,

    /// The consumer key that is accepted
    #[arg(long, value_name = "KEY", value_parser = NonEmptyStringValueParser::new(), default_value = DEMO_KEY)]
    pub consumer_key: String,

    /// The consumer key's secret
    #[arg(long, value_name = "SECRET", value_parser = NonEmptyStringValueParser::new(), default_value = DEMO_SECRET)]
    pub consumer_secret: String,

    /// A further consumer key with its secret; may be given several times
    #[arg(long = "key", value_name = "KEY:SECRET", value_parser = key_with_secret)]
    pub further_keys: Vec<(String, String)>,

    /// The application's name on the page for the person
    #[arg(long, value_name = "NAME", default_value = "Your application")]
    pub application: String,

    /// The consumer key is an individual key: only this person can approve it
    #[arg(long, value_name = "NAME")]
    pub key_owner: Option<String>,

    /// The registered callback: Accept redirects there
    #[arg(long, value_name = "URL", value_parser = callback)]
    pub callback: Option<String>,

    /// Approves every request token at once, with this verification code
    #[arg(long, value_name = "CODE", value_parser = NonEmptyStringValueParser::new())]
    pub code: Option<String>,

    /// Where to write the certificate authority's PEM; a temporary file when absent
    #[arg(long, value_name = "PATH")]
    pub ca_file: Option<PathBuf>,

    /// Arms a fault, written as the query of /sandbox/fault; may be given several times
    #[arg(long = "fault", value_name = "QUERY", value_parser = Fault::parse_query)]
    pub faults: Vec<Fault>,

    /// Refuses more than 2 requests a second for accounts, 2 for orders and 4 for the market
    #[arg(long)]
    pub rate_limits: bool,

    /// Tells of each request on the standard error, and why it was refused
    #[arg(long, short)]
    pub verbose: bool,

    /// Prints what it prints at its start as one line of JSON
    #[arg(long, conflicts_with = "command")]
    pub json: bool,

    #[command(flatten)]
    pub brokerage: broker::Options,

    /// Exits when the standard input reaches its end
    #[arg(long, conflicts_with = "command")]
    pub until_stdin_closes: bool,

    /// A command to run against the sandbox, which ends when it ends
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<OsString>,
}

fn key_with_secret(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((key, secret)) if !key.is_empty() && !secret.is_empty() => Ok((key.to_owned(), secret.to_owned())),
        _ => Err("a key, a colon and a secret are needed".to_owned()),
    }
}

/// A browser must be able to go there.
fn callback(text: &str) -> Result<String, String> {
    let url: Uri = text.parse().map_err(|error| format!("it is not a URL: {error}"))?;
    if url.scheme().is_none() || url.host().is_none_or(str::is_empty) {
        return Err("it is not a URL with a scheme and a host".to_owned());
    }
    if text.contains('#') {
        return Err("a callback has no fragment".to_owned());
    }
    Ok(text.to_owned())
}

/// The key and the secret unless others are given: invented.
const DEMO_KEY: &str = "0123456789abcdef0123456789abcdef";
const DEMO_SECRET: &str = "fedcba9876543210fedcba9876543210";

/// The verification code in force when a command is given and no code.
pub const DEMO_CODE: &str = "SBX42";

impl Options {
    /// A consumer key that was given twice.
    pub fn repeated_key(&self) -> Option<&str> {
        let mut known = HashSet::from([self.consumer_key.as_str()]);
        self.further_keys.iter().map(|(key, _)| key.as_str()).find(|key| !known.insert(key))
    }

    /// The code with which every request token is approved at once, if any.
    pub fn instant_code(&self) -> Option<String> {
        let demo = (!self.command.is_empty()).then(|| DEMO_CODE.to_owned());
        self.code.clone().or(demo)
    }
}
