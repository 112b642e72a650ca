//! The four paths under /oauth. The documentation says GET; the service takes the POST of many clients, too.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};

use crate::call::Received;
use crate::problem::Problem;
use crate::sandbox::{Sandbox, SignedWith};
use crate::signature::encode;
use crate::tokens::Pair;

pub fn routes() -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/oauth/request_token", get(request_token).post(request_token))
        .route("/oauth/access_token", get(access_token).post(access_token))
        .route("/oauth/renew_access_token", get(renew_access_token).post(renew_access_token))
        .route("/oauth/revoke_access_token", get(revoke_access_token).post(revoke_access_token))
}

async fn request_token(State(sandbox): State<Arc<Sandbox>>, Extension(call): Extension<Received>) -> Response {
    let outcome = sandbox.authenticated(&call, SignedWith::KeyAlone, |state, call, now| {
        if call.required("oauth_callback")? != "oob" {
            return Err(Problem::CallbackRejected);
        }
        let key = call.required("oauth_consumer_key")?;
        let pair = state.tokens.issue_request(key, now, sandbox.consumer.instant_code.clone());
        state.counters.request_tokens += 1;
        Ok(form(&pair) + "&oauth_callback_confirmed=true")
    });
    answer(&sandbox, outcome)
}

async fn access_token(State(sandbox): State<Arc<Sandbox>>, Extension(call): Extension<Received>) -> Response {
    let outcome = sandbox.authenticated(&call, SignedWith::RequestToken, |state, call, now| {
        let token = call.required("oauth_token")?;
        let verifier = call.required("oauth_verifier")?;
        let pair = state.tokens.exchange(token, verifier, now)?;
        state.counters.access_tokens += 1;
        Ok(form(&pair))
    });
    answer(&sandbox, outcome)
}

async fn renew_access_token(State(sandbox): State<Arc<Sandbox>>, Extension(call): Extension<Received>) -> Response {
    let outcome = sandbox.authenticated(&call, SignedWith::AccessToken, |state, call, now| {
        state.tokens.renew(call.required("oauth_token")?, now)?;
        state.counters.renews += 1;
        Ok("Access Token has been renewed".to_owned())
    });
    sandbox.state().counters.renews_refused += u64::from(outcome.is_err());
    answer(&sandbox, outcome)
}

async fn revoke_access_token(State(sandbox): State<Arc<Sandbox>>, Extension(call): Extension<Received>) -> Response {
    let outcome = sandbox.authenticated(&call, SignedWith::AccessToken, |state, call, now| {
        state.tokens.revoke(call.required("oauth_token")?, now)?;
        state.counters.revokes += 1;
        Ok("Revoked Access Token".to_owned())
    });
    answer(&sandbox, outcome)
}

fn form(pair: &Pair) -> String {
    let [token, secret] = [&pair.token, &pair.secret].map(|text| encode(text.as_bytes()));
    format!("oauth_token={token}&oauth_token_secret={secret}")
}

/// E*TRADE calls its plain answers HTML.
fn answer(sandbox: &Sandbox, outcome: Result<String, Problem>) -> Response {
    match outcome {
        Ok(text) => Html(text).into_response(),
        Err(problem) => problem.on_oauth_path(sandbox.clock.now()),
    }
}
