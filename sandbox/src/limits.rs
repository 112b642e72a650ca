//! How many requests a second the modules of the API take.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// The modules with their limits, as E*TRADE published them for its API of version 0.
const ACCOUNTS: (&str, usize) = ("accounts", 2);
const ORDERS: (&str, usize) = ("orders", 2);
const MARKET: (&str, usize) = ("market", 4);

/// When the requests of the last second came, by module.
#[derive(Debug, Default)]
pub struct Limits {
    recent: HashMap<&'static str, VecDeque<Instant>>,
}

impl Limits {
    /// Counts a request, unless there are too many within a second.
    pub fn allow(&mut self, path: &str, at: Instant) -> bool {
        let Some((module, limit)) = module(path) else {
            return true;
        };
        let recent = self.recent.entry(module).or_default();
        while recent.front().is_some_and(|first| at.duration_since(*first) >= Duration::from_secs(1)) {
            recent.pop_front();
        }
        let allowed = recent.len() < limit;
        if allowed {
            recent.push_back(at);
        }
        allowed
    }
}

fn module(path: &str) -> Option<(&'static str, usize)> {
    let mut steps = path.strip_prefix("/v1/")?.split('/');
    match (steps.next()?, steps.nth(1)) {
        ("accounts", Some(step)) if step.starts_with("orders") => Some(ORDERS),
        ("accounts", _) => Some(ACCOUNTS),
        ("market", _) => Some(MARKET),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_module_has_a_limit_of_its_own() {
        let mut limits = Limits::default();
        let begin = Instant::now();
        let mut allowed = |path, ms| limits.allow(path, begin + Duration::from_millis(ms));
        assert!(allowed("/v1/accounts/list", 0) && allowed("/v1/accounts/x/balance", 500));
        assert!(!allowed("/v1/accounts/list.json", 999));
        assert!(allowed("/v1/accounts/x/orders/place", 999) && allowed("/v1/accounts/x/orders.json", 999));
        assert!(!allowed("/v1/accounts/x/orders", 999));
        assert!(allowed("/v1/accounts/list", 1000) && !allowed("/v1/accounts/list", 1001));
        assert!((0..4).all(|_| allowed("/v1/market/quote/A", 1000)) && !allowed("/v1/market/lookup/A", 1000));
        assert!((0..9).all(|_| allowed("/v1/echo", 1000) && allowed("/oauth/request_token", 1000)));
    }
}
