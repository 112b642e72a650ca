//! What one call has repaired so far.

/// A fault after which a call may be sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The clock was off.
    Timestamp,
    ParameterAbsent,
    NonceUsed,
    /// The token was replaced or renewed after the request had been signed.
    Overtaken,
    /// The token had to be renewed.
    Refused,
}

/// Each fault is repaired once, and no call is sent more than three times.
#[derive(Debug, Default)]
pub struct Repairs {
    met: [Option<Fault>; Self::MOST],
}

impl Repairs {
    const MOST: usize = 2;

    /// Whether the call may be sent once more for this fault.
    pub fn allow(&mut self, fault: Fault) -> bool {
        if self.met.contains(&Some(fault)) {
            return false;
        }
        match self.met.iter_mut().find(|place| place.is_none()) {
            Some(place) => {
                *place = Some(fault);
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_once_and_three_sends_at_most() {
        let mut repairs = Repairs::default();
        assert!(repairs.allow(Fault::ParameterAbsent));
        assert!(!repairs.allow(Fault::ParameterAbsent));
        assert!(repairs.allow(Fault::Refused));
        assert!(!repairs.allow(Fault::NonceUsed));
    }
}
