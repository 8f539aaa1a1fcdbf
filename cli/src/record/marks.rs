//! Markers that `winshm mark` sets in every recording that goes on.

use win_shared_memory::{Encoding, SharedData, SharedMutex};

use crate::failure::{Code, Failure, Result};

/// The region of the last marker. It is there while something is recorded.
const NAME: &str = r"Local\winshm-marks";

/// The last marker.
#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Marked {
    /// How many there were.
    count: u64,
    /// UTF-8, ended by a NUL.
    text: [u8; 248],
}

/// Markers, as a recording hears of them.
pub(super) struct Marks {
    /// Keeps the region, too.
    mutex: SharedMutex<Marked>,
    heard: u64,
}

impl Marks {
    /// Listens for markers, if the system allows it: a recording without them is a recording.
    pub(super) fn listen() -> Option<Self> {
        let mutex = SharedMutex::get_or_create(
            NAME,
            &Marked {
                count: 0,
                text: [0; 248],
            },
        )
        .ok()?;
        let heard = mutex.load().ok()?.count;
        Some(Self { mutex, heard })
    }

    /// The text of a marker that is new.
    pub(super) fn next(&mut self) -> Option<String> {
        let marked = self.mutex.load().ok()?;
        if marked.count == self.heard {
            return None;
        }
        self.heard = marked.count;
        let len = marked
            .text
            .iter()
            .position(|it| *it == 0)
            .unwrap_or(marked.text.len());
        Some(String::from_utf8_lossy(&marked.text[..len]).into_owned())
    }
}

/// Sets a marker in every recording that goes on.
pub(crate) fn mark(text: &str) -> Result<()> {
    let nothing = || {
        Failure::new(
            Code::NotFound,
            "nothing is being recorded: `winshm record` has to run",
        )
    };
    let mutex: SharedMutex<Marked> = SharedMutex::open(NAME).map_err(|error| {
        if error.is_not_found() {
            nothing()
        } else {
            Failure::new(Code::Failed, error)
        }
    })?;
    let mut bytes = [0; 248];
    Encoding::Utf8.encode(text, &mut bytes[..247]);
    let marked = mutex.update(|marked| {
        marked.count += 1;
        marked.text = bytes;
    });
    marked.map_err(|error| Failure::new(Code::Failed, error))
}
