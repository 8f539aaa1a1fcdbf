//! Regions that are held as their real producers hold them: for `serve` and `replay`, and for mirrors.

mod content;
mod farewell;
mod lock;
mod signal;

mod mirrored;

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::consistency::in_order;
use win_shared_memory::{ReadWrite, Section, SharedMemoryError, View};
use win_shared_memory_layouts::{Locator, Plan, Sign};
use winshm_core::escape;

use crate::failure::{Code, Failure, Result};
use content::Content;
use signal::Signal;

pub use mirrored::Mirrored;

/// How often it is looked whether another program writes.
const LOOK: Duration = Duration::from_millis(20);

/// A region, and what its readers are told while it is written.
pub(crate) struct Producer {
    view: View<ReadWrite>,
    /// Keeps the name.
    _section: Section<ReadWrite>,
    signal: Signal,
    plan: Option<Arc<Plan>>,
    /// What is in the region.
    last: Vec<u8>,
}

impl Producer {
    /// Creates a region of this size. It must not be there: its real producer would write to it as well.
    pub(crate) fn create(name: &str, size: usize, plan: Option<Arc<Plan>>) -> Result<Self> {
        let section = Section::create(name, size as u64);
        Self::new(section.map_err(|error| refused(name, &error))?, size, plan)
    }

    /// Creates a region of this size, or takes over one that only readers still hold: its producer marked it before
    /// leaving, never began to write, or has been silent for so long that the region counts as frozen. If this has to wait
    /// for that, it says so.
    pub(crate) fn take_over(name: &str, size: usize, plan: Arc<Plan>) -> Result<Self> {
        let failed = |error| Failure::new(Code::Failed, error);
        let error = match Section::create(name, size as u64) {
            Ok(section) => return Self::new(section, size, Some(plan)),
            Err(error) => error,
        };
        if !matches!(error, SharedMemoryError::AlreadyExists) {
            return Err(refused(name, &error));
        }
        let section: Section<ReadWrite> = Section::open_existing(name).map_err(failed)?;
        let view = section.map().map_err(failed)?;
        if is_produced(name, &view, &plan).map_err(failed)? {
            return Err(refused(name, &error));
        }
        if view.len() < size {
            let message = format_args!(
                "`{}` has {} bytes, and {size} are needed; end the programs that hold it",
                escape(name),
                view.len()
            );
            return Err(Failure::new(Code::Failed, message));
        }
        let mut this = Self::new(section, size, Some(plan))?;
        this.view.read_bytes(0, &mut this.last).map_err(failed)?;
        this.signal.seize();
        Ok(this)
    }

    fn new(section: Section<ReadWrite>, size: usize, plan: Option<Arc<Plan>>) -> Result<Self> {
        let failed = |error| Failure::new(Code::Failed, error);
        let view = section.map().map_err(failed)?;
        let signal = Signal::new(plan.as_deref()).map_err(failed)?;
        let last = vec![0; view.len().min(size)];
        Ok(Self {
            view,
            _section: section,
            signal,
            plan,
            last,
        })
    }

    /// How many writes the region tells of: those of the program that had it before.
    pub(crate) fn writes(&self) -> i64 {
        self.signal.writes(self.plan.as_deref(), &self.last)
    }

    /// Stores a copy: what [`Source::copy`](winshm_core::Source::copy) gives, with the newest of several buffers at the
    /// place of the first. Its readers see it whole or not at all, if they keep the convention; of the first, they are
    /// told last that it is there. What is longer than the region is left out.
    pub(crate) fn store(&mut self, bytes: &[u8]) -> Result<()> {
        let bytes = &bytes[..bytes.len().min(self.last.len())];
        let plan = self.plan.as_deref();
        let mut content = Content::new(&self.view, plan, &mut self.last, bytes);
        match self.signal.during(&self.view, plan, bytes, &mut content) {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::new(
                Code::TimedOut,
                "a program keeps the lock of the region; it may have ended while it had it",
            )),
            Err(error) => Err(Failure::new(Code::Failed, error)),
        }
    }

    /// Marks the region as one whose producer has left, as the real one does, in one last write.
    pub(crate) fn close(mut self) -> Result<()> {
        let Some(plan) = self.plan.clone() else {
            return Ok(());
        };
        let mut bytes = self.last.clone();
        if !farewell::mark(&plan, &mut bytes) {
            return Ok(());
        }
        self.signal.advance(Some(&plan), &mut bytes);
        self.store(&bytes)
    }
}

fn refused(name: &str, error: &SharedMemoryError) -> Failure {
    let (code, advice) = match error {
        SharedMemoryError::AlreadyExists => (Code::Failed, "; a program has it already"),
        error if error.is_access_denied() => (
            Code::Denied,
            "; a name in `Global\\` takes an administrator",
        ),
        _ => (Code::Failed, ""),
    };
    let message = format_args!("cannot create `{}`: {error}{advice}", escape(name));
    Failure::new(code, message)
}

/// Whether a program writes to a region, or cannot be shown not to.
fn is_produced(name: &str, view: &View<ReadWrite>, plan: &Plan) -> Result<bool, SharedMemoryError> {
    let sign = || -> Result<Sign, SharedMemoryError> {
        let mut bytes = vec![0; view.len().min(plan.size())];
        view.read_bytes(0, &mut bytes)?;
        Ok(plan.sign(|place| place.integer(bytes.get(range(place))?)))
    };
    let first = sign()?;
    if !matches!(first, Sign::Heartbeat(_)) {
        return Ok(first == Sign::Live);
    }
    let heartbeat = plan.layout().heartbeat.as_ref();
    let patience = heartbeat.map_or(0, |it| it.frozen_ms);
    let patience = Duration::from_millis(u64::from(patience));
    // Nothing depends on whether that can be said.
    let _ = writeln!(
        std::io::stderr(),
        "{} is there; waiting {} s to see whether a program writes to it",
        escape(name),
        patience.as_secs_f64()
    );
    let began = Instant::now();
    while began.elapsed() < patience {
        thread::sleep(LOOK);
        if sign()? != first {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The bytes of a number.
fn range(place: Locator) -> Range<usize> {
    place.offset..place.offset + place.scalar.size()
}

/// Stores a number where a layout has it, in order: it tells readers of what is stored before or after it.
fn store(view: &View<ReadWrite>, place: Locator, number: i64) -> Result<(), SharedMemoryError> {
    let bytes = &number.to_le_bytes()[..place.scalar.size()];
    in_order(|| view.write_bytes(place.offset, bytes))
}
