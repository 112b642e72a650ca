//! The Rust crates of the benchmark behind a C ABI: see benches/peers.h.

mod builder;
mod floor;
