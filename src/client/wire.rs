//! The connections beneath HTTP: ureq's chain with links of our own. They end a call at its deadline or when it is
//! cancelled, wherever it waits, and they know whether a request has left.
//!
//! proxy's CONNECT, else [`Dial`] - [`BeforeTls`] - TLS - [`Meter`]

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use ureq::Error;
use ureq::config::Config;
use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport,
};

use super::dial::Dial;
use super::operation::{Operation, Phase};
use super::time;
use super::tls::Tls;
use super::wait::{Direction, Limits, ended_early, is_silent};

/// `proxied`: whether the agent has a proxy, for some hosts at least.
pub fn connector(tls: Tls, proxied: bool) -> impl Connector {
    ().chain(ConnectProxyConnector::default())
        .chain(Dial::default())
        .chain(BeforeTls { proxied })
        .chain(tls)
        .chain(Meter { proxied })
}

/// A TCP connection, and the one place where a call waits for bytes: in the answer to CONNECT, the TLS handshake, head
/// and body, reading and writing. Before each wait it asks the operation how long is left, so no wait outlasts the
/// deadline, however often a signal interrupts it and however slowly the other side drips.
#[derive(Debug)]
pub struct Socket {
    stream: Arc<TcpStream>,
    buffers: LazyBuffers,
    limits: Limits,
    /// When the last response was complete, by the clock that counts sleep.
    last_use: Duration,
}

impl Socket {
    pub fn new(stream: TcpStream, config: &Config) -> io::Result<Socket> {
        stream.set_nodelay(true)?;
        Ok(Socket {
            limits: Limits::new(&stream)?,
            stream: Arc::new(stream),
            buffers: LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size()),
            last_use: time::since_boot(),
        })
    }

    /// To be called before each wait: the wait ends with a cancellation, or shortly after the time that is left has
    /// passed.
    fn begin_wait(&mut self, direction: Direction, timeout: NextTimeout) -> Result<(), Error> {
        let operation = Operation::current().ok_or_else(cancelled)?;
        if !operation.watch(&self.stream) {
            return Err(cancelled());
        }
        // ureq has a limit of its own for one wait only: that for the answer to "Expect: 100-continue".
        let left = operation.remaining().min(*timeout.after);
        if left.is_zero() {
            return Err(Error::Timeout(timeout.reason));
        }
        Ok(self.limits.set(&self.stream, direction, left)?)
    }
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let mut sent = 0;
        while sent < amount {
            self.begin_wait(Direction::Write, timeout)?;
            match (&*self.stream).write(&self.buffers.output()[sent..amount]) {
                Ok(0) => return Err(Error::Io(ErrorKind::WriteZero.into())),
                Ok(some) => sent += some,
                Err(error) if ended_early(&error) => {}
                Err(error) => return Err(Error::Io(error)),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        loop {
            self.begin_wait(Direction::Read, timeout)?;
            match (&*self.stream).read(self.buffers.input_append_buf()) {
                Ok(amount) => {
                    self.buffers.input_appended(amount);
                    return Ok(amount > 0);
                }
                Err(error) if ended_early(&error) => {}
                // Unchanged, ureq would take a reset for the end of a body without a length.
                Err(error) => return Err(Error::Io(io::Error::other(error))),
            }
        }
    }

    /// Called when a response is complete, and again before the connection serves another request. It is of no use any
    /// more if it has ended or holds bytes that nobody asked for. One that was idle for too long may be dead.
    fn is_open(&mut self) -> bool {
        let Some(operation) = Operation::current() else {
            return false;
        };
        let now = time::since_boot();
        if operation.phase() == Phase::Sent {
            self.last_use = now;
        } else if now.saturating_sub(self.last_use) >= operation.idle_limit() {
            return false;
        }
        is_silent(&self.stream)
    }
}

fn cancelled() -> Error {
    Error::Io(ErrorKind::ConnectionAborted.into())
}

/// Whether a connection leads to the proxy itself, where only a CONNECT is sent: ureq makes it with a configuration that
/// has no proxy.
fn is_to_proxy(proxied: bool, details: &ConnectionDetails) -> bool {
    proxied && details.config.proxy().is_none()
}

/// Notes that the connection has been made and that TLS, if it is used, begins.
#[derive(Debug)]
struct BeforeTls {
    proxied: bool,
}

impl<In: Transport> Connector<In> for BeforeTls {
    type Out = In;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<In>, Error> {
        if let Some(operation) = Operation::current().filter(|_| details.needs_tls()) {
            operation.enter(if is_to_proxy(self.proxied, details) { Phase::SecuringProxy } else { Phase::Securing });
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
        let to_proxy = is_to_proxy(self.proxied, details);
        if let Some(operation) = Operation::current() {
            operation.enter(if to_proxy { Phase::Tunnelling } else { Phase::Open });
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
        let operation = Operation::current().ok_or_else(cancelled)?;
        // A call that ends before its first byte leaves must not count as sent.
        if !operation.phase().has_left() {
            if operation.is_cancelled() {
                return Err(cancelled());
            }
            if operation.remaining().is_zero() {
                return Err(Error::Timeout(timeout.reason));
            }
            operation.enter(Phase::Sending);
        }
        self.0.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let operation = Operation::current().ok_or_else(cancelled)?;
        operation.enter(Phase::Sent);
        let came = self.0.await_input(timeout)?;
        if came {
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
