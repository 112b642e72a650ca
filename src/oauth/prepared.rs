//! One request, signed again and again.
//!
//! Between two signatures only the nonce and the timestamp change. The blocks of the base string before the nonce are
//! hashed once. The nonce consists of a prefix of digits, which are random and then stay, so that they can be among those
//! blocks, and as many of them as spare a block; and of a suffix, the last digits of what the signing thread counts. Is
//! such a nonce unique?
//!
//! - Two signatures of one thread, whatever they are for, differ in the suffix, 2^80 in a row.
//! - Two prepared requests, of one process, of two or on two hosts, and two runs of one program, within one second, too,
//!   have random prefixes of their own and suffixes counted from random numbers: 128 bits that the operating system drew.
//! - Two threads with one prepared request, and a forked child and its parent, count from random numbers of their own
//!   (see `NonceSource`). Two that sign a million times a second come to the same number within any one second with a
//!   chance of 2^-59, and a nonce must be unique only among those of its second (RFC 5849 section 3.3).
//! - A virtual machine that is copied while it runs copies these numbers. So it would any generator's state.
//!
//! Guessing the next nonce helps nobody: what protects a request is its signature.

use std::sync::Arc;

use super::hmac::{Key, pad, padded_blocks};
use super::nonce::random_digits;
use super::sha1::{Block, Scheduled, State};
use super::signature;
use super::template::Template;
use super::{Error, Nonce, NonceSuffix, Output, Request, Signer, Stamp};

const BLOCK: usize = size_of::<Block>();
const SUFFIX: usize = size_of::<NonceSuffix>();
/// The shortest and the longest prefix: with its suffix a nonce has 32 digits, as E*TRADE's own example has, to 48.
const SHORTEST_PREFIX: usize = 12;
const LONGEST_PREFIX: usize = 28;
/// From 2001 to 2286.
const TIMESTAMP: usize = 10;
/// More blocks than these change only where many parameters sort between the nonce and the timestamp.
const MOST_CHANGING: usize = 4;

pub struct Prepared {
    signer: Arc<Signer>,
    method: String,
    url: String,
    /// The constant beginning of its nonces.
    prefix: String,
    laid_out: Option<LaidOut>,
}

/// The places of nonce suffix and timestamp in a text or in memory.
#[derive(Clone, Copy)]
struct Offsets {
    suffix: usize,
    timestamp: usize,
}

impl Offsets {
    /// In a text whose nonce begins with a prefix of this length.
    fn new(text: &Template, prefix: usize) -> Offsets {
        let suffix = text.before_nonce.len() + prefix;
        Offsets { suffix, timestamp: suffix + SUFFIX + text.between.len() }
    }

    fn write(self, memory: &mut [u8], suffix: &NonceSuffix, timestamp: &[u8; TIMESTAMP]) {
        memory[self.suffix..self.suffix + SUFFIX].copy_from_slice(suffix);
        memory[self.timestamp..self.timestamp + TIMESTAMP].copy_from_slice(timestamp);
    }
}

/// A request for whose signatures only the gaps have to be filled in.
struct LaidOut {
    message_end: MessageEnd,
    /// The header up to its signature.
    header: String,
    in_header: Offsets,
}

impl Prepared {
    pub fn new(signer: Arc<Signer>, method: &str, url: &str) -> Result<Prepared, Error> {
        let base_string = signer.base_string_template(&Request::new(method, url, None))?;
        let mut digits = [0; LONGEST_PREFIX];
        random_digits(&mut digits)?;
        let digits = std::str::from_utf8(&digits).unwrap_or_default();
        let best = base_string.as_ref().and_then(Layout::best);
        let prefix = &digits[..best.as_ref().map_or(SHORTEST_PREFIX, |layout| layout.prefix)];
        let laid_out = base_string.zip(best).map(|(base_string, layout)| {
            let message_end = MessageEnd::new(signer.key(), &base_string, prefix, &layout);
            LaidOut::new(message_end, signer.header_template(), prefix)
        });
        Ok(Prepared { method: method.to_owned(), url: url.to_owned(), prefix: prefix.to_owned(), laid_out, signer })
    }

