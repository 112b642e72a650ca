//! One renew for all who need one: who leads it, and when the next may be asked for.
//!
//! Ticks are milliseconds of a clock that is never set.

use super::{Failure, Kind};

/// The longest wait that a server may ask for, and the longest that is chosen here, in milliseconds.
const LONGEST_RETRY_AFTER: u64 = 300_000;
const LONGEST_BACK_OFF: u64 = 60_000;
const FIRST_BACK_OFF: u64 = 1000;

#[derive(Debug)]
pub struct Renewal {
    lead: Option<Lead>,
    /// The number of the last lead.
    leads: u64,
    /// How many renews have ended, and how the last one did.
    rounds: u64,
    last: Result<(), Failure>,
    back_off: Option<BackOff>,
    /// Doubles the next back-off each time.
    failures: u32,
    /// The last renew succeeded.
    good: bool,
    /// The last renew succeeded, and nothing was heard of the token since.
    unproven: bool,
}

#[derive(Debug)]
struct Lead {
    number: u64,
    until: u64,
}

#[derive(Debug)]
struct BackOff {
    until: u64,
    failure: Failure,
}

impl Default for Renewal {
    fn default() -> Renewal {
        Renewal {
            lead: None,
            leads: 0,
            rounds: 0,
            last: Ok(()),
            back_off: None,
            failures: 0,
            good: false,
            unproven: false,
        }
    }
}

/// What someone who needs a renew is to do.
#[derive(Debug)]
pub enum Turn {
    /// Renew, under this number.
    Lead(u64),
    /// Another one renews.
    Wait,
    /// A renew has ended since the need arose, or none is asked for yet: this is the result.
    Ended(Result<(), Failure>),
}

impl Renewal {
    /// To be noted when the need arises: a renew that ends after that is shared.
    pub fn rounds(&self) -> u64 {
        self.rounds
    }

    /// Leads a renew until `until`, unless another one does, one has ended since `rounds`, or it is too early for one.
    /// `always`: whoever asks was told to renew, back-off or not.
    pub fn join(&mut self, rounds: u64, always: bool, ticks: u64, until: u64) -> Turn {
        if self.rounds > rounds {
            return Turn::Ended(self.last.clone());
        }
        if self.lead.as_ref().is_some_and(|lead| ticks < lead.until) {
            return Turn::Wait;
        }
        if let Some(failure) = self.back_off(ticks).filter(|_| !always) {
            return Turn::Ended(Err(failure));
        }
        self.leads += 1;
        self.lead = Some(Lead { number: self.leads, until });
        Turn::Lead(self.leads)
    }

    /// Whether this lead has been taken over by nobody.
    pub fn leads(&self, number: u64) -> bool {
        self.lead.as_ref().is_some_and(|lead| lead.number == number)
    }

    /// Gives the lead back without a result: the next one takes it.
    pub fn leave(&mut self, number: u64) {
        if self.leads(number) {
            self.lead = None;
        }
    }

    /// A renew has ended well, whoever led it.
    pub fn succeeded(&mut self) {
        self.round(Ok(()));
        self.back_off = None;
        self.good = true;
        self.unproven = true;
    }

    /// A renew has failed, whoever led it. `retry_after` is the server's wish, in seconds.
    pub fn failed(&mut self, failure: Failure, retry_after: Option<u64>, ticks: u64) {
        self.good = false;
        self.unproven = false;
        self.begin_back_off(failure.clone(), retry_after, ticks);
        self.round(Err(failure));
    }

    /// A renew was refused for good; the session knows. There is nothing to wait for.
    pub fn refused(&mut self, failure: Failure) {
        self.good = false;
        self.unproven = false;
        self.round(Err(failure));
    }

    fn round(&mut self, result: Result<(), Failure>) {
        self.rounds += 1;
        self.last = result;
    }

    /// A request was refused that was signed after the last renew. The failure that stands for a renew now, if none is to
    /// be asked for. `idle`: the token has been idle for so long since that the refusal was to be expected.
    pub fn refused_again(&mut self, idle: bool, ticks: u64) -> Option<Failure> {
        if let Some(failure) = self.back_off(ticks) {
            return Some(failure);
        }
        if !std::mem::take(&mut self.unproven) || idle {
            return None;
        }
        let sentence = "The token was refused again right after E*TRADE had renewed it. Wait, then try again; if this persists, log in again.";
        let failure = Failure::new(Kind::Login, sentence);
        self.begin_back_off(failure.clone(), None, ticks);
        Some(failure)
    }

    fn begin_back_off(&mut self, failure: Failure, retry_after: Option<u64>, ticks: u64) {
        let own = FIRST_BACK_OFF.saturating_mul(1 << self.failures.min(16)).min(LONGEST_BACK_OFF);
        let wished = retry_after.filter(|&seconds| seconds > 0).map(|seconds| seconds.saturating_mul(1000));
        let wait = wished.map_or(own, |wished| wished.min(LONGEST_RETRY_AFTER));
        self.failures = self.failures.saturating_add(1);
        self.back_off = Some(BackOff { until: ticks.saturating_add(wait), failure });
    }

    /// The failure that stands for a renew while none is asked for.
    pub fn back_off(&self, ticks: u64) -> Option<Failure> {
        self.back_off.as_ref().filter(|back_off| ticks < back_off.until).map(|back_off| back_off.failure.clone())
    }

    /// How long no renew is asked for, in milliseconds.
    pub fn wait(&self, ticks: u64) -> u64 {
        self.back_off.as_ref().map_or(0, |back_off| back_off.until.saturating_sub(ticks))
    }

    /// The token was used with success.
    pub fn used(&mut self) {
        self.unproven = false;
        if self.good {
            self.failures = 0;
            self.back_off = None;
        }
    }

