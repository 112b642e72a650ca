//! What the standard library has no word for on Windows: files for the user alone, waits that end from outside, and a clock
//! that counts sleep.
#![allow(unsafe_code)]

use std::fs::{File, Metadata};
use std::mem;
use std::net::TcpStream;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, AsRawSocket, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{io, ptr};

use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_LOCK_VIOLATION, ERROR_SHARING_VIOLATION, GENERIC_READ, GENERIC_WRITE,
    INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::Security::{
    ACL, ACL_REVISION, AddAccessAllowedAce, GetTokenInformation, InitializeAcl, InitializeSecurityDescriptor,
    SE_DACL_PROTECTED, SECURITY_ATTRIBUTES, SECURITY_DESCRIPTOR, SetSecurityDescriptorControl,
    SetSecurityDescriptorDacl, TOKEN_QUERY, TOKEN_USER, TokenUser,
};
use windows_sys::Win32::Storage::FileSystem::{
    CREATE_NEW, CreateFileW, FILE_ALL_ACCESS, FILE_ATTRIBUTE_NORMAL, FILE_FLAG_OPEN_REPARSE_POINT, FILE_SHARE_DELETE,
    FILE_SHARE_READ, FILE_SHARE_WRITE, OPEN_ALWAYS,
};
use windows_sys::Win32::System::IO::CancelIoEx;
use windows_sys::Win32::System::SystemInformation::GetTickCount64;
use windows_sys::Win32::System::SystemServices::SECURITY_DESCRIPTOR_REVISION;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetCurrentThread, OpenProcessToken, OpenThreadToken};

/// For as long as a scanner may hold a file: a fifth of a second.
const TRIES: u32 = 20;
const MOMENT: Duration = Duration::from_millis(10);

/// Scanners and indexers hold a file for a moment after it was written, and keep others out. False for other errors, and
/// after so many tries that something else must be the reason.
pub fn wait_while_held(error: &io::Error, tries: u32) -> bool {
    let code = error.raw_os_error().map(|code| code as u32);
    let held = matches!(code, Some(ERROR_ACCESS_DENIED | ERROR_SHARING_VIOLATION | ERROR_LOCK_VIOLATION));
    let again = held && tries < TRIES;
    if again {
        std::thread::sleep(MOMENT);
    }
    again
}

/// Room for a user's SID, which has 68 bytes at the most, with what stands around it.
type Room = [u64; 32];
const ROOM: u32 = mem::size_of::<Room>() as u32;

/// Makes a file for the user alone, which must be missing.
pub fn create(path: &Path) -> io::Result<File> {
    open(path, true)
}

/// Opens a lock file, which is made for the user alone if it is missing. A link is opened as such, and refused.
pub fn open_lock(path: &Path) -> io::Result<File> {
    let file = open(path, false)?;
    check_file(&file.metadata()?)?;
    Ok(file)
}

/// A pipe would block, and a device has no end.
pub fn open_to_read(path: &Path) -> io::Result<(File, Metadata)> {
    check_file(&path.metadata()?)?;
    let file = File::open(path)?;
    let facts = file.metadata()?;
    check_file(&facts)?;
    Ok((file, facts))
}

fn check_file(facts: &Metadata) -> io::Result<()> {
    if facts.is_file() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
}

/// Windows keeps its own record of renames.
pub struct Directory;

impl Directory {
    pub fn open(_: &Path) -> io::Result<Directory> {
        Ok(Directory)
    }

    pub fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// What tells a file from the one that took its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Stamp {
    size: u64,
    modified: SystemTime,
}

impl Stamp {
    pub fn of(facts: &Metadata) -> io::Result<Stamp> {
        Ok(Stamp { size: facts.len(), modified: facts.modified()? })
    }

    /// Whether the file was left alone for this long.
    pub fn is_older_than(&self, age: Duration) -> bool {
        SystemTime::now().duration_since(self.modified).is_ok_and(|passed| passed >= age)
    }
}

/// Opens a file for reading and writing, and makes it for the user alone if it is missing. `new`: it must be missing.
fn open(path: &Path, new: bool) -> io::Result<File> {
    let path: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    let shared = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    let disposition = if new { CREATE_NEW } else { OPEN_ALWAYS };
    let (mut user, mut list): (Room, Room) = ([0; 32], [0; 32]);
    let list: *mut ACL = list.as_mut_ptr().cast();
    unsafe {
        read_user(&mut user)?;
        let user = &*user.as_ptr().cast::<TOKEN_USER>();
        let mut descriptor: SECURITY_DESCRIPTOR = mem::zeroed();
        let to_descriptor = (&raw mut descriptor).cast();
        done(InitializeAcl(list, ROOM, ACL_REVISION))?;
        done(AddAccessAllowedAce(list, ACL_REVISION, FILE_ALL_ACCESS, user.User.Sid))?;
        done(InitializeSecurityDescriptor(to_descriptor, SECURITY_DESCRIPTOR_REVISION))?;
        done(SetSecurityDescriptorDacl(to_descriptor, 1, list, 0))?;
        // The directory's list is not to be added.
        done(SetSecurityDescriptorControl(to_descriptor, SE_DACL_PROTECTED, SE_DACL_PROTECTED))?;
        let attributes = SECURITY_ATTRIBUTES {
            nLength: mem::size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: to_descriptor,
            bInheritHandle: 0,
        };
        let access = GENERIC_READ | GENERIC_WRITE;
        let file = CreateFileW(
            path.as_ptr(),
            access,
            shared,
            &attributes,
            disposition,
            FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT,
            ptr::null_mut(),
        );
        if file == INVALID_HANDLE_VALUE {
            return Err(io::Error::last_os_error());
        }
        Ok(File::from_raw_handle(file))
    }
}

/// Whom the thread acts for: the user whom it impersonates, or the process's own.
unsafe fn read_user(user: &mut Room) -> io::Result<()> {
    let (mut token, mut length) = (ptr::null_mut(), 0);
    unsafe {
        if OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, 1, &mut token) == 0 {
            done(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token))?;
        }
        let token = OwnedHandle::from_raw_handle(token);
        done(GetTokenInformation(token.as_raw_handle(), TokenUser, user.as_mut_ptr().cast(), ROOM, &mut length))
    }
}

fn done(result: i32) -> io::Result<()> {
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Ends what other threads wait for on a socket. Shutting it down is promised to do so for later calls only.
pub fn end_waits(socket: &TcpStream) {
    let handle = ptr::with_exposed_provenance_mut(socket.as_raw_socket() as usize);
    // It fails when nobody waits.
    unsafe { CancelIoEx(handle, ptr::null()) };
}

/// The time since this machine was started, sleep included.
pub fn since_boot() -> Duration {
    Duration::from_millis(unsafe { GetTickCount64() })
}
