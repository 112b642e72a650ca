//! What one call has repaired so far.

/// What makes it worth while to send a call once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// The clock was off.
    Timestamp,
    ParameterAbsent,
    NonceUsed,
    /// The token was replaced or renewed after the request had been signed.
    Overtaken,
    /// The token had to be renewed.
    Refused,
}

/// Each repair is made once, and no call is sent more than three times.
#[derive(Debug, Default)]
pub struct Repairs {
    made: [Option<Repair>; Self::MOST],
}

impl Repairs {
    const MOST: usize = 2;

    /// Whether the call may be sent once more after this repair.
    pub fn allow(&mut self, repair: Repair) -> bool {
        if self.made.contains(&Some(repair)) {
            return false;
        }
        match self.made.iter_mut().find(|place| place.is_none()) {
            Some(place) => {
                *place = Some(repair);
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
    fn each_repair_once_and_three_sends_at_most() {
        let mut repairs = Repairs::default();
        assert!(repairs.allow(Repair::ParameterAbsent));
        assert!(!repairs.allow(Repair::ParameterAbsent));
        assert!(repairs.allow(Repair::Refused));
        assert!(!repairs.allow(Repair::NonceUsed));
    }
}
