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

/// Linux never restarts a read or write that has a time-out (signal(7)), and Windows has no signals: the socket's own
/// time-outs do.
#[cfg(any(target_os = "linux", target_os = "android", windows))]
mod limits {
    use super::*;

    /// A time-out is set a little too long, so that the next call can do with it as well, which saves system calls.
    const SLACK: Duration = Duration::from_millis(10);
    const TOO_LONG: Duration = Duration::from_millis(250);

    /// The time-outs that the socket has.
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

/// Other systems may restart a read or write with its whole time-out after each signal, but none restarts poll.
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

/// Whether a read or write ended for no reason of the connection's: a signal, or its time-out. The operation's clock tells
/// whether to try again.
pub fn is_over_early(error: &io::Error) -> bool {
    match error.kind() {
        ErrorKind::Interrupted | ErrorKind::WouldBlock => true,
        // So a time-out is called on Windows. Elsewhere it means that the other side's system answers no more.
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
