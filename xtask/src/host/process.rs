//! Running other programs: heard, timed, and ended with all they started.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::host::interrupt;
use crate::host::job::Job;
use crate::host::log::say;
use crate::host::orphans;

/// How often a wait looks at the clock and for an interrupt.
const TICK: Duration = Duration::from_millis(20);

/// A program silent for this long gets a line that says it is still running.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// This much of a label names a program.
const LABEL: usize = 40;

/// How often orphans that have ended are let go.
const BURIAL: Duration = Duration::from_secs(1);

/// What a program that has ended may still have in its pipes is awaited this long: something it left running
/// could hold them open forever.
const DRAIN: Duration = Duration::from_secs(2);

/// A question such as `--version` is answered within this time.
const ANSWER: Duration = Duration::from_secs(60);

/// Runs `command`, which messages call `label`, and passes on its lines.
pub(crate) fn run(label: &str, limit: Duration, command: Command) -> Result<()> {
    listen(label, limit, command, say)
}

/// Runs `command` and gives its lines to `hear` as they come.
pub(crate) fn listen(
    label: &str,
    limit: Duration,
    mut command: Command,
    hear: impl FnMut(&str),
) -> Result<()> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    attend(label, limit, command, hear)?.success(label)
}

/// Runs `command` and returns its lines, or says them if it fails.
pub(crate) fn quietly(label: &str, limit: Duration, command: Command) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let outcome = listen(label, limit, command, |line| lines.push(line.to_owned()));
    if outcome.is_err() {
        lines.iter().for_each(|line| say(line));
    }
    outcome.map(|()| lines)
}

/// Runs `command` without pipes, and leaves what it has started running.
pub(crate) fn silently(label: &str, limit: Duration, mut command: Command) -> Result<()> {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut job = Job::start(command)?;
    look_after(&mut job, label, limit, &mpsc::channel().1, &mut |_| {})?.success(label)
}

/// What `command` prints, if it succeeds.
pub(crate) fn answer(mut command: Command) -> Option<String> {
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut lines = Vec::new();
    let end = attend("", ANSWER, command, |line| lines.push(line.to_owned()));
    end.ok()?.success("").ok()?;
    Some(lines.join("\n"))
}

/// The release of a program that prints `name 1.2.3 …` when asked.
pub(crate) fn release_of(program: &str) -> Result<String> {
    let mut command = Command::new(program);
    command.arg("--version");
    answer(command).ok_or_else(|| Failure::new(format!("`{program} --version` does not answer")))
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Exited(ExitStatus),
    /// It had not ended within its limit, and was ended.
    TimedOut(Duration),
}

impl End {
    /// Anything but success is an error.
    fn success(self, label: &str) -> Result<()> {
        match self {
            Self::Exited(status) if status.success() => Ok(()),
            Self::Exited(status) => Err(Failure::with_code(
                format!("`{label}` failed: {status}"),
                status.code(),
            )),
            Self::TimedOut(limit) => Err(Failure::new(format!(
                "`{label}` was still running after {} s and was ended",
                limit.as_secs()
            ))),
        }
    }
}

/// Runs `command` to its end, gives to `hear` what comes through its pipes, and ends what it leaves running.
fn attend(
    label: &str,
    limit: Duration,
    command: Command,
    mut hear: impl FnMut(&str),
) -> Result<End> {
    let mut job = Job::start(command)?;
    let (sender, lines) = mpsc::channel();
    if let Some(output) = job.child().stdout.take() {
        read_lines(output, String::new(), sender.clone());
    }
    if let Some(errors) = job.child().stderr.take() {
        read_lines(errors, String::new(), sender.clone());
    }
    // The lines end with the pipes.
    drop(sender);
    let end = look_after(&mut job, label, limit, &lines, &mut hear)?;
    // What it has left running could also hold its pipes open.
    job.end_rest();
    let drained = Instant::now() + DRAIN;
    while let Ok(line) = lines.recv_timeout(drained.saturating_duration_since(Instant::now())) {
        hear(&line);
    }
    Ok(end)
}

