//! A signed request as the signature check sees it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::problem::Problem;
use crate::signature::{self, Parameter};

const KNOWN: [&str; 9] = [
    "oauth_callback",
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_token",
    "oauth_verifier",
    "oauth_version",
];

/// What the front makes of a request, as an extension of it.
pub type Received = Arc<Result<Call, Problem>>;

#[derive(Debug)]
pub struct Call {
    oauth: HashMap<String, String>,
    base_string: String,
}

impl Call {
    /// Gathers what is signed: the query, the OAuth parameters of header or query, and a form body.
    pub fn read(parts: &Parts, scheme: &str, body: &[u8]) -> Result<Self, Problem> {
        let header_text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let authorization = header_text(AUTHORIZATION).unwrap_or_default();

        let mut signed = signature::decode_form(parts.uri.query().unwrap_or_default().as_bytes());
        signed.extend(read_authorization(authorization)?);
        // OAuth parameters in a body are signed like any others, but mean nothing.
        let oauth = oauth_parameters(&signed)?;
        signed.retain(|(name, _)| name != b"oauth_signature");
        if is_form(header_text(CONTENT_TYPE).unwrap_or_default()) {
            signed.extend(signature::decode_form(body));
        }

        let base_string = signature::base_string(
            parts.method.as_str(),
            scheme,
            header_text(HOST).unwrap_or_default(),
            parts.uri.path(),
            &signed,
        );
        Ok(Self { oauth, base_string })
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.oauth.get(name).map(String::as_str)
    }

    /// A parameter without which the call makes no sense.
    pub fn required(&self, name: &str) -> Result<&str, Problem> {
        self.get(name).filter(|value| !value.is_empty()).ok_or(Problem::ParameterAbsent)
    }

    pub fn is_signed_with(&self, consumer_secret: &str, token_secret: &str) -> bool {
        let expected = signature::sign(&self.base_string, consumer_secret, token_secret);
        self.get("oauth_signature") == Some(&expected)
    }
}

fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The OAuth parameters proper, each of which may come once (RFC 5849 section 3.1).
fn oauth_parameters(parameters: &[Parameter]) -> Result<HashMap<String, String>, Problem> {
    let mut oauth = HashMap::new();
    for (name, value) in parameters.iter().filter(|(name, _)| name.starts_with(b"oauth_")) {
        let name = String::from_utf8_lossy(name).into_owned();
        let value = String::from_utf8_lossy(value).into_owned();
        let known = KNOWN.contains(&name.as_str());
        if !known || oauth.insert(name, value).is_some() {
            return Err(Problem::ParameterRejected);
        }
    }
    Ok(oauth)
}

/// Reads `OAuth name="value", ...` (section 3.5.1), without the realm, which is never signed.
fn read_authorization(header: &str) -> Result<Vec<Parameter>, Problem> {
    let Some((scheme, mut rest)) = header.trim().split_once(' ') else {
        return Ok(Vec::new());
    };
    if !scheme.eq_ignore_ascii_case("OAuth") {
        return Ok(Vec::new());
    }
    let mut parameters = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Ok(parameters);
        }
        let (name, quoted) = rest.split_once("=\"").ok_or(Problem::ParameterRejected)?;
        let (value, after) = quoted.split_once('"').ok_or(Problem::ParameterRejected)?;
        if !name.eq_ignore_ascii_case("realm") {
            parameters.push((unescape(name)?, unescape(value)?));
        }
        rest = after;
    }
}

/// Undoes section 3.6. What its sender did not escape is an encoding bug, and refused as one.
fn unescape(text: &str) -> Result<Vec<u8>, Problem> {
    let decoded: Vec<u8> = percent_decode_str(text).collect();
    if signature::encode(&decoded).eq_ignore_ascii_case(text) { Ok(decoded) } else { Err(Problem::SignatureInvalid) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn read(uri: &str, authorization: &str, body: &[u8]) -> Result<Call, Problem> {
        let request = Request::post(uri)
            .header("host", "LOCALHOST:80")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("authorization", authorization)
            .body(())
            .unwrap();
        Call::read(&request.into_parts().0, "http", body)
    }

    #[test]
    fn everything_signed_is_gathered() {
        let header = r#"OAuth realm="a,b", oauth_token="x%2By",oauth_signature="s%3D""#;
        let call = read("/p%2fq?oauth_nonce=n&b=2", header, b"a=1&oauth_verifier=v").unwrap();
        assert_eq!(call.get("oauth_token"), Some("x+y"));
        assert_eq!(call.get("oauth_nonce"), Some("n"));
        assert_eq!(call.get("oauth_signature"), Some("s="));
        assert_eq!(call.get("oauth_verifier"), None);
        assert_eq!(
            call.base_string,
            "POST&http%3A%2F%2Flocalhost%2Fp%252fq&a%3D1%26b%3D2%26oauth_nonce%3Dn\
             %26oauth_token%3Dx%252By%26oauth_verifier%3Dv"
        );
    }

    #[test]
    fn faulty_headers_are_refused() {
        use Problem::{ParameterRejected, SignatureInvalid};
        let cases = [
            ("OAuth oauth_token=\"x+y\"", SignatureInvalid),
            ("OAuth oauth_token=\"x%y\"", SignatureInvalid),
            ("OAuth oauth_token=x", ParameterRejected),
            ("OAuth oauth_token=\"x", ParameterRejected),
            ("OAuth oauth_body_hash=\"x\"", ParameterRejected),
            ("OAuth oauth_nonce=\"1\", oauth_nonce=\"1\"", ParameterRejected),
        ];
        for (header, problem) in cases {
            assert_eq!(read("/", header, b"").unwrap_err(), problem, "{header}");
        }
        let twice = read("/?oauth_nonce=1", "OAuth oauth_nonce=\"1\"", b"");
        assert_eq!(twice.unwrap_err(), ParameterRejected);
        assert_eq!(read("/", "Basic eDp5", b"").unwrap().get("oauth_token"), None);
    }
}
