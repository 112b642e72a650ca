//! Fuzz targets for libetoauth. Each takes any bytes, and panics if what the library promises does not hold.

use std::borrow::Cow;

mod abi;
mod calls;
mod independent;
mod listener;
mod replies;
mod requests;
mod sequences;
mod session_file;
mod sessions;
mod settings;
mod signing;
mod vba;
mod verifier;
mod wire;

pub use calls::run as calls;
pub use listener::run as listener;
pub use replies::run as replies;
pub use requests::run as requests;
pub use sequences::{run as sequences, run_in_threads as threads};
pub use session_file::run as session_file;
pub use sessions::run as sessions;
pub use settings::run as settings;
pub use signing::run as signing;
pub use vba::run as vba;
pub use verifier::run as verifier;
pub use wire::run as wire;

pub type Target = fn(&[u8]);

pub const TARGETS: [(&str, Target); 13] = [
    ("calls", calls),
    ("listener", listener),
    ("replies", replies),
    ("requests", requests),
    ("sequences", sequences),
    ("session_file", session_file),
    ("sessions", sessions),
    ("settings", settings),
    ("signing", signing),
    ("threads", threads),
    ("vba", vba),
    ("verifier", verifier),
    ("wire", wire),
];

pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}

/// Splits at the first blank line.
fn split_head(data: &[u8]) -> (Cow<'_, str>, &[u8]) {
    let end = data.windows(2).position(|two| two == b"\n\n");
    let (head, body) = end.map_or((data, &data[data.len()..]), |end| (&data[..end], &data[end + 2..]));
    (String::from_utf8_lossy(head), body)
}

/// Splits off the first line.
fn split_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// RFC 1952, stored and not compressed: what matters is what is decoded, and a compressor would take most of the time.
fn gzip(data: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = data.chunks(0xffff).peekable();
    if data.is_empty() {
        file.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let length = block.len() as u16;
        file.push(u8::from(blocks.peek().is_none()));
        file.extend(length.to_le_bytes());
        file.extend((!length).to_le_bytes());
        file.extend(block);
    }
    file.extend(crc32(data).to_le_bytes());
    file.extend((data.len() as u32).to_le_bytes());
    file
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (if sum & 1 == 1 { 0xedb8_8320 } else { 0 }))
    })
}
