//! The four OAuth calls. https://apisb.etrade.com/docs/api/authorization/request_token.html and its neighbours

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "the names are E*TRADE's")]
pub enum OAuthCall {
    RequestToken,
    AccessToken,
    RenewAccessToken,
    RevokeAccessToken,
}

impl OAuthCall {
    /// E*TRADE's own name of the call.
    pub fn name(self) -> &'static str {
        match self {
            OAuthCall::RequestToken => "Get Request Token",
            OAuthCall::AccessToken => "Get Access Token",
            OAuthCall::RenewAccessToken => "Renew Access Token",
            OAuthCall::RevokeAccessToken => "Revoke Access Token",
        }
    }

    /// Its path under the OAuth base URL.
    pub fn path(self) -> &'static str {
        match self {
            OAuthCall::RequestToken => "request_token",
            OAuthCall::AccessToken => "access_token",
            OAuthCall::RenewAccessToken => "renew_access_token",
            OAuthCall::RevokeAccessToken => "revoke_access_token",
        }
    }
}
