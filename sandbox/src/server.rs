//! The listeners on loopback.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::connection::serve;
use crate::fault::Kind;
use crate::front::front;
use crate::guard::guard;
use crate::sandbox::Sandbox;
use crate::{admin, api, dashboard, oauth, page, web};

/// How long a TLS handshake may take.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(30);

/// A listener whose port is known and that does not accept yet.
pub async fn listen(port: u16) -> io::Result<(TcpListener, u16)> {
    let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
    let listener = bound.map_err(|error| io::Error::new(error.kind(), format!("port {port} of 127.0.0.1: {error}")))?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

pub fn router(sandbox: &Arc<Sandbox>) -> Router {
    Router::new()
        .merge(oauth::routes())
        .merge(page::routes())
        .merge(api::routes(sandbox))
        .merge(admin::routes().merge(dashboard::routes()).merge(web::routes()).layer(from_fn(guard)))
        .fallback(|| async { (StatusCode::NOT_FOUND, "There is nothing here.\n") })
        // The front has a limit of its own.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(Arc::clone(sandbox), front))
        .with_state(Arc::clone(sandbox))
}

/// Serves connections for ever. With the scheme http, TLS begins only in a tunnel of the proxy.
pub async fn accept(
    listener: TcpListener,
    scheme: &'static str,
    tls: TlsAcceptor,
    sandbox: Arc<Sandbox>,
    router: Router,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, most likely: some will be free soon.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let fault = {
            let mut state = sandbox.state();
            state.counters.connections += 1;
            state.faults.on_accept()
        };
        tokio::spawn(welcome(stream, scheme, tls.clone(), fault, router.clone()));
    }
}

async fn welcome(mut stream: TcpStream, scheme: &'static str, tls: TlsAcceptor, fault: Option<Kind>, router: Router) {
    // What fails here is the client's loss alone: the connection ends.
    let _ = stream.set_nodelay(true);
    match (fault, scheme) {
        (Some(Kind::Break { how, .. }), _) => {
            let _ = how.play(&mut stream).await;
            return;
        }
        (Some(Kind::SlowHandshake { pace }), "https") => {
            let _ = drip(stream, &tls, pace).await;
            return;
        }
        _ => {}
    }
    if scheme == "http" {
        match serve(stream, "http", router.clone()).await {
            Some(tunnel) => stream = tunnel,
            None => return,
        }
    }
    if let Ok(Ok(stream)) = timeout(HANDSHAKE_LIMIT, tls.accept(stream)).await {
        serve(stream, "https", router).await;
    }
}

/// Shakes hands with a client, a byte at a time, until it leaves; it is never served.
async fn drip(mut stream: TcpStream, tls: &TlsAcceptor, pace: Duration) -> io::Result<()> {
    let (near, far) = tokio::io::duplex(64 << 10);
    let (mut from_client, mut to_client) = stream.split();
    let (mut from_server, mut to_server) = tokio::io::split(near);
    let handshake = async {
        let _connection = tls.accept(far).await;
        std::future::pending::<()>().await;
    };
    let drops = async {
        loop {
            to_client.write_u8(from_server.read_u8().await?).await?;
            tokio::time::sleep(pace).await;
        }
    };
    tokio::select! {
        () = handshake => Ok(()),
        left = tokio::io::copy(&mut from_client, &mut to_server) => left.map(drop),
        ended = drops => ended,
    }
}
