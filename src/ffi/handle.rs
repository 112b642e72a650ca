//! Handles: keys into a table, shaped like pointers and never dereferenced.
//!
//! A key holds its slot, its kind and the slot's generation, and no key is issued twice, so that a stale, doubled,
//! mixed-up or invented one is refused and never a use after free. A thread that looks a key up announces it in a
//! hazard pointer first; the thread that frees the key looks through those, and the last user drops the object. No
//! thread waits for another, and there is no lock that a forked child could find locked.

use std::mem::MaybeUninit;
use std::ops::Deref;
use std::ptr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use super::fault::Fault;
use super::hazard::{HazardPointer, HazardRecord, Header, retire};
use super::memory::try_box;
use super::slots::{self, Vacancy};
use crate::client::fork;

/// An object for which a handle can stand.
pub trait Object: Send + Sync + 'static {
    const KIND: usize;
    /// Its name in a sentence.
    const NAME: &'static str;
    /// Whether a forked child may use an object that its parent made. One that owns connections or files must not be
    /// used.
    const SURVIVES_FORK: bool;
    /// Called by the one free that succeeds, while others may still be using the object.
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

/// Everything that a handle needs: a place in the table, and memory for the object. It is reserved before a call does
/// what cannot be undone, so that making the handle cannot fail afterwards.
pub struct Reservation<T> {
    vacancy: Vacancy,
    memory: Box<MaybeUninit<Boxed<T>>>,
}

pub fn reserve<T: Object>() -> Result<Reservation<T>, Fault> {
    Ok(Reservation { vacancy: Vacancy::take(T::KIND)?, memory: try_box(MaybeUninit::uninit())? })
}

impl<T: Object> Reservation<T> {
    /// Makes the handle.
    pub fn fill(self, object: T) -> *mut T {
        let header = Header { drop: drop_boxed::<T>, references: AtomicUsize::new(1), process: fork::process() };
        let boxed = Box::into_raw(self.memory);
        unsafe { (*boxed).write(Boxed { header, object }) };
        LIVE.fetch_add(1, Relaxed);
        ptr::without_provenance_mut(self.vacancy.fill(boxed.cast()))
    }
}

/// Frees a handle: from now on nobody finds it, and its last user drops the object.
pub fn free<T: Object>(handle: *mut T, thread: &HazardRecord) -> Result<(), Fault> {
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
    // Only this thread withdrew the key, and the object was made with a reference for whoever does.
    unsafe { retire(key, header) };
    Ok(())
}

/// Looks a handle up. The object lives at least as long as the result is held.
pub fn get<'t, T: Object>(
    handle: *mut T,
    argument: &'static str,
    thread: &'t HazardRecord,
) -> Result<Held<'t, T>, Fault> {
    let unknown = || Fault::Handle(argument, T::NAME);
    let key = handle.addr();
    let slot = slots::find(key, T::KIND).ok_or_else(unknown)?;
    let hazard_pointer = HazardPointer::announce(key, thread)?;
    let header = slot.look_up(key).ok_or_else(unknown)?;
    if !T::SURVIVES_FORK && unsafe { (*header).process } != fork::process() {
        return Err(Fault::Inherited(argument, T::NAME));
    }
    let object = unsafe { &raw const (*header.cast::<Boxed<T>>()).object };
    Ok(Held { object, _hazard_pointer: hazard_pointer })
}

pub struct Held<'t, T> {
    object: *const T,
    _hazard_pointer: HazardPointer<'t>,
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

    fn issue<T: Object>(object: T) -> Result<*mut T, Fault> {
        Ok(reserve()?.fill(object))
    }

    #[test]
    fn a_reservation_may_be_filled_or_dropped() {
        let thread = HazardRecord::new();
        drop(reserve::<Other>().unwrap());
        let filled = reserve().unwrap().fill(Other);
        assert!(get(filled, "h", &thread).is_ok());
        free(filled, &thread).unwrap();
    }

    #[test]
    fn stale_doubled_mixed_and_invented_handles_are_refused() {
        let thread = HazardRecord::new();
        let drops = Arc::new(AtomicUsize::new(0));
        let handle = issue(Thing(drops.clone())).unwrap();
        assert!(get(handle, "h", &thread).is_ok());
        assert!(get(handle.cast::<Other>(), "h", &thread).is_err());
        assert!(free(handle.cast::<Other>(), &thread).is_err());
        assert!(free(handle, &thread).is_ok());
        assert_eq!(drops.load(SeqCst), 1);
        assert!(free(handle, &thread).is_err());
        assert!(get(handle, "h", &thread).is_err());
        let cut = handle.addr() & u32::MAX as usize;
        assert!(usize::BITS == 32 || cut != handle.addr());
        for invented in [1, 2, 13, usize::MAX, usize::MAX >> 1, cut, handle.addr() ^ 1, handle.addr() + (1 << 4)] {
            assert!(get::<Thing>(ptr::without_provenance_mut(invented), "h", &thread).is_err());
        }
        assert!(free(ptr::null_mut::<Thing>(), &thread).is_ok());
        let again = issue(Thing(drops.clone())).unwrap();
        assert_ne!(again, handle, "no key is issued twice");
        free(again, &thread).unwrap();
    }

    #[test]
    fn the_last_user_drops() {
        let (one, two) = (HazardRecord::new(), HazardRecord::new());
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
        let rounds = if cfg!(miri) { 10 } else { 20_000 };
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    let thread = HazardRecord::new();
                    while drops.load(SeqCst) <= rounds {
                        if let Ok(thing) = get(current.load(SeqCst), "h", &thread) {
                            assert!(Arc::strong_count(&thing.0) > 1);
                        }
                    }
                });
            }
            scope.spawn(|| {
                let thread = HazardRecord::new();
                for _ in 0..rounds {
                    let old = current.swap(issue(Thing(drops.clone())).unwrap(), SeqCst);
                    free(old, &thread).unwrap();
                }
                free(current.load(SeqCst), &thread).unwrap();
                drops.fetch_add(1, SeqCst);
            });
        });
        assert_eq!(drops.load(SeqCst), rounds + 2);
    }
}
