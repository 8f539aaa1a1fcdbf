//! Regions that live: [`Live`] follows one, copies its values as its producer's convention demands, and knows its
//! layout as far as anybody does.
//!
//! `foreign` follows the regions of programs that know nothing of us, `own` those that describe themselves;
//! `convention` makes what the library reads by of what a layout says, and `buffers` keeps the newest of several.

mod buffers;
mod hash;
pub(crate) mod listing;

mod convention;

pub(crate) mod change;
mod foreign;
mod own;

use std::sync::Arc;
use std::time::{Duration, Instant};

use win_shared_memory::SharedMemoryError;
use win_shared_memory_layouts::{Layout, Plan, catalogue};
use winshm_core::{Copied, Counts, News, Source, SourceError, State, escape};

use crate::failure::{Code, Failure, Result};
use crate::layouts;
use foreign::Foreign;
use own::Own;

/// A region that lives, from before it appears until after it has gone.
pub(crate) struct Live {
    name: String,
    /// The layout that the user wants.
    given: Option<Arc<Plan>>,
    /// Those that a region can have that does not say itself.
    plans: Vec<Arc<Plan>>,
    /// Whether each value is copied in turn.
    is_in_order: bool,
    region: Region,
}

enum Region {
    Foreign(Box<Foreign>),
    Own(Box<Own>),
}

/// Follows the region of this name, which need not be there yet.
///
/// Its layout is the one that the user names, an id or a file; otherwise the one that the region carries itself, or
/// that of the catalogue for its name.
pub(crate) fn open(name: &str, layout: Option<&str>) -> Result<Live> {
    let given = layout.map(|it| plan(&layouts::find(it)?)).transpose()?;
    let plans: Vec<_> = match &given {
        Some(plan) => vec![Arc::clone(plan)],
        None => catalogue::matching(name).map(plan).collect::<Result<_>>()?,
    };
    Ok(Live {
        name: name.to_owned(),
        given,
        region: Region::Foreign(Box::new(Foreign::new(name, plans.clone()))),
        plans,
        is_in_order: false,
    })
}

fn plan(layout: &Layout) -> Result<Arc<Plan>> {
    Plan::new(layout).map(Arc::new).map_err(|error| {
        let id = escape(&layout.id);
        Failure::new(Code::Damaged, format_args!("the layout `{id}`: {error}"))
    })
}

/// How long a copy is tried again that its producer tears: on a busy machine that is a matter of luck.
const TORN: Duration = Duration::from_secs(1);

/// How long it is waited for something new before the next try.
const AGAIN: Duration = Duration::from_millis(50);

/// A whole copy of a region whose layout is known, for which is waited up to `timeout`.
pub(crate) fn first_copy(live: &mut Live, timeout: Duration) -> Result<Vec<u8>> {
    let begun = Instant::now();
    live.wait(Duration::ZERO)?;
    loop {
        let mut bytes = Vec::new();
        if live.state() != State::Absent && !live.is_own() {
            live.known_plan()?;
        }
        let (problem, timeout) = match live.copy(&mut bytes)? {
            Copied::Whole | Copied::Next { .. } => return Ok(bytes),
            Copied::Torn(why) => (Failure::new(Code::TimedOut, why), timeout.max(TORN)),
            Copied::Nothing => (live.without_value(), timeout),
        };
        let left = timeout.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Err(problem);
        }
        live.wait(left.min(AGAIN))?;
    }
}

/// Why a region of this name could not be opened: where there is none, with the one that may be meant.
pub(crate) fn refused(name: &str, error: SharedMemoryError) -> Failure {
    if error.is_not_found() {
        absent(name)
    } else {
        error.into()
    }
}

fn absent(name: &str) -> Failure {
    let names = listing::names();
    let bare = |name: &str| name.rsplit('\\').next().unwrap_or_default().to_lowercase();
    let wanted = bare(name);
    let same = names.iter().find(|it| bare(it) == wanted);
    let near = || {
        names
            .iter()
            .find(|it| !wanted.is_empty() && bare(it).contains(&wanted))
    };
    let name = escape(name);
    let message = match same.or_else(near) {
        Some(other) => format!("there is no region `{name}`; there is `{}`", escape(other)),
        None => {
            format!(
                "there is no region `{name}`; is its producer running? `winshm list` shows those there are"
            )
        }
    };
    Failure::new(Code::NotFound, message)
}

