//! Why a signature is wrong.

use percent_encoding::percent_decode_str;

use crate::call::Signed;
use crate::recipe::{Mistake, Recipe, Secrets, mistaken_keys, mistaken_recipes};
use crate::record::{cut, hide, shown_value};
use crate::signature::{Key, Parameter};

/// What a signature that does not fit was most likely made of. No secret and no verifier is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The usual mistake that reproduces the signature, or `unknown`.
    pub cause: &'static str,
    pub sentence: String,
    /// The base string that the sandbox signed.
    pub sandbox: Option<String>,
    /// The base string that the client signed, if a mistake in it reproduces the signature.
    pub client: Option<String>,
    /// Where the two begin to differ.
    pub differs_at: Option<usize>,
}

/// Larger bodies are not tried out.
const LARGEST_BODY: usize = 16 << 10;

impl Explanation {
    /// A value in the header that was not percent-encoded.
    pub fn not_encoded(name: &str) -> Self {
        let sentence = format!("The value of {name} in the Authorization header is not percent-encoded.");
        Self { cause: "header_not_encoded", sentence, sandbox: None, client: None, differs_at: None }
    }

    /// Tries the usual mistakes one by one, then two together.
    pub fn find(signed: &Signed, signature: &str, secrets: &Secrets) -> Self {
        let mut signed = signed.clone();
        if signed.other_body.len() > LARGEST_BODY {
            signed.other_body.clear();
        }
        let right = signed.base_string();
        let shown = shown(&signed);
        let secret_texts = secret_texts(secrets);
        let clean = |base_string: String| hide(&base_string, &secret_texts);
        let sandbox = clean(shown.base_string());
        let explain = |mistakes: &[&Mistake], client: Option<&Recipe>| {
            let sentences: Vec<&str> = mistakes.iter().map(|mistake| mistake.sentence.as_str()).collect();
            let client = client.map(|recipe| clean(recipe.base_string()));
            Self {
                cause: mistakes[0].cause,
                sentence: hide(&sentences.join(" "), &secret_texts),
                differs_at: client.as_ref().and_then(|client| first_difference(&sandbox, client)),
                sandbox: Some(cut(&sandbox)),
                client: client.as_deref().map(cut),
            }
        };

        let right_key = Key::new(&Key::text(secrets.consumer, secrets.token));
        if let Some(mistake) = mistaken_form(&right_key, &right, signature) {
            return explain(&[&mistake], None);
        }
        let keys = mistaken_keys(secrets);
        let keys: Vec<(&Mistake, Key)> = keys.iter().map(|(mistake, text)| (mistake, Key::new(text))).collect();
        if let Some((mistake, _)) = keys.iter().find(|(_, key)| key.sign(&right) == signature) {
            return explain(&[mistake], None);
        }
        let recipes = if signed.size() <= LARGEST_BODY { mistaken_recipes(&signed) } else { Vec::new() };
        let base_strings: Vec<String> = recipes.iter().map(|(_, recipe)| recipe.base_string()).collect();
        let shown_recipe = |index: usize| mistaken_recipes(&shown).swap_remove(index).1;
        if let Some(index) = base_strings.iter().position(|base| right_key.sign(base) == signature) {
            return explain(&[&recipes[index].0], Some(&shown_recipe(index)));
        }
        for (index, base_string) in base_strings.iter().enumerate() {
            if let Some((mistake, _)) = keys.iter().find(|(_, key)| key.sign(base_string) == signature) {
                return explain(&[mistake, &recipes[index].0], Some(&shown_recipe(index)));
            }
        }
        let unknown = Mistake {
            cause: "unknown",
            sentence: "None of the usual mistakes reproduces this signature. Compare the base string with your own; \
                       if they are the same, a secret is wrong."
                .to_owned(),
        };
        explain(&[&unknown], None)
    }
}

/// A right signature that was written down wrongly.
fn mistaken_form(key: &Key, base_string: &str, signature: &str) -> Option<Mistake> {
    let right = key.sign(base_string);
    let decoded = percent_decode_str(signature).decode_utf8_lossy();
    let (cause, sentence) = if decoded == right {
        ("signature_encoded_twice", "The signature is right, but was percent-encoded twice.")
    } else if signature.replace(' ', "+") == right {
        ("signature_plus_lost", "The signature is right, but came with spaces in place of its plus signs.")
    } else if signature.trim() == right || format!("{signature}=") == right {
        ("signature_form", "The signature is right, but came with a line end, or without the = at its end.")
    } else if signature.eq_ignore_ascii_case(&key.sign_in_hex(base_string)) {
        ("signature_in_hex", "The signature is right, but in hexadecimal digits: it is to be in base64.")
    } else if signature == key.sign_with_sha256(base_string) {
        ("sha256", "The signature was made with SHA-256: HMAC-SHA1 uses SHA-1.")
    } else {
        return None;
    };
    Some(Mistake { cause, sentence: sentence.to_owned() })
}

/// The request with its private values hidden.
fn shown(signed: &Signed) -> Signed {
    let hidden = |parameters: &[Parameter]| {
        let shown_pair = |(name, value): &Parameter| {
            let text = shown_value(&String::from_utf8_lossy(name), &String::from_utf8_lossy(value)).to_owned();
            let unchanged = String::from_utf8_lossy(value) == text;
            (name.clone(), if unchanged { value.clone() } else { text.into_bytes() })
        };
        parameters.iter().map(shown_pair).collect()
    };
    Signed {
        query: hidden(&signed.query),
        header: hidden(&signed.header),
        form: hidden(&signed.form),
        ..signed.clone()
    }
}

fn secret_texts(secrets: &Secrets) -> Vec<String> {
    let all = [Some(secrets.consumer), Some(secrets.token), secrets.request];
    all.into_iter().flatten().map(str::to_owned).collect()
}

fn first_difference(ours: &str, theirs: &str) -> Option<usize> {
    let same = ours.bytes().zip(theirs.bytes()).take_while(|(ours, theirs)| ours == theirs).count();
    (same < ours.len().max(theirs.len())).then_some(same)
}
