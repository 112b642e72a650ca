//! An HTTP answer, whoever fetched it.

use zeroize::Zeroizing;

pub struct Reply {
    pub status: u16,
    headers: Vec<(String, String)>,
    /// Wiped when dropped: a token reply holds secrets.
    pub body: Zeroizing<Vec<u8>>,
}

impl Reply {
    /// `headers` are "Name: value" lines.
    pub fn new(status: u16, headers: &str, body: &[u8]) -> Reply {
        let pairs = headers.lines().filter_map(|line| line.split_once(':'));
        let headers = pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect();
        Reply { status, headers, body: Zeroizing::new(body.to_vec()) }
    }

    pub fn from_parts(status: u16, headers: Vec<(String, String)>, body: Zeroizing<Vec<u8>>) -> Reply {
        Reply { status, headers, body }
    }

    /// All values of a header, its name in any case.
    pub fn header(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
