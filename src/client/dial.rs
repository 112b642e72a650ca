//! Opens TCP connections by happy eyeballs (RFC 8305): a second address is tried beside the first when that one is slow.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use ureq::unversioned::transport::{ConnectionDetails, Connector, Either, Transport};
use ureq::{Error, Timeout};

use super::background::Results;
use super::lookup::{Lookup, host_and_port};
use super::operation::{Interrupted, Operation, Phase};
use super::wire::Socket;

/// An address that has not answered for so long is joined by the next one (RFC 8305 section 5).
const ATTEMPT_DELAY: Duration = Duration::from_millis(250);
/// An attempt lasts longer than its call by this, so that it is the call's clock that rings first.
const BEYOND_THE_CALL: Duration = Duration::from_millis(100);

/// The link of ureq's chain that opens the connection, unless a proxy's tunnel stands already.
#[derive(Debug, Default)]
pub struct Dial {
    lookup: Lookup,
}

impl<In: Transport> Connector<In> for Dial {
    type Out = Either<In, Socket>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        if let Some(tunnel) = chained {
            return Ok(Some(Either::A(tunnel)));
        }
        let operation = Operation::current().ok_or(Error::ConnectionFailed)?;
        operation.connecting();
        let name = host_and_port(details.uri)?;
        let addresses = self.lookup.find(&name)?;
        operation.enter(Phase::Connecting);
        let (address, stream) = race(&operation, &addresses).inspect_err(|_| {
            if !operation.is_cancelled() {
                self.lookup.forget(&name);
            }
        })?;
        self.lookup.prefer(&name, address);
        Ok(Some(Either::B(Socket::new(stream, details.config)?)))
    }
}

/// The first of these addresses that takes a connection. Each attempt runs on a thread of its own.
fn race(operation: &Operation, addresses: &[SocketAddr]) -> Result<(SocketAddr, TcpStream), Error> {
    let attempts = Results::default();
    let mut untried = addresses.iter().copied();
    let mut failed = Error::HostNotFound;
    loop {
        if let Some(address) = untried.next() {
            let limit = operation.remaining() + BEYOND_THE_CALL;
            let attempt = move || (address, TcpStream::connect_timeout(&address, limit));
            if attempts.start(attempt).is_err() {
                failed = Error::Other(Box::new(Interrupted::NoThread));
            }
        }
        let delay = if untried.len() > 0 { ATTEMPT_DELAY } else { Duration::MAX };
        match attempts.wait(operation, delay) {
            Ok((address, Ok(stream))) => return Ok((address, stream)),
            Ok((_, Err(error))) => failed = Error::Io(error),
            Err(Interrupted::TimedOut) if operation.remaining().is_zero() => {
                return Err(Error::Timeout(Timeout::Connect));
            }
            Err(Interrupted::TimedOut) => {}
            // No attempt is under way any more.
            Err(Interrupted::Lost) if untried.len() > 0 => {}
            Err(Interrupted::Lost) => return Err(failed),
            Err(interrupted) => return Err(Error::Other(Box::new(interrupted))),
        }
    }
}
