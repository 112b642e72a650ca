//! The page on which the person lets the application in.

use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::clock::new_york_time;
use crate::sandbox::Sandbox;
use crate::signature::encode;
use crate::tokens::NotPending;
use crate::web::{html, html_for};

pub const PATH: &str = "/e/t/etws/authorize";

pub fn routes() -> Router<Arc<Sandbox>> {
    Router::new().route(PATH, get(ask).post(decide))
}

type Fields = HashMap<String, String>;

/// What the application's link says.
struct Link<'a> {
    key: &'a str,
    token: &'a str,
}

/// When the request token ends.
struct Window {
    now: i64,
    until: i64,
}

impl Window {
    fn until_in_new_york(&self) -> String {
        new_york_time(self.until)
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn<'a> {
    application: &'a str,
    owner: Option<&'a str>,
    link: Link<'a>,
    window: Window,
}

#[derive(Template)]
#[template(path = "consent.html")]
struct Consent<'a> {
    application: &'a str,
    person: &'a str,
    link: Link<'a>,
    window: Window,
}

#[derive(Template)]
#[template(path = "code.html")]
struct Code<'a> {
    application: &'a str,
    verifier: &'a str,
    window: Window,
}

#[derive(Template)]
#[template(path = "declined.html")]
struct Declined;

#[derive(Template)]
#[template(path = "failed.html")]
struct Failed {
    cause: String,
}

/// A link or form of somebody who may approve the key, with a token that can still be approved.
fn pending<'a>(sandbox: &Sandbox, fields: &'a Fields) -> Result<(Link<'a>, Window), String> {
    let field = |name: &str| match fields.get(name).map(String::as_str) {
        None | Some("") => Err(format!("The link has no {name}.")),
        Some(value) => Ok(value),
    };
    let link = Link { key: field("key")?, token: field("token")? };
    if sandbox.consumer.secret_of(link.key).is_none() {
        return Err("The key in the link is not the sandbox’s consumer key.".to_owned());
    }
    if let Some(objection) = sandbox.consumer.objection_to(person(fields)) {
        return Err(objection);
    }
    let now = sandbox.clock.now();
    let tokens = &sandbox.state().tokens;
    let until = tokens.pending_until(link.token, now).map_err(|reason| cause(reason, link.token))?;
    if tokens.consumer_of(link.token) != Some(link.key) {
        return Err("The token in the link was issued to another consumer key.".to_owned());
    }
    Ok((link, Window { now, until }))
}

fn cause(reason: NotPending, token: &str) -> String {
    match reason {
        NotPending::Unknown if token.contains(' ') => {
            "The token in the link has a blank: its + must be written as %2B."
        }
        NotPending::Unknown => "No request token of the sandbox is the token in the link.",
        NotPending::AccessToken => "The token in the link is an access token: the login is complete.",
        NotPending::Expired(seconds) if seconds < 24 * 60 * 60 => {
            return format!("The request token expired {seconds} s ago; it lives for five minutes.");
        }
        NotPending::Expired(_) => "The request token has expired; it lives for five minutes.",
        NotPending::Exchanged => "The request token has been exchanged for an access token.",
        NotPending::Declined => "The person has declined.",
    }
    .to_owned()
}

/// Who has logged on.
fn person(fields: &Fields) -> &str {
    fields.get("USER").map_or("", |person| person.trim())
}

async fn ask(State(sandbox): State<Arc<Sandbox>>, Query(fields): Query<Fields>) -> Response {
    let (link, window) = match pending(&sandbox, &fields) {
        Ok(pending) => pending,
        Err(cause) => return html(&Failed { cause }),
    };
    let consumer = &sandbox.consumer;
    let application = &consumer.application;
    match person(&fields) {
        "" => html(&SignIn { application, owner: consumer.owner.as_deref(), link, window }),
        person => html_for(&Consent { application, person, link, window }, consumer.callback.as_deref()),
    }
}

async fn decide(State(sandbox): State<Arc<Sandbox>>, Form(fields): Form<Fields>) -> Response {
    let (link, window) = match pending(&sandbox, &fields) {
        Ok(pending) => pending,
        Err(cause) => return html(&Failed { cause }),
    };
    match fields.get("decision").map(|decision| decision.to_ascii_lowercase()).as_deref() {
        Some("accept") => {}
        Some("decline") => {
            sandbox.state().tokens.decline(link.token);
            return html(&Declined);
        }
        _ => return html(&Failed { cause: "The form has no decision: it is Accept or Decline.".to_owned() }),
    }
    let Some(verifier) = sandbox.state().tokens.approve(link.token, person(&fields), window.now) else {
        return html(&Failed { cause: "The request token has just ended.".to_owned() });
    };
    match &sandbox.consumer.callback {
        Some(callback) => {
            (StatusCode::FOUND, [(LOCATION, redirection(callback, link.token, &verifier))]).into_response()
        }
        None => html(&Code { application: &sandbox.consumer.application, verifier: &verifier, window }),
    }
}

/// The registered callback with token and verifier.
fn redirection(callback: &str, token: &str, verifier: &str) -> String {
    let separator = if callback.contains('?') { '&' } else { '?' };
    let (token, verifier) = (encode(token.as_bytes()), encode(verifier.as_bytes()));
    format!("{callback}{separator}oauth_token={token}&oauth_verifier={verifier}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirections_extend_the_callback() {
        let extend = |callback| redirection(callback, "a+b=", "X1");
        assert_eq!(extend("http://h/p"), "http://h/p?oauth_token=a%2Bb%3D&oauth_verifier=X1");
        assert_eq!(extend("http://h/?q=1"), "http://h/?q=1&oauth_token=a%2Bb%3D&oauth_verifier=X1");
    }
}
