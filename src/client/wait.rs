//! How long a read or write may block, and whether one would: where systems differ.

use std::io::{self, ErrorKind};
use std::net::TcpStream;
#[cfg(any(target_os = "linux", target_os = "android", windows))]
use std::time::Duration;

pub use limits::Limits;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Read,
    Write,
}

/// Linux never restarts a read or write that has a timeout (signal(7)), and Windows has no signals: there, the socket's
/// own timeouts are enough.
#[cfg(any(target_os = "linux", target_os = "android", windows))]
mod limits {
    use super::*;

    /// A timeout is set slightly too long, so that it also fits the next read or write. This saves system calls.
    const SLACK: Duration = Duration::from_millis(10);
    const TOO_LONG: Duration = Duration::from_millis(250);

    /// The timeouts that the socket has.
    #[derive(Debug, Default)]
    pub struct Limits {
        read: Duration,
        write: Duration,
    }

    impl Limits {
        pub fn new(_: &TcpStream) -> io::Result<Limits> {
            Ok(Limits::default())
        }

        /// The next read or write ends within about this time.
        pub fn set(&mut self, stream: &TcpStream, direction: Direction, left: Duration) -> io::Result<()> {
            let limit = match direction {
                Direction::Read => &mut self.read,
                Direction::Write => &mut self.write,
            };
            if left <= *limit && *limit - left <= TOO_LONG.min(left / 4) {
                return Ok(());
            }
            *limit = left + SLACK;
            match direction {
                Direction::Read => stream.set_read_timeout(Some(*limit)),
                Direction::Write => stream.set_write_timeout(Some(*limit)),
            }
        }
    }
}

/// Other systems may restart a read or write with its full timeout after each signal, but none of them restarts poll.
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
mod limits {
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::Errno;

    use super::*;

    #[derive(Debug)]
    pub struct Limits;

    impl Limits {
        pub fn new(stream: &TcpStream) -> io::Result<Limits> {
            stream.set_nonblocking(true)?;
            Ok(Limits)
        }

        /// Waits until the stream is ready, or for this time. The read or write that follows does not block.
        pub fn set(&mut self, stream: &TcpStream, direction: Direction, left: Duration) -> io::Result<()> {
            let events = if direction == Direction::Read { PollFlags::IN } else { PollFlags::OUT };
            match poll(&mut [PollFd::new(stream, events)], Timespec::try_from(left).ok().as_ref()) {
                Ok(_) | Err(Errno::INTR) => Ok(()),
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// Whether a read or write ended because of a signal or its timeout, and not because of the connection. It is tried
/// again if the operation has time left.
pub fn ended_early(error: &io::Error) -> bool {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::WouldBlock => true,
        // On Windows this is a timeout. Elsewhere it means that the other side's system no longer answers.
        ErrorKind::TimedOut => cfg!(windows),
        _ => false,
    }
}

/// Whether a connection is open and has nothing to read.
#[cfg(unix)]
pub fn is_silent(stream: &TcpStream) -> bool {
    use rustix::net::{RecvFlags, recv};
    matches!(recv(stream, &mut [0; 1], RecvFlags::PEEK | RecvFlags::DONTWAIT), Err(rustix::io::Errno::AGAIN))
}

#[cfg(windows)]
pub fn is_silent(stream: &TcpStream) -> bool {
    let probe = || {
        stream.set_nonblocking(true)?;
        let silent = matches!(stream.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock);
        stream.set_nonblocking(false)?;
        Ok::<_, io::Error>(silent)
    };
    probe().unwrap_or(false)
}
