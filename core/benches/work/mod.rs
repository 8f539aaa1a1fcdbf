//! How much work something is.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// How long this thread has run, whatever else the machine does; where the system does not tell, the time.
pub(crate) fn work() -> Duration {
    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
    // Linux, Documentation/scheduler/sched-stats.rst: nanoseconds on a processor come first.
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat");
    let nanoseconds = stat.ok().and_then(|it| it.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}
