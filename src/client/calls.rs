//! The calls of the blocking client.

use std::sync::Arc;

use super::driver::{Ended, Payload};
use super::operation::Operation;
use super::{Client, Response, time};
use crate::etrade::{
    ApiCall, ApiRequest, Exchange, Failure, Kind, LARGEST_BODY, Need, OAuthCall, SharedRenew, Verifier, only_asks,
    retry_after,
};
use crate::oauth::RequestUrl;

impl Client {
    pub fn fetch_request_token(&self) -> Result<(), Failure> {
        self.exchange(OAuthCall::RequestToken, None, &self.begin_operation()?).map(|_| ())
    }

    /// A login that could not be saved is reported, since the next start would not know of it.
    pub fn fetch_access_token(&self, verifier: &str) -> Result<(), Failure> {
        let verifier = Verifier::read(verifier)?;
        let operation = self.begin_operation()?;
        self.adopt_newer();
        self.exchange(OAuthCall::AccessToken, Some(verifier), &operation)?.saved
    }

    pub fn revoke_access_token(&self) -> Result<(), Failure> {
        let operation = self.begin_operation()?;
        self.adopt_newer();
        self.exchange(OAuthCall::RevokeAccessToken, None, &operation).map(|_| ())
    }

    pub fn renew_access_token(&self) -> Result<(), Failure> {
        self.shared_renew(Need::Always)
    }

    /// Makes sure that the token will be active for some seconds more, by one renewal if necessary.
    pub fn ensure_active(&self, seconds: u32) -> Result<(), Failure> {
        self.shared_renew(Need::ActiveFor(seconds))
    }

    fn shared_renew(&self, need: Need) -> Result<(), Failure> {
        let operation = self.begin_operation()?;
        self.adopt_newer();
        let endpoints = self.endpoints();
        let mut renew = self.store.read(|session| SharedRenew::new(need, endpoints, session));
        self.drive(&mut renew, &Payload::bare(""), &operation).map(|_| ())
    }

    fn exchange(
        &self,
        call: OAuthCall,
        verifier: Option<Verifier>,
        operation: &Arc<Operation>,
    ) -> Result<Ended, Failure> {
        let endpoints = self.endpoints();
        let name = format!("{} {}", call.name(), endpoints.oauth_host());
        let now = time::now()?;
        let mut exchange = self.store.update(|session| {
            Exchange::begin(call, verifier, endpoints, &self.context(session, now, operation.remaining()))
        })?;
        let payload = Payload { once_only: call == OAuthCall::AccessToken, ..Payload::bare(&name) };
        self.drive(&mut exchange, &payload, operation)
    }

    pub fn send(&self, method: &str, url: &str, headers: &str, body: &[u8]) -> Result<Response, Failure> {
        let endpoints = self.endpoints();
        let mut request = ApiRequest::check(method, url, headers, body, &endpoints)?;
        let operation = self.begin_operation()?;
        self.adopt_newer();
        let headers = std::mem::take(&mut request.headers);
        let method = request.method.clone();
        // The log keeps it: whatever the caller takes for a method or a host, it is short.
        let name = format!("{method:.20} {:.255}", RequestUrl::parse(&request.url).map_or("", |url| url.host));
        let payload = Payload {
            name: &name,
            method: &method,
            headers: &headers,
            body: request.has_body.then_some(body),
            limit: LARGEST_BODY,
            once_only: !only_asks(&method),
            changes: false,
        };
        let outcome = self.drive(&mut ApiCall::new(request, endpoints), &payload, &operation)?.outcome;
        match outcome.reply {
            Some(reply) => {
                let wait = time::now().ok().and_then(|now| retry_after(&reply, &self.clock, now)).unwrap_or(0);
                Ok(Response::new(reply, outcome.advice, outcome.sends, wait))
            }
            None => Err(Failure::new(
                Kind::Uncertain,
                "The call ended without a response. Check whether it was carried out before you repeat it.",
            )),
        }
    }
}
