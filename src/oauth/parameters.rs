//! The request parameters, collected and normalized (RFC 5849 sections 3.4.1.3.1 and 3.4.1.3.2).

use std::cmp::Ordering;

use smallvec::SmallVec;

use super::Error;
use super::encoding::{Text, escapes_are_whole, is_unreserved};

/// So many parameters need no allocation.
const ON_STACK: usize = 48;

#[derive(Clone, Copy)]
pub struct Parameter<'a> {
    name: Text<'a>,
    value: Text<'a>,
}

impl<'a> Parameter<'a> {
    pub fn new(name: Text<'a>, value: Text<'a>) -> Parameter<'a> {
        Parameter { name, value }
    }

    fn cmp(&self, other: &Parameter) -> Ordering {
        self.name.cmp(other.name).then_with(|| self.value.cmp(other.value))
    }

    /// The same as `write`, but without the `&` for the first parameter.
    pub fn write_joined(&self, first: bool, mut write: impl FnMut(&[u8])) {
        let mut skip = if first { JOINT.len() } else { 0 };
        self.write(|bytes| write(&bytes[std::mem::take(&mut skip)..]));
    }

    /// Writes an `&` and the parameter, all percent-encoded once more, as the base string requires.
    pub fn write(&self, mut write: impl FnMut(&[u8])) {
        write(JOINT);
        self.name.write_encoded_again(&mut write);
        write(b"%3D");
        self.value.write_encoded_again(&mut write);
    }
}

/// An encoded `&`.
pub const JOINT: &[u8] = b"%26";

/// The one parameter that is never signed, wherever it stands (section 3.4.1.3.1).
pub const SIGNATURE: &str = "oauth_signature";

/// The request's own parameters, sorted by encoded name, then by encoded value.
pub struct Parameters<'a>(SmallVec<[Parameter<'a>; ON_STACK]>);

impl<'a> Parameters<'a> {
    pub fn new() -> Parameters<'a> {
        Parameters(SmallVec::new())
    }

    /// Adds the parameters of a query or a form. (The list is large, so it is filled in place and never moved.)
    pub fn add(&mut self, source: &'a str) -> Result<(), Error> {
        let mut rest = source;
        while !rest.is_empty() {
            let (pair, name, plain) = first_pair(rest);
            let text = |text| if plain { Text::Plain(text) } else { Text::Form(text) };
            // Names are compared decoded. Encoded in full, this one is three times as long.
            let may_be_signature = (SIGNATURE.len()..=3 * SIGNATURE.len()).contains(&name);
            let is_signature = || text(&rest[..name]).cmp(Text::Plain(SIGNATURE)).is_eq();
            if pair > 0 && !(may_be_signature && is_signature()) {
                self.0.try_reserve(1).map_err(|_| Error::Memory)?;
                let value = rest[..pair].get(name + 1..).unwrap_or_default();
                self.0.push(Parameter { name: text(&rest[..name]), value: text(value) });
            }
            rest = rest.get(pair + 1..).unwrap_or_default();
        }
        self.0.sort_unstable_by(Parameter::cmp);
        Ok(())
    }

    /// Whether one of them has this name, which needs no encoding.
    pub fn have(&self, name: &str) -> bool {
        self.0.iter().any(|parameter| parameter.name.cmp(Text::Plain(name)).is_eq())
    }

    /// Those that sort before and those that sort after all `oauth_` parameters, if that is all of them: as it is in
    /// most requests.
    pub fn around_protocol(&self) -> Option<(&[Parameter<'a>], &[Parameter<'a>])> {
        let before = self.0.iter().take_while(|parameter| parameter.name.cmp(Text::Plain("oauth_")).is_lt()).count();
        let (before, after) = self.0.split_at(before);
        let beyond = |parameter: &Parameter| matches!(parameter.name, Text::Plain(n) if !n.starts_with("oauth_"));
        after.first().is_none_or(beyond).then_some((before, after))
    }

    /// Writes them normalized, with the protocol's parameters, which come sorted, among them.
    pub fn write_with<'b>(&self, protocol: impl Iterator<Item = Parameter<'b>>, mut write: impl FnMut(&[u8])) {
        let mut first = true;
        let mut write_next = |parameter: &Parameter| parameter.write_joined(std::mem::take(&mut first), &mut write);
        let mut own = self.0.iter().peekable();
        for field in protocol {
            while let Some(parameter) = own.next_if(|parameter| parameter.cmp(&field).is_lt()) {
                write_next(parameter);
            }
            write_next(&field);
        }
        own.for_each(write_next);
    }
}

/// The lengths of the first pair and of its name, and whether all else in it is unreserved.
fn first_pair(source: &str) -> (usize, usize, bool) {
    let (mut name, mut plain, mut place) = (None, true, 0);
    loop {
        place += source.bytes().skip(place).take_while(|&byte| is_unreserved(byte)).count();
        match (source.as_bytes().get(place), name) {
            (None | Some(b'&'), _) => return (place, name.unwrap_or(place), plain),
            (Some(b'='), None) => name = Some(place),
            _ => plain = false,
        }
        place += 1;
    }
}

pub fn check_form(form: &str) -> Result<(), Error> {
    if !escapes_are_whole(form) {
        return Err(Error::Form("it has a % without two hexadecimal digits"));
    }
    // These characters reveal JSON and XML.
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
        let protocol = Parameter::new(Text::Plain("oauth_nonce"), Text::Encoded("n%2B"));
        let mut all = Parameters::new();
        [Some(query), form].into_iter().flatten().for_each(|source| all.add(source).unwrap());
        all.write_with([protocol].into_iter(), |bytes| text.extend_from_slice(bytes));
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
    fn a_signature_is_never_signed() {
        for signature in ["oauth_signature=x%3D", "oauth_signature", "oauth%5fsignature=", "%6F%61uth%5Fsignature=y"] {
            assert_eq!(normalized(&format!("a=1&{signature}&b=2"), Some(signature)), "a=1&b=2&oauth_nonce=n%2B");
            assert_eq!(normalized(signature, None), "oauth_nonce=n%2B");
        }
        assert_eq!(
            normalized("oauth_signature_method=x&Oauth_signature=y&oauth+signature=z", None),
            "Oauth_signature=y&oauth%20signature=z&oauth_nonce=n%2B&oauth_signature_method=x"
        );
    }

    #[test]
    fn more_parameters_than_fit_on_the_stack() {
        let query: Vec<String> = (0..1000).rev().map(|i| format!("p{i:04}=1")).collect();
        let text = normalized(&query.join("&"), None);
        assert!(text.starts_with("oauth_nonce=n%2B&p0000=1&p0001=1") && text.ends_with("&p0999=1"));
    }
    #[test]
    fn what_is_no_form_is_refused() {
        for bad in ["a=%", "a=%4", "a=%zz", "{\"a\":1}", "<a>", "a=\n", "a=\u{7f}"] {
            assert!(matches!(check_form(bad), Err(Error::Form(_))), "{bad}");
        }
        assert_eq!(check_form("a=%41+b&c=é"), Ok(()));
    }
}
