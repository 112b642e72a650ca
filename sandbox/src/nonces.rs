//! The nonces that came, for as long as their timestamps could be accepted.

use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::hash::BuildHasher;

/// Ten minutes of the sandbox's clock: timestamps may lie five minutes on either side of it.
const LIFE: i64 = 10 * 60;

/// By timestamp, as hashes: a million of them take little memory.
#[derive(Debug, Default)]
pub struct Nonces {
    seen: BTreeMap<i64, HashSet<u64>>,
    hasher: RandomState,
}

impl Nonces {
    /// Takes a nonce of this timestamp and token; false if it came before.
    pub fn take(&mut self, nonce: &str, timestamp: i64, token: &str, now: i64) -> bool {
        self.seen.retain(|time, _| time.abs_diff(now) <= LIFE.unsigned_abs());
        let hash = self.hasher.hash_one((nonce, token));
        self.seen.entry(timestamp).or_default().insert(hash)
    }

    pub fn len(&self) -> usize {
        self.seen.values().map(HashSet::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_remembered_for_ten_minutes() {
        let mut nonces = Nonces::default();
        assert!(nonces.take("n", 1000, "t", 1000));
        assert!(!nonces.take("n", 1000, "t", 1600));
        assert!(nonces.take("n", 1001, "t", 1600) && nonces.take("n", 1000, "u", 1600));
        assert_eq!(nonces.len(), 3);
        assert!(nonces.take("m", 1300, "t", 1601));
        assert_eq!(nonces.len(), 2);
    }
}
