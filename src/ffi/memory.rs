//! Wipes all memory that is freed, so that no secret stays in it, whichever library used it: HTTP and TLS buffers,
//! parsers, vectors that grew. Signing allocates nothing, so this does not slow it down.
//!
//! A little memory is kept in reserve. The libraries beneath end the process when an allocation fails; with the reserve,
//! a call that is under way when memory runs out comes to its end, and the next ones are refused.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;
#[cfg(unix)]
use std::mem;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};

use linked_list_allocator::LockedHeap;
use zeroize::Zeroize;

use super::fault::Fault;
use crate::client::reserve::{self, SIZE};

struct Wiping;

// Inlined where something is dropped, this would be a tenth of the library.
unsafe impl GlobalAlloc for Wiping {
    #[inline(never)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let memory = unsafe { System.alloc(layout) };
        if memory.is_null() { RESERVE.take(layout) } else { memory }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let memory = unsafe { System.alloc_zeroed(layout) };
        if !memory.is_null() {
            return memory;
        }
        let memory = RESERVE.take(layout);
        if !memory.is_null() {
            unsafe { memory.write_bytes(0, layout.size()) };
        }
        memory
    }

    #[inline(never)]
    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe {
            wipe(std::slice::from_raw_parts_mut(memory, layout.size()));
            if RESERVE.holds(memory) { RESERVE.give_back(memory, layout) } else { System.dealloc(memory, layout) }
        }
    }

    // The default realloc uses alloc and dealloc, so the old memory is wiped.
}

/// Byte by byte only at the ends: the buffers of HTTP and TLS are large.
pub fn wipe(memory: &mut [u8]) {
    let (begin, words, end) = unsafe { memory.align_to_mut::<u128>() };
    begin.zeroize();
    words.zeroize();
    end.zeroize();
}

#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

/// What is larger was sized by a caller or a server, and whoever asks for it can do without.
const LARGEST: usize = SIZE / 2;

/// No page of it is touched as long as there is memory.
struct Reserve {
    memory: UnsafeCell<MaybeUninit<[u8; SIZE]>>,
    heap: LockedHeap,
}

// The memory is handed out by the heap, which is locked.
unsafe impl Sync for Reserve {}

static RESERVE: Reserve = Reserve { memory: UnsafeCell::new(MaybeUninit::uninit()), heap: LockedHeap::empty() };

impl Reserve {
    #[cold]
    fn take(&self, layout: Layout) -> *mut u8 {
        if layout.size() > LARGEST {
            return ptr::null_mut();
        }
        let mut heap = self.heap.lock();
        if heap.size() == 0 {
            unsafe { heap.init(self.memory.get().cast(), SIZE) };
        }
        let taken = heap.allocate_first_fit(layout);
        reserve::set_used(heap.used());
        taken.map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    fn holds(&self, memory: *const u8) -> bool {
        memory.addr().wrapping_sub(self.memory.get().addr()) < SIZE
    }

    #[cold]
    fn give_back(&self, memory: *mut u8, layout: Layout) {
        let mut heap = self.heap.lock();
        if let Some(memory) = NonNull::new(memory) {
            unsafe { heap.deallocate(memory, layout) };
        }
        reserve::set_used(heap.used());
    }
}

/// Holds the lock during a fork, so that no child finds it locked by a thread that does not exist there.
#[cfg(unix)]
pub fn lock_for_fork() {
    mem::forget(RESERVE.heap.lock());
}

/// To be called on both sides of a fork.
#[cfg(unix)]
pub fn unlock_after_fork() {
    unsafe { RESERVE.heap.force_unlock() };
}

/// Whether this lies in the memory in reserve, which is to be whole again soon.
pub fn is_reserve(bytes: &[u8]) -> bool {
    RESERVE.holds(bytes.as_ptr())
}

/// Makes a box, or fails if there is no memory for it. (`Box::new` would end the process.)
pub fn try_box<T>(value: T) -> Result<Box<T>, Fault> {
    let mut one = Vec::new();
    one.try_reserve_exact(1).map_err(|_| Fault::Memory)?;
    one.push(value);
    let one: *mut [T] = Box::into_raw(one.into_boxed_slice());
    // A slice with one element has the memory layout of that element.
    Ok(unsafe { Box::from_raw(one.cast()) })
}
