//! What a region says once its producer has left.

use win_shared_memory_layouts::{Locator, Plan};

use super::range;

/// Marks the bytes of a region, if the layout says how.
pub(super) fn mark(plan: &Plan, bytes: &mut [u8]) -> bool {
    let layout = plan.layout();
    let magic = layout.magic.as_ref();
    let dead = magic.and_then(|it| Some((plan.locate(&it.field)?, it.dead?)));
    let ready = layout.ready.as_ref().and_then(|ready| {
        let place = plan.locate(&ready.field)?;
        let now = place.integer(bytes.get(range(place))?)?;
        let not = match (ready.is, ready.not, ready.bits) {
            (Some(is), _, _) => i64::from(is == 0),
            (_, Some(not), _) => not,
            (_, _, bits) => now & !bits.unwrap_or(0).cast_signed(),
        };
        Some((place, not))
    });
    for (place, number) in dead.iter().chain(&ready) {
        put(bytes, *place, *number);
    }
    dead.is_some() || ready.is_some()
}

/// Stores a number in a copy.
pub(super) fn put(bytes: &mut [u8], place: Locator, number: i64) {
    if let Some(it) = bytes.get_mut(range(place)) {
        it.copy_from_slice(&number.to_le_bytes()[..place.scalar.size()]);
    }
}
