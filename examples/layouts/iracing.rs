//! The region in which iRacing publishes its telemetry: `irsdk_defines.h` of its SDK.

use win_shared_memory::SharedData;

pub(crate) const NAME: &str = r"Local\IRSDKMemMapFileName";

/// Set by iRacing when a buffer is complete.
pub(crate) const EVENT: &str = r"Local\IRSDKDataValidEvent";

/// The bit of [`Header::status`] that says that a simulation runs.
pub(crate) const CONNECTED: i32 = 1;

/// `irsdk_header`.
#[derive(Clone, Copy, SharedData)]
#[repr(C)]
pub(crate) struct Header {
    pub(crate) version: i32,
    pub(crate) status: i32,
    /// How many times per second the variables are written.
    pub(crate) tick_rate: i32,
    /// Counted up when the session's text changes.
    pub(crate) session_update: i32,
    pub(crate) session_len: i32,
    pub(crate) session_offset: i32,
    pub(crate) var_count: i32,
    pub(crate) var_offset: i32,
    /// How many of `buffers` are in use.
    pub(crate) buffer_count: i32,
    pub(crate) buffer_len: i32,
    pub(crate) pad: [i32; 2],
    pub(crate) buffers: [Buffer; 4],
}

/// `irsdk_varBuf`: where the values of one tick are.
#[derive(Clone, Copy, SharedData)]
#[repr(C)]
pub(crate) struct Buffer {
    pub(crate) tick: i32,
    pub(crate) offset: i32,
    pub(crate) pad: [i32; 2],
}

/// `irsdk_varHeader`: a variable.
#[derive(Clone, Copy, SharedData)]
#[repr(C)]
pub(crate) struct Var {
    pub(crate) kind: VarKind,
    /// The distance of its first value from the beginning of the buffer.
    pub(crate) offset: i32,
    /// The number of values.
    pub(crate) count: i32,
    pub(crate) count_as_time: bool,
    pub(crate) pad: [u8; 3],
    pub(crate) name: [u8; 32],
    pub(crate) description: [u8; 64],
    pub(crate) unit: [u8; 32],
}

/// `irsdk_VarType`.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(i32)]
pub(crate) enum VarKind {
    Char,
    Bool,
    Int,
    BitField,
    Float,
    Double,
}
