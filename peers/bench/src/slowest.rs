//! [`Table::slowest_row`].

use std::hint::black_box;
use std::time::Instant;

use crate::{Around, Row, Side, Spread, Table, Target, order};

const ROUNDS: usize = 60;

/// Calls of a round: of as many, twenty are slower than the 99th percentile.
const CALLS: usize = 2000;

impl Table {
    /// Adds a row for the 99th percentile of single calls, of which each round has some thousand. On both sides, the
    /// processor's own clock times each call: a tick of the system's clock is 100 ns, as long as a call.
    pub fn slowest_row<F, O>(
        &mut self,
        what: &str,
        target: impl Into<Target>,
        mut around: impl Around,
        mut floor: impl FnMut() -> F,
        mut ours: impl FnMut() -> O,
    ) {
        if !self.is_wanted(what) {
            return;
        }
        eprintln!("measuring {what} …");
        let (mut floors, mut all_ours) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            for side in order(round) {
                around.before(side);
                match side {
                    Side::Floor => floors.push(slowest(&mut floor)),
                    Side::Ours => all_ours.push(slowest(&mut ours)),
                }
            }
        }
        let ratios = floors
            .iter()
            .zip(&all_ours)
            .map(|(floor, ours)| ours / floor);
        let ratio = Spread::of(ratios.collect());
        self.push(Row {
            what: what.into(),
            floor: Spread::of(floors),
            ours: Spread::of(all_ours),
            ratio,
            target: target.into(),
            rounds: [ROUNDS, 0],
            ratio_of_all: ratio,
        });
    }
}

fn slowest<T>(call: &mut impl FnMut() -> T) -> f64 {
    let (start, first) = (Instant::now(), ticks());
    let mut took: Vec<_> = (0..CALLS)
        .map(|_| {
            let start = ticks();
            drop(black_box(call()));
            ticks() - start
        })
        .collect();
    let tick = start.elapsed().as_secs_f64() / (ticks() - first) as f64;
    took.sort_unstable();
    took[CALLS * 99 / 100] as f64 * tick
}

/// A clock whose ticks are much shorter than a message takes.
#[cfg(target_arch = "x86_64")]
fn ticks() -> u64 {
    // SAFETY: every processor of this architecture has the instruction.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// The system's clock, for want of a better one.
#[cfg(not(target_arch = "x86_64"))]
fn ticks() -> u64 {
    use std::sync::OnceLock;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}
