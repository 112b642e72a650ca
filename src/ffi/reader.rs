//! Who looks at what: each thread announces a key in a word of its own before it looks at the key's slot, so that the
//! one who frees it can see whom to leave the object to.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize};

use super::fault::Fault;

/// Begins every object, so that whoever is last can drop it without knowing its type.
#[repr(C, align(8))]
pub struct Header {
    pub drop: unsafe fn(*mut Header),
    /// Those who may still look: the one who frees, and each reader that it found.
    pub pins: AtomicUsize,
    pub process: u32,
}

/// Leaves an object. Whoever is last drops it.
///
/// # Safety
/// The header is of a live object, and this leaving is counted in its pins.
pub unsafe fn unpin(header: *mut Header) {
    unsafe {
        if (*header).pins.fetch_sub(1, SeqCst) == 1 {
            ((*header).drop)(header);
        }
    }
}

/// Leaves the object of a freed key to those who are looking at it.
///
/// # Safety
/// The header is of the key's object, which nobody else is freeing.
pub unsafe fn leave_to_readers(key: usize, header: *mut Header) {
    for word in records().flat_map(|record| &record.words) {
        if word.load(SeqCst) == key {
            // The header's address stands for "drop it when you leave"; it is even, a key is odd.
            unsafe { &(*header).pins }.fetch_add(1, Relaxed);
            if word.compare_exchange(key, header.expose_provenance(), SeqCst, Relaxed).is_err() {
                unsafe { &(*header).pins }.fetch_sub(1, Relaxed);
            }
        }
    }
    unsafe { unpin(header) };
}

/// A key announced in a word of this thread's record.
pub struct Pin<'t> {
    word: &'t AtomicUsize,
    key: usize,
    _of_this_thread: PhantomData<*mut ()>,
}

impl<'t> Pin<'t> {
    pub fn announce(thread: &'t Reader, key: usize) -> Result<Pin<'t>, Fault> {
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
            unsafe { unpin(ptr::with_exposed_provenance_mut(left)) };
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
#[cfg(unix)]
pub fn forget_other_threads(this: Option<&Reader>) {
    let own = this.and_then(|reader| reader.0.get()).map_or(ptr::null(), ptr::from_ref);
    for record in records().filter(|record| !ptr::eq(*record, own)) {
        for word in &record.words {
            word.store(0, SeqCst);
        }
        record.taken.store(false, SeqCst);
    }
}
