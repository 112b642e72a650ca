//! Files for the user alone on Unix: owner, mode, links and kinds are checked on the open file.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::process::geteuid;

/// A pipe or a device must not make an open wait, and a link must not lead it elsewhere.
const AS_IT_IS: i32 = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY;
const MODE: u32 = 0o600;

/// Only on Windows do scanners keep others out of a file.
pub fn wait_while_held(_: &io::Error, _: u32) -> bool {
    false
}

/// Makes a file that must be missing. The mode is set on the open file, since the umask may have taken from it.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create_new(true).mode(MODE).custom_flags(AS_IT_IS).open(path)?;
    if let Err(error) = file.set_permissions(Permissions::from_mode(MODE)) {
        let _ = fs::remove_file(path);
        return Err(error);
    }
    Ok(file)
}

/// Opens a lock file, which is made if it is missing.
pub fn open_lock(path: &Path) -> io::Result<File> {
    match fs::symlink_metadata(path) {
        Ok(facts) => check_lock(&facts)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(MODE).custom_flags(AS_IT_IS);
    let file = match options.open(path) {
        // It may be an own file whose mode an unusual umask has cut down.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            mend_mode(path)?;
            options.open(path)
        }
        opened => opened,
    }?;
    let facts = file.metadata()?;
    check_lock(&facts)?;
    if facts.mode() & 0o7777 != MODE {
        // A lock file holds no secret: one that is usable as it is stays so.
        let _ = file.set_permissions(Permissions::from_mode(MODE));
    }
    Ok(file)
}

fn mend_mode(path: &Path) -> io::Result<()> {
    let read = OpenOptions::new().read(true).custom_flags(AS_IT_IS).open(path);
    let file = read.or_else(|_| OpenOptions::new().write(true).custom_flags(AS_IT_IS).open(path))?;
    check_lock(&file.metadata()?)?;
    file.set_permissions(Permissions::from_mode(MODE))
}

/// Anything else under this name was put there by somebody else, and is left untouched.
fn check_lock(facts: &Metadata) -> io::Result<()> {
    check_file(facts)?;
    if facts.nlink() > 1 {
        return Err(io::Error::other("it has another name as well (a hard link)"));
    }
    Ok(())
}

fn check_file(facts: &Metadata) -> io::Result<()> {
    if facts.is_symlink() {
        return Err(io::Error::other("it is a symbolic link"));
    }
    if !facts.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    if facts.uid() != geteuid().as_raw() {
        return Err(io::Error::other("it belongs to another user"));
    }
    Ok(())
}

/// Opens a file that must be this user's; a mode that lets others in is narrowed.
pub fn open_to_read(path: &Path) -> io::Result<(File, Metadata)> {
    check_file(&fs::metadata(path)?)?;
    let file = OpenOptions::new().read(true).custom_flags(AS_IT_IS).open(path)?;
    let facts = file.metadata()?;
    check_file(&facts)?;
    if facts.mode() & 0o7777 & !MODE != 0 {
        file.set_permissions(Permissions::from_mode(facts.mode() & MODE))?;
    }
    Ok((file, facts))
}

/// A directory that is to be synced after a rename in it.
pub struct Directory(Option<File>);

impl Directory {
    /// Some file systems can't do it, and some directories may be written to but not read.
    pub fn open(path: &Path) -> io::Result<Directory> {
        match File::open(path) {
            Ok(directory) => Ok(Directory(Some(directory))),
            Err(error) if may_be_left(&error) => Ok(Directory(None)),
            Err(error) => Err(error),
        }
    }

    pub fn sync(&self) -> io::Result<()> {
        match self.0.as_ref().map_or(Ok(()), File::sync_all) {
            Err(error) if may_be_left(&error) => Ok(()),
            synced => synced,
        }
    }
}

fn may_be_left(error: &io::Error) -> bool {
    let code = error.raw_os_error();
    code.is_some_and(|code| code == libc::EINVAL || code == libc::ENOTSUP || code == libc::EACCES)
}

/// What tells a file from the one that took its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    size: u64,
    seconds: i64,
    nanoseconds: i64,
}

impl Stamp {
    pub fn of(facts: &Metadata) -> io::Result<Stamp> {
        Ok(Stamp {
            device: facts.dev(),
            inode: facts.ino(),
            size: facts.size(),
            seconds: facts.mtime(),
            nanoseconds: facts.mtime_nsec(),
        })
    }

    /// Whether the file was left alone for this long.
    pub fn is_older_than(&self, age: Duration) -> bool {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let modified = i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanoseconds);
        i128::try_from(now.as_nanos()).is_ok_and(|now| now - modified >= age.as_nanos() as i128)
    }
}
