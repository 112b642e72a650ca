//! The table of handles: slots in chunks that are allocated when needed and never freed, and the keys that say where in
//! it an object is. It has no lock, so that a forked child finds none taken.

use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize};

use super::fault::Fault;
use super::hazard::Header;

// A key from its low end: a one (no real object lies at an odd address), the kind, the slot, the generation.
const KIND_BITS: u32 = 3;
const SLOT_BITS: u32 = if WIDE { 21 } else { 13 };
const GENERATION_SHIFT: u32 = 1 + KIND_BITS + SLOT_BITS;
const WIDE: bool = usize::BITS == 64;
/// Keys of 64 bits lie between 2^32 and 2^47: what is left of one that a host cuts to 32 bits is no key, and a double
/// holds it exactly.
const KEY_BITS: u32 = if WIDE { 47 } else { usize::BITS };
const FIRST_GENERATION: usize = if WIDE { 1 << (32 - GENERATION_SHIFT) } else { 1 };
const GENERATIONS: usize = (1 << (KEY_BITS - GENERATION_SHIFT)) - FIRST_GENERATION;
const SLOTS: usize = 1 << SLOT_BITS;
const CHUNK: usize = 1 << 10;

pub struct Slot {
    /// The key that is live here, or 0.
    key: AtomicUsize,
    object: AtomicPtr<Header>,
    /// How many keys this slot has issued. Only the slot's present owner writes it.
    issued: AtomicUsize,
    /// The next vacant slot, plus one.
    next: AtomicUsize,
}

static CHUNKS: [AtomicPtr<[Slot; CHUNK]>; SLOTS / CHUNK] = [const { AtomicPtr::new(ptr::null_mut()) }; SLOTS / CHUNK];
/// Slots below this number have been used at least once.
static USED: AtomicUsize = AtomicUsize::new(0);
/// The free list of the slots among them that are vacant: an ABA tag above the number of the first one, plus one.
static VACANT: AtomicU64 = AtomicU64::new(0);
const TAG_SHIFT: u32 = 32;

/// A vacant slot that is the holder's to fill, and the key that filling it will issue. If it is dropped instead, the
/// slot is vacant again and the key has never been issued.
pub struct Vacancy {
    slot: &'static Slot,
    key: usize,
}

impl Vacancy {
    pub fn take(kind: usize) -> Result<Vacancy, Fault> {
        let (number, slot) = pop_vacant().map_or_else(unused_slot, Ok)?;
        Ok(Vacancy::of(number, slot, kind))
    }

    fn of(number: usize, slot: &'static Slot, kind: usize) -> Vacancy {
        let generation = FIRST_GENERATION + slot.issued.load(Relaxed);
        Vacancy { slot, key: (((generation << SLOT_BITS | number) << KIND_BITS | kind) << 1) | 1 }
    }

    /// Makes the key live.
    pub fn fill(self, object: *mut Header) -> usize {
        let filled = ManuallyDrop::new(self);
        // Release, for the Acquire in `look_up`: a thread that was looking for the slot's former key and finds this object
        // then finds that key withdrawn. The store of the key releases the object itself to those who look for it.
        filled.slot.object.store(object, Release);
        filled.slot.key.store(filled.key, SeqCst);
        filled.key
    }
}

impl Drop for Vacancy {
    fn drop(&mut self) {
        push_vacant(self.slot, number_of(self.key));
    }
}

/// The slot that a key of this kind would be in. The key may be anything.
pub fn find(key: usize, kind: usize) -> Option<&'static Slot> {
    let of_kind = key & 1 == 1 && (key >> 1) & ((1 << KIND_BITS) - 1) == kind;
    if of_kind { allocated_slot(number_of(key)) } else { None }
}

fn number_of(key: usize) -> usize {
    (key >> (KIND_BITS + 1)) & (SLOTS - 1)
}

impl Slot {
    /// The object, if the key is live. The caller's hazard pointer must hold the key already: from then on nobody drops
    /// the object. Sequentially consistent, since the hazard pointer must be seen before the key is read here.
    pub fn look_up(&self, key: usize) -> Option<*mut Header> {
        if self.key.load(SeqCst) != key {
            return None;
        }
        // Only between two sightings of the key does the object belong to it. Acquire keeps the second one behind this
        // load, and pairs with the Release in `fill`.
        let object = self.object.load(Acquire);
        (self.key.load(SeqCst) == key).then_some(object)
    }

    /// Ends the key's life. Of all callers that try, one succeeds and has the object to free.
    pub fn withdraw(&self, key: usize) -> Option<*mut Header> {
        // On success sequentially consistent, since the hazard pointers are read after it (and acquiring, so that the
        // object is the one that came with the key). A failure reads nothing that another thread wrote: Relaxed.
        let won = self.key.compare_exchange(key, 0, SeqCst, Relaxed).is_ok();
        won.then(|| self.object.load(Relaxed))
    }

    /// Gives the slot back after its key was withdrawn. A slot that has issued all its keys is never used again.
    pub fn vacate(&self, key: usize) {
        let issued = self.issued.load(Relaxed) + 1;
        // The push releases it to the slot's next owner.
        self.issued.store(issued, Relaxed);
        if issued < GENERATIONS {
            push_vacant(self, number_of(key));
        }
    }
}

fn allocated_slot(number: usize) -> Option<&'static Slot> {
    let chunk = CHUNKS[number / CHUNK].load(Acquire);
    unsafe { chunk.as_ref() }.map(|chunk| &chunk[number % CHUNK])
}

