// @generated from the layout `mumble-link`.

use win_shared_memory::SharedData;

/// `LinkedMem`
///
/// Positional audio: the game writes, Mumble reads.
///
/// The region is called `MumbleLink`.
///
/// A copy is whole if a second copy is equal.
#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
pub struct LinkedMem {
    /// `uiVersion`: 2 once a game has linked.
    pub version: u32,
    /// `uiTick`: counted up with each write.
    pub tick: u32,
    /// `fAvatarPosition`: in m.
    pub avatar_position: [f32; 3],
    /// `fAvatarFront`
    pub avatar_front: [f32; 3],
    /// `fAvatarTop`
    pub avatar_top: [f32; 3],
    /// `name`: the game; text in UTF-16.
    pub name: [u16; 256],
    /// `fCameraPosition`: in m.
    pub camera_position: [f32; 3],
    /// `fCameraFront`
    pub camera_front: [f32; 3],
    /// `fCameraTop`
    pub camera_top: [f32; 3],
    /// `identity`: the player, often as JSON; text in UTF-16.
    pub identity: [u16; 256],
    /// `context_len`
    pub context_len: u32,
    /// `context`: equal for players who should hear each other; `context_len` of them are in use.
    pub context: [u8; 256],
    /// `description`: text in UTF-16.
    pub description: [u16; 2048],
}

const _: () = assert!(size_of::<LinkedMem>() == 5460);

impl LinkedMem {
    /// The name of the region.
    pub const NAME: &str = "MumbleLink";

    /// The producer counts as frozen after this time without a change of its heartbeat.
    pub const FROZEN: ::core::time::Duration = ::core::time::Duration::from_millis(5000);

    /// The units of its fields.
    pub const UNITS: &[(&str, &str)] = &[
        ("avatar_position", "m"),
        ("camera_position", "m"),
    ];
}
