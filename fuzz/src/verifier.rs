//! What the person pastes: a verification code, or the URL of the redirect.

use etoauth::etrade::Verifier;

use crate::independent;

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(verifier) = Verifier::read(&text) {
        assert!(!verifier.code.is_empty() && verifier.code == verifier.code.trim());
        if !text.contains("oauth_verifier=") {
            assert!(verifier.code == text.trim() && verifier.token.is_none(), "a bare code is taken as it is");
        }
    }
    // What E*TRADE's redirect carries is read back, whatever it is.
    let code = text.trim();
    if !code.is_empty() {
        let token = independent::encode(data);
        let code_encoded = independent::encode(code.as_bytes());
        let url = format!("http://localhost/back?x=1&oauth_token={token}&oauth_verifier={code_encoded}#end");
        let verifier = Verifier::read(&url).expect("it has a code");
        assert_eq!(verifier.code, code);
        assert_eq!(verifier.token.as_deref(), std::str::from_utf8(data).ok());
    }
}
