#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| etoauth_fuzz::vba(data));
