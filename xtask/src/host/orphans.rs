//! Processes whose parent has died, such as all of Wine's own.
//!
//! Where process 1 is not an init (in most containers), nobody waits for them and they stay as zombies. So this
//! process adopts them and waits for them.

use std::thread;
use std::time::{Duration, Instant};

/// Wine's processes end within this time of their server's end.
const PATIENCE: Duration = Duration::from_secs(3);

const TICK: Duration = Duration::from_millis(10);

pub(crate) use system::{adopt, bury_dead};

/// Waits for all orphans to end. Only when none is in use any more.
pub(crate) fn bury() {
    let started = Instant::now();
    while bury_dead() > 0 && started.elapsed() < PATIENCE {
        thread::sleep(TICK);
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs;

    use nix::sys::prctl::set_child_subreaper;
    use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
    use nix::unistd::Pid;

    use crate::host::{cpu, job};

    /// From now on orphans among our descendants become our children.
    pub(crate) fn adopt() {
        // Where this is refused, process 1 keeps them.
        let _ = set_child_subreaper(true);
    }

    /// Lets go of the orphans that have ended, and counts the others. A test run makes many thousands.
    pub(crate) fn bury_dead() -> usize {
        // A job must not start in between and be taken for an orphan.
        let jobs = job::running();
        children()
            .into_iter()
            .filter(|pid| !jobs.contains(pid))
            .filter(|&pid| !bury_if_dead(pid))
            .count()
    }

    fn bury_if_dead(pid: u32) -> bool {
        let Ok(id) = i32::try_from(pid).map(Pid::from_raw) else {
            return false;
        };
        let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        match waitid(Id::Pid(id), look) {
            Ok(WaitStatus::StillAlive) => false,
            Ok(_) => {
                cpu::count_ended(pid);
                // It has ended, so this does not wait.
                let _ = waitpid(id, None);
                true
            }
            // It is gone.
            Err(_) => true,
        }
    }

    /// The children of all threads.
    fn children() -> Vec<u32> {
        let threads = fs::read_dir("/proc/self/task").into_iter().flatten();
        let lists = threads
            .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("children")).ok());
        lists
            .flat_map(|list| {
                list.split_whitespace()
                    .filter_map(|pid| pid.parse().ok())
                    .collect::<Vec<_>>()
            })
            .collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    pub(crate) fn adopt() {}

    pub(crate) fn bury_dead() -> usize {
        0
    }
}
