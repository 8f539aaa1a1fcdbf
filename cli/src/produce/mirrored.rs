//! [`Mirrored`]

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use win_shared_memory_layouts::Plan;
use winshm_core::{State, escape};

use super::Producer;
use crate::failure::Result;

/// A region that is held here as a copy of one on another computer, however its copies get here.
pub struct Mirrored {
    name: String,
    name_here: String,
    gone: Duration,
    /// Whether the region exists there, according to the last report.
    is_there: bool,
    held: Option<Held>,
}

/// The region here, while there is something to hold.
struct Held {
    producer: Producer,
    len: usize,
    /// When something arrived last while the region existed there.
    seen: Instant,
}

impl Mirrored {
    /// Holds nothing yet. The region is called `name` there and `name_here` here, which is the same name if it is `None`.
    /// It is removed when nothing has been heard of it for `gone`.
    #[must_use]
    pub fn new(name: &str, name_here: Option<&str>, gone: Duration) -> Self {
        Self {
            name: name.to_owned(),
            name_here: name_here.unwrap_or(name).to_owned(),
            gone,
            is_there: false,
            held: None,
        }
    }

    /// Starts over with a new connection, which has not reported yet whether the region exists.
    pub fn forget(&mut self) {
        self.is_there = false;
    }

    /// Takes the state that the region has there.
    pub fn tell(&mut self, state: State) {
        self.is_there = state != State::Absent;
    }

    /// Stores a copy, if the region exists there. Creates it here if there is none of this size, and says so on `out`.
    ///
    /// # Errors
    ///
    /// A program here has a region of this name, or it cannot be created or written.
    pub fn store(
        &mut self,
        bytes: &[u8],
        plan: Option<&Arc<Plan>>,
        out: &mut impl Write,
    ) -> Result<()> {
        if !self.is_there {
            return Ok(());
        }
        if let Some(other) = self.held.take_if(|it| it.len != bytes.len()) {
            other.producer.close()?;
        }
        let held = match &mut self.held {
            Some(held) => held,
            None => {
                let name = &self.name_here;
                let producer = match plan {
                    // Programs may still hold the region that was here before.
                    Some(plan) => Producer::take_over(name, bytes.len(), Arc::clone(plan))?,
                    None => Producer::create(name, bytes.len(), None)?,
                };
                writeln!(
                    out,
                    "{} is mirrored as {}",
                    escape(&self.name),
                    escape(name)
                )?;
                out.flush()?;
                self.held.insert(Held {
                    producer,
                    len: bytes.len(),
                    seen: Instant::now(),
                })
            }
        };
        held.producer.store(bytes)
    }

    /// Removes the region if nothing has arrived, or it has been absent, for too long. `heard` is when something arrived
    /// last, and `None` while there is no connection.
    ///
    /// # Errors
    ///
    /// It cannot be marked as one whose producer has left.
    pub fn keep(&mut self, heard: Option<Instant>, out: &mut impl Write) -> Result<()> {
        let heard = heard.filter(|_| self.is_there);
        if let Some((held, heard)) = self.held.as_mut().zip(heard) {
            held.seen = heard;
        }
        let Some(held) = self.held.take_if(|it| it.seen.elapsed() > self.gone) else {
            return Ok(());
        };
        held.producer.close()?;
        writeln!(out, "{} is gone", escape(&self.name_here))?;
        Ok(out.flush()?)
    }

    /// Removes the region, marked as one whose producer has left.
    ///
    /// # Errors
    ///
    /// It cannot be marked.
    pub fn close(self) -> Result<()> {
        self.held.map_or(Ok(()), |it| it.producer.close())
    }
}

impl fmt::Debug for Mirrored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mirrored")
            .field("name", &self.name)
            .field("name_here", &self.name_here)
            .field("is_held", &self.held.is_some())
            .finish_non_exhaustive()
    }
}
