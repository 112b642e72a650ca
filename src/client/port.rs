//! A port of this machine that a listener has: its listening sockets, one for each address.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use arc_swap::ArcSwapOption;

use super::descriptors::NotInherited;
use super::fork;
use super::io_error::{describe, is_out_of_descriptors};
use super::lock;
use crate::etrade::{Failure, Kind};

pub struct Port {
    pub number: u16,
    addresses: Vec<SocketAddr>,
    sockets: Mutex<Vec<NotInherited<TcpListener>>>,
    taken_over: AtomicBool,
    /// The process that bound it; a forked child must not take it over.
    process: u32,
}

/// The ports of this process. No lock guards them, since a forked child might find it locked for ever.
static PORTS: ArcSwapOption<Vec<Weak<Port>>> = ArcSwapOption::const_empty();

impl Port {
    /// Binds all addresses to one port. If this machine lacks one of localhost's two addresses, the other one is
    /// enough. Port 0 stands for any port that is free.
    pub fn bind(addresses: &[SocketAddr]) -> Result<Arc<Port>, Failure> {
        let any = addresses.first().is_none_or(|address| address.port() == 0);
        // A port that is free for one address may be in use for the next: where any will do, another is tried.
        let mut bound = bind(addresses);
        for _ in 0..15 {
            if !any || bound.is_ok() {
                break;
            }
            bound = bind(addresses);
        }
        // A program that lost the handle of an earlier listener cannot free it any more.
        if bound.as_ref().is_err_and(|error| !any && error.kind() == ErrorKind::AddrInUse) && take_over(addresses) {
            bound = bind(addresses);
        }
        let (sockets, number) = bound.map_err(|error| failure(&error))?;
        let port = Arc::new(Port {
            number,
            addresses: addresses.iter().map(|address| (address.ip(), number).into()).collect(),
            sockets: Mutex::new(sockets),
            taken_over: AtomicBool::new(false),
            process: fork::process(),
        });
        PORTS.rcu(|ports| {
            let live = ports.iter().flat_map(|ports| ports.iter()).filter(|port| port.strong_count() > 0);
            Some(Arc::new(live.cloned().chain([Arc::downgrade(&port)]).collect()))
        });
        Ok(port)
    }

    /// Frees the port at once, even while a thread waits for visitors.
    pub fn close(&self) {
        lock(&self.sockets).clear();
    }

    pub fn is_taken_over(&self) -> bool {
        self.taken_over.load(Ordering::SeqCst)
    }

    /// Hands over all visitors who have come, until `take` wants no more. Fails if there is no descriptor for one of
    /// them.
    pub fn accept(&self, mut take: impl FnMut(TcpStream) -> bool) -> io::Result<()> {
        for socket in lock(&self.sockets).iter() {
            loop {
                match socket.accept() {
                    Ok((visitor, _)) => {
                        if !take(visitor) {
                            return Ok(());
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) if is_out_of_descriptors(&error) => return Err(error),
                    Err(_) => break,
                }
            }
        }
        Ok(())
    }
}

fn bind(addresses: &[SocketAddr]) -> io::Result<(Vec<NotInherited<TcpListener>>, u16)> {
    let mut sockets = Vec::new();
    let mut port = addresses.first().map_or(0, SocketAddr::port);
    let mut failed = io::Error::from(ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpListener::bind((address.ip(), port)).map(NotInherited::new) {
            Ok(socket) => {
                socket.set_nonblocking(true)?;
                port = socket.local_addr()?.port();
                sockets.push(socket);
            }
            Err(error) if error.kind() == ErrorKind::AddrInUse || is_out_of_descriptors(&error) => return Err(error),
            Err(error) => failed = error,
        }
    }
    if sockets.is_empty() { Err(failed) } else { Ok((sockets, port)) }
}

/// Closes this process's own ports at these addresses. True if there was one.
fn take_over(addresses: &[SocketAddr]) -> bool {
    let ports = PORTS.load();
    let mut found = false;
    for port in ports.iter().flat_map(|ports| ports.iter()).filter_map(Weak::upgrade) {
        if port.process == fork::process() && port.addresses.iter().any(|address| addresses.contains(address)) {
            port.taken_over.store(true, Ordering::SeqCst);
            port.close();
            found = true;
        }
    }
    found
}

fn failure(error: &io::Error) -> Failure {
    let why = match error.kind() {
        ErrorKind::AddrInUse => "its port is in use. End the program that uses it, or register another port".to_owned(),
        ErrorKind::AddrNotAvailable => {
            "its host is not an address of this machine. Use localhost, 127.0.0.1 or [::1]".to_owned()
        }
        ErrorKind::PermissionDenied => "this user may not listen on its port. Register a port above 1023".to_owned(),
        _ => describe(error),
    };
    Failure::new(Kind::Connect, format!("callback_url can't be listened on: {why}."))
}
