//! The region in which HWiNFO publishes what its sensors say (Settings → Shared Memory Support).
//! `hwisenssm2.h` of its SDK, with structs packed to 1 byte.

use win_shared_memory::SharedData;

pub(crate) const NAME: &str = r"Global\HWiNFO_SENS_SM2";

/// Held by HWiNFO while it writes; readers are asked to take it, too.
pub(crate) const MUTEX: &str = r"Global\HWiNFO_SM2_MUTEX";

/// [`Header::signature`] while HWiNFO publishes.
pub(crate) const ACTIVE: u32 = u32::from_le_bytes(*b"HWiS");

/// [`Header::signature`] when it has stopped.
#[allow(dead_code, reason = "for readers")]
pub(crate) const DEAD: u32 = u32::from_le_bytes(*b"DEAD");

/// `HWiNFO_SENSORS_SHARED_MEM2`.
#[derive(Clone, Copy, SharedData)]
#[repr(C, packed)]
pub(crate) struct Header {
    pub(crate) signature: u32,
    pub(crate) version: u32,
    pub(crate) revision: u32,
    /// When the sensors were last polled, in seconds since 1970.
    pub(crate) poll_time: i64,
    pub(crate) sensor_offset: u32,
    pub(crate) sensor_size: u32,
    pub(crate) sensor_count: u32,
    pub(crate) reading_offset: u32,
    pub(crate) reading_size: u32,
    pub(crate) reading_count: u32,
}

/// `HWiNFO_SENSORS_SENSOR_ELEMENT`, as far as all versions have it.
#[derive(Clone, Copy, SharedData)]
#[repr(C, packed)]
pub(crate) struct Sensor {
    pub(crate) id: u32,
    pub(crate) instance: u32,
    pub(crate) name_original: [u8; 128],
    pub(crate) name_user: [u8; 128],
}

/// `SENSOR_READING_TYPE`.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(u32)]
pub(crate) enum ReadingKind {
    None,
    Temperature,
    Voltage,
    Fan,
    Current,
    Power,
    Clock,
    Usage,
    Other,
}

/// `HWiNFO_SENSORS_READING_ELEMENT`, as far as all versions have it.
#[derive(Clone, Copy, SharedData)]
#[repr(C, packed)]
pub(crate) struct Reading {
    pub(crate) kind: ReadingKind,
    /// Which row of the sensors' table it belongs to.
    pub(crate) sensor_index: u32,
    pub(crate) id: u32,
    pub(crate) label_original: [u8; 128],
    pub(crate) label_user: [u8; 128],
    pub(crate) unit: [u8; 16],
    pub(crate) value: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) average: f64,
}
