//! Producers that write several buffers in turn: where those are, and copies that have only the newest.

use win_shared_memory::consistency::Buffer;
use win_shared_memory::{SharedMemoryError, View};
use win_shared_memory_layouts::{Consistency, Locator, Plan, Quantity, Span};

/// What a number of the region is now.
pub(super) fn read(view: &View, place: Locator) -> Option<i64> {
    let mut bytes = [0; 8];
    let bytes = &mut bytes[..place.scalar.size()];
    view.read_bytes(place.offset, bytes).ok()?;
    place.integer(bytes)
}

/// The rows that say where several buffers are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    pub(super) at: usize,
    pub(super) stride: usize,
    /// How many there can be, all of them within the view.
    pub(super) most: usize,
}

impl Rows {
    pub(super) fn of(plan: &Plan, table: &Span, view: &View) -> Self {
        let number = |quantity: &Quantity| match quantity {
            Quantity::Number(number) => index(*number),
            Quantity::Field(path) => {
                let found = plan.locate(path).and_then(|place| read(view, place));
                found
                    .and_then(|it| usize::try_from(it).ok())
                    .unwrap_or(usize::MAX)
            }
        };
        let (at, stride) = (number(&table.at), number(&table.stride));
        let most = match &table.count {
            Quantity::Number(number) => index(*number),
            Quantity::Field(_) => index(u64::from(table.max)),
        };
        let fitting = view.len().saturating_sub(at).checked_div(stride);
        Self {
            at,
            stride,
            most: most.min(fitting.unwrap_or(0)),
        }
    }
}

/// A number of a layout that was checked; one beyond the address space lies beyond every view.
pub(super) fn index(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Several buffers, as one copy of the region has them.
pub(super) struct Buffers {
    rows: Rows,
    in_use: usize,
    tick: usize,
    start: usize,
    len: usize,
}

impl Buffers {
    /// Those of a region of this layout, of which these bytes are a copy; nothing if it has none.
    pub(super) fn of(plan: &Plan, view: &View, bytes: &[u8]) -> Option<Self> {
        let Some(Consistency::LatestOf {
            table,
            tick,
            start,
            len,
            ..
        }) = &plan.layout().consistency
        else {
            return None;
        };
        let rows = Rows::of(plan, table, view);
        let number = |quantity: &Quantity| match quantity {
            Quantity::Number(number) => Some(index(*number)),
            Quantity::Field(path) => {
                let place = plan.locate(path)?;
                let bytes = bytes.get(place.offset..)?.get(..place.scalar.size())?;
                usize::try_from(place.integer(bytes)?).ok()
            }
        };
        Some(Self {
            rows,
            in_use: number(&table.count).unwrap_or(0).min(rows.most),
            tick: index(*tick),
            start: index(*start),
            len: number(len).unwrap_or(0),
        })
    }

    /// Copies the newest to the place of the first, clears the others, and lets the rows say so: copies that follow
    /// each other then differ only where values do.
    pub(super) fn keep(
        &self,
        newest: Buffer,
        view: &View,
        bytes: &mut [u8],
    ) -> Result<(), SharedMemoryError> {
        let starts: Vec<_> = (0..self.in_use).map(|row| self.start(row, bytes)).collect();
        for start in &starts {
            if let Some(buffer) = self.buffer(*start, bytes) {
                buffer.fill(0);
            }
        }
        let first = starts.first().copied().flatten();
        if let Some(buffer) = self.buffer(first, bytes) {
            view.read_bytes(newest.start, buffer)?;
        }
        let tick = i32::try_from(newest.tick).unwrap_or(i32::MAX);
        // Below that of the newest, and always the same while a producer counts from 1.
        let other = tick.min(1).saturating_sub(1);
        for row in 0..self.in_use {
            let tick = if row == 0 { tick } else { other };
            let at = self.rows.at + row * self.rows.stride + self.tick;
            if let Some(place) = bytes.get_mut(at..at.saturating_add(4)) {
                place.copy_from_slice(&tick.to_le_bytes());
            }
        }
        Ok(())
    }

    /// Where a byte of a copy is in the region, whose newest buffer begins at `newest`.
    pub(super) fn in_region(&self, offset: usize, newest: usize, copy: &[u8]) -> usize {
        let first = Some(self.in_use)
            .filter(|it| *it > 0)
            .and_then(|_| self.start(0, copy));
        match first {
            Some(first) if (first..first.saturating_add(self.len)).contains(&offset) => {
                newest.saturating_add(offset - first)
            }
            _ => offset,
        }
    }

    /// Where a row says that its buffer begins.
    fn start(&self, row: usize, bytes: &[u8]) -> Option<usize> {
        let at = self.rows.at + row * self.rows.stride + self.start;
        let start = bytes.get(at..)?.first_chunk()?;
        usize::try_from(i32::from_le_bytes(*start)).ok()
    }

    fn buffer<'a>(&self, start: Option<usize>, bytes: &'a mut [u8]) -> Option<&'a mut [u8]> {
        bytes.get_mut(start?..)?.get_mut(..self.len)
    }
}

/// The tick of the newest buffer now, of a region that has several.
pub(super) fn newest_tick(plan: &Plan, view: &View) -> Option<i64> {
    let Some(Consistency::LatestOf { table, tick, .. }) = &plan.layout().consistency else {
        return None;
    };
    let rows = Rows::of(plan, table, view);
    let ticks = (0..rows.most).filter_map(|row| {
        let at = rows.at + row * rows.stride + index(*tick);
        view.read::<i32>(at).ok()
    });
    ticks.max().map(i64::from)
}
