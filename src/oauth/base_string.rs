//! The signature base string (RFC 5849 section 3.4.1.1).

use super::parameters::Parameters;
use super::url::RequestUrl;

pub fn write(method: &str, url: &RequestUrl, parameters: &Parameters, mut write: impl FnMut(&[u8])) {
    for letter in method.bytes() {
        write(&[letter.to_ascii_uppercase()]);
    }
    write(b"&");
    url.write_base_uri(&mut write);
    write(b"&");
    parameters.write(write);
}
