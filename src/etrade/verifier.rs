//! The verification code that E*TRADE shows the person, or the redirected URL that carries it.

use super::{Failure, Kind};
use crate::oauth::decode;

#[derive(Debug, PartialEq, Eq)]
pub struct Verifier {
    pub code: String,
    /// The request token that came with it. E*TRADE's own examples of a redirect have none.
    pub token: Option<String>,
}

impl Verifier {
    pub fn read(text: &str) -> Result<Verifier, Failure> {
        let text = text.trim();
        let verifier = if text.contains("oauth_verifier=") || text.contains("://") {
            let query = text.split_once('?').map_or(text, |(_, query)| query);
            let query = query.split_once('#').map_or(query, |(query, _)| query);
            let field = |name: &str| {
                let (_, value) =
                    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?;
                decode(value)
            };
            Verifier {
                code: field("oauth_verifier").unwrap_or_default().trim().to_owned(),
                token: field("oauth_token"),
            }
        } else {
            Verifier { code: text.to_owned(), token: None }
        };
        if verifier.code.is_empty() {
            let sentence = "verifier contains no code: pass the code that E*TRADE's page shows, or the complete URL of the redirect.";
            return Err(Failure::new(Kind::Argument, sentence));
        }
        Ok(verifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_urls() {
        let read = |text| Verifier::read(text).map(|v| (v.code, v.token)).map_err(|failure| failure.kind);
        let pair = |code: &str, token: Option<&str>| Ok((code.to_owned(), token.map(str::to_owned)));
        assert_eq!(read(" 2fA5G\r\n"), pair("2fA5G", None));
        assert_eq!(read("http://localhost/cb?x=1&oauth_token=a%2Bb%3D&oauth_verifier=Q1#f"), pair("Q1", Some("a+b=")));
        assert_eq!(read("oauth_token=a+b&oauth_verifier=Q%201"), pair("Q 1", Some("a+b")));
        for (url, code) in [
            ("https://myapplicationsite.com/mytradingapp?oauth_verifier=WXYZ89", "WXYZ89"),
            ("https://myapplicationsite.com?myapp=trading&oauth_verifier=WXYZ89", "WXYZ89"),
        ] {
            assert_eq!(read(url), pair(code, None));
        }
        for bad in [
            "",
            "  ",
            "http://localhost/cb",
            "http://localhost/?oauth_token=a",
            "http://x/?oauth_verifier=%20",
            "oauth_token=a&oauth_verifier=",
        ] {
            assert_eq!(read(bad), Err(Kind::Argument), "{bad}");
        }
    }
}
