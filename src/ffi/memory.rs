//! Wipes all memory that is freed, so that no secret stays in it, whichever library used it: HTTP and TLS buffers,
//! parsers, vectors that grew. Signing allocates nothing, so this does not slow it down.

use std::alloc::{GlobalAlloc, Layout, System};

use zeroize::Zeroize;

use super::fault::Fault;

struct Wiping;

unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe {
            wipe(std::slice::from_raw_parts_mut(memory, layout.size()));
            System.dealloc(memory, layout);
        }
    }

    // The default realloc uses alloc and dealloc, so the old memory is wiped.
}

/// Byte by byte only at the ends: the buffers of HTTP and TLS are large.
fn wipe(memory: &mut [u8]) {
    let (begin, words, end) = unsafe { memory.align_to_mut::<u128>() };
    begin.zeroize();
    words.zeroize();
    end.zeroize();
}

#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

/// Makes a box, or fails if there is no memory for it. (`Box::new` would end the process.)
pub fn try_box<T>(value: T) -> Result<Box<T>, Fault> {
    let mut one = Vec::new();
    one.try_reserve_exact(1).map_err(|_| Fault::Memory)?;
    one.push(value);
    let one: *mut [T] = Box::into_raw(one.into_boxed_slice());
    // A slice with one element has the memory layout of that element.
    Ok(unsafe { Box::from_raw(one.cast()) })
}
