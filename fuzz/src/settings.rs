//! What a host sets, a line each: consumer key, base URL, proxy, user agent, method, URL; the rest is a CA file's text.
//! Nothing is sent.

use std::ptr;

use crate::abi::{self, *};

const SECRET: &str = "QZX-secret-QZX";

pub fn run(data: &[u8]) {
    // libFuzzer learns the secret from the comparisons here; what the host itself gives may come back.
    if String::from_utf8_lossy(data).replace('\0', "").contains(SECRET) {
        return;
    }
    let mut lines = data.splitn(7, |&byte| byte == b'\n').map(c_text);
    let mut line = || lines.next().unwrap_or_default();
    let (key, base, proxy, agent) = (line(), line(), line(), line());
    let (method, url, ca) = (line(), line(), line());
    let mut client = ptr::null_mut();
    // SAFETY: all texts are NUL-terminated, and all outputs places for what they are given; the client is freed once.
    unsafe {
        check(etoauth_client_new(SANDBOX, key.as_ptr(), c_text(SECRET.as_bytes()).as_ptr(), &mut client));
        if client.is_null() {
            client = local_client("http://127.0.0.1:9");
        }
        check(etoauth_client_set_access_token(client, c"token".as_ptr(), c_text(SECRET.as_bytes()).as_ptr(), 0));
        for at in 0..3 {
            let place = |wanted| if at == wanted { base.as_ptr() } else { ptr::null() };
            check(etoauth_client_set_base_urls(client, place(0), place(1), place(2)));
        }
        check(etoauth_client_set_proxy(client, proxy.as_ptr()));
        check(etoauth_client_set_user_agent(client, agent.as_ptr()));
        text_checked(|out| etoauth_client_sign(client, method.as_ptr(), url.as_ptr(), out));
        text_checked(|out| etoauth_client_sign_url(client, method.as_ptr(), url.as_ptr(), out));
        text_checked(|out| etoauth_percent_encode(agent.as_ptr(), out));
        let mut exchange = ptr::null_mut();
        if check(etoauth_exchange_new_request(client, method.as_ptr(), url.as_ptr(), agent.as_ptr(), &mut exchange)) {
            assert!(check(etoauth_exchange_free(exchange)));
        }
        if !ca.is_empty() {
            let path = std::env::temp_dir().join(format!("etoauth-fuzz-{}.pem", std::process::id()));
            std::fs::write(&path, ca.to_bytes()).expect("there is a place for temporary files");
            check(etoauth_client_set_ca_file(client, c_text(path.as_os_str().as_encoded_bytes()).as_ptr()));
            let _ = std::fs::remove_file(path);
        }
        text_checked(|out| etoauth_client_read_log(client, out));
        assert!(check(etoauth_client_free(client)));
    }
}

/// A failure has a sentence, and no secret is in it.
fn check(status: i32) -> bool {
    let succeeded = abi::checked(status);
    let sentence = last_error();
    assert_eq!(succeeded, sentence.is_empty());
    assert!(!sentence.contains(SECRET));
    succeeded
}

fn text_checked(get: impl FnOnce(*mut *mut std::ffi::c_char) -> i32) {
    let text = abi::text(get).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&text).contains(SECRET));
}
