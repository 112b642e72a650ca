//! The seed: whatever the brokerage makes up follows from it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// A number from `low` to `high`; the same purpose always gets the same one.
    pub fn between(self, purpose: &str, low: i64, high: i64) -> i64 {
        let drawn = u64::from_be_bytes(self.bytes(purpose)[..8].try_into().expect("there are 32 bytes"));
        let width = u64::try_from(high - low + 1).expect("the range is not empty");
        low + i64::try_from(drawn % width).expect("it is below the width")
    }

    /// 22 letters and digits, as an `accountIdKey` has them.
    pub fn key(self, purpose: &str) -> String {
        URL_SAFE_NO_PAD.encode(&self.bytes(purpose)[..16])
    }

    fn bytes(self, purpose: &str) -> [u8; 32] {
        let digest = digest(&SHA256, format!("{}/{purpose}", self.0).as_bytes());
        digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
    }
}
