// @generated from the layout `mahm`.

use win_shared_memory::SharedData;
#[cfg(windows)]
use win_shared_memory::{SharedMemoryError, Table, View};

/// `MAHM_SHARED_MEMORY_HEADER`
///
/// The region is called `MAHMSharedMemory`.
///
/// A copy is whole if a second copy is equal.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Header {
    /// `dwSignature`
    pub signature: u32,
    /// `dwVersion`
    pub version: u32,
    /// `dwHeaderSize`
    pub header_size: u32,
    /// `dwNumEntries`
    pub num_entries: u32,
    /// `dwEntrySize`
    pub entry_size: u32,
    /// `time`: seconds since 1970.
    pub time: i32,
    /// `dwNumGpuEntries`
    pub num_gpu_entries: u32,
    /// `dwGpuEntrySize`
    pub gpu_entry_size: u32,
}

const _: () = assert!(size_of::<Header>() == 32);

impl Header {
    /// The name of the region.
    pub const NAME: &str = "MAHMSharedMemory";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(10000);

    /// The value of `dwSignature` while the producer runs.
    pub const LIVE: u32 = 0x4d41484d;

    /// The value of `dwSignature` after the producer has left.
    pub const DEAD: u32 = 0xdead;

    /// The rows of `entries` in the view of the region.
    ///
    /// # Errors
    ///
    /// `InvalidTable`: the numbers in these fields are not those of a table in this view.
    #[cfg(windows)]
    pub fn entries<'v, A>(
        &self,
        view: &'v View<A>,
    ) -> Result<Table<'v, Entry, A>, SharedMemoryError> {
        view.table(self.header_size, self.entry_size, self.num_entries)
    }
}

/// `MAHM_SHARED_MEMORY_ENTRY`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Entry {
    /// `szSrcName`: text in Windows-1252.
    pub src_name: [u8; 260],
    /// `szSrcUnits`: text in Windows-1252.
    pub src_units: [u8; 260],
    /// `szLocalizedSrcName`: text in Windows-1252.
    pub localized_src_name: [u8; 260],
    /// `szLocalizedSrcUnits`: text in Windows-1252.
    pub localized_src_units: [u8; 260],
    /// `szRecommendedFormat`: text in Windows-1252.
    pub recommended_format: [u8; 260],
    /// `data`
    pub data: f32,
    /// `minLimit`
    pub min_limit: f32,
    /// `maxLimit`
    pub max_limit: f32,
    /// `dwFlags`
    pub flags: u32,
    /// `dwGpu`
    pub gpu: u32,
    /// `dwSrcId`
    pub src_id: u32,
}

const _: () = assert!(size_of::<Entry>() == 1324);
