//! Processes whose parent has died, such as all of Wine's own.
//!
//! Where process 1 is no init (in most containers) nobody waits for them and
//! they stay as zombies: so they become ours, and we wait for them.

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::process;
    use std::thread;
    use std::time::{Duration, Instant};

    use nix::sys::prctl::set_child_subreaper;
    use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
    use nix::unistd::Pid;

    /// Wine's processes end within this time of their server's end.
    const PATIENCE: Duration = Duration::from_secs(3);
    const TICK: Duration = Duration::from_millis(10);

    /// From now on orphans among our descendants become our children.
    pub(crate) fn adopt() {
        // Where this is refused, process 1 keeps them.
        let _ = set_child_subreaper(true);
    }

    /// Lets go of the dead among our children, `ours` excepted: its end is
    /// awaited elsewhere. A test run makes many thousand orphans.
    pub(crate) fn bury_dead(ours: u32) {
        let children = format!("/proc/self/task/{}/children", process::id());
        let listed = fs::read_to_string(children).unwrap_or_default();
        let pids = listed.split_whitespace().filter_map(|pid| pid.parse().ok());
        for pid in pids.filter(|&pid: &i32| u32::try_from(pid) != Ok(ours)) {
            // Fails for a child that was awaited meanwhile.
            let _ = waitpid(Pid::from_raw(pid), Some(WaitPidFlag::WNOHANG));
        }
    }

    /// Waits for all children to end. Only when none is in use any more.
    pub(crate) fn bury() {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::StillAlive) => thread::sleep(TICK),
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{adopt, bury, bury_dead};

#[cfg(not(target_os = "linux"))]
pub(crate) fn adopt() {}

#[cfg(not(target_os = "linux"))]
pub(crate) fn bury() {}

#[cfg(not(target_os = "linux"))]
pub(crate) fn bury_dead(_ours: u32) {}
