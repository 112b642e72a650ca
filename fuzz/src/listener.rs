//! What a visitor of the callback listener sends. The first byte chooses whether the wait is for a client's login.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::ptr;
use std::sync::OnceLock;

use crate::abi::{self, *};

struct Port {
    /// A handle is no address: it may be used by any thread.
    listener: usize,
    client: usize,
    url: String,
}

impl Port {
    fn open() -> Port {
        let mut listener = ptr::null_mut();
        // SAFETY: the URL is NUL-terminated, and `listener` a place for a handle.
        assert_eq!(unsafe { etoauth_listener_new(c"http://127.0.0.1:0/back?x=1".as_ptr(), &mut listener) }, OK);
        // SAFETY: the handle is alive.
        let url = abi::text(|out| unsafe { etoauth_listener_get_url(listener, out) }).expect("it has one");
        let client = local_client("http://127.0.0.1:9").addr();
        Port { listener: listener.addr(), client, url: String::from_utf8(url).expect("it is ASCII") }
    }
}

pub fn run(data: &[u8]) {
    static PORT: OnceLock<Port> = OnceLock::new();
    let Some((&first, request)) = data.split_first() else { return };
    let port = PORT.get_or_init(Port::open);
    let listener = ptr::without_provenance_mut(port.listener);
    let client: *mut Client = if first % 2 == 1 { ptr::without_provenance_mut(port.client) } else { ptr::null_mut() };
    if !client.is_null() {
        begin_login(client);
    }
    let address = port.url["http://".len()..].split('/').next().unwrap_or_default();
    let Ok(mut visitor) = TcpStream::connect(address) else { return };
    let _ = visitor.write_all(request);
    let _ = visitor.shutdown(Shutdown::Write);
    // The first look takes the request; the second sees that the visitor has ended.
    for _ in 0..2 {
        // SAFETY: both handles are alive, or the client's is NULL, which is allowed.
        let Some(url) = abi::text(|out| unsafe { etoauth_listener_wait(listener, client, 0, out) }) else { continue };
        let url = String::from_utf8(url).expect("a URL is UTF-8");
        let target = url.strip_prefix(port.url.as_str()).expect("it is the registered callback");
        assert!(target.starts_with('&') && target.contains("oauth_verifier="));
        // A visitor may begin with empty lines.
        assert!(request.trim_ascii_start().starts_with(b"GET "));
    }
}

/// A login whose request token is T.
fn begin_login(client: *mut Client) {
    let mut exchange = ptr::null_mut();
    let reply = b"oauth_token=T&oauth_token_secret=S";
    // SAFETY: the body has that length; the exchange is freed once.
    unsafe {
        assert_eq!(etoauth_exchange_new(client, 1, ptr::null(), &mut exchange), OK);
        assert_eq!(etoauth_exchange_finish(exchange, 200, ptr::null(), reply.as_ptr().cast(), reply.len()), OK);
        assert_eq!(etoauth_exchange_free(exchange), OK);
    }
}
