//! One request, signed again and again.
//!
//! Between two signatures only the nonce and the timestamp change. The blocks of the base string before the nonce are
//! hashed once. The nonce begins with digits that are random and then stay, so that they can be among them, and as many
//! of these as spare a block; it ends with the digits of the signing thread's own counter. Is such a nonce unique?
//!
//! - Two signatures of one thread, whatever they are for, differ in the counter, 2^80 in a row.
//! - Two prepared requests, of one process, of two or on two hosts, and two runs of one program, within one second, too,
//!   begin with random digits of their own and count from random numbers: 128 bits that the operating system drew.
//! - Two threads with one prepared request, and a forked child and its parent, count from random numbers of their own
//!   (see `NonceSource`). Two that sign a million times a second come to the same number within any one second with a
//!   chance of 2^-59, and a nonce must be unique only among those of its second (RFC 5849 section 3.3).
//! - A virtual machine that is copied while it runs copies the counters. So it would any generator's state.
//!
//! Guessing the next nonce helps nobody: what protects a request is its signature.

use std::sync::Arc;

use super::hmac::{Key, pad, padded_blocks};
use super::nonce::random_digits;
use super::sha1::{Block, Scheduled, State};
use super::signature::Signature;
use super::template::Template;
use super::{Counter, Error, Nonce, Output, Request, Signer, Stamp};

const BLOCK: usize = size_of::<Block>();
const COUNTER: usize = size_of::<Counter>();
/// As many constant digits begin a nonce at the least, and at the most: 32 in all, as E*TRADE's own example has, to 48.
const FEWEST: usize = 12;
const MOST: usize = 28;
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
    quick: Option<Quick>,
}

/// What a signature takes, laid out.
struct Quick {
    end: End,
    /// The header up to its signature, and where in it the counter and the timestamp belong.
    header: String,
    counter: usize,
    timestamp: usize,
}

impl Prepared {
    pub fn new(signer: Arc<Signer>, method: &str, url: &str) -> Result<Prepared, Error> {
        let base_string = signer.base_string_template(&Request::new(method, url, None))?;
        let mut digits = [0; MOST];
        random_digits(&mut digits)?;
        let digits = std::str::from_utf8(&digits).unwrap_or_default();
        let best = base_string.as_ref().and_then(Layout::best);
        let prefix = &digits[..best.as_ref().map_or(FEWEST, |layout| layout.prefix)];
        let quick = base_string.zip(best).map(|(base_string, layout)| {
            Quick::new(End::new(signer.key(), &base_string, prefix, &layout), signer.header_template(), prefix)
        });
        Ok(Prepared { method: method.to_owned(), url: url.to_owned(), prefix: prefix.to_owned(), quick, signer })
    }

    /// Signs with a nonce of the caller's, which was not prepared for.
    pub fn sign_at(&self, stamp: &Stamp, output: &mut Output) -> Result<(), Error> {
        self.signer.sign(&Request::new(&self.method, &self.url, None), stamp, output)
    }

    /// Signs with a nonce that ends with a thread's counter. Nothing is written unless the output has room for the bound.
    pub fn sign(&self, timestamp: i64, counter: &Counter, output: &mut Output) -> Result<(), Error> {
        if output.capacity() < self.signer.bound() {
            return Err(Error::Buffer(self.signer.bound()));
        }
        let mut digits = itoa::Buffer::new();
        match (&self.quick, digits.format(timestamp).as_bytes().try_into()) {
            (Some(quick), Ok(digits)) if timestamp > 0 => {
                quick.sign(self.signer.key(), counter, digits, output);
                Ok(())
            }
            _ => {
                let nonce = Nonce::with_counter(&self.prefix, counter);
                self.sign_at(&Stamp { timestamp, nonce: &nonce }, output)
            }
        }
    }
}

impl Quick {
    fn new(end: End, header: &Template, prefix: &str) -> Quick {
        let counter = header.before_nonce.len() + prefix.len();
        let timestamp = counter + COUNTER + header.between.len();
        let gaps = ("0".repeat(COUNTER), "0".repeat(TIMESTAMP));
        let text = [&header.before_nonce, prefix, &gaps.0, &header.between, &gaps.1, &header.after_timestamp].concat();
        Quick { end, header: text, counter, timestamp }
    }

