//! What the operating system says about a failure, in words for a person.

use std::io;

pub fn words(error: &io::Error) -> String {
    #[cfg(unix)]
    if let Some(libc::EMFILE | libc::ENFILE) = error.raw_os_error() {
        return "the process has no file descriptors left".to_owned();
    }
    match error.kind() {
        io::ErrorKind::Other => error.to_string(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        kind => kind.to_string(),
    }
}
