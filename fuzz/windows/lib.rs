//! What the functions for VBA take from Windows, for Unix: texts with their length before them, and the question what
//! memory there is. Names and types are those of windows-sys, and the meanings those of Windows.
#![allow(non_snake_case, clippy::missing_safety_doc)]

pub mod core {
    pub type BSTR = *const u16;
}

pub mod Win32 {
    pub mod Foundation {
        use std::alloc::{Layout, alloc, dealloc};
        use std::ptr;

        use crate::core::BSTR;

        /// The length in bytes, the text, and a NUL that is not counted: not a byte more, so that AddressSanitizer sees
        /// who reads on.
        fn layout(bytes: usize) -> Layout {
            Layout::from_size_align(size_of::<u32>() + bytes + size_of::<u16>(), align_of::<u32>()).unwrap()
        }

        pub unsafe fn SysStringByteLen(text: BSTR) -> u32 {
            if text.is_null() { 0 } else { unsafe { text.cast::<u32>().sub(1).read_unaligned() } }
        }

        pub unsafe fn SysAllocStringLen(units: *const u16, length: u32) -> BSTR {
            let length = length as usize;
            unsafe {
                let memory = alloc(layout(length * 2));
                if memory.is_null() {
                    return ptr::null();
                }
                memory.cast::<u32>().write(length as u32 * 2);
                let text: *mut u16 = memory.add(size_of::<u32>()).cast();
                if !units.is_null() {
                    ptr::copy_nonoverlapping(units, text, length);
                }
                text.add(length).write(0);
                text
            }
        }

        pub unsafe fn SysFreeString(text: BSTR) {
            if !text.is_null() {
                unsafe {
                    let bytes = SysStringByteLen(text) as usize;
                    dealloc(text.cast_mut().cast::<u8>().sub(size_of::<u32>()), layout(bytes));
                }
            }
        }

        pub unsafe fn SysReAllocStringLen(text: *mut BSTR, units: *const u16, length: u32) -> i32 {
            unsafe {
                let replacement = SysAllocStringLen(units, length);
                if replacement.is_null() {
                    return 0;
                }
                SysFreeString(*text);
                *text = replacement;
            }
            1
        }
    }

    pub mod System {
        pub mod Memory {
            use std::ffi::c_void;
            use std::fs;
            use std::ops::Range;
            use std::ptr;
            use std::sync::Mutex;

            pub const MEM_COMMIT: u32 = 0x1000;
            pub const PAGE_NOACCESS: u32 = 0x01;
            pub const PAGE_READONLY: u32 = 0x02;
            pub const PAGE_READWRITE: u32 = 0x04;
            pub const PAGE_WRITECOPY: u32 = 0x08;
            pub const PAGE_EXECUTE_READ: u32 = 0x20;
            pub const PAGE_EXECUTE_READWRITE: u32 = 0x40;
            pub const PAGE_EXECUTE_WRITECOPY: u32 = 0x80;
            pub const PAGE_GUARD: u32 = 0x100;

            #[repr(C)]
            pub struct MEMORY_BASIC_INFORMATION {
                pub BaseAddress: *mut c_void,
                pub RegionSize: usize,
                pub State: u32,
                pub Protect: u32,
            }

            /// Describes the memory at an address, if there is any. Memory that could be written once is taken to be
            /// so still: reading the whole table takes its time.
            pub unsafe fn VirtualQuery(
                address: *const c_void,
                region: *mut MEMORY_BASIC_INFORMATION,
                size: usize,
            ) -> usize {
                static KNOWN: Mutex<Vec<(Range<usize>, u32)>> = Mutex::new(Vec::new());
                let mut known = KNOWN.lock().unwrap();
                let find = |known: &[(Range<usize>, u32)]| {
                    known.iter().find(|(range, _)| range.contains(&address.addr())).cloned()
                };
                let writable = find(&known).filter(|&(_, protect)| protect == PAGE_READWRITE);
                let found = writable.or_else(|| {
                    let maps = fs::read_to_string("/proc/self/maps").unwrap();
                    *known = maps.lines().filter_map(mapping).collect();
                    find(&known)
                });
                let Some((range, protect)) = found else {
                    return 0;
                };
                let base_address = ptr::without_provenance_mut(range.start);
                unsafe {
                    region.write(MEMORY_BASIC_INFORMATION {
                        BaseAddress: base_address,
                        RegionSize: range.len(),
                        State: MEM_COMMIT,
                        Protect: protect,
                    });
                }
                size
            }

            /// A line of /proc/self/maps: the range and its protection.
            fn mapping(line: &str) -> Option<(Range<usize>, u32)> {
                let (range, rest) = line.split_once(' ')?;
                let (start, end) = range.split_once('-')?;
                let number = |text| usize::from_str_radix(text, 16).ok();
                let protect = match rest.as_bytes() {
                    [b'r', b'w', b'x', ..] => PAGE_EXECUTE_READWRITE,
                    [b'r', b'w', ..] => PAGE_READWRITE,
                    [b'r', _, b'x', ..] => PAGE_EXECUTE_READ,
                    [b'r', ..] => PAGE_READONLY,
                    _ => PAGE_NOACCESS,
                };
                Some((number(start)?..number(end)?, protect))
            }
        }
    }
}
