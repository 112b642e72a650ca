//! A server and a proxy on loopback that only note who came.
#![allow(dead_code, reason = "each driver uses a part")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the test itself says, to hear who came before.
const QUESTION: &[u8] = b"?";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    Direct,
    Proxy,
}

pub struct Ears {
    pub port: u16,
    pub proxy_port: u16,
    /// Whether the server listens on ::1, too.
    pub ipv6: bool,
    came: Arc<Mutex<Vec<Came>>>,
    doors: Vec<SocketAddr>,
}

impl Ears {
    pub fn open() -> Ears {
        let came = Arc::new(Mutex::new(Vec::new()));
        let mut doors = Vec::new();
        let mut listen = |listener: TcpListener, what: Came| {
            let came = came.clone();
            doors.push(listener.local_addr().unwrap());
            thread::spawn(move || listener.incoming().flatten().for_each(|visitor| note(visitor, what, &came)));
        };
        let proxy = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let proxy_port = proxy.local_addr().unwrap().port();
        listen(proxy, Came::Proxy);
        let ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
        // A port that both families have free.
        let (server, server6) = (0..100)
            .find_map(|_| {
                let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
                let port = server.local_addr().unwrap().port();
                let server6 = ipv6.then(|| TcpListener::bind((Ipv6Addr::LOCALHOST, port)));
                server6.transpose().ok().map(|server6| (server, server6))
            })
            .unwrap();
        let port = server.local_addr().unwrap().port();
        listen(server, Came::Direct);
        server6.into_iter().for_each(|server6| listen(server6, Came::Direct));
        Ears { port, proxy_port, ipv6, came, doors }
    }

    /// Who came since it was asked last. Visitors are heard in turn, so that nobody who came before is missing.
    pub fn heard(&self) -> Vec<Came> {
        for door in &self.doors {
            let mut question = TcpStream::connect(door).unwrap();
            question.write_all(QUESTION).unwrap();
            assert_eq!(question.read(&mut [0]).unwrap(), 0);
        }
        std::mem::take(&mut self.came.lock().unwrap())
    }
}

fn note(mut visitor: TcpStream, what: Came, came: &Mutex<Vec<Came>>) {
    let mut said = [0; 4096];
    let amount = visitor.read(&mut said).unwrap_or(0);
    if said[..amount] != *QUESTION {
        came.lock().unwrap().push(what);
        if said.starts_with(b"CONNECT ") {
            let _ = visitor.write_all(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
        }
    }
    let _ = visitor.shutdown(Shutdown::Both);
}
