//! Strings given to the caller. A list of them tells a live one from anything else; a freed one is wiped and held back
//! for a while, so that freeing it twice is an answer instead of a broken heap.

#[cfg(unix)]
use std::cell::UnsafeCell;
use std::collections::{HashMap, VecDeque};
use std::ffi::c_char;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroize;

use super::fault::Fault;

/// Beyond these a freed string is no longer held back, but for the last one.
const MOST_HELD: usize = 1024;
const MOST_HELD_BYTES: usize = 1 << 20;

#[derive(Default)]
struct Strings {
    live: HashMap<usize, Vec<u8>>,
    held_back: VecDeque<Vec<u8>>,
    held_bytes: usize,
}

static STRINGS: LazyLock<Mutex<Strings>> = LazyLock::new(Mutex::default);

fn strings() -> MutexGuard<'static, Strings> {
    STRINGS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Copies text, or any bytes, into a NUL-terminated string of the caller's.
pub fn give(out: *mut *mut c_char, bytes: &[u8]) -> Result<(), Fault> {
    give_all([(out, bytes)])
}

/// Gives all of them or, for want of memory, none.
pub fn give_all<const N: usize>(texts: [(*mut *mut c_char, &[u8]); N]) -> Result<(), Fault> {
    let mut copies = [const { Vec::new() }; N];
    for (copy, (_, bytes)) in copies.iter_mut().zip(texts) {
        copy.try_reserve_exact(bytes.len() + 1).map_err(|_| Fault::Memory)?;
        copy.extend_from_slice(bytes);
        copy.push(0);
    }
    let mut strings = strings();
    strings.live.try_reserve(N).map_err(|_| Fault::Memory)?;
    for (mut copy, (out, _)) in copies.into_iter().zip(texts) {
        let address = copy.as_mut_ptr();
        strings.live.insert(address.expose_provenance(), copy);
        unsafe { out.write(address.cast()) };
    }
    Ok(())
}

pub fn free(string: *mut c_char) -> Result<(), Fault> {
    if string.is_null() {
        return Ok(());
    }
    let mut strings = strings();
    let mut freed = strings.live.remove(&string.addr()).ok_or(Fault::Handle("", "string"))?;
    freed.as_mut_slice().zeroize();
    strings.held_bytes += freed.len();
    strings.held_back.push_back(freed);
    while strings.held_back.len() > MOST_HELD || (strings.held_bytes > MOST_HELD_BYTES && strings.held_back.len() > 1) {
        let oldest = strings.held_back.pop_front().map_or(0, |oldest| oldest.len());
        strings.held_bytes -= oldest;
    }
    Ok(())
}

pub fn live() -> usize {
    strings().live.len()
}

/// The lock, kept through a fork so that no child finds it taken by a thread that it does not have.
#[cfg(unix)]
struct Kept(UnsafeCell<Option<MutexGuard<'static, Strings>>>);

// Touched only by fork's handlers, which hold the lock.
#[cfg(unix)]
unsafe impl Sync for Kept {}

#[cfg(unix)]
static KEPT: Kept = Kept(UnsafeCell::new(None));

#[cfg(unix)]
pub fn hold() {
    let guard = strings();
    unsafe { *KEPT.0.get() = Some(guard) };
}

#[cfg(unix)]
pub fn let_go() {
    let guard = unsafe { (*KEPT.0.get()).take() };
    drop(guard);
}
