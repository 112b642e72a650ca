//! API calls: signed, sent, judged, and repaired where that can't do harm.

use std::sync::Arc;

use super::http::{Lost, Outgoing};
use super::operation::Operation;
use super::{Client, Response, time};
use crate::etrade::{Advice, Answer, Endpoints, Failure, Kind, Meaning, Refusal, Repairs, Reply, only_asks};
use crate::oauth::{Error, Nonce, Request, RequestUrl, Stamp};

/// The largest answer, in bytes.
const LARGEST_BODY: usize = 16 << 20;
/// However many faults it meets, a call goes out no more often than this.
const MOST_SENDS: u32 = 3;
const FORM: &str = "application/x-www-form-urlencoded";

/// One API call of the caller's, checked.
struct ApiCall<'a> {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<&'a [u8]>,
    form: Option<&'a str>,
}

impl Client {
    pub fn send(&self, method: &str, url: &str, headers: &str, body: &[u8]) -> Result<Response, Failure> {
        let endpoints = self.endpoints();
        let call = ApiCall::check(method, url, headers, body, &endpoints)?;
        let operation = self.begin_operation()?;
        self.adopt_newer(&operation)?;
        let mut repairs = Repairs::default();
        let mut afresh = false;
        for attempts in 1.. {
            let rounds = self.renewal.rounds();
            let edition = self.store.read(|session| session.edition());
            let (reply, answer) = match self.attempt(&call, &operation, afresh) {
                Ok(answered) => answered,
                Err(lost) if lost.dead_connection && only_asks(&call.method) && !afresh && attempts < MOST_SENDS => {
                    self.log.note(&call.name(), 0, "", "the kept connection was dead: once more");
                    afresh = true;
                    continue;
                }
                Err(lost) => return Err(self.unanswered(&call, lost)),
            };
            let Some(problem) = answer.problem else {
                return Ok(Response::new(reply, answer.advice, attempts));
            };
            if attempts < MOST_SENDS && repairs.allow(answer.advice, &problem) {
                let action = if answer.advice == Advice::Renew { "renew, then once more" } else { "once more" };
                self.log.note(&call.name(), reply.status, &problem.code, action);
                if answer.advice == Advice::Renew {
                    self.repair(&operation, rounds, edition)?;
                }
                continue;
            }
            if !problem.is_oauth_failure() {
                self.log.note(&call.name(), reply.status, &problem.code, "given to the caller");
                return Ok(Response::new(reply, answer.advice, attempts));
            }
            if matches!(answer.advice, Advice::Renew | Advice::Login) {
                self.store.update(|session| session.needs_login(&answer.token));
            }
            let refusal = Refusal { what: &call.method, url: &call.url, reply: &reply, problem: Some(&problem) };
            let failure = match (problem.meaning, answer.advice) {
                (Meaning::NonceUsed, Advice::Check) => refusal.because(
                    Kind::Uncertain,
                    "the server has seen this request before, so an earlier copy may have been carried out. Look before you repeat it.",
                ),
                (meaning, _) => refusal.failure(meaning, &endpoints),
            };
            self.log.failed(&call.name(), &failure);
            return Err(failure);
        }
        unreachable!("the last of three sends returns")
    }

    /// Signs, sends and judges once.
    fn attempt(&self, call: &ApiCall, operation: &Arc<Operation>, afresh: bool) -> Result<(Reply, Judged), Lost> {
        let signing = match self.store.signing() {
            Some(signing) => signing,
            None => return Err(self.access_token().err().unwrap_or_else(super::just_replaced).into()),
        };
        if self.store.read(|session| session.is_dead(&signing.token)) {
            let sentence = "Only a login helps: E*TRADE will not renew the access token.";
            return Err(Failure::new(Kind::Login, sentence).into());
        }
        let nonce = Nonce::from_system().map_err(Failure::from)?;
        let stamp = Stamp { timestamp: self.server_time()?, nonce: &nonce };
        let request = Request::new(&call.method, &call.url, call.form);
        let authorization = signing.signer.authorization(&request, &stamp).map_err(Failure::from)?;
        let outgoing = Outgoing {
            method: &call.method,
            url: &call.url,
            authorization: &authorization,
            headers: &call.headers,
            body: call.body,
            limit: LARGEST_BODY,
            once_only: !only_asks(&call.method),
            new_connection: afresh,
        };
        let reply = self.http()?.send(operation, &outgoing)?;
        let now = time::now()?;
        let token = signing.token.clone();
        let judgement = self.store.used(operation, |session| {
            Answer { reply: &reply, method: &call.method, token: Some(&token) }.judge(session, &self.clock, now)
        });
        Ok((reply, Judged { advice: judgement.advice, problem: judgement.problem, token }))
    }

    /// A request that left without an answer is uncertain, whatever ended it.
    fn unanswered(&self, call: &ApiCall, lost: Lost) -> Failure {
        let mut failure = lost.failure;
        if lost.sent && matches!(failure.kind, Kind::Timeout | Kind::Response | Kind::Connect | Kind::Cancelled) {
            failure.kind = Kind::Uncertain;
        }
        if failure.kind == Kind::Uncertain {
            failure.sentence += " The request may have been carried out: look before you repeat it.";
        }
        self.log.failed(&call.name(), &failure);
        failure
    }
}

struct Judged {
    advice: Advice,
    problem: Option<crate::etrade::Problem>,
    token: Arc<crate::etrade::Token>,
}

