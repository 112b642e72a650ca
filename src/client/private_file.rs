//! Files for the user alone, whatever their directory allows.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Opens a file for reading and writing; a missing one is made.
pub fn open(path: &Path) -> io::Result<File> {
    system::open(path, false)
}

/// Makes a file anew. One that is there might be open to others.
pub fn create(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => system::open(path, true),
    }
}

#[cfg(unix)]
mod system {
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::unix::fs::OpenOptionsExt;
    use std::path::Path;

    pub fn open(path: &Path, new: bool) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create(true).truncate(false).create_new(new).mode(0o600).open(path)
    }
}

/// The standard library has no word for access lists.
#[cfg(windows)]
#[allow(unsafe_code)]
mod system {
    use std::fs::File;
    use std::mem;
    use std::os::windows::ffi::OsStrExt;
    use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
    use std::path::Path;
    use std::{io, ptr};

    use windows_sys::Win32::Foundation::{GENERIC_READ, GENERIC_WRITE, INVALID_HANDLE_VALUE};
    use windows_sys::Win32::Security::{
        ACL, ACL_REVISION, AddAccessAllowedAce, GetTokenInformation, InitializeAcl, InitializeSecurityDescriptor,
        SE_DACL_PROTECTED, SECURITY_ATTRIBUTES, SECURITY_DESCRIPTOR, SetSecurityDescriptorControl,
        SetSecurityDescriptorDacl, TOKEN_QUERY, TOKEN_USER, TokenUser,
    };
    use windows_sys::Win32::Storage::FileSystem::{
        CREATE_NEW, CreateFileW, FILE_ALL_ACCESS, FILE_ATTRIBUTE_NORMAL, FILE_SHARE_DELETE, FILE_SHARE_READ,
        FILE_SHARE_WRITE, OPEN_ALWAYS,
    };
    use windows_sys::Win32::System::SystemServices::SECURITY_DESCRIPTOR_REVISION;
    use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

    /// Room for a user's SID, which has 68 bytes at the most, with what stands around it.
    type Room = [u64; 32];
    const ROOM: u32 = mem::size_of::<Room>() as u32;

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

    /// Who the process runs as.
    unsafe fn read_user(user: &mut Room) -> io::Result<()> {
        let (mut token, mut length) = (ptr::null_mut(), 0);
        unsafe {
            done(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token))?;
            let token = OwnedHandle::from_raw_handle(token);
            done(GetTokenInformation(token.as_raw_handle(), TokenUser, user.as_mut_ptr().cast(), ROOM, &mut length))
        }
    }

    fn done(result: i32) -> io::Result<()> {
        if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }
}
