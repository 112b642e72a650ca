//! The file that a path stands for, whatever becomes of the current directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// As many as Linux follows.
const MOST_LINKS: usize = 40;

/// Gives an absolute path, since the current directory may change, with every link followed, even one to a file that
/// does not exist yet: a link must not be replaced by a file. On Windows, only such a path may exceed 260 characters.
pub fn resolve(path: &str) -> io::Result<PathBuf> {
    let mut path = std::path::absolute(path)?;
    for _ in 0..=MOST_LINKS {
        match path.canonicalize() {
            Ok(real) => return Ok(real),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // Some drives on Windows have no canonical paths.
            Err(_) if cfg!(windows) => return Ok(path),
            Err(error) => return Err(error),
        }
        match fs::read_link(&path) {
            Ok(target) => path = directory_of(&path).join(target),
            // It is not a link: the file itself is missing.
            Err(_) => return Ok(missing(path)),
        }
    }
    Err(io::Error::other("its symbolic links form a loop"))
}

/// The path of a missing file in a directory that exists. If the directory is missing as well, opening the file reports
/// it.
fn missing(path: PathBuf) -> PathBuf {
    let real = path.file_name().and_then(|name| Some(directory_of(&path).canonicalize().ok()?.join(name)));
    real.unwrap_or(path)
}

pub fn directory_of(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}
