//! The connections beneath HTTP: ureq's chain with links of our own, so that a call can be cancelled wherever it waits
//! and it is known whether a request has left.
//!
//! proxy's CONNECT, else [`Dial`] - [`BeforeTls`] - TLS - [`Meter`]

use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ArrayVec, DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};
use ureq::{Error, Timeout};

use super::lock;
use super::operation::{Interrupted, Operation, Phase, aside};
use super::tls::Tls;

/// `proxied`: whether the agent has a proxy, for some hosts at least.
pub fn connector(tls: Tls, proxied: bool) -> impl Connector {
    ().chain(ConnectProxyConnector::default()).chain(Dial).chain(BeforeTls).chain(tls).chain(Meter { proxied })
}

/// Work beside the call, for ureq.
fn ask_aside<T: Send + 'static>(
    timeout: NextTimeout,
    reason: Timeout,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, Error> {
    match aside(Some(*timeout.after), work) {
        Ok(result) => Ok(result?),
        Err(Interrupted::TimedOut) => Err(Error::Timeout(reason)),
        Err(Interrupted::Cancelled | Interrupted::Lost) => Err(cancelled()),
    }
}

fn cancelled() -> Error {
    Error::Io(ErrorKind::ConnectionAborted.into())
}

/// Name look-up that a cancel and the time-out can leave behind.
///
/// ureq asks before it looks for a kept connection, so the last name is remembered for a while.
#[derive(Debug, Default)]
pub struct Lookup {
    last: Mutex<Option<Found>>,
}

#[derive(Clone, Debug)]
struct Found {
    name: String,
    addresses: Vec<SocketAddr>,
    at: Instant,
}

const REMEMBERED: Duration = Duration::from_secs(60);

impl Resolver for Lookup {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(Error::HostNotFound);
        };
        let name = DefaultResolver::host_and_port(scheme, authority).ok_or(Error::HostNotFound)?;
        let found = self.find(name, timeout)?;
        let mut addresses: ResolvedSocketAddrs = ArrayVec::from_fn(|_| SocketAddr::from(([0; 4], 0)));
        for address in config.ip_family().keep_wanted(found.into_iter()).take(16) {
            addresses.push(address);
        }
        if addresses.is_empty() { Err(Error::HostNotFound) } else { Ok(addresses) }
    }
}

impl Lookup {
    fn find(&self, name: String, timeout: NextTimeout) -> Result<Vec<SocketAddr>, Error> {
        if let Ok(address) = name.parse() {
            return Ok(vec![address]);
        }
        let fresh = |found: &&Found| found.name == name && found.at.elapsed() < REMEMBERED;
        if let Some(found) = lock(&self.last).as_ref().filter(fresh) {
            return Ok(found.addresses.clone());
        }
        let enter = |phase| Operation::current().into_iter().for_each(|operation| operation.enter(phase));
        enter(Phase::Connecting);
        let asked = name.clone();
        // Systems differ in their errors for an unknown name; an empty list is what they have in common.
        let look = move || Ok(asked.to_socket_addrs().map(Iterator::collect).unwrap_or_default());
        let addresses: Vec<SocketAddr> = ask_aside(timeout, Timeout::Resolve, look)?;
        enter(Phase::Open);
        if !addresses.is_empty() {
            *lock(&self.last) = Some(Found { name, addresses: addresses.clone(), at: Instant::now() });
        }
        Ok(addresses)
    }
}

/// Opens the TCP connection, trying one address after the other.
#[derive(Debug)]
struct Dial;

