//! Calls of the C ABI in any order over a pool of handles, alive, freed or never issued, by one thread and by three.
//!
//! Up to the first blank line each three bytes are a call: which, with which handle, with which text. The lines that
//! follow are the texts; responses come from a server on this machine.

use std::ffi::{CString, c_char};
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::abi::{self, *};
use crate::split_head;
use crate::wire::{Server, check_response};

const PLACES: usize = 4;

/// Handles by kind, as numbers. A place keeps what was freed, until something new takes it.
#[derive(Default)]
struct Pool {
    clients: [AtomicUsize; PLACES],
    exchanges: [AtomicUsize; PLACES],
    signers: [AtomicUsize; PLACES],
    prepared: [AtomicUsize; PLACES],
    responses: [AtomicUsize; PLACES],
    listeners: [AtomicUsize; PLACES],
    /// All that were ever issued, to be freed at the end.
    issued: Mutex<Vec<(Kind, usize)>>,
    texts: Vec<CString>,
}

#[derive(Clone, Copy)]
enum Kind {
    Client,
    Exchange,
    Signer,
    Prepared,
    Response,
    Listener,
}

pub fn run(data: &[u8]) {
    play(data, 1);
}

pub fn run_in_threads(data: &[u8]) {
    play(data, 3);
}

fn play(data: &[u8], threads: usize) {
    let server = Server::get();
    let (_, texts) = split_head(data);
    let calls = &data[..data.len() - texts.len()];
    let texts: Vec<CString> = texts.split(|&byte| byte == b'\n').map(c_text).collect();
    server.answers(vec![b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec()]);
    // SAFETY: it takes nothing.
    let before = unsafe { etoauth_live_objects() };
    let pool = Pool { texts, ..Pool::default() };
    pool.issue(Kind::Client, &pool.clients[0], local_client(&server.base).addr());
    let calls: Vec<&[u8]> = calls.chunks_exact(3).take(120).collect();
    let play = |share: &[&[u8]]| share.iter().for_each(|call| pool.call(call[0], call[1], call[2]));
    if threads == 1 {
        play(&calls);
    } else {
        std::thread::scope(|scope| {
            let shares = calls.chunks(calls.len().div_ceil(threads).max(1));
            let running: Vec<_> = shares.map(|share| scope.spawn(|| play(share))).collect();
            // The end of a scope does not wait for what a thread frees last, and the sanitizer would count that as lost.
            for thread in running {
                thread.join().expect("it did not panic");
            }
        });
    }
    pool.free_all();
    // SAFETY: it takes nothing.
    assert_eq!(unsafe { etoauth_live_objects() }, before, "something was left");
}

impl Pool {
    fn issue(&self, kind: Kind, place: &AtomicUsize, handle: usize) {
        if handle != 0 {
            place.store(handle, Ordering::Relaxed);
            self.issued.lock().unwrap_or_else(PoisonError::into_inner).push((kind, handle));
        }
    }

    fn text(&self, with: u8) -> *const c_char {
        match with {
            255 => ptr::null(),
            with => self.texts[usize::from(with) % self.texts.len()].as_ptr(),
        }
    }

