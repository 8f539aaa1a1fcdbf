//! [`Foreign`]: a region whose producer knows nothing of us.

use std::sync::Arc;
use std::time::{Duration, Instant};

use win_shared_memory::attachment::{self, Attachment, Options, Sign};
use win_shared_memory::consistency::Reader;
use win_shared_memory::{SharedMemoryError, View};
use win_shared_memory_layouts::{self as layouts, Plan};
use winshm_core::{Copied, Counts, News, SourceError, State};

use super::buffers::{self, Buffers, newest_tick};
use super::convention::{self, Beside};
use super::hash;

/// How often a region is compared whose producer does not say when it writes.
const COMPARE_EVERY: Duration = Duration::from_millis(10);

/// Comparing takes at most one part in so many of the time.
const SHARE: u32 = 20;

/// What is never over.
const NEVER: Duration = Duration::from_secs(u32::MAX as u64);

/// What stands at the beginning of a region that describes itself, and its size: see FORMAT.md.
const OUR_MAGIC: [u8; 4] = *b"WSMd";
const OUR_SIZE: usize = 4096;

pub(super) struct Foreign {
    attachment: Attachment,
    /// Those that a region of the name can have; [`Self::chosen`] is the one that it has.
    plans: Vec<Arc<Plan>>,
    chosen: usize,
    reader: Reader,
    /// `None` until it is opened for this region.
    beside: Option<Beside>,
    /// What the region was when it was compared last, where nothing in it tells of a write.
    compared: Option<Compared>,
}

#[derive(Default)]
struct Compared {
    hash: Option<u64>,
    /// How long that took.
    cost: Duration,
}

impl Foreign {
    pub(super) fn new(name: &str, plans: Vec<Arc<Plan>>) -> Self {
        let plan = plans.first().cloned();
        let heartbeat = plan.as_ref().and_then(|it| it.layout().heartbeat.as_ref());
        // The producer's event is not waited for: one that resets itself would wake us instead of the program
        // that its user runs.
        let options = Options {
            frozen_after: heartbeat
                .map_or(NEVER, |it| Duration::from_millis(u64::from(it.frozen_ms))),
            ..Options::default()
        };
        let compared = heartbeat.is_none().then(Compared::default);
        let reader = Reader::with_limits(convention::limits(plan.as_deref()));
        let sign = move |view: &View| Ok(plan.as_ref().map_or(Sign::Live, |it| sign(it, view)));
        Self {
            attachment: Attachment::with_options(name, options, sign),
            plans,
            chosen: 0,
            reader,
            beside: None,
            compared,
        }
    }

    pub(super) fn plan(&self) -> Option<&Arc<Plan>> {
        self.plans.get(self.chosen)
    }

    pub(super) fn state(&self) -> State {
        match self.attachment.state() {
            attachment::State::Absent => State::Absent,
            attachment::State::Live => State::Live,
            attachment::State::Frozen => State::Frozen,
            attachment::State::Closing => State::Closing,
            _ => State::NotReady,
        }
    }

    pub(super) fn caveat(&self) -> Option<&str> {
        match &self.beside {
            Some(Beside::Missing(why)) => Some(why),
            _ => None,
        }
    }

    /// Whether the region describes itself.
    pub(super) fn is_ours(&self) -> bool {
        let view = self.attachment.view().filter(|it| it.len() == OUR_SIZE);
        view.is_some_and(|view| view.read::<[u8; 4]>(0).is_ok_and(|it| it == OUR_MAGIC))
    }

    pub(super) fn wait(&mut self, timeout: Duration) -> Result<Option<News>, SourceError> {
        let begun = Instant::now();
        loop {
            let left = timeout.saturating_sub(begun.elapsed());
            let pause = match &self.compared {
                Some(compared) if self.state() == State::Live => {
                    left.min(COMPARE_EVERY.max(compared.cost * SHARE))
                }
                _ => left,
            };
            match self.attachment.wait(pause)? {
                Some(attachment::News::Changed(change)) => {
                    self.change(change)?;
                    self.compare()?;
                    return Ok(Some(News::Changed(self.state())));
                }
                Some(attachment::News::Written) => return Ok(Some(News::Written)),
                None => {}
            }
            if self.compare()? {
                return Ok(Some(News::Written));
            }
            if begun.elapsed() >= timeout {
                return Ok(None);
            }
        }
    }

    /// Finds out in which state the region is.
    pub(super) fn look(&mut self) -> Result<(), SourceError> {
        match self.attachment.poll()? {
            Some(attachment::News::Changed(change)) => self.change(change),
            _ => Ok(()),
        }
    }

    fn change(&mut self, change: attachment::Change) -> Result<(), SourceError> {
        if change.is_new_region {
            self.beside = None;
        }
        self.choose()
    }