/// The slot of a number, its chunk allocated if it is the first of that.
fn slot(number: usize) -> Result<&'static Slot, Fault> {
    if let Some(slot) = allocated_slot(number) {
        return Ok(slot);
    }
    let empty = || Slot {
        key: AtomicUsize::new(0),
        object: AtomicPtr::default(),
        issued: AtomicUsize::new(0),
        next: AtomicUsize::new(0),
    };
    // A vector, since an array would be built on the stack first.
    let mut slots = Vec::new();
    slots.try_reserve_exact(CHUNK).map_err(|_| Fault::Memory)?;
    slots.extend((0..CHUNK).map(|_| empty()));
    let chunk: Box<[Slot; CHUNK]> = slots.into_boxed_slice().try_into().map_err(|_| Fault::Memory)?;
    let chunk = Box::into_raw(chunk);
    // Release hands the chunk's contents to those who load its address. If another thread was first, its chunk is read
    // below by a load of its own, and this failure needs no ordering.
    if CHUNKS[number / CHUNK].compare_exchange(ptr::null_mut(), chunk, Release, Relaxed).is_err() {
        drop(unsafe { Box::from_raw(chunk) });
    }
    allocated_slot(number).ok_or(Fault::Memory)
}

/// Takes a slot that was never used.
fn unused_slot() -> Result<(usize, &'static Slot), Fault> {
    let mut number = USED.load(Relaxed);
    while number < SLOTS {
        let slot = slot(number)?;
        // Only the number itself is handed out here; the slot came with its chunk. Hence Relaxed, both ways.
        match USED.compare_exchange_weak(number, number + 1, Relaxed, Relaxed) {
            Ok(_) => return Ok((number, slot)),
            Err(now) => number = now,
        }
    }
    Err(Fault::TooManyHandles)
}

/// The head of the free list after a change: another tag, so that a thread that still holds the old head notices.
fn next_head(head: u64, first: u64) -> u64 {
    (head >> TAG_SHIFT).wrapping_add(1) << TAG_SHIFT | first
}

fn first_of(head: u64) -> u64 {
    head & ((1 << TAG_SHIFT) - 1)
}

fn pop_vacant() -> Option<(usize, &'static Slot)> {
    let mut head = VACANT.load(Acquire);
    loop {
        let number = first_of(head).checked_sub(1)? as usize;
        let slot = allocated_slot(number)?;
        let next = slot.next.load(Relaxed) as u64;
        // Acquire on success: what the slot's last owner wrote into it is seen. On failure, too, since the slot that is
        // first now is read in the next round. Every change of the list is a read-modify-write, so that each head
        // carries on the release of all pushes before it, and a pop itself has nothing to release.
        match VACANT.compare_exchange_weak(head, next_head(head, next), Acquire, Acquire) {
            Ok(_) => return Some((number, slot)),
            Err(now) => head = now,
        }
    }
}

fn push_vacant(slot: &Slot, number: usize) {
    let mut head = VACANT.load(Relaxed);
    loop {
        slot.next.store(first_of(head) as usize, Relaxed);
        // Release on success: the slot's next owner sees what is written in it. On failure only the number of the first
        // slot is used, never what is in that slot: Relaxed.
        match VACANT.compare_exchange_weak(head, next_head(head, number as u64 + 1), Release, Relaxed) {
            Ok(_) => return,
            Err(now) => head = now,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in_range(key: usize) -> bool {
        let wide = |key: u64| key > 1 << 32 && key < 1 << 47;
        key & 1 == 1 && (!WIDE || wide(key as u64))
    }

    #[test]
    fn a_slot_ends_with_its_last_key() {
        let vacancy = ManuallyDrop::new(Vacancy::take(5).unwrap());
        let (slot, first, number) = (vacancy.slot, vacancy.key, number_of(vacancy.key));
        // As if it had issued all its keys but one.
        slot.issued.store(GENERATIONS - 1, Relaxed);
        let last = Vacancy::of(number, slot, 5).fill(ptr::null_mut());
        assert!(is_in_range(first) && is_in_range(last) && number_of(last) == number, "{first:#x} {last:#x}");
        assert!(find(last, 5).is_some() && find(last, 4).is_none());
        assert!(slot.look_up(last).is_some() && slot.look_up(first).is_none());
        assert!(slot.withdraw(last).is_some() && slot.withdraw(last).is_none());
        slot.vacate(last);
        let others: Vec<Vacancy> = (0..50).map(|_| Vacancy::take(5).unwrap()).collect();
        assert!(others.iter().all(|other| !ptr::eq(other.slot, slot)));
    }

    /// At least a million on 64-bit, 4,000 on 32-bit.
    #[test]
    fn as_many_as_promised_may_be_live() {
        let promised = if WIDE { 1_000_000 } else { 4_000 };
        let vacancies: Vec<Vacancy> = (0..promised).map(|_| Vacancy::take(7).unwrap()).collect();
        assert!(vacancies.iter().all(|vacancy| is_in_range(vacancy.key)));
    }

    #[test]
    fn a_vacancy_that_is_not_filled_issues_no_key() {
        let vacancy = Vacancy::take(6).unwrap();
        let (slot, key) = (vacancy.slot, vacancy.key);
        let issued = slot.issued.load(Relaxed);
        assert!(slot.look_up(key).is_none());
        drop(vacancy);
        assert!(slot.issued.load(Relaxed) >= issued && slot.look_up(key).is_none());
    }
}
