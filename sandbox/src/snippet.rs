//! How to point a client at the sandbox, in the words of each.

use crate::sandbox::{Address, Consumer};

pub struct Snippet {
    pub id: &'static str,
    pub name: &'static str,
    pub text: &'static str,
    pub code: String,
}

/// How a value is written in a language.
type Quote = fn(&str) -> String;

/// An id, a name, a text, a template and its language's quotes each.
const TEMPLATES: [(&str, &str, &str, &str, Quote); 5] = [
    (
        "proxy",
        "Any client",
        "E*TRADE's own addresses lead here through a proxy, and the client stays as it is. etoauth-sandbox -- COMMAND \
         sets the same for one command. Node knows the last variable since version 24.",
        include_str!("web/snippets/proxy.sh"),
        in_shell,
    ),
    (
        "curl",
        "curl",
        "Curl does not sign: the second command is refused, and the reason stands below.",
        include_str!("web/snippets/curl.sh"),
        in_shell,
    ),
    (
        "pyetrade",
        "pyetrade",
        "Through the proxy. The link is made here, since its own has the token without percent-encoding.",
        include_str!("web/snippets/pyetrade.py"),
        in_double_quotes,
    ),
    (
        "node",
        "Node",
        "With the package oauth-1.0a, which signs, and without the proxy.",
        include_str!("web/snippets/node.mjs"),
        in_double_quotes,
    ),
    (
        "libetoauth",
        "libetoauth",
        "The addresses are set once, before the login.",
        include_str!("web/snippets/libetoauth.c"),
        in_double_quotes,
    ),
];

/// The languages have placeholders of their own in braces.
pub fn snippets(consumer: &Consumer, address: &Address) -> Vec<Snippet> {
    let fill_in = |template: &str, quote: Quote| {
        template
            .replace("@URL@", &address.url)
            .replace("@CA_FILE@", &quote(&address.ca_file))
            .replace("@KEY@", &quote(&consumer.key))
            .replace("@SECRET@", &quote(&consumer.secret))
    };
    TEMPLATES.map(|(id, name, text, template, quote)| Snippet { id, name, text, code: fill_in(template, quote) }).into()
}

fn in_shell(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
}

/// JSON's texts are texts in Python, JavaScript and C.
fn in_double_quotes(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted() {
        assert_eq!(in_shell("/tmp/it's"), r"'/tmp/it'\''s'");
        assert_eq!(in_double_quotes(r#"a"b\c"#), r#""a\"b\\c""#);
    }
}
