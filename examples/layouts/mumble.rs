//! The region in which games tell Mumble where the player is, so that voices come from there. Mumble
//! or the first game creates it; overlays read it as well.

use win_shared_memory::SharedData;

pub(crate) const NAME: &str = "MumbleLink";

/// `LinkedMem` of Mumble's documentation. Metres, left-handed: x right, y up, z ahead.
#[derive(Clone, Copy, SharedData)]
#[repr(C)]
pub(crate) struct LinkedMem {
    /// 2 once a game is linked, 0 before.
    pub(crate) version: u32,
    /// Counted up by the game in each frame.
    pub(crate) tick: u32,
    pub(crate) avatar_position: [f32; 3],
    pub(crate) avatar_front: [f32; 3],
    pub(crate) avatar_top: [f32; 3],
    /// The game.
    pub(crate) name: [u16; 256],
    pub(crate) camera_position: [f32; 3],
    pub(crate) camera_front: [f32; 3],
    pub(crate) camera_top: [f32; 3],
    /// The player, in whatever form the game likes.
    pub(crate) identity: [u16; 256],
    pub(crate) context_len: u32,
    /// Players hear each other's position if these bytes are equal: a server and a team, say.
    pub(crate) context: [u8; 256],
    pub(crate) description: [u16; 2048],
}
