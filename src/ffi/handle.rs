//! Handles: keys into a table, shaped like pointers and never dereferenced.
//!
//! A key holds its slot, its kind and the slot's generation, and no key is issued twice, so that a stale, doubled,
//! mixed-up or invented one is an answer instead of a crash. A reader announces the key in a word of its own thread
//! before it looks at the slot; whoever frees the key looks through those words and hands the drop to the last reader.
//! No one waits for anyone, and there is no lock that a forked child could find taken.

use std::ops::Deref;
use std::ptr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::fault::Fault;
use super::reader::{Header, Pin, Reader, leave_to_readers};
use super::{fork, slots};

/// What a handle stands for.
pub trait Object: Send + Sync + 'static {
    const KIND: usize;
    /// Its name in a sentence.
    const NAME: &'static str;
    /// Whether a child may use what its parent made. What owns connections or files may not.
    const SURVIVES_FORK: bool;
    /// Called by the one free that succeeds, before the last reader is gone.
    fn freed(&self) {}
}

/// How many handles are live.
static LIVE: AtomicUsize = AtomicUsize::new(0);

#[repr(C)]
struct Boxed<T> {
    header: Header,
    object: T,
}

unsafe fn drop_boxed<T>(header: *mut Header) {
    drop(unsafe { Box::from_raw(header.cast::<Boxed<T>>()) });
}

pub fn live() -> usize {
    LIVE.load(Relaxed)
}

/// Makes a handle.
pub fn issue<T: Object>(object: T) -> Result<*mut T, Fault> {
    let (slot, key) = slots::take(T::KIND).ok_or(Fault::TooManyHandles)?;
    let header = Header { drop: drop_boxed::<T>, pins: AtomicUsize::new(1), process: fork::process() };
    slot.publish(key, Box::into_raw(Box::new(Boxed { header, object })).cast());
    LIVE.fetch_add(1, Relaxed);
    Ok(ptr::without_provenance_mut(key))
}

/// Frees a handle: from now on nobody finds it, and the object goes with its last reader.
pub fn free<T: Object>(handle: *mut T, thread: &Reader) -> Result<(), Fault> {
    if handle.is_null() {
        return Ok(());
    }
    let key = handle.addr();
    let unknown = || Fault::Handle("", T::NAME);
    let slot = slots::find(key, T::KIND).ok_or_else(unknown)?;
    let held = get(handle, "", thread)?;
    let header = slot.withdraw(key).ok_or_else(unknown)?;
    held.freed();
    drop(held);
    LIVE.fetch_sub(1, Relaxed);
    slot.vacate(key);
    // The key was withdrawn by us alone, and its object was pinned by that from its begin.
    unsafe { leave_to_readers(key, header) };
    Ok(())
}

/// Looks a handle up. While the answer is held, the object stays.
pub fn get<'t, T: Object>(handle: *mut T, argument: &'static str, thread: &'t Reader) -> Result<Held<'t, T>, Fault> {
    let unknown = || Fault::Handle(argument, T::NAME);
    let key = handle.addr();
    let slot = slots::find(key, T::KIND).ok_or_else(unknown)?;
    let pin = Pin::announce(thread, key)?;
    let header = slot.look(key).ok_or_else(unknown)?;
    if !T::SURVIVES_FORK && unsafe { (*header).process } != fork::process() {
        return Err(Fault::Inherited(argument, T::NAME));
    }
    let object = unsafe { &raw const (*header.cast::<Boxed<T>>()).object };
    Ok(Held { object, _pin: pin })
}

pub struct Held<'t, T> {
    object: *const T,
    _pin: Pin<'t>,
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        unsafe { &*self.object }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicPtr;
    use std::sync::atomic::Ordering::SeqCst;

    use super::*;

    struct Thing(Arc<AtomicUsize>);

    impl Object for Thing {
        const KIND: usize = 0;
        const NAME: &'static str = "thing";
        const SURVIVES_FORK: bool = true;
    }

    impl Drop for Thing {
        fn drop(&mut self) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    struct Other;

    impl Object for Other {
        const KIND: usize = 7;
        const NAME: &'static str = "other";
        const SURVIVES_FORK: bool = true;
    }

    #[test]
    fn stale_doubled_mixed_and_invented_handles_are_refused() {
        let reader = Reader::new();
        let drops = Arc::new(AtomicUsize::new(0));
        let handle = issue(Thing(drops.clone())).unwrap();
        assert!(get(handle, "h", &reader).is_ok());
        assert!(get(handle.cast::<Other>(), "h", &reader).is_err());
        assert!(free(handle.cast::<Other>(), &reader).is_err());
        assert!(free(handle, &reader).is_ok());
        assert_eq!(drops.load(SeqCst), 1);
        assert!(free(handle, &reader).is_err());
        assert!(get(handle, "h", &reader).is_err());
        for invented in [1, 2, 13, usize::MAX, usize::MAX >> 1, handle.addr() ^ 1, handle.addr() + (1 << 4)] {
            assert!(get::<Thing>(ptr::without_provenance_mut(invented), "h", &reader).is_err());
        }
        assert!(free(ptr::null_mut::<Thing>(), &reader).is_ok());
        let again = issue(Thing(drops.clone())).unwrap();
        assert_ne!(again, handle, "no key is issued twice");
        free(again, &reader).unwrap();
    }

    #[test]
    fn the_last_reader_drops() {
        let (one, two) = (Reader::new(), Reader::new());
        let drops = Arc::new(AtomicUsize::new(0));
        let handle = issue(Thing(drops.clone())).unwrap();
        let held = get(handle, "h", &one).unwrap();
        let held_too = get(handle, "h", &one).unwrap();
        free(handle, &two).unwrap();
        assert!(get(handle, "h", &one).is_err());
        drop(held);
        assert_eq!(drops.load(SeqCst), 0);
        drop(held_too);
        assert_eq!(drops.load(SeqCst), 1);
    }

    #[test]
    fn threads_race_with_frees() {
        let drops = Arc::new(AtomicUsize::new(0));
        let current = AtomicPtr::new(issue(Thing(drops.clone())).unwrap());
        let rounds = 20_000;
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let reader = Reader::new();
                    while drops.load(SeqCst) <= rounds {
                        if let Ok(thing) = get(current.load(SeqCst), "h", &reader) {
                            assert!(Arc::strong_count(&thing.0) > 1);
                        }
                    }
                });
            }
            scope.spawn(|| {
                let reader = Reader::new();
                for _ in 0..rounds {
                    let old = current.swap(issue(Thing(drops.clone())).unwrap(), SeqCst);
                    free(old, &reader).unwrap();
                }
                free(current.load(SeqCst), &reader).unwrap();
                drops.fetch_add(1, SeqCst);
            });
        });
        assert_eq!(drops.load(SeqCst), rounds + 2);
    }
}