    fn sign(&self, key: &Key, counter: &Counter, timestamp: &[u8; TIMESTAMP], output: &mut Output) {
        let signature = Signature::new(key.seal(&self.end.hash(counter, timestamp)));
        output.push(self.header.as_bytes());
        output.overwrite(self.counter, counter);
        output.overwrite(self.timestamp, timestamp);
        output.push(signature.as_bytes());
        output.push(b"\"");
    }
}

/// Where things stand in the base string if so many constant digits begin the nonce.
struct Layout {
    prefix: usize,
    counter: usize,
    timestamp: usize,
    length: usize,
}

impl Layout {
    fn new(base_string: &Template, prefix: usize) -> Layout {
        let counter = base_string.before_nonce.len() + prefix;
        let timestamp = counter + COUNTER + base_string.between.len();
        Layout { prefix, counter, timestamp, length: timestamp + TIMESTAMP + base_string.after_timestamp.len() }
    }

    /// The one with the least to hash. `None` where too much changes for all of this to pay.
    fn best(base_string: &Template) -> Option<Layout> {
        let layouts = (FEWEST..=MOST).map(|length| Layout::new(base_string, length));
        let little = |layout: &Layout| layout.after_changing() - layout.first_changing() <= MOST_CHANGING;
        layouts.min_by_key(Layout::cost).filter(little)
    }

    fn first_changing(&self) -> usize {
        self.counter / BLOCK
    }

    fn after_changing(&self) -> usize {
        (self.timestamp + TIMESTAMP).div_ceil(BLOCK)
    }

    /// How many blocks are hashed for a signature, and how many of them change: those that don't cost less.
    fn cost(&self) -> (usize, usize) {
        (padded_blocks(self.length) - self.first_changing(), self.after_changing() - self.first_changing())
    }
}

/// What is hashed for each signature: the base string from the block on in which the counter begins.
struct End {
    /// After the blocks before.
    state: State,
    changing: [Block; MOST_CHANGING],
    count: usize,
    /// Where in those.
    counter: usize,
    timestamp: usize,
    constant: Vec<Scheduled>,
}

impl End {
    fn new(key: &Key, base_string: &Template, prefix: &str, layout: &Layout) -> End {
        let mut blocks = vec![[0; BLOCK]; padded_blocks(layout.length)];
        let memory = blocks.as_flattened_mut();
        let mut put = |place: usize, text: &str| memory[place..place + text.len()].copy_from_slice(text.as_bytes());
        put(0, &base_string.before_nonce);
        put(layout.counter - prefix.len(), prefix);
        put(layout.counter + COUNTER, &base_string.between);
        put(layout.timestamp + TIMESTAMP, &base_string.after_timestamp);
        pad(memory, layout.length, BLOCK + layout.length);

        let first = layout.first_changing();
        let mut state = key.begin();
        state.absorb(&blocks[..first]);
        let mut changing = [[0; BLOCK]; MOST_CHANGING];
        let count = layout.after_changing() - first;
        changing[..count].copy_from_slice(&blocks[first..layout.after_changing()]);
        End {
            state,
            changing,
            count,
            counter: layout.counter - first * BLOCK,
            timestamp: layout.timestamp - first * BLOCK,
            constant: blocks.drain(layout.after_changing()..).map(Scheduled::new).collect(),
        }
    }

    fn hash(&self, counter: &Counter, timestamp: &[u8; TIMESTAMP]) -> State {
        let mut blocks = self.changing;
        let bytes = blocks.as_flattened_mut();
        bytes[self.counter..self.counter + COUNTER].copy_from_slice(counter);
        bytes[self.timestamp..self.timestamp + TIMESTAMP].copy_from_slice(timestamp);
        let mut state = self.state.clone();
        state.absorb(&blocks[..self.count]);
        state.absorb_scheduled(&self.constant);
        state
    }
}
