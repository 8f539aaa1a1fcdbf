//! How large a ring of [`ring`](super::ring) is, and what its records take.

/// How many bytes are sent before the sender looks again whether it may turn, if it could last time.
const WARM: u32 = 1024;

const FEWEST: u32 = 4;
const MOST: u32 = 1 << 28;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Size {
    units: u32,
    /// The bytes of one are 2 to the power of this: a division takes longer than all else that a message needs.
    unit_log: u32,
    /// How many are promised to be free when nothing is unread.
    pub(super) promised: u32,
    pub(super) messages: Messages,
}

/// How long messages are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Messages {
    /// All have so many bytes.
    Of(u32),
    /// Each has a length of its own, which its record begins with.
    OfAnyLength,
}

impl Size {
    /// A ring of so many units of so many bytes, both powers of two, of which so many units are promised; `None` if there
    /// is none of that size.
    pub(crate) const fn new(
        units: u32,
        unit: u32,
        promised: u32,
        messages: Messages,
    ) -> Option<Self> {
        let fits = units >= FEWEST
            && units <= MOST
            && units.is_power_of_two()
            && unit >= 4
            && unit.is_power_of_two()
            && promised <= units;
        if fits {
            Some(Self {
                units,
                unit_log: unit.trailing_zeros(),
                promised,
                messages,
            })
        } else {
            None
        }
    }

    /// The bytes of the longest message that there may be. A record takes half of the ring at most: so it fits into an
    /// empty one wherever that begins.
    #[inline(always)]
    pub(crate) const fn longest(self) -> u32 {
        let longest = (self.units / 2 - self.before()) as u64 * self.unit() as u64;
        if longest < u32::MAX as u64 {
            longest as u32
        } else {
            u32::MAX
        }
    }

    /// Units of a record before its message.
    #[inline(always)]
    pub(crate) const fn before(self) -> u32 {
        match self.messages {
            Messages::Of(_) => 0,
            Messages::OfAnyLength => 1,
        }
    }

    pub(crate) const fn units(self) -> u32 {
        self.units
    }

    /// Bytes of one.
    #[inline(always)]
    pub(crate) const fn unit(self) -> u32 {
        1 << self.unit_log
    }

    #[inline(always)]
    pub(super) fn record(self, len: u32) -> u32 {
        let rounded_up = u64::from(len) + u64::from(self.unit() - 1);
        self.before() + (rounded_up >> self.unit_log) as u32
    }

    #[inline(always)]
    pub(super) fn offset(self, position: u32) -> u32 {
        position & (self.units - 1)
    }

    /// From the position to the end of the ring.
    #[inline(always)]
    pub(super) fn rest(self, position: u32) -> u32 {
        self.units - self.offset(position)
    }

    /// Whether the end of the ring is between the first of some units and the last.
    pub(super) fn is_end_between(self, head: u32, tail: u32) -> bool {
        self.offset(head) + tail.wrapping_sub(head) > self.units
    }

    /// How many units are sent before the sender looks again whether it may turn.
    pub(super) const fn warm(self) -> u32 {
        let units = WARM >> self.unit_log;
        if units > 0 { units } else { 1 }
    }

    /// Where the quarter of the ring begins that the position is in.
    pub(super) fn quarter(self, position: u32) -> u32 {
        position & !(self.units / 4 - 1)
    }
}