/// Waits for the end of `job`; ends it when its time is up or on an interrupt.
fn look_after(
    job: &mut Job,
    label: &str,
    limit: Duration,
    lines: &Receiver<String>,
    hear: &mut dyn FnMut(&str),
) -> Result<End> {
    let started = Instant::now();
    let mut last_line = started;
    let mut last_burial = started;
    loop {
        match lines.recv_timeout(TICK) {
            Ok(line) => {
                hear(&line);
                last_line = Instant::now();
            }
            // Closed pipes alone do not end a program.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(TICK),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if let Some(status) = job.poll()? {
            return Ok(End::Exited(status));
        }
        if last_burial.elapsed() > BURIAL {
            orphans::bury_dead();
            last_burial = Instant::now();
        }
        if interrupt::requested() {
            job.end();
            return Err(Failure::interrupted());
        }
        if started.elapsed() > limit {
            job.end();
            return Ok(End::TimedOut(limit));
        }
        if last_line.elapsed() > HEARTBEAT {
            let seconds = started.elapsed().as_secs();
            let name = label.get(..LABEL).unwrap_or(label);
            say(&format!("    … {name}: running for {seconds} s"));
            last_line = Instant::now();
        }
    }
}

/// Runs `command` with this terminal as its own, as if it had been typed here.
pub(crate) fn pass_through(command: Command) -> Result<ExitStatus> {
    let mut job = Job::start_attached(command)?;
    let mut interrupted = None;
    let mut last_burial = Instant::now();
    loop {
        if let Some(status) = job.poll()? {
            return if interrupted.is_some() {
                Err(Failure::interrupted())
            } else {
                Ok(status)
            };
        }
        if interrupt::requested() {
            // The terminal has sent it the same Ctrl-C; it may need a moment.
            let since = *interrupted.get_or_insert_with(Instant::now);
            if since.elapsed() > DRAIN {
                // Fails when it has just ended, which is the aim.
                let _ = job.child().kill();
            }
        }
        if last_burial.elapsed() > BURIAL {
            orphans::bury_dead();
            last_burial = Instant::now();
        }
        thread::sleep(TICK);
    }
}

/// Sends each line of `source` on, `prefix` before it, from a thread of its own.
pub(crate) fn read_lines(
    source: impl Read + Send + 'static,
    prefix: String,
    sender: Sender<String>,
) {
    thread::spawn(move || {
        let mut source = BufReader::new(source);
        let mut bytes = Vec::new();
        while source
            .read_until(b'\n', &mut bytes)
            .is_ok_and(|count| count > 0)
        {
            let text = String::from_utf8_lossy(&bytes);
            let line = text.trim_end_matches(['\r', '\n']);
            if sender.send(format!("{prefix}{line}")).is_err() {
                break;
            }
            bytes.clear();
        }
    });
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::listen;
    use crate::failure::Result;

    fn run(script: &str, limit: Duration) -> (Result<()>, Vec<String>) {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let mut lines = Vec::new();
        let outcome = listen("sh", limit, command, |line| lines.push(line.to_owned()));
        (outcome, lines)
    }

    #[test]
    fn both_outputs_are_heard_and_the_code_is_kept() {
        let (outcome, mut lines) = run("echo out; echo err >&2; exit 3", Duration::from_secs(60));
        lines.sort();
        assert_eq!(lines, ["err", "out"]);
        assert_eq!(outcome.map_err(|failure| failure.code()), Err(3));
    }

    #[test]
    fn a_hang_ends_with_all_it_started() {
        let started = Instant::now();
        let limit = Duration::from_millis(300);
        let (outcome, lines) = run("sleep 60 & echo $!; sleep 60", limit);
        let message = outcome.map_err(|failure| failure.to_string());
        assert!(message.is_err_and(|it| it.contains("still running")));
        assert!(started.elapsed() < Duration::from_secs(30));
        assert!(
            has_ended(&lines[0]),
            "the background process is still there"
        );
    }

    #[test]
    fn what_a_program_leaves_running_holds_nobody_up() {
        let started = Instant::now();
        let (outcome, lines) = run("sleep 60 & echo $!", Duration::from_secs(60));
        assert!(outcome.is_ok());
        assert!(started.elapsed() < Duration::from_secs(30));
        assert!(
            has_ended(&lines[0]),
            "the background process is still there"
        );
    }

    #[test]
    fn programs_side_by_side_each_keep_their_end() {
        crate::host::orphans::adopt();
        std::thread::scope(|scope| {
            for code in [0, 3, 4] {
                scope.spawn(move || {
                    let script = format!("(sleep 1.5 &); sleep 1.3; exit {code}");
                    let (outcome, _) = run(&script, Duration::from_secs(60));
                    let found = outcome.map_or_else(|failure| failure.code(), |()| 0);
                    assert_eq!(found, code);
                });
            }
        });
    }

    /// Gone, or a zombie that nobody waits for.
    fn has_ended(pid: &str) -> bool {
        (0..50).any(|_| {
            std::thread::sleep(Duration::from_millis(20));
            std::fs::read_to_string(format!("/proc/{pid}/stat"))
                .map_or(true, |stat| stat.contains(") Z "))
        })
    }
}
