//! [`State`], what leads to it, and what is said of it.

use std::fmt;
use std::time::Duration;

/// Where a region is in its life; see the [module](super).
///
/// # Examples
///
/// ```
/// use win_shared_memory::attachment::{Attachment, Sign, State};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut program = Attachment::new(r"Local\docs-state", |_| Ok(Sign::Live));
/// program.poll()?;
/// match program.state() {
///     State::Live => println!("it works"),
///     State::Frozen => println!("it hangs"),
///     _ => println!("it is not there"),
/// }
/// # assert_eq!(program.state(), State::Absent);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// There is no region of this name.
    #[default]
    Absent,
    /// The region does not hold a value yet.
    NotReady,
    /// The producer works.
    Live,
    /// The heartbeat has stood still for too long.
    Frozen,
    /// The producer has left.
    Closing,
}

/// What the region says of its producer: what the closure of an [`Attachment`](super::Attachment) returns.
///
/// # Examples
///
/// ```
/// use win_shared_memory::attachment::{Attachment, Sign, State};
/// # use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let link: SharedMemoryLink<[u32; 2], ReadWrite> = SharedMemoryLink::create(r"Local\docs-sign")?;
/// // A magic number, and a counter that counts up with every write.
/// let mut program = Attachment::new(r"Local\docs-sign", |view| {
///     Ok(match view.read::<[u32; 2]>(0)? {
///         [0, _] => Sign::NotReady,
///         [0xDEAD, _] => Sign::Closing,
///         [_, count] => Sign::Heartbeat(count.into()),
///     })
/// });
/// # program.poll()?;
/// # assert_eq!(program.state(), State::NotReady);
/// link.write(&[0x454D_4147, 1]);
/// program.poll()?;
/// assert_eq!(program.state(), State::Live);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Sign {
    /// The region does not hold a value yet: its magic is missing, its status bit is off.
    NotReady,
    /// The producer works, and nothing would show that it had stopped.
    Live,
    /// The producer works as long as this number changes.
    Heartbeat(i64),
    /// The producer has left: its magic is a dead one.
    Closing,
}

/// What is new since the last look.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::attachment::{Attachment, News, Sign};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut program = Attachment::new(r"Local\docs-news", |_| Ok(Sign::Live));
/// match program.wait(Duration::from_millis(10))? {
///     Some(News::Changed(change)) => println!("{change}"),
///     Some(News::Written) => println!("there is a new value"),
///     None => println!("nothing is new"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum News {
    /// The region is in another state, or is another region.
    Changed(Change),
    /// The producer has written: its heartbeat has moved, or it has set its event.
    Written,
}

/// How the life of a region has gone on.
///
/// # Examples
///
/// ```
/// use win_shared_memory::attachment::{Attachment, News, Sign, State};
/// # use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut program = Attachment::new(r"Local\docs-change", |_| Ok(Sign::Live));
/// # let link: SharedMemoryLink<f32, ReadWrite> = SharedMemoryLink::create(r"Local\docs-change")?;
/// let Some(News::Changed(change)) = program.poll()? else {
///     panic!("the region is new");
/// };
/// assert_eq!((change.from, change.to), (State::Absent, State::Live));
/// assert!(change.is_new_region);
/// assert_eq!(change.to_string(), "the region is live");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// The state at the last look.
    pub from: State,
    /// The state now.
    pub to: State,
    /// Whether the region is not the one of the last look: it has appeared, or replaced the other under its name. A
    /// region that replaced another and has the same first 256 KiB is not told from it; its view is taken all the same.
    /// What was opened beside it, such as a [`LockRegion`](crate::consistency::LockRegion), may have been replaced
    /// too.
    pub is_new_region: bool,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.to {
            State::Absent => "the region is gone",
            State::NotReady => "the region is there, and is not ready",
            State::Live if self.is_new_region && self.from != State::Absent => {
                "the region was replaced, and is live"
            }
            State::Live => "the region is live",
            State::Frozen => "the region is frozen: its heartbeat stands still",
            State::Closing => "the producer of the region has left",
        })
    }
}

/// Whether an [`Attachment`](super::Attachment) holds a handle to its region, which keeps its name alive. The
/// [module](super) says what each can notice.
///
/// # Examples
///
/// ```
/// use win_shared_memory::attachment::{Attachment, Options, Policy, Sign};
/// # use win_shared_memory::{ReadWrite, SharedMemoryLink};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// # let link: SharedMemoryLink<u32, ReadWrite> = SharedMemoryLink::create(r"Local\docs-policy")?;
/// let options = Options { policy: Policy::Keep, ..Options::default() };
/// let mut program = Attachment::with_options(r"Local\docs-policy", options, |_| Ok(Sign::Live));
/// program.poll()?;
/// drop(link);
/// assert!(SharedMemoryLink::<u32>::open(r"Local\docs-policy").is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Policy {
    /// Holds a view alone, so that the region ends with its producer, and a new one can have its name.
    #[default]
    LetGo,
    /// Holds a handle, so that the region and its last value stay when its producer ends.
    Keep,
}

/// How an [`Attachment`](super::Attachment) follows its region.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use win_shared_memory::attachment::{Attachment, Options, Sign};
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let options = Options {
///     frozen_after: Duration::from_secs(1),
///     event: Some(r"Local\docs-options-event".into()),
///     ..Options::default()
/// };
/// let mut program = Attachment::with_options(r"Local\docs-attachment-options", options, |_| Ok(Sign::Live));
/// assert_eq!(program.poll()?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Options {
    /// Whether it holds a handle.
    pub policy: Policy,
    /// How long the heartbeat may stand still before the region counts as frozen. The default is 5 s.
    pub frozen_after: Duration,
    /// How often the name of a live region is looked up again, without a handle to it. The default is 1 s.
    pub look_up_every: Duration,
    /// The name of the event that the producer sets when it has written, which
    /// [`wait`](super::Attachment::wait) waits for. Setting an auto-reset event wakes one of all programs that wait, so
    /// the heartbeat is looked at as well. A manual-reset event that stays set ends every wait at once: leave it out.
    pub event: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            frozen_after: Duration::from_secs(5),
            look_up_every: Duration::from_secs(1),
            event: None,
        }
    }
}