impl Live {
    /// Its layout, without which there is nothing to name.
    pub(crate) fn known_plan(&self) -> Result<&Plan> {
        let plan = self.plan().map(|it| &**it);
        plan.ok_or_else(|| {
            let name = escape(&self.name);
            Failure::new(
                Code::NotFound,
                format_args!(
                    "nobody knows what the bytes of `{name}` are; name a layout with --layout, or see them with \
                     `winshm dump`"
                ),
            )
        })
    }

    /// The layouts that a region of this name can have, if there are several and none was asked for.
    pub(crate) fn candidates(&self) -> &[Arc<Plan>] {
        match &self.region {
            Region::Foreign(_) if self.plans.len() > 1 => &self.plans,
            _ => &[],
        }
    }

    /// Whether the region describes itself, as snapshots and shared mutexes do.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.region, Region::Own(_))
    }

    /// A copy of the region in any state, to find places in it: its values may be torn.
    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>> {
        if self.state() != State::Absent {
            self.known_plan()?;
        }
        let Region::Foreign(foreign) = &mut self.region else {
            return Err(self.without_value());
        };
        match foreign.bytes()? {
            Some(bytes) => Ok(bytes),
            None => Err(self.without_value()),
        }
    }

    /// Why there is nothing to copy.
    fn without_value(&self) -> Failure {
        let name = escape(&self.name);
        match self.state() {
            State::Absent => absent(&self.name),
            _ => Failure::new(
                Code::TimedOut,
                format_args!(
                    "`{name}` is there, and its producer has not filled it yet; --wait waits for that"
                ),
            ),
        }
    }

    /// What a person should know who trusts its copies: that the convention could not be kept, and why.
    pub(crate) fn caveat(&self) -> Option<&str> {
        match &self.region {
            Region::Foreign(foreign) => foreign.caveat(),
            Region::Own(_) => None,
        }
    }

    /// Goes on with the kind of region that has the name now; returns whether the kind has changed.
    fn settle(&mut self) -> Result<bool, SourceError> {
        let mut is_turned = false;
        // At most once from one kind to the other and back; a further change is noticed next time.
        for _ in 0..2 {
            if !self.turn() {
                break;
            }
            is_turned = true;
            self.region.look()?;
        }
        Ok(is_turned)
    }

    /// Goes on with the other kind of region, if that has the name now.
    fn turn(&mut self) -> bool {
        match &self.region {
            Region::Foreign(foreign) if foreign.is_ours() => {
                self.region = Region::Own(Box::new(Own::new(
                    &self.name,
                    self.given.clone(),
                    self.is_in_order,
                )));
            }
            Region::Own(own) if own.is_foreign() => {
                self.region =
                    Region::Foreign(Box::new(Foreign::new(&self.name, self.plans.clone())));
            }
            _ => return false,
        }
        true
    }
}

impl Source for Live {
    fn name(&self) -> &str {
        &self.name
    }

    fn plan(&self) -> Option<&Arc<Plan>> {
        match &self.region {
            Region::Foreign(foreign) => foreign.plan(),
            Region::Own(own) => own.plan(),
        }
    }

    fn state(&self) -> State {
        match &self.region {
            Region::Foreign(foreign) => foreign.state(),
            Region::Own(own) => own.state(),
        }
    }

    fn wait(&mut self, timeout: Duration) -> Result<Option<News>, SourceError> {
        let before = self.state();
        let news = self.region.wait(timeout)?;
        let is_turned = self.settle()?;
        let state = self.state();
        Ok(match news {
            _ if is_turned => (state != before).then_some(News::Changed(state)),
            Some(News::Changed(State::Absent)) if before == State::Absent => None,
            news => news,
        })
    }

    fn look(&mut self) -> Result<Option<State>, SourceError> {
        let before = self.state();
        self.region.look()?;
        self.settle()?;
        let state = self.state();
        Ok((state != before).then_some(state))
    }

    fn keep_order(&mut self) {
        self.is_in_order = true;
        if let Region::Own(own) = &mut self.region {
            own.keep_order();
        }
    }

    fn copy(&mut self, bytes: &mut Vec<u8>) -> Result<Copied, SourceError> {
        match &mut self.region {
            Region::Foreign(foreign) => foreign.copy(bytes),
            Region::Own(own) => own.copy(bytes),
        }
    }

    fn counts(&self) -> Counts {
        match &self.region {
            Region::Foreign(foreign) => foreign.counts(),
            Region::Own(own) => own.counts(),
        }
    }
}

