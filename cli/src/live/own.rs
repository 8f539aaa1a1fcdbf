//! [`Own`]: a region that describes itself, a snapshot or a shared mutex.

use std::sync::Arc;
use std::time::{Duration, Instant};

use win_shared_memory::broadcast::News as Next;
use win_shared_memory::untyped::{BytesReader, Content};
use win_shared_memory::{Liveness, SharedMemoryError, SharedMemoryOptions, UnknownFormat};
use win_shared_memory_layouts::{Layout, Plan, Quantity, Struct, Table};
use winshm_core::{Copied, Counts, News, SourceError, State};

/// How long it is waited for a value before somebody looks whether the writer lives.
const SLICE: Duration = Duration::from_millis(100);

/// How often it is looked whether another writer comes.
const NOT_LIVE: Duration = Duration::from_millis(16);

/// Where the elements of a slice begin in a copy, after their number as a `u64`. No alignment of a type that is
/// decoded is larger.
const ELEMENTS: usize = 8;

/// How many times in a row a value may be overwritten while it is copied before a copy in order is given up.
const ATTEMPTS: u32 = 16;

/// No layout has tables with more rows.
const MOST_ROWS: u32 = 1 << 20;

pub(super) struct Own {
    name: String,
    /// The layout that the user wants.
    given: Option<Arc<Plan>>,
    /// Without one the region is absent, or not ready.
    reader: Option<BytesReader>,
    /// What the values of this generation are, if their schema says.
    plan: Option<(u64, Option<Arc<Plan>>)>,
    state: State,
    is_foreign: bool,
    /// The version that was told of last.
    told: u64,
    /// How far copies of each value in turn have come, if they were asked for.
    order: Option<Order>,
    value: Vec<u8>,
    counts: Counts,
}

/// How far copies of each value in turn have come.
#[derive(Debug, Default)]
struct Order {
    /// Whether what was there at the beginning was copied, or nothing was there.
    has_begun: bool,
    /// How many values were overwritten since the last copy.
    missed: u64,
}

impl Own {
    /// With copies of each value in turn, if `is_in_order`.
    pub(super) fn new(name: &str, given: Option<Arc<Plan>>, is_in_order: bool) -> Self {
        Self {
            name: name.to_owned(),
            given,
            reader: None,
            plan: None,
            state: State::Absent,
            is_foreign: false,
            told: 0,
            order: is_in_order.then(Order::default),
            value: Vec::new(),
            counts: Counts::default(),
        }
    }

