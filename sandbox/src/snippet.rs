//! How to point a client at the sandbox, in the words of each.

use crate::sandbox::{Address, Consumer};

pub struct Snippet {
    pub id: &'static str,
    pub name: &'static str,
    pub text: &'static str,
    pub code: String,
}

/// An id, a name, a text and a template each.
const TEMPLATES: [(&str, &str, &str, &str); 5] = [
    (
        "proxy",
        "Any client",
        "E*TRADE's own addresses lead here through a proxy, and the client stays as it is. etoauth-sandbox -- COMMAND \
         sets the same for one command. Node knows the last variable since version 24.",
        include_str!("web/snippets/proxy.sh"),
    ),
    (
        "curl",
        "curl",
        "Curl does not sign: the second command is refused, and the reason stands below.",
        include_str!("web/snippets/curl.sh"),
    ),
    (
        "pyetrade",
        "pyetrade",
        "Through the proxy. The link is made here, since its own has the token without percent-encoding.",
        include_str!("web/snippets/pyetrade.py"),
    ),
    (
        "node",
        "Node",
        "With the package oauth-1.0a, which signs, and without the proxy.",
        include_str!("web/snippets/node.mjs"),
    ),
    (
        "libetoauth",
        "libetoauth",
        "The addresses are set once, before the login.",
        include_str!("web/snippets/libetoauth.c"),
    ),
];

pub fn snippets(consumer: &Consumer, address: &Address) -> Vec<Snippet> {
    let fill_in = |template: &str| {
        template
            .replace("{url}", &address.url)
            .replace("{ca_file}", &address.ca_file)
            .replace("{key}", &consumer.key)
            .replace("{secret}", &consumer.secret)
    };
    TEMPLATES.map(|(id, name, text, template)| Snippet { id, name, text, code: fill_in(template) }).into()
}
