//! The session in a file, for the next start and for other processes.
//!
//! Four files: the session itself, replaced atomically, so that reading it takes no lock; `.lock` beside it, held while the
//! session is written or a renew is claimed and never during a network call; `.renew`, the claim's; and `.new`, which is
//! there only while it is written.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use zeroize::Zeroizing;

use super::claim::{Claim, Term};
use super::io_error::describe;
use super::lock_file::Lock;
use super::private_file::{self, Directory, GRAIN, Stamp};
use super::real_path::{directory_of, resolve};
use crate::etrade::{Failure, Kind};

pub struct SessionFile {
    path: PathBuf,
    /// Held while the file is read and its session adopted, and while it is replaced, but not while the disk is waited
    /// for: so no thread takes an old file for a newer one.
    seen: RwLock<Seen>,
}

/// What is known of the file.
#[derive(Default)]
struct Seen {
    /// The content that the client's session was last read from or written to.
    content: Option<Zeroizing<Vec<u8>>>,
    stamp: Option<Stamp>,
    /// It was read when its time was so old that a change after that shows in the stamp.
    settled: bool,
    /// The directory was synced after the last rename.
    synced: bool,
}

/// What became of a look into the file.
#[derive(Debug, PartialEq, Eq)]
pub enum Look<F> {
    Missing,
    Unchanged,
    Adopted,
    Refused(F),
}

/// No session text is longer: three kilobytes are usual.
const LONGEST: u64 = 16 << 20;

impl SessionFile {
    pub fn new(path: &str) -> Result<SessionFile, Failure> {
        if path.is_empty() {
            return Err(Failure::new(Kind::Argument, "path is empty: pass NULL to detach the file."));
        }
        match resolve(path) {
            Ok(path) => Ok(SessionFile { path, seen: RwLock::default() }),
            Err(error) => Err(failure("session", "used", Path::new(path), &error)),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        path.into()
    }

    /// The lock beside the file. `None` when another holds it and `wait` says to give up.
    pub fn lock(&self, wait: impl FnMut() -> bool) -> Result<Option<Lock>, Failure> {
        let path = self.beside(".lock");
        Lock::take(&path, wait).map_err(|error| failure("lock", "used", &path, &error))
    }

    /// Whether the file may hold something else than what was last seen. It costs one system call.
    pub fn may_have_changed(&self) -> Result<bool, Failure> {
        let stamp = private_file::stamp(&self.path).map_err(|error| self.unreadable(&error))?;
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        Ok(stamp.is_some() && !(seen.settled && seen.stamp == stamp))
    }

    /// Reads the file. Content that is not the one last seen is given to `adopt`, which tells what is wrong with it.
    pub fn read<F>(&self, adopt: impl FnOnce(&str) -> Result<(), F>) -> Result<Look<F>, Failure> {
        let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
        let (content, stamp) = match private_file::read(&self.path, LONGEST) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                *seen = Seen::default();
                return Ok(Look::Missing);
            }
            Err(error) => return Err(self.unreadable(&error)),
        };
        seen.settled = stamp.is_older_than(GRAIN);
        seen.stamp = Some(stamp);
        if seen.content.as_ref() == Some(&content) {
            return Ok(Look::Unchanged);
        }
        // What is not UTF-8 is damaged, as an empty text is.
        let adopted = adopt(std::str::from_utf8(&content).unwrap_or_default());
        seen.content = adopted.is_ok().then_some(content);
        Ok(adopted.map_or_else(Look::Refused, |()| Look::Adopted))
    }

    /// Replaces the file: a reader, or a crash at any instant, sees the old text or the new one.
    pub fn replace(&self, text: &str, _: &Lock) -> Result<(), Failure> {
        let content = Zeroizing::new(format!("{text}\n").into_bytes());
        let unwritable = |error: io::Error| failure("session", "replaced", &self.path, &error);
        // Opened first, so that a lack of descriptors shows before anything is changed.
        let directory = Directory::open(directory_of(&self.path)).map_err(unwritable)?;
        let mut synced = false;
        if !self.holds(&content, &mut synced) {
            self.write(content).map_err(unwritable)?;
        }
        if !synced {
            directory.sync().map_err(unwritable)?;
            self.seen.write().unwrap_or_else(PoisonError::into_inner).synced = true;
        }
        Ok(())
    }

    fn holds(&self, content: &Zeroizing<Vec<u8>>, synced: &mut bool) -> bool {
        let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
        let same = seen.content.as_ref() == Some(content);
        *synced = same && seen.synced;
        same
    }

    fn write(&self, content: Zeroizing<Vec<u8>>) -> io::Result<()> {
        if content.len() as u64 > LONGEST {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let new = self.beside(".new");
        let mut file = private_file::create(&new)?;
        let written = private_file::fill(&mut file, &content).and_then(|stamp| {
            drop(file);
            let mut seen = self.seen.write().unwrap_or_else(PoisonError::into_inner);
            private_file::replace(&new, &self.path).map_err(explain_busy)?;
            *seen = Seen { content: Some(content), stamp: Some(stamp), settled: false, synced: false };
            Ok(())
        });
        if written.is_err() {
            // It holds the token.
            let _ = private_file::remove(&new);
        }
        written
    }

    /// Removes a file that was made here and is not to stay.
    pub fn remove(&self, _: &Lock) {
        let _ = private_file::remove(&self.path);
    }

    /// Claims the renew for a span of milliseconds. `None` while another's claim is good.
    pub fn claim(&self, lock: &mut Lock, now: i64, span: i64) -> Result<Option<Claim>, Failure> {
        let renew = self.beside(".renew");
        let claim = Claim::make(&renew, &self.beside(".new"), lock, now, &Term::new(now, span));
        claim.map_err(|error| failure("claim", "used", &renew, &error))
    }

    fn unreadable(&self, error: &io::Error) -> Failure {
        failure("session", "read", &self.path, error)
    }
}

