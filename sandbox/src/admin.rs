//! The admin path: what a test sees and sets. Not signed; parameters are in the query.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::clock::moment;
use crate::fault::Fault;
use crate::sandbox::Sandbox;

type Arguments = Query<HashMap<String, String>>;
type Answer = Result<Json<Value>, Refusal>;

pub fn routes() -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/sandbox/state", any(state))
        .route("/sandbox/health", any(health))
        .route("/sandbox/requests", any(requests))
        .route("/sandbox/clock", any(clock))
        .route("/sandbox/fault", any(fault))
        .route("/sandbox/release", any(release))
        .route("/sandbox/approve", any(approve))
        .route("/sandbox/expire", any(expire))
        .route("/sandbox/reset", any(reset))
}

/// Why an admin request can't be done.
struct Refusal(String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, Json(json!({"error": self.0}))).into_response()
    }
}

impl From<String> for Refusal {
    fn from(sentence: String) -> Self {
        Self(sentence)
    }
}

async fn state(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.state().report(&sandbox.clock))
}

async fn health() -> Json<Value> {
    Json(json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

async fn requests(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.state().records.report())
}

async fn clock(State(sandbox): State<Arc<Sandbox>>, Query(arguments): Query<Vec<(String, String)>>) -> Answer {
    if arguments.len() > 1 {
        return Err("the clock takes one of offset, advance and at".to_owned().into());
    }
    for (name, value) in &arguments {
        let seconds = || value.parse().map_err(|_| format!("{name}={value} is no number of seconds"));
        match name.as_str() {
            "offset" => sandbox.clock.set_offset(seconds()?)?,
            "advance" => sandbox.clock.advance(seconds()?)?,
            "at" => sandbox.clock.set(moment(value, sandbox.clock.now())?)?,
            _ => return Err(format!("the clock takes offset, advance or at, not {name}").into()),
        }
    }
    Ok(Json(json!({"clock": sandbox.clock.now(), "offset": sandbox.clock.offset()})))
}

async fn fault(State(sandbox): State<Arc<Sandbox>>, Query(arguments): Arguments) -> Answer {
    let fault = Fault::parse(arguments)?;
    let faults = &mut sandbox.state().faults;
    faults.arm(fault);
    Ok(Json(json!({"faults": faults.len()})))
}

async fn release(State(sandbox): State<Arc<Sandbox>>, Query(arguments): Arguments) -> Json<Value> {
    let on = arguments.get("on").map_or("/", String::as_str);
    Json(json!({"released": sandbox.state().release(on)}))
}

async fn approve(State(sandbox): State<Arc<Sandbox>>, Query(arguments): Arguments) -> Answer {
    let token = arguments.get("token").ok_or_else(|| "token is missing".to_owned())?;
    // No token has a blank: a simple client may leave the plus signs as they are.
    let token = token.replace(' ', "+");
    let person = arguments.get("person").map_or("", String::as_str);
    if let Some(objection) = sandbox.consumer.objection_to(person) {
        return Err(objection.into());
    }
    let verifier = sandbox.state().tokens.approve(&token, person, sandbox.clock.now());
    let verifier = verifier.ok_or_else(|| "no such request token is pending".to_owned())?;
    Ok(Json(json!({"oauth_verifier": verifier})))
}

async fn expire(State(sandbox): State<Arc<Sandbox>>, Query(arguments): Arguments) -> Answer {
    let tokens = &mut sandbox.state().tokens;
    let what = arguments.get("what").map(String::as_str);
    match what {
        Some("idle") => tokens.expire_idle(),
        Some("day") => tokens.expire_day(),
        Some("request") => tokens.expire_requests(),
        _ => return Err("what must be idle, day or request".to_owned().into()),
    }
    Ok(Json(json!({"expired": what})))
}

async fn reset(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    sandbox.reset();
    state(State(sandbox)).await
}
