//! E*TRADE's published vector, signed from Rust by what bindgen made of the declarations, and two wrong calls.

use std::ffi::{CStr, CString, c_char};
use std::ptr::{null, null_mut};

#[allow(dead_code, non_camel_case_types, non_upper_case_globals)]
mod etoauth {
    include!(env!("BINDINGS"));
}
use etoauth::*;

/// All constants, and the values that they must have: one type for all.
const CONSTANTS: &[(i32, i32)] = &include!(env!("CONSTANTS"));

fn last_error() -> (etoauth_status, String) {
    let (mut status, mut text) = (0, [0 as c_char; ETOAUTH_ERROR_MAX as usize]);
    assert_eq!(unsafe { etoauth_last_error(&mut status, text.as_mut_ptr(), text.len() as _, null_mut()) }, ETOAUTH_OK);
    (status, unsafe { CStr::from_ptr(text.as_ptr()) }.to_str().unwrap().to_owned())
}

fn main() {
    assert!(CONSTANTS.iter().all(|(constant, value)| constant == value));
    let text = unsafe { CStr::from_ptr(etoauth_status_text(ETOAUTH_E_NULL)) };
    assert_eq!(text.to_str(), Ok("An argument that must not be NULL is NULL."));

    let text = |text: &str| CString::new(text).unwrap();
    let (key, secret) = (text("c5bb4dcb7bd6826c7c4340df3f791188"), text("7d30246211192cda43ede3abd9b393b9"));
    let token = text("VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI=");
    let token_secret = text("XCF9RzyQr4UEPloA+WlC06BnTfYC1P0Fwr3GUw/B0Es=");
    let mut signer = null_mut();
    let made = unsafe {
        etoauth_signer_new(key.as_ptr(), secret.as_ptr(), token.as_ptr(), token_secret.as_ptr(), &mut signer)
    };
    assert_eq!(made, ETOAUTH_OK);
    let (method, url) = (text("GET"), text("https://api.etrade.com/v1/accounts/list"));
    let nonce = text("0bba225a40d1bbac2430aa0c6163ce44");
    let mut header = [0 as c_char; ETOAUTH_HEADER_MAX as usize];
    let mut length = 0;
    let mut sign = |url| unsafe {
        let (buf, cap) = (header.as_mut_ptr(), header.len() as _);
        etoauth_signer_sign_at(
            signer, method.as_ptr(), url, null(), 1_344_885_636, nonce.as_ptr(), buf, cap, &mut length,
        )
    };
    assert_eq!(sign(url.as_ptr()), ETOAUTH_OK);

    assert_eq!(sign(null()), ETOAUTH_E_NULL);
    let (status, text) = last_error();
    assert!(status == ETOAUTH_E_NULL && text.contains("url"), "{text}");
    assert_eq!(unsafe { etoauth_signer_free(signer) }, ETOAUTH_OK);
    assert_eq!(sign(url.as_ptr()), ETOAUTH_E_HANDLE);
    let (status, text) = last_error();
    assert!(status == ETOAUTH_E_HANDLE && text.contains("signer"), "{text}");

    // The refused calls have left it as it was.
    let header = unsafe { CStr::from_ptr(header.as_ptr()) }.to_str().unwrap();
    assert!(header.contains("oauth_signature=\"UOnPVdzExTAgHkcGWLLfeTaaMSM%3D\""), "{header}");
    assert_eq!(length as usize, header.len());
    println!("signed, and refused twice");
}
