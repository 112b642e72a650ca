//! libetoauth: E*TRADE's OAuth 1.0a behind a C ABI. Its documentation is `include/etoauth.h`.
//!
//! Four layers, imports only run downwards: `ffi`, `client`, `etrade`, `oauth`. Unsafe code is for `ffi`, and for two
//! files below it: SHA-1 compiled for a better processor than the rest, and what Windows has that `std` has not.
#![deny(unsafe_code)]

#[cfg(panic = "abort")]
compile_error!("libetoauth answers a panic with ETOAUTH_E_INTERNAL: build it with panic = \"unwind\".");

mod client;
mod etrade;
mod ffi;
mod oauth;
