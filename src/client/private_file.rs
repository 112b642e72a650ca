//! Files for the user alone, whatever their directory allows.

use std::fs::{self, File};
use std::io;
use std::path::Path;

#[cfg(windows)]
use super::windows as system;

/// Opens a file for reading and writing; a missing one is made.
pub fn open(path: &Path) -> io::Result<File> {
    patiently(|| system::open(path, false))
}

/// Makes a file anew. One that is there might be open to others.
pub fn create(path: &Path) -> io::Result<File> {
    patiently(|| match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => system::open(path, true),
    })
}

pub fn open_to_read(path: &Path) -> io::Result<File> {
    patiently(|| File::open(path))
}

/// Puts a file in the place of another.
pub fn replace(new: &Path, path: &Path) -> io::Result<()> {
    patiently(|| fs::rename(new, path))
}

#[cfg(unix)]
fn patiently<R>(work: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
    work()
}

/// Scanners and indexers hold a file for a moment after it was written, and on Windows keep others out.
#[cfg(windows)]
fn patiently<R>(mut work: impl FnMut() -> io::Result<R>) -> io::Result<R> {
    for _ in 0..system::TRIES {
        match work() {
            Err(error) if system::is_held(&error) => std::thread::sleep(system::MOMENT),
            result => return result,
        }
    }
    work()
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
