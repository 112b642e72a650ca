//! How the sandbox bears load and abuse. It takes minutes: `make test-load` runs it, with the figures.

use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::client::{Pair, get, log_in};
use crate::harness::{Service, Wire};

const LIST: &str = "/v1/accounts/list";

/// A figure of the process in MiB, as Linux tells it.
fn memory(service: &Service, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_matches([':', '\t', ' ']).split(' ').next().unwrap().parse::<u64>().unwrap() / 1024
}

/// Sends a signed call and takes its answer.
fn call(service: &Service, access: &Pair, wire: &mut Wire) -> u16 {
    get(LIST).with(access).send(service, wire);
    wire.receive().unwrap().status
}

/// What a client that knows no HTTP, or no OAuth, may send.
fn malformed(number: usize) -> Vec<u8> {
    let line_end = "\r\n\r\n";
    match number % 10 {
        0 => format!("GET {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: OAuth oauth_token{line_end}").into_bytes(),
        1 => format!(
            "GET {LIST} HTTP/1.1\r\nHost: x\r\nAuthorization: OAuth a=\"%\",{}{line_end}",
            "b=\"c\",".repeat(500)
        )
        .into_bytes(),
        2 => format!("GET /{} HTTP/1.1\r\nHost: x{line_end}", "x".repeat(number)).into_bytes(),
        3 => (0..=255).cycle().skip(number).take(2000).collect(),
        4 => format!("POST {LIST} HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999{line_end}").into_bytes(),
        5 => format!("POST /v1/echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz{line_end}").into_bytes(),
        6 => format!("GET / HTTP/9.9\r\n{}", "x: y\r\n".repeat(2000)).into_bytes(),
        7 => format!("CONNECT {number}.example:443 HTTP/1.1{line_end}").into_bytes(),
        8 => format!("GET {LIST}?{number}&oauth_signature=x&oauth_nonce=1&oauth_nonce=2 HTTP/1.1\r\nHost: x{line_end}")
            .into_bytes(),
        _ => vec![0x16, 3, 1, 255, 255, 1, 2, 3],
    }
}

fn send_and_hang_up(service: &Service, bytes: &[u8]) {
    use std::io::{Read, Write};
    let mut tcp = TcpStream::connect(service.host("url")).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The server may have closed the connection before all was sent.
    let _ = tcp.write_all(bytes);
    let _ = tcp.shutdown(std::net::Shutdown::Write);
    let _ = tcp.read(&mut [0; 4096]);
}

#[test]
#[ignore = "takes minutes"]
fn calls_at_a_steady_rate_beside_abuse() {
    const RATE: u64 = 200;
    const SECONDS: u64 = 60;
    let service = Service::start(&["--code", "CODE1"]);
    let access = log_in(&service);
    let slowest = AtomicU64::new(0);
    let begin = Instant::now();
    let half_open: Vec<TcpStream> = thread::scope(|scope| {
        for lane in 0..4 {
            let (service, access, slowest) = (&service, &access, &slowest);
            scope.spawn(move || {
                let mut wire = service.connect();
                for number in (lane..RATE * SECONDS).step_by(4) {
                    let due = begin + Duration::from_secs(1) * u32::try_from(number).unwrap() / RATE as u32;
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    let sent = Instant::now();
                    assert_eq!(call(service, access, &mut wire), 200);
                    slowest.fetch_max(sent.elapsed().as_millis() as u64, Ordering::Relaxed);
                }
            });
        }
        (0..10_000).for_each(|number| send_and_hang_up(&service, &malformed(number)));
        println!("10,000 malformed requests took {:.1} s", begin.elapsed().as_secs_f64());
        let begin_of_head = |_| {
            use std::io::Write;
            let mut tcp = TcpStream::connect(service.host("url")).unwrap();
            tcp.write_all(b"GET /v1/accounts/list HTTP/1.1\r\nHost:").unwrap();
            tcp
        };
        (0..2_000).map(begin_of_head).collect()
    });
    let seconds = begin.elapsed().as_secs_f64();
    let calls = service.count("api_calls");
    println!("{calls} signed calls in {seconds:.1} s, the slowest in {slowest:?} ms");
    println!("{} connections are half open", half_open.len());
    println!("resident at the most: {} MiB, now: {} MiB", memory(&service, "VmHWM"), memory(&service, "VmRSS"));
    assert_eq!(calls, RATE * SECONDS);
    assert_eq!(call(&service, &access, &mut service.connect()), 200);
    assert!(memory(&service, "VmHWM") < 100);
}

#[test]
#[ignore = "takes minutes"]
fn a_million_calls_leave_little_behind() {
    const LANES: u64 = 4;
    let service = Service::start(&["--code", "CODE1"]);
    let access = log_in(&service);
    let begin = Instant::now();
    thread::scope(|scope| {
        for lane in 0..LANES {
            let (service, access) = (&service, &access);
            scope.spawn(move || {
                let mut wire = service.connect();
                for number in 0..1_000_000 / LANES {
                    // Every path is another one, and every tenth signature is wrong.
                    let path = format!("/v1/echo/{lane}/{number}");
                    let wrong = Pair { token: access.token.clone(), secret: String::new() };
                    let pair = if number % 10 == 0 { &wrong } else { access };
                    let expected = if number % 10 == 0 { 401 } else { 404 };
                    get(&path).with(pair).send(service, &mut wire);
                    assert_eq!(wire.receive().unwrap().status, expected);
                }
            });
        }
    });
    println!("a million calls took {:.1} s", begin.elapsed().as_secs_f64());
    println!("resident at the most: {} MiB, now: {} MiB", memory(&service, "VmHWM"), memory(&service, "VmRSS"));
    println!("nonces that are kept: {}", service.count("nonces"));
    assert_eq!(call(&service, &access, &mut service.connect()), 200);
    assert!(memory(&service, "VmRSS") < 50);
}