    /// Signs with a nonce of the caller's, which was not prepared for.
    pub fn sign_at(&self, stamp: &Stamp, output: &mut Output) -> Result<(), Error> {
        self.signer.sign(&Request::new(&self.method, &self.url, None), stamp, output)
    }

    /// Signs with a nonce that ends with a thread's suffix. Nothing is written unless the output has room for the bound.
    pub fn sign(&self, timestamp: i64, suffix: &NonceSuffix, output: &mut Output) -> Result<(), Error> {
        if output.capacity() < self.signer.bound() {
            return Err(Error::Buffer(self.signer.bound()));
        }
        let mut digits = itoa::Buffer::new();
        match (&self.laid_out, digits.format(timestamp).as_bytes().try_into()) {
            (Some(laid_out), Ok(digits)) if timestamp > 0 => {
                laid_out.sign(self.signer.key(), suffix, digits, output);
                Ok(())
            }
            _ => {
                let nonce = Nonce::with_prefix(&self.prefix, suffix);
                self.sign_at(&Stamp { timestamp, nonce: &nonce }, output)
            }
        }
    }
}

impl LaidOut {
    fn new(message_end: MessageEnd, header: &Template, prefix: &str) -> LaidOut {
        let gaps = ("0".repeat(SUFFIX), "0".repeat(TIMESTAMP));
        let text = [&header.before_nonce, prefix, &gaps.0, &header.between, &gaps.1, &header.after_timestamp].concat();
        LaidOut { message_end, header: text, in_header: Offsets::new(header, prefix.len()) }
    }

    fn sign(&self, key: &Key, suffix: &NonceSuffix, timestamp: &[u8; TIMESTAMP], output: &mut Output) {
        let hmac = key.seal(&self.message_end.hash(suffix, timestamp));
        output.push(self.header.as_bytes());
        output.overwrite(self.in_header.suffix, suffix);
        output.overwrite(self.in_header.timestamp, timestamp);
        signature::write(hmac, output);
        output.push(b"\"");
    }
}

/// Where things stand in the base string if the nonce has a prefix of this length.
struct Layout {
    prefix: usize,
    offsets: Offsets,
    length: usize,
}

impl Layout {
    fn new(base_string: &Template, prefix: usize) -> Layout {
        let offsets = Offsets::new(base_string, prefix);
        Layout { prefix, offsets, length: offsets.timestamp + TIMESTAMP + base_string.after_timestamp.len() }
    }

    /// The layout with the least to hash, and among those one whose suffix is copied to a multiple of 16, which is
    /// quicker. `None` if so much changes that preparing is of no use.
    fn best(base_string: &Template) -> Option<Layout> {
        let layouts = (SHORTEST_PREFIX..=LONGEST_PREFIX).map(|length| Layout::new(base_string, length));
        let little = |layout: &Layout| layout.after_changing() - layout.first_changing() <= MOST_CHANGING;
        layouts.min_by_key(|layout| (layout.cost(), layout.offsets.suffix % 16)).filter(little)
    }

    fn first_changing(&self) -> usize {
        self.offsets.suffix / BLOCK
    }

    fn after_changing(&self) -> usize {
        (self.offsets.timestamp + TIMESTAMP).div_ceil(BLOCK)
    }

    /// How many blocks are hashed for a signature, and how many of them change: those that don't cost less.
    fn cost(&self) -> (usize, usize) {
        (padded_blocks(self.length) - self.first_changing(), self.after_changing() - self.first_changing())
    }
}

/// What is hashed for each signature: the base string from the block on in which the suffix begins.
struct MessageEnd {
    /// The mid-state: the hash's after the blocks before.
    mid_state: State,
    changing: [Block; MOST_CHANGING],
    count: usize,
    in_changing: Offsets,
    constant: Vec<Scheduled>,
}

