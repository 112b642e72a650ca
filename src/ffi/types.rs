//! The types of the C surface.

/// 0 is success, negative is failure; an unknown negative is a failure.
#[allow(non_camel_case_types)]
pub type etoauth_status = i32;

/// A consumer key in one environment, one person's token, and its lifecycle. The library can't tell persons apart:
/// one client for each.
#[allow(non_camel_case_types)]
pub struct etoauth_client {
    _private: [u8; 0],
}

/// Fixed credentials, ready to sign.
#[allow(non_camel_case_types)]
pub struct etoauth_signer {
    _private: [u8; 0],
}

/// A signer bound to one method and URL: what never changes is hashed already.
#[allow(non_camel_case_types)]
pub struct etoauth_prepared {
    _private: [u8; 0],
}

/// A whole answer to an API call.
#[allow(non_camel_case_types)]
pub struct etoauth_response {
    _private: [u8; 0],
}

/// One OAuth call whose HTTP is left to the host.
#[allow(non_camel_case_types)]
pub struct etoauth_exchange {
    _private: [u8; 0],
}

/// Waits on this machine for E*TRADE's redirect to a registered callback.
#[allow(non_camel_case_types)]
pub struct etoauth_listener {
    _private: [u8; 0],
}
