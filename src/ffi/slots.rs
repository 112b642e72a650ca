//! The table of handles: slots in chunks that are made when needed and stay, and the keys that say where in it an object
//! is. No lock, so that a forked child finds none taken.

use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize};

use super::reader::Header;

// A key from its low end: a one (no real object lies at an odd address), the kind, the slot, the generation.
const KIND_BITS: u32 = 3;
const SLOT_BITS: u32 = if usize::BITS == 64 { 21 } else { 13 };
const GENERATION_BITS: u32 = if usize::BITS == 64 { 38 } else { usize::BITS - SLOT_BITS - KIND_BITS - 1 };
const SLOTS: usize = 1 << SLOT_BITS;
const CHUNK: usize = 1 << 10;

pub struct Slot {
    /// The key that is live here, or 0.
    key: AtomicUsize,
    object: AtomicPtr<Header>,
    /// How many keys this slot has issued. Only the slot's owner of the moment writes it.
    generation: AtomicUsize,
    /// The next vacant slot, plus one.
    next: AtomicUsize,
}

static CHUNKS: [AtomicPtr<[Slot; CHUNK]>; SLOTS / CHUNK] = [const { AtomicPtr::new(ptr::null_mut()) }; SLOTS / CHUNK];
/// Slots below this have been used at least once.
static FRESH: AtomicUsize = AtomicUsize::new(0);
/// The vacant slots among them: a count that changes with each step, against mix-ups, and the first one plus one.
static VACANT: AtomicU64 = AtomicU64::new(0);

/// A slot for a new object of this kind, and its key. `None` where no key is left.
pub fn take(kind: usize) -> Option<(&'static Slot, usize)> {
    let number = vacant_slot()?;
    let slot = slot(number)?;
    let generation = slot.generation.load(Relaxed) + 1;
    slot.generation.store(generation, Relaxed);
    Some((slot, (((generation << SLOT_BITS | number) << KIND_BITS | kind) << 1) | 1))
}

/// The slot that a key of this kind would be in. The key may be anything.
pub fn find(key: usize, kind: usize) -> Option<&'static Slot> {
    let of_kind = key & 1 == 1 && (key >> 1) & ((1 << KIND_BITS) - 1) == kind;
    if of_kind { slot_if_made(number_of(key)) } else { None }
}

fn number_of(key: usize) -> usize {
    (key >> (KIND_BITS + 1)) & (SLOTS - 1)
}

impl Slot {
    pub fn publish(&self, key: usize, object: *mut Header) {
        self.object.store(object, Release);
        self.key.store(key, SeqCst);
    }

    /// The object, if the key is live. Who asks has announced the key before: from then on no one drops the object.
    pub fn look(&self, key: usize) -> Option<*mut Header> {
        if self.key.load(SeqCst) != key {
            return None;
        }
        let object = self.object.load(Acquire);
        // Looked at again: only between two sightings of the key does the object belong to it.
        (self.key.load(SeqCst) == key).then_some(object)
    }

    /// Ends the key's life. Of all who try, one succeeds and has the object to free.
    pub fn withdraw(&self, key: usize) -> Option<*mut Header> {
        let won = self.key.compare_exchange(key, 0, SeqCst, Relaxed).is_ok();
        won.then(|| self.object.load(Acquire))
    }

    /// Gives the slot back after its key was withdrawn. A slot that has no key left rests for ever.
    pub fn vacate(&self, key: usize) {
        if self.generation.load(Relaxed) + 1 < 1 << GENERATION_BITS {
            make_vacant(self, number_of(key));
        }
    }
}

fn slot_if_made(number: usize) -> Option<&'static Slot> {
    let chunk = CHUNKS[number / CHUNK].load(Acquire);
    unsafe { chunk.as_ref() }.map(|chunk| &chunk[number % CHUNK])
}

/// The slot of a number, its chunk made if it is the first.
fn slot(number: usize) -> Option<&'static Slot> {
    if let Some(slot) = slot_if_made(number) {
        return Some(slot);
    }
    let empty = || Slot {
        key: AtomicUsize::new(0),
        object: AtomicPtr::default(),
        generation: AtomicUsize::new(0),
        next: AtomicUsize::new(0),
    };
    let chunk: Box<[Slot; CHUNK]> = (0..CHUNK).map(|_| empty()).collect::<Vec<_>>().try_into().ok()?;
    let chunk = Box::into_raw(chunk);
    if CHUNKS[number / CHUNK].compare_exchange(ptr::null_mut(), chunk, SeqCst, Relaxed).is_err() {
        drop(unsafe { Box::from_raw(chunk) });
    }
    slot_if_made(number)
}

fn vacant_slot() -> Option<usize> {
    let mut head = VACANT.load(SeqCst);
    while let Some(number) = (head & 0xffff_ffff).checked_sub(1) {
        let next = slot_if_made(number as usize)?.next.load(Relaxed) as u64;
        match VACANT.compare_exchange_weak(head, (head >> 32).wrapping_add(1) << 32 | next, SeqCst, SeqCst) {
            Ok(_) => return Some(number as usize),
            Err(now) => head = now,
        }
    }
    FRESH.fetch_update(SeqCst, SeqCst, |fresh| (fresh < SLOTS).then_some(fresh + 1)).ok()
}

fn make_vacant(slot: &Slot, number: usize) {
    let mut head = VACANT.load(SeqCst);
    loop {
        slot.next.store((head & 0xffff_ffff) as usize, Relaxed);
        let new = (head >> 32).wrapping_add(1) << 32 | (number as u64 + 1);
        match VACANT.compare_exchange_weak(head, new, SeqCst, SeqCst) {
            Ok(_) => return,
            Err(now) => head = now,
        }
    }
}
