//! One connection: served by hyper until a fault takes the stream.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::mpsc;
use tower::ServiceExt;

use crate::fault::Break;
use crate::proxy::{Route, refusal};
use crate::script::{Next, Script, Stream};

/// How long a connection may take for the next request's head, and how large that may be.
const HEAD_LIMIT: Duration = Duration::from_secs(60);
const LARGEST_HEAD: usize = 64 << 10;

/// What the handling of a request knows of its connection; travels as a request extension.
#[derive(Clone)]
pub struct Connection {
    pub scheme: &'static str,
    scripts: mpsc::Sender<Script>,
    story: Arc<Mutex<Story>>,
}

#[derive(Default)]
struct Story {
    used: bool,
    doom: Option<Break>,
}

impl Connection {
    /// Takes the stream out of the server's hands; the caller's request ends here.
    pub async fn hand_over(&self, script: Script) -> Response {
        // A full channel means that the stream has been taken already.
        let _ = self.scripts.try_send(script);
        std::future::pending().await
    }

    /// The next request will find the connection breaking.
    pub fn doom(&self, how: Break) {
        self.story().doom = Some(how);
    }

    pub fn doomed(&self) -> Option<Break> {
        self.story().doom
    }

    /// Notes a request; true for the first of the connection.
    pub fn begin_request(&self) -> bool {
        !std::mem::replace(&mut self.story().used, true)
    }

    fn story(&self) -> MutexGuard<'_, Story> {
        self.story.lock().expect("no holder of the story panics")
    }
}

/// Serves a connection to its end, or until its client has asked for a tunnel: then the stream is given back.
pub async fn serve<S: Stream>(mut stream: S, scheme: &'static str, router: Router) -> Option<S> {
    let (sender, mut scripts) = mpsc::channel(1);
    let connection = Connection { scheme, scripts: sender, story: Arc::default() };
    loop {
        let service = service_fn(|request: hyper::Request<Incoming>| answer(request, connection.clone(), &router));
        let mut served = http1::Builder::new()
            // The front dates the answers by the sandbox's clock.
            .auto_date_header(false)
            // Some simple clients close their side as soon as they have asked.
            .half_close(true)
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_LIMIT)
            .max_header_size(LARGEST_HEAD)
            .serve_connection(TokioIo::new(stream), service);
        let script = tokio::select! {
            biased;
            Some(script) = scripts.recv() => script,
            _ = &mut served => return None,
        };
        // Nobody sends a request ahead of an answer, so hyper has read nothing that would be lost.
        stream = served.into_parts().io.into_inner();
        match script.play(&mut stream).await {
            Ok(Next::Serve) => {}
            Ok(Next::Tunnel) => return Some(stream),
            Ok(Next::End) | Err(_) => return None,
        }
    }
}

async fn answer(
    request: hyper::Request<Incoming>,
    connection: Connection,
    router: &Router,
) -> Result<Response, Infallible> {
    let mut request: Request = request.map(axum::body::Body::new);
    match Route::of(request.method(), request.uri()) {
        // Within a tunnel there is no further one.
        Route::Tunnel if connection.scheme == "http" => Ok(connection.hand_over(Script::tunnel()).await),
        Route::Here => {
            request.extensions_mut().insert(connection);
            router.clone().oneshot(request).await
        }
        Route::Tunnel | Route::Elsewhere => Ok(refusal(request.uri())),
    }
}
