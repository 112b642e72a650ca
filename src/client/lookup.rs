//! Addresses of host names: looked up when a connection is opened, and remembered for a while.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Mutex;
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ArrayVec, DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::{Error, Timeout};

use super::operation::Interrupted;
use super::{background, io_error, lock, time};

/// After this time a name is looked up again.
const REMEMBERED: Duration = Duration::from_secs(60);
/// A client has an API, a login page's host and a proxy; more come only with new base URLs.
const MOST_NAMES: usize = 16;
/// More addresses of one name are not tried.
const MOST_ADDRESSES: usize = 16;

#[derive(Debug, Default)]
pub struct Lookup {
    known: Mutex<Vec<Known>>,
}

#[derive(Debug)]
struct Known {
    /// host:port
    name: String,
    addresses: Vec<SocketAddr>,
    /// The one to which a connection was opened last.
    best: Option<SocketAddr>,
    /// By the clock that counts sleep: a machine that wakes up may be in another network.
    looked_up: Duration,
}

impl Lookup {
    /// The addresses of host:port, in the order in which to try them.
    pub fn find(&self, name: &str) -> Result<Vec<SocketAddr>, Error> {
        if let Ok(address) = name.parse() {
            return Ok(vec![address]);
        }
        let fresh =
            |known: &&Known| known.name == name && time::since_boot().saturating_sub(known.looked_up) < REMEMBERED;
        if let Some(known) = lock(&self.known).iter().find(fresh) {
            return Ok(known.in_order());
        }
        let addresses = interleaved(ask_system(name)?);
        let mut all = lock(&self.known);
        // The best address outlives a look-up, so that a dead one costs its delay only once.
        let best = all.iter().find(|known| known.name == name).and_then(|known| known.best);
        all.retain(|known| known.name != name);
        if all.len() == MOST_NAMES {
            all.remove(0);
        }
        let known = Known { name: name.to_owned(), addresses, best, looked_up: time::since_boot() };
        let in_order = known.in_order();
        all.push(known);
        Ok(in_order)
    }

    /// A connection to this address was opened: it is tried first next time.
    pub fn prefer(&self, name: &str, address: SocketAddr) {
        if let Some(known) = lock(&self.known).iter_mut().find(|known| known.name == name) {
            known.best = Some(address);
        }
    }

    /// Every address failed: the server may have moved, and the next call is to look its name up again.
    pub fn forget(&self, name: &str) {
        lock(&self.known).retain(|known| known.name != name);
    }
}

impl Known {
    fn in_order(&self) -> Vec<SocketAddr> {
        let is_best = |address: &&SocketAddr| Some(**address) == self.best;
        let best = self.addresses.iter().filter(is_best);
        best.chain(self.addresses.iter().filter(|address| !is_best(address))).copied().collect()
    }
}

/// Asks the system, which nothing can interrupt, on a thread of its own.
fn ask_system(name: &str) -> Result<Vec<SocketAddr>, Error> {
    let asked = name.to_owned();
    let answer = background::run(move || match asked.to_socket_addrs() {
        Ok(addresses) => Ok(addresses.collect::<Vec<_>>()),
        Err(error) => Err(no_descriptors().unwrap_or(error)),
    });
    match answer {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(Err(error)) if io_error::is_out_of_descriptors(&error) => Err(Error::Io(error)),
        // Systems differ in their errors for an unknown name.
        Ok(_) => Err(Error::HostNotFound),
        Err(Interrupted::TimedOut) => Err(Error::Timeout(Timeout::Resolve)),
        Err(interrupted) => Err(Error::Other(Box::new(interrupted))),
    }
}

/// A look-up does not tell that it failed for lack of a descriptor. An attempt to open a socket does.
fn no_descriptors() -> Option<io::Error> {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).err().filter(io_error::is_out_of_descriptors)
}

/// The families by turns, beginning with the one that the system put first (RFC 8305 section 4).
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first = addresses.first().map(SocketAddr::is_ipv6);
    let (one, other): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|address| Some(address.is_ipv6()) == first);
    let (mut one, mut other) = (one.into_iter(), other.into_iter());
    let mut all = Vec::new();
    while all.len() < MOST_ADDRESSES {
        let pair = [one.next(), other.next()];
        if pair == [None, None] {
            break;
        }
        all.extend(pair.into_iter().flatten());
    }
    all
}

/// ureq looks names up before it looks for a kept connection. Ours are looked up when there is none, so ureq is told what
/// it wants to hear: that there is an address.
#[derive(Debug)]
pub struct LaterLookup;

impl Resolver for LaterLookup {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let nowhere = SocketAddr::from(([0; 4], 0));
        let mut addresses: ResolvedSocketAddrs = ArrayVec::from_fn(|_| nowhere);
        addresses.push(nowhere);
        Ok(addresses)
    }
}

/// host:port of a URL, with the scheme's own port if it names none.
pub fn host_and_port(uri: &Uri) -> Result<String, Error> {
    let name = uri.scheme().zip(uri.authority());
    let name = name.and_then(|(scheme, authority)| DefaultResolver::host_and_port(scheme, authority));
    name.ok_or(Error::HostNotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns() {
        let (a, b, c) = ("[::1]:1", "[::2]:1", "[::3]:1");
        let (x, y) = ("127.0.0.1:1", "127.0.0.2:1");
        assert_eq!(interleaved(addresses(&[a, b, c, x, y])), addresses(&[a, x, b, y, c]));
        assert_eq!(interleaved(addresses(&[x, y, a])), addresses(&[x, a, y]));
        assert_eq!(interleaved(addresses(&[x])), addresses(&[x]));
        assert_eq!(interleaved(Vec::new()), Vec::new());
    }

    #[test]
    fn the_best_address_comes_first() {
        let known = |best: &str| Known {
            name: String::new(),
            addresses: addresses(&["127.0.0.1:1", "127.0.0.2:1", "127.0.0.3:1"]),
            best: best.parse().ok(),
            looked_up: Duration::ZERO,
        };
        assert_eq!(known("127.0.0.3:1").in_order(), addresses(&["127.0.0.3:1", "127.0.0.1:1", "127.0.0.2:1"]));
        assert_eq!(known("127.0.0.9:1").in_order(), known("").addresses);
    }
}
