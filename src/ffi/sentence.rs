//! A failure in words, made without an allocation.

use std::fmt::{self, Write};

use super::errors::ETOAUTH_ERROR_MAX;
use super::fault::Fault;

const LONGEST: usize = ETOAUTH_ERROR_MAX - 1;
const ELLIPSIS: &str = "...";

/// A text that ends with "..." where it would be longer than an error's buffer.
pub struct Sentence {
    text: [u8; LONGEST],
    length: usize,
}

impl Sentence {
    pub fn new(fault: &Fault) -> Sentence {
        let mut sentence = Sentence { text: [0; LONGEST], length: 0 };
        // This fails where the sentence is full, and then it has been cut already.
        let _ = write!(sentence, "{fault}");
        sentence
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }

    fn push(&mut self, text: &str) {
        let end = self.length + text.len();
        self.text[self.length..end].copy_from_slice(text.as_bytes());
        self.length = end;
    }
}

impl fmt::Write for Sentence {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fitting = cut(text, LONGEST - self.length);
        self.push(fitting);
        if fitting.len() == text.len() {
            return Ok(());
        }
        self.length = cut(self.as_str(), LONGEST - ELLIPSIS.len()).len();
        self.push(ELLIPSIS);
        Err(fmt::Error)
    }
}

/// As many of a text's first bytes as are allowed, cut between two characters.
pub fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(text: &str) -> String {
        let mut sentence = Sentence { text: [0; LONGEST], length: 0 };
        // In two parts, as formatting does.
        let half = cut(text, text.len() / 2).len();
        let _ = sentence.write_str(&text[..half]).and_then(|()| sentence.write_str(&text[half..]));
        sentence.as_str().to_owned()
    }

    #[test]
    fn a_long_sentence_is_cut_between_characters() {
        for character in ["a", "é", "€", "😀"] {
            for length in 0..LONGEST + 20 {
                for start in ["", "b", "bb", "bbb"] {
                    let mut text = start.to_owned() + &character.repeat(length / character.len());
                    let whole = text.clone();
                    let made = sentence(&text);
                    if text.len() <= LONGEST {
                        assert_eq!(made, text);
                        continue;
                    }
                    let kept = made.strip_suffix(ELLIPSIS).unwrap();
                    text.truncate(kept.len());
                    assert_eq!(kept, text, "{whole}");
                    assert!(made.len() <= LONGEST && made.len() + character.len() > LONGEST);
                }
            }
        }
    }
}
