//! The ways in which clients make base strings and signing keys: the right one and the usual mistakes.

use percent_encoding::{AsciiSet, percent_decode_str, percent_encode};

use crate::call::Signed;
use crate::signature::{Parameter, RESERVED, decode_form, encode};

/// What a signature is made with.
pub struct Secrets<'a> {
    pub consumer: &'a str,
    pub token: &'a str,
    /// The secret of the request token that the access token was exchanged for.
    pub request: Option<&'a str>,
}

/// A usual mistake.
#[derive(Clone, Debug)]
pub struct Mistake {
    pub cause: &'static str,
    pub sentence: String,
}

impl Mistake {
    fn new(cause: &'static str, sentence: impl Into<String>) -> Self {
        Self { cause, sentence: sentence.into() }
    }
}

type Escape = fn(&[u8]) -> String;

/// How the parameters of a base string are put in order.
#[derive(Clone, Copy)]
enum Order {
    Encoded,
    Decoded,
    AsSent,
    Descending,
}

/// How a client makes a base string.
#[derive(Clone)]
pub struct Recipe {
    method: String,
    uri: String,
    parameters: Vec<Parameter>,
    /// For names and values within the list of parameters.
    escape: Escape,
    /// For the three parts of the base string.
    escape_part: Escape,
    order: Order,
}

impl Recipe {
    fn right(signed: &Signed) -> Self {
        Self {
            method: signed.method.to_uppercase(),
            uri: uri(signed.scheme, &signed.host, &signed.path),
            parameters: signed.parameters(),
            escape: encode,
            escape_part: encode,
            order: Order::Encoded,
        }
    }

    pub fn base_string(&self) -> String {
        let mut parameters = self.parameters.clone();
        if matches!(self.order, Order::Decoded) {
            parameters.sort();
        }
        let escape = self.escape;
        let mut pairs: Vec<(String, String)> =
            parameters.iter().map(|(name, value)| (escape(name), escape(value))).collect();
        match self.order {
            Order::Encoded => pairs.sort(),
            Order::Descending => pairs.sort_by(|one, other| other.cmp(one)),
            Order::Decoded | Order::AsSent => {}
        }
        let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let parts = [self.method.as_str(), &self.uri, &pairs.join("&")];
        parts.map(|part| (self.escape_part)(part.as_bytes())).join("&")
    }
}

/// Section 3.4.1.2, with the port of any scheme as it is.
fn uri(scheme: &str, host: &str, path: &str) -> String {
    let host = host.to_lowercase();
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    format!("{scheme}://{}{path}", host.strip_suffix(default_port).unwrap_or(&host))
}

/// Mistakes in base strings. The number and order of them depend on the names in a request, never on a value.
pub fn mistaken_recipes(signed: &Signed) -> Vec<(Mistake, Recipe)> {
    let right = Recipe::right(signed);
    let mut all = Vec::new();
    let mut add = |cause, sentence: &str, change: &dyn Fn(&mut Recipe)| {
        let mut recipe = right.clone();
        change(&mut recipe);
        all.push((Mistake::new(cause, sentence), recipe));
    };
    add_parameter_mistakes(signed, &mut add);
    add_encoding_mistakes(signed, &mut add);
    add_request_mistakes(signed, &mut add);
    all
}

type Add<'a> = dyn FnMut(&'static str, &str, &dyn Fn(&mut Recipe)) + 'a;

/// Parameters that were left out or put in.
fn add_parameter_mistakes(signed: &Signed, add: &mut Add) {
    let without = |unsigned: &[Parameter]| {
        let unsigned = unsigned.to_vec();
        move |recipe: &mut Recipe| recipe.parameters.retain(|parameter| !unsigned.contains(parameter))
    };
    add("query_unsigned", "The parameters of the URL's query were not signed.", &without(&signed.query));
    add("form_unsigned", "The parameters of the form body were not signed.", &without(&signed.form));
    add("body_signed", "The body was signed, although it is not a form: only form-encoded bodies are.", &|recipe| {
        recipe.parameters.extend(decode_form(&signed.other_body));
    });
    add("body_signed", "The body was signed as a parameter: only form-encoded bodies are.", &|recipe| {
        recipe.parameters.push((signed.other_body.to_vec(), Vec::new()));
    });
    for parameter in signed.parameters() {
        let sentence = format!("{} was sent, but not signed.", String::from_utf8_lossy(&parameter.0));
        add("parameter_unsigned", &sentence, &without(&[parameter]));
    }
    for (name, value) in [("oauth_version", "1.0"), ("oauth_callback", "oob"), ("oauth_token", "")] {
        let sentence = format!("{name}={value} was signed, but not sent.");
        add("parameter_unsent", &sentence, &|recipe| {
            recipe.parameters.push((name.into(), value.into()));
        });
    }
}

