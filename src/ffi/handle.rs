//! Handles: keys into a table, shaped like pointers and never dereferenced.
//!
//! A key holds its slot, its kind and the slot's generation, and no key is issued twice, so that a stale, doubled,
//! mixed-up or invented one is an answer instead of a crash. A reader announces the key in a word of its own thread
//! before it looks at the slot; whoever frees the key looks through those words and hands the drop to the last reader.
//! No one waits for anyone, and there is no lock that a forked child could find taken.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ops::Deref;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize};

use super::entry::Fault;
use super::fork;

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

// A key from its low end: a one (no real object lies at an odd address), the kind, the slot, the generation.
const KIND_BITS: u32 = 3;
const SLOT_BITS: u32 = if usize::BITS == 64 { 21 } else { 13 };
const GENERATION_BITS: u32 = if usize::BITS == 64 { 38 } else { usize::BITS - SLOT_BITS - KIND_BITS - 1 };
const SLOTS: usize = 1 << SLOT_BITS;
const CHUNK: usize = 1 << 10;

struct Slot {
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
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// Begins every object, so that whoever is last can drop it without knowing its type.
#[repr(C, align(8))]
struct Header {
    drop: unsafe fn(*mut Header),
    /// Those who may still look: the one who frees, and each reader that it found.
    pins: AtomicUsize,
    process: u32,
}

#[repr(C)]
struct Boxed<T> {
    header: Header,
    object: T,
}

unsafe fn drop_boxed<T>(header: *mut Header) {
    drop(unsafe { Box::from_raw(header.cast::<Boxed<T>>()) });
}

/// How many handles are live.
pub fn live() -> usize {
    LIVE.load(Relaxed)
}

/// Makes a handle. `None` where no key is left.
pub fn issue<T: Object>(object: T) -> Result<*mut T, Fault> {
    let slot_number = vacant_slot().ok_or(Fault::TooManyHandles)?;
    let slot = slot(slot_number).ok_or(Fault::TooManyHandles)?;
    let header = Header { drop: drop_boxed::<T>, pins: AtomicUsize::new(1), process: fork::process() };
    let generation = slot.generation.load(Relaxed) + 1;
    slot.generation.store(generation, Relaxed);
    let key = (((generation << SLOT_BITS | slot_number) << KIND_BITS | T::KIND) << 1) | 1;
    slot.object.store(Box::into_raw(Box::new(Boxed { header, object })).cast(), Release);
    slot.key.store(key, SeqCst);
    LIVE.fetch_add(1, Relaxed);
    Ok(ptr::without_provenance_mut(key))
}

/// Frees a handle: from now on nobody finds it, and the object goes with its last reader.
pub fn free<T: Object>(handle: *mut T, thread: &Reader) -> Result<(), Fault> {
    if handle.is_null() {
        return Ok(());
    }
    let key = handle.addr();
    {
        let held = get(handle, "", thread)?;
        let slot = slot_of(key).ok_or(Fault::Handle("", T::NAME))?;
        if slot.key.compare_exchange(key, 0, SeqCst, Relaxed).is_err() {
            return Err(Fault::Handle("", T::NAME));
        }
        held.freed();
    }
    let slot = slot_of(key).ok_or(Fault::Handle("", T::NAME))?;
    let header = slot.object.load(Acquire);
    for word in records().flat_map(|record| &record.words) {
        if word.load(SeqCst) == key {
            // The header's address stands for "drop it when you leave"; it is even, a key is odd.
            unsafe { &(*header).pins }.fetch_add(1, Relaxed);
            if word.compare_exchange(key, header.expose_provenance(), SeqCst, Relaxed).is_err() {
                unsafe { &(*header).pins }.fetch_sub(1, Relaxed);
            }
        }
    }
    LIVE.fetch_sub(1, Relaxed);
    if slot.generation.load(Relaxed) + 1 < 1 << GENERATION_BITS {
        make_vacant(slot, (key >> (KIND_BITS + 1)) & (SLOTS - 1));
    }
    unpin(header);
    Ok(())
}

fn unpin(header: *mut Header) {
    unsafe {
        if (*header).pins.fetch_sub(1, SeqCst) == 1 {
            ((*header).drop)(header);
        }
    }
}

/// Looks a handle up. While the answer is held, the object stays.
pub fn get<'t, T: Object>(handle: *mut T, argument: &'static str, thread: &'t Reader) -> Result<Held<'t, T>, Fault> {
    let unknown = || Fault::Handle(argument, T::NAME);
    let key = handle.addr();
    if key & 1 == 0 || (key >> 1) & ((1 << KIND_BITS) - 1) != T::KIND {
        return Err(unknown());
    }
    let slot = slot_of(key).ok_or_else(unknown)?;
    let pin = Pin::announce(thread, key)?;
    if slot.key.load(SeqCst) != key {
        return Err(unknown());
    }
    let header = slot.object.load(Acquire);
    // Looked at again: only between two sightings of the key does the object belong to it.
    if slot.key.load(SeqCst) != key {
        return Err(unknown());
    }
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

/// A key announced in a word of this thread's record.
struct Pin<'t> {
    word: &'t AtomicUsize,
    key: usize,
    _of_this_thread: PhantomData<*mut ()>,
}

impl<'t> Pin<'t> {
    fn announce(thread: &'t Reader, key: usize) -> Result<Pin<'t>, Fault> {
        let free = thread.record().words.iter().find(|word| word.load(Relaxed) == 0);
        let word = free.ok_or(Fault::Panic)?;
        word.swap(key, SeqCst);
        Ok(Pin { word, key, _of_this_thread: PhantomData })
    }
}

impl Drop for Pin<'_> {
    fn drop(&mut self) {
        let left = self.word.swap(0, SeqCst);
        if left != self.key {
            unpin(ptr::with_exposed_provenance_mut(left));
        }
    }
}

/// A thread's words, in a list that only grows; threads that end leave theirs to others.
struct Record {
    /// A call looks at two handles at most, and a free at one more.
    words: [AtomicUsize; 3],
    taken: AtomicBool,
    next: AtomicPtr<Record>,
}

static RECORDS: AtomicPtr<Record> = AtomicPtr::new(ptr::null_mut());

fn records() -> impl Iterator<Item = &'static Record> {
    let mut next = RECORDS.load(Acquire);
    std::iter::from_fn(move || {
        let record = unsafe { next.as_ref() }?;
        next = record.next.load(Acquire);
        Some(record)
    })
}

