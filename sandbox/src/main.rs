//! A server on loopback that plays E*TRADE's OAuth 1.0a service, for tests and demonstrations.

mod admin;
mod api;
mod arming;
mod broker;
mod call;
mod certificate;
mod clock;
mod command;
mod connection;
mod dashboard;
mod encoding;
mod explanation;
mod fault;
mod form;
mod front;
mod guard;
mod kept;
mod limits;
mod nonces;
mod oauth;
mod options;
mod page;
mod problem;
mod proxy;
mod recipe;
mod record;
mod run;
mod sandbox;
mod script;
mod server;
mod signature;
mod snippet;
mod tokens;
mod web;

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match run::run(options::Options::parse()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("etoauth-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}
