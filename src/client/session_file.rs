//! The session in a file, for the next start and for other processes.
//!
//! Three files: the session itself, replaced atomically; `.lock` beside it, held while the session is read or written
//! and never during a network call, which also holds the claim to a renew; and `.renew`, locked by the claim's owner
//! for as long as it lives, so that the claim of a process that died is void.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};
use zeroize::Zeroizing;

use super::private_file;
use crate::etrade::{Failure, Kind};

pub struct SessionFile {
    path: PathBuf,
    /// The text that was last read or written; another one is newer.
    seen: Option<Zeroizing<String>>,
}

/// The lock beside the file.
pub struct Locked {
    lock: File,
}

/// The right to renew.
pub struct Claim {
    deadline: i64,
    /// Its lock ends with the process.
    _owner: File,
}

/// No session text is longer: three kilobytes are usual.
const LONGEST: usize = 16 << 20;

impl SessionFile {
    pub fn new(path: &str) -> Result<SessionFile, Failure> {
        if path.is_empty() {
            return Err(Failure::new(Kind::Argument, "path is empty: pass NULL to detach the file."));
        }
        let file = SessionFile { path: lasting(path), seen: None };
        file.check_regular()?;
        Ok(file)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(suffix);
        path.into()
    }

    /// `None` while another has the lock, which is for moments only.
    pub fn try_lock(&self) -> Result<Option<Locked>, Failure> {
        let taken =
            private_file::open(&self.beside(".lock")).and_then(|lock| Ok(try_lock(&lock)?.then_some(Locked { lock })));
        taken.map_err(|error| self.failure("lock beside", &error))
    }

    /// The text, if it is not the one that was last seen. `None` as well where there is no file.
    pub fn read_newer(&mut self, _: &Locked) -> Result<Option<Zeroizing<String>>, Failure> {
        let mut text = Zeroizing::new(String::new());
        self.check_regular()?;
        match private_file::open_to_read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failure("session", &error)),
            Ok(file) => file.take(LONGEST as u64).read_to_string(&mut text).map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => Failure::new(Kind::Session, "The session file holds no text."),
                _ => self.failure("session", &error),
            })?,
        };
        if self.seen.as_ref() == Some(&text) {
            return Ok(None);
        }
        Ok(Some(text))
    }

    /// A pipe would block, and a device has no end.
    fn check_regular(&self) -> Result<(), Failure> {
        if self.exists() && !self.path.is_file() {
            return Err(self.failure("session", &io::Error::other("it is no regular file")));
        }
        Ok(())
    }

    pub fn exists(&self) -> bool {
        self.path.exists()
    }

    /// What was read has been understood, and is the client's state now.
    pub fn accept(&mut self, text: Zeroizing<String>) {
        self.seen = Some(text);
    }

    /// Replaces the file: a reader, or a crash at any instant, sees the old text or the new one.
    pub fn write(&mut self, text: &str, _: &Locked) -> Result<(), Failure> {
        let text = Zeroizing::new(format!("{text}\n"));
        if self.seen.as_ref() == Some(&text) && self.exists() {
            return Ok(());
        }
        if text.len() > LONGEST {
            return Err(self.failure("session", &io::ErrorKind::FileTooLarge.into()));
        }
        let new = self.beside(".new");
        let replace = || {
            let mut file = private_file::create(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            private_file::replace(&new, &self.path)
        };
        replace().map_err(|error| self.failure("session", &error))?;
        self.seen = Some(text);
        Ok(())
    }

    /// Claims the renew until `deadline`, in milliseconds since 1970. `None` while another's claim is good.
    pub fn claim(&self, locked: &mut Locked, now: i64, deadline: i64) -> Result<Option<Claim>, Failure> {
        let owner = private_file::open(&self.beside(".renew")).map_err(|error| self.failure("claim beside", &error))?;
        let alone = try_lock(&owner).map_err(|error| self.failure("claim beside", &error))?;
        let until = locked.read_claim().map_err(|error| self.failure("claim beside", &error))?;
        if !alone && until.is_some_and(|until| now < until) {
            return Ok(None);
        }
        locked.write_claim(Some(deadline)).map_err(|error| self.failure("claim beside", &error))?;
        Ok(Some(Claim { deadline, _owner: owner }))
    }

    /// A claim that is not given back is void when its owner's lock ends, so a failure here does no harm. One that was
    /// taken over after its deadline is another's.
    pub fn give_back(&self, claim: Claim, locked: &mut Locked) {
        if locked.read_claim().is_ok_and(|deadline| deadline == Some(claim.deadline)) {
            let _ = locked.write_claim(None);
        }
    }

    fn failure(&self, what: &str, error: &io::Error) -> Failure {
        let path = self.path.display();
        let why = if error.kind() == io::ErrorKind::Other { error.to_string() } else { error.kind().to_string() };
        Failure::new(Kind::File, format!("The {what} file {path} can't be used: {why}."))
    }
}

impl Locked {
    fn read_claim(&mut self) -> io::Result<Option<i64>> {
        let mut text = String::new();
        self.lock.rewind()?;
        (&self.lock).take(64).read_to_string(&mut text)?;
        Ok(text.trim().parse().ok())
    }

    fn write_claim(&mut self, deadline: Option<i64>) -> io::Result<()> {
        self.lock.rewind()?;
        self.lock.set_len(0)?;
        self.lock.write_all(deadline.map_or(String::new(), |deadline| format!("{deadline}\n")).as_bytes())
    }
}

/// The working directory may change, a link must not be replaced by a file, and only a canonical path may be longer than
/// Windows' old 260 characters.
fn lasting(path: &str) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    let of_the_directory = || Some(absolute.parent()?.canonicalize().ok()?.join(absolute.file_name()?));
    absolute.canonicalize().ok().or_else(of_the_directory).unwrap_or(absolute)
}

/// The trait's own way: newer standard libraries have a method of that name.
fn try_lock(file: &File) -> io::Result<bool> {
    match FileExt::try_lock(file) {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
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

    #[test]
    fn only_another_text_is_newer() {
        let mut mine = scratch("newer");
        let mut theirs = SessionFile::new(&mine.path.display().to_string()).unwrap();
        let locked = mine.try_lock().unwrap().unwrap();
        assert!(mine.read_newer(&locked).unwrap().is_none());
        mine.write("one", &locked).unwrap();
        assert!(mine.read_newer(&locked).unwrap().is_none());
        let text = theirs.read_newer(&locked).unwrap().unwrap();
        assert_eq!(&*text, "one\n");
        theirs.accept(text);
        theirs.write("two", &locked).unwrap();
        assert_eq!(&**mine.read_newer(&locked).unwrap().as_ref().unwrap(), "two\n");
        assert!(mine.try_lock().unwrap().is_none(), "it is locked already");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&mine.path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_claim_holds_until_its_deadline_or_its_owners_end() {
        let file = scratch("claim");
        let mut locked = file.try_lock().unwrap().unwrap();
        let claim = file.claim(&mut locked, 1000, 2000).unwrap().unwrap();
        assert!(file.claim(&mut locked, 1999, 9999).unwrap().is_none());
        let taken_over = file.claim(&mut locked, 2000, 3000).unwrap().unwrap();
        file.give_back(claim, &mut locked);
        assert_eq!(locked.read_claim().unwrap(), Some(3000), "an owner that was too slow gives back nothing");
        file.give_back(taken_over, &mut locked);
        assert!(file.claim(&mut locked, 1, 2).unwrap().is_some());
    }
}
