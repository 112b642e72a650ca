//! What the standard library has no word for on Windows: files for the user alone, waits that end from outside, and a clock
//! that counts sleep.
#![allow(unsafe_code)]

use std::fs::File;
use std::mem;
use std::net::TcpStream;
use std::os::windows::ffi::OsStrExt;
use std::os::windows::io::{AsRawHandle, AsRawSocket, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::time::Duration;
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
    CREATE_NEW, CreateFileW, FILE_ALL_ACCESS, FILE_ATTRIBUTE_NORMAL, FILE_SHARE_DELETE, FILE_SHARE_READ,
    FILE_SHARE_WRITE, OPEN_ALWAYS,
};
use windows_sys::Win32::System::IO::CancelIoEx;
use windows_sys::Win32::System::SystemInformation::GetTickCount64;
use windows_sys::Win32::System::SystemServices::SECURITY_DESCRIPTOR_REVISION;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, GetCurrentThread, OpenProcessToken, OpenThreadToken};

/// For as long as a scanner may hold a file: a fifth of a second.
pub const TRIES: u32 = 20;
pub const MOMENT: Duration = Duration::from_millis(10);

pub fn is_held(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error().map(|code| code as u32),
        Some(ERROR_ACCESS_DENIED | ERROR_SHARING_VIOLATION | ERROR_LOCK_VIOLATION)
    )
}

/// Room for a user's SID, which has 68 bytes at the most, with what stands around it.
type Room = [u64; 32];
const ROOM: u32 = mem::size_of::<Room>() as u32;

/// Opens a file for reading and writing, and makes it for the user alone if it is missing. `new`: it must be missing.
pub fn open(path: &Path, new: bool) -> io::Result<File> {
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
            FILE_ATTRIBUTE_NORMAL,
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
