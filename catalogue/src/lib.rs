//! The regions of known programs as types: structs for
//! [`win-shared-memory`](https://docs.rs/win-shared-memory), with the names, conventions and units of what they
//! describe.
//!
//! Each program is a module behind a feature of its own.
//!
//! ```
//! use win_shared_memory::{Encoding, layout};
//! use win_shared_memory_catalogue::mumble_link::LinkedMem;
//!
//! // A recording; on Windows, `SharedMemoryLink::<LinkedMem>::open(LinkedMem::NAME)` reads the region itself.
//! let mut recorded = [0; size_of::<LinkedMem>()];
//! recorded[44..][..6].copy_from_slice(b"Z\0o\0\xeb\0");
//!
//! let player: LinkedMem = layout::from_bytes(&recorded)?;
//! assert_eq!(Encoding::decode_utf16(&player.name), "Zoë");
//! # Ok::<(), win_shared_memory::layout::InvalidBytes>(())
//! ```
//!
//! # A dashboard
//!
//! A whole program with `features = ["rfactor2"]`: it shows the speed of a car, never from half a page, and goes on when
//! the game comes back. Its stand-in for the game is in the folder `examples`, too.
//!
// Attachments are for Windows: elsewhere it does not compile.
#![cfg_attr(windows, doc = "```no_run")]
#![cfg_attr(not(windows), doc = "```ignore")]
#![doc = include_str!("../examples/dashboard.rs")]
//! ```
//!
//! # What the types are
//!
//! They are generated from the files of
//! [`win-shared-memory-layouts`](https://docs.rs/win-shared-memory-layouts), which name their sources. Fields are
//! called as in the program's own header, in the way of Rust; their documentation has the original name.
//!
//! - **Any bytes are a value.** What the program calls an enum is a number with names for some values, so that a
//!   newer version of it does not make a value invalid. A truth is a number that is not 0.
//! - **Every byte is in a field**: what the layout does not know is called `gap_…`. A value that was read and is
//!   written again changes nothing else.
//! - **Texts are arrays** that [`Encoding`](win_shared_memory::Encoding) decodes.
//! - **Tables whose place the region tells** are methods of its header, on Windows: `header.readings(&view)` gives a
//!   `Table` of rows.
//! - **Structs that the program packs** are packed, so a reference to a field may not compile; copy it, as in
//!   `{ car.delta_time }`.
//!
//! Some regions are large, rFactor 2's telemetry has 240 KB: read single fields with `field!`, or read into a box.
#![forbid(unsafe_code)]

/// Assetto Corsa Competizione: the physics of the player's car, the session, and what does not change in it.
#[cfg(feature = "acc")]
#[rustfmt::skip]
pub mod acc;
/// AIDA64: sensors of the computer, as one text in XML.
#[cfg(feature = "aida64")]
#[rustfmt::skip]
pub mod aida64;
/// Assetto Corsa: the physics of the player's car, the session, and what does not change in it.
#[cfg(feature = "assetto-corsa")]
#[rustfmt::skip]
pub mod assetto_corsa;
/// Automobilista 2 and Project CARS 2: the session, all participants and the player's car.
#[cfg(feature = "automobilista2")]
#[rustfmt::skip]
pub mod automobilista2;
/// Core Temp: temperatures and loads of processors.
#[cfg(feature = "core-temp")]
#[rustfmt::skip]
pub mod core_temp;
/// GPU-Z: what a graphics card is, and its sensors.
#[cfg(feature = "gpu-z")]
#[rustfmt::skip]
pub mod gpu_z;
/// HWiNFO: sensors of the computer and their readings.
#[cfg(feature = "hwinfo")]
#[rustfmt::skip]
pub mod hwinfo;
/// iRacing: telemetry whose variables the region itself declares.
#[cfg(feature = "iracing")]
#[rustfmt::skip]
pub mod iracing;
/// Le Mans Ultimate: the session and the cars of all drivers.
#[cfg(feature = "le-mans-ultimate")]
#[rustfmt::skip]
pub mod le_mans_ultimate;
/// MSI Afterburner: monitored values.
#[cfg(feature = "mahm")]
#[rustfmt::skip]
pub mod mahm;
/// MumbleLink: where a player stands, from a game to a voice chat.
#[cfg(feature = "mumble-link")]
#[rustfmt::skip]
pub mod mumble_link;
/// rFactor 2, with the plug-in rF2SharedMemoryMapPlugin: telemetry, scoring, and the state of the plug-in.
#[cfg(feature = "rfactor2")]
#[rustfmt::skip]
pub mod rfactor2;
/// RivaTuner Statistics Server: frame rates of programs, and texts on the screen.
#[cfg(feature = "rtss")]
#[rustfmt::skip]
pub mod rtss;
