//! A lock between processes: an advisory lock on a file of its own (flock).
//!
//! Such a lock belongs to the open file, of which a forked child inherits a descriptor. It ends when the last
//! descriptor is closed, or when any process that has one unlocks it. So a child closes its copies, which ends no lock
//! of its parent's, and never unlocks them. The parent unlocks before it closes: a child that was forked while the file
//! was being opened, or that could not be told of the descriptor, then holds nothing either.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use fs4::{FileExt, TryLockError};

use super::descriptors::NotInherited;
use super::private_file::{self, retried};

/// A lock that is held until it is dropped, or until its process ends.
pub struct Lock {
    file: NotInherited<File>,
}

impl Lock {
    /// `None` if others hold the lock and `wait`, which is called after each try, says to give up.
    pub fn take(path: &Path, mut wait: impl FnMut() -> bool) -> io::Result<Option<Lock>> {
        let file = NotInherited::new(private_file::open_lock(path)?);
        loop {
            if retried(|| try_lock(&file))? {
                return Ok(Some(Lock { file }));
            }
            if !wait() {
                return Ok(None);
            }
        }
    }

    /// Creates a file and locks it.
    pub fn create(path: &Path) -> io::Result<Lock> {
        let file = NotInherited::new(private_file::create(path)?);
        if retried(|| try_lock(&file))? { Ok(Lock { file }) } else { Err(io::ErrorKind::WouldBlock.into()) }
    }

    /// Reads the note that the last holder left in the file.
    pub fn read_note(&mut self) -> io::Result<String> {
        let mut note = Vec::new();
        retried(|| (&*self.file).rewind())?;
        (&*self.file).take(128).read_to_end(&mut note)?;
        Ok(String::from_utf8_lossy(&note).into_owned())
    }

    pub fn write_note(&mut self, note: &str) -> io::Result<()> {
        retried(|| (&*self.file).rewind())?;
        retried(|| self.file.set_len(0))?;
        (&*self.file).write_all(note.as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = retried(|| FileExt::unlock(&*self.file));
    }
}

/// Calls the trait's function by its full name: newer standard libraries have a method of that name.
fn try_lock(file: &File) -> io::Result<bool> {
    match FileExt::try_lock(file) {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
