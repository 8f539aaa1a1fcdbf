//! Magic, readiness and heartbeat, resolved; and the paths of conventions, checked.

use super::compiler::{Compiler, locate};
use super::{Locator, Plan};
use crate::convention::{Consistency, Ready};
use crate::problem::Problem;

/// Whether the region is what its layout says, by its magic.
///
/// ```
/// use win_shared_memory_layouts::{Liveness, Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("hwinfo").expect("it is in the catalogue"))?;
/// assert_eq!(plan.liveness(b"HWiS"), Liveness::Live);
/// assert_eq!(plan.liveness(&[0; 4]), Liveness::Other);
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Liveness {
    /// The magic is that of a producer that runs; or the layout has none.
    Live,
    /// The producer has marked the region before it left.
    Dead,
    /// The magic is another: the region is something else, or the producer has not begun.
    Other,
}

/// What a region says of its producer. [`Plan::sign`] makes it.
///
/// ```
/// use win_shared_memory_layouts::{Plan, Sign, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("rtss").expect("it is in the catalogue"))?;
/// let shown = match plan.sign(|_| Some(0xdead)) {
///     Sign::Closing => "the program has left",
///     Sign::NotReady => "there is no value yet",
///     _ => "it works",
/// };
/// assert_eq!(shown, "the program has left");
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sign {
    /// The region does not hold a value yet, or is not what its layout says.
    NotReady,
    /// The producer works, and nothing would show that it had stopped.
    Live,
    /// The producer works as long as this number changes.
    Heartbeat(i64),
    /// The producer has left.
    Closing,
}

/// What [`Plan`] answers about a producer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Behaviour {
    magic: Option<(Locator, i64, Option<i64>)>,
    ready: Option<(Locator, Condition)>,
    heartbeat: Option<Locator>,
}

#[derive(Clone, Copy, Debug)]
enum Condition {
    Is(i64),
    Not(i64),
    Bits(u64),
}

impl Plan {
    /// Whether the region is what the layout says, by its magic.
    ///
    /// ```
    /// use win_shared_memory_layouts::{Liveness, Plan, catalogue};
    ///
    /// let plan = Plan::new(catalogue::find(r"Global\HWiNFO_SENS_SM2").expect("it is there"))?;
    /// assert_eq!(plan.liveness(b"HWiS"), Liveness::Live);
    /// assert_eq!(plan.liveness(b"DEAD"), Liveness::Dead);
    /// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
    /// ```
    #[must_use]
    pub fn liveness(&self, bytes: &[u8]) -> Liveness {
        let Some((locator, live, dead)) = self.behaviour.magic else {
            return Liveness::Live;
        };
        match locator.read(bytes, 0) {
            Some(found) if found == live => Liveness::Live,
            Some(found) if Some(found) == dead => Liveness::Dead,
            _ => Liveness::Other,
        }
    }

    /// Whether the content counts yet; true if the layout does not say when.
    #[must_use]
    pub fn is_ready(&self, bytes: &[u8]) -> bool {
        let Some((locator, condition)) = self.behaviour.ready else {
            return true;
        };
        locator
            .read(bytes, 0)
            .is_some_and(|found| condition.holds(found))
    }

    /// The number that changes as long as the producer works; the bits of one with a fraction.
    #[must_use]
    pub fn heartbeat(&self, bytes: &[u8]) -> Option<i64> {
        self.behaviour.heartbeat?.read(bytes, 0)
    }
}

impl Plan {
    /// Where the number at a path is, in every region of this layout: what a program needs that follows the
    /// convention of a region that lives. Nothing if the path leads to no number, or to one whose place the region
    /// tells.
    #[must_use]
    pub fn locate(&self, path: &str) -> Option<Locator> {
        locate(&self.shapes, 0, path).ok()
    }

