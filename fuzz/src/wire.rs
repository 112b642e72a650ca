//! Live responses: a server on this machine answers with what the input says, byte for byte, and then closes.
//!
//! The first byte chooses the method. Several responses, one for each request, are separated by a line "--".

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ptr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::abi::{self, *};

/// What the server answers with, and what it was asked.
#[derive(Default)]
struct Script {
    responses: Vec<Vec<u8>>,
    /// For each API request, whether it was a POST.
    asked: Vec<bool>,
}

pub struct Server {
    pub base: String,
    script: Mutex<Script>,
}

impl Server {
    /// The one server of this process.
    pub fn get() -> &'static Server {
        static SERVER: OnceLock<Server> = OnceLock::new();
        static RUNS: OnceLock<()> = OnceLock::new();
        static LISTENER: OnceLock<TcpListener> = OnceLock::new();
        let server = SERVER.get_or_init(|| {
            let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
            let base = format!("http://{}", listener.local_addr().expect("it is bound"));
            let _ = LISTENER.set(listener);
            Server { base, script: Mutex::default() }
        });
        RUNS.get_or_init(|| {
            let listener = LISTENER.get().expect("it was set");
            std::thread::spawn(move || listener.incoming().flatten().for_each(|stream| server.serve(stream)));
        });
        server
    }

    /// What is answered from now on; the last response again and again.
    pub fn answers(&self, responses: Vec<Vec<u8>>) {
        *self.script() = Script { responses, asked: Vec::new() };
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn serve(&self, mut stream: TcpStream) {
        let mut request = Vec::new();
        let mut chunk = [0; 4096];
        while !is_complete(&request) {
            match stream.read(&mut chunk) {
                Ok(0) | Err(_) => return,
                Ok(amount) => request.extend_from_slice(&chunk[..amount]),
            }
        }
        let response = {
            let mut script = self.script();
            let place = script.asked.len().min(script.responses.len().saturating_sub(1));
            script.asked.push(request.starts_with(b"POST"));
            script.responses.get(place).cloned().unwrap_or_default()
        };
        let _ = stream.write_all(&response);
    }
}

/// A request of the library's: its head, and a body of the length that it says.
fn is_complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

pub fn run(data: &[u8]) {
    let Some((&first, data)) = data.split_first() else { return };
    let server = Server::get();
    let mut responses = vec![Vec::new()];
    for line in data.split_inclusive(|&byte| byte == b'\n') {
        match line {
            b"--\n" => responses.push(Vec::new()),
            line => responses.last_mut().expect("there is one").extend_from_slice(line),
        }
    }
    server.answers(responses.clone());
    let method = [c"GET", c"POST", c"HEAD", c"PUT"][usize::from(first) % 4];
    let before = live_objects();
    let client = local_client(&server.base);
    let mut response = ptr::null_mut();
    // SAFETY: the texts are NUL-terminated, and there is no body.
    let sent = unsafe {
        etoauth_client_set_timeout_ms(client, 5000);
        let (url, headers) = (c"/v1/orders".as_ptr(), c"".as_ptr());
        abi::checked(etoauth_client_send(client, method.as_ptr(), url, headers, ptr::null(), 0, &mut response))
    };
    if sent {
        check_response(response);
    } else {
        assert!(response.is_null() && !last_error().is_empty());
    }
    check_repeats(&responses, &server.script().asked);
    // SAFETY: they are freed once.
    unsafe {
        assert!(!sent || abi::checked(etoauth_response_free(response)));
        assert!(abi::checked(etoauth_client_free(client)));
    }
    assert_eq!(live_objects(), before);
}

fn live_objects() -> usize {
    // SAFETY: it takes nothing.
    unsafe { etoauth_live_objects() }
}

pub fn check_response(response: *mut Response) {
    let (mut status, mut advice, mut attempts, mut seconds) = (0, 0, 0, 0);
    let (mut body, mut length) = (ptr::null_mut(), 0);
    // SAFETY: each output is a place for what it is given.
    unsafe {
        if !abi::checked(etoauth_response_get_status(response, &mut status)) {
            return;
        }
        abi::checked(etoauth_response_get_advice(response, &mut advice));
        abi::checked(etoauth_response_get_attempts(response, &mut attempts));
        abi::checked(etoauth_response_get_retry_after_s(response, &mut seconds));
        if abi::checked(etoauth_response_get_body(response, &mut body, &mut length)) {
            assert!(length <= 16 << 20 && *body.add(length) == 0, "a body has a NUL after its last byte");
            assert!(abi::checked(etoauth_string_free(body)));
        }
    }
    assert!((100..1000).contains(&status) && (0..=6).contains(&advice) && seconds >= 0, "{status} {advice} {seconds}");
    for name in [c"Content-Type", c"retry-after", c"x"] {
        // SAFETY: the name is NUL-terminated.
        abi::text(|out| unsafe { etoauth_response_get_header(response, name.as_ptr(), out) });
    }
}

/// An order is sent again only after a response that refuses.
fn check_repeats(responses: &[Vec<u8>], asked: &[bool]) {
    assert!(asked.iter().filter(|&&post| post).count() <= 3);
    let last = asked.iter().rposition(|&post| post).unwrap_or(0);
    for place in (0..last).filter(|&place| asked[place]) {
        let response = &responses[place.min(responses.len() - 1)];
        let text = String::from_utf8_lossy(response);
        let refuses = text.match_indices("HTTP/1.").any(|(at, _)| {
            let status = text[at..].split(' ').nth(1).unwrap_or_default();
            status.starts_with(['4', '5'])
        });
        assert!(refuses, "sent again after {text}");
    }
}
