//! From the convention that a layout tells to one that the library reads by.

use std::time::Duration;

use win_shared_memory::consistency::{
    BufferPlace, Bytes, Convention, Limits, LockRegion, Mark, Word,
};
use win_shared_memory::sync::Mutex;
use win_shared_memory::{SharedMemoryError, View};
use win_shared_memory_layouts::{Consistency, Locator, Plan, Quantity, Scalar};
use winshm_core::escape;

use super::buffers::{Rows, index};

/// What a convention needs that lies beside the region.
#[derive(Debug, Default)]
pub(super) enum Beside {
    #[default]
    Nothing,
    Mutex(Mutex),
    LockRegion(LockRegion),
    /// It is not there or may not be used, and why. Two equal reads are what is left.
    Missing(String),
}

impl Beside {
    /// Opens what the producer of this layout has.
    pub(super) fn open(plan: Option<&Plan>) -> Self {
        let missing = |what: &str, name: &str, error: SharedMemoryError| {
            let name = escape(name);
            Self::Missing(format!(
                "its {what} `{name}` cannot be used, so values may be torn: {error}"
            ))
        };
        match plan.and_then(|it| it.layout().consistency.as_ref()) {
            Some(Consistency::Mutex { mutex, .. }) => match Mutex::open(mutex) {
                Ok(mutex) => Self::Mutex(mutex),
                Err(error) => missing("mutex", mutex, error),
            },
            Some(Consistency::LockRegion {
                region,
                waiters,
                busy,
                event,
                ..
            }) => match LockRegion::open(region, index(*waiters), index(*busy), event.as_deref()) {
                Ok(lock) => Self::LockRegion(lock),
                Err(error) => missing("lock", region, error),
            },
            _ => Self::Nothing,
        }
    }
}

/// Within which limits the values of this layout are read.
pub(super) fn limits(plan: Option<&Plan>) -> Limits {
    let default = Limits::default();
    match plan.and_then(|it| it.layout().consistency.as_ref()) {
        Some(
            Consistency::Mutex {
                timeout_ms: Some(timeout),
                ..
            }
            | Consistency::LockRegion {
                timeout_ms: Some(timeout),
                ..
            },
        ) => Limits {
            timeout: Duration::from_millis(u64::from(*timeout)),
            ..default
        },
        Some(Consistency::DoubleRead { tries: Some(tries) }) => Limits {
            attempts: *tries,
            ..default
        },
        _ => default,
    }
}

/// The convention of a layout in a region that has this view. `len` bytes are copied; `buffers` is room.
pub(super) fn convention<'a>(
    plan: Option<&Plan>,
    view: &'a View,
    len: usize,
    beside: &'a Beside,
    buffers: &'a mut Vec<BufferPlace<'a>>,
) -> Result<Convention<'a>, SharedMemoryError> {
    let equal_reads = || Bytes::of_range(view, 0..len).map(Convention::double_read);
    let Some((plan, consistency)) =
        plan.and_then(|plan| Some((plan, plan.layout().consistency.as_ref()?)))
    else {
        return equal_reads();
    };
    // The layout was checked, so its paths lead to numbers.
    let word = |path: &str| {
        plan.locate(path)
            .map(|place| number(view, place))
            .transpose()
    };
    Ok(match (consistency, beside) {
        (Consistency::Mutex { .. }, Beside::Mutex(mutex)) => Convention::mutex(mutex),
        (Consistency::LockRegion { .. }, Beside::LockRegion(lock)) => Convention::lock_region(lock),
        (Consistency::Counter { field }, _) => match word(field)? {
            Some(counter) => Convention::counter(counter),
            None => equal_reads()?,
        },
        (Consistency::Sequence { field }, _) => match word(field)? {
            Some(sequence) => Convention::sequence(sequence),
            None => equal_reads()?,
        },
        (Consistency::BeginEnd { begin, end }, _) => match (word(begin)?, word(end)?) {
            (Some(begin), Some(end)) => Convention::begin_end(begin, end),
            _ => equal_reads()?,
        },
        (Consistency::Busy { field, bits, mark }, _) => {
            let mark = mark.as_deref().map(word).transpose()?.flatten();
            let mark = match mark {
                Some(mark) => Mark::Word(mark),
                None => Mark::Bytes(Bytes::of_range(view, 0..len)?),
            };
            match word(field)? {
                Some(flag) => Convention::busy(flag, bits.map_or(-1, u64::cast_signed), mark),
                None => equal_reads()?,
            }
        }
        (Consistency::LatestOf { .. }, _) => {
            latest_of(plan, view, buffers)?.map_or_else(equal_reads, Ok)?
        }
        _ => equal_reads()?,
    })
}

/// Several buffers, of which the region tells how many are in use; nothing if the layout describes none.
fn latest_of<'a>(
    plan: &Plan,
    view: &'a View,
    buffers: &'a mut Vec<BufferPlace<'a>>,
) -> Result<Option<Convention<'a>>, SharedMemoryError> {
    let Some(Consistency::LatestOf {
        table, tick, start, ..
    }) = &plan.layout().consistency
    else {
        return Ok(None);
    };
    let rows = Rows::of(plan, table, view);
    for row in 0..rows.most {
        let row = rows.at + row * rows.stride;
        buffers.push(BufferPlace {
            tick: view.place::<i32>(row + index(*tick))?.into(),
            start: view.place::<i32>(row + index(*start))?.into(),
        });
    }
    let in_use = match &table.count {
        Quantity::Field(path) => plan.locate(path),
        Quantity::Number(_) => None,
    };
    let in_use = in_use.map(|place| number(view, place)).transpose()?;
    Ok(Some(Convention::latest_of(buffers, in_use)))
}

/// An integer of any kind, or the bits of another number.
fn number(view: &View, place: Locator) -> Result<Word<'_>, SharedMemoryError> {
    let at = place.offset;
    Ok(match place.scalar {
        Scalar::U8 | Scalar::Bool => view.place::<u8>(at)?.into(),
        Scalar::I8 => view.place::<i8>(at)?.into(),
        Scalar::U16 => view.place::<u16>(at)?.into(),
        Scalar::I16 => view.place::<i16>(at)?.into(),
        Scalar::I32 => view.place::<i32>(at)?.into(),
        Scalar::I64 => view.place::<i64>(at)?.into(),
        Scalar::U64 | Scalar::F64 => view.place::<u64>(at)?.into(),
        _ => view.place::<u32>(at)?.into(),
    })
}