    pub(super) fn plan(&self) -> Option<&Arc<Plan>> {
        let (_, plan) = self.plan.as_ref()?;
        self.given.as_ref().or(plan.as_ref())
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    /// Whether what had the name has gone, or does not describe itself any more.
    pub(super) fn is_foreign(&self) -> bool {
        self.is_foreign
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn wait(&mut self, timeout: Duration) -> Result<Option<News>, SourceError> {
        let begun = Instant::now();
        loop {
            let before = self.state;
            self.look()?;
            if self.state != before {
                return Ok(Some(News::Changed(self.state)));
            }
            if self.is_written()? {
                return Ok(Some(News::Written));
            }
            let left = timeout.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Ok(None);
            }
            let slice = SLICE.min(left);
            let has_waited = match &mut self.reader {
                Some(reader) if self.state == State::Live && self.order.is_some() => {
                    has_next(reader, slice)?.is_some()
                }
                Some(reader) if self.state == State::Live => {
                    reader.wait_changed(slice)?;
                    true
                }
                _ => false,
            };
            if !has_waited {
                std::thread::sleep(NOT_LIVE.min(left));
            }
        }
    }

    pub(super) fn keep_order(&mut self) {
        self.order = Some(Order::default());
    }

    /// Finds out where the region is in its life.
    pub(super) fn look(&mut self) -> Result<(), SourceError> {
        self.state = self.found()?;
        Ok(())
    }

    fn found(&mut self) -> Result<State, SourceError> {
        let is_gone = |reader: &BytesReader| reader.writer_liveness() == Liveness::Gone;
        // Without its writer the region is there as long as somebody else keeps it, so we must not. In order, what it has
        // published last is copied before.
        if self.reader.as_ref().is_some_and(is_gone) && !self.is_behind()? {
            self.close();
        }
        if self.reader.is_none() {
            let options = SharedMemoryOptions::new().wait(Duration::ZERO).clone();
            match BytesReader::open_with(&self.name, &options) {
                Ok(reader) => self.reader = Some(reader),
                Err(SharedMemoryError::NotReady { .. }) => return Ok(State::NotReady),
                Err(SharedMemoryError::TimedOut { .. }) => {
                    self.is_foreign = true;
                    return Ok(State::Absent);
                }
                Err(SharedMemoryError::UnknownFormat {
                    reason: UnknownFormat::Foreign,
                    ..
                }) => {
                    self.is_foreign = true;
                    return Ok(State::NotReady);
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.learn();
        Ok(match &self.reader {
            Some(reader) if is_gone(reader) => State::Closing,
            _ => State::Live,
        })
    }

    fn close(&mut self) {
        self.reader = None;
        if let Some(order) = &mut self.order {
            order.has_begun = false;
        }
    }

    /// Whether there is a value that should be copied in its turn.
    fn is_behind(&mut self) -> Result<bool, SourceError> {
        match (&mut self.reader, &self.order) {
            (Some(reader), Some(order)) if order.has_begun => {
                Ok(has_next(reader, Duration::ZERO)? == Some(true))
            }
            _ => Ok(false),
        }
    }

    /// Whether there is a value that was not told of. It is then marked as seen, so that it is told of once, whether
    /// anybody copies it or not; in order it stays to be copied.
    fn is_written(&mut self) -> Result<bool, SourceError> {
        if self.order.as_ref().is_some_and(|it| it.has_begun) {
            return self.is_behind();
        }
        let Some(reader) = &mut self.reader else {
            return Ok(false);
        };
        if !reader.has_changed()? {
            return Ok(false);
        }
        if self.order.is_some() {
            return Ok(true);
        }
        match reader.mark_seen() {
            Ok(true) => {}
            // It is overwritten all the time, so it is certainly another one.
            Err(SharedMemoryError::Contended { .. }) => return Ok(true),
            other => return Ok(other?),
        }
        let version = reader.version();
        let is_new = version > self.told;
        self.told = version;
        self.learn();
        Ok(is_new)
    }

    pub(super) fn copy(&mut self, bytes: &mut Vec<u8>) -> Result<Copied, SourceError> {
        bytes.clear();
        let copied = match &self.order {
            None => self.copy_latest()?,
            Some(order) if order.has_begun => self.copy_next()?,
            Some(_) => self.copy_first()?,
        };
        if let (Copied::Whole | Copied::Next { .. }, Some(reader)) = (&copied, &self.reader) {
            self.counts.whole += 1;
            hand_over(reader, &self.value, bytes)?;
            self.learn();
        }
        Ok(copied)
    }

    fn copy_latest(&mut self) -> Result<Copied, SourceError> {
        let Some(reader) = &mut self.reader else {
            return Ok(Copied::Nothing);
        };
        match reader.latest_into(&mut self.value) {
            Ok(true) => {
                // What was told of before is not new any more.
                self.told = self.told.max(reader.version());
                Ok(Copied::Whole)
            }
            Ok(false) => Ok(Copied::Nothing),
            Err(error @ SharedMemoryError::Contended { .. }) => {
                self.counts.torn += 1;
                Ok(Copied::Torn(error.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Copies the value with which copies in order begin: the latest, unless it was copied before the region was opened
    /// again.
    fn copy_first(&mut self) -> Result<Copied, SourceError> {
        let before = self.told;
        let copied = self.copy_latest()?;
        if let (Some(order), Copied::Whole | Copied::Nothing) = (&mut self.order, &copied) {
            order.has_begun = true;
        }
        Ok(match copied {
            Copied::Whole if self.told == before => Copied::Nothing,
            Copied::Whole => Copied::Next { missed: 0 },
            copied => copied,
        })
    }

    fn copy_next(&mut self) -> Result<Copied, SourceError> {
        let (Some(reader), Some(order)) = (&mut self.reader, &mut self.order) else {
            return Ok(Copied::Nothing);
        };
        for _ in 0..ATTEMPTS {
            match reader.next_into(&mut self.value) {
                Ok(Some(Next::Message(()))) => {
                    self.told = reader.version();
                    let missed = std::mem::take(&mut order.missed);
                    return Ok(Copied::Next { missed });
                }
                Ok(Some(Next::Lagged(missed))) => {
                    order.missed = order.missed.saturating_add(missed);
                }
                Ok(None) => return Ok(Copied::Nothing),
                Err(error) if error.is_disconnected() => {
                    self.close();
                    return Ok(Copied::Nothing);
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.counts.torn += 1;
        Ok(Copied::Torn(format!(
            "each value was overwritten while it was copied, {ATTEMPTS} times"
        )))
    }

    /// Learns what the values of this generation are.
    fn learn(&mut self) {
        let Some(reader) = &self.reader else { return };
        let generation = reader.generation();
        if self.plan.as_ref().is_none_or(|(it, _)| *it != generation) {
            self.plan = Some((generation, plan(reader)));
        }
    }
}

/// Whether there is a next value within this time; `None` if there is none and the writer has gone.
fn has_next(reader: &mut BytesReader, timeout: Duration) -> Result<Option<bool>, SourceError> {
    match reader.wait_next(timeout) {
        Err(error) if error.is_disconnected() => Ok(None),
        has => Ok(Some(has?)),
    }
}

/// Makes `bytes` a copy of the region that has this value.
fn hand_over(reader: &BytesReader, value: &[u8], bytes: &mut Vec<u8>) -> Result<(), SourceError> {
    if let Content::Slice { capacity, .. } = reader.content() {
        let size = reader.size();
        let len = value.len().checked_div(size).unwrap_or(0);
        bytes.try_reserve(ELEMENTS + capacity * size)?;
        bytes.extend_from_slice(&(len as u64).to_le_bytes());
        bytes.extend_from_slice(value);
        // As long as any other, so that copies can be compared.
        bytes.resize(ELEMENTS + capacity * size, 0);
    } else {
        bytes.extend_from_slice(value);
    }
    Ok(())
}

/// What the values are that the region describes; nothing if its schema cannot be decoded.
fn plan(reader: &BytesReader) -> Option<Arc<Plan>> {
    let mut layout = Layout::from_schema("schema", reader.schema()).ok()?;
    if let Content::Slice { capacity, .. } = reader.content() {
        slice(&mut layout, reader.size() as u64, capacity);
    }
    Plan::new(&layout).ok().map(Arc::new)
}

/// Makes the layout of an element that of a copy of a slice.
fn slice(layout: &mut Layout, stride: u64, capacity: usize) {
    let Some(element) = layout.structs.first() else {
        return;
    };
    let table = Table {
        name: "values".to_owned(),
        of: element.name.clone(),
        at: Quantity::Number(ELEMENTS as u64),
        stride: Quantity::Number(stride),
        count: Quantity::Field("len".to_owned()),
        max: u32::try_from(capacity).map_or(MOST_ROWS, |it| it.min(MOST_ROWS)),
        doc: None,
        label: None,
        unit_from: None,
    };
    let len = r#"{"offset": 0, "name": "len", "type": "u64"}"#;
    let root = Struct {
        name: "Slice".to_owned(),
        size: None,
        fields: Vec::from_iter(serde_json::from_str(len).ok()),
        table: vec![table],
        doc: None,
    };
    layout.size = (ELEMENTS as u64).checked_add(stride.saturating_mul(capacity as u64));
    layout.structs.insert(0, root);
}
