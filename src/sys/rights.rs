//! The access rights that the layers above ask for.

pub(crate) use windows_sys::Win32::System::Memory::{
    FILE_MAP_COPY, FILE_MAP_LARGE_PAGES, FILE_MAP_READ, FILE_MAP_WRITE,
};
pub(crate) use windows_sys::Win32::System::Threading::{
    EVENT_MODIFY_STATE, SEMAPHORE_MODIFY_STATE, SYNCHRONIZATION_SYNCHRONIZE,
};
