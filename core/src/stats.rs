//! [`Stats`]

use std::collections::VecDeque;

/// What a number has been: the least, the greatest and the mean of all its values, and the course of the last.
///
/// ```
/// use winshm_core::Stats;
///
/// let mut stats = Stats::default();
/// (1..=100).for_each(|number| stats.add(f64::from(number)));
/// assert_eq!((stats.min(), stats.max(), stats.mean()), (Some(1.0), Some(100.0), Some(50.5)));
/// assert_eq!(stats.quantile(0.95), Some(95.0));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Stats {
    count: u64,
    mean: f64,
    extremes: Option<(f64, f64)>,
    recent: VecDeque<f64>,
}

/// How many values quantiles and courses are of: 17 s at 60 Hz.
const RECENT: usize = 1024;

impl Stats {
    /// Adds a value. One that is not a number is left out.
    pub fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.count += 1;
        // B. P. Welford, 1962: no sum that grows.
        self.mean += (value - self.mean) / self.count as f64;
        let (min, max) = self.extremes.unwrap_or((value, value));
        self.extremes = Some((min.min(value), max.max(value)));
        // A number that never changes, as most of a large region are, takes no memory.
        if min == max && value == min {
            return;
        }
        if min == max {
            let before = usize::try_from(self.count - 1).unwrap_or(RECENT);
            self.recent
                .extend(std::iter::repeat_n(min, before.min(RECENT)));
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(value);
    }

    /// The least value.
    #[must_use]
    pub fn min(&self) -> Option<f64> {
        self.extremes.map(|it| it.0)
    }

    /// The greatest value.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        self.extremes.map(|it| it.1)
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// The value that this part of the last 1024 values does not exceed: 0.95 for the 95th percentile.
    #[must_use]
    pub fn quantile(&self, part: f64) -> Option<f64> {
        let mut recent: Vec<f64> = self.recent.iter().copied().collect();
        if recent.is_empty() {
            return self.min();
        }
        let rank = (part * recent.len() as f64).ceil() as usize;
        let index = rank.clamp(1, recent.len()) - 1;
        let (_, value, _) = recent.select_nth_unstable_by(index, f64::total_cmp);
        Some(*value)
    }

    /// The last values, the oldest first: at most 1024, and at most `count`; none as long as all have been the same.
    pub fn recent(&self, count: usize) -> impl ExactSizeIterator<Item = f64> + '_ {
        let skipped = self.recent.len().saturating_sub(count);
        self.recent.iter().skip(skipped).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::{RECENT, Stats};

    #[test]
    fn nothing_has_no_statistics() {
        let mut stats = Stats::default();
        stats.add(f64::NAN);
        assert_eq!(
            (stats.min(), stats.mean(), stats.quantile(0.5)),
            (None, None, None)
        );
        assert_eq!(stats.recent(5).len(), 0);
    }

    #[test]
    fn a_number_that_stands_still_takes_no_memory_until_it_moves() {
        let mut stats = Stats::default();
        (0..3).for_each(|_| stats.add(7.0));
        assert_eq!((stats.quantile(0.5), stats.mean()), (Some(7.0), Some(7.0)));
        assert_eq!((stats.recent(9).len(), stats.recent.capacity()), (0, 0));
        stats.add(8.0);
        assert_eq!(stats.recent(9).collect::<Vec<_>>(), [7.0, 7.0, 7.0, 8.0]);
    }

    #[test]
    fn old_values_count_for_the_extremes_and_not_for_the_course() {
        let mut stats = Stats::default();
        stats.add(-1000.0);
        (0..RECENT).for_each(|_| stats.add(1.0));
        assert_eq!(stats.min(), Some(-1000.0));
        assert_eq!(stats.quantile(0.0), Some(1.0));
        assert_eq!(stats.recent(3).collect::<Vec<_>>(), [1.0; 3]);
    }
}
