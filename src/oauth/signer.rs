//! HMAC-SHA1 signatures (RFC 5849 section 3.4.2) with one set of credentials.

use zeroize::Zeroizing;

use super::encoding::Text;
use super::header::{self, HEADER, Output, QUERY, Style};
use super::hmac::Key;
use super::parameters::{JOINT, Parameter, Parameters, SIGNATURE};
use super::request::{Request, Stamp, check_timestamp};
use super::signature::{self, Signature};
use super::template::{Template, Written};
use super::{Error, RequestUrl, base_string, encode, nonce};

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

const LONGEST_TIMESTAMP: usize = 19;

/// Credentials that are ready to sign: what never changes is hashed and encoded once.
pub struct Signer {
    key: Key,
    consumer_key: String,
    token: Option<String>,
    /// The protocol's parameters as the base string has them.
    parameters: Template,
    /// The Authorization header up to its signature.
    header: Template,
}

impl Signer {
    pub fn new(credentials: &Credentials) -> Signer {
        let secret = credentials.token.as_ref().map_or("", |token| token.token_secret);
        let halves = [Zeroizing::new(encode(credentials.consumer_secret)), Zeroizing::new(encode(secret))];
        let key = Zeroizing::new([halves[0].as_bytes(), b"&", halves[1].as_bytes()].concat());
        let mut signer = Signer {
            key: Key::new(&key),
            consumer_key: encode(credentials.consumer_key),
            token: credentials.token.as_ref().map(|token| encode(token.token)),
            parameters: Template::new(""),
            header: Template::new(""),
        };
        let mut parameters = Vec::new();
        let fields = signer.protocol(None, Written::GAPS);
        Parameters::new().write_with(fields, |bytes| parameters.extend_from_slice(bytes));
        signer.parameters = Template::new(&String::from_utf8_lossy(&parameters));
        let header = signer.fields(HEADER, None, Written::GAPS, "OAuth ", "");
        signer.header = Template::new(header.strip_suffix('"').unwrap_or(&header));
        signer
    }

    /// The capacity that suffices for every header without an extra parameter, its NUL included.
    pub fn bound(&self) -> usize {
        self.header.length() + LONGEST_TIMESTAMP + nonce::LONGEST + signature::LONGEST + "\"\0".len()
    }

    /// Writes the value of the Authorization header. Nothing is written unless the output has room for the bound.
    pub fn sign(&self, request: &Request, stamp: &Stamp, output: &mut Output) -> Result<(), Error> {
        if output.capacity() < self.bound() {
            return Err(Error::Buffer(self.bound()));
        }
        checked(request, stamp, |url, written| {
            let hmac = self.hmac(request, url, written)?;
            self.header.write(written, |part| output.push(part.as_bytes()));
            signature::write(hmac, output);
            output.push(b"\"");
            Ok(())
        })
    }

    /// The base string without nonce and timestamp. `None` for a request with parameters of these names of its own,
    /// which sort by their values among the protocol's.
    pub fn base_string_template(&self, request: &Request) -> Result<Option<Template>, Error> {
        let url = request.check()?;
        let mut own = Parameters::new();
        url.query.map_or(Ok(()), |query| own.add(query))?;
        if own.have(NONCE) || own.have(TIMESTAMP) {
            return Ok(None);
        }
        let mut text = Vec::new();
        self.write_base_string(request, &url, Written::GAPS, |bytes| text.extend_from_slice(bytes))?;
        Ok(Some(Template::new(&String::from_utf8_lossy(&text))))
    }

    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The Authorization header up to its signature, without nonce and timestamp.
    pub fn header_template(&self) -> &Template {
        &self.header
    }

    /// The value of the Authorization header.
    pub fn authorization(&self, request: &Request, stamp: &Stamp) -> Result<String, Error> {
        if request.extra.is_some() {
            return self.text(HEADER, request, stamp, "OAuth ");
        }
        checked(request, stamp, |url, written| {
            let signature = Signature::new(self.hmac(request, url, written)?);
            let mut text = String::new();
            text.try_reserve_exact(self.bound()).map_err(|_| Error::Memory)?;
            self.header.write(written, |part| text.push_str(part));
            text.extend([signature.as_str(), "\""]);
            Ok(text)
        })
    }

    /// The URL with the same parameters in its query (section 3.5.3).
    pub fn signed_url(&self, request: &Request, stamp: &Stamp) -> Result<String, Error> {
        let joint = match RequestUrl::parse(request.url)?.query {
            None => "?",
            Some("") => "",
            Some(_) => "&",
        };
        self.text(QUERY, request, stamp, &[request.url, joint].concat())
    }

