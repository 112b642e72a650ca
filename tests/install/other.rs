//! Another library in Rust, for the same process: with an allocator, threads and panics of its own.
use std::panic::catch_unwind;
use std::thread;

/// How many of these panics it caught, on threads of its own.
#[unsafe(no_mangle)]
pub extern "C" fn other_catches(panics: u32) -> u32 {
    let threads: Vec<_> = (0..panics)
        .map(|n| {
            thread::spawn(move || catch_unwind(|| if n < u32::MAX { std::panic::panic_any(format!("{n}")) }).is_err())
        })
        .collect();
    threads.into_iter().map(|thread| u32::from(thread.join().unwrap_or(false))).sum()
}
