//! What the system says went wrong, in words for a person.

use std::io;

/// A few words without a full stop, in English whatever the locale wherever the standard library knows the error.
pub fn describe(error: &io::Error) -> String {
    if let Some(words) = error.raw_os_error().and_then(descriptors) {
        return words.to_owned();
    }
    match error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>()) {
        Some(inner) => describe(inner),
        None if error.kind() == io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        None => match error.kind().to_string().as_str() {
            // The standard library has no word of its own for these, but the system or the error's maker has.
            "uncategorized error" | "other error" => {
                let text = error.to_string();
                text.split(" (os error").next().unwrap_or(&text).to_owned()
            }
            kind => kind.to_owned(),
        },
    }
}

/// Whether the process, or the whole system, has no file descriptors left.
pub fn is_out_of_descriptors(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| descriptors(code).is_some())
}

#[cfg(unix)]
fn descriptors(code: i32) -> Option<&'static str> {
    match code {
        libc::EMFILE => Some("this process has no file descriptors left"),
        libc::ENFILE => Some("the system has no file descriptors left"),
        _ => None,
    }
}

#[cfg(windows)]
fn descriptors(code: i32) -> Option<&'static str> {
    use windows_sys::Win32::Foundation::ERROR_TOO_MANY_OPEN_FILES;
    /// Of WinSock, which numbers its errors apart.
    const WSAEMFILE: i32 = 10024;
    const FILES: i32 = ERROR_TOO_MANY_OPEN_FILES as i32;
    matches!(code, WSAEMFILE | FILES).then_some("this process has no handles left for files or sockets")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_words() {
        let of = |code| describe(&io::Error::from_raw_os_error(code));
        #[cfg(unix)]
        assert_eq!(of(libc::EMFILE), "this process has no file descriptors left");
        #[cfg(unix)]
        assert_eq!(of(libc::ENFILE), "the system has no file descriptors left");
        for code in 1..134 {
            let words = of(code);
            assert!(!words.is_empty() && !words.contains("uncategorized") && words != "other error", "{code}: {words}");
        }
        assert_eq!(describe(&io::ErrorKind::ConnectionReset.into()), "connection reset");
        assert_eq!(describe(&io::Error::other(io::Error::from(io::ErrorKind::BrokenPipe))), "broken pipe");
        assert_eq!(describe(&io::Error::other("told by its maker")), "told by its maker");
    }
}
