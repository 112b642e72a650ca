//! The front of the service: counts, dates, and lets faults happen.

use std::convert::Infallible;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_LENGTH, DATE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::time::timeout;

use crate::broker::Format;
use crate::call::{Call, Received};
use crate::clock::http_date;
use crate::connection::Connection;
use crate::fault::{Cause, Kind, When};
use crate::form::Form;
use crate::problem::{Problem, Shape, message};
use crate::record::{Record, Verdict};
use crate::sandbox::Sandbox;
use crate::script::Script;

/// The largest body that is read, and how long it may take.
const LARGEST_BODY: usize = 1 << 20;
const BODY_LIMIT: Duration = Duration::from_secs(30);

pub async fn front(
    State(sandbox): State<Arc<Sandbox>>,
    Extension(connection): Extension<Connection>,
    request: Request,
    next: Next,
) -> Response {
    let fresh = connection.begin_request();
    let path = request.uri().path();
    if path == "/" || path.starts_with("/sandbox/") {
        // The counters tell of the connections under test only.
        if fresh {
            let counters = &mut sandbox.state().counters;
            counters.connections = counters.connections.saturating_sub(1);
        }
        return dated(next.run(request).await, sandbox.clock.now());
    }

    let (mut parts, body) = request.into_parts();
    let body = match timeout(BODY_LIMIT, to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return dated(StatusCode::PAYLOAD_TOO_LARGE.into_response(), sandbox.clock.now()),
        Err(_) => return dated(StatusCode::REQUEST_TIMEOUT.into_response(), sandbox.clock.now()),
    };
    let path = parts.uri.path().to_owned();
    let call: Received = Arc::new(Call::read(&parts, connection.scheme, &body));
    let token = call.as_ref().as_ref().ok().and_then(|call| call.get("oauth_token")).unwrap_or_default();
    let secrets = sandbox.secrets_with(token);
    let record = Record::new(&parts, connection.scheme, body.len(), sandbox.clock.now(), &secrets);
    let record = {
        let mut state = sandbox.state();
        state.counters.count_request(&path);
        state.records.begin(record)
    };
    if let Some(how) = connection.doomed() {
        return connection.hand_over(Script::silent(how)).await;
    }

    let fault = sandbox.state().faults.on_request(parts.method.as_str(), &path);
    if let Some(fault) = &fault {
        record.meet(fault.name());
    }
    if let Some(Kind::Break { when: When::Before, how }) = fault {
        return connection.hand_over(Script::silent(how)).await;
    }
    if fault == Some(Kind::Hold) {
        sandbox.hold(&path).await;
    }
    let substitute = match &fault {
        Some(fault) => substitute(fault, &path, sandbox.clock.now()).await.map(|answer| (answer, Verdict::Fault)),
        None => limited(&sandbox, &parts).map(|answer| (answer, Verdict::Limited)),
    };
    let answer = match substitute {
        Some((answer, verdict)) => {
            record.end(answer.status().as_u16(), verdict);
            answer
        }
        None => {
            parts.extensions.insert(Arc::clone(&call));
            let mut answer = next.run(Request::from_parts(parts, Body::from(body))).await;
            record.end(answer.status().as_u16(), verdict(&mut answer, &call));
            answer
        }
    };
    if sandbox.settings.verbose {
        // Nobody need be listening.
        let _ = writeln!(io::stderr(), "{record}");
    }
    let skew = if let Some(Kind::Date { skew }) = fault { skew } else { 0 };
    let answer = dated(answer, sandbox.clock.now().saturating_add(skew));
    match fault {
        Some(fault) => spoil(answer, fault, &connection).await,
        None => answer,
    }
}

/// What the signature check said: a refusal travels as an extension of its answer.
fn verdict(answer: &mut Response, call: &Received) -> Verdict {
    let accepted = call.as_ref().as_ref().is_ok_and(|call| call.accepted.get().is_some());
    match answer.extensions_mut().remove::<Problem>() {
        Some(problem) => Verdict::Refused(problem),
        None if accepted => Verdict::Accepted,
        None => Verdict::Unsigned,
    }
}

/// The answer to one request too many.
fn limited(sandbox: &Sandbox, parts: &Parts) -> Option<Response> {
    let path = parts.uri.path();
    if !sandbox.settings.rate_limits || sandbox.state().limits.allow(path, Instant::now()) {
        return None;
    }
    let shape = match Format::of(path, &parts.headers) {
        Format::Xml => Shape::Xml,
        Format::Json => Shape::Json,
    };
    Some(shape.answer(StatusCode::BAD_REQUEST, "Number of requests exceeded the rate limit set"))
}

/// The answer that a fault gives in the service's place, if it is of that kind.
async fn substitute(fault: &Kind, path: &str, now: i64) -> Option<Response> {
    let (answer, form) = match fault {
        Kind::Problem { shape, http, cause, form } => {
            let message = match cause {
                Cause::Code(code) => message(code, now),
                Cause::Message(message) => message.clone(),
            };
            (shape.unwrap_or(usual_shape(path)).answer(*http, &message), form)
        }
        Kind::Status { http, headers, body, form } => {
            let mut answer = (*http, body.clone()).into_response();
            for (name, value) in headers {
                answer.headers_mut().insert(*name, value.clone());
            }
            (answer, form)
        }
        _ => return None,
    };
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    Some(form.apply(Response::from_parts(parts, Body::empty()), &body))
}

/// Lets the fault at the answer of a request that was processed.
async fn spoil(answer: Response, fault: Kind, connection: &Connection) -> Response {
    let script = match fault {
        Kind::Break { when: When::Next, how } => {
            connection.doom(how);
            return answer;
        }
        Kind::Oversize { bytes, form } => return oversized(answer, bytes, form),
        Kind::Break { when, how } => Script::broken(answer, when, how).await,
        Kind::Slow { pace } => Script::slow(answer, pace).await,
        Kind::CloseDelimited => Script::close_delimited(answer).await,
        Kind::Problem { form, .. } | Kind::Status { form, .. } if !form.length => Script::close_delimited(answer).await,
        Kind::Garbage => Script::garbage(),
        Kind::Problem { .. } | Kind::Status { .. } | Kind::Date { .. } | Kind::Hold | Kind::SlowHandshake { .. } => {
            return answer;
        }
    };
    connection.hand_over(script).await
}

fn usual_shape(path: &str) -> Shape {
    if path.starts_with("/oauth") { Shape::Html } else { Shape::Json }
}

fn dated(mut answer: Response, now: i64) -> Response {
    let date = HeaderValue::from_str(&http_date(now)).expect("a date is plain text");
    answer.headers_mut().insert(DATE, date);
    answer
}

/// A success whose body has this size, whatever the answer was.
fn oversized(answer: Response, bytes: u64, form: Form) -> Response {
    const PIECE: &[u8] = &[b'.'; 16 << 10];
    let (mut parts, _) = answer.into_parts();
    parts.status = StatusCode::OK;
    if form.encoding.is_some() {
        let body = vec![b'.'; usize::try_from(bytes).unwrap_or(usize::MAX)];
        return form.apply(Response::from_parts(parts, Body::empty()), &body);
    }
    parts.headers.insert(CONTENT_LENGTH, bytes.into());
    let pieces = (0..bytes).step_by(PIECE.len()).map(move |sent| {
        let left = usize::try_from(bytes - sent).unwrap_or(usize::MAX);
        Ok::<_, Infallible>(Bytes::from_static(&PIECE[..left.min(PIECE.len())]))
    });
    Response::from_parts(parts, Body::from_stream(stream::iter(pieces)))
}
