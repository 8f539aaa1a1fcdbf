//! Random histories, compared with what a few plain variables say should be.

mod in_order;
mod record;
mod ring;
mod sequence;
mod wake;

use std::ops::RangeInclusive;

use proptest::prelude::*;

/// Where counters wrap, or carry from one word into the other.
fn near(edges: &'static [u64]) -> impl Strategy<Value = u64> {
    const AROUND: RangeInclusive<u64> = 0..=6;
    let edge = proptest::sample::select(edges);
    prop_oneof![
        4 => (edge, AROUND).prop_map(|(edge, more)| edge.wrapping_sub(3).wrapping_add(more)),
        1 => any::<u64>(),
    ]
}
