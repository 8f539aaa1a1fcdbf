//! What a producer does before and after it writes, so that its readers can tell a whole value from a torn one.

use std::time::Duration;

use win_shared_memory::consistency::in_order;
use win_shared_memory::sync::{Event, Mutex, Reset};
use win_shared_memory::{ReadWrite, SharedMemoryError, View};
use win_shared_memory_layouts::{Consistency, Locator, Plan, Quantity, Scalar, Span};

use super::content::Content;
use super::farewell::put;
use super::lock::Lock;
use super::{range, store};

/// How long a reader may keep the lock. One that ended while it had it never gives it back.
const PATIENCE: Duration = Duration::from_secs(5);

type Result<T = (), E = SharedMemoryError> = std::result::Result<T, E>;

/// The convention of a region, from the side of its producer.
pub(super) enum Signal {
    /// Nothing, or a counter that is the heartbeat as well and is stored last.
    Nothing,
    /// Stored after the rest.
    Counter(Locator),
    BeginEnd(Locator, Locator),
    Sequence(Locator),
    Busy(Locator, i64),
    Mutex(Mutex),
    LockRegion(Lock),
    LatestOf {
        buffers: Buffers,
        event: Option<Event>,
    },
}

/// Several buffers that are written in turn.
pub(super) struct Buffers {
    table: Span,
    tick: usize,
    start: usize,
    len: Quantity,
    /// How many copies were stored.
    count: usize,
}

/// Where things are in one copy.
struct Places {
    /// Where each row has its tick, and where its buffer begins.
    rows: Vec<(usize, usize)>,
    len: usize,
}

impl Signal {
    pub(super) fn new(plan: Option<&Plan>) -> Result<Self> {
        let Some((plan, consistency)) =
            plan.and_then(|it| Some((it, it.layout().consistency.as_ref()?)))
        else {
            return Ok(Self::Nothing);
        };
        // The layout was checked, so its paths lead to numbers.
        let place = |path: &str| plan.locate(path);
        let signal = match consistency {
            Consistency::Counter { field } => place(field).map(Self::Counter),
            Consistency::BeginEnd { begin, end } => place(begin)
                .zip(place(end))
                .map(|(begin, end)| Self::BeginEnd(begin, end)),
            Consistency::Sequence { field } => place(field).map(Self::Sequence),
            Consistency::Busy { field, bits, .. } => {
                place(field).map(|it| Self::Busy(it, bits.map_or(1, u64::cast_signed)))
            }
            Consistency::Mutex { mutex, .. } => Some(Self::Mutex(Mutex::get_or_create(mutex)?)),
            Consistency::LockRegion {
                region,
                waiters,
                busy,
                event,
                ..
            } => Some(Self::LockRegion(Lock::new(
                region,
                *waiters,
                *busy,
                event.as_deref(),
            )?)),
            Consistency::LatestOf {
                table,
                tick,
                start,
                len,
                event,
            } => Some(Self::LatestOf {
                buffers: Buffers {
                    table: table.clone(),
                    tick: index(*tick),
                    start: index(*start),
                    len: len.clone(),
                    count: 0,
                },
                event: event
                    .as_deref()
                    .map(|it| Event::get_or_create(it, Reset::Auto))
                    .transpose()?,
            }),
            _ => None,
        };
        Ok(signal.unwrap_or(Self::Nothing))
    }

    /// Stores the content as readers expect it. `false` if a reader keeps the lock, so that nothing is written.
    pub(super) fn during(
        &mut self,
        view: &View<ReadWrite>,
        plan: Option<&Plan>,
        bytes: &[u8],
        content: &mut Content<'_>,
    ) -> Result<bool> {
        // Long because it is a list: what each convention does before and after.

        let number = |place: Locator| integer(bytes, place);
        match self {
            Self::Nothing => content.store(&[])?,
            Self::Counter(counter) => {
                content.store(&[range(*counter)])?;
                store(view, *counter, number(*counter))?;
            }
            Self::BeginEnd(begin, end) => {
                store(view, *begin, number(*begin))?;
                content.store(&[range(*begin), range(*end)])?;
                store(view, *end, number(*begin))?;
            }
            Self::Sequence(sequence) => {
                let even = number(*sequence).wrapping_add(1) & !1;
                store(view, *sequence, even.wrapping_sub(1))?;
                content.store(&[range(*sequence)])?;
                store(view, *sequence, even)?;
            }
            Self::Busy(flag, bits) => {
                let idle = number(*flag) & !*bits;
                store(view, *flag, idle | *bits)?;
                content.store(&[range(*flag)])?;
                store(view, *flag, idle)?;
            }
            Self::Mutex(mutex) => {
                let Some(_guard) = mutex.lock_timeout(PATIENCE)? else {
                    return Ok(false);
                };
                content.store(&[])?;
            }
            Self::LockRegion(lock) => {
                let Some(_held) = lock.acquire(PATIENCE)? else {
                    return Ok(false);
                };
                content.store(&[])?;
            }
            Self::LatestOf { buffers, event } => {
                buffers.store(view, plan, bytes, content)?;
                if let Some(event) = event {
                    event.set()?;
                }
            }
        }
        Ok(true)
    }

