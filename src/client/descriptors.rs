//! Descriptors that a forked child must not keep, since they would keep a port in use, a connection open or a lock
//! held.
//!
//! Their table has no lock, so that a forked child can go through it, whatever other threads were doing.

use std::ops::Deref;

#[cfg(unix)]
pub use table::close_all;

/// Something with a descriptor, whose copy is closed in a forked child. The child also inherits this value, and must
/// neither use nor drop it.
pub struct NotInherited<T> {
    // Fields are dropped in this order: a descriptor leaves the table before its number can belong to another file.
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
    use std::sync::atomic::AtomicI32;
    use std::sync::atomic::Ordering::Relaxed;

    const SIZE: usize = 1024;
    const EMPTY: RawFd = -1;

    static TABLE: [AtomicI32; SIZE] = [const { AtomicI32::new(EMPTY) }; SIZE];

    /// The place of a descriptor. If the table is full there is none, and a child keeps its copy.
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
        for place in &TABLE {
            let descriptor = place.swap(EMPTY, Relaxed);
            if descriptor != EMPTY {
                close(descriptor);
            }
        }
    }
}
