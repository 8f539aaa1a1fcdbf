//! Paired measurement: how many times as long does ours take as the floor?
//!
//! What is asked for is the ratio of two durations on a machine that drifts: other programs, the
//! clock of the processor, the server that Wine asks for every kernel object. So the two are
//! measured in turn, a block of a few milliseconds each, and each round of two blocks gives a
//! ratio. The median over all rounds is the answer; the 10th and 90th percentiles show how far
//! to trust it. Each goes first in every second round, so that neither always finds the caches of the other.
//!
//! Criterion measures one function for seconds and then the other, so that drift between the two
//! lands in their ratio, and reports no ratio within a run. Hence this module.

mod machine;
mod peer;
mod runtime;
mod slots;
mod slowest;

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

pub use machine::machine;
pub use peer::{Orders, Peer, Under, watchdog};
pub use runtime::Memcpy;
pub use slots::Slots;

/// How a row is measured.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How long a block runs: long against the clock's resolution, short against drift and against
    /// the time another program may have the processor.
    pub block: Duration,
    /// How many rounds there are,
    pub rounds: usize,
    /// unless they take longer than this.
    pub limit: Duration,
    /// What each of the two does before anything counts.
    pub warm_up: Duration,
}

impl Pace {
    /// For calls of the system.
    pub const CALLS: Self = Self {
        block: Duration::from_millis(2),
        rounds: 400,
        limit: Duration::from_secs(10),
        warm_up: Duration::from_millis(200),
    };

    /// For what the processor does alone.
    pub const COPIES: Self = Self {
        block: Duration::from_micros(200),
        rounds: 600,
        limit: Duration::from_secs(1),
        warm_up: Duration::from_millis(10),
    };

    /// For what the processor does while another process uses the same memory.
    pub const SHARED: Self = Self {
        block: Duration::from_millis(2),
        rounds: 400,
        limit: Duration::from_secs(2),
        warm_up: Duration::from_millis(20),
    };
}

/// What is measured next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Side {
    /// The same work done by hand.
    Floor,
    /// The library.
    Ours,
}

/// What surrounds each block, and is not measured.
pub trait Around {
    /// Called before a block.
    fn before(&mut self, side: Side);

    /// Called after a block: whether it was under the circumstances it was to be measured under. The
    /// round is left out if not.
    fn counts(&mut self, _side: Side) -> bool {
        true
    }
}

impl<F: FnMut(Side)> Around for F {
    fn before(&mut self, side: Side) {
        self(side);
    }
}

/// For rows of which only some need it.
impl<A: Around> Around for Option<A> {
    fn before(&mut self, side: Side) {
        if let Some(around) = self {
            around.before(side);
        }
    }

    fn counts(&mut self, side: Side) -> bool {
        self.as_mut().is_none_or(|it| it.counts(side))
    }
}

/// What a median is to stay within.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// Nothing: the row is reported.
    None,
    /// That of the ratio.
    Ratio(f64),
    /// Seconds that ours takes once.
    Seconds(f64),
}

impl From<Option<f64>> for Target {
    fn from(ratio: Option<f64>) -> Self {
        ratio.map_or(Self::None, Self::Ratio)
    }
}

/// Fewer rounds than this are no distribution, however long they take.
const FEWEST_ROUNDS: usize = 20;

/// Whether the command line asks for a row: all are wanted, or those whose `bench/what` contains
/// one of the words given (`cargo bench open`).
#[must_use]
pub fn is_wanted(row: &str) -> bool {
    let mut words = std::env::args()
        .skip(1)
        .filter(|it| !it.starts_with('-'))
        .peekable();
    words.peek().is_none() || words.any(|word| row.contains(&word))
}

/// A median and how far the values lie around it.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// One in ten values is below.
    pub p10: f64,
    /// Half of the values are below.
    pub median: f64,
    /// Nine in ten values are below.
    pub p90: f64,
}

impl Spread {
    /// Of at least one value.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |part: f64| values[((values.len() - 1) as f64 * part).round() as usize];
        Self {
            p10: at(0.1),
            median: at(0.5),
            p90: at(0.9),
        }
    }
}