    /// What the region says of its producer. `read` reads a number of it, and may find that the region ends before.
    ///
    /// ```
    /// use win_shared_memory_layouts::{Plan, Sign, catalogue};
    ///
    /// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
    /// let mut bytes = vec![0; plan.size()];
    /// let sign = |bytes: &[u8]| plan.sign(|it| it.integer(bytes.get(it.offset..)?.get(..4)?));
    /// assert_eq!(sign(&bytes), Sign::NotReady);
    /// bytes[0] = 2;
    /// assert_eq!(sign(&bytes), Sign::Heartbeat(0));
    /// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
    /// ```
    #[must_use]
    pub fn sign(&self, mut read: impl FnMut(Locator) -> Option<i64>) -> Sign {
        if let Some((locator, live, dead)) = self.behaviour.magic {
            match read(locator) {
                Some(found) if found == live => {}
                Some(found) if Some(found) == dead => return Sign::Closing,
                _ => return Sign::NotReady,
            }
        }
        if let Some((locator, condition)) = self.behaviour.ready {
            if !read(locator).is_some_and(|found| condition.holds(found)) {
                return Sign::NotReady;
            }
        }
        match self.behaviour.heartbeat {
            None => Sign::Live,
            Some(locator) => read(locator).map_or(Sign::NotReady, Sign::Heartbeat),
        }
    }
}

impl Condition {
    fn holds(self, found: i64) -> bool {
        match self {
            Self::Is(number) => found == number,
            Self::Not(number) => found != number,
            Self::Bits(bits) => found as u64 & bits == bits,
        }
    }
}

impl Behaviour {
    pub(super) fn compile(compiler: &mut Compiler<'_>) -> Self {
        let layout = compiler.layout;
        let magic = layout.magic.as_ref().and_then(|magic| {
            let locator = compiler.locate(0, &magic.field, "magic.field")?;
            Some((locator, magic.live, magic.dead))
        });
        let ready = layout.ready.as_ref().and_then(|ready| {
            let locator = compiler.locate(0, &ready.field, "ready.field")?;
            Some((locator, compiler.condition(ready)?))
        });
        let heartbeat = layout.heartbeat.as_ref();
        let heartbeat =
            heartbeat.and_then(|it| compiler.locate_any(0, &it.field, "heartbeat.field"));
        compiler.serve();
        compiler.consistency();
        Self {
            magic,
            ready,
            heartbeat,
        }
    }
}

impl Compiler<'_> {
    fn condition(&mut self, ready: &Ready) -> Option<Condition> {
        let is = ready.is.map(Condition::Is);
        let not = ready.not.map(Condition::Not);
        let bits = ready.bits.map(Condition::Bits);
        let mut given = [is, not, bits].into_iter().flatten();
        if let (Some(condition), None) = (given.next(), given.next()) {
            return Some(condition);
        }
        let problem = Problem::new("ready", "`ready` has one condition");
        self.problem(problem.help("write one of `is`, `not` and `bits`"));
        None
    }

    fn serve(&mut self) {
        let steps = self.layout.serve.iter().flat_map(|it| &it.each_write);
        for (number, step) in steps.enumerate() {
            let place = format!("serve.each_write[{number}]");
            self.locate(0, &step.field, &format!("{place}.field"));
            if step.add.is_some() == step.set.is_some() {
                let problem = Problem::new(place, "a step of `each_write` does one thing");
                self.problem(problem.help("write one of `add` and `set`"));
            }
        }
    }

    /// A convention is followed elsewhere; here its paths are checked.
    fn consistency(&mut self) {
        let layout = self.layout;
        let mut field = |path: &str, key: &str| {
            self.locate(0, path, &format!("consistency.{key}"));
        };
        match &layout.consistency {
            Some(Consistency::Counter { field: path } | Consistency::Sequence { field: path }) => {
                field(path, "field")
            }
            Some(Consistency::Busy {
                field: path, mark, ..
            }) => {
                field(path, "field");
                if let Some(mark) = mark {
                    field(mark, "mark");
                }
            }
            Some(Consistency::BeginEnd { begin, end }) => {
                field(begin, "begin");
                field(end, "end");
            }
            Some(Consistency::LatestOf {
                table,
                tick,
                start,
                len,
                ..
            }) if self.layout.variables.is_none() => {
                self.span(table, "consistency.table");
                self.offset(*tick, 4, &table.stride, "consistency.tick");
                self.offset(*start, 4, &table.stride, "consistency.start");
                self.amount(0, len, "consistency.len");
            }
            _ => {}
        }
    }
}
