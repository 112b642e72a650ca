//! Keeps the DLL loaded: a workbook that unloads it and loads it again must find its handles, and a handle's value must
//! never be issued twice in a process. Elsewhere the linker's -z nodelete does this.

use std::ptr;

use windows_sys::Win32::Foundation::HMODULE;
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN,
    GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, GetModuleHandleExW, GetProcAddress,
};

/// Pins the module that this code is in, if it exports the library's functions. Linked statically into another's plug-in,
/// the library goes when that goes.
pub fn pin() {
    let within = pin as *const () as *const u16;
    let mut module: HMODULE = ptr::null_mut();
    let look = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    let keep = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
    unsafe {
        if GetModuleHandleExW(look, within, &mut module) != 0
            && GetProcAddress(module, c"etoauth_version".as_ptr().cast()).is_some()
        {
            GetModuleHandleExW(keep, within, &mut module);
        }
    }
}