impl<In: Transport> Connector<In> for Dial {
    type Out = Either<In, Socket>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        if let Some(tunnel) = chained {
            return Ok(Some(Either::A(tunnel)));
        }
        if let Some(operation) = Operation::current() {
            operation.connecting();
        }
        let mut failed = Error::HostNotFound;
        let count = details.addrs.len();
        for (index, &address) in details.addrs.iter().enumerate() {
            match dial(address, details.timeout, count - index) {
                Ok(stream) => {
                    let config = details.config;
                    let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
                    return Ok(Some(Either::B(Socket { stream: Arc::new(stream), buffers })));
                }
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }
}

/// Each address may take its share of what is left, so that a dead one does not eat the time of the next.
fn dial(address: SocketAddr, timeout: NextTimeout, addresses_left: usize) -> Result<TcpStream, Error> {
    let left = Operation::current().map_or(*timeout.after, |operation| operation.remaining());
    let share = (left / addresses_left as u32).max(Duration::from_millis(1));
    let stream = ask_aside(timeout, Timeout::Connect, move || TcpStream::connect_timeout(&address, share));
    // Whichever of the two clocks rings first.
    let stream = stream.map_err(|error| match error {
        Error::Io(error) if error.kind() == ErrorKind::TimedOut => Error::Timeout(Timeout::Connect),
        error => error,
    })?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A TCP connection whose waits end with their time-out or the operation's cancel.
#[derive(Debug)]
struct Socket {
    stream: Arc<TcpStream>,
    buffers: LazyBuffers,
}

impl Socket {
    fn watched(&self) -> Result<(), Error> {
        let watched = Operation::current().is_none_or(|operation| operation.watch(&self.stream));
        if watched { Ok(()) } else { Err(cancelled()) }
    }
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.watched()?;
        self.stream.set_write_timeout(timeout.not_zero().map(|left| *left))?;
        (&*self.stream).write_all(&self.buffers.output()[..amount]).map_err(|error| timed(error, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.watched()?;
        self.stream.set_read_timeout(timeout.not_zero().map(|left| *left))?;
        let amount = loop {
            match (&*self.stream).read(self.buffers.input_append_buf()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result.map_err(|error| timed(error, timeout))?,
            }
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Bytes that nobody asked for, or the end, mean that the connection is of no more use.
    fn is_open(&mut self) -> bool {
        let probe = || {
            self.stream.set_nonblocking(true)?;
            let silent = matches!(self.stream.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock);
            self.stream.set_nonblocking(false)?;
            Ok::<_, io::Error>(silent)
        };
        probe().unwrap_or(false)
    }
}

/// Systems differ in how they call a read or write that timed out.
fn timed(error: io::Error, timeout: NextTimeout) -> Error {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => Error::Timeout(timeout.reason),
        _ => Error::Io(error),
    }
}

/// Notes that the connection stands and TLS, if any, begins.
#[derive(Debug)]
struct BeforeTls;

impl<In: Transport> Connector<In> for BeforeTls {
    type Out = In;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<In>, Error> {
        if let Some(operation) = Operation::current().filter(|_| details.needs_tls()) {
            operation.enter(Phase::Securing);
        }
        Ok(chained)
    }
}

/// The outermost link: from here on, what is transmitted is the request itself.
#[derive(Debug)]
struct Meter {
    proxied: bool,
}

impl<In: Transport> Connector<In> for Meter {
    type Out = Either<In, Metered<In>>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        // ureq connects to the proxy itself with a configuration that has none; what goes there is only a CONNECT.
        let to_proxy = self.proxied && details.config.proxy().is_none();
        if let Some(operation) = Operation::current().filter(|_| !to_proxy) {
            operation.enter(Phase::Open);
        }
        Ok(chained.map(|transport| if to_proxy { Either::A(transport) } else { Either::B(Metered(transport)) }))
    }
}

#[derive(Debug)]
struct Metered<T>(T);

impl<T: Transport> Transport for Metered<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.0.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if let Some(operation) = Operation::current() {
            operation.enter(Phase::Sent);
        }
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let came = self.0.await_input(timeout)?;
        if let Some(operation) = Operation::current().filter(|_| came) {
            operation.answered();
        }
        Ok(came)
    }

    fn is_open(&mut self) -> bool {
        self.0.is_open()
    }

    fn is_tls(&self) -> bool {
        self.0.is_tls()
    }
}
