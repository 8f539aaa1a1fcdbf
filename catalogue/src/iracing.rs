// @generated from the layout `iracing`.

use win_shared_memory::SharedData;
#[cfg(windows)]
use win_shared_memory::{SharedMemoryError, Table, View};

/// `irsdk_header`
///
/// Sixty rows per second, in turn in up to four buffers; a text in YAML describes the session.
///
/// The region is called `Local\IRSDKMemMapFileName`.
///
/// A copy is whole if it is of the buffer with the highest tick, and that tick is the same afterwards.
///
/// `session` is a text in Latin-1 (yaml). It begins at `session_info_offset` in the region and has at most `session_info_len` bytes; it ends at a NUL.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Header {
    /// `ver`
    pub ver: i32,
    /// `status`
    pub status: Status,
    /// `tickRate`: in 1/s.
    pub tick_rate: i32,
    /// `sessionInfoUpdate`: counted up when the session's text changes.
    pub session_info_update: i32,
    /// `sessionInfoLen`: in bytes.
    pub session_info_len: i32,
    /// `sessionInfoOffset`
    pub session_info_offset: i32,
    /// `numVars`
    pub num_vars: i32,
    /// `varHeaderOffset`
    pub var_header_offset: i32,
    /// `numBuf`
    pub num_buf: i32,
    /// `bufLen`: in bytes.
    pub buf_len: i32,
    /// Padding, or unknown.
    pub gap_40: [u8; 8],
    /// `varBuf`
    pub var_buf: [VarBuf; 4],
}

const _: () = assert!(size_of::<Header>() == 112);

impl Header {
    /// The name of the region.
    pub const NAME: &str = "Local\\IRSDKMemMapFileName";

    /// The name of the event that the producer sets when it has written.
    pub const EVENT: &str = "Local\\IRSDKDataValidEvent";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(5000);

    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("tick_rate", "1/s"),
        ("session_info_len", "bytes"),
        ("buf_len", "bytes"),
    ];

    /// The rows of `variables` in the view of the region.
    ///
    /// # Errors
    ///
    /// `InvalidTable`: the numbers in these fields are not those of a table in this view.
    #[cfg(windows)]
    pub fn variables<'v, A>(
        &self,
        view: &'v View<A>,
    ) -> Result<Table<'v, Variable, A>, SharedMemoryError> {
        view.table(self.var_header_offset, 144_u64, self.num_vars)
    }
}

/// `irsdk_varBuf`
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct VarBuf {
    /// `tickCount`
    pub tick_count: i32,
    /// `bufOffset`
    pub buf_offset: i32,
    /// Padding, or unknown.
    pub gap_8: [u8; 8],
}

const _: () = assert!(size_of::<VarBuf>() == 16);

/// `Variable`
///
/// What the region declares of a variable.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct Variable {
    /// `kind`: what its values are.
    pub kind: Kind,
    /// `offset`: from the beginning of the buffer to the first value.
    pub offset: i32,
    /// `count`: the number of values.
    pub count: i32,
    /// Padding, or unknown.
    pub gap_12: [u8; 4],
    /// `name`: what it is called; text in Latin-1.
    pub name: [u8; 32],
    /// `doc`: what it is; text in Latin-1.
    pub doc: [u8; 64],
    /// `unit`: the unit of its values; text in Latin-1.
    pub unit: [u8; 32],
}

const _: () = assert!(size_of::<Variable>() == 144);

/// The flags of [`Header::status`]; others may be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct Status(
    /// The number.
    pub u32,
);

impl Status {
    /// `connected`
    pub const CONNECTED: Self = Self(1);

    /// Whether all of these flags are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
}

/// The values of [`Variable::kind`]; there may be others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct Kind(
    /// The number.
    pub i32,
);

impl Kind {
    /// `latin1`
    pub const LATIN1: Self = Self(0);

    /// `bool`
    pub const BOOL: Self = Self(1);

    /// `i32`
    pub const I32: Self = Self(2);

    /// `bits32`
    pub const BITS32: Self = Self(3);

    /// `f32`
    pub const F32: Self = Self(4);

    /// `f64`
    pub const F64: Self = Self(5);

    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::LATIN1 => Some("latin1"),
            Self::BOOL => Some("bool"),
            Self::I32 => Some("i32"),
            Self::BITS32 => Some("bits32"),
            Self::F32 => Some("f32"),
            Self::F64 => Some("f64"),
            _ => None,
        }
    }
}
