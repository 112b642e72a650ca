//! The protected resources under /v1.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::any;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use crate::broker::{self, Format};
use crate::call::Received;
use crate::connection::Connection;
use crate::problem::Shape;
use crate::sandbox::{Sandbox, SignedWith};

pub fn routes(sandbox: &Arc<Sandbox>) -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/v1/echo", any(echo))
        .route("/v1/{*path}", any(call))
        .layer(from_fn_with_state(Arc::clone(sandbox), require_access_token))
}

/// Whose access token it is.
#[derive(Clone)]
struct Person(String);

async fn require_access_token(
    State(sandbox): State<Arc<Sandbox>>,
    Extension(call): Extension<Received>,
    mut request: Request,
    next: Next,
) -> Response {
    let outcome = sandbox.authenticated(&call, SignedWith::AccessToken, |state, call, now| {
        let person = state.tokens.spend(call.required("oauth_token")?, now)?.to_owned();
        state.counters.api_calls += 1;
        Ok(Person(person))
    });
    let shape = match Format::of(request.uri().path(), request.headers()) {
        Format::Xml => Shape::XmlCode,
        Format::Json => Shape::Json,
    };
    match outcome {
        Ok(person) => {
            request.extensions_mut().insert(person);
            next.run(request).await
        }
        Err(problem) => problem.answer(shape, sandbox.clock.now()),
    }
}

async fn call(
    State(sandbox): State<Arc<Sandbox>>,
    Extension(person): Extension<Person>,
    Extension(connection): Extension<Connection>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let base = format!("{}://{host}", connection.scheme);
    let request = broker::Request::read(&person.0, &method, &uri, base, &headers, &body);
    let mut broker = sandbox.broker();
    let answer = broker.answer(&request, sandbox.clock.now());
    let placed = broker.take_placed();
    drop(broker);
    let counters = &mut sandbox.state().counters;
    counters.orders += placed.orders;
    counters.orders_repeated += placed.repeated;
    answer
}

/// Tells the request as it arrived.
async fn echo(method: Method, target: Uri, headers: HeaderMap, body: Bytes) -> Json<Value> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Json(json!({
        "method": method.as_str(),
        "target": target.path_and_query().map(|target| target.as_str()),
        "content_type": headers.get(CONTENT_TYPE).map(|value| text(value.as_bytes())),
        "body": text(&body),
        "headers": headers.keys().map(|name| name.as_str()).collect::<Vec<_>>(),
    }))
}
