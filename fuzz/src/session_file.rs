//! A session file with any content, which a client is given: as armoured JSON, or as it is.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::ptr;

use crate::abi::{self, *};
use crate::sessions::armour;

pub fn run(data: &[u8]) {
    let folder = folder();
    let path = folder.join("session");
    let text = if data.starts_with(b"{") { armour(data).into_bytes() } else { data.to_vec() };
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("there is a place for temporary files");
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    file.and_then(|mut file| file.write_all(&text)).expect("it can be written");

    let client = local_client("http://127.0.0.1:9");
    let c_path = c_text(path.as_os_str().as_encoded_bytes());
    // SAFETY: the handle is alive, and the path NUL-terminated.
    let attached = unsafe { abi::checked(etoauth_client_set_session_file(client, c_path.as_ptr())) };
    if !attached {
        assert!(!last_error().is_empty());
        assert_eq!(fs::read(&path).ok().as_deref(), Some(&*text), "a file that is refused is left as it is");
    }
    let (mut state, mut inactive, mut expires) = (0, 0, 0);
    // SAFETY: the outputs are places for what they are given; texts are NUL-terminated; the client is freed once.
    unsafe {
        assert!(abi::checked(etoauth_client_get_token_state(client, &mut state, &mut inactive, &mut expires)));
        assert!((0..=5).contains(&state) && inactive >= 0 && expires >= 0);
        let exported = abi::text(|out| etoauth_client_export_session(client, out)).expect("a session can be exported");
        assert!(abi::checked(etoauth_client_import_session(client, c_text(&exported).as_ptr())));
        abi::checked(etoauth_client_set_access_token(client, c"other".as_ptr(), c"secret".as_ptr(), 0));
        let mut exchange = ptr::null_mut();
        if abi::checked(etoauth_exchange_new(client, 3, ptr::null(), &mut exchange)) {
            let reply = b"Access Token has been renewed";
            abi::checked(etoauth_exchange_finish(exchange, 200, ptr::null(), reply.as_ptr().cast(), reply.len()));
            assert!(abi::checked(etoauth_exchange_free(exchange)));
        }
        assert!(abi::checked(etoauth_client_free(client)));
    }
    if text.trim_ascii_start().starts_with(b"etoauth-session-2.") {
        assert_eq!(fs::read(&path).ok().as_deref(), Some(&*text), "a newer version's file is never replaced");
    }
    let _ = fs::remove_dir_all(&folder);
}

fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("etoauth-fuzz-{}", std::process::id()))
}
