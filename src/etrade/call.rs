//! The four OAuth calls. https://apisb.etrade.com/docs/api/authorization/request_token.html and its neighbours

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::enum_variant_names, reason = "the names are E*TRADE's")]
pub enum Call {
    RequestToken,
    AccessToken,
    RenewAccessToken,
    RevokeAccessToken,
}

impl Call {
    /// E*TRADE's own name of the call.
    pub fn name(self) -> &'static str {
        match self {
            Call::RequestToken => "Get Request Token",
            Call::AccessToken => "Get Access Token",
            Call::RenewAccessToken => "Renew Access Token",
            Call::RevokeAccessToken => "Revoke Access Token",
        }
    }

    /// Its path under the OAuth base URL.
    pub fn path(self) -> &'static str {
        match self {
            Call::RequestToken => "request_token",
            Call::AccessToken => "access_token",
            Call::RenewAccessToken => "renew_access_token",
            Call::RevokeAccessToken => "revoke_access_token",
        }
    }
}
