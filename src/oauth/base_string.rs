//! The signature base string (RFC 5849 section 3.4.1.1).

use super::url::RequestUrl;

/// Writes what comes before the parameters.
pub fn write_start(method: &str, url: &RequestUrl, mut write: impl FnMut(&[u8])) {
    if method.bytes().any(|letter| letter.is_ascii_lowercase()) {
        method.bytes().for_each(|letter| write(&[letter.to_ascii_uppercase()]));
    } else {
        write(method.as_bytes());
    }
    write(b"&");
    url.write_base_uri(&mut write);
    write(b"&");
}