impl<'a> ApiCall<'a> {
    fn check(
        method: &str,
        url: &str,
        headers: &str,
        body: &'a [u8],
        endpoints: &Endpoints,
    ) -> Result<ApiCall<'a>, Failure> {
        let url = resolve(url, endpoints)?;
        let headers = read_headers(headers)?;
        let content_type = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
        let is_form = content_type
            .is_some_and(|(_, value)| value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM));
        if !body.is_empty() && content_type.is_none() {
            return Err(Failure::new(Kind::Argument, "headers lack a Content-Type, which a body needs."));
        }
        let form = if is_form {
            let text = std::str::from_utf8(body);
            Some(text.map_err(|_| Failure::new(Kind::Argument, "body is no form: it is not UTF-8."))?)
        } else {
            None
        };
        let method = method.to_ascii_uppercase();
        // Method, URL and form are checked before anything depends on the state.
        Request::new(&method, &url, form).check().map_err(|error| match error {
            Error::Form(why) => Failure::new(Kind::Argument, format!("body is no form-encoded text: {why}.")),
            error => error.into(),
        })?;
        let carries = !body.is_empty() || matches!(&*method, "POST" | "PUT" | "PATCH");
        Ok(ApiCall { method, url, headers, body: carries.then_some(body), form })
    }

    /// For the log: no path, since it holds account numbers.
    fn name(&self) -> String {
        format!("{} {}", self.method, RequestUrl::parse(&self.url).map_or("", |url| url.host))
    }
}

/// Credentials go to the API's own origin only.
fn resolve(url: &str, endpoints: &Endpoints) -> Result<String, Failure> {
    if url.starts_with('/') && !url.starts_with("//") {
        return Ok(format!("{}{url}", endpoints.api_base));
    }
    if !url.contains("://") {
        return Err(Error::Url("it is neither a path that begins with / nor a whole https:// URL").into());
    }
    let (asked, base) = (RequestUrl::parse(url)?, RequestUrl::parse(&endpoints.api_base)?);
    if !asked.https && !asked.is_loopback() {
        let sentence =
            "url begins with http:// and its host is not this machine: the request would travel in the clear.";
        return Err(Failure::new(Kind::Insecure, sentence));
    }
    if !asked.same_origin(&base) {
        let sentence =
            format!("url is of another host than the API's, {}: the token is for that one only.", endpoints.api_base);
        return Err(Failure::new(Kind::Url, sentence));
    }
    Ok(url.to_owned())
}

/// Reads "Name: value" lines; those that the library writes itself are refused.
fn read_headers(headers: &str) -> Result<Vec<(String, String)>, Failure> {
    const OURS: [&str; 4] = ["Authorization", "Host", "Content-Length", "Transfer-Encoding"];
    let wrong = |why: &str| Failure::new(Kind::Argument, format!("headers hold a line that {why}."));
    let mut all = Vec::new();
    for line in headers.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
        if line.is_empty() {
            continue;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| wrong("is no \"Name: value\""))?;
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(wrong("has no proper name before the colon"));
        }
        if !value.bytes().all(|byte| byte == b'\t' || byte == b' ' || byte.is_ascii_graphic()) {
            return Err(wrong("has a control character or one beyond ASCII"));
        }
        if OURS.iter().any(|ours| ours.eq_ignore_ascii_case(name)) {
            return Err(wrong(&format!("is for the library to write: {name}")));
        }
        all.push((name.to_owned(), value.trim().to_owned()));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etrade::Environment;

    fn check(url: &str, headers: &str, body: &str) -> Result<(String, Option<String>), Kind> {
        let endpoints = Endpoints::of(Environment::Live);
        let call = ApiCall::check("post", url, headers, body.as_bytes(), &endpoints).map_err(|failure| failure.kind)?;
        Ok((call.url, call.form.map(str::to_owned)))
    }

    #[test]
    fn urls_stay_with_the_api() {
        let url = |url| check(url, "", "").map(|(url, _)| url);
        assert_eq!(url("/v1/a?b=c"), Ok("https://api.etrade.com/v1/a?b=c".to_owned()));
        assert_eq!(url("https://API.etrade.com:443/v1"), Ok("https://API.etrade.com:443/v1".to_owned()));
        for elsewhere in ["https://apisb.etrade.com/v1", "https://api.etrade.com:444/", "https://api.etrade.com.evil/"]
        {
            assert_eq!(url(elsewhere), Err(Kind::Url));
        }
        assert_eq!(url("http://api.etrade.com/v1"), Err(Kind::Insecure));
        assert_eq!(url("http://localhost/v1"), Err(Kind::Url));
        for bad in ["", "v1", "//evil/", "/a b", "/\u{e9}", "/a#b"] {
            assert!(matches!(url(bad), Err(Kind::Signing(Error::Url(_)))), "{bad}");
        }
    }

    #[test]
    fn headers_are_checked() {
        let read = |text: &str| read_headers(text).map_err(|failure| failure.kind);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read("A: b\r\nC:d e \n\n"), Ok(vec![pair("A", "b"), pair("C", "d e")]));
        for bad in [
            "A",
            ": b",
            "A b: c",
            "A: b\rX: y",
            "A: \0",
            "authorization: x",
            "HOST:",
            "Content-length: 1",
            "Transfer-Encoding: x",
            " A: folded",
        ] {
            assert_eq!(read(bad), Err(Kind::Argument), "{bad:?}");
        }
    }

    #[test]
    fn only_forms_are_signed_and_bodies_have_a_type() {
        let form = |headers, body| check("/", headers, body).map(|(_, form)| form);
        assert_eq!(
            form("content-type: Application/X-WWW-Form-Urlencoded; charset=utf-8", "a=b"),
            Ok(Some("a=b".to_owned()))
        );
        assert_eq!(form("Content-Type: application/json", "{}"), Ok(None));
        assert_eq!(form("", "{}"), Err(Kind::Argument));
        assert_eq!(form("Content-Type: application/x-www-form-urlencoded", "a=%"), Err(Kind::Argument));
    }
}
