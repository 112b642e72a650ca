//! Signatures: RFC 5849 section 3.4, HMAC-SHA1 only.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode, percent_encode};
use ring::hmac;

/// A decoded name and value. Bytes, since an escape may spell what is no UTF-8.
pub type Parameter = (Vec<u8>, Vec<u8>);

/// All but the unreserved characters of section 3.6.
pub const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Section 3.6.
pub fn encode(bytes: &[u8]) -> String {
    percent_encode(bytes, RESERVED).to_string()
}

/// Reads a query or a form body, section 3.4.1.3.1.
pub fn decode_form(form: &[u8]) -> Vec<Parameter> {
    form.split(|&byte| byte == b'&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let mut halves = pair.splitn(2, |&byte| byte == b'=').map(decode_form_text);
            (halves.next().unwrap_or_default(), halves.next().unwrap_or_default())
        })
        .collect()
}

fn decode_form_text(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
    percent_decode(&spaced).collect()
}

/// Section 3.4.1. `path` is as it was sent; `parameters` are all that are signed, in any order.
pub fn base_string(method: &str, scheme: &str, host: &str, path: &str, parameters: &[Parameter]) -> String {
    let mut encoded: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| (encode(name), encode(value))).collect();
    encoded.sort();
    let normalized: Vec<String> = encoded.iter().map(|(name, value)| format!("{name}={value}")).collect();

    [
        encode(method.to_uppercase().as_bytes()),
        encode(base_uri(scheme, host, path).as_bytes()),
        encode(normalized.join("&").as_bytes()),
    ]
    .join("&")
}

/// Section 3.4.1.2: the host in lower case, without the scheme's default port.
fn base_uri(scheme: &str, host: &str, path: &str) -> String {
    let host = host.to_lowercase();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    let host = host.strip_suffix(default_port).unwrap_or(&host);
    let path = if path.is_empty() { "/" } else { path };
    format!("{scheme}://{host}{path}")
}

/// Section 3.4.2.
pub fn sign(base_string: &str, consumer_secret: &str, token_secret: &str) -> String {
    Key::new(&Key::text(consumer_secret, token_secret)).sign(base_string)
}

/// A signing key.
pub struct Key {
    sha1: hmac::Key,
    sha256: hmac::Key,
}

impl Key {
    /// The two secrets joined as section 3.4.2 says.
    pub fn text(consumer_secret: &str, token_secret: &str) -> String {
        format!("{}&{}", encode(consumer_secret.as_bytes()), encode(token_secret.as_bytes()))
    }

    pub fn new(text: &str) -> Self {
        Self {
            sha1: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()),
            sha256: hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes()),
        }
    }

    pub fn sign(&self, base_string: &str) -> String {
        BASE64.encode(hmac::sign(&self.sha1, base_string.as_bytes()))
    }

    pub fn sign_in_hex(&self, base_string: &str) -> String {
        let digest = hmac::sign(&self.sha1, base_string.as_bytes());
        digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub fn sign_with_sha256(&self, base_string: &str) -> String {
        BASE64.encode(hmac::sign(&self.sha256, base_string.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn vectors(file: &str) -> Value {
        let path = format!("{}/../tests/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    fn text<'a>(value: &'a Value, name: &str) -> &'a str {
        value[name].as_str().unwrap()
    }

    fn parameter(name: &str, value: &str) -> Parameter {
        (name.into(), value.into())
    }

    #[test]
    fn encoding_vectors() {
        for case in vectors("encoding.json")["percent_encode"].as_array().unwrap() {
            assert_eq!(encode(text(case, "input").as_bytes()), text(case, "output"));
        }
    }

    #[test]
    fn signature_vectors() {
        let cases = vectors("signatures.json");
        for case in cases.as_array().unwrap() {
            let (scheme, rest) = text(case, "url").split_once("://").unwrap();
            let (location, query) = rest.split_once('?').unwrap_or((rest, ""));
            let slash = location.find('/').unwrap_or(location.len());
            let (host, path) = location.split_at(slash);

            let mut parameters = decode_form(query.as_bytes());
            for pair in case["params"].as_array().unwrap() {
                parameters.push(parameter(pair[0].as_str().unwrap(), pair[1].as_str().unwrap()));
            }
            for (name, field) in [
                ("oauth_consumer_key", "consumer_key"),
                ("oauth_nonce", "nonce"),
                ("oauth_timestamp", "timestamp"),
                ("oauth_token", "token"),
                ("oauth_version", "version"),
            ] {
                parameters.extend(case[field].as_str().map(|value| parameter(name, value)));
            }
            parameters.push(parameter("oauth_signature_method", "HMAC-SHA1"));

            let name = text(case, "name");
            let base = base_string(text(case, "method"), scheme, host, path, &parameters);
            assert_eq!(base, text(case, "base_string"), "{name}");
            let token_secret = case["token_secret"].as_str().unwrap_or("");
            let signature = sign(&base, text(case, "consumer_secret"), token_secret);
            assert_eq!(signature, text(case, "signature"), "{name}");
        }
        assert!(cases.as_array().unwrap().len() >= 10);
    }

    #[test]
    fn uris_are_normalized() {
        let cases = [
            ("http", "LocalHost:80", "", "http://localhost/"),
            ("https", "localhost:443", "/a%2fB", "https://localhost/a%2fB"),
            ("https", "localhost:80", "/", "https://localhost:80/"),
            ("http", "[::1]:8080", "/x;y", "http://[::1]:8080/x;y"),
        ];
        for (scheme, host, path, uri) in cases {
            assert_eq!(base_uri(scheme, host, path), uri);
        }
    }

    #[test]
    fn parameters_are_sorted_once_encoded() {
        let names = ["a", "ü", "a", "A"].map(|name| parameter(name, ""));
        let base = base_string("get", "http", "h", "/", &names);
        assert_eq!(base, "GET&http%3A%2F%2Fh%2F&%25C3%25BC%3D%26A%3D%26a%3D%26a%3D");
    }

    #[test]
    fn forms_are_read_byte_by_byte() {
        let read = decode_form(b"a=1+2&&b&c==&d=%FF&e=%2B");
        let expected: Vec<Parameter> = vec![
            parameter("a", "1 2"),
            parameter("b", ""),
            parameter("c", "="),
            (b"d".to_vec(), vec![0xff]),
            parameter("e", "+"),
        ];
        assert_eq!(read, expected);
    }
}
