//! RFC 5849 by its letter, sharing nothing with the library: slow, and plain enough to be checked by reading.

pub struct Request<'a> {
    pub method: &'a str,
    pub url: &'a str,
    pub form: Option<&'a str>,
    pub key: &'a str,
    pub secret: &'a str,
    /// With its secret.
    pub token: Option<(&'a str, &'a str)>,
    pub timestamp: &'a str,
    pub nonce: &'a str,
}

impl Request<'_> {
    /// Section 3.4.1.1.
    pub fn base_string(&self) -> String {
        let parts =
            [self.method.to_ascii_uppercase(), encode(&base_uri(self.url)), encode(self.parameters().as_bytes())];
        parts.join("&")
    }

    /// Section 3.4.1.3.2.
    fn parameters(&self) -> String {
        let mut all: Vec<(String, String)> = Vec::new();
        let query = self.url.split_once('?').map(|(_, query)| query);
        for source in [query, self.form].into_iter().flatten() {
            for pair in source.split('&').filter(|pair| !pair.is_empty()) {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                all.push((encode(&decode(name)), encode(&decode(value))));
            }
        }
        all.retain(|(name, _)| name != "oauth_signature");
        let token = self.token.map(|(token, _)| ("oauth_token", token));
        let protocol = [
            ("oauth_consumer_key", self.key),
            ("oauth_nonce", self.nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", self.timestamp),
        ];
        let protocol = protocol.into_iter().chain(token);
        all.extend(protocol.map(|(name, value)| (name.to_owned(), encode(value.as_bytes()))));
        all.sort();
        let pairs: Vec<String> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }

    /// Section 3.4.2.
    pub fn signature(&self) -> String {
        let secret = self.token.map_or("", |(_, secret)| secret);
        let key = format!("{}&{}", encode(self.secret.as_bytes()), encode(secret.as_bytes()));
        base64(&hmac(key.as_bytes(), self.base_string().as_bytes()))
    }

    /// The protocol's parameters as they are sent, in the order of their names.
    pub fn fields(&self) -> Vec<(String, String)> {
        let signature = self.signature();
        let mut fields = vec![
            ("oauth_consumer_key", self.key),
            ("oauth_nonce", self.nonce),
            ("oauth_signature", &signature),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", self.timestamp),
        ];
        fields.extend(self.token.map(|(token, _)| ("oauth_token", token)));
        fields.iter().map(|(name, value)| ((*name).to_owned(), encode(value.as_bytes()))).collect()
    }
}

/// Section 3.4.1.2.
fn base_uri(url: &str) -> Vec<u8> {
    let (scheme, rest) = url.split_once("://").expect("it was accepted");
    let scheme = scheme.to_ascii_lowercase();
    let before_query = rest.split('?').next().unwrap_or_default();
    let (authority, path) = before_query.find('/').map_or((before_query, "/"), |slash| before_query.split_at(slash));
    let authority = authority.to_ascii_lowercase();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.trim_start_matches('0')),
        _ => (&authority[..], ""),
    };
    let default = if scheme == "https" { "443" } else { "80" };
    let port = if port.is_empty() || port == default { String::new() } else { format!(":{port}") };
    format!("{scheme}://{host}{port}{path}").into_bytes()
}

/// Section 3.6.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            _ => text += &format!("%{byte:02X}"),
        }
    }
    text
}

/// A name or value of a form.
fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::new();
    let mut place = 0;
    while place < bytes.len() {
        if bytes[place] == b'%' {
            decoded.push(u8::from_str_radix(&text[place + 1..place + 3], 16).expect("it was accepted"));
            place += 3;
        } else {
            decoded.push(if bytes[place] == b'+' { b' ' } else { bytes[place] });
            place += 1;
        }
    }
    decoded
}

/// RFC 2104.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 20] {
    let mut block = [0; 64];
    if key.len() > 64 {
        block[..20].copy_from_slice(&sha1(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = sha1(&[&block.map(|byte| byte ^ 0x36)[..], message].concat());
    sha1(&[&block.map(|byte| byte ^ 0x5c)[..], &inner].concat())
}

/// RFC 3174.
pub fn sha1(message: &[u8]) -> [u8; 20] {
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&(message.len() as u64 * 8).to_be_bytes());
    let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in padded.chunks(64) {
        let mut words = [0_u32; 80];
        for (word, bytes) in words.iter_mut().zip(block.chunks(4)) {
            *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        for t in 16..80 {
            words[t] = (words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16]).rotate_left(1);
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (t, word) in words.iter().enumerate() {
            let (f, k) = match t {
                0..20 => ((b & c) | (!b & d), 0x5a82_7999),
                20..40 => (b ^ c ^ d, 0x6ed9_eba1),
                40..60 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let next = a.rotate_left(5).wrapping_add(f).wrapping_add(e).wrapping_add(*word).wrapping_add(k);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (sum, value) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(value);
        }
    }
    let mut digest = [0; 20];
    digest.chunks_mut(4).zip(state).for_each(|(place, word)| place.copy_from_slice(&word.to_be_bytes()));
    digest
}

/// RFC 4648 section 4.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0, |number, at| number << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * at)) as usize % 64];
            text.push(if at <= three.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of E*TRADE's developer guide.
    #[test]
    fn a_published_signature() {
        let request = Request {
            method: "GET",
            url: "https://api.etrade.com/v1/accounts/list",
            form: None,
            key: "c5bb4dcb7bd6826c7c4340df3f791188",
            secret: "7d30246211192cda43ede3abd9b393b9",
            token: Some((
                "VbiNYl63EejjlKdQM6FeENzcnrLACrZ2JYD6NQROfVI=",
                "XCF9RzyQr4UEPloA+WlC06BnTfYC1P0Fwr3GUw/B0Es=",
            )),
            timestamp: "1344885636",
            nonce: "0bba225a40d1bbac2430aa0c6163ce44",
        };
        assert_eq!(request.signature(), "UOnPVdzExTAgHkcGWLLfeTaaMSM=");
    }
}