    /// A new token: what was learned of the old one counts no more. Those who wait look again.
    pub fn forget(&mut self) {
        *self = Renewal { leads: self.leads, rounds: self.rounds, ..Renewal::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(kind: Kind) -> Failure {
        Failure::new(kind, "")
    }

    fn waits(renewal: &Renewal, ticks: u64) -> u64 {
        (0..400_000).step_by(100).find(|after| renewal.back_off(ticks + after).is_none()).unwrap()
    }

    #[test]
    fn one_leads_and_the_others_share_its_end() {
        let mut renewal = Renewal::default();
        let rounds = renewal.rounds();
        let Turn::Lead(lead) = renewal.join(rounds, false, 0, 1000) else { panic!() };
        assert!(matches!(renewal.join(rounds, false, 999, 5000), Turn::Wait));
        renewal.failed(failure(Kind::RateLimit), None, 999);
        renewal.leave(lead);
        assert!(!renewal.leads(lead));
        let Turn::Ended(Err(shared)) = renewal.join(rounds, false, 999, 5000) else { panic!() };
        assert_eq!(shared.kind, Kind::RateLimit);
    }

    #[test]
    fn a_lead_that_was_given_up_or_ran_out_is_the_next_ones() {
        let mut renewal = Renewal::default();
        let Turn::Lead(first) = renewal.join(0, false, 0, 1000) else { panic!() };
        renewal.leave(first);
        let Turn::Lead(second) = renewal.join(0, false, 1, 1000) else { panic!() };
        renewal.leave(first);
        assert!(renewal.leads(second), "who no longer leads gives nothing back");
        let Turn::Lead(third) = renewal.join(0, false, 1000, 2000) else { panic!() };
        assert!(third > second && !renewal.leads(second) && renewal.back_off(1000).is_none());
    }

    #[test]
    fn the_back_off_doubles_up_to_a_minute() {
        let mut renewal = Renewal::default();
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            renewal.failed(failure(Kind::Unavailable), None, 0);
            assert_eq!(waits(&renewal, 0), seconds * 1000);
        }
        for (wish, seconds) in [(7, 7), (299, 299), (301, 300), (u64::MAX, 300), (0, 60)] {
            renewal.failed(failure(Kind::RateLimit), Some(wish), 0);
            assert_eq!(waits(&renewal, 0), seconds * 1000);
        }
        renewal.used();
        assert!(renewal.back_off(0).is_some(), "a use alone does not end it");
        renewal.succeeded();
        renewal.used();
        renewal.failed(failure(Kind::Unavailable), None, 0);
        assert_eq!(waits(&renewal, 0), 1000);
        renewal.forget();
        assert!(renewal.back_off(0).is_none());
    }

    #[test]
    fn a_refusal_after_a_renew_starts_it_too() {
        let mut renewal = Renewal::default();
        assert!(renewal.refused_again(false, 0).is_none());
        renewal.succeeded();
        assert_eq!(renewal.refused_again(false, 0).unwrap().kind, Kind::Login);
        assert_eq!(renewal.refused_again(false, 999).unwrap().kind, Kind::Login);
        assert!(renewal.refused_again(false, 1000).is_none(), "then a renew may be asked for again");
        renewal.succeeded();
        assert_eq!(renewal.refused_again(false, 1000).unwrap().kind, Kind::Login);
        assert_eq!(waits(&renewal, 1000), 2000);
        renewal.used();
        assert!(renewal.back_off(1000).is_none());
        renewal.succeeded();
        renewal.used();
        assert!(renewal.refused_again(false, 1000).is_none(), "a token that worked has gone idle");
        renewal.succeeded();
        assert!(renewal.refused_again(true, 1000).is_none(), "a token that nobody used for hours has gone idle");
    }
    #[test]
    fn every_end_of_a_renewal_is_shared_by_who_needed_it_before() {
        let mut renewal = Renewal::default();
        assert_eq!(renewal.rounds(), 0);
        renewal.succeeded();
        assert!(matches!(renewal.join(0, false, 0, 1000), Turn::Ended(Ok(()))));
        renewal.refused(failure(Kind::Login));
        assert_eq!(renewal.rounds(), 2);
        let Turn::Ended(Err(shared)) = renewal.join(1, true, 0, 1000) else { panic!() };
        assert_eq!(shared.kind, Kind::Login);
        assert!(renewal.refused_again(false, 0).is_none(), "a refused renewal is none that succeeded");
        assert!(matches!(renewal.join(2, false, 0, 1000), Turn::Lead(_)), "who needs one since then renews");
        assert!(matches!(renewal.join(3, false, 0, 1000), Turn::Wait));
    }

    #[test]
    fn who_was_told_to_renew_does_so_in_a_back_off_too() {
        let mut renewal = Renewal::default();
        renewal.failed(failure(Kind::RateLimit), None, 0);
        assert!(matches!(renewal.join(1, false, 999, 2000), Turn::Ended(Err(_))));
        assert!(matches!(renewal.join(1, true, 999, 2000), Turn::Lead(_)));
        assert_eq!((renewal.wait(0), renewal.wait(999), renewal.wait(1000)), (1000, 1, 0));
    }

    #[test]
    fn a_new_token_begins_afresh_but_goes_on_counting() {
        let mut renewal = Renewal::default();
        let Turn::Lead(old) = renewal.join(0, false, 0, 1000) else { panic!() };
        renewal.failed(failure(Kind::RateLimit), None, 0);
        renewal.forget();
        assert_eq!((renewal.rounds(), renewal.wait(0)), (1, 0));
        let Turn::Lead(new) = renewal.join(1, false, 0, 1000) else { panic!() };
        assert!(new > old && !renewal.leads(old), "a lead of the old token's is not taken for one of the new");
    }
}