    /// From now on, a lock that is held for too long is taken from its holder: the producer that had it before has ended.
    pub(super) fn seize(&mut self) {
        if let Self::LockRegion(lock) = self {
            lock.seize();
        }
    }

    /// How many writes these bytes tell of.
    pub(super) fn writes(&self, plan: Option<&Plan>, bytes: &[u8]) -> i64 {
        match self {
            Self::Counter(place) | Self::BeginEnd(place, _) => integer(bytes, *place),
            Self::Sequence(place) => integer(bytes, *place).wrapping_add(1) >> 1,
            Self::LatestOf { buffers, .. } => buffers.newest(plan, bytes),
            _ => 0,
        }
    }

    /// Counts one write on in these bytes, for a value that differs from the last in nothing that counts.
    pub(super) fn advance(&self, plan: Option<&Plan>, bytes: &mut [u8]) {
        match self {
            Self::Counter(place) => add(bytes, *place, 1),
            Self::Sequence(place) => add(bytes, *place, 2),
            Self::BeginEnd(begin, end) => {
                add(bytes, *begin, 1);
                add(bytes, *end, 1);
            }
            Self::LatestOf { buffers, .. } => {
                let rows = buffers.places(plan, bytes).rows;
                if let Some((tick, _)) = rows.first() {
                    add(bytes, tick_at(*tick), 1);
                }
            }
            _ => {}
        }
    }
}

/// The tick of a buffer.
fn tick_at(offset: usize) -> Locator {
    Locator {
        offset,
        scalar: Scalar::I32,
    }
}

fn integer(bytes: &[u8], place: Locator) -> i64 {
    let found = bytes.get(range(place)).and_then(|it| place.integer(it));
    found.unwrap_or(0)
}

fn add(bytes: &mut [u8], place: Locator, number: i64) {
    let now = integer(bytes, place);
    put(bytes, place, now.wrapping_add(number));
}

impl Buffers {
    /// Writes everything but the buffers, the buffer whose turn it is, and then its tick.
    fn store(
        &mut self,
        view: &View<ReadWrite>,
        plan: Option<&Plan>,
        bytes: &[u8],
        content: &mut Content<'_>,
    ) -> Result {
        let places = self.places(plan, bytes);
        let Some((first, newest)) = places.rows.first().copied() else {
            return content.store(&[]);
        };
        // Ticks and buffers keep what they had until it is their turn.
        let ticks = places.rows.iter().map(|(tick, _)| *tick..tick + 4);
        let kept = places
            .rows
            .iter()
            .map(|(_, start)| *start..start.saturating_add(places.len));
        let kept: Vec<_> = ticks.chain(kept).collect();
        content.store_rest(&kept)?;
        let (tick, start) = places.rows[self.count % places.rows.len()];
        self.count += 1;
        let end = newest.saturating_add(places.len).min(bytes.len());
        let row = bytes.get(newest..end).unwrap_or_default();
        view.write_bytes(start, row)?;
        let newest = bytes.get(first..first + 4).unwrap_or_default();
        in_order(|| view.write_bytes(tick, newest))?;
        content.store_signs(&kept)
    }

    /// The newest tick.
    fn newest(&self, plan: Option<&Plan>, bytes: &[u8]) -> i64 {
        let rows = self.places(plan, bytes).rows;
        let ticks = rows.iter().map(|(tick, _)| integer(bytes, tick_at(*tick)));
        ticks.max().unwrap_or(0)
    }

    fn places(&self, plan: Option<&Plan>, bytes: &[u8]) -> Places {
        let number = |quantity: &Quantity| match quantity {
            Quantity::Number(number) => index(*number),
            Quantity::Field(path) => {
                let value = plan.and_then(|it| it.view(bytes).get(path).ok()?.as_i64());
                value.and_then(|it| usize::try_from(it).ok()).unwrap_or(0)
            }
        };
        let (at, stride) = (number(&self.table.at), number(&self.table.stride));
        let count = number(&self.table.count).min(self.table.max as usize);
        let rows = (0..count).filter_map(|row| {
            let row = at.checked_add(row.checked_mul(stride)?)?;
            let start = bytes.get(row.checked_add(self.start)?..)?.first_chunk()?;
            let start = usize::try_from(i32::from_le_bytes(*start)).ok()?;
            let tick = row.checked_add(self.tick)?;
            (tick + 4 <= bytes.len()).then_some((tick, start))
        });
        Places {
            rows: rows.collect(),
            len: number(&self.len),
        }
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
