//! A signed request as the signature check sees it.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::explanation::Explanation;
use crate::problem::Problem;
use crate::recipe::Secrets;
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
    pub signed: Signed,
    /// Set once the call was let in.
    pub accepted: OnceLock<()>,
}

/// The parts of a request that a signature is made of.
#[derive(Clone, Debug)]
pub struct Signed {
    pub method: String,
    pub scheme: &'static str,
    pub host: String,
    pub path: String,
    pub query: Vec<Parameter>,
    /// The parameters of the Authorization header, without realm.
    pub header: Vec<Parameter>,
    pub form: Vec<Parameter>,
    /// A body that is no form, which nobody signs.
    pub other_body: Bytes,
}

impl Signed {
    /// All parameters that are signed.
    pub fn parameters(&self) -> Vec<Parameter> {
        self.groups().concat()
    }

    /// The parameters that are signed: those of the query, of the header and of the form.
    pub fn groups(&self) -> [Vec<Parameter>; 3] {
        let signed = |all: &[Parameter]| all.iter().filter(|(name, _)| name != b"oauth_signature").cloned().collect();
        [signed(&self.query), signed(&self.header), self.form.clone()]
    }

    /// How much there is to sign.
    pub fn size(&self) -> usize {
        let parameters = [&self.query, &self.header, &self.form].into_iter().flatten();
        self.path.len() + parameters.map(|(name, value)| name.len() + value.len()).sum::<usize>()
    }

    pub fn base_string(&self) -> String {
        signature::base_string(&self.method, self.scheme, &self.host, &self.path, &self.parameters())
    }
}

impl Call {
    /// Gathers what is signed: the query, the OAuth parameters of header or query, and a form body.
    pub fn read(parts: &Parts, scheme: &'static str, body: &Bytes) -> Result<Self, Problem> {
        let header_text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let query = signature::decode_form(parts.uri.query().unwrap_or_default().as_bytes());
        let header = oauth_parameters_of(header_text(AUTHORIZATION))?;
        // OAuth parameters in a body are signed like any others, but mean nothing.
        let oauth = oauth_parameters(query.iter().chain(&header))?;
        let (form, other_body) = if is_form(header_text(CONTENT_TYPE)) {
            (signature::decode_form(body), Bytes::new())
        } else {
            (Vec::new(), body.clone())
        };
        let signed = Signed {
            method: parts.method.as_str().to_owned(),
            scheme,
            host: header_text(HOST).to_owned(),
            path: parts.uri.path().to_owned(),
            query,
            header,
            form,
            other_body,
        };
        Ok(Self { oauth, signed, accepted: OnceLock::new() })
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.oauth.get(name).map(String::as_str)
    }

    /// A parameter without which the call makes no sense.
    pub fn required(&self, name: &'static str) -> Result<&str, Problem> {
        self.get(name).filter(|value| !value.is_empty()).ok_or(Problem::ParameterAbsent(name))
    }

    /// Whether the signature is right; if not, why.
    pub fn check_signature(&self, secrets: &Secrets) -> Result<(), Problem> {
        let expected = signature::sign(&self.signed.base_string(), secrets.consumer, secrets.token);
        let signature = self.required("oauth_signature")?;
        if signature == expected {
            return Ok(());
        }
        Err(Problem::SignatureInvalid(Box::new(Explanation::find(&self.signed, signature, secrets))))
    }
}

fn is_form(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// The OAuth parameters proper, each of which may come once (RFC 5849 section 3.1).
fn oauth_parameters<'a>(parameters: impl Iterator<Item = &'a Parameter>) -> Result<HashMap<String, String>, Problem> {
    let mut oauth = HashMap::new();
    for (name, value) in parameters.filter(|(name, _)| name.starts_with(b"oauth_")) {
        let name = String::from_utf8_lossy(name).into_owned();
        let value = String::from_utf8_lossy(value).into_owned();
        if name == "oauth_body_hash" {
            return Err(Problem::ParameterRejected(name, "is not known to E*TRADE, which signs no body"));
        }
        if !KNOWN.contains(&name.as_str()) {
            return Err(Problem::ParameterRejected(name, "is not known to E*TRADE"));
        }
        if oauth.contains_key(&name) {
            return Err(Problem::ParameterRejected(name, "came twice"));
        }
        oauth.insert(name, value);
    }
    Ok(oauth)
}

