//! Hazard pointers: each thread announces a key in a word of its own before it looks at the key's slot, so that whoever
//! frees the key can see who may be using the object, and leave the drop to them. The words hold keys rather than
//! pointers, since a key is never issued twice, and an address may be.

use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize};

use super::fault::Fault;
use super::memory::try_box;

/// The beginning of every object, by which its last user can drop it without knowing its type.
#[repr(C, align(8))]
pub struct Header {
    pub drop: unsafe fn(*mut Header),
    /// One for the thread that frees the object, and one for each user that it found.
    pub references: AtomicUsize,
    /// The number of the process that made it, as `fork::process` gives it.
    pub process: u32,
}

/// Gives a reference up. The last one drops the object.
///
/// # Safety
/// The header is of a live object, and the reference is counted.
unsafe fn release(header: *mut Header) {
    unsafe {
        // Releases what this thread did to the object, and acquires what the others did before the last one drops it.
        if (*header).references.fetch_sub(1, SeqCst) == 1 {
            ((*header).drop)(header);
        }
    }
}

/// Retires the object of a withdrawn key: it is dropped now, or by the last thread that is using it.
///
/// # Safety
/// The header is of the key's object, and the caller alone withdrew the key.
pub unsafe fn retire(key: usize, header: *mut Header) {
    for word in records().flat_map(|record| &record.words) {
        // Sequentially consistent, as the withdrawal and the announcements are: a thread whose announcement is missed
        // here looks at the slot after the withdrawal, and finds nothing.
        if word.load(SeqCst) == key {
            unsafe { &(*header).references }.fetch_add(1, Relaxed);
            // The header's address stands for "release it when you are done"; it is even, a key is odd. On failure the
            // user is done already, and the object may be dropped here: Acquire, so that whatever the user did to the
            // object comes before that. It pairs with the swap by which the user cleared the word.
            if word.compare_exchange(key, header.expose_provenance(), SeqCst, Acquire).is_err() {
                unsafe { &(*header).references }.fetch_sub(1, Relaxed);
            }
        }
    }
    unsafe { release(header) };
}

/// A key announced in a word of this thread's record.
pub struct HazardPointer<'t> {
    word: &'t AtomicUsize,
    key: usize,
    _of_this_thread: PhantomData<*mut ()>,
}

impl<'t> HazardPointer<'t> {
    pub fn announce(key: usize, thread: &'t HazardRecord) -> Result<HazardPointer<'t>, Fault> {
        let record = thread.record()?;
        let free = record.words.iter().find(|word| word.load(Relaxed) == 0);
        let word = free.ok_or(Fault::Panic)?;
        // A store would be enough, but on x86 a swap is the fastest store that later loads cannot pass.
        word.swap(key, SeqCst);
        Ok(HazardPointer { word, key, _of_this_thread: PhantomData })
    }
}

impl Drop for HazardPointer<'_> {
    fn drop(&mut self) {
        // Releases what this thread did to the object, for the Acquire in `retire`.
        let found = self.word.swap(0, SeqCst);
        if found != self.key {
            unsafe { release(ptr::with_exposed_provenance_mut(found)) };
        }
    }
}

/// A thread's words, in a list that only grows: when a thread ends, another one takes over its record.
struct Record {
    /// A call looks at two handles at most, and a free at one more.
    words: [AtomicUsize; 3],
    taken: AtomicBool,
    next: AtomicPtr<Record>,
}

static RECORDS: AtomicPtr<Record> = AtomicPtr::new(ptr::null_mut());

fn records() -> impl Iterator<Item = &'static Record> {
    // Sequentially consistent, so that no record is missed that was linked before a key was announced in it.
    let mut next = RECORDS.load(SeqCst);
    std::iter::from_fn(move || {
        let record = unsafe { next.as_ref() }?;
        next = record.next.load(Acquire);
        Some(record)
    })
}

/// This thread's record, taken at its first lookup.
pub struct HazardRecord(Cell<Option<&'static Record>>);

impl HazardRecord {
    pub const fn new() -> HazardRecord {
        HazardRecord(Cell::new(None))
    }

    fn record(&self) -> Result<&'static Record, Fault> {
        if let Some(record) = self.0.get() {
            return Ok(record);
        }
        let record = records().find(|record| !record.taken.swap(true, Acquire)).map_or_else(new_record, Ok)?;
        self.0.set(Some(record));
        Ok(record)
    }
}

impl Drop for HazardRecord {
    fn drop(&mut self) {
        if let Some(record) = self.0.get() {
            record.taken.store(false, Release);
        }
    }
}

fn new_record() -> Result<&'static Record, Fault> {
    let record = Box::into_raw(try_box(Record {
        words: [const { AtomicUsize::new(0) }; 3],
        taken: AtomicBool::new(true),
        next: AtomicPtr::default(),
    })?);
    let mut head = RECORDS.load(Relaxed);
    loop {
        unsafe { (*record).next.store(head, Relaxed) };
        // Sequentially consistent on success, for the load in `records`, and releasing what is in the record. A failure
        // only tells the address that the record is to be linked to, and reads nothing there.
        match RECORDS.compare_exchange_weak(head, record, SeqCst, Relaxed) {
            Ok(_) => return Ok(unsafe { &*record }),
            Err(now) => head = now,
        }
    }
}

/// In a forked child the other threads do not exist, so they use no object any more.
#[cfg(unix)]
pub fn forget_other_threads(this: Option<&HazardRecord>) {
    let own = this.and_then(|thread| thread.0.get()).map_or(ptr::null(), ptr::from_ref);
    for record in records().filter(|record| !ptr::eq(*record, own)) {
        for word in &record.words {
            word.store(0, SeqCst);
        }
        record.taken.store(false, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    struct Object {
        header: Header,
        uses: u32,
    }

    unsafe fn drop_used(header: *mut Header) {
        assert_eq!(unsafe { Box::from_raw(header.cast::<Object>()) }.uses, 1);
    }

    /// Whichever of the two drops the object has seen what the user did to it. If not, Miri says so.
    #[test]
    fn a_user_lets_go_while_the_object_is_retired() {
        for key in (1..100).step_by(2) {
            let header = Header { drop: drop_used, references: AtomicUsize::new(1), process: 0 };
            let object = AtomicPtr::new(Box::into_raw(Box::new(Object { header, uses: 0 })));
            let announced = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let thread = HazardRecord::new();
                    let pointer = HazardPointer::announce(key, &thread).unwrap();
                    announced.store(true, Release);
                    unsafe { (*object.load(Relaxed)).uses += 1 };
                    drop(pointer);
                });
                while !announced.load(Acquire) {
                    std::thread::yield_now();
                }
                unsafe { retire(key, object.load(Relaxed).cast()) };
            });
        }
    }
}
