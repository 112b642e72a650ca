//! An API call as its caller asks for it, checked.

use zeroize::Zeroizing;

use super::{Endpoints, Failure, Kind};
use crate::oauth::{Error, Request, RequestUrl};

const FORM: &str = "application/x-www-form-urlencoded";

pub struct ApiRequest {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    /// A form-encoded body, which is signed.
    pub form: Option<Zeroizing<String>>,
    /// Whether a body is sent, be it an empty one.
    pub has_body: bool,
}

impl ApiRequest {
    pub fn check(
        method: &str,
        url: &str,
        headers: &str,
        body: &[u8],
        endpoints: &Endpoints,
    ) -> Result<ApiRequest, Failure> {
        let url = resolve(url, endpoints)?;
        let headers = read_headers(headers)?;
        let content_type = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
        let is_form = content_type
            .is_some_and(|(_, value)| value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(FORM));
        if !body.is_empty() && content_type.is_none() {
            return Err(Failure::new(Kind::Argument, "headers lack a Content-Type, which a body needs."));
        }
        let form = if is_form {
            let text = std::str::from_utf8(body);
            let text =
                text.map_err(|_| Failure::new(Kind::Argument, "body is not form-encoded text: it is not UTF-8."))?;
            Some(Zeroizing::new(text.to_owned()))
        } else {
            None
        };
        let method = method.to_ascii_uppercase();
        // Method, URL and form are checked before anything depends on the state.
        let request = Request::new(&method, &url, form.as_deref().map(String::as_str));
        request.check().map_err(|error| match error {
            Error::Form(why) => Failure::new(Kind::Argument, format!("body is not form-encoded text: {why}.")),
            error => error.into(),
        })?;
        let has_body = !body.is_empty() || matches!(&*method, "POST" | "PUT" | "PATCH");
        Ok(ApiRequest { method, url, headers, form, has_body })
    }
}

/// Credentials go to the API's own origin only.
fn resolve(url: &str, endpoints: &Endpoints) -> Result<String, Failure> {
    if url.starts_with('/') && !url.starts_with("//") {
        return Ok(format!("{}{url}", endpoints.api_base));
    }
    if !url.contains("://") {
        return Err(Error::Url("it is neither a path that begins with / nor a complete https:// URL").into());
    }
    let (asked, base) = (RequestUrl::parse(url)?, RequestUrl::parse(&endpoints.api_base)?);
    if !asked.https && !asked.is_loopback() {
        let sentence = "url begins with http:// and its host is not this machine: the request would be sent unencrypted. Use https://.";
        return Err(Failure::new(Kind::Insecure, sentence));
    }
    if !asked.same_origin(&base) {
        let sentence = format!(
            "url is not under the API's base URL, {}, and credentials are sent nowhere else.",
            endpoints.api_base
        );
        return Err(Failure::new(Kind::Url, sentence));
    }
    Ok(url.to_owned())
}

/// Reads "Name: value" lines; those that the library writes itself are refused.
fn read_headers(headers: &str) -> Result<Vec<(String, String)>, Failure> {
    const OURS: [&str; 5] = ["Authorization", "Host", "Content-Length", "Transfer-Encoding", "Accept-Encoding"];
    let content_type = |name: &str| name.eq_ignore_ascii_case("Content-Type");
    let wrong = |why: &str| Failure::new(Kind::Argument, format!("headers contain a line that {why}."));
    let mut all: Vec<(String, String)> = Vec::new();
    for line in headers.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)) {
        if line.is_empty() {
            continue;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| wrong("is not \"Name: value\""))?;
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(wrong("has no valid name before the colon"));
        }
        if !value.bytes().all(|byte| byte == b'\t' || byte == b' ' || byte.is_ascii_graphic()) {
            return Err(wrong("has a control character or one outside ASCII"));
        }
        if OURS.iter().any(|ours| ours.eq_ignore_ascii_case(name)) {
            return Err(wrong(&format!("the library writes itself: {name}")));
        }
        if content_type(name) && all.iter().any(|(other, _)| content_type(other)) {
            return Err(wrong("is a second Content-Type"));
        }
        all.push((name.to_owned(), value.trim().to_owned()));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etrade::Environment;
    use crate::oauth::Error;

    fn check(url: &str, headers: &str, body: &str) -> Result<(String, Option<String>), Kind> {
        let endpoints = Endpoints::of(Environment::Live);
        let call =
            ApiRequest::check("post", url, headers, body.as_bytes(), &endpoints).map_err(|failure| failure.kind)?;
        Ok((call.url, call.form.map(|form| form.to_string())))
    }

    #[test]
    fn urls_stay_with_the_api() {
        let url = |url| check(url, "", "").map(|(url, _)| url);
        assert_eq!(url("/v1/a?b=c"), Ok("https://api.etrade.com/v1/a?b=c".to_owned()));
        assert_eq!(url("https://API.etrade.com:443/v1"), Ok("https://API.etrade.com:443/v1".to_owned()));
        for elsewhere in ["https://apisb.etrade.com/v1", "https://api.etrade.com:444/", "https://api.etrade.com.evil/"]
        {
            assert_eq!(url(elsewhere), Err(Kind::Url));
        }
        assert_eq!(url("http://api.etrade.com/v1"), Err(Kind::Insecure));
        assert_eq!(url("http://localhost/v1"), Err(Kind::Url));
        for bad in ["", "v1", "//evil/", "/a b", "/\u{e9}", "/a#b"] {
            assert!(matches!(url(bad), Err(Kind::Signing(Error::Url(_)))), "{bad}");
        }
    }

    #[test]
    fn headers_are_checked() {
        let read = |text: &str| read_headers(text).map_err(|failure| failure.kind);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read("A: b\r\nC:d e \n\n"), Ok(vec![pair("A", "b"), pair("C", "d e")]));
        for bad in [
            "A",
            ": b",
            "A b: c",
            "A: b\rX: y",
            "A: \0",
            "authorization: x",
            "HOST:",
            "Content-length: 1",
            "Transfer-Encoding: x",
            "accept-encoding: gzip",
            "Content-Type: a/b\r\ncontent-type: a/b",
            " A: folded",
        ] {
            assert_eq!(read(bad), Err(Kind::Argument), "{bad:?}");
        }
    }

    #[test]
    fn only_forms_are_signed_and_bodies_have_a_type() {
        let form = |headers, body| check("/", headers, body).map(|(_, form)| form);
        assert_eq!(
            form("content-type: Application/X-WWW-Form-Urlencoded; charset=utf-8", "a=b"),
            Ok(Some("a=b".to_owned()))
        );
        assert_eq!(form("Content-Type: application/json", "{}"), Ok(None));
        assert_eq!(form("", "{}"), Err(Kind::Argument));
        assert_eq!(form("Content-Type: application/x-www-form-urlencoded", "a=%"), Err(Kind::Argument));
    }
    #[test]
    fn an_empty_body_is_sent_where_one_is_usual() {
        let endpoints = Endpoints::of(Environment::Live);
        for (method, body, expected) in [
            ("get", "", false),
            ("DELETE", "", false),
            ("post", "", true),
            ("PUT", "", true),
            ("PATCH", "", true),
            ("DELETE", "{}", true),
        ] {
            let request = ApiRequest::check(method, "/", "Content-Type: application/json", body.as_bytes(), &endpoints);
            let request = request.unwrap();
            assert_eq!((request.has_body, request.method), (expected, method.to_uppercase()), "{method} {body}");
        }
    }
}