/// Reads `OAuth name="value", ...` (section 3.5.1), without the realm, which is never signed.
pub fn oauth_parameters_of(header: &str) -> Result<Vec<Parameter>, Problem> {
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
        let (name, after) = rest.split_once('=').unwrap_or((rest, ""));
        let rejected = |why| Problem::ParameterRejected(name.trim().to_owned(), why);
        let Some(quoted) = after.strip_prefix('"') else {
            let spaced = after.trim_start().starts_with('"');
            return Err(rejected(if spaced {
                "has a space after its ="
            } else {
                "has a value without quotation marks"
            }));
        };
        if name.ends_with([' ', '\t']) {
            return Err(rejected("has a space before its ="));
        }
        let (value, after) = quoted.split_once('"').ok_or_else(|| rejected("lacks its closing quotation mark"))?;
        if !name.eq_ignore_ascii_case("realm") {
            parameters.push((unescape(name, name)?, unescape(name, value)?));
        }
        rest = after;
    }
}

/// Undoes section 3.6. What its sender did not escape is an encoding bug, and refused as one.
fn unescape(name: &str, text: &str) -> Result<Vec<u8>, Problem> {
    let decoded: Vec<u8> = percent_decode_str(text).collect();
    if signature::encode(&decoded).eq_ignore_ascii_case(text) {
        return Ok(decoded);
    }
    Err(Problem::SignatureInvalid(Box::new(Explanation::not_encoded(name))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn read(uri: &str, authorization: &str, body: &'static [u8]) -> Result<Call, Problem> {
        let request = Request::post(uri)
            .header("host", "LOCALHOST:80")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .header("authorization", authorization)
            .body(())
            .unwrap();
        Call::read(&request.into_parts().0, "http", &Bytes::from_static(body))
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
            call.signed.base_string(),
            "POST&http%3A%2F%2Flocalhost%2Fp%252fq&a%3D1%26b%3D2%26oauth_nonce%3Dn\
             %26oauth_token%3Dx%252By%26oauth_verifier%3Dv"
        );
    }

    #[test]
    fn faulty_headers_are_refused() {
        for value in ["x+y", "x%y"] {
            let problem = read("/", &format!("OAuth oauth_token=\"{value}\""), b"").unwrap_err();
            assert_eq!(problem.code(), "signature_invalid");
            assert!(problem.sentence().contains("oauth_token"), "{problem:?}");
        }
        let cases = [
            ("OAuth oauth_token=x", "has a value without quotation marks"),
            ("OAuth oauth_token= \"x\"", "has a space after its ="),
            ("OAuth oauth_token =\"x\"", "has a space before its ="),
            ("OAuth oauth_token", "has a value without quotation marks"),
            ("OAuth oauth_token=\"x", "lacks its closing quotation mark"),
            ("OAuth oauth_token=\"1\", oauth_token=\"1\"", "came twice"),
        ];
        for (header, why) in cases {
            let expected = Problem::ParameterRejected("oauth_token".to_owned(), why);
            assert_eq!(read("/", header, b"").unwrap_err(), expected, "{header}");
        }
        let hash = read("/", "OAuth oauth_body_hash=\"x\"", b"").unwrap_err();
        assert!(hash.sentence().contains("oauth_body_hash"), "{hash:?}");
        let twice = read("/?oauth_nonce=1", "OAuth oauth_nonce=\"1\"", b"");
        assert_eq!(twice.unwrap_err(), Problem::ParameterRejected("oauth_nonce".to_owned(), "came twice"));
        assert_eq!(read("/", "Basic eDp5", b"").unwrap().get("oauth_token"), None);
    }
}
