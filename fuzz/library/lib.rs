//! The library's own files, with its layers public: what is fuzzed is what is shipped, and that gains no public item.
#![deny(unsafe_code)]
// Lints are for the library itself, where nothing is public.
#![allow(clippy::all, unfulfilled_lint_expectations)]

#[path = "../../src/client/mod.rs"]
pub mod client;
#[path = "../../src/etrade/mod.rs"]
pub mod etrade;
#[path = "../../src/ffi/mod.rs"]
pub mod ffi;
#[path = "../../src/oauth/mod.rs"]
pub mod oauth;
