//! Request tokens, access tokens and how long they live.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::percent_decode_str;
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

use crate::clock::next_midnight;
use crate::kept::Kept;
use crate::problem::Problem;
use crate::sandbox::SignedWith;

/// How far a timestamp may lie from the clock.
pub const CLOCK_TOLERANCE: i64 = 5 * 60;
const REQUEST_TOKEN_LIFE: i64 = 5 * 60;
/// Why tokens are rejected.
const UNKNOWN: &str = "The sandbox has not issued this token, or was reset since.";
const REPLACED: &str = "The access token was replaced by a later login of the same person.";

const IDLE_LIFE: i64 = 2 * 60 * 60;

/// A token with its secret, as the person's application gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub token: String,
    pub secret: String,
}

impl Pair {
    fn random() -> Self {
        Self { token: random_token(), secret: random_token() }
    }
}

#[derive(Debug)]
struct RequestToken {
    secret: String,
    /// The consumer key that it was issued to.
    consumer: String,
    expires_at: i64,
    /// Set once the person has approved.
    verifier: Option<String>,
    /// Who has approved it, if there are several persons.
    person: String,
    spent: Option<Spent>,
}

/// What a request token's end was, other than the end of its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spent {
    Exchanged,
    Declined,
}

/// Why a person can't be asked about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotPending {
    Unknown,
    AccessToken,
    /// So many seconds ago.
    Expired(i64),
    Exchanged,
    Declined,
}

#[derive(Debug)]
struct AccessToken {
    secret: String,
    consumer: String,
    /// The secret of the request token that it was exchanged for.
    request_secret: String,
    person: String,
    issued_at: i64,
    idle_at: i64,
    /// From when to when it was inactive.
    idle_spells: Vec<(i64, i64)>,
    dies_at: i64,
    withdrawn: Option<Withdrawal>,
}

/// How an access token ended before its day did, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Withdrawal {
    reason: &'static str,
    at: i64,
}

impl AccessToken {
    /// Whether it still is a token of today that nobody withdrew.
    fn alive(&self, now: i64) -> Result<(), Problem> {
        match (self.withdrawn, now >= self.dies_at) {
            (Some(end), _) if end.reason == "replaced" => Err(Problem::TokenRejected(REPLACED)),
            (Some(_), _) => Err(Problem::TokenRejected("The access token was revoked.")),
            (_, true) => Err(Problem::TokenExpired("The access token ended at midnight in New York: log in again.")),
            _ => Ok(()),
        }
    }
}

/// The tokens that were issued: a dead one must still be known, to be refused for the right reason.
#[derive(Debug, Default)]
pub struct Tokens {
    requests: Kept<RequestToken>,
    accesses: Kept<AccessToken>,
}

impl Tokens {
    /// A new request token, already approved when there is a verifier.
    pub fn issue_request(&mut self, consumer: &str, now: i64, verifier: Option<String>) -> Pair {
        let pair = Pair::random();
        let token = RequestToken {
            secret: pair.secret.clone(),
            consumer: consumer.to_owned(),
            expires_at: now + REQUEST_TOKEN_LIFE,
            verifier,
            person: String::new(),
            spent: None,
        };
        self.requests.insert(pair.token.clone(), token);
        pair
    }

    pub fn request_secret(&self, token: &str) -> Option<&str> {
        self.requests.get(token).map(|request| request.secret.as_str())
    }

    pub fn access_secret(&self, token: &str) -> Option<&str> {
        self.accesses.get(token).map(|access| access.secret.as_str())
    }

    /// Whether this is the secret of a token.
    pub fn knows_secret(&self, text: &str) -> bool {
        self.requests.values().any(|request| request.secret == text)
            || self.accesses.values().any(|access| access.secret == text)
    }

    /// The consumer key that a token of either kind was issued to.
    pub fn consumer_of(&self, token: &str) -> Option<&str> {
        let access = self.accesses.get(token).map(|access| &access.consumer);
        access.or_else(|| self.requests.get(token).map(|request| &request.consumer)).map(String::as_str)
    }

    /// Until when the person can be asked about this request token.
    pub fn pending_until(&self, token: &str, now: i64) -> Result<i64, NotPending> {
        let Some(request) = self.requests.get(token) else {
            let known = self.accesses.contains_key(token);
            return Err(if known { NotPending::AccessToken } else { NotPending::Unknown });
        };
        match request.spent {
            Some(Spent::Exchanged) => Err(NotPending::Exchanged),
            Some(Spent::Declined) => Err(NotPending::Declined),
            None if now >= request.expires_at => Err(NotPending::Expired(now.saturating_sub(request.expires_at))),
            None => Ok(request.expires_at),
        }
    }

