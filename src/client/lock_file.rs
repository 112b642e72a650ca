//! A lock between processes: an advisory lock on a file of its own, given back by unlocking. A forked child that inherited
//! the descriptor holds nothing then.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use fs4::{FileExt, TryLockError};

use super::private_file::{self, retried};

/// Held until it is dropped, or its process ends.
pub struct Lock {
    file: File,
}

impl Lock {
    /// `None` when another holds it and `wait`, which is asked after each try, says to give up.
    pub fn take(path: &Path, mut wait: impl FnMut() -> bool) -> io::Result<Option<Lock>> {
        let file = private_file::open_lock(path)?;
        loop {
            if retried(|| try_lock(&file))? {
                return Ok(Some(Lock { file }));
            }
            if !wait() {
                return Ok(None);
            }
        }
    }

    /// A lock on a file that is made for it.
    pub fn create(path: &Path) -> io::Result<Lock> {
        let file = private_file::create(path)?;
        if retried(|| try_lock(&file))? { Ok(Lock { file }) } else { Err(io::ErrorKind::WouldBlock.into()) }
    }

    /// What its last holders left in the file for those to come.
    pub fn read_note(&mut self) -> io::Result<String> {
        let mut note = Vec::new();
        retried(|| self.file.rewind())?;
        (&self.file).take(128).read_to_end(&mut note)?;
        Ok(String::from_utf8_lossy(&note).into_owned())
    }

    pub fn write_note(&mut self, note: &str) -> io::Result<()> {
        retried(|| self.file.rewind())?;
        retried(|| self.file.set_len(0))?;
        self.file.write_all(note.as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file ends the lock as well, if no child has inherited it.
        let _ = retried(|| FileExt::unlock(&self.file));
    }
}

/// The trait's own way: newer standard libraries have a method of that name.
fn try_lock(file: &File) -> io::Result<bool> {
    match FileExt::try_lock(file) {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
