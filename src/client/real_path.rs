//! The path that a name stands for, for good.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// As many as Linux follows.
const MOST_LINKS: usize = 40;

/// Absolute, since the current directory may change, and with every link followed, also one that leads to a file that is
/// yet to be made: a link must not be replaced by a file. Only such a path may be longer than Windows' old 260 characters.
pub fn resolve(path: &str) -> io::Result<PathBuf> {
    let mut path = std::path::absolute(path)?;
    for _ in 0..=MOST_LINKS {
        match path.canonicalize() {
            Ok(real) => return Ok(real),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // Some Windows drives know no canonical paths.
            Err(_) if cfg!(windows) => return Ok(path),
            Err(error) => return Err(error),
        }
        match fs::read_link(&path) {
            Ok(target) => path = directory_of(&path).join(target),
            // It is no link: the file itself is missing.
            Err(_) => return Ok(missing(path)),
        }
    }
    Err(io::Error::other("its links lead in a circle"))
}

/// A missing file of a directory that is there. If that is missing as well, it is said when the file is opened.
fn missing(path: PathBuf) -> PathBuf {
    let real = path.file_name().and_then(|name| Some(directory_of(&path).canonicalize().ok()?.join(name)));
    real.unwrap_or(path)
}

pub fn directory_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}
