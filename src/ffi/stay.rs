//! Keeps the DLL loaded: a workbook that lets go of it and loads it again is to find its handles, and a handle's value
//! must never be issued twice in a process. Elsewhere the linker's -z nodelete does this.

use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use windows_sys::Win32::Foundation::HMODULE;
use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN,
    GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, GetModuleHandleExW, GetProcAddress,
};

/// Only a module that exports the library's functions is ours to keep. Linked statically into another's plug-in, the
/// library goes when that goes. Threads that come here together all do it, which does no harm; one that waited for another
/// might hold the lock that the other wants of Windows' loader.
pub fn loaded() {
    static DONE: AtomicBool = AtomicBool::new(false);
    if DONE.load(Ordering::Relaxed) {
        return;
    }
    let within = loaded as *const () as *const u16;
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
    DONE.store(true, Ordering::Relaxed);
}
