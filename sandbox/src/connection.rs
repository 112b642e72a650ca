//! One connection: served by hyper until a fault takes the stream.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc;
use tower::ServiceExt;

use crate::fault::Break;
use crate::script::{Script, Stream};

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

pub async fn serve<S: Stream>(mut stream: S, scheme: &'static str, router: Router) {
    let (sender, mut scripts) = mpsc::channel(1);
    let connection = Connection { scheme, scripts: sender, story: Arc::default() };
    loop {
        let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
            let mut request: Request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(connection.clone());
            router.clone().oneshot(request)
        });
        let mut served = http1::Builder::new()
            // The front dates the answers by the sandbox's clock.
            .auto_date_header(false)
            // Some simple clients close their side as soon as they have asked.
            .half_close(true)
            .serve_connection(TokioIo::new(stream), service);
        let script = tokio::select! {
            biased;
            Some(script) = scripts.recv() => script,
            _ = &mut served => return,
        };
        // Nobody sends a request ahead of an answer, so hyper has read nothing that would be lost.
        stream = served.into_parts().io.into_inner();
        if !matches!(script.play(&mut stream).await, Ok(true)) {
            return;
        }
    }
}
