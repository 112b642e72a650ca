//! Section 11 of the header: the library itself.

use std::ffi::c_char;

use super::argument::{try_long_text, try_not_null};
use super::entry::{enter, enter_keeping_last_error};
use super::fault::Fault;
use super::types::etoauth_status;
use super::{handle, string};
use crate::oauth::{self, Credentials, Nonce, Request, Signer, Stamp, TokenCredentials};

/// Increased when programs must be recompiled. It is also the number in the soname.
pub const ETOAUTH_ABI_VERSION: u32 = 1;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// Gives the library's version, such as "1.2.3". The text is static. ETOAUTH_VERSION_STRING is the header's.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_version() -> *const c_char {
    VERSION.as_ptr().cast()
}

/// Gives the library's version as a number: 0x010203 for 1.2.3. ETOAUTH_VERSION_NUMBER is the header's.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_version_number() -> u32 {
    let mut parts = env!("CARGO_PKG_VERSION").split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0u32);
    next() << 16 | next() << 8 | next()
}

/// Gives the library's ABI version. If it differs from ETOAUTH_ABI_VERSION, header and library do not match.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_abi_version() -> u32 {
    ETOAUTH_ABI_VERSION
}

/// Counts the handles and strings that the caller has not freed yet. It leaves the last error alone.
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_live_objects() -> usize {
    let mut live = 0;
    enter_keeping_last_error(|_| {
        live = handle::live() + string::live();
        Ok(())
    });
    live
}

/// Signs the example that E*TRADE publishes, with the code that signs everything else.
///
/// Returns ETOAUTH_E_INTERNAL if the result is not the published signature.
/// Source: https://apisb.etrade.com/docs/dev/authorization.html
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_self_test() -> etoauth_status {
    enter(|_| {
        let signer = Signer::new(&Credentials {
            consumer_key: "c5bb4dcb7bd6826c7c4340df3f791188",
            consumer_secret: "7d30246211192cda43ede3abd9b393b9",
            token: Some(TokenCredentials {
                token: "VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI=",
                token_secret: "XCF9RzyQr4UEPloA+WlC06BnTfYC1P0Fwr3GUw/B0Es=",
            }),
        });
        let request = Request::new("GET", "https://api.etrade.com/v1/accounts/list", None);
        let stamp = Stamp { timestamp: 1_344_885_636, nonce: &Nonce::new("0bba225a40d1bbac2430aa0c6163ce44")? };
        let header = signer.authorization(&request, &stamp)?;
        let published = header.contains("oauth_signature=\"UOnPVdzExTAgHkcGWLLfeTaaMSM%3D\"");
        if published { Ok(()) } else { Err(Fault::Panic) }
    })
}

/// Percent-encodes a text: every byte except letters, digits, - . _ and ~.
///
/// text: UTF-8.
/// out: the encoded text. The caller frees it with etoauth_string_free.
///
/// Local.
/// Source: RFC 3986 section 2.1, RFC 5849 section 3.6
#[unsafe(no_mangle)]
pub extern "C" fn etoauth_percent_encode(text: *const c_char, out: *mut *mut c_char) -> etoauth_status {
    enter(|_| {
        try_not_null!(text, out);
        string::give(out, &oauth::try_encode(try_long_text!(text))?)
    })
}
