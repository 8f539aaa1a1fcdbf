//! [`Attachment`].

use std::fmt;
use std::mem;
use std::thread;
use std::time::{Duration, Instant};

use super::state::{Change, News, Options, Policy, Sign, State};
use crate::deadline::Timeout;
use crate::error::SharedMemoryError;
use crate::region::section::Section;
use crate::region::view::View;
use crate::sync::Event;

/// How often a waiting caller looks at a live region that has no event.
const LIVE: Duration = Duration::from_millis(1);

/// How often it looks at any other, and for one.
const NOT_LIVE: Duration = Duration::from_millis(16);

/// How long it relies on the event.
const SLICE: Duration = Duration::from_millis(50);

/// How much of two regions is compared.
const COMPARED: usize = 256 << 10;

type ReadSign = dyn FnMut(&View) -> Result<Sign, SharedMemoryError> + Send;

/// A region of another program, from before it appears until after it is gone; see the [module](super).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::attachment::{Attachment, News, Sign};
/// # use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut program = Attachment::new(r"Local\docs-follow", |_| Ok(Sign::Live));
/// # let link: SharedMemoryLink<f32, ReadWrite> = SharedMemoryLink::create(r"Local\docs-follow")?;
/// if let Some(News::Changed(change)) = program.wait(Duration::from_secs(1))? {
///     println!("{change}");
/// }
/// if let Some(view) = program.live() {
///     println!("{} km/h", view.read::<f32>(0)?);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Attachment {
    name: String,
    options: Options,
    sign: Box<ReadSign>,
    state: State,
    region: Option<Region>,
}

/// The region that had the name at the last look.
struct Region {
    view: View,
    /// With [`Policy::Keep`].
    _section: Option<Section>,
    event: Option<Event>,
    heartbeat: Option<i64>,
    moved: Instant,
    looked_up: Instant,
}

impl Attachment {
    /// Follows the region of this name with the default [`Options`]. Nothing is opened before the first look.
    ///
    /// `sign` reads from the region what it says of its producer. An error of it counts as [`Sign::NotReady`]: the
    /// region is too small for what it reads. It is called once in each look.
    pub fn new(
        name: &str,
        sign: impl FnMut(&View) -> Result<Sign, SharedMemoryError> + Send + 'static,
    ) -> Self {
        Self::with_options(name, Options::default(), sign)
    }

    /// Follows the region of this name.
    ///
    /// # Examples
    ///
    /// A recorder that keeps the last value of a program that was killed:
    ///
    /// ```
    /// use std::time::Duration;
    /// use win_shared_memory::attachment::{Attachment, Options, Policy, Sign, State};
    /// # use win_shared_memory::{ReadWrite, SharedMemoryLink};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// # let link: SharedMemoryLink<u32, ReadWrite> = SharedMemoryLink::create(r"Local\docs-keep")?;
    /// # link.write(&7);
    /// let options = Options {
    ///     policy: Policy::Keep,
    ///     frozen_after: Duration::from_millis(20),
    ///     ..Options::default()
    /// };
    /// let mut program = Attachment::with_options(r"Local\docs-keep", options, |view| {
    ///     Ok(Sign::Heartbeat(view.read::<u32>(0)?.into()))
    /// });
    /// program.poll()?;
    /// # drop(link);
    /// // It is killed.
    /// program.wait(Duration::from_secs(1))?;
    /// assert_eq!(program.state(), State::Frozen);
    /// assert_eq!(program.view().expect("it is kept").read::<u32>(0)?, 7);
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_options(
        name: &str,
        options: Options,
        sign: impl FnMut(&View) -> Result<Sign, SharedMemoryError> + Send + 'static,
    ) -> Self {
        Self {
            name: name.into(),
            options,
            sign: Box::new(sign),
            state: State::Absent,
            region: None,
        }
    }

    /// Looks once, without waiting. `None` if nothing is new since the last look.
    ///
    /// # Errors
    ///
    /// Those of [`Section::open`] and [`Section::map`], except that an absent region is not an error: the region
    /// may not be read, another kind of object has its name, or the name is not valid. The state does not change.
    ///
    /// # Examples
    ///
    /// ```
    /// use win_shared_memory::attachment::{Attachment, News, Sign, State};
    /// use win_shared_memory::{ReadWrite, SharedMemoryLink};
    ///
    /// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
    /// let mut counter = Attachment::new(r"Local\docs-attachment", |view| {
    ///     Ok(Sign::Heartbeat(view.read::<u32>(0)?.into()))
    /// });
    /// assert_eq!(counter.poll()?, None);
    ///
    /// let link: SharedMemoryLink<u32, ReadWrite> =
    ///     SharedMemoryLink::create(r"Local\docs-attachment")?;
    /// assert!(matches!(counter.poll()?, Some(News::Changed(change)) if change.to == State::Live));
    /// link.write(&1);
    /// assert_eq!(counter.poll()?, Some(News::Written));
    /// # Ok(())
    /// # }
    /// ```
    pub fn poll(&mut self) -> Result<Option<News>, SharedMemoryError> {
        let is_new_region = self.look_up()?;
        let (to, is_written) = self.look();
        let from = mem::replace(&mut self.state, to);
        Ok(if from != to || is_new_region {
            Some(News::Changed(Change {
                from,
                to,
                is_new_region,
            }))
        } else {
            is_written.then_some(News::Written)
        })
    }

