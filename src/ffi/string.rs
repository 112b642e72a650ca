//! Strings given to the caller. A table tells a live one from anything else. A freed one is wiped, and its memory is
//! held back for a while, so that a second free is refused instead of corrupting the heap.
//!
//! Nothing takes long while the table is locked: strings are copied, wiped and dropped outside the lock, so that a
//! thread that signs does not wait for one that frees.

#[cfg(unix)]
use std::cell::UnsafeCell;
use std::collections::{HashMap, VecDeque};
use std::ffi::c_char;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::Fault;
use super::memory;

/// If more is held back than this, the oldest strings are dropped, but never the one that was freed last.
const MOST_HELD_BACK: usize = 1024;
const MOST_BYTES_HELD_BACK: usize = 1 << 20;

struct Strings {
    live: HashMap<usize, Vec<u8>, BuildHasherDefault<DefaultHasher>>,
    held_back: VecDeque<Vec<u8>>,
    bytes_held_back: usize,
}

static STRINGS: Mutex<Strings> = Mutex::new(Strings {
    live: HashMap::with_hasher(BuildHasherDefault::new()),
    held_back: VecDeque::new(),
    bytes_held_back: 0,
});

fn strings() -> MutexGuard<'static, Strings> {
    STRINGS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Strings {
    /// Holds a wiped string back, and gives one that is to be dropped instead, if there is one.
    fn hold_back(&mut self, wiped: Vec<u8>) -> Option<Vec<u8>> {
        if memory::is_reserve(&wiped) || self.held_back.try_reserve(1).is_err() {
            return Some(wiped);
        }
        self.bytes_held_back += wiped.len();
        self.held_back.push_back(wiped);
        self.evict()
    }

    /// Gives the oldest string that is held back, if there are too many.
    fn evict(&mut self) -> Option<Vec<u8>> {
        let (count, bytes) = (self.held_back.len(), self.bytes_held_back);
        if count <= 1 || (count <= MOST_HELD_BACK && bytes <= MOST_BYTES_HELD_BACK) {
            return None;
        }
        let oldest = self.held_back.pop_front()?;
        self.bytes_held_back -= oldest.len();
        Some(oldest)
    }
}

/// Copies text, or any bytes, into a NUL-terminated string of the caller's.
pub fn give(out: *mut *mut c_char, bytes: &[u8]) -> Result<(), Fault> {
    give_all([(out, bytes)])
}

/// Makes a text itself a NUL-terminated string of the caller's.
pub fn give_away(out: *mut *mut c_char, text: String) -> Result<(), Fault> {
    let mut text = text.into_bytes();
    text.try_reserve_exact(1).map_err(|_| Fault::Memory)?;
    text.push(0);
    keep([(out, text)])
}

/// Gives all of these strings or, if memory runs out, none of them.
pub fn give_all<const N: usize>(texts: [(*mut *mut c_char, &[u8]); N]) -> Result<(), Fault> {
    let mut copies = texts.map(|(out, _)| (out, Vec::new()));
    for ((_, copy), (_, bytes)) in copies.iter_mut().zip(texts) {
        copy.try_reserve_exact(bytes.len() + 1).map_err(|_| Fault::Memory)?;
        copy.extend_from_slice(bytes);
        copy.push(0);
    }
    keep(copies)
}

fn keep<const N: usize>(given: [(*mut *mut c_char, Vec<u8>); N]) -> Result<(), Fault> {
    let mut strings = strings();
    strings.live.try_reserve(N).map_err(|_| Fault::Memory)?;
    for (out, mut string) in given {
        let address = string.as_mut_ptr();
        strings.live.insert(address.expose_provenance(), string);
        unsafe { out.write(address.cast()) };
    }
    Ok(())
}

pub fn free(string: *mut c_char) -> Result<(), Fault> {
    if string.is_null() {
        return Ok(());
    }
    // Each guard lives within its statement only.
    let freed = strings().live.remove(&string.addr());
    let mut freed = freed.ok_or(Fault::Handle("", "string"))?;
    memory::wipe(&mut freed);
    let mut evicted = strings().hold_back(freed);
    while evicted.is_some() {
        drop(evicted);
        evicted = strings().evict();
    }
    Ok(())
}

pub fn live() -> usize {
    strings().live.len()
}

/// Holds the lock during a fork, so that no child finds it locked by a thread that does not exist there.
#[cfg(unix)]
struct GuardOfFork(UnsafeCell<Option<MutexGuard<'static, Strings>>>);

// Only the fork handlers use it, while they hold the lock.
#[cfg(unix)]
unsafe impl Sync for GuardOfFork {}

#[cfg(unix)]
static GUARD_OF_FORK: GuardOfFork = GuardOfFork(UnsafeCell::new(None));

#[cfg(unix)]
pub fn lock_for_fork() {
    let guard = strings();
    unsafe { *GUARD_OF_FORK.0.get() = Some(guard) };
}

#[cfg(unix)]
pub fn unlock_after_fork() {
    let guard = unsafe { (*GUARD_OF_FORK.0.get()).take() };
    drop(guard);
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    fn given(bytes: &[u8]) -> *mut c_char {
        let mut out = ptr::null_mut();
        give(&mut out, bytes).unwrap();
        out
    }

    #[test]
    fn freed_strings_are_wiped_and_held_back_for_a_while() {
        let text = given(b"text");
        free(text).unwrap();
        assert!(free(text).is_err());
        let is_wiped = |held: &Vec<u8>| ptr::eq(held.as_ptr(), text.cast()) && *held == [0; 5];
        assert!(strings().held_back.iter().any(is_wiped));

        for size in [1, 1000, 3000, 10].repeat(600) {
            free(given(&vec![b'x'; size])).unwrap();
        }
        let held_back = || {
            let strings = strings();
            (strings.held_back.len(), strings.bytes_held_back)
        };
        let (count, bytes) = held_back();
        assert!(count <= MOST_HELD_BACK && bytes <= MOST_BYTES_HELD_BACK, "{count} {bytes}");
        let large = given(&vec![b'x'; 3 * MOST_BYTES_HELD_BACK]);
        free(large).unwrap();
        assert_eq!(held_back(), (1, 3 * MOST_BYTES_HELD_BACK + 1));
        assert!(free(large).is_err());
    }
}
