//! A program in the background, and ending it with all it started.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::host::cpu;

const TICK: Duration = Duration::from_millis(20);

/// The process ids of all jobs. Other children of this process are orphans that it has adopted.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// While this is held, no job starts.
pub(super) fn running() -> MutexGuard<'static, Vec<u32>> {
    // A list of numbers is whole after any panic.
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running program. Dropping it does not end it.
#[derive(Debug)]
pub(crate) struct Job {
    child: Child,
}

impl Job {
    /// Starts `command` without input, in a process group of its own.
    pub(crate) fn start(command: Command) -> Result<Self> {
        Self::start_with(Stdio::null(), command)
    }

    /// Like [`start`](Self::start), with an input that stays open, and empty, until the job is dropped.
    pub(crate) fn start_waiting(command: Command) -> Result<Self> {
        Self::start_with(Stdio::piped(), command)
    }

    fn start_with(input: Stdio, mut command: Command) -> Result<Self> {
        command.stdin(input);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        Self::start_attached(command)
    }

    /// Starts `command` with this terminal as its own.
    pub(crate) fn start_attached(mut command: Command) -> Result<Self> {
        let mut running = running();
        let child = command
            .spawn()
            .map_err(|error| cannot_start(&command, &error))?;
        running.push(child.id());
        cpu::begin_group(child.id());
        Ok(Self { child })
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Whether it has ended, and how.
    pub(crate) fn poll(&mut self) -> Result<Option<ExitStatus>> {
        #[cfg(target_os = "linux")]
        self.count_if_ended();
        self.child
            .try_wait()
            .map_err(|error| Failure::new(format!("cannot wait for a program: {error}")))
    }

    /// What it has used can be read while nobody has waited for it.
    #[cfg(target_os = "linux")]
    fn count_if_ended(&mut self) {
        use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
        use nix::unistd::Pid;

        let Ok(id) = i32::try_from(self.child.id()) else {
            return;
        };
        let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        // Fails when it has been waited for, and so was counted.
        let status = waitid(Id::Pid(Pid::from_raw(id)), look);
        if status.is_ok_and(|status| status != WaitStatus::StillAlive) {
            cpu::count_ended(self.child.id());
        }
    }

    /// Waits for its end, and ends it after `limit`. Heeds no interrupt.
    pub(crate) fn wait_or_end(mut self, limit: Duration) {
        let started = Instant::now();
        while matches!(self.poll(), Ok(None)) {
            if started.elapsed() > limit {
                return self.end();
            }
            thread::sleep(TICK);
        }
    }

    /// Ends what it has left running.
    pub(crate) fn end_rest(&mut self) {
        end_tree(&mut self.child);
    }

    /// Ends it and what it started, and waits for its end.
    pub(crate) fn end(&mut self) {
        end_tree(&mut self.child);
        // Its end is all that matters here; it was asked for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        running().retain(|&id| id != self.child.id());
    }
}

fn cannot_start(command: &Command, error: &io::Error) -> Failure {
    Failure::new(format!(
        "cannot start `{}`: {error}",
        command.get_program().display()
    ))
}

#[cfg(unix)]
fn end_tree(child: &mut Child) {
    use nix::sys::signal::{Signal, killpg};
    use nix::unistd::Pid;

    if let Ok(group) = i32::try_from(child.id()) {
        // Fails when everything in it has already ended, which is the aim.
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
}

#[cfg(not(unix))]
fn end_tree(child: &mut Child) {
    if child.try_wait().is_ok_and(|ended| ended.is_some()) {
        // Its number may be another program's by now.
        return;
    }
    // Fails when the program has already ended, which is the aim.
    let _ = Command::new("taskkill")
        .args(["/T", "/F", "/PID", &child.id().to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Read;
    use std::process::{Command, Stdio};
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::Job;

    #[test]
    fn a_waiting_program_has_its_input_until_it_is_dropped() {
        let mut command = Command::new("sh");
        command.args(["-c", "test -p /dev/stdin && echo open; cat"]);
        command.stdout(Stdio::piped());
        let mut job = Job::start_waiting(command).expect("sh starts");
        let mut printed = job.child().stdout.take().expect("a pipe");
        let mut line = [0; 5];
        printed.read_exact(&mut line).expect("its input is a pipe");
        assert_eq!(&line, b"open\n");
        drop(job);
        let (sender, end) = mpsc::channel();
        // The pipe ends with `cat`.
        thread::spawn(move || sender.send(printed.read(&mut [0]).ok()));
        assert_eq!(end.recv_timeout(Duration::from_secs(60)), Ok(Some(0)));
    }
}
