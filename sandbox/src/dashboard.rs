//! The dashboard: how to point a client here, and what happens, as it happens.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use serde_json::json;
use tokio::time::sleep;

use crate::clock::{next_midnight, start_of_day};
use crate::sandbox::{Address, Consumer, Sandbox};
use crate::snippet::{Snippet, snippets};
use crate::web::html;

pub fn routes() -> Router<Arc<Sandbox>> {
    Router::new().route("/", get(show)).route("/sandbox/events", get(events))
}

/// Faults that are offered by name.
const PRESETS: [(&str, &str); 8] = [
    ("An API call is refused: token_expired", "kind=problem&code=token_expired&on=/v1"),
    ("A renewal is refused: token_rejected", "kind=problem&code=token_rejected&on=/oauth/renew_access_token"),
    ("The rate limit", "kind=problem&message=Number+of+requests+exceeded+the+rate+limit+set&http=400&on=/v1"),
    ("500, as when the market opens", "kind=status&http=500&body=Sorry&on=/v1"),
    ("An order is carried out, and its response is lost", "kind=drop&when=after&method=POST&on=/v1"),
    ("The connection is closed before the request is carried out", "kind=drop&when=before&on=/v1"),
    ("The response comes byte by byte", "kind=slow&ms=50&on=/v1"),
    ("The request is held until it is released", "kind=hold&on=/v1"),
];

#[derive(Template)]
#[template(path = "dashboard.html")]
struct Dashboard<'a> {
    consumer: &'a Consumer,
    address: &'a Address,
}

impl Dashboard<'_> {
    /// What a client must be told: an id, a name and a value each.
    fn facts(&self) -> [(&'static str, &'static str, &str); 5] {
        [
            ("url", "URL", &self.address.url),
            ("key", "Consumer key", &self.consumer.key),
            ("tls-url", "URL with TLS", &self.address.tls_url),
            ("secret", "Consumer secret", &self.consumer.secret),
            ("ca-file", "Certificate authority of the URL with TLS", &self.address.ca_file),
        ]
    }

    fn snippets(&self) -> Vec<Snippet> {
        snippets(self.consumer, self.address)
    }
}

async fn show(State(sandbox): State<Arc<Sandbox>>) -> Response {
    html(&Dashboard { consumer: &sandbox.consumer, address: &sandbox.address })
}

/// How often the state is compared with what was sent. The service itself has no hook for watchers, so that it does
/// the same whether or not anybody watches.
const LOOK: Duration = Duration::from_millis(250);

/// A watcher whose connection is gone is noticed by writing to it.
const LONGEST_SILENCE: u32 = 40;

/// Server-sent events: what `snapshot` gives, now and after each change.
async fn events(State(sandbox): State<Arc<Sandbox>>) -> Response {
    let changes = stream::unfold((sandbox, String::new()), |(sandbox, sent)| async move {
        for _ in 0..LONGEST_SILENCE {
            let snapshot = snapshot(&sandbox);
            if snapshot != sent {
                let event = format!("data: {snapshot}\n\n");
                return Some((Ok::<_, Infallible>(Bytes::from(event)), (sandbox, snapshot)));
            }
            sleep(LOOK).await;
        }
        Some((Ok(Bytes::from_static(b":\n\n")), (sandbox, sent)))
    });
    let headers = [(CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-store")];
    (headers, Body::from_stream(changes)).into_response()
}

/// All that the dashboard shows and that changes, but for the running of the clock.
fn snapshot(sandbox: &Sandbox) -> String {
    let now = sandbox.clock.now();
    let orders = sandbox.broker().report();
    let state = sandbox.state();
    json!({
        "offset": sandbox.clock.offset(),
        "day": [start_of_day(now), next_midnight(now)],
        "tokens": state.tokens.report(now),
        "counters": {"requests": state.counters.requests, "refused": state.counters.refused},
        "faults": state.faults.report(),
        "orders": orders,
        "requests": state.records.report(),
    })
    .to_string()
}
