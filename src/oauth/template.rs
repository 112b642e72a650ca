//! A text that is the same for every signature, except for its nonce and its timestamp.

/// Nonce and timestamp as they are written.
#[derive(Clone, Copy)]
pub struct Written<'a> {
    pub timestamp: &'a str,
    pub nonce: &'a str,
}

/// The placeholder for both. No URL, key or token can contain it, since a NUL would be percent-encoded.
const GAP: &str = "\0";

impl Written<'_> {
    /// For a text that is to become a template.
    pub const GAPS: Written<'static> = Written { timestamp: GAP, nonce: GAP };
}

pub struct Template {
    pub before_nonce: String,
    pub between: String,
    pub after_timestamp: String,
}

impl Template {
    /// From a text with a gap for the nonce and a later one for the timestamp.
    pub fn new(text: &str) -> Template {
        let (before_nonce, rest) = text.split_once(GAP).unwrap_or((text, ""));
        let (between, after_timestamp) = rest.split_once(GAP).unwrap_or((rest, ""));
        Template {
            before_nonce: before_nonce.to_owned(),
            between: between.to_owned(),
            after_timestamp: after_timestamp.to_owned(),
        }
    }

    pub fn write(&self, written: Written, mut write: impl FnMut(&str)) {
        for text in [&self.before_nonce, written.nonce, &self.between, written.timestamp, &self.after_timestamp] {
            write(text);
        }
    }

    /// Of the text without nonce and timestamp.
    pub fn length(&self) -> usize {
        self.before_nonce.len() + self.between.len() + self.after_timestamp.len()
    }
}