    /// Looks until something is new, at most for `timeout`; `None` then. [`Duration::MAX`] waits without a limit.
    ///
    /// A live region is looked at when its producer sets its [event](Options::event), and about every millisecond if
    /// it has none; any other about every 16 ms.
    ///
    /// # Errors
    ///
    /// As for [`poll`](Self::poll).
    pub fn wait(&mut self, timeout: Duration) -> Result<Option<News>, SharedMemoryError> {
        let mut timeout = Timeout::new(timeout);
        loop {
            if let Some(news) = self.poll()? {
                return Ok(Some(news));
            }
            let left = timeout.left();
            if left.is_zero() {
                return Ok(None);
            }
            if self.pause(left)? {
                return Ok(Some(self.poll()?.unwrap_or(News::Written)));
            }
        }
    }

    /// The state at the last look.
    #[must_use]
    pub fn state(&self) -> State {
        self.state
    }

    /// The bytes of the region if it was [`Live`](State::Live) at the last look. The next look may take another view.
    #[must_use]
    pub fn live(&self) -> Option<&View> {
        self.view().filter(|_| self.state == State::Live)
    }

    /// The bytes of the region in any state but [`Absent`](State::Absent): what is left of it while it is not live.
    #[must_use]
    pub fn view(&self) -> Option<&View> {
        self.region.as_ref().map(|it| &it.view)
    }

    /// The name as given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes the region that has the name, if it is time to see which that is. Tells whether it is another.
    fn look_up(&mut self) -> Result<bool, SharedMemoryError> {
        if let Some(region) = &self.region {
            let is_held = self.options.policy == Policy::Keep;
            let is_fresh = region.looked_up.elapsed() < self.options.look_up_every;
            if is_held || (is_fresh && self.state == State::Live) {
                return Ok(false);
            }
        }
        let found = match Section::open(&self.name) {
            Ok(section) => Region::new(section, self.options.policy)?,
            Err(error) if error.is_not_found() => {
                self.region = None;
                return Ok(false);
            }
            Err(error) => return Err(error),
        };
        match &mut self.region {
            Some(region) if is_alike(&region.view, &found.view) => {
                region.view = found.view;
                region.looked_up = found.looked_up;
                Ok(false)
            }
            region => {
                *region = Some(found);
                Ok(true)
            }
        }
    }

    /// The state, and whether the producer has written since the last look.
    fn look(&mut self) -> (State, bool) {
        let Some(region) = &mut self.region else {
            return (State::Absent, false);
        };
        match (self.sign)(&region.view) {
            Ok(Sign::Live) => (State::Live, false),
            Ok(Sign::Closing) => (State::Closing, false),
            Ok(Sign::NotReady) | Err(_) => (State::NotReady, false),
            Ok(Sign::Heartbeat(beat)) => {
                let has_moved = region.heartbeat.replace(beat) != Some(beat);
                if has_moved {
                    region.moved = Instant::now();
                }
                match has_moved || region.moved.elapsed() < self.options.frozen_after {
                    true => (State::Live, has_moved),
                    false => (State::Frozen, false),
                }
            }
        }
    }

    /// Waits until it is time for the next look; `true` if the producer has set its event.
    fn pause(&mut self, left: Duration) -> Result<bool, SharedMemoryError> {
        if let (Some(region), Some(event)) = (&mut self.region, &self.options.event) {
            if region.event.is_none() {
                // Its producer may create it later.
                region.event = Event::open_to_wait(event).ok();
            }
            if let Some(event) = &region.event {
                return event.wait_timeout(SLICE.min(left));
            }
        }
        let pause = match self.state {
            State::Live => LIVE,
            _ => NOT_LIVE,
        };
        thread::sleep(pause.min(left));
        Ok(false)
    }
}

impl Region {
    fn new(section: Section, policy: Policy) -> Result<Self, SharedMemoryError> {
        let now = Instant::now();
        Ok(Self {
            view: section.map()?,
            _section: (policy == Policy::Keep).then_some(section),
            event: None,
            heartbeat: None,
            moved: now,
            looked_up: now,
        })
    }
}

/// Whether two views may be of one region.
fn is_alike(last: &View, now: &View) -> bool {
    const PART: usize = 4096;
    last.len() == now.len()
        && (0..last.len().min(COMPARED))
            .step_by(PART)
            .all(|at| !differs(last, now, at, PART.min(last.len() - at)))
}

/// Whether bytes are other ones in the two views. In one region they may be written between two looks, so they differ
/// only if those of the first stand still and those of the second are others again and again.
fn differs(last: &View, now: &View, at: usize, len: usize) -> bool {
    const LOOKS: u32 = 3;
    let read = |view: &View| {
        let mut bytes = [0; 4096];
        view.read_bytes(at, &mut bytes[..len]).map(|()| bytes).ok()
    };
    let before = read(last);
    (0..LOOKS).all(|_| read(now) != before && read(last) == before)
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment")
            .field("name", &self.name)
            .field("options", &self.options)
            .field("state", &self.state)
            .field("view", &self.view())
            .finish_non_exhaustive()
    }
}