    #[expect(clippy::too_many_lines, reason = "it is a table")]
    fn call(&self, call: u8, at: u8, with: u8) {
        let place = usize::from(at) % PLACES;
        let other = usize::from(at / 16) % PLACES;
        let client: *mut Client = handle(&self.clients[place]);
        let exchange: *mut Exchange = handle(&self.exchanges[place]);
        let signer: *mut Signer = handle(&self.signers[place]);
        let prepared: *mut Prepared = handle(&self.prepared[place]);
        let response: *mut Response = handle(&self.responses[place]);
        let listener: *mut Listener = handle(&self.listeners[place]);
        let (text, second) = (self.text(with), self.text(with.wrapping_add(1)));
        let status = [-1, 0, 200, 400, 401, 403, 429, 500, 503, 99][usize::from(with) % 10];
        let body = self.texts[usize::from(with) % self.texts.len()].as_bytes();
        let (body, length) = (body.as_ptr().cast(), body.len());
        let mut buffer: [c_char; 2048] = [0; 2048];
        let (buf, cap) = (buffer.as_mut_ptr(), usize::from(with) * 16);
        let (mut number, mut seconds, mut expires, mut len, mut revision) = (0_i32, 0, 0, 0, 0);
        // SAFETY: handles may be anything; texts are NUL-terminated or NULL; buffers and bodies have the sizes given.
        unsafe {
            match call % 46 {
                0 => {
                    let mut out = ptr::null_mut();
                    abi::checked(etoauth_client_share(client, &mut out));
                    self.issue(Kind::Client, &self.clients[other], out.addr());
                }
                1 => self.issue(Kind::Client, &self.clients[place], local_client(&Server::get().base).addr()),
                2 => ended(abi::checked(etoauth_client_free(client))),
                3 => ended(abi::checked(etoauth_client_set_access_token(client, text, second, i64::from(at) - 1))),
                4 => drop(abi::text(|out| etoauth_client_sign(client, c"GET".as_ptr(), text, out))),
                5 => drop(abi::text(|out| etoauth_client_sign_url(client, text, second, out))),
                6 => ended(abi::checked(etoauth_client_cancel(client))),
                7 => {
                    let moved = abi::text(|out| etoauth_client_export_session(client, out));
                    let moved = c_text(&moved.unwrap_or_default());
                    abi::checked(etoauth_client_import_session(handle(&self.clients[other]), moved.as_ptr()));
                }
                8 => ended(abi::checked(etoauth_client_import_session(client, text))),
                9 => drop(abi::text(|out| etoauth_client_read_log(client, out))),
                10 => {
                    ended(abi::checked(etoauth_client_get_token_state(client, &mut number, &mut seconds, &mut expires)))
                }
                11 => ended(abi::checked(etoauth_client_get_renew_wait_s(client, &mut seconds))),
                12 => ended(abi::checked(etoauth_client_get_session_revision(client, &mut revision))),
                13 => ended(abi::checked(etoauth_client_set_clock_offset(client, i64::from(with) << (at % 57)))),
                14 => drop(abi::text(|out| etoauth_client_get_authorize_url(client, out))),
                15 => {
                    let (mut token, mut secret) = (ptr::null_mut(), ptr::null_mut());
                    if abi::checked(etoauth_client_get_access_token(client, &mut token, &mut secret)) {
                        assert!(etoauth_string_free(token) == OK && etoauth_string_free(secret) == OK);
                        assert_eq!(etoauth_string_free(token), E_HANDLE, "a second free is refused");
                    }
                }
                16 | 17 => {
                    let mut out = ptr::null_mut();
                    abi::checked(etoauth_client_get_signer(client, &mut out));
                    self.issue(Kind::Signer, &self.signers[other], out.addr());
                }
                18 => {
                    let mut out = ptr::null_mut();
                    abi::checked(etoauth_signer_new(text, second, text, second, &mut out));
                    self.issue(Kind::Signer, &self.signers[place], out.addr());
                }
                19 => {
                    let signed =
                        etoauth_signer_sign(signer, c"POST".as_ptr(), text, second, buf, cap.min(2048), &mut len);
                    assert!(!abi::checked(signed) || *buf.add(len) == 0);
                }
                20 => drop(abi::text(|out| {
                    etoauth_signer_get_base_string(signer, c"GET".as_ptr(), text, second, 7, c"n".as_ptr(), out)
                })),
                21 => ended(abi::checked(etoauth_signer_free(signer))),
                22 | 23 => {
                    let mut out = ptr::null_mut();
                    abi::checked(etoauth_prepared_new(signer, c"GET".as_ptr(), text, &mut out));
                    self.issue(Kind::Prepared, &self.prepared[other], out.addr());
                }
                24 => ended(abi::checked(etoauth_prepared_sign(prepared, buf, cap.min(2048), &mut len))),
                25 => ended(abi::checked(etoauth_prepared_free(prepared))),
                26 | 27 => {
                    let mut out = ptr::null_mut();
                    abi::checked(etoauth_exchange_new(client, i32::from(with % 7), text, &mut out));
                    self.issue(Kind::Exchange, &self.exchanges[other], out.addr());
                }
                28 | 29 => {
                    let mut out = ptr::null_mut();
                    let verifier = if with % 4 == 1 { c"code".as_ptr() } else { ptr::null() };
                    abi::checked(etoauth_exchange_new(client, 1 + i32::from(with % 4), verifier, &mut out));
                    self.issue(Kind::Exchange, &self.exchanges[other], out.addr());
                }
                30 | 31 => {
                    let mut out = ptr::null_mut();
                    let method = if with % 2 == 0 { c"GET" } else { c"POST" };
                    let url = c"/v1/orders".as_ptr();
                    abi::checked(etoauth_exchange_new_request(client, method.as_ptr(), url, ptr::null(), &mut out));
                    self.issue(Kind::Exchange, &self.exchanges[other], out.addr());
                }
                32 | 33 => {
                    if abi::checked(etoauth_exchange_next(exchange, &mut number, &mut seconds)) {
                        assert!((1..=4).contains(&number) && (0..=250).contains(&seconds));
                    }
                }
                34..=36 => ended(abi::checked(etoauth_exchange_finish(exchange, status, second, body, length))),
                37 => {
                    drop(abi::text(|out| etoauth_exchange_get_url(exchange, out)));
                    drop(abi::text(|out| etoauth_exchange_get_authorization(exchange, out)));
                }
                38 => {
                    if abi::checked(etoauth_exchange_get_advice(exchange, &mut number)) {
                        assert!((0..=6).contains(&number));
                    }
                }
                39 => ended(abi::checked(etoauth_exchange_free(exchange))),
                40 => {
                    let header =
                        abi::text(|out| etoauth_client_sign(client, c"GET".as_ptr(), c"https://h/".as_ptr(), out));
                    let header = c_text(&header.unwrap_or_default());
                    let method = if at % 2 == 0 { c"GET" } else { c"POST" };
                    let (method, header) = (method.as_ptr(), header.as_ptr());
                    let judged =
                        etoauth_client_diagnose(client, method, header, status, second, body, length, &mut number);
                    assert!(!abi::checked(judged) || (0..=6).contains(&number));
                }
                41 => {
                    let mut out = ptr::null_mut();
                    let method = if with % 2 == 0 { c"GET" } else { c"POST" };
                    let (url, no_body) = (c"/v1/orders".as_ptr(), ptr::null());
                    abi::checked(etoauth_client_send(client, method.as_ptr(), url, ptr::null(), no_body, 0, &mut out));
                    self.issue(Kind::Response, &self.responses[other], out.addr());
                }
                42 => check_response(response),
                43 => ended(abi::checked(etoauth_response_free(response))),
                44 => {
                    let mut out = ptr::null_mut();
                    if with % 4 == 0 {
                        abi::checked(etoauth_listener_new(c"http://127.0.0.1:0/".as_ptr(), &mut out));
                        self.issue(Kind::Listener, &self.listeners[place], out.addr());
                    }
                    drop(abi::text(|out| etoauth_listener_wait(listener, client, 0, out)));
                    if with % 4 == 1 {
                        abi::checked(etoauth_listener_free(listener));
                    }
                }
                _ => {
                    abi::checked(etoauth_client_last_error(client, &mut number, buf, cap.min(2048), &mut len));
                    last_error();
                }
            }
        }
    }

    fn free_all(self) {
        for (kind, handle) in self.issued.into_inner().unwrap_or_else(PoisonError::into_inner) {
            // SAFETY: what was freed before is refused.
            let status = unsafe {
                match kind {
                    Kind::Client => etoauth_client_free(ptr::without_provenance_mut(handle)),
                    Kind::Exchange => etoauth_exchange_free(ptr::without_provenance_mut(handle)),
                    Kind::Signer => etoauth_signer_free(ptr::without_provenance_mut(handle)),
                    Kind::Prepared => etoauth_prepared_free(ptr::without_provenance_mut(handle)),
                    Kind::Response => etoauth_response_free(ptr::without_provenance_mut(handle)),
                    Kind::Listener => etoauth_listener_free(ptr::without_provenance_mut(handle)),
                }
            };
            assert!(abi::checked(status) || status == E_HANDLE);
        }
    }
}

/// Whether it succeeded does not matter: `checked` has looked at the status.
fn ended(_: bool) {}

fn handle<T>(place: &AtomicUsize) -> *mut T {
    ptr::without_provenance_mut(place.load(Ordering::Relaxed))
}
