//! Descriptors that a forked child must not keep: a port that stays taken, a lock that stays held.
//!
//! In a table without a lock, so that the child of a fork can go through it, whatever the other threads were at.

use std::ops::Deref;

#[cfg(unix)]
pub use table::{close_all, process};

/// Windows has no fork.
#[cfg(windows)]
pub fn process() -> u32 {
    0
}

/// Something with a descriptor, whose copy is closed in a forked child. The child inherits the memory of it, too: it must
/// neither use nor drop it there.
pub struct NotInherited<T> {
    // Fields are dropped in this order: a descriptor leaves the table while it is still this one's.
    #[cfg(unix)]
    _entry: table::Entry,
    inner: T,
}

impl<T> Deref for NotInherited<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

#[cfg(unix)]
impl<T: std::os::fd::AsRawFd> NotInherited<T> {
    pub fn new(inner: T) -> NotInherited<T> {
        NotInherited { _entry: table::Entry::new(inner.as_raw_fd()), inner }
    }
}

#[cfg(windows)]
impl<T> NotInherited<T> {
    pub fn new(inner: T) -> NotInherited<T> {
        NotInherited { inner }
    }
}

#[cfg(unix)]
mod table {
    use std::os::fd::RawFd;
    use std::sync::atomic::Ordering::Relaxed;
    use std::sync::atomic::{AtomicI32, AtomicU32};

    const SIZE: usize = 1024;
    const EMPTY: RawFd = -1;

    static TABLE: [AtomicI32; SIZE] = [const { AtomicI32::new(EMPTY) }; SIZE];

    static PROCESS: AtomicU32 = AtomicU32::new(0);

    /// The number of forks that led here.
    pub fn process() -> u32 {
        PROCESS.load(Relaxed)
    }

    /// The place of a descriptor. In a table that is full there is none: then the child keeps its copy.
    pub struct Entry(Option<&'static AtomicI32>);

    impl Entry {
        pub fn new(descriptor: RawFd) -> Entry {
            let take = |place: &&AtomicI32| place.compare_exchange(EMPTY, descriptor, Relaxed, Relaxed).is_ok();
            Entry(TABLE.iter().find(take))
        }
    }

    impl Drop for Entry {
        fn drop(&mut self) {
            if let Some(place) = self.0 {
                place.store(EMPTY, Relaxed);
            }
        }
    }

    /// Called in a forked child, by its only thread. A child of the child finds the table empty, and nothing is closed
    /// twice.
    pub fn close_all(close: impl Fn(RawFd)) {
        PROCESS.fetch_add(1, Relaxed);
        for place in &TABLE {
            let descriptor = place.swap(EMPTY, Relaxed);
            if descriptor != EMPTY {
                close(descriptor);
            }
        }
    }
}
