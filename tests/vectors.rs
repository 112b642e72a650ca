//! Every vector, through the C ABI: base string and signature.

mod support;

use std::process::Command;

use serde_json::Value;
use support::{BOTH, Linkage, compile, run, run_with_input, valgrind};

fn read(name: &str) -> Value {
    let path = support::root().join("tests/vectors").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// One case as the C program reads it. What the API has no argument for rides in the query: the base string is the same.
fn line(case: &Value) -> String {
    let text = |name: &str| case[name].as_str().unwrap_or("-").to_owned();
    let mut url = text("url");
    let mut form = Vec::new();
    let mut ride = |name: &str, value: &str| {
        let joint = if url.contains('?') { '&' } else { '?' };
        url += &format!("{joint}{}={}", encode(name), encode(value));
    };
    for pair in case["params"].as_array().unwrap() {
        let (name, value) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
        if name.starts_with("oauth_") {
            ride(name, value);
        } else {
            form.push(format!("{}={}", encode(name), encode(value)));
        }
    }
    if let Some(version) = case["version"].as_str() {
        ride("oauth_version", version);
    }
    let form = if form.is_empty() { "-".to_owned() } else { form.join("&") };
    let token_secret = if case["token"].is_null() { "-".to_owned() } else { text("token_secret") };
    let (name, method, key, secret) = (text("name"), text("method"), text("consumer_key"), text("consumer_secret"));
    let rest = [text("token"), token_secret, text("timestamp"), text("nonce"), text("base_string")];
    let signature = encode(case["signature"].as_str().unwrap());
    format!("{name}\t{method}\t{url}\t{form}\t{key}\t{secret}\t{}\t{signature}\n", rest.join("\t"))
}

/// All signatures, as the C program reads them, and what it then says.
fn signed() -> (String, String) {
    let cases = read("signatures.json");
    let cases: Vec<String> = cases.as_array().unwrap().iter().map(line).collect();
    assert_eq!(cases.len(), 15);
    let prepared = cases.iter().filter(|line| line.split('\t').nth(3) == Some("-")).count();
    assert!(prepared > 5);
    (cases.concat(), format!("{} signatures and base strings, {prepared} of them prepared\n", cases.len()))
}

#[test]
fn signatures() {
    let (input, expected) = signed();
    for linkage in BOTH {
        let program = compile("vectors", linkage);
        assert_eq!(run_with_input(&mut Command::new(program), &input), expected);
    }
}

#[test]
fn under_valgrind() {
    let (input, expected) = signed();
    if let Some(mut valgrind) = valgrind(&Command::new(compile("vectors", Linkage::Shared))) {
        assert_eq!(run_with_input(&mut valgrind, &input), expected);
    }
}

#[test]
fn encoding() {
    let pairs = read("encoding.json");
    let pairs = pairs["percent_encode"].as_array().unwrap();
    assert!(pairs.len() > 20);
    let program = compile("encoding", Linkage::Shared);
    for pair in pairs {
        let said = run(Command::new(&program).arg(pair["input"].as_str().unwrap()));
        assert_eq!(said, pair["output"].as_str().unwrap());
    }
}
