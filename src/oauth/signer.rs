//! HMAC-SHA1 signatures (RFC 5849 section 3.4.2) with one set of credentials.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

use super::header::{self, HEADER, Output, QUERY, Style, digits};
use super::parameters::{Parameters, check_form};
use super::{Error, Nonce, RequestUrl, base_string, encode, method, nonce};

/// The client credentials of RFC 5849, which E*TRADE calls the consumer key and secret.
pub struct Credentials<'a> {
    pub consumer_key: &'a str,
    pub consumer_secret: &'a str,
    pub token: Option<TokenCredentials<'a>>,
}

pub struct TokenCredentials<'a> {
    pub token: &'a str,
    pub token_secret: &'a str,
}

/// What is signed, but for time and nonce.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub method: &'a str,
    pub url: &'a str,
    /// A form-encoded body; other bodies are not signed (section 3.4.1.3.1).
    pub form: Option<&'a str>,
    /// `oauth_callback` or `oauth_verifier`, its value encoded.
    pub extra: Option<(&'static str, &'a str)>,
}

impl<'a> Request<'a> {
    pub fn new(method: &'a str, url: &'a str, form: Option<&'a str>) -> Request<'a> {
        Request { method, url, form, extra: None }
    }

    /// What is wrong with it, without signing it.
    pub fn check(&self) -> Result<RequestUrl<'a>, Error> {
        method::check(self.method)?;
        self.form.map(check_form).transpose()?;
        RequestUrl::parse(self.url)
    }
}

/// When and as which one of its kind a request is signed (section 3.3).
#[derive(Clone, Copy)]
pub struct Stamp<'a> {
    pub timestamp: i64,
    pub nonce: &'a str,
}

const LONGEST_TIMESTAMP: usize = 19;
/// 28 characters of base64, each of which may be one that is percent-encoded.
const LONGEST_SIGNATURE: usize = 3 * 28;

/// Ready to sign: what never changes is hashed and encoded once.
pub struct Signer {
    keyed: Hmac<Sha1>,
    consumer_key: String,
    token: Option<String>,
}

impl Signer {
    pub fn new(credentials: &Credentials) -> Signer {
        let secret = credentials.token.as_ref().map_or("", |token| token.token_secret);
        let halves = [Zeroizing::new(encode(credentials.consumer_secret)), Zeroizing::new(encode(secret))];
        let key = Zeroizing::new([halves[0].as_bytes(), b"&", halves[1].as_bytes()].concat());
        Signer {
            keyed: Hmac::new_from_slice(&key).expect("HMAC takes a key of any length"),
            consumer_key: encode(credentials.consumer_key),
            token: credentials.token.as_ref().map(|token| encode(token.token)),
        }
    }

    /// The capacity that suffices for every header without an extra parameter, its NUL included.
    pub fn bound(&self) -> usize {
        let mut length = "OAuth ".len() + LONGEST_SIGNATURE + 1;
        let stamp = Stamp { timestamp: 0, nonce: "" };
        let fields = self.protocol(None, &stamp, "").chain([("oauth_signature", "")]);
        header::write(HEADER, fields, |bytes| length += bytes.len());
        length + LONGEST_TIMESTAMP + nonce::LONGEST
    }

    /// Writes the value of the Authorization header. Nothing is written unless the output has room for the bound.
    pub fn sign(&self, request: &Request, stamp: &Stamp, output: &mut Output) -> Result<(), Error> {
        if output.capacity() < self.bound() {
            return Err(Error::Buffer(self.bound()));
        }
        self.write(HEADER, request, stamp, |bytes| output.push(bytes), b"OAuth ")
    }

