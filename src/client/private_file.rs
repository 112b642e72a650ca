//! Files for the user alone, whatever their directory allows. An operation that a signal interrupts is begun again.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use zeroize::Zeroizing;

#[cfg(unix)]
use super::unix as system;
#[cfg(windows)]
use super::windows as system;
pub use system::Stamp;

/// Opens a lock file for reading and writing; a missing one is made. One that is not plainly this user's is refused.
pub fn open_lock(path: &Path) -> io::Result<File> {
    retried(|| system::open_lock(path))
}

/// Makes a file anew. One that is there might be open to others.
pub fn create(path: &Path) -> io::Result<File> {
    retried(|| remove(path))?;
    retried(|| system::create(path))
}

/// Removes a file, if there is one.
pub fn remove(path: &Path) -> io::Result<()> {
    match retried(|| fs::remove_file(path)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The file's content, of at most `limit` bytes, with its stamp. One that is not this user's is refused.
pub fn read(path: &Path, limit: u64) -> io::Result<(Zeroizing<Vec<u8>>, Stamp)> {
    retried(|| {
        let (file, facts) = system::open_to_read(path)?;
        let mut content = Zeroizing::new(Vec::with_capacity(facts.len().min(limit) as usize + 1));
        file.take(limit).read_to_end(&mut content)?;
        Ok((content, Stamp::of(&facts)?))
    })
}

/// Writes a file's whole content, down to the disk.
pub fn fill(file: &mut File, content: &[u8]) -> io::Result<Stamp> {
    file.write_all(content)?;
    retried(|| file.sync_all())?;
    Stamp::of(&retried(|| file.metadata())?)
}

/// Puts a file in the place of another.
pub fn replace(new: &Path, path: &Path) -> io::Result<()> {
    retried(|| fs::rename(new, path))
}

/// `None` where there is no file.
pub fn stamp(path: &Path) -> io::Result<Option<Stamp>> {
    match retried(|| fs::metadata(path)) {
        Ok(facts) => Stamp::of(&facts).map(Some),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A directory whose renames are to outlive a power cut.
pub struct Directory(system::Directory);

impl Directory {
    pub fn open(path: &Path) -> io::Result<Directory> {
        retried(|| system::Directory::open(path)).map(Directory)
    }

    pub fn sync(&self) -> io::Result<()> {
        retried(|| self.0.sync())
    }
}

/// A file's time may stay the same when it is written twice within this span, on any file system in use.
pub const GRAIN: Duration = Duration::from_secs(2);

pub fn retried<R>(mut work: impl FnMut() -> io::Result<R>) -> io::Result<R> {
    let mut tries = 0;
    loop {
        match work() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if system::wait_while_held(&error, tries) => tries += 1,
            result => return result,
        }
    }
}
