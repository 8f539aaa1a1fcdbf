//! What a recording holds, in order of time.

use serde::{Deserialize, Serialize};

use crate::state::State;
use crate::time::Time;

/// One thing that was recorded.
///
/// ```
/// use winshm_core::Time;
/// use winshm_core::recording::{Event, Note};
///
/// let told = |event: &Event<'_>| match event {
///     Event::Frame { region, bytes, .. } => format!("{} bytes of region {region}", bytes.len()),
///     Event::Note { note: Note::Marker { text }, .. } => format!("marked: {text}"),
///     _ => "something else".to_owned(),
/// };
/// let time = Time::default();
/// assert_eq!(told(&Event::Frame { region: 0, time, bytes: &[0; 8] }), "8 bytes of region 0");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The bytes of a region, whole.
    Frame {
        /// The number of the region among [`Recording::regions`](super::Recording::regions).
        region: usize,
        /// When they were copied.
        time: Time,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// Something that was noted.
    Note {
        /// When.
        time: Time,
        /// What.
        note: Note,
    },
}

/// What is noted beside the frames.
///
/// ```
/// # use std::io::Cursor;
/// # use winshm_core::Time;
/// use winshm_core::recording::{Event, Note, Options, Recorder, Recording};
///
/// # let (mut file, time) = (Cursor::new(Vec::new()), Time::from_nanoseconds(1));
/// let mut recorder = Recorder::new(&mut file, Options::default())?;
/// # let region = recorder.add_region("Lamp", None)?;
/// let note = Note::Marker { text: "the lamp is on".to_owned() };
/// recorder.note(time, &note)?;
/// recorder.finish()?;
///
/// let mut recording = Recording::read(file)?;
/// assert_eq!(recording.next()?, Some(Event::Note { time, note }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Note {
    /// A region is in another state.
    State {
        /// Its name.
        region: String,
        /// The state.
        state: State,
    },
    /// Copies of a region that were due and not taken, or taken too late to be recorded.
    Lost {
        /// Its name.
        region: String,
        /// How many.
        frames: u64,
    },
    /// Copies of a region that were given up, because its producer wrote at every attempt.
    Torn {
        /// Its name.
        region: String,
        /// How many.
        frames: u64,
    },
    /// What somebody marked.
    Marker {
        /// The text.
        text: String,
    },
}

impl Event<'_> {
    /// When it was.
    #[must_use]
    pub fn time(&self) -> Time {
        match self {
            Self::Frame { time, .. } | Self::Note { time, .. } => *time,
        }
    }
}
