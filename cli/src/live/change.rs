//! Changes of a region that lives, as far as possible in the way of its producer.

use win_shared_memory::consistency::{Convention, Reader, in_order};
use win_shared_memory::{ReadWrite, Section, SharedMemoryError, View};
use win_shared_memory_layouts::{Consistency, Encoded, Locator, Plan};

use super::buffers::Buffers;
use super::convention::{self, Beside};

/// What readers may see of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// All of it or nothing.
    Whole,
    /// All of it or nothing, unless the producer writes at the same time: nothing keeps it from that.
    WholeAlone,
    /// Perhaps a part: the producer has no convention that another program could follow.
    Part,
}

/// Stores values into a region of this layout.
pub(crate) fn store(
    name: &str,
    plan: &Plan,
    copy: &[u8],
    values: &[Encoded],
) -> Result<Seen, SharedMemoryError> {
    let section = Section::<ReadWrite>::open_existing(name)?;
    let (view, looked_at) = (section.map()?, section.try_clone_as()?.map()?);
    let beside = Beside::open(Some(plan));
    let write = |base: usize| -> Result<(), SharedMemoryError> {
        for value in values {
            view.write_bytes(value.offset.wrapping_add(base), &value.bytes)?;
        }
        Ok(())
    };
    let mut reader = Reader::with_limits(convention::limits(Some(plan)));
    match (&plan.layout().consistency, &beside) {
        (Some(Consistency::Mutex { .. }), Beside::Mutex(mutex)) => {
            reader.read(&Convention::mutex(mutex), |_| write(0))??;
            Ok(Seen::Whole)
        }
        (Some(Consistency::LockRegion { .. }), Beside::LockRegion(lock)) => {
            reader.read(&Convention::lock_region(lock), |_| write(0))??;
            Ok(Seen::Whole)
        }
        (Some(Consistency::LatestOf { .. }), _) => {
            let mut places = Vec::new();
            let len = looked_at.len();
            let newest = convention::convention(Some(plan), &looked_at, len, &beside, &mut places)?;
            // The copy has the newest buffer at the place of the first.
            let buffers = Buffers::of(plan, &looked_at, copy);
            reader.read(&newest, |newest| {
                for value in values {
                    let at = buffers.as_ref().map_or(value.offset, |buffers| {
                        buffers.in_region(value.offset, newest.start, copy)
                    });
                    view.write_bytes(at, &value.bytes)?;
                }
                Ok::<_, SharedMemoryError>(())
            })??;
            Ok(Seen::Part)
        }
        (Some(consistency), _) => {
            let seen = begin(plan, consistency, &view)?;
            let written = in_order(|| write(0));
            end(plan, consistency, &view)?;
            written.map(|()| seen)
        }
        (None, _) => write(0).map(|()| Seen::Part),
    }
}

/// Says that a write begins, as the producer would.
fn begin(
    plan: &Plan,
    consistency: &Consistency,
    view: &View<ReadWrite>,
) -> Result<Seen, SharedMemoryError> {
    match consistency {
        // A producer that ended within a write has left it odd.
        Consistency::Sequence { field } => change(plan, field, view, |sequence| sequence | 1)?,
        Consistency::BeginEnd { begin, .. } => add(plan, begin, view)?,
        Consistency::Busy { field, bits, .. } => {
            let bits = bits.unwrap_or(1);
            change(plan, field, view, |flag| flag | bits.cast_signed())?;
        }
        _ => return Ok(Seen::Part),
    }
    Ok(Seen::WholeAlone)
}

/// Says that it has ended.
fn end(
    plan: &Plan,
    consistency: &Consistency,
    view: &View<ReadWrite>,
) -> Result<(), SharedMemoryError> {
    match consistency {
        Consistency::Sequence { field }
        | Consistency::BeginEnd { end: field, .. }
        | Consistency::Counter { field } => add(plan, field, view),
        Consistency::Busy { field, bits, mark } => {
            if let Some(mark) = mark {
                add(plan, mark, view)?;
            }
            let bits = bits.unwrap_or(u64::MAX).cast_signed();
            change(plan, field, view, |flag| flag & !bits)
        }
        _ => Ok(()),
    }
}

fn add(plan: &Plan, path: &str, view: &View<ReadWrite>) -> Result<(), SharedMemoryError> {
    change(plan, path, view, |count| count.wrapping_add(1))
}

/// Changes one number. The layout was checked, so its paths lead to numbers.
fn change(
    plan: &Plan,
    path: &str,
    view: &View<ReadWrite>,
    to: impl FnOnce(i64) -> i64,
) -> Result<(), SharedMemoryError> {
    let Some(Locator { offset, scalar }) = plan.locate(path) else {
        return Ok(());
    };
    let mut bytes = [0; 8];
    view.read_bytes(offset, &mut bytes[..scalar.size()])?;
    let bytes = to(i64::from_le_bytes(bytes)).to_le_bytes();
    view.write_bytes(offset, &bytes[..scalar.size()])
}