impl Region {
    fn wait(&mut self, timeout: Duration) -> Result<Option<News>, SourceError> {
        match self {
            Self::Foreign(foreign) => foreign.wait(timeout),
            Self::Own(own) => own.wait(timeout),
        }
    }

    /// Finds out in which state it is.
    fn look(&mut self) -> Result<(), SourceError> {
        match self {
            Self::Foreign(foreign) => foreign.look(),
            Self::Own(own) => own.look(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use win_shared_memory::Section;
    use win_shared_memory::snapshot::Writer;
    use winshm_core::{Copied, News, Source, State};

    use super::{Live, open};

    fn follow(test: &str) -> Live {
        let name = format!("winshm-live-{test}-{}", std::process::id());
        open(&name, None).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Waits until the region is told to be in this state.
    #[track_caller]
    fn until(live: &mut Live, state: State) {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(60) {
            match live.wait(Duration::from_secs(1)) {
                Ok(Some(News::Changed(found))) if found == state => return,
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
        panic!("it is {}, not {state}", live.state());
    }

    #[test]
    fn a_name_is_followed_from_a_foreign_region_to_a_snapshot_and_back() {
        let mut live = follow("kinds");
        assert!(matches!(live.wait(Duration::ZERO), Ok(None)));
        let foreign = Section::create(live.name(), 100).expect("a free name");
        until(&mut live, State::Live);
        assert!(!live.is_own() && live.plan().is_none());
        drop(foreign);
        until(&mut live, State::Absent);
        let mut writer = Writer::register(live.name()).expect("a free name");
        writer.publish(&7_u32);
        until(&mut live, State::Live);
        assert!(live.is_own() && live.plan().is_some());
        let mut bytes = Vec::new();
        assert!(matches!(live.copy(&mut bytes), Ok(Copied::Whole)));
        assert_eq!(bytes, [7, 0, 0, 0]);
        drop(writer);
        until(&mut live, State::Absent);
        let _foreign = Section::create(live.name(), 100).expect("a free name");
        until(&mut live, State::Live);
    }

    #[test]
    fn each_value_is_told_of_once() {
        let mut live = follow("once");
        let mut writer = Writer::register(live.name()).expect("a free name");
        until(&mut live, State::Live);
        writer.publish(&1_u32);
        assert!(matches!(
            live.wait(Duration::from_secs(60)),
            Ok(Some(News::Written))
        ));
        assert!(matches!(live.wait(Duration::from_millis(5)), Ok(None)));
        writer.publish(&2_u32);
        let mut bytes = Vec::new();
        assert!(matches!(live.copy(&mut bytes), Ok(Copied::Whole)));
        assert!(matches!(live.wait(Duration::from_millis(5)), Ok(None)));
    }

    #[test]
    fn in_order_each_value_is_copied_or_counted() {
        let mut live = follow("order");
        live.keep_order();
        let mut writer = Writer::register(live.name()).expect("a free name");
        until(&mut live, State::Live);
        writer.publish(&0_u32);
        let mut bytes = Vec::new();
        let mut next = |live: &mut Live| match live.copy(&mut bytes) {
            Ok(Copied::Next { missed }) => Some((bytes[0], missed)),
            Ok(Copied::Nothing) => None,
            other => panic!("{other:?}"),
        };
        assert_eq!(next(&mut live), Some((0, 0)));
        assert_eq!(next(&mut live), None);
        (1..=3).for_each(|it| {
            writer.publish(&it);
        });
        for value in 1..=3 {
            assert_eq!(next(&mut live), Some((value, 0)));
        }
        (4..200).for_each(|it| {
            writer.publish(&it);
        });
        let (first, missed) = next(&mut live).expect("a value");
        assert!(first > 100, "fewer are kept");
        assert_eq!(u64::from(first), 4 + missed);
        for value in first + 1..200 {
            assert_eq!(next(&mut live), Some((value, 0)));
        }
        // What a writer has published last is copied also after it has gone.
        writer.publish(&200);
        writer.publish(&201);
        drop(writer);
        until(&mut live, State::Closing);
        assert!(matches!(live.wait(Duration::ZERO), Ok(Some(News::Written))));
        assert_eq!(next(&mut live), Some((200, 0)));
        assert_eq!(next(&mut live), Some((201, 0)));
        assert_eq!(next(&mut live), None);
        until(&mut live, State::Absent);
    }
}
