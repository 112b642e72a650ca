//! The request parameters, collected and normalized (RFC 5849 sections 3.4.1.3.1 and 3.4.1.3.2).

use smallvec::SmallVec;

use super::Error;
use super::encoding::{Text, escapes_are_whole};

/// As many fit without an allocation; signing more than these costs one.
const ON_STACK: usize = 48;

#[derive(Clone, Copy)]
struct Parameter<'a> {
    name: Text<'a>,
    value: Text<'a>,
}

/// Sorted by encoded name, then by encoded value.
pub struct Parameters<'a>(SmallVec<[Parameter<'a>; ON_STACK]>);

impl<'a> Parameters<'a> {
    /// `protocol` holds the oauth_ parameters that travel beside the URL, their values already encoded.
    pub fn collect(
        query: Option<&'a str>,
        form: Option<&'a str>,
        protocol: impl Iterator<Item = (&'static str, &'a str)>,
    ) -> Result<Parameters<'a>, Error> {
        let mut all = SmallVec::new();
        for source in [query, form].into_iter().flatten() {
            let pairs = source.split('&').filter(|pair| !pair.is_empty());
            for pair in pairs {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                push(&mut all, Parameter { name: Text::form(name), value: Text::form(value) })?;
            }
        }
        for (name, value) in protocol {
            push(&mut all, Parameter { name: Text::Encoded(name), value: Text::Encoded(value) })?;
        }
        all.sort_unstable_by(|a, b| a.name.cmp(b.name).then_with(|| a.value.cmp(b.value)));
        Ok(Parameters(all))
    }

    /// Writes the normalized parameters, percent-encoded once more, as the base string wants them.
    pub fn write(&self, mut write: impl FnMut(&[u8])) {
        for (index, parameter) in self.0.iter().enumerate() {
            if index > 0 {
                write(b"%26");
            }
            parameter.name.write_encoded_again(&mut write);
            write(b"%3D");
            parameter.value.write_encoded_again(&mut write);
        }
    }
}

fn push<'a>(all: &mut SmallVec<[Parameter<'a>; ON_STACK]>, parameter: Parameter<'a>) -> Result<(), Error> {
    all.try_reserve(1).map_err(|_| Error::Memory)?;
    all.push(parameter);
    Ok(())
}

pub fn check_form(form: &str) -> Result<(), Error> {
    if !escapes_are_whole(form) {
        return Err(Error::Form("it has a % without two hexadecimal digits"));
    }
    // JSON and XML give themselves away.
    if form.bytes().any(|byte| byte.is_ascii_control() || b"\"<>{}".contains(&byte)) {
        return Err(Error::Form("it has a control character or one of \"<>{}: encode it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalized(query: &str, form: Option<&str>) -> String {
        let mut text = Vec::new();
        let all = Parameters::collect(Some(query), form, [("oauth_nonce", "n%2B")].into_iter()).unwrap();
        all.write(|bytes| text.extend_from_slice(bytes));
        crate::oauth::decode(std::str::from_utf8(&text).unwrap()).unwrap()
    }

    #[test]
    fn sorted_after_encoding_by_name_then_value() {
        assert_eq!(normalized("a-b=1&a=2&a=10&a=1", None), "a=1&a=10&a=2&a-b=1&oauth_nonce=n%2B");
        assert_eq!(normalized("c2=&c%40=&c@=x", None), "c%40=&c%40=x&c2=&oauth_nonce=n%2B");
        assert_eq!(normalized("z=1&%7E=2&~=1", None), "oauth_nonce=n%2B&z=1&~=1&~=2");
    }

    #[test]
    fn odd_pairs() {
        assert_eq!(normalized("&&b&a==x=&=v&", None), "=v&a=%3Dx%3D&b=&oauth_nonce=n%2B");
        assert_eq!(normalized("p=a+b", Some("p=a%20b&é=%c3%a9")), "%C3%A9=%C3%A9&oauth_nonce=n%2B&p=a%20b&p=a%20b");
        assert_eq!(normalized("oauth_nonce=a", None), "oauth_nonce=a&oauth_nonce=n%2B");
    }

    #[test]
    fn more_parameters_than_fit_on_the_stack() {
        let query: Vec<String> = (0..1000).rev().map(|i| format!("p{i:04}=1")).collect();
        let text = normalized(&query.join("&"), None);
        assert!(text.starts_with("oauth_nonce=n%2B&p0000=1&p0001=1") && text.ends_with("&p0999=1"));
    }
}
