//! The CPU time of the programs that a step runs, which, unlike its wall clock, hardly depends on what else
//! runs on this machine.
//!
//! A program's time includes that of all it waited for. Wine's programs are not waited for by those that started
//! them: they become orphans of ours, and count by their process group, which is that of a job.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A sum of CPU times, shared by its clones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter(Arc<AtomicU64>);

impl Meter {
    fn add(&self, time: Duration) {
        let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.0.fetch_add(milliseconds, Ordering::Relaxed);
    }

    pub(crate) fn total(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

thread_local! {
    /// Where the programs count that this thread starts.
    static CURRENT: RefCell<Meter> = RefCell::default();
}

/// Where the programs of each process group count, those of ended jobs too: what they started may end later.
static GROUPS: Mutex<BTreeMap<u32, Meter>> = Mutex::new(BTreeMap::new());

/// Wine's server and services, and other programs that left their process group.
static DETACHED: Mutex<Option<Meter>> = Mutex::new(None);

/// From now on the programs that this thread starts count in `meter`.
pub(crate) fn count_in(meter: &Meter) {
    CURRENT.set(meter.clone());
}

/// From now on programs that belong to no job count in `meter`.
pub(crate) fn count_detached_in(meter: &Meter) {
    *DETACHED.lock().unwrap_or_else(PoisonError::into_inner) = Some(meter.clone());
}

/// Programs of the process group `id` count where this thread's do.
pub(super) fn begin_group(id: u32) {
    let meter = CURRENT.with_borrow(Meter::clone);
    let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    groups.insert(id, meter);
}

/// Counts what a child of ours has used. It has to have ended, and nobody may have waited for it.
#[cfg(target_os = "linux")]
pub(super) fn count_ended(id: u32) {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let Some((group, time)) = group_and_time(&text) else {
        return;
    };
    let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(meter) = groups.get(&group) {
        meter.add(time);
    } else if let Some(meter) = &*DETACHED.lock().unwrap_or_else(PoisonError::into_inner) {
        meter.add(time);
    }
}

/// What `/proc/PID/stat` tells of a process: its group, and the time that it and those that it waited for have used.
#[cfg(any(target_os = "linux", test))]
fn group_and_time(stat: &str) -> Option<(u32, Duration)> {
    /// Linux counts these in hundredths of a second on every machine that we run on.
    const TICK: Duration = Duration::from_millis(10);
    // The name, in parentheses, may hold anything.
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<_> = rest.split(' ').collect();
    // After the name: state, parent, group; from the 12th on: user and system time, and both of the children.
    let group = fields.get(2)?.parse().ok()?;
    let ticks: Option<u32> = fields
        .get(11..15)?
        .iter()
        .map(|it| it.parse::<u32>().ok())
        .sum();
    Some((group, TICK * ticks?))
}

#[cfg(test)]
mod tests {
    use super::group_and_time;
    use std::time::Duration;

    #[test]
    fn a_process_tells_its_group_and_its_time() {
        let stat = "812 (a ) b) Z 1 700 700 0 -1 4228108 1 2 3 4 150 25 1000 25 20 0 1 0 99 0 0";
        let found = group_and_time(stat);
        assert_eq!(found, Some((700, Duration::from_secs(12))));
        assert_eq!(group_and_time("812 (a) Z 1 700"), None);
        assert_eq!(group_and_time(""), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_a_program_and_its_orphans_use_is_counted() {
        use super::{Meter, count_in};
        use crate::host::{orphans, process};

        // Less than `BUSY` takes, and more than starting a shell does.
        const LITTLE: Duration = Duration::from_millis(100);
        const BUSY: &str = "i=0; while [ $i -lt 1000000 ]; do i=$((i + 1)); done";
        orphans::adopt();
        let time_of = |script: &str| {
            let meter = Meter::default();
            count_in(&meter);
            let mut command = std::process::Command::new("sh");
            command.args(["-c", script]);
            process::run("sh", Duration::from_secs(300), command).expect("it succeeds");
            // The orphan has ended, but another test's thread may be the one that lets it go.
            for _ in 0..500 {
                orphans::bury_dead();
                if meter.total() > LITTLE {
                    break;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            count_in(&Meter::default());
            meter.total()
        };
        assert!(time_of(BUSY) > LITTLE);
        // Its parent ends before it, and it tells by closing the pipe that the last program reads.
        let orphan = format!("((({BUSY}) & ) & ) | cat");
        assert!(time_of(&orphan) > LITTLE);
    }
}
