//! The page on which the person lets the application in.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use crate::problem::escape;
use crate::sandbox::Sandbox;
use crate::signature::encode;

const PATH: &str = "/e/t/etws/authorize";

pub fn routes() -> Router<Arc<Sandbox>> {
    Router::new().route(PATH, get(ask).post(decide))
}

type Fields = HashMap<String, String>;

/// The token of a link or form that names the right key and a token that can still be approved.
fn pending_token<'a>(sandbox: &Sandbox, fields: &'a Fields) -> Option<&'a str> {
    let token = fields.get("token")?;
    let known = fields.get("key") == Some(&sandbox.consumer.key)
        && sandbox.state().tokens.is_pending(token, sandbox.clock.now());
    known.then_some(token)
}

async fn ask(State(sandbox): State<Arc<Sandbox>>, Query(fields): Query<Fields>) -> Html<String> {
    let Some(token) = pending_token(&sandbox, &fields) else {
        return failure();
    };
    let (key, token) = (escape(&sandbox.consumer.key), escape(token));
    page(
        "Authorize application",
        &format!(
            "<p>An application asks for access to your accounts. This is a sandbox: \
             no account is real.</p>\
             <form method=\"post\" action=\"{PATH}\">\
             <input type=\"hidden\" name=\"key\" value=\"{key}\">\
             <input type=\"hidden\" name=\"token\" value=\"{token}\">\
             <button name=\"decision\" value=\"accept\">Accept</button> \
             <button name=\"decision\" value=\"decline\" class=\"quiet\">Decline</button></form>"
        ),
    )
}

async fn decide(State(sandbox): State<Arc<Sandbox>>, Form(fields): Form<Fields>) -> Response {
    let Some(token) = pending_token(&sandbox, &fields) else {
        return failure().into_response();
    };
    if fields.get("decision").map(String::as_str) == Some("decline") {
        sandbox.state().tokens.decline(token);
        let text = "<p>The application gets no access. You can close this window.</p>";
        return page("Declined", text).into_response();
    }
    let Some(verifier) = sandbox.state().tokens.approve(token, "", sandbox.clock.now()) else {
        return failure().into_response();
    };
    match &sandbox.consumer.callback {
        Some(callback) => (StatusCode::FOUND, [(LOCATION, redirection(callback, token, &verifier))]).into_response(),
        None => page(
            "Complete authorization",
            &format!(
                "<p>Enter this verification code in the application:</p>\
                 <p><code id=\"verifier\">{}</code></p>",
                escape(&verifier)
            ),
        )
        .into_response(),
    }
}

/// The registered callback with token and verifier.
fn redirection(callback: &str, token: &str, verifier: &str) -> String {
    let separator = if callback.contains('?') { '&' } else { '?' };
    let (token, verifier) = (encode(token.as_bytes()), encode(verifier.as_bytes()));
    format!("{callback}{separator}oauth_token={token}&oauth_verifier={verifier}")
}

fn failure() -> Html<String> {
    page(
        "Authorization not completed",
        "<p>Due to a logon delay or other issue, your authentication could not be completed at \
         this time. Please try again.</p>",
    )
}

fn page(title: &str, content: &str) -> Html<String> {
    Html(format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title><style>\
         body{{font:18px/1.5 system-ui,sans-serif;color:#222;background:#f3f3f7;margin:0}}\
         main{{max-width:28em;margin:12vh auto;padding:2em;background:#fff;border-radius:8px}}\
         h1{{font-size:1.3em;margin-top:0}}code{{font-size:2em;letter-spacing:.15em}}\
         button{{font:inherit;padding:.5em 1.5em;border:0;border-radius:4px;\
         background:#5b2d8e;color:#fff}}.quiet{{background:#ddd;color:#222}}\
         </style></head><body><main><h1>{title}</h1>{content}</main></body></html>\n"
    ))
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
