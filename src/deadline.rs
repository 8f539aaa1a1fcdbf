//! [`Deadline`], the one place where a `Duration` becomes a point in time and Win32 milliseconds, and [`Timeout`].

use std::time::{Duration, Instant};

/// A point in time, or never.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// A deadline that never passes.
    pub(crate) const NEVER: Self = Self(None);

    /// A deadline that passes after this time, or never if the clock cannot express that.
    pub(crate) fn after(timeout: Duration) -> Self {
        Self(Instant::now().checked_add(timeout))
    }

    /// The time left; `Duration::MAX` for a deadline that never passes.
    pub(crate) fn left(self) -> Duration {
        self.0.map_or(Duration::MAX, |at| {
            at.saturating_duration_since(Instant::now())
        })
    }

    /// The time left in whole milliseconds, rounded up so that a wait of that length passes the deadline.
    /// `u32::MAX`, which means forever to Win32, is returned only for a deadline that never passes; a longer
    /// time is waited for in parts.
    pub(crate) fn millis_left(self) -> u32 {
        if self.0.is_none() {
            return u32::MAX;
        }
        let millis = self.left().as_nanos().div_ceil(1_000_000);
        u32::try_from(millis).map_or(u32::MAX - 1, |it| it.min(u32::MAX - 1))
    }
}

/// A timeout that begins with the first question for the time left: usually the caller finds what it waits for
/// before that, which costs less than the clock.
pub(crate) struct Timeout {
    after: Duration,
    deadline: Option<Deadline>,
}

impl Timeout {
    /// `Duration::MAX` never passes.
    pub(crate) fn new(after: Duration) -> Self {
        Self {
            after,
            deadline: None,
        }
    }

    /// Its whole length.
    pub(crate) fn after(&self) -> Duration {
        self.after
    }

    pub(crate) fn left(&mut self) -> Duration {
        let after = self.after;
        self.deadline
            .get_or_insert_with(|| Deadline::after(after))
            .left()
    }
}

#[cfg(test)]
mod tests {
    use super::Deadline;
    use std::time::Duration;

    #[test]
    fn time_left_is_rounded_up_and_never_for_ever() {
        assert_eq!(Deadline::NEVER.millis_left(), u32::MAX);
        assert_eq!(Deadline::after(Duration::MAX).millis_left(), u32::MAX);
        assert_eq!(Deadline::after(Duration::ZERO).millis_left(), 0);
        assert_eq!(
            Deadline::after(Duration::from_secs(u64::from(u32::MAX))).millis_left(),
            u32::MAX - 1
        );
        let soon = Deadline::after(Duration::from_millis(60_000) - Duration::from_nanos(1));
        assert!((59_000..=60_000).contains(&soon.millis_left()));
    }
}
