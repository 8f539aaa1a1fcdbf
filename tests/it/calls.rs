//! Which functions of the system some code calls.
//!
//! `unsafe` is allowed here for leading the imports of this program through stubs that count.

#![allow(unsafe_code)]

use std::ffi::{CStr, c_void};
use std::ptr;

use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_RESERVE, PAGE_EXECUTE_READWRITE, PAGE_READWRITE, VirtualAlloc, VirtualProtect,
};
use windows_sys::Win32::System::Threading::GetCurrentThreadId;

/// Counts the calls of one thread: `mov rax, gs:[0x48]`, the number of the thread that calls; `cmp rax, [thread]`;
/// `jne` past `lock inc qword ptr [counter]`; `jmp qword ptr [target]`. No argument is in `rax`.
#[repr(C)]
struct Stub {
    code: [u8; 32],
    counter: u64,
    target: usize,
    thread: u64,
}

const CODE: [u8; 32] = [
    0x65, 0x48, 0x8b, 0x04, 0x25, 0x48, 0, 0, 0, 0x48, 0x3b, 0x05, 32, 0, 0, 0, 0x75, 8, 0xf0,
    0x48, 0xff, 0x05, 6, 0, 0, 0, 0xff, 0x25, 8, 0, 0, 0,
];

unsafe extern "C" {
    /// Where this program's image begins; the linker says so.
    #[link_name = "__ImageBase"]
    static IMAGE: u8;
}

/// More than this program imports.
const MOST: usize = 1 << 12;

/// The functions that this thread calls while `body` runs, except those of the C runtime and those that were looked up
/// by name. From now on they are counted.
pub(crate) fn during(body: impl FnOnce()) -> Vec<String> {
    Counters::of_this_thread().during(body)
}

/// Counts what a thread calls from now on.
pub(crate) struct Counters(Vec<(String, *mut Stub)>);

impl Counters {
    /// One thread after the other may make them.
    pub(crate) fn of_this_thread() -> Self {
        Self(lead_through_stubs())
    }

    /// What the thread calls while `body` runs.
    pub(crate) fn during(&self, body: impl FnOnce()) -> Vec<String> {
        let [mut before, mut after] = [(); 2].map(|()| vec![0; self.0.len()]);
        let count = |counts: &mut [u64]| {
            for (count, (_, stub)) in counts.iter_mut().zip(&self.0) {
                // SAFETY: the stubs are never freed; an aligned load of what only this thread increases.
                *count = unsafe { (&raw const (**stub).counter).read_volatile() };
            }
        };
        count(&mut before);
        body();
        count(&mut after);
        let called = self.0.iter().zip(before.iter().zip(&after));
        let called = called.filter(|(_, (before, after))| before < after);
        called.map(|((name, _), _)| name.clone()).collect()
    }
}

fn lead_through_stubs() -> Vec<(String, *mut Stub)> {
    // SAFETY: this program's image is mapped as the PE format says, and stays. The imports are changed one pointer at a
    // time, each for a stub that is complete and leads where the import did.
    unsafe {
        let base = &raw const IMAGE;
        let read = |at: u32| base.add(at as usize).cast::<u32>().read_unaligned();
        let area = VirtualAlloc(
            ptr::null(),
            MOST * size_of::<Stub>(),
            MEM_COMMIT | MEM_RESERVE,
            PAGE_EXECUTE_READWRITE,
        );
        assert!(!area.is_null());
        let mut stubs = Vec::new();
        // The second directory of the optional header, which begins after 24 bytes.
        let mut module = read(read(0x3c) + 24 + 112 + 8);
        while read(module + 16) != 0 {
            let (names, library, imports) = (read(module), read(module + 12), read(module + 16));
            module += 20;
            let library = CStr::from_ptr(base.add(library as usize).cast());
            let library = library.to_string_lossy().to_lowercase();
            // It has variables, too.
            if library.contains("msvcrt") || library.contains("-crt-") || library.contains("ucrt") {
                continue;
            }
            for import in 0.. {
                let name = base.add(names as usize).cast::<u64>().add(import).read();
                if name == 0 {
                    break;
                }
                let name = if name >> 63 == 0 {
                    let text = base.add(name as usize + 2);
                    CStr::from_ptr(text.cast()).to_string_lossy().into_owned()
                } else {
                    format!("{library} {}", name as u16)
                };
                let stub = area.cast::<Stub>().add(stubs.len());
                assert!(stubs.len() < MOST);
                let entry = base
                    .add(imports as usize)
                    .cast_mut()
                    .cast::<usize>()
                    .add(import);
                stub.write(Stub {
                    code: CODE,
                    counter: 0,
                    target: entry.read(),
                    thread: u64::from(GetCurrentThreadId()),
                });
                replace(entry, stub.addr());
                stubs.push((name, stub));
            }
        }
        stubs
    }
}

/// # Safety
///
/// `entry` is an import, and `with` the address of code that does the same.
unsafe fn replace(entry: *mut usize, with: usize) {
    let mut was = 0;
    let page: *const c_void = entry.cast();
    // SAFETY: the entry is in a page of the image; the rest is this function's contract.
    unsafe {
        assert_ne!(VirtualProtect(page, 8, PAGE_READWRITE, &raw mut was), 0);
        entry.write_volatile(with);
        VirtualProtect(page, 8, was, &raw mut was);
    }
}
