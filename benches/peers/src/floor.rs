//! The compression function that the library's HMAC runs on.

use std::slice;

/// `state` points to five words, `blocks` to 64 bytes for each of `count`.
#[unsafe(no_mangle)]
unsafe extern "C" fn sha1_compress(state: *mut [u32; 5], blocks: *const [u8; 64], count: usize) {
    sha1::block_api::compress(unsafe { &mut *state }, unsafe { slice::from_raw_parts(blocks, count) });
}