    /// The text that is signed. It holds no secret.
    pub fn base_string(&self, request: &Request, stamp: &Stamp) -> Result<String, Error> {
        checked(request, stamp, |url, written| {
            let mut length = 0;
            self.write_base_string(request, url, written, |bytes| length += bytes.len())?;
            let mut text = Vec::new();
            text.try_reserve_exact(length).map_err(|_| Error::Memory)?;
            self.write_base_string(request, url, written, |bytes| text.extend_from_slice(bytes))?;
            Ok(String::from_utf8(text).expect("a base string is ASCII"))
        })
    }

    fn text(&self, style: Style, request: &Request, stamp: &Stamp, before: &str) -> Result<String, Error> {
        checked(request, stamp, |url, written| {
            let signature = Signature::new(self.hmac(request, url, written)?);
            Ok(self.fields(style, request.extra, written, before, signature.as_str()))
        })
    }

    fn fields(
        &self,
        style: Style,
        extra: Option<(&'static str, &str)>,
        written: Written,
        before: &str,
        signature: &str,
    ) -> String {
        let token = self.token.as_deref().map(|token| (TOKEN, token));
        let fields = [
            (CONSUMER_KEY, self.consumer_key.as_str()),
            (NONCE, written.nonce),
            (SIGNATURE_METHOD, HMAC_SHA1),
            (TIMESTAMP, written.timestamp),
        ];
        let fields = fields.into_iter().chain(token).chain(extra).chain([(SIGNATURE, signature)]);
        header::write(style, before, fields)
    }

    fn hmac(&self, request: &Request, url: &RequestUrl, written: Written) -> Result<[u32; 5], Error> {
        let mut message = self.key.message();
        self.write_base_string(request, url, written, |bytes| message.push(bytes))?;
        Ok(message.finish(&self.key))
    }

    fn write_base_string(
        &self,
        request: &Request,
        url: &RequestUrl,
        written: Written,
        mut write: impl FnMut(&[u8]),
    ) -> Result<(), Error> {
        let mut parameters = Parameters::new();
        for source in [url.query, request.form].into_iter().flatten() {
            parameters.add(source)?;
        }
        base_string::write_start(request.method, url, &mut write);
        match (request.extra, parameters.around_protocol()) {
            (None, Some((before, after))) => {
                for (index, parameter) in before.iter().enumerate() {
                    parameter.write_joined(index == 0, &mut write);
                }
                if !before.is_empty() {
                    write(JOINT);
                }
                self.parameters.write(written, |part| write(part.as_bytes()));
                after.iter().for_each(|parameter| parameter.write(&mut write));
            }
            _ => parameters.write_with(self.protocol(request.extra, written), write),
        }
        Ok(())
    }

    /// The protocol parameters of section 3.1 without the signature, sorted.
    fn protocol<'a>(
        &'a self,
        extra: Option<(&'static str, &'a str)>,
        written: Written<'a>,
    ) -> impl Iterator<Item = Parameter<'a>> {
        let extra_is_first = extra.is_some_and(|(name, _)| name < CONSUMER_KEY);
        let field = |(name, value): (&'static str, &'a str)| Parameter::new(Text::Plain(name), Text::Encoded(value));
        let plain = |name: &'static str, value: &'a str| Parameter::new(Text::Plain(name), Text::Plain(value));
        let fields = [
            extra.filter(|_| extra_is_first).map(field),
            Some(field((CONSUMER_KEY, &self.consumer_key))),
            Some(plain(NONCE, written.nonce)),
            Some(plain(SIGNATURE_METHOD, HMAC_SHA1)),
            Some(plain(TIMESTAMP, written.timestamp)),
            self.token.as_deref().map(|token| field((TOKEN, token))),
            extra.filter(|_| !extra_is_first).map(field),
        ];
        fields.into_iter().flatten()
    }
}

const CONSUMER_KEY: &str = "oauth_consumer_key";
const NONCE: &str = "oauth_nonce";
const SIGNATURE_METHOD: &str = "oauth_signature_method";
const HMAC_SHA1: &str = "HMAC-SHA1";
const TIMESTAMP: &str = "oauth_timestamp";
const TOKEN: &str = "oauth_token";