impl MessageEnd {
    fn new(key: &Key, base_string: &Template, prefix: &str, layout: &Layout) -> MessageEnd {
        let mut blocks = vec![[0; BLOCK]; padded_blocks(layout.length)];
        let memory = blocks.as_flattened_mut();
        let mut put = |place: usize, text: &str| memory[place..place + text.len()].copy_from_slice(text.as_bytes());
        put(0, &base_string.before_nonce);
        put(layout.offsets.suffix - prefix.len(), prefix);
        put(layout.offsets.suffix + SUFFIX, &base_string.between);
        put(layout.offsets.timestamp + TIMESTAMP, &base_string.after_timestamp);
        pad(memory, layout.length, BLOCK + layout.length);

        let first = layout.first_changing();
        let mut mid_state = key.begin();
        mid_state.absorb(&blocks[..first]);
        let mut changing = [[0; BLOCK]; MOST_CHANGING];
        let count = layout.after_changing() - first;
        changing[..count].copy_from_slice(&blocks[first..layout.after_changing()]);
        let before = first * BLOCK;
        MessageEnd {
            mid_state,
            changing,
            count,
            in_changing: Offsets {
                suffix: layout.offsets.suffix - before,
                timestamp: layout.offsets.timestamp - before,
            },
            constant: blocks.drain(layout.after_changing()..).map(Scheduled::new).collect(),
        }
    }

    fn hash(&self, suffix: &NonceSuffix, timestamp: &[u8; TIMESTAMP]) -> State {
        let mut blocks = self.changing;
        self.in_changing.write(blocks.as_flattened_mut(), suffix, timestamp);
        let mut state = self.mid_state.clone();
        state.absorb(&blocks[..self.count]);
        state.absorb_scheduled(&self.constant);
        state
    }
}

#[cfg(test)]
mod tests {
    use std::mem::MaybeUninit;

    use super::*;
    use crate::oauth::{Credentials, TokenCredentials};

    const THREADS_SUFFIX: &NonceSuffix = b"0123456789abcdef0123";

    fn signer(token: Option<&str>) -> Arc<Signer> {
        let token = token.map(|token| TokenCredentials { token, token_secret: "secret" });
        Arc::new(Signer::new(&Credentials { consumer_key: "key", consumer_secret: "secret", token }))
    }

    /// What is signed into so much memory.
    fn signed(capacity: usize, sign: impl FnOnce(&mut Output) -> Result<(), Error>) -> Result<String, Error> {
        let mut memory = vec![MaybeUninit::uninit(); capacity];
        let mut output = Output::new(&mut memory);
        sign(&mut output).map(|()| output.written())
    }

    fn nonce_of(header: &str) -> &str {
        let (_, rest) = header.split_once("oauth_nonce=\"").unwrap();
        rest.split_once('"').unwrap().0
    }

    /// URLs of all lengths, with parameters before, among and behind the protocol's.
    fn urls() -> impl Iterator<Item = String> {
        let queries = ["", "?a=1", "?oauth_o=1", "?z=1&a=2", "?oauth_nonce=a", "?oauth_timestamp=6"];
        let short = (0..192)
            .step_by(3)
            .flat_map(move |length| queries.map(|query| format!("https://h/{:a<length$}{query}", "")));
        short.chain((0..300).step_by(3).map(|length| format!("https://h/?oauth_o={:x<length$}&z={:y<length$}", "", "")))
    }

    #[test]
    fn signs_as_the_signer_does_with_the_same_nonce() {
        for signer in [signer(None), signer(Some("to/ken"))] {
            for url in urls() {
                let prepared = Prepared::new(signer.clone(), "GET", &url).unwrap();
                // Only the middle one has the ten digits that are prepared for.
                for timestamp in [999_999_999, 1_784_995_200, i64::MAX] {
                    let sign = |output: &mut Output| prepared.sign(timestamp, THREADS_SUFFIX, output);
                    let header = signed(signer.bound(), sign).unwrap();
                    let nonce = nonce_of(&header);
                    assert!(nonce.as_bytes().ends_with(THREADS_SUFFIX) && (32..=48).contains(&nonce.len()), "{nonce}");
                    let stamp = Stamp { timestamp, nonce: &Nonce::new(nonce).unwrap() };
                    assert_eq!(
                        header,
                        signer.authorization(&Request::new("GET", &url, None), &stamp).unwrap(),
                        "{url}"
                    );
                    let sign = |output: &mut Output| prepared.sign_at(&stamp, output);
                    assert_eq!(signed(signer.bound(), sign).unwrap(), header);
                }
            }
        }
    }