/// Escapes that are missing, doubled or of the wrong sort.
fn add_encoding_mistakes(signed: &Signed, add: &mut Add) {
    add(
        "token_encoded_twice",
        "The token was percent-encoded twice before it was signed: decode it when it is received, and encode it once.",
        &|recipe| change_token(recipe, |token| encode(token.as_bytes())),
    );
    add("token_plus_lost", "The token was signed with spaces in place of its plus signs.", &|recipe| {
        change_token(recipe, |token| token.replace('+', " "));
    });
    let escapes: [(&str, &str, Escape); 6] = [
        ("values_not_encoded", "Names and values went into the base string without being percent-encoded first.", raw),
        ("values_encoded_twice", "Names and values were percent-encoded once too often in the base string.", doubly),
        ("escapes_in_lower_case", "The base string has escapes in lower case: RFC 5849 asks for upper case.", lower),
        ("plus_for_space", "Spaces were encoded as plus signs, as in a form: the base string has %20.", plus),
        ("marks_not_encoded", "The characters ! * ' ( ) were left unencoded in the base string.", lenient),
        ("commas_not_encoded", "Commas, colons and slashes were left unencoded among the parameters.", for_urls),
    ];
    for (cause, sentence, escape) in escapes {
        add(cause, sentence, &|recipe| recipe.escape = escape);
        // Clients have one function for all.
        add(cause, sentence, &|recipe| (recipe.escape, recipe.escape_part) = (escape, escape));
    }
    add("tilde_encoded", "The tilde was encoded in the base string: it is an unreserved character.", &|recipe| {
        (recipe.escape, recipe.escape_part) = (with_tilde, with_tilde);
    });
    add(
        "base_string_not_encoded",
        "The three parts of the base string were joined without encoding them.",
        &|recipe| {
            recipe.escape_part = raw;
        },
    );
    let unsorted = "The parameters were not sorted before they were signed.";
    for sort in [false, true] {
        for header_first in [false, true] {
            add("order", unsorted, &|recipe| {
                recipe.parameters = in_groups(signed, sort, header_first);
                recipe.order = Order::AsSent;
            });
        }
    }
    add("order", "The parameters were sorted in descending order.", &|recipe| recipe.order = Order::Descending);
    add("order", "The parameters were sorted before they were encoded: they are sorted afterwards.", &|recipe| {
        recipe.order = Order::Decoded;
    });
}

/// The parameters of the query, the header and the form one group after another, each as it was sent or sorted by itself.
fn in_groups(signed: &Signed, sort: bool, header_first: bool) -> Vec<Parameter> {
    let mut groups = signed.groups();
    if sort {
        groups.iter_mut().for_each(|group| group.sort());
    }
    if header_first {
        groups.swap(0, 1);
    }
    groups.concat()
}

fn change_token(recipe: &mut Recipe, change: impl Fn(&str) -> String) {
    for (_, value) in recipe.parameters.iter_mut().filter(|(name, _)| name == b"oauth_token") {
        *value = change(&String::from_utf8_lossy(value)).into_bytes();
    }
}

/// Another method or URL than the request's.
fn add_request_mistakes(signed: &Signed, add: &mut Add) {
    for method in ["GET", "POST", "PUT", "DELETE"] {
        let sentence = format!("The method {method} was signed, but {} was sent.", signed.method);
        add("wrong_method", &sentence, &|recipe| recipe.method = method.to_owned());
    }
    add("method_in_lower_case", "The method was signed in lower case.", &|recipe| {
        recipe.method = recipe.method.to_lowercase();
    });
    for (cause, uri) in mistaken_uris(signed) {
        let sent = uri_as_sent(signed);
        let sentence = format!("The URL {uri} was signed, but the request came to {sent}.");
        add(cause, &sentence, &|recipe| recipe.uri.clone_from(&uri));
    }
    let query = encode_query(&signed.query);
    add("query_in_url", "The URL was signed with its query: the query belongs to the parameters alone.", &|recipe| {
        recipe.uri = format!("{}?{query}", recipe.uri);
        recipe.parameters.retain(|parameter| !signed.query.contains(parameter));
    });
    add("query_in_url", "The URL was signed with its query, beside the query's parameters.", &|recipe| {
        recipe.uri = format!("{}?{query}", recipe.uri);
    });
}