fn failure(what: &str, done: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(Kind::File, format!("The {what} file {} can't be {done}: {}.", path.display(), describe(error)))
}

/// A file that is mounted by itself, as containers do it, can't be replaced.
fn explain_busy(error: io::Error) -> io::Error {
    if error.kind() != io::ErrorKind::ResourceBusy {
        return error;
    }
    io::Error::other("the system keeps it in use, as it does with a mount point: mount its directory instead")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> SessionFile {
        let path = std::env::temp_dir().join(format!("etoauth-{name}-{}", std::process::id()));
        for suffix in ["", ".lock", ".renew", ".new"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
        }
        SessionFile::new(&path.display().to_string()).unwrap()
    }

    fn read(file: &SessionFile) -> (Look<()>, String) {
        let mut text = String::new();
        let look = file.read(|read| {
            text = read.to_owned();
            Ok(())
        });
        (look.unwrap(), text)
    }

    #[test]
    fn only_another_text_is_newer() {
        let mine = scratch("newer");
        let theirs = SessionFile::new(&mine.path.display().to_string()).unwrap();
        let lock = mine.lock(|| false).unwrap().unwrap();
        assert!(!mine.may_have_changed().unwrap());
        assert_eq!(read(&mine).0, Look::Missing);
        mine.replace("one", &lock).unwrap();
        assert_eq!(read(&mine).0, Look::Unchanged);
        assert!(theirs.may_have_changed().unwrap());
        assert_eq!(read(&theirs), (Look::Adopted, "one\n".to_owned()));
        theirs.replace("two", &lock).unwrap();
        assert!(mine.may_have_changed().unwrap());
        assert_eq!(mine.read(|_| Err("damaged")).unwrap(), Look::Refused("damaged"));
        assert_eq!(read(&mine), (Look::Adopted, "two\n".to_owned()));
        assert!(mine.lock(|| false).unwrap().is_none(), "it is locked already");
        drop(lock);
        assert!(mine.lock(|| false).unwrap().is_some());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&mine.path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let past = std::time::SystemTime::now() - 2 * GRAIN;
        std::fs::File::open(&mine.path).unwrap().set_modified(past).unwrap();
        assert!(mine.may_have_changed().unwrap());
        assert_eq!(read(&mine).0, Look::Unchanged);
        assert!(!mine.may_have_changed().unwrap());
    }
}
