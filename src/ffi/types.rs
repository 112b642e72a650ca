//! The types of the C surface.

/// 0 is success, negative is failure. Treat an unknown negative value as a failure.
#[allow(non_camel_case_types)]
pub type etoauth_status = i32;

/// A consumer key in one environment, one person's token, and the token's lifecycle. The library cannot tell persons
/// apart: use one client, and one session file, for each person.
#[allow(non_camel_case_types)]
pub struct etoauth_client {
    _private: [u8; 0],
}

/// Fixed credentials, ready to sign.
#[allow(non_camel_case_types)]
pub struct etoauth_signer {
    _private: [u8; 0],
}

/// A signer for one method and URL: everything that does not change is hashed in advance.
#[allow(non_camel_case_types)]
pub struct etoauth_prepared {
    _private: [u8; 0],
}

/// A complete response to an API call.
#[allow(non_camel_case_types)]
pub struct etoauth_response {
    _private: [u8; 0],
}

/// One call that the host sends with its own HTTP stack.
#[allow(non_camel_case_types)]
pub struct etoauth_exchange {
    _private: [u8; 0],
}

/// Waits on this machine for E*TRADE's redirect to a registered callback.
#[allow(non_camel_case_types)]
pub struct etoauth_listener {
    _private: [u8; 0],
}