fn encode_query(query: &[Parameter]) -> String {
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

fn uri_as_sent(signed: &Signed) -> String {
    uri(signed.scheme, &signed.host, &signed.path)
}

/// Every other URL that a client may have taken for the request's.
fn mistaken_uris(signed: &Signed) -> Vec<(&'static str, String)> {
    let host = signed.host.to_lowercase();
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (name, Some(port)),
        _ => (host.as_str(), None),
    };
    let other_scheme = if signed.scheme == "http" { "https" } else { "http" };
    let default_port = |scheme| if scheme == "https" { "443" } else { "80" };
    let mut uris = Vec::new();
    for scheme in [signed.scheme, other_scheme] {
        for other_name in [name, "localhost", "127.0.0.1", "api.etrade.com", "apisb.etrade.com", "us.etrade.com"] {
            for other_port in [port, None, Some(default_port(scheme))] {
                let cause = match (other_name == name, scheme == signed.scheme) {
                    (false, _) => "wrong_host",
                    (true, false) => "wrong_scheme",
                    (true, true) => "wrong_port",
                };
                let port = other_port.map(|port| format!(":{port}")).unwrap_or_default();
                uris.push((cause, format!("{scheme}://{other_name}{port}{}", signed.path)));
            }
        }
    }
    let origin = format!("{}://{host}", signed.scheme);
    let decoded = percent_decode_str(&signed.path).decode_utf8_lossy().into_owned();
    let paths = [decoded, format!("{}/", signed.path), signed.path.trim_end_matches('/').to_owned()];
    let encoded_again = signed.path.replace('%', "%25");
    let commas = signed.path.replace(',', "%2C");
    uris.extend(paths.into_iter().chain([encoded_again, commas]).map(|path| ("wrong_path", origin.clone() + &path)));
    uris
}

/// Mistakes in signing keys.
pub fn mistaken_keys(secrets: &Secrets) -> Vec<(Mistake, String)> {
    let (consumer, token) = (secrets.consumer, secrets.token);
    let right = |consumer: &str, token: &str| format!("{}&{}", encode(consumer.as_bytes()), encode(token.as_bytes()));
    let encoded_token = encode(token.as_bytes());
    let mut all = vec![
        (
            "secret_not_encoded",
            "The signing key was joined from the secrets as they are: percent-encode both halves first.",
            format!("{consumer}&{token}"),
        ),
        (
            "secret_not_encoded",
            "The signing key's first half was not percent-encoded.",
            format!("{consumer}&{encoded_token}"),
        ),
        (
            "secret_not_encoded",
            "The signing key's second half, the token's secret, was not percent-encoded.",
            format!("{}&{token}", encode(consumer.as_bytes())),
        ),
        (
            "secret_encoded_twice",
            "The token's secret was percent-encoded twice: decode it when it is received, and encode it once.",
            right(consumer, &encoded_token),
        ),
        (
            "secret_plus_lost",
            "The token's secret was used with spaces in place of its plus signs.",
            right(consumer, &token.replace('+', " ")),
        ),
        ("token_secret_absent", "The signing key lacks its second half, the token's secret.", right(consumer, "")),
        (
            "token_secret_absent",
            "The signing key is the consumer secret alone: an & and the token's secret belong to it.",
            encode(consumer.as_bytes()),
        ),
        ("consumer_secret_absent", "The signing key lacks its first half, the consumer secret.", right("", token)),
        ("secrets_swapped", "The signing key has its halves the wrong way round.", right(token, consumer)),
        (
            "ampersand_encoded",
            "The & between the halves of the signing key was encoded.",
            encode(format!("{consumer}&{token}").as_bytes()),
        ),
        (
            "secret_with_line_end",
            "The consumer secret was used with the end of its line.",
            right(&format!("{consumer}\n"), token),
        ),
        (
            "secret_with_line_end",
            "The token's secret was used with the end of its line.",
            right(consumer, &format!("{token}\n")),
        ),
    ];
    if let Some(request) = secrets.request {
        let sentence = "The call was signed with the request token's secret: the access token has one of its own.";
        all.push(("request_token_secret", sentence, right(consumer, request)));
        all.push(("request_token_secret", sentence, format!("{consumer}&{request}")));
    }
    all.into_iter().map(|(cause, sentence, key)| (Mistake::new(cause, sentence), key)).collect()
}

fn raw(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn doubly(bytes: &[u8]) -> String {
    encode(encode(bytes).as_bytes())
}

fn lower(bytes: &[u8]) -> String {
    let mut lowered = String::new();
    for (index, piece) in encode(bytes).split('%').enumerate() {
        match piece.split_at_checked(2).filter(|_| index > 0) {
            Some((digits, rest)) => lowered += &format!("%{}{rest}", digits.to_lowercase()),
            None => lowered += piece,
        }
    }
    lowered
}

fn plus(bytes: &[u8]) -> String {
    encode(bytes).replace("%20", "+")
}

fn lenient(bytes: &[u8]) -> String {
    const SET: &AsciiSet = &RESERVED.remove(b'!').remove(b'*').remove(b'\'').remove(b'(').remove(b')');
    percent_encode(bytes, SET).to_string()
}

fn for_urls(bytes: &[u8]) -> String {
    const SET: &AsciiSet = &RESERVED.remove(b',').remove(b':').remove(b'/');
    percent_encode(bytes, SET).to_string()
}

fn with_tilde(bytes: &[u8]) -> String {
    encode(bytes).replace('~', "%7E")
}