/// Checks a request and its stamp, and calls `sign` with the parts of the URL and the stamp as text.
fn checked<R>(
    request: &Request,
    stamp: &Stamp,
    sign: impl FnOnce(&RequestUrl, Written) -> Result<R, Error>,
) -> Result<R, Error> {
    let url = request.check()?;
    check_timestamp(stamp.timestamp)?;
    let mut digits = itoa::Buffer::new();
    sign(&url, Written { timestamp: digits.format(stamp.timestamp), nonce: stamp.nonce.as_str() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::{Nonce, decode};

    /// RFC 5849 section 3.4.1.3.2 by its letter, for a query whose escapes are UTF-8.
    fn normalized(query: &str) -> String {
        let mut pairs: Vec<(String, String)> = query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .chain([(CONSUMER_KEY, "key"), (NONCE, "n"), (SIGNATURE_METHOD, HMAC_SHA1), (TIMESTAMP, "7"), (TOKEN, "t")])
            .map(|(name, value)| (encode(&decode(name).unwrap()), encode(&decode(value).unwrap())))
            .filter(|(name, _)| name != "oauth_signature")
            .collect();
        pairs.sort();
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        encode(&pairs.join("&"))
    }

    /// Most requests have their parameters around the protocol's; these have them among it, too.
    #[test]
    fn parameters_sort_among_the_protocols() {
        let token = Some(TokenCredentials { token: "t", token_secret: "" });
        let signer = Signer::new(&Credentials { consumer_key: "key", consumer_secret: "", token });
        let stamp = Stamp { timestamp: 7, nonce: &Nonce::new("n").unwrap() };
        let names = [
            "A=",
            "o",
            "oauth=1",
            "oauth_=1",
            "oauth_b",
            "oauth_consumer_key=a",
            "oauth_nonce=a",
            "oauth_nonce=o",
            "oauth_o",
            "oauth_signature=a%2Bb%3D",
            "oauth%5Fsignature=a",
            "%6fauth_signature",
            "oauth_Signature=a",
            "oauth_signature_=a",
            "oauth_timestamp=6",
            "oauth_timestamp=8",
            "oauth_token=a",
            "oauth_token=u",
            "oauth_z",
            "oauthz",
            "o%61uth_b",
            "oauth%5Fb=%20",
            "oauth%2D",
            "p",
            "~=~",
        ];
        for one in names {
            for two in names {
                let url = format!("https://h/?{one}&{two}");
                let text = signer.base_string(&Request::new("GET", &url, None), &stamp).unwrap();
                assert_eq!(text, format!("GET&https%3A%2F%2Fh%2F&{}", normalized(&format!("{one}&{two}"))), "{url}");
            }
        }
    }
    #[test]
    fn a_callback_and_a_verifier_have_their_places_among_the_protocols() {
        let token = Some(TokenCredentials { token: "t", token_secret: "" });
        let signer = Signer::new(&Credentials { consumer_key: "key", consumer_secret: "", token });
        let stamp = Stamp { timestamp: 7, nonce: &Nonce::new("n").unwrap() };
        let protocol =
            "oauth_consumer_key=key&oauth_nonce=n&oauth_signature_method=HMAC-SHA1&oauth_timestamp=7&oauth_token=t";
        for (extra, parameters) in [
            (("oauth_callback", "oob"), format!("oauth_callback=oob&{protocol}")),
            (("oauth_verifier", "a%3D"), format!("{protocol}&oauth_verifier=a%3D")),
        ] {
            let request = Request { method: "get", url: "https://h/", form: None, extra: Some(extra) };
            let text = signer.base_string(&request, &stamp).unwrap();
            assert_eq!(text, format!("GET&https%3A%2F%2Fh%2F&{}", encode(&parameters)));
            let header = signer.authorization(&request, &stamp).unwrap();
            assert!(header.contains(&format!("{}=\"{}\"", extra.0, extra.1)), "{header}");
        }
    }

    #[test]
    fn a_signed_url_keeps_its_own_query() {
        let signer = Signer::new(&Credentials { consumer_key: "key", consumer_secret: "", token: None });
        let stamp = Stamp { timestamp: 7, nonce: &Nonce::new("n").unwrap() };
        for (url, begin) in [
            ("https://h/", "https://h/?oauth_consumer_key=key&"),
            ("https://h/?", "https://h/?oauth_consumer_key=key&"),
            ("https://h/?a=b", "https://h/?a=b&oauth_consumer_key=key&"),
        ] {
            let signed = signer.signed_url(&Request::new("GET", url, None), &stamp).unwrap();
            assert!(signed.starts_with(begin) && signed.contains("&oauth_signature="), "{signed}");
        }
    }
}
