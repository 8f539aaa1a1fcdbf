//! [`Draft`].

use std::fmt;
use std::marker::PhantomData;

use crate::access::ReadWrite;
use crate::data::SharedData;
use crate::link::field::IntoPlace;
use crate::place::Place;
use crate::protocol::publisher::Publisher;

/// A value that a [`snapshot::Writer`](crate::snapshot::Writer) or a [`broadcast::Sender`](crate::broadcast::Sender)
/// builds in place. If it is dropped without [`publish`](Self::publish), nothing is published.
///
/// # Examples
///
/// ```
/// use win_shared_memory::snapshot::{Reader, Writer};
/// use win_shared_memory::{SharedData, field};
///
/// #[derive(Clone, Copy, SharedData)]
/// #[repr(C)]
/// struct Car {
///     speed: f32,
///     laps: [f32; 100],
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let mut writer = Writer::<Car>::register(r"Local\docs-snapshot-draft")?;
/// let draft = writer.draft_from_zeros();
/// field!(draft.speed).write(&41.5);
/// draft.publish();
/// // The next value, in which one lap is another.
/// let draft = writer.draft_from_last();
/// field!(draft.laps[0]).write(&92.5);
/// draft.publish();
///
/// let mut reader = Reader::<Car>::open(r"Local\docs-snapshot-draft")?;
/// let car = reader.latest()?.expect("a car was published");
/// assert_eq!((car.speed, car.laps[0]), (41.5, 92.5));
/// # Ok(())
/// # }
/// ```
#[must_use = "readers do not see a draft until it is published"]
pub struct Draft<'a, T> {
    publisher: &'a mut Publisher,
    slot: u32,
    value: PhantomData<fn(T)>,
}

impl<'a, T: SharedData> Draft<'a, T> {
    fn begin(publisher: &'a mut Publisher) -> Self {
        Self {
            slot: publisher.begin(),
            publisher,
            value: PhantomData,
        }
    }

    /// From a whole value.
    #[inline]
    pub(crate) fn of(publisher: &'a mut Publisher, value: &T) -> Self {
        let draft = Self::begin(publisher);
        draft.place().write(value);
        step!();
        draft
    }

    pub(crate) fn from_zeros(publisher: &'a mut Publisher) -> Self {
        let draft = Self::begin(publisher);
        draft.place().zero();
        step!();
        draft
    }

    /// From the value published last.
    pub(crate) fn from_last(publisher: &'a mut Publisher) -> Self {
        let last = publisher.last();
        let draft = Self::begin(publisher);
        let last: Place<'_, T, ReadWrite> = draft.publisher.payload.value(last);
        draft.place().copy_from(last);
        step!();
        draft
    }

    /// Where the value is, to be written part by part: `field!(draft.speed).write(&120.5)`.
    #[must_use]
    pub fn place(&self) -> Place<'_, T, ReadWrite> {
        self.publisher.payload.value(self.slot)
    }

    /// Publishes the value and returns its version.
    pub fn publish(self) -> u64 {
        self.publisher.publish()
    }
}

impl<'a, T: SharedData> IntoPlace for &'a Draft<'_, T> {
    type Place = Place<'a, T, ReadWrite>;

    #[inline]
    fn into_place(self) -> Self::Place {
        self.place()
    }
}

impl<T> fmt::Debug for Draft<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draft")
            .field("version", &(self.publisher.version + 1))
            .finish_non_exhaustive()
    }
}