    /// The value of the Authorization header.
    pub fn authorization(&self, request: &Request, stamp: &Stamp) -> Result<String, Error> {
        let mut text = Vec::with_capacity(512);
        self.write(HEADER, request, stamp, |bytes| text.extend_from_slice(bytes), b"OAuth ")?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The URL with the same parameters in its query (section 3.5.3).
    pub fn signed_url(&self, request: &Request, stamp: &Stamp) -> Result<String, Error> {
        let mut text = Vec::with_capacity(request.url.len() + 512);
        text.extend_from_slice(request.url.as_bytes());
        let joint: &[u8] = match RequestUrl::parse(request.url)?.query {
            None => b"?",
            Some("") => b"",
            Some(_) => b"&",
        };
        self.write(QUERY, request, stamp, |bytes| text.extend_from_slice(bytes), joint)?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// The text that is signed. It holds no secret.
    pub fn base_string(&self, request: &Request, stamp: &Stamp) -> Result<String, Error> {
        let mut text = Vec::with_capacity(512);
        self.write_base_string(request, stamp, |bytes| text.extend_from_slice(bytes))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn write(
        &self,
        style: Style,
        request: &Request,
        stamp: &Stamp,
        mut write: impl FnMut(&[u8]),
        before: &[u8],
    ) -> Result<(), Error> {
        let mut memory = [0; LONGEST_SIGNATURE];
        let signature = encode_signature(self.signature(request, stamp)?, &mut memory);
        let mut memory = [0; LONGEST_TIMESTAMP];
        let timestamp = decimal(stamp.timestamp, &mut memory);
        write(before);
        let fields = self.protocol(request.extra, stamp, timestamp).chain([("oauth_signature", signature)]);
        header::write(style, fields, write);
        Ok(())
    }

    fn signature(&self, request: &Request, stamp: &Stamp) -> Result<[u8; 28], Error> {
        let mut hasher = Hasher { mac: self.keyed.clone(), block: [0; 256], filled: 0 };
        self.write_base_string(request, stamp, |bytes| hasher.push(bytes))?;
        let mut text = [0; 28];
        let length = STANDARD.encode_slice(hasher.finish(), &mut text);
        debug_assert_eq!(length.ok(), Some(28));
        Ok(text)
    }

    fn write_base_string(&self, request: &Request, stamp: &Stamp, write: impl FnMut(&[u8])) -> Result<(), Error> {
        let url = request.check()?;
        if stamp.timestamp <= 0 {
            return Err(Error::Timestamp);
        }
        Nonce::check(stamp.nonce)?;
        let mut memory = [0; LONGEST_TIMESTAMP];
        let timestamp = decimal(stamp.timestamp, &mut memory);
        let parameters = Parameters::collect(url.query, request.form, self.protocol(request.extra, stamp, timestamp))?;
        base_string::write(request.method, &url, &parameters, write);
        Ok(())
    }

    /// The protocol parameters of section 3.1, without the signature.
    fn protocol<'a>(
        &'a self,
        extra: Option<(&'static str, &'a str)>,
        stamp: &Stamp<'a>,
        timestamp: &'a str,
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        let fixed = [
            ("oauth_consumer_key", self.consumer_key.as_str()),
            ("oauth_nonce", stamp.nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", timestamp),
        ];
        fixed.into_iter().chain(self.token.as_deref().map(|token| ("oauth_token", token))).chain(extra)
    }
}

fn decimal(number: i64, memory: &mut [u8]) -> &str {
    std::str::from_utf8(digits(number, memory)).unwrap_or_default()
}

fn encode_signature(signature: [u8; 28], memory: &mut [u8; LONGEST_SIGNATURE]) -> &str {
    let mut length = 0;
    for byte in signature {
        let piece = match byte {
            b'+' => "%2B",
            b'/' => "%2F",
            b'=' => "%3D",
            _ => {
                memory[length] = byte;
                length += 1;
                continue;
            }
        };
        memory[length..length + 3].copy_from_slice(piece.as_bytes());
        length += 3;
    }
    std::str::from_utf8(&memory[..length]).unwrap_or_default()
}

/// Gathers the base string's small pieces: hashing them one by one would cost more than hashing them.
struct Hasher {
    mac: Hmac<Sha1>,
    block: [u8; 256],
    filled: usize,
}

impl Hasher {
    fn push(&mut self, bytes: &[u8]) {
        if self.filled + bytes.len() > self.block.len() {
            self.mac.update(&self.block[..self.filled]);
            self.filled = 0;
        }
        if bytes.len() > self.block.len() {
            self.mac.update(bytes);
        } else {
            self.block[self.filled..self.filled + bytes.len()].copy_from_slice(bytes);
            self.filled += bytes.len();
        }
    }

    fn finish(mut self) -> [u8; 20] {
        self.mac.update(&self.block[..self.filled]);
        self.mac.finalize().into_bytes().into()
    }
}