/// What was found about one pair.
#[derive(Clone, Debug)]
pub struct Row {
    /// What both did.
    pub what: String,
    /// Seconds the floor takes once.
    pub floor: Spread,
    /// Seconds ours takes once.
    pub ours: Spread,
    /// Of ours to the floor, round by round.
    pub ratio: Spread,
    /// What it is to stay within.
    pub target: Target,
    /// How many rounds there were, and how many of them were [left out](Around::counts).
    pub rounds: [usize; 2],
    /// The ratio over all rounds, with those left out.
    pub ratio_of_all: Spread,
}

/// Measures pairs and prints them, one row each, when displayed.
#[derive(Clone, Debug)]
pub struct Table {
    bench: String,
    title: String,
    pace: Pace,
    rows: Vec<Row>,
}

impl Table {
    /// An empty table of the benchmark `bench`.
    #[must_use]
    pub fn new(bench: &str, title: &str, pace: Pace) -> Self {
        Self {
            bench: bench.into(),
            title: title.into(),
            pace,
            rows: Vec::new(),
        }
    }

    /// Adds the row of `ours` against `floor`, if [wanted](is_wanted); both do `what` once for each
    /// call. Their results are dropped as part of what is measured.
    pub fn row<F, O>(
        &mut self,
        what: &str,
        target: impl Into<Target>,
        floor: impl FnMut() -> F,
        ours: impl FnMut() -> O,
    ) -> &mut Self {
        self.row_around(what, target, |_: Side| (), floor, ours)
    }

    /// As [`row`](Self::row), with something around each block.
    pub fn row_around<F, O>(
        &mut self,
        what: &str,
        target: impl Into<Target>,
        around: impl Around,
        floor: impl FnMut() -> F,
        ours: impl FnMut() -> O,
    ) -> &mut Self {
        if self.is_wanted(what) {
            let row = self.measure_around(what, target, around, floor, ours);
            self.rows.push(row);
        }
        self
    }

