//! Files for the user alone, whatever their directory allows.

use std::fs::{self, File};
use std::io;
use std::path::Path;

#[cfg(windows)]
use super::windows as system;

/// Opens a file for reading and writing; a missing one is made.
pub fn open(path: &Path) -> io::Result<File> {
    system::open(path, false)
}

/// Makes a file anew. One that is there might be open to others.
pub fn create(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => system::open(path, true),
    }
}

#[cfg(unix)]
mod system {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    pub fn open(path: &Path, new: bool) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).create_new(new).mode(0o600).open(path)
    }
}
