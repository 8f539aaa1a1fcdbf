//! Regions that are held as their real producers hold them: for `serve` and `replay`.

mod lock;
mod signal;

use std::ops::Range;
use std::sync::Arc;

use win_shared_memory::{ReadWrite, Section, SharedMemoryError, View};
use win_shared_memory_layouts::{Locator, Plan};
use winshm_core::escape;

use crate::failure::{Code, Failure, Result};
use signal::Signal;

/// A region, and what its readers are told while it is written.
pub(crate) struct Producer {
    view: View<ReadWrite>,
    /// Keeps the name.
    _section: Section<ReadWrite>,
    signal: Signal,
    plan: Option<Arc<Plan>>,
    /// What is in the region, so that only what changes is written.
    last: Vec<u8>,
}

impl Producer {
    /// Creates a region of this size. It must not be there: its real producer would write to it as well.
    pub(crate) fn create(name: &str, size: usize, plan: Option<Arc<Plan>>) -> Result<Self> {
        let section: Section<ReadWrite> = Section::create(name, size as u64).map_err(|error| {
            let (code, advice) = match &error {
                SharedMemoryError::AlreadyExists => (Code::Failed, "; a program has it already"),
                error if error.is_access_denied() => (
                    Code::Denied,
                    "; a name in `Global\\` takes an administrator",
                ),
                _ => (Code::Failed, ""),
            };
            Failure::new(
                code,
                format_args!("cannot create `{}`: {error}{advice}", escape(name)),
            )
        })?;
        let view = section
            .map()
            .map_err(|error| Failure::new(Code::Failed, error))?;
        let signal =
            Signal::new(plan.as_deref()).map_err(|error| Failure::new(Code::Failed, error))?;
        let last = vec![0; view.len().min(size)];
        Ok(Self {
            view,
            _section: section,
            signal,
            plan,
            last,
        })
    }

    /// Stores a copy: what [`Source::copy`](winshm_core::Source::copy) gives, with the newest of several buffers at the
    /// place of the first. Its readers see it whole or not at all, if they keep the convention. What is longer than the
    /// region is left out.
    pub(crate) fn store(&mut self, bytes: &[u8]) -> Result<()> {
        let bytes = &bytes[..bytes.len().min(self.last.len())];
        let Self {
            view,
            signal,
            last,
            plan,
            ..
        } = self;
        let heartbeat = plan.as_deref().and_then(heartbeat);
        let stored = signal.during(view, plan.as_deref(), bytes, |left_out| {
            // The heartbeat says that the rest is there.
            let later: Vec<_> = left_out.iter().cloned().chain(heartbeat.clone()).collect();
            write(view, last, bytes, &later)?;
            match &heartbeat {
                Some(heartbeat) if !left_out.iter().any(|it| overlap(it, heartbeat)) => {
                    let range = heartbeat.start..heartbeat.end.min(bytes.len());
                    view.write_bytes(range.start, bytes.get(range).unwrap_or_default())
                }
                _ => Ok(()),
            }
        });
        match stored {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::new(
                Code::TimedOut,
                "a program keeps the lock of the region; it may have ended while it had it",
            )),
            Err(error) => Err(Failure::new(Code::Failed, error)),
        }
    }

    /// Marks the region as one whose producer has left, as the real one does.
    pub(crate) fn close(self) -> Result<()> {
        let magic = self.plan.as_deref().and_then(|plan| {
            let magic = plan.layout().magic.as_ref()?;
            Some((plan.locate(&magic.field)?, magic.dead?))
        });
        match magic {
            Some((place, dead)) => {
                store(&self.view, place, dead).map_err(|error| Failure::new(Code::Failed, error))
            }
            None => Ok(()),
        }
    }
}

/// Where the heartbeat is, if the layout has one at a fixed place.
fn heartbeat(plan: &Plan) -> Option<Range<usize>> {
    let field = &plan.layout().heartbeat.as_ref()?.field;
    plan.locate(field).map(range)
}

/// The bytes of a number.
fn range(place: Locator) -> Range<usize> {
    place.offset..place.offset + place.scalar.size()
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Stores a number where a layout has it.
fn store(view: &View<ReadWrite>, place: Locator, number: i64) -> Result<(), SharedMemoryError> {
    view.write_bytes(place.offset, &number.to_le_bytes()[..place.scalar.size()])
}

/// Writes what has changed, but for some ranges.
fn write(
    view: &View<ReadWrite>,
    last: &mut [u8],
    bytes: &[u8],
    left_out: &[Range<usize>],
) -> Result<(), SharedMemoryError> {
    const BLOCK: usize = 64;
    for start in (0..bytes.len()).step_by(BLOCK) {
        let block = start..(start + BLOCK).min(bytes.len());
        if last[block.clone()] == bytes[block.clone()] {
            continue;
        }
        let mut at = block.start;
        while at < block.end {
            let next = left_out
                .iter()
                .filter(|it| it.end > at && it.start < block.end)
                .min_by_key(|it| it.start);
            let end = next.map_or(block.end, |it| it.start.max(at));
            if end > at {
                view.write_bytes(at, &bytes[at..end])?;
            }
            at = next.map_or(block.end, |it| it.end.max(end));
        }
    }
    last[..bytes.len()].copy_from_slice(bytes);
    Ok(())
}
