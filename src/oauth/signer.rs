//! HMAC-SHA1 signatures (RFC 5849 section 3.4.2) with one set of credentials.

use zeroize::Zeroizing;

use super::encoding::Text;
use super::header::{self, HEADER, Output, QUERY, Style};
use super::hmac::Key;
use super::parameters::{Parameter, Parameters, check_form};
use super::signature::{self, Signature};
use super::template::{GAP, Template};
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

/// The same as it is written.
#[derive(Clone, Copy)]
struct Written<'a> {
    timestamp: &'a str,
    nonce: &'a str,
}

impl Written<'_> {
    /// Of no request: for texts to be filled in later.
    const GAPS: Written<'static> = Written { timestamp: GAP, nonce: GAP };
}

const LONGEST_TIMESTAMP: usize = 19;

/// Ready to sign: what never changes is hashed and encoded once.
pub struct Signer {
    key: Key,
    consumer_key: String,
    token: Option<String>,
    /// The two as parameters in the base string.
    consumer_key_written: String,
    token_written: String,
    /// The Authorization header up to its signature.
    header: Template,
}

impl Signer {
    pub fn new(credentials: &Credentials) -> Signer {
        let secret = credentials.token.as_ref().map_or("", |token| token.token_secret);
        let halves = [Zeroizing::new(encode(credentials.consumer_secret)), Zeroizing::new(encode(secret))];
        let key = Zeroizing::new([halves[0].as_bytes(), b"&", halves[1].as_bytes()].concat());
        let consumer_key = encode(credentials.consumer_key);
        let token = credentials.token.as_ref().map(|token| encode(token.token));
        let written = |name: &'static str, value: &str| {
            let mut text = Vec::new();
            Parameter::new(Text::Plain(name), Text::Encoded(value)).write(|bytes| text.extend_from_slice(bytes));
            String::from_utf8_lossy(&text).into_owned()
        };
        let mut signer = Signer {
            key: Key::new(&key),
            consumer_key_written: written(CONSUMER_KEY, &consumer_key),
            token_written: token.as_ref().map(|token| written(TOKEN, token)).unwrap_or_default(),
            consumer_key,
            token,
            header: Template::new(""),
        };
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
            let signature = self.signature(request, url, written)?;
            self.write_header(written, &signature, output);
            Ok(())
        })
    }

    /// The base string but for nonce and timestamp. `None` for a request with parameters of these names of its own,
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

    fn write_header(&self, written: Written, signature: &Signature, output: &mut Output) {
        output.push(self.header.before_nonce.as_bytes());
        output.push(written.nonce.as_bytes());
        output.push(self.header.between.as_bytes());
        output.push(written.timestamp.as_bytes());
        output.push(self.header.after_timestamp.as_bytes());
        output.push(signature.as_bytes());
        output.push(b"\"");
    }

    /// The Authorization header up to its signature, but for nonce and timestamp.
    pub fn header_template(&self) -> &Template {
        &self.header
    }

    /// The value of the Authorization header.
    pub fn authorization(&self, request: &Request, stamp: &Stamp) -> Result<String, Error> {
        self.text(HEADER, request, stamp, "OAuth ")
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
            let mut text = Vec::with_capacity(512);
            self.write_base_string(request, url, written, |bytes| text.extend_from_slice(bytes))?;
            Ok(String::from_utf8_lossy(&text).into_owned())
        })
    }

    fn text(&self, style: Style, request: &Request, stamp: &Stamp, before: &str) -> Result<String, Error> {
        checked(request, stamp, |url, written| {
            let signature = self.signature(request, url, written)?;
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
            (SIGNATURE_METHOD, "HMAC-SHA1"),
            (TIMESTAMP, written.timestamp),
        ];
        let fields = fields.into_iter().chain(token).chain(extra).chain([("oauth_signature", signature)]);
        header::write(style, before, fields)
    }

    fn signature(&self, request: &Request, url: &RequestUrl, written: Written) -> Result<Signature, Error> {
        let mut message = self.key.message();
        self.write_base_string(request, url, written, |bytes| message.push(bytes))?;
        Ok(Signature::new(message.finish(&self.key)))
    }

    fn write_base_string(
        &self,
        request: &Request,
        url: &RequestUrl,
        written: Written,
        write: impl FnMut(&[u8]),
    ) -> Result<(), Error> {
        let mut parameters = Parameters::new();
        for source in [url.query, request.form].into_iter().flatten() {
            parameters.add(source)?;
        }
        base_string::write(request.method, url, &parameters, self.protocol(request.extra, written), write);
        Ok(())
    }

    /// The protocol parameters of section 3.1 without the signature, sorted.
    fn protocol<'a>(
        &'a self,
        extra: Option<(&'static str, &'a str)>,
        written: Written<'a>,
    ) -> impl Iterator<Item = Parameter<'a>> {
        let extra_is_first = extra.is_some_and(|(name, _)| name < CONSUMER_KEY);
        let extra = extra.map(|(name, value)| Parameter::new(Text::Plain(name), Text::Encoded(value)));
        let token =
            self.token.as_deref().map(|token| Parameter::written(TOKEN, Text::Encoded(token), &self.token_written));
        let fields = [
            extra.filter(|_| extra_is_first),
            Some(Parameter::written(CONSUMER_KEY, Text::Encoded(&self.consumer_key), &self.consumer_key_written)),
            Some(Parameter::new(Text::Plain(NONCE), Text::Plain(written.nonce))),
            Some(Parameter::written(
                SIGNATURE_METHOD,
                Text::Plain("HMAC-SHA1"),
                "%26oauth_signature_method%3DHMAC-SHA1",
            )),
            Some(Parameter::new(Text::Plain(TIMESTAMP), Text::Plain(written.timestamp))),
            token,
            extra.filter(|_| !extra_is_first),
        ];
        fields.into_iter().flatten()
    }
}

const CONSUMER_KEY: &str = "oauth_consumer_key";
const NONCE: &str = "oauth_nonce";
const SIGNATURE_METHOD: &str = "oauth_signature_method";
const TIMESTAMP: &str = "oauth_timestamp";
const TOKEN: &str = "oauth_token";

/// Hands on what was checked and written.
fn checked<R>(
    request: &Request,
    stamp: &Stamp,
    use_it: impl FnOnce(&RequestUrl, Written) -> Result<R, Error>,
) -> Result<R, Error> {
    let url = request.check()?;
    if stamp.timestamp <= 0 {
        return Err(Error::Timestamp);
    }
    let nonce = Nonce::check(stamp.nonce)?;
    let mut digits = itoa::Buffer::new();
    use_it(&url, Written { timestamp: digits.format(stamp.timestamp), nonce })
}