    pub(super) fn copy(&mut self, bytes: &mut Vec<u8>) -> Result<Copied, SourceError> {
        let Some(view) = self.attachment.view() else {
            return Ok(Copied::Nothing);
        };
        if self.state() == State::NotReady {
            return Ok(Copied::Nothing);
        }
        let plan = self.plans.get(self.chosen).map(|it| &**it);
        let beside = self.beside.get_or_insert_with(|| Beside::open(plan));
        let len = copied_len(plan, view.len());
        let mut buffers = Vec::new();
        let with_memory = committed(view, len)?;
        let convention = convention::convention(plan, view, with_memory, beside, &mut buffers)?;
        bytes.clear();
        bytes.try_reserve_exact(len)?;
        bytes.resize(len, 0);
        let copied = self.reader.read(&convention, |newest| {
            view.read_bytes(0, &mut bytes[..with_memory])?;
            match plan.and_then(|plan| Buffers::of(plan, view, bytes)) {
                Some(buffers) => buffers.keep(newest, view, bytes),
                None => Ok(()),
            }
        });
        match copied {
            Ok(copied) => copied.map(|()| Copied::Whole).map_err(SourceError::from),
            Err(SharedMemoryError::Inconsistent(why)) => {
                bytes.clear();
                Ok(Copied::Torn(why.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A copy that may be torn, in any state in which there is a region.
    pub(super) fn bytes(&mut self) -> Result<Option<Vec<u8>>, SourceError> {
        let mut bytes = Vec::new();
        if let Ok(Copied::Whole) = self.copy(&mut bytes) {
            return Ok(Some(bytes));
        }
        let Some(view) = self.attachment.view() else {
            return Ok(None);
        };
        let plan = self.plans.get(self.chosen).map(|it| &**it);
        let len = copied_len(plan, view.len());
        bytes.resize(len, 0);
        view.read_bytes(0, &mut bytes[..committed(view, len)?])?;
        Ok(Some(bytes))
    }

    pub(super) fn counts(&self) -> Counts {
        let counts = self.reader.counts();
        Counts {
            whole: counts.reads - counts.failures,
            retries: counts.retries,
            torn: counts.failures,
        }
    }

    /// Whether the bytes are others than before, where nothing else tells.
    fn compare(&mut self) -> Result<bool, SourceError> {
        let plan = self.plans.get(self.chosen).map(|it| &**it);
        let (Some(compared), Some(view)) = (&mut self.compared, self.attachment.live()) else {
            return Ok(false);
        };
        let begun = Instant::now();
        let len = committed(view, copied_len(plan, view.len()))?;
        let hash = hash::of(view, len)?;
        compared.cost = begun.elapsed();
        let before = compared.hash.replace(hash);
        Ok(before.is_some_and(|before| before != hash))
    }

    /// Which of several layouts the region has. The mappings of two versions of a program are equally large, but only
    /// the one that the layout is too small for has something after its end.
    fn choose(&mut self) -> Result<(), SourceError> {
        let Some(view) = self.attachment.view().filter(|_| self.plans.len() > 1) else {
            return Ok(());
        };
        let mut bytes = vec![0; committed(view, view.len().min(64 << 10))?];
        view.read_bytes(0, &mut bytes)?;
        let used = bytes.iter().rposition(|it| *it != 0).map_or(0, |it| it + 1);
        let fitting = self.plans.iter().position(|it| it.size() >= used);
        self.chosen = fitting.unwrap_or(0);
        Ok(())
    }
}

/// What the region says of its producer. Of several buffers the newest tells that it works.
fn sign(plan: &Plan, view: &View) -> Sign {
    match plan.sign(|place| buffers::read(view, place)) {
        layouts::Sign::Live => Sign::Live,
        layouts::Sign::Closing => Sign::Closing,
        layouts::Sign::Heartbeat(beat) => Sign::Heartbeat(newest_tick(plan, view).unwrap_or(beat)),
        _ => Sign::NotReady,
    }
}

/// How many of so many bytes have memory, up to the first page that has none: the region may be reserved.
fn committed(view: &View, len: usize) -> Result<usize, SharedMemoryError> {
    const PAGE: usize = 4096;
    if view.is_committed(0, len)? {
        return Ok(len);
    }
    let (mut with, mut without) = (0, len.div_ceil(PAGE));
    while without - with > 1 {
        let middle = usize::midpoint(with, without);
        if view.is_committed(0, middle * PAGE)? {
            with = middle;
        } else {
            without = middle;
        }
    }
    Ok(with * PAGE)
}

/// How many of the bytes of a mapping the layout speaks of. A mapping is whole pages, and its end is zeros.
fn copied_len(plan: Option<&Plan>, mapped: usize) -> usize {
    let Some(plan) = plan else { return mapped };
    let layout = plan.layout();
    // Where the region tells where something is, that may be anywhere.
    let may_be_anywhere = layout.size.is_none()
        && (!layout.text.is_empty()
            || layout.variables.is_some()
            || layout.structs.iter().any(|it| !it.table.is_empty()));
    if may_be_anywhere {
        mapped
    } else {
        plan.size().min(mapped)
    }
}