    /// Adds a row measured before.
    pub fn push(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Whether the command line asks for this row.
    #[must_use]
    pub fn is_wanted(&self, what: &str) -> bool {
        is_wanted(&format!("{}/{what}", self.bench))
    }

    /// Measures a row without adding it.
    #[must_use]
    pub fn measure<F, O>(
        &self,
        what: &str,
        target: impl Into<Target>,
        floor: impl FnMut() -> F,
        ours: impl FnMut() -> O,
    ) -> Row {
        self.measure_around(what, target, |_: Side| (), floor, ours)
    }

    fn measure_around<F, O>(
        &self,
        what: &str,
        target: impl Into<Target>,
        mut around: impl Around,
        mut floor: impl FnMut() -> F,
        mut ours: impl FnMut() -> O,
    ) -> Row {
        // Long because the same two closures are warmed up, timed and measured, in blocks of the same number of calls.
        eprintln!("measuring {what} …");
        let Pace {
            rounds,
            limit,
            warm_up,
            ..
        } = self.pace;
        let warm = |pass: &mut dyn FnMut()| {
            let (start, mut calls) = (Instant::now(), 0_u32);
            while start.elapsed() < warm_up {
                pass();
                calls += 1;
            }
            start.elapsed().as_secs_f64() / f64::from(calls)
        };
        around.before(Side::Floor);
        let floor_takes = warm(&mut || drop(black_box(floor())));
        around.before(Side::Ours);
        let slower = floor_takes.max(warm(&mut || drop(black_box(ours()))));
        let block_takes = self.pace.block.as_secs_f64();
        let calls = (block_takes / slower).ceil() as u32;
        // Each call above looked at the clock, which may take longer than the call.
        around.before(Side::Floor);
        let floor_takes = block(calls, &mut floor);
        around.before(Side::Ours);
        let slower = floor_takes.max(block(calls, &mut ours));
        let calls = ((block_takes / slower).ceil() as u32).max(calls);

        let (mut floors, mut all_ours, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        let start = Instant::now();
        let (mut all_ratios, mut left_out) = (Vec::new(), 0);
        for round in 0.. {
            let enough = match start.elapsed() {
                so_far if so_far > limit * 5 => 1,
                so_far if so_far > limit => FEWEST_ROUNDS,
                _ => rounds,
            };
            if ratios.len() >= enough {
                break;
            }
            let (mut floor_took, mut ours_took) = (0.0, 0.0);
            let mut counts = true;
            for side in order(round) {
                around.before(side);
                match side {
                    Side::Floor => floor_took = block(calls, &mut floor),
                    Side::Ours => ours_took = block(calls, &mut ours),
                }
                counts &= around.counts(side);
            }
            all_ratios.push(ours_took / floor_took);
            // A round that does not count is better than none.
            if counts || start.elapsed() > limit * 5 {
                floors.push(floor_took);
                all_ours.push(ours_took);
                ratios.push(ours_took / floor_took);
            } else {
                left_out += 1;
            }
        }
        let rounds = [ratios.len() + left_out, left_out];
        Row {
            what: what.into(),
            floor: Spread::of(floors),
            ours: Spread::of(all_ours),
            ratio: Spread::of(ratios),
            target: target.into(),
            rounds,
            ratio_of_all: Spread::of(all_ratios),
        }
    }

    /// The rows measured so far.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

/// Which side goes first in a round.
fn order(round: usize) -> [Side; 2] {
    match round % 2 {
        0 => [Side::Floor, Side::Ours],
        _ => [Side::Ours, Side::Floor],
    }
}

/// Seconds for one call, over a block of them. A function of its own, so that both are called in
/// the same way.
#[inline(never)]
fn block<T>(calls: u32, pass: &mut impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        drop(black_box(pass()));
    }
    start.elapsed().as_secs_f64() / f64::from(calls)
}

/// A duration with three digits and its unit.
#[must_use]
pub fn seconds(value: f64) -> String {
    let (scaled, unit) = match value {
        _ if value < 1e-6 => (value * 1e9, "ns"),
        _ if value < 1e-3 => (value * 1e6, "µs"),
        _ => (value * 1e3, "ms"),
    };
    let digits = match scaled {
        _ if scaled < 10.0 => 2,
        _ if scaled < 100.0 => 1,
        _ => 0,
    };
    format!("{scaled:.digits$} {unit}")
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return Ok(());
        }
        let width = self.rows.iter().map(|it| it.what.chars().count()).max();
        let width = width.unwrap_or(0).max("what".len());
        writeln!(f, "\n{}\n", self.title)?;
        writeln!(
            f,
            "| {:width$} | {:>8} | {:>8} | ratio (median, p10–p90) | target    | met |",
            "what", "floor", "ours"
        )?;
        writeln!(
            f,
            "|-{:-<width$}-|---------:|---------:|-------------------------|-----------|-----|",
            ""
        )?;
        for row in &self.rows {
            let Spread { p10, median, p90 } = row.ratio;
            let (target, is_met) = match row.target {
                Target::None => (String::new(), true),
                Target::Ratio(most) => (format!("≤ {most}"), median <= most),
                Target::Seconds(most) => (format!("≤ {}", seconds(most)), row.ours.median <= most),
            };
            let met = match (row.target, is_met) {
                (Target::None, _) => "",
                // Too few rounds for a distribution.
                _ if row.rounds[0] - row.rounds[1] < FEWEST_ROUNDS => "?",
                (_, true) => "yes",
                (_, false) => "NO",
            };
            writeln!(
                f,
                "| {:width$} | {:>8} | {:>8} | {:<23} | {target:<9} | {met:<3} |",
                row.what,
                seconds(row.floor.median),
                seconds(row.ours.median),
                format!("{median:.3} ({p10:.3}–{p90:.3})"),
            )?;
        }
        for row in self.rows.iter().filter(|row| row.rounds[1] > 0) {
            let [rounds, left_out] = row.rounds;
            let Spread { p10, median, p90 } = row.ratio_of_all;
            writeln!(
                f,
                "{}: {left_out} of {rounds} rounds left out, the other process did much less than at \
                 its best; with them {median:.3} ({p10:.3}–{p90:.3})",
                row.what
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Spread, seconds};

    #[test]
    fn percentiles_are_values() {
        let spread = Spread::of((0..=100).rev().map(f64::from).collect());
        assert_eq!((spread.p10, spread.median, spread.p90), (10.0, 50.0, 90.0));
    }

    #[test]
    fn durations_have_three_digits() {
        for (value, text) in [
            (1.234e-9, "1.23 ns"),
            (45.67e-6, "45.7 µs"),
            (0.5, "500 ms"),
        ] {
            assert_eq!(seconds(value), text);
        }
    }
}
