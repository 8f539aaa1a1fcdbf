// @generated from the layout `gpu-z`.

use win_shared_memory::SharedData;

/// `GPUZ_SH_MEM`
///
/// The region is called `GPUZShMem`.
///
/// A copy is whole if `busy` is 0 before and after it.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct ShMem {
    /// `version`
    pub version: u32,
    /// `busy`
    pub busy: i32,
    /// `lastUpdate`: milliseconds since the system started.
    pub last_update: u32,
    /// `data`
    pub data: [Record; 128],
    /// `sensors`
    pub sensors: [SensorRecord; 128],
}

const _: () = assert!(size_of::<ShMem>() == 200204);

impl ShMem {
    /// The name of the region.
    pub const NAME: &str = "GPUZShMem";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(10000);
}

/// `GPUZ_RECORD`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Record {
    /// `key`: text in UTF-16.
    pub key: [u16; 256],
    /// `value`: text in UTF-16.
    pub value: [u16; 256],
}

const _: () = assert!(size_of::<Record>() == 1024);

/// `GPUZ_SENSOR_RECORD`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C, packed(4))]
pub struct SensorRecord {
    /// `name`: text in UTF-16.
    pub name: [u16; 256],
    /// `unit`: text in UTF-16.
    pub unit: [u16; 8],
    /// `digits`
    pub digits: u32,
    /// `value`
    pub value: f64,
}

const _: () = assert!(size_of::<SensorRecord>() == 540);
