//! What is in a region, and what of it changes.

use std::ops::Range;

use win_shared_memory::consistency::in_order;
use win_shared_memory::{ReadWrite, SharedMemoryError, View};
use win_shared_memory_layouts::Plan;

use super::range;

type Result<T = (), E = SharedMemoryError> = std::result::Result<T, E>;

/// The next bytes of a region.
pub(super) struct Content<'a> {
    view: &'a View<ReadWrite>,
    /// What is in the region, so that only what changes is written.
    last: &'a mut [u8],
    bytes: &'a [u8],
    /// What differs. It is found before anything is written, so that a write is short.
    changed: Vec<Range<usize>>,
    /// It says that the rest is there.
    heartbeat: Option<Range<usize>>,
    /// What tells readers that there is a value at all, if it changes: the magic, and that the region is ready.
    signs: Vec<Range<usize>>,
}

impl<'a> Content<'a> {
    pub(super) fn new(
        view: &'a View<ReadWrite>,
        plan: Option<&Plan>,
        last: &'a mut [u8],
        bytes: &'a [u8],
    ) -> Self {
        let changes = |it: &Range<usize>| last.get(it.clone()) != bytes.get(it.clone());
        let signs = plan.into_iter().flat_map(signs).filter(changes).collect();
        let heartbeat = plan.and_then(heartbeat);
        Self {
            changed: changed(last, bytes),
            view,
            last,
            bytes,
            heartbeat: heartbeat.filter(|it| it.end <= bytes.len()),
            signs,
        }
    }

    /// Stores everything but some ranges, what readers look at first last.
    pub(super) fn store(&mut self, left_out: &[Range<usize>]) -> Result {
        self.store_rest(left_out)?;
        self.store_signs(left_out)
    }

    /// Stores everything but some ranges and the signs.
    pub(super) fn store_rest(&mut self, left_out: &[Range<usize>]) -> Result {
        let later = self.signs.iter().chain(&self.heartbeat).cloned();
        let later: Vec<_> = left_out.iter().cloned().chain(later).collect();
        for range in &self.changed {
            let mut at = range.start;
            while at < range.end {
                let next = later
                    .iter()
                    .filter(|it| it.end > at && it.start < range.end)
                    .min_by_key(|it| it.start);
                let end = next.map_or(range.end, |it| it.start.max(at));
                if end > at {
                    self.view.write_bytes(at, &self.bytes[at..end])?;
                }
                at = next.map_or(range.end, |it| it.end.max(end));
            }
            self.last[range.clone()].copy_from_slice(&self.bytes[range.clone()]);
        }
        match &self.heartbeat {
            Some(it)
                if !self
                    .signs
                    .iter()
                    .chain(left_out)
                    .any(|that| overlap(it, that)) =>
            {
                in_order(|| self.view.write_bytes(it.start, &self.bytes[it.clone()]))
            }
            _ => Ok(()),
        }
    }

    /// Stores the signs, but for those in some ranges.
    pub(super) fn store_signs(&self, left_out: &[Range<usize>]) -> Result {
        for sign in &self.signs {
            if !left_out.iter().any(|it| overlap(it, sign)) {
                let bytes = self.bytes.get(sign.clone()).unwrap_or_default();
                in_order(|| self.view.write_bytes(sign.start, bytes))?;
            }
        }
        Ok(())
    }
}

/// Where the region says that it is ready, and then what it is.
fn signs(plan: &Plan) -> impl Iterator<Item = Range<usize>> {
    let layout = plan.layout();
    let ready = layout.ready.as_ref().map(|it| &it.field);
    let magic = layout.magic.as_ref().map(|it| &it.field);
    let paths = ready.into_iter().chain(magic);
    paths.filter_map(|it| plan.locate(it).map(range))
}

/// Where the heartbeat is, if the layout has one at a fixed place.
fn heartbeat(plan: &Plan) -> Option<Range<usize>> {
    let field = &plan.layout().heartbeat.as_ref()?.field;
    plan.locate(field).map(range)
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Where bytes differ, in whole blocks.
fn changed(last: &[u8], bytes: &[u8]) -> Vec<Range<usize>> {
    const PAGE: usize = 4096;
    const BLOCK: usize = 64;
    let mut changed: Vec<Range<usize>> = Vec::new();
    for page in (0..bytes.len()).step_by(PAGE) {
        let end = (page + PAGE).min(bytes.len());
        if last[page..end] == bytes[page..end] {
            continue;
        }
        for start in (page..end).step_by(BLOCK) {
            let block = start..(start + BLOCK).min(end);
            if last[block.clone()] == bytes[block.clone()] {
                continue;
            }
            match changed.last_mut() {
                Some(before) if before.end == start => before.end = block.end,
                _ => changed.push(block),
            }
        }
    }
    changed
}
