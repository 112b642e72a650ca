//! The message in an error body, in each of the shapes that E*TRADE answers with: HTML, JSON, XML, plain text.

use std::borrow::Cow;

use serde_json::Value;

/// Of a JSON or XML error the message's text; of anything else the whole text, in which a problem can be searched.
pub fn read(body: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(body);
    let found = match text.trim_start().trim_start_matches('\u{feff}').chars().next() {
        Some('{' | '[') => json(&text),
        Some('<') => xml(&text),
        _ => None,
    };
    found.map_or(text, Cow::Owned)
}

fn json(text: &str) -> Option<String> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let error = value.get("Error").or_else(|| value.get("error")).unwrap_or(&value);
    let message = error.get("message").unwrap_or(error);
    message.as_str().map(str::to_owned)
}

/// HTML is seldom well-formed XML, and where it is, it has no such element: then its text is searched as it is.
fn xml(text: &str) -> Option<String> {
    let document = roxmltree::Document::parse(text.trim_start_matches('\u{feff}').trim_start()).ok()?;
    let message = document.descendants().find(|node| node.tag_name().name().eq_ignore_ascii_case("message"))?;
    message.text().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape() {
        for (body, expected) in [
            (r#"{"Error":{"message":"oauth_problem=token_expired"}}"#, "oauth_problem=token_expired"),
            (r#" {"Error":{"code":0,"message":"Invalid access token used"}}"#, "Invalid access token used"),
            (r#"{"message":"token_rejected"}"#, "token_rejected"),
            ("<Error><code>0</code><message>a &amp; b</message></Error>", "a & b"),
            ("\u{feff}<?xml version=\"1.0\"?>\n<Error><message> x\n</message></Error>", "x"),
            ("<html><p>oauth_problem=x</html>", "<html><p>oauth_problem=x</html>"),
            ("{broken", "{broken"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(read(body.as_bytes()), expected);
        }
    }

    #[test]
    fn hostile_nesting_is_only_text() {
        let deep = "[".repeat(200_000);
        assert_eq!(read(deep.as_bytes()), deep);
        let deep = "<a>".repeat(200_000);
        assert_eq!(read(deep.as_bytes()), deep);
        assert_eq!(read(b"{\"Error\":\"\xff\"}"), "\u{fffd}");
    }
}
