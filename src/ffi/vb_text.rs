//! What VBA passes: the addresses of its texts, of its variables, and handles, all of them numbers there. A wrong one
//! must not end Excel, so that memory is looked up before it is touched.

use std::mem;
use std::ptr;

use windows_sys::Win32::Foundation::{SysAllocStringLen, SysFreeString, SysReAllocStringLen, SysStringByteLen};
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEMORY_BASIC_INFORMATION, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_EXECUTE_WRITECOPY,
    PAGE_GUARD, PAGE_READONLY, PAGE_READWRITE, PAGE_WRITECOPY, VirtualQuery,
};
use windows_sys::core::BSTR;

use super::fault::Fault;

const WRITABLE: u32 = PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY;
const READABLE: u32 = WRITABLE | PAGE_READONLY | PAGE_EXECUTE_READ;

/// A text's length stands before it, in bytes.
const LENGTH: usize = mem::size_of::<u32>();

/// Returns from the function if any of the named arguments, be they numbers or pointers, is 0.
macro_rules! try_not_zero {
    ($($argument:ident),+) => {
        $(if $argument as usize == 0 {
            return Err($crate::ffi::fault::Fault::Null(stringify!($argument)));
        })+
    };
}

pub(super) use try_not_zero;

/// A text, by its StrPtr.
pub struct Text<'a> {
    units: &'a [u16],
    name: &'static str,
}

impl Text<'_> {
    /// 0 is an unset String.
    pub fn at<'a>(text: isize, name: &'static str) -> Result<Text<'a>, Fault> {
        if text == 0 {
            return Ok(Text { units: &[], name });
        }
        let address = text as usize;
        let wrong = || Fault::Argument(name, "is not the address of a text: pass StrPtr of a String");
        if address % 2 != 0 || address < LENGTH || !reachable(address - LENGTH, LENGTH, READABLE) {
            return Err(wrong());
        }
        let units: *const u16 = ptr::with_exposed_provenance(address);
        let bytes = unsafe { SysStringByteLen(units) } as usize;
        if bytes > isize::MAX as usize || !reachable(address, bytes, READABLE) {
            return Err(wrong());
        }
        // The caller's promise: unchanged while the call lasts.
        let units = unsafe { std::slice::from_raw_parts(units, bytes / 2) };
        if units.contains(&0) {
            return Err(Fault::Argument(name, "contains a Chr(0)"));
        }
        Ok(Text { units, name })
    }

    pub fn read(&self) -> Result<String, Fault> {
        let mut text = String::new();
        // In UTF-8 a unit has three bytes at the most.
        text.try_reserve_exact(self.units.len().saturating_mul(3)).map_err(|_| Fault::Memory)?;
        for character in char::decode_utf16(self.units.iter().copied()) {
            text.push(character.map_err(|_| Fault::Utf8(self.name))?);
        }
        Ok(text)
    }

    /// Reads a text that stands for none when it is empty.
    pub fn read_optional(&self) -> Result<Option<String>, Fault> {
        if self.units.is_empty() { Ok(None) } else { self.read().map(Some) }
    }
}

/// A String variable, by its VarPtr.
pub struct StringVariable(*mut BSTR);

impl StringVariable {
    pub fn at(variable: isize, name: &'static str) -> Result<StringVariable, Fault> {
        let variable: *mut BSTR = ptr::with_exposed_provenance_mut(variable as usize);
        check_variable(variable, name)?;
        let old = unsafe { variable.read_unaligned() }.addr();
        if old != 0 && (old < LENGTH || !reachable(old - LENGTH, LENGTH, READABLE)) {
            return Err(Fault::Argument(name, "is not the address of a String: pass VarPtr of one"));
        }
        Ok(StringVariable(variable))
    }

    /// Replaces the variable's text, which VBA frees in its own time. What is not UTF-8 becomes U+FFFD.
    pub fn set(self, text: &[u8]) -> Result<(), Fault> {
        self.set_by_way_of(Vec::new(), text)
    }

    /// Reserves the memory that setting a text of usual size takes.
    pub fn reserve(self) -> Result<ReservedString, Fault> {
        let mut units = Vec::new();
        units.try_reserve_exact(RESERVED).map_err(|_| Fault::Memory)?;
        let placeholder = unsafe { SysAllocStringLen(ptr::null(), RESERVED as u32) };
        if placeholder.is_null() {
            return Err(Fault::Memory);
        }
        Ok(ReservedString { variable: self, units, placeholder: Placeholder(placeholder) })
    }

    fn set_by_way_of(self, mut units: Vec<u16>, text: &[u8]) -> Result<(), Fault> {
        // In UTF-16 a text has no more units than bytes in UTF-8, and what is not UTF-8 becomes no more units either.
        units.try_reserve_exact(text.len()).map_err(|_| Fault::Memory)?;
        for chunk in text.utf8_chunks() {
            units.extend(chunk.valid().encode_utf16());
            if !chunk.invalid().is_empty() {
                units.push(char::REPLACEMENT_CHARACTER as u16);
            }
        }
        let length = u32::try_from(units.len()).map_err(|_| Fault::Memory)?;
        let mut content = unsafe { self.0.read_unaligned() };
        if unsafe { SysReAllocStringLen(&mut content, units.as_ptr(), length) } == 0 {
            return Err(Fault::Memory);
        }
        unsafe { self.0.write_unaligned(content) };
        Ok(())
    }
}

/// In UTF-16 units: larger than E*TRADE's usual answers.
const RESERVED: usize = 128 * 1024;

/// A String variable and memory for its new text.
pub struct ReservedString {
    variable: StringVariable,
    units: Vec<u16>,
    placeholder: Placeholder,
}

impl ReservedString {
    pub fn set(self, text: &[u8]) -> Result<(), Fault> {
        // Its memory is what the variable's new text takes.
        drop(self.placeholder);
        self.variable.set_by_way_of(self.units, text)
    }
}

/// A BSTR that is only there to be freed.
struct Placeholder(BSTR);

impl Drop for Placeholder {
    fn drop(&mut self) {
        unsafe { SysFreeString(self.0) };
    }
}

/// Refuses what can't be the address of the caller's variable. It need not be a multiple of four or eight.
pub fn check_variable<T>(variable: *mut T, name: &'static str) -> Result<(), Fault> {
    if !reachable(variable.addr(), mem::size_of::<T>(), WRITABLE) {
        return Err(Fault::Argument(name, "is not the address of a variable"));
    }
    Ok(())
}

/// Whether all of this memory is the process's own, with one of these protections.
fn reachable(address: usize, length: usize, protections: u32) -> bool {
    let Some(end) = address.checked_add(length) else {
        return false;
    };
    let mut at = address;
    while at < end {
        let mut region: MEMORY_BASIC_INFORMATION = unsafe { mem::zeroed() };
        let told = unsafe { VirtualQuery(ptr::without_provenance(at), &mut region, mem::size_of_val(&region)) };
        let good = region.Protect & protections != 0 && region.Protect & PAGE_GUARD == 0;
        if told == 0 || region.State != MEM_COMMIT || !good {
            return false;
        }
        at = region.BaseAddress.addr() + region.RegionSize;
    }
    true
}
