//! Wipes what is freed, so that no secret stays behind in freed memory, whichever library held it: HTTP and TLS buffers,
//! parsers, grown vectors. Signing allocates nothing and pays nothing for it.

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
            std::slice::from_raw_parts_mut(memory, layout.size()).zeroize();
            System.dealloc(memory, layout);
        }
    }

    // The default realloc moves by way of alloc and dealloc, so what is left behind is wiped.
}

#[global_allocator]
static ALLOCATOR: Wiping = Wiping;

/// A box, or a failure where there is no memory for it. (`Box::new` would end the process.)
pub fn try_box<T>(value: T) -> Result<Box<T>, Fault> {
    let mut one = Vec::new();
    one.try_reserve_exact(1).map_err(|_| Fault::Memory)?;
    one.push(value);
    let one: *mut [T] = Box::into_raw(one.into_boxed_slice());
    // A slice of one lies in memory as its only element does.
    Ok(unsafe { Box::from_raw(one.cast()) })
}