    #[test]
    fn timestamps_from_0_down_and_too_little_memory_are_refused() {
        let signer = signer(Some("token"));
        let prepared = Prepared::new(signer.clone(), "GET", "https://h/").unwrap();
        let (bound, nonce) = (signer.bound(), Nonce::new("n").unwrap());
        // The second of them has as many characters as are prepared for.
        for timestamp in [0, -123_456_789, i64::MIN] {
            let sign = |output: &mut Output| prepared.sign(timestamp, THREADS_SUFFIX, output);
            assert_eq!(signed(bound, sign), Err(Error::Timestamp), "{timestamp}");
            let sign = |output: &mut Output| prepared.sign_at(&Stamp { timestamp, nonce: &nonce }, output);
            assert_eq!(signed(bound, sign), Err(Error::Timestamp), "{timestamp}");
        }
        let sign = |output: &mut Output| prepared.sign(1_784_995_200, THREADS_SUFFIX, output);
        assert_eq!(signed(bound - 1, sign), Err(Error::Buffer(bound)));
        let sign = |output: &mut Output| prepared.sign_at(&Stamp { timestamp: 1, nonce: &nonce }, output);
        assert_eq!(signed(bound - 1, sign), Err(Error::Buffer(bound)));
    }

    #[test]
    fn the_bound_is_what_the_longest_header_needs() {
        for signer in [signer(None), signer(Some("to/ken"))] {
            let stamp = Stamp { timestamp: i64::MAX, nonce: &Nonce::new(&"n".repeat(64)).unwrap() };
            let header = signer.authorization(&Request::new("GET", "https://h/", None), &stamp).unwrap();
            let (before, signature) = header.split_once("oauth_signature=\"").unwrap();
            assert!(signature.len() < 85);
            assert_eq!(signer.bound(), before.len() + "oauth_signature=\"".len() + 84 + "\"\0".len());
        }
    }

    /// Of all prefixes the one that leaves the fewest blocks to be hashed, and of these the fewest that change.
    #[test]
    fn the_prefix_spares_as_many_blocks_as_it_can() {
        let signer = signer(Some("token"));
        for url in urls() {
            let prepared = Prepared::new(signer.clone(), "GET", &url).unwrap();
            let own_names = url.contains("oauth_nonce") || url.contains("oauth_timestamp");
            if own_names {
                assert!(prepared.laid_out.is_none() && prepared.prefix.len() == 12);
                continue;
            }
            let stamp = Stamp { timestamp: 1_784_995_200, nonce: &Nonce::new("NONCE").unwrap() };
            let text = signer.base_string(&Request::new("GET", &url, None), &stamp).unwrap();
            let nonce = text.find("NONCE").unwrap();
            let timestamp = text.find("1784995200").unwrap() - "NONCE".len() + 20;
            let (hashed, changing) = (12..=28)
                .map(|prefix| {
                    let first = (nonce + prefix) / 64;
                    let whole = (text.len() - "NONCE".len() + 20 + prefix + 9).div_ceil(64);
                    (whole - first, (timestamp + prefix + 10).div_ceil(64) - first)
                })
                .min()
                .unwrap();
            let laid_out = prepared.laid_out.as_ref().map(|laid_out| &laid_out.message_end);
            let blocks = laid_out.map(|end| (end.count + end.constant.len(), end.count));
            assert_eq!(blocks, (changing <= 4).then_some((hashed, changing)), "{url}");
        }
    }
}
