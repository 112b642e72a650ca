//! XML and JSON: in which of them a call is answered, and how its body is read.

use axum::http::StatusCode;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use axum::response::{IntoResponse, Response};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Xml,
    Json,
}

impl Format {
    /// XML, unless a part of the path ends in `.json`, only JSON is accepted, or the body is JSON: pyetrade cancels an
    /// order in JSON on a path without an ending, and reads the answer as JSON.
    pub fn of(path: &str, headers: &HeaderMap) -> Self {
        let field = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let accept = field(ACCEPT);
        let json = path.split('/').any(|part| part.ends_with(".json"))
            || accept.contains("application/json") && !accept.contains("xml")
            || field(CONTENT_TYPE).to_ascii_lowercase().starts_with("application/json")
                && !accept.contains("application/xml");
        if json { Self::Json } else { Self::Xml }
    }

    /// An answer whose outermost element has this name.
    pub fn answer(self, status: StatusCode, name: &str, content: &impl Serialize) -> Response {
        let (content_type, text) = match self {
            Self::Xml => {
                let text = quick_xml::se::to_string_with_root(name, content).expect("our answers fit XML");
                ("application/xml", format!("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>{text}"))
            }
            Self::Json => {
                let text = serde_json::to_string(content).expect("our answers fit JSON");
                ("application/json", format!("{{\"{name}\":{text}}}"))
            }
        };
        (status, [(CONTENT_TYPE, content_type)], text).into_response()
    }
}

/// A decimal number as E*TRADE documents them: a double. Sums are made before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub Decimal);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.to_f64().unwrap_or_default())
    }
}

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

/// Reads a body by its content type; XML becomes what JSON would have been, with every value a text. If it can't be read,
/// the sentence says why.
pub fn read_body(headers: &HeaderMap, body: &[u8]) -> Result<Value, String> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media_type.as_str() {
        "application/json" => serde_json::from_slice(body).map_err(|error| format!("The body is not JSON: {error}")),
        "application/xml" | "text/xml" => {
            let read = std::str::from_utf8(body).ok().and_then(read_xml);
            read.ok_or_else(|| "The body is not XML".to_owned())
        }
        "" => Err("The body has no Content-Type: it must be application/json or application/xml".to_owned()),
        other => Err(format!("The Content-Type is {other}: it must be application/json or application/xml")),
    }
}

fn read_xml(text: &str) -> Option<Value> {
    let mut reader = Reader::from_str(text.trim());
    // The elements that are open, with what was read of each. The first one stands for the document.
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                if open.len() > DEEPEST {
                    return None;
                }
                open.push(Element::named(start.local_name().as_ref()));
            }
            Event::Empty(start) => {
                let element = Element::named(start.local_name().as_ref());
                open.last_mut()?.add(element);
            }
            Event::Text(piece) => open.last_mut()?.text.push_str(&piece.decode().ok()?),
            Event::CData(piece) => open.last_mut()?.text.push_str(&piece.decode().ok()?),
            Event::GeneralRef(name) => {
                let character = name.resolve_char_ref().ok()?.map(String::from);
                let entity = name.decode().ok().and_then(|name| resolve_predefined_entity(&name).map(str::to_owned));
                open.last_mut()?.text.push_str(&character.or(entity)?);
            }
            Event::End(_) => {
                let element = open.pop()?;
                open.last_mut()?.add(element);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let document = open.pop().filter(|_| open.is_empty())?;
    (!document.children.is_empty()).then_some(Value::Object(document.children))
}

/// How deep elements may lie in each other.
const DEEPEST: usize = 32;

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Map<String, Value>,
}

impl Element {
    fn named(name: &[u8]) -> Self {
        Self { name: String::from_utf8_lossy(name).into_owned(), ..Self::default() }
    }

    fn add(&mut self, child: Self) {
        let content = match child.children.is_empty() {
            true => Value::String(child.text.trim().to_owned()),
            false => Value::Object(child.children),
        };
        match self.children.get_mut(&child.name) {
            Some(Value::Array(earlier)) => earlier.push(content),
            Some(earlier) => *earlier = Value::Array(vec![earlier.take(), content]),
            None => {
                self.children.insert(child.name, content);
            }
        }
    }
}

/// A field that may stand once or several times.
pub fn many<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    match &object[name] {
        Value::Null => &[],
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}

/// A field's text, whether it was a text, a number or a Boolean.
pub fn text(object: &Value, name: &str) -> Option<String> {
    let text = match &object[name] {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn xml_is_read_as_json_is() {
        let xml = "<?xml version='1.0'?><A><b>1</b><b> 2 &amp; &#51; </b><c><d/></c><e><![CDATA[<]]></e></A>";
        assert_eq!(read_xml(xml), Some(json!({"A": {"b": ["1", "2 & 3"], "c": {"d": ""}, "e": "<"}})));
        let deep = "<A>".repeat(40) + &"</A>".repeat(40);
        for wrong in ["", "x", "<A>", "<A><b></A>", "</A>", "<A>&unknown;</A>", &deep] {
            assert_eq!(read_xml(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn fields_may_be_single_or_several() {
        let object = json!({"a": {"x": 1}, "b": [{"x": "2 "}, {"x": true}], "c": ""});
        let texts = |name| many(&object, name).iter().map(|value| text(value, "x").unwrap()).collect::<Vec<_>>();
        assert_eq!(
            (texts("a"), texts("b"), texts("none")),
            (vec!["1".to_owned()], vec!["2".into(), "true".into()], vec![])
        );
        assert_eq!((text(&object, "c"), text(&object, "b")), (None, None));
    }
}
