//! Models that are too large for every order of their steps, or are tried for each step.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use loom::model::Builder;

/// Tries the orders with no more than so many switches away from a thread that could go on; all orders
/// for `None`.
pub(crate) fn bounded(
    preemptions: impl Into<Option<usize>>,
    model: impl Fn() + Send + Sync + 'static,
) {
    let mut builder = Builder::new();
    builder.preemption_bound = preemptions.into();
    builder.check(model);
}

/// Enough for every order where one thread stores, the main one, and the others only load.
///
/// Loom lets a load see every store that the memory model allows it to see. So a thread that loads after the last
/// store can see all that it could have seen at any time before, and it stores nothing that another could see.
/// Without a bound the models of readers make the same sequences of loads, thousands of times as often.
pub(crate) const READERS: usize = 1;

/// The same as [`bounded`] for a death at the first step, at the second, and so on. `model` is given the step and tells
/// whether it was reached; in no order is the last one. Tells how many there are.
pub(crate) fn bounded_for_each_step(
    preemptions: impl Into<Option<usize>>,
    model: impl Fn(u32) -> bool + Clone + Send + Sync + 'static,
) -> u32 {
    let preemptions = preemptions.into();
    let dies = |step: &u32| {
        let died = Arc::new(AtomicBool::new(false));
        bounded(preemptions, {
            let (model, died, step) = (model.clone(), died.clone(), *step);
            move || {
                died.fetch_or(model(step), Ordering::Relaxed);
            }
        });
        died.load(Ordering::Relaxed)
    };
    (1..).take_while(dies).count() as u32
}