/// This thread's record, taken at its first look-up.
pub struct Reader(Cell<Option<&'static Record>>);

impl Reader {
    pub const fn new() -> Reader {
        Reader(Cell::new(None))
    }

    fn record(&self) -> &'static Record {
        self.0.get().unwrap_or_else(|| {
            let record = records().find(|r| !r.taken.swap(true, SeqCst)).unwrap_or_else(new_record);
            self.0.set(Some(record));
            record
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(record) = self.0.get() {
            record.taken.store(false, SeqCst);
        }
    }
}

fn new_record() -> &'static Record {
    let record: &'static mut Record = Box::leak(Box::new(Record {
        words: [const { AtomicUsize::new(0) }; 3],
        taken: AtomicBool::new(true),
        next: AtomicPtr::default(),
    }));
    let record: *mut Record = record;
    let mut head = RECORDS.load(Acquire);
    loop {
        unsafe { (*record).next.store(head, Relaxed) };
        match RECORDS.compare_exchange_weak(head, record, SeqCst, Acquire) {
            Ok(_) => return unsafe { &*record },
            Err(now) => head = now,
        }
    }
}

/// In a forked child the other threads are gone: what they looked at is looked at no more.
pub fn forget_other_threads(this: Option<&Reader>) {
    let own = this.and_then(|reader| reader.0.get()).map_or(ptr::null(), ptr::from_ref);
    for record in records().filter(|record| !ptr::eq(*record, own)) {
        for word in &record.words {
            word.store(0, SeqCst);
        }
        record.taken.store(false, SeqCst);
    }
}

fn slot_of(key: usize) -> Option<&'static Slot> {
    slot_if_made((key >> (KIND_BITS + 1)) & (SLOTS - 1))
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    struct Thing(Arc<AtomicUsize>);

    impl Object for Thing {
        const KIND: usize = 6;
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
        for invented in [1, 2, 13, usize::MAX, usize::MAX >> 1, handle.addr() ^ 1, handle.addr() + (2 << KIND_BITS)] {
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