    /// Why a token that is not one of this kind may have been sent.
    pub fn objection_to(&self, token: &str, wanted: SignedWith) -> &'static str {
        let issued = |token: &str| self.requests.contains_key(token) || self.accesses.contains_key(token);
        let decoded = percent_decode_str(token).decode_utf8_lossy();
        match wanted {
            SignedWith::AccessToken if self.requests.contains_key(token) => {
                "This is a request token: exchange it for an access token first."
            }
            SignedWith::RequestToken if self.accesses.contains_key(token) => {
                "This is an access token: the exchange takes a request token."
            }
            _ if decoded != token && issued(&decoded) => {
                "The token is percent-encoded twice: decode it when it is received, and encode it once."
            }
            _ if token.contains(' ') && issued(&token.replace(' ', "+")) => {
                "The token has spaces in place of its plus signs."
            }
            _ => UNKNOWN,
        }
    }

    /// The secret of the request token that this access token was exchanged for.
    pub fn request_secret_of(&self, access_token: &str) -> Option<&str> {
        self.accesses.get(access_token).map(|access| access.request_secret.as_str())
    }

    /// This person accepts: the verifier, a new one unless the token already has one.
    pub fn approve(&mut self, token: &str, person: &str, now: i64) -> Option<String> {
        self.pending_until(token, now).ok()?;
        let request = self.requests.get_mut(token)?;
        person.clone_into(&mut request.person);
        Some(request.verifier.get_or_insert_with(random_verifier).clone())
    }

    /// The person declines.
    pub fn decline(&mut self, token: &str) {
        if let Some(request) = self.requests.get_mut(token) {
            request.spent = Some(Spent::Declined);
        }
    }

    /// Exchanges a request token for an access token, which replaces those that the person had before.
    pub fn exchange(&mut self, token: &str, verifier: &str, now: i64) -> Result<Pair, Problem> {
        let request = self.requests.get_mut(token).ok_or(Problem::TokenRejected(UNKNOWN))?;
        if now >= request.expires_at {
            return Err(Problem::TokenExpired("The request token has expired: it lives for five minutes."));
        }
        let objection = match (request.spent, request.verifier.as_deref()) {
            (Some(Spent::Exchanged), _) => Some("The request token was exchanged before: it serves once."),
            (Some(Spent::Declined), _) => Some("The person has declined."),
            (None, None) => Some("The person has not approved the request token."),
            (None, Some(expected)) => (expected != verifier).then_some("This is not the token's oauth_verifier."),
        };
        if let Some(objection) = objection {
            return Err(Problem::TokenRejected(objection));
        }
        request.spent = Some(Spent::Exchanged);
        let same_login =
            |other: &&mut AccessToken| other.person == request.person && other.consumer == request.consumer;
        for earlier in self.accesses.values_mut().filter(same_login) {
            earlier.withdrawn.get_or_insert(Withdrawal { reason: "replaced", at: now });
        }

        let pair = Pair::random();
        let access = AccessToken {
            secret: pair.secret.clone(),
            consumer: request.consumer.clone(),
            request_secret: request.secret.clone(),
            person: request.person.clone(),
            issued_at: now,
            idle_spells: Vec::new(),
            idle_at: now + IDLE_LIFE,
            dies_at: next_midnight(now),
            withdrawn: None,
        };
        self.accesses.insert(pair.token.clone(), access);
        Ok(pair)
    }

    /// An API call with this access token: whose it is.
    pub fn spend(&mut self, token: &str, now: i64) -> Result<&str, Problem> {
        let access = self.accesses.get_mut(token).ok_or(Problem::TokenRejected(UNKNOWN))?;
        access.alive(now)?;
        if now >= access.idle_at {
            return Err(Problem::TokenExpired("The access token was idle for two hours: renew it."));
        }
        access.idle_at = now + IDLE_LIFE;
        Ok(&access.person)
    }

    /// Ends the idleness of an access token, but never its day.
    pub fn renew(&mut self, token: &str, now: i64) -> Result<(), Problem> {
        let access = self.accesses.get_mut(token).ok_or(Problem::TokenRejected(UNKNOWN))?;
        access.alive(now)?;
        if now >= access.idle_at {
            access.idle_spells.push((access.idle_at.max(access.issued_at), now));
        }
        access.idle_at = now + IDLE_LIFE;
        Ok(())
    }

    pub fn revoke(&mut self, token: &str, now: i64) -> Result<(), Problem> {
        let access = self.accesses.get_mut(token).ok_or(Problem::TokenRejected(UNKNOWN))?;
        access.alive(now)?;
        access.withdrawn = Some(Withdrawal { reason: "revoked", at: now });
        Ok(())
    }

    /// The access tokens and the request tokens that still mean something, each kind in order of age.
    pub fn report(&self, now: i64) -> Value {
        let mut accesses: Vec<_> = self.accesses.iter().collect();
        accesses.sort_by_key(|(token, access)| (access.issued_at, *token));
        let accesses = accesses.into_iter().map(|(token, access)| {
            json!({
                "token": token,
                "person": access.person,
                "issued_at": access.issued_at,
                // A test may have ended them before they began.
                "idle_at": access.idle_at.max(access.issued_at),
                "idle_spells": access.idle_spells,
                "dies_at": access.dies_at.max(access.issued_at),
                "withdrawn": access.withdrawn.map(|end| json!({"reason": end.reason, "at": end.at})),
            })
        });
        let mut requests: Vec<_> =
            self.requests.iter().filter(|(_, request)| request.spent.is_none() && now < request.expires_at).collect();
        requests.sort_by_key(|(token, request)| (request.expires_at, *token));
        let requests = requests.into_iter().map(|(token, request)| {
            json!({
                "token": token,
                "key": request.consumer,
                "person": request.person,
                "approved": request.verifier.is_some(),
                "expires_at": request.expires_at,
            })
        });
        json!({"access": accesses.collect::<Vec<_>>(), "request": requests.collect::<Vec<_>>()})
    }

    /// Makes the access tokens idle; the clock stays.
    pub fn expire_idle(&mut self) {
        self.accesses.values_mut().for_each(|access| access.idle_at = i64::MIN);
    }

    /// Ends the day of the access tokens; the clock stays.
    pub fn expire_day(&mut self) {
        self.accesses.values_mut().for_each(|access| access.dies_at = i64::MIN);
    }

    /// Ends the five minutes of the request tokens; the clock stays.
    pub fn expire_requests(&mut self) {
        self.requests.values_mut().for_each(|request| request.expires_at = i64::MIN);
    }
}

fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the system's random generator works");
    bytes
}

/// Base64 of 32 bytes. Each has a `+` or a `/`, so that a missing escape shows at once.
fn random_token() -> String {
    loop {
        let token = BASE64.encode(random_bytes::<32>());
        if token.contains(['+', '/']) {
            return token;
        }
    }
}

fn random_verifier() -> String {
    // Without I, O, 0 and 1, which a person may mistake for each other.
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let letter = |byte: u8| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]);
    random_bytes::<5>().map(letter).iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPIRED: Result<(), &str> = Err("token_expired");
    const REJECTED: Result<(), &str> = Err("token_rejected");

    /// The code of what a token is refused for.
    fn code<T>(result: Result<T, Problem>) -> Result<(), &'static str> {
        result.map(drop).map_err(|problem| problem.code())
    }

    /// 2026-01-15 12:00 in New York.
    const NOON: i64 = 1_768_496_400;
    const HOUR: i64 = 3600;

    fn logged_in(now: i64) -> (Tokens, String) {
        let mut tokens = Tokens::default();
        let request = tokens.issue_request("key", now, Some("CODE1".to_owned()));
        let access = tokens.exchange(&request.token, "CODE1", now).unwrap();
        (tokens, access.token)
    }

    #[test]
    fn tokens_look_like_the_real_ones() {
        for _ in 0..100 {
            let token = random_token();
            assert_eq!(token.len(), 44);
            assert!(token.ends_with('=') && token.contains(['+', '/']));
        }
        let verifier = random_verifier();
        assert_eq!(verifier.len(), 5);
        assert!(verifier.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
    }

    #[test]
    fn a_request_token_lives_five_minutes() {
        let mut tokens = Tokens::default();
        let request = tokens.issue_request("key", NOON, None).token;
        let verifier = tokens.approve(&request, "", NOON + 299).unwrap();
        assert_eq!(tokens.approve(&request, "", NOON + 300), None);
        assert_eq!(code(tokens.exchange(&request, &verifier, NOON + 300)), EXPIRED);
        assert!(tokens.exchange(&request, &verifier, NOON + 299).is_ok());
    }

    #[test]
    fn a_verifier_is_checked_and_used_once() {
        let mut tokens = Tokens::default();
        let request = tokens.issue_request("key", NOON, None).token;
        assert_eq!(code(tokens.exchange(&request, "", NOON)), REJECTED);
        let verifier = tokens.approve(&request, "", NOON).unwrap();
        assert_eq!(tokens.approve(&request, "", NOON).as_ref(), Some(&verifier));
        assert_eq!(code(tokens.exchange(&request, "wrong", NOON)), REJECTED);
        assert!(tokens.exchange(&request, &verifier, NOON).is_ok());
        assert_eq!(code(tokens.exchange(&request, &verifier, NOON)), REJECTED);

        let declined = tokens.issue_request("key", NOON, Some("CODE1".to_owned())).token;
        tokens.decline(&declined);
        assert_eq!(code(tokens.exchange(&declined, "CODE1", NOON)), REJECTED);
    }

    #[test]
    fn an_access_token_falls_idle_and_is_renewed() {
        let (mut tokens, access) = logged_in(NOON);
        tokens.spend(&access, NOON + HOUR).unwrap();
        tokens.spend(&access, NOON + 3 * HOUR - 1).unwrap();
        assert_eq!(code(tokens.spend(&access, NOON + 5 * HOUR - 1)), EXPIRED);
        tokens.renew(&access, NOON + 5 * HOUR).unwrap();
        tokens.spend(&access, NOON + 5 * HOUR).unwrap();
    }

    #[test]
    fn a_report_tells_a_tokens_day() {
        let (mut tokens, access) = logged_in(NOON);
        tokens.renew(&access, NOON + HOUR).unwrap();
        tokens.renew(&access, NOON + 4 * HOUR).unwrap();
        tokens.revoke(&access, NOON + 5 * HOUR).unwrap();
        let waiting = tokens.issue_request("key", NOON + 5 * HOUR, None);
        let report = tokens.report(NOON + 5 * HOUR);
        let expected = json!({
            "access": [{
                "token": access, "person": "", "issued_at": NOON, "idle_at": NOON + 6 * HOUR,
                "idle_spells": [[NOON + 3 * HOUR, NOON + 4 * HOUR]], "dies_at": NOON + 12 * HOUR,
                "withdrawn": {"reason": "revoked", "at": NOON + 5 * HOUR},
            }],
            "request": [{
                "token": waiting.token, "key": "key", "person": "", "approved": false, "expires_at": NOON + 5 * HOUR + 300,
            }],
        });
        assert_eq!(report, expected);
        assert_eq!(tokens.report(NOON + 6 * HOUR)["request"], json!([]));
    }

    #[test]
    fn an_access_token_dies_at_midnight() {
        let midnight = NOON + 12 * HOUR;
        let (mut tokens, access) = logged_in(midnight - 10);
        tokens.spend(&access, midnight - 1).unwrap();
        assert_eq!(code(tokens.spend(&access, midnight)), EXPIRED);
        assert_eq!(code(tokens.renew(&access, midnight)), EXPIRED);
        let (mut tokens, access) = logged_in(midnight);
        tokens.spend(&access, midnight + 1).unwrap();
    }

    #[test]
    fn days_of_a_clock_change_have_23_and_25_hours() {
        // 00:00:00 in New York on 2026-03-08 and 2026-11-01.
        for (start, hours) in [(1_772_946_000, 23), (1_793_505_600, 25)] {
            let (mut tokens, access) = logged_in(start);
            let midnight = start + hours * HOUR;
            tokens.renew(&access, midnight - 1).unwrap();
            tokens.spend(&access, midnight - 1).unwrap();
            assert_eq!(code(tokens.renew(&access, midnight)), EXPIRED);
        }
    }

    #[test]
    fn revoked_and_replaced_tokens_are_rejected() {
        let (mut tokens, first) = logged_in(NOON);
        let request = tokens.issue_request("key", NOON, Some("CODE2".to_owned())).token;
        let second = tokens.exchange(&request, "CODE2", NOON).unwrap().token;
        assert_eq!(code(tokens.spend(&first, NOON)), REJECTED);
        assert_eq!(code(tokens.renew(&first, NOON)), REJECTED);
        tokens.revoke(&second, NOON).unwrap();
        assert_eq!(code(tokens.spend(&second, NOON)), REJECTED);
        assert_eq!(code(tokens.revoke(&second, NOON)), REJECTED);
        assert_eq!(code(tokens.spend(&request, NOON)), REJECTED);
    }

    #[test]
    fn persons_keep_their_own_tokens() {
        let mut tokens = Tokens::default();
        let log_in = |tokens: &mut Tokens, person| {
            let request = tokens.issue_request("key", NOON, None).token;
            let verifier = tokens.approve(&request, person, NOON).unwrap();
            tokens.exchange(&request, &verifier, NOON).unwrap().token
        };
        let (ann, bob) = (log_in(&mut tokens, "Ann"), log_in(&mut tokens, "Bob"));
        let later = log_in(&mut tokens, "Ann");
        assert_eq!(code(tokens.spend(&ann, NOON)), REJECTED);
        tokens.spend(&later, NOON).unwrap();
        tokens.spend(&bob, NOON).unwrap();
    }

    #[test]
    fn tokens_expire_on_demand() {
        let (mut tokens, access) = logged_in(NOON);
        tokens.expire_idle();
        assert_eq!(code(tokens.spend(&access, NOON)), EXPIRED);
        tokens.renew(&access, NOON).unwrap();
        tokens.spend(&access, NOON).unwrap();
        tokens.expire_day();
        assert_eq!(code(tokens.renew(&access, NOON)), EXPIRED);
        let request = tokens.issue_request("key", NOON, None).token;
        tokens.expire_requests();
        assert!(matches!(tokens.pending_until(&request, NOON), Err(NotPending::Expired(_))));
    }
}
