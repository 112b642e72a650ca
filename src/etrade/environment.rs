//! Live and sandbox, and where each one's services are.

use super::{Failure, Kind};
use crate::oauth::RequestUrl;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    Live,
    Sandbox,
}

const LIVE_HOST: &str = "api.etrade.com";
const SANDBOX_HOST: &str = "apisb.etrade.com";

/// Base URLs, without a slash at their end.
#[derive(Clone, Debug)]
pub struct Endpoints {
    pub oauth_base: String,
    pub authorize_url: String,
    pub api_base: String,
}

impl Endpoints {
    /// As the developer guide has them: both environments share one authorization server.
    pub fn of(environment: Environment) -> Endpoints {
        let api_host = match environment {
            Environment::Live => LIVE_HOST,
            Environment::Sandbox => SANDBOX_HOST,
        };
        Endpoints {
            oauth_base: format!("https://{LIVE_HOST}/oauth"),
            authorize_url: "https://us.etrade.com/e/t/etws/authorize".to_owned(),
            api_base: format!("https://{api_host}"),
        }
    }

    /// The same with some URLs replaced; `None` keeps one.
    pub fn with(
        &self,
        oauth_base: Option<&str>,
        authorize_url: Option<&str>,
        api_base: Option<&str>,
    ) -> Result<Endpoints, Failure> {
        let choose = |name, new: Option<&str>, old: &str| match new {
            Some(url) => check_base(name, url),
            None => Ok(old.to_owned()),
        };
        Ok(Endpoints {
            oauth_base: choose("oauth_base", oauth_base, &self.oauth_base)?,
            authorize_url: choose("authorize_url", authorize_url, &self.authorize_url)?,
            api_base: choose("api_base", api_base, &self.api_base)?,
        })
    }

    pub fn oauth_host(&self) -> &str {
        RequestUrl::parse(&self.oauth_base).map_or("", |url| url.host)
    }

    /// Reports conflict about which host accepts sandbox keys, so the refusal of a key names the other host, too.
    pub fn other_oauth_host(&self) -> &'static str {
        if self.oauth_host().eq_ignore_ascii_case(LIVE_HOST) { SANDBOX_HOST } else { LIVE_HOST }
    }
}

fn check_base(name: &str, url: &str) -> Result<String, Failure> {
    let parsed = RequestUrl::parse(url).map_err(|error| match error {
        crate::oauth::Error::Url(fault) => Failure::new(Kind::Url, format!("{name} is not a usable URL: {fault}.")),
        other => other.into(),
    })?;
    if !parsed.https && !parsed.is_loopback() {
        return Err(Failure::new(
            Kind::Insecure,
            format!(
                "{name} begins with http:// and its host is not this machine: secrets would be sent unencrypted. Use https://."
            ),
        ));
    }
    if parsed.query.is_some() {
        return Err(Failure::new(Kind::Url, format!("{name} has a query: give it without the ? and what follows it.")));
    }
    Ok(url.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_urls_are_checked() {
        let live = Endpoints::of(Environment::Live);
        let local = live.with(Some("http://127.0.0.1:80/oauth/"), None, Some("http://[::1]:9")).unwrap();
        assert_eq!(local.oauth_base, "http://127.0.0.1:80/oauth");
        assert_eq!(local.authorize_url, live.authorize_url);
        let kind = |url| live.with(None, Some(url), None).unwrap_err().kind;
        assert_eq!(kind("http://us.etrade.com/x"), Kind::Insecure);
        assert_eq!(kind("https://us.etrade.com/x?y"), Kind::Url);
        assert_eq!(kind("us.etrade.com"), Kind::Url);
    }

    #[test]
    fn the_other_host_is_named() {
        assert_eq!(Endpoints::of(Environment::Sandbox).other_oauth_host(), "apisb.etrade.com");
        let sandbox = Endpoints::of(Environment::Sandbox).with(Some("https://apisb.etrade.com/oauth"), None, None);
        assert_eq!(sandbox.unwrap().other_oauth_host(), "api.etrade.com");
    }
}
