//! [`Slots`].

use std::sync::atomic::{AtomicU32, Ordering, fence};

use win_shared_memory::{Place, ReadOnly, Section, SharedData, View};

use crate::Memcpy;

const LATEST: usize = 128;

/// The slots of a snapshot, read as FORMAT.md says and not by the library: to copy them without
/// asking whether they are whole, and to count attempts.
#[derive(Debug)]
pub struct Slots {
    view: View<ReadOnly>,
    /// How many there are.
    pub count: u32,
    first: usize,
    stride: usize,
    /// From a slot to its value.
    head: usize,
    memcpy: Memcpy,
}

impl Slots {
    /// Those of the snapshot of this name.
    #[must_use]
    pub fn open(name: &str) -> Self {
        let map = |name: &str| {
            let section = Section::<ReadOnly>::open(name).expect("the writer made it");
            section.map().expect("there is room")
        };
        let read = |view: &View<ReadOnly>, at: usize| -> u64 { view.read(at).expect("a header") };
        let generation = read(&map(name), 32);
        let view = map(&format!("{name}~{generation:x}"));
        let align = read(&view, 32) as u32;
        let slots = Self {
            count: (read(&view, 8) >> 32) as u32,
            first: read(&view, 48) as usize,
            stride: read(&view, 56) as usize,
            head: align.max(128) as usize,
            memcpy: Memcpy::of_this_program(),
            view,
        };
        assert!(slots.first + slots.stride * slots.count as usize <= slots.view.len());
        slots
    }

    fn word(&self, at: usize) -> &AtomicU32 {
        assert!(at.is_multiple_of(4) && at + 4 <= self.view.len());
        // SAFETY: inside the view and aligned. Assumption: others change it atomically.
        unsafe { AtomicU32::from_ptr(self.view.as_ptr().add(at).cast_mut().cast()) }
    }

    /// The slot of the last version.
    #[must_use]
    #[inline]
    pub fn latest(&self) -> usize {
        let latest = self.word(LATEST).load(Ordering::Relaxed);
        fence(Ordering::Acquire);
        self.start(latest)
    }

    #[inline]
    fn start(&self, version: u32) -> usize {
        self.first + (version & (self.count - 1)) as usize * self.stride
    }

    /// Copies the value of the slot that begins there with `memcpy`, whatever it holds.
    #[inline]
    pub fn copy<T: SharedData>(&self, slot: usize, to: &mut T) {
        assert!(slot + self.head + size_of::<T>() <= self.view.len());
        // SAFETY: just checked. Any bytes may be left in `to`: see the types used. That others write
        // meanwhile is what is measured, and why the function is called by its address.
        unsafe {
            let from = self.view.as_ptr().add(slot + self.head);
            self.memcpy
                .copy(from, (&raw mut *to).cast(), size_of::<T>());
        }
    }

    /// Where that value is, for the library's own copy.
    #[must_use]
    #[inline]
    pub fn place<T: SharedData>(&self, slot: usize) -> Place<'_, T, ReadOnly> {
        self.view.place(slot + self.head).expect("a slot")
    }

    /// Reads the last value whole and tells how many attempts that took.
    pub fn read<T: SharedData>(&self, mut copy: impl FnMut(Place<'_, T, ReadOnly>)) -> u32 {
        for attempt in 1.. {
            let latest = self.word(LATEST).load(Ordering::Relaxed);
            fence(Ordering::Acquire);
            let slot = self.start(latest);
            let (lo, hi) = (self.word(slot), self.word(slot + 4));
            let high = hi.load(Ordering::Relaxed);
            fence(Ordering::Acquire);
            let low = lo.load(Ordering::Relaxed);
            if low & 1 != 0 {
                continue;
            }
            fence(Ordering::Acquire);
            copy(self.place(slot));
            fence(Ordering::Acquire);
            let low_after = lo.load(Ordering::Relaxed);
            fence(Ordering::Acquire);
            let high_after = hi.load(Ordering::Relaxed);
            let version = (u64::from(high) << 32 | u64::from(low)) >> 1;
            if (low_after, high_after) == (low, high) && version as u32 == latest {
                return attempt;
            }
        }
        unreachable!("no end of attempts")
    }
}
