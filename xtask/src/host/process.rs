//! Running other programs: streamed, timed, and ended with all they started.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::interrupt;
use crate::job::{Job, cannot_start};
use crate::log;
use crate::orphans;

/// How often a wait looks at the clock and for an interrupt.
const TICK: Duration = Duration::from_millis(20);

/// A program silent for this long gets a line that says it is still running.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How often orphans that have ended are let go.
const BURIAL: Duration = Duration::from_secs(1);

/// What a program that has ended may still have in its pipes is awaited this
/// long: something it left running could hold them open for ever.
const DRAIN: Duration = Duration::from_secs(2);

/// How to look after a running program.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    /// Names the program in messages.
    pub(crate) label: &'a str,
    /// After this long it is ended.
    pub(crate) limit: Duration,
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Exited(ExitStatus),
    /// It had not ended within its limit, and was ended.
    TimedOut(Duration),
}

impl End {
    /// Anything but success is an error that says what `doing` came to.
    pub(crate) fn success(self, doing: &str) -> Result<()> {
        match self {
            Self::Exited(status) if status.success() => Ok(()),
            Self::Exited(status) => Err(Failure::with_code(
                format!("`{doing}` failed: {status}"),
                status.code(),
            )),
            Self::TimedOut(limit) => Err(Failure::new(format!(
                "`{doing}` was still running after {} s and was ended",
                limit.as_secs()
            ))),
        }
    }
}

/// Runs `command` to its end, passing on its lines as they come.
pub(crate) fn stream(command: Command, watch: &Watch<'_>) -> Result<End> {
    listen(command, watch, say)
}

/// Runs `command` to its end, giving its lines to `hear` as they come.
pub(crate) fn listen(
    mut command: Command,
    watch: &Watch<'_>,
    mut hear: impl FnMut(&str),
) -> Result<End> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut job = Job::start(command)?;
    let (sender, lines) = mpsc::channel();
    if let Some(output) = job.child().stdout.take() {
        read_lines(output, String::new(), sender.clone());
    }
    if let Some(errors) = job.child().stderr.take() {
        read_lines(errors, String::new(), sender);
    }
    let end = look_after(&mut job, watch, &lines, &mut hear)?;
    // What it has left running could also hold its pipes open.
    job.end_rest();
    let drained = Instant::now() + DRAIN;
    while let Ok(line) = lines.recv_timeout(drained.saturating_duration_since(Instant::now())) {
        hear(&line);
    }
    Ok(end)
}

/// Runs `command` to its end; its output goes where the caller has put it.
pub(crate) fn silent(command: Command, watch: &Watch<'_>) -> Result<End> {
    let mut job = Job::start(command)?;
    // No sender: nothing will ever be heard.
    look_after(&mut job, watch, &mpsc::channel().1, &mut |_| {})
}

/// Waits for the end of `job`, giving its `lines` to `hear`; ends it when its
/// time is up or on an interrupt.
fn look_after(
    job: &mut Job,
    watch: &Watch<'_>,
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
            orphans::bury_dead(job.child().id());
            last_burial = Instant::now();
        }
        if interrupt::requested() {
            job.end();
            return Err(Failure::interrupted());
        }
        if started.elapsed() > watch.limit {
            job.end();
            return Ok(End::TimedOut(watch.limit));
        }
        if last_line.elapsed() > HEARTBEAT {
            say(&format!(
                "    … {}: running for {} s",
                watch.label,
                started.elapsed().as_secs()
            ));
            last_line = Instant::now();
        }
    }
}

/// Runs `command` with this terminal as its own, as if it had been typed here.
pub(crate) fn pass_through(mut command: Command) -> Result<ExitStatus> {
    let mut child = command
        .spawn()
        .map_err(|error| cannot_start(&command, &error))?;
    let mut interrupted = None;
    let mut last_burial = Instant::now();
    loop {
        let ended = child.try_wait();
        if let Some(status) =
            ended.map_err(|error| Failure::new(format!("cannot wait for a program: {error}")))?
        {
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
                let _ = child.kill();
            }
        }
        if last_burial.elapsed() > BURIAL {
            orphans::bury_dead(child.id());
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

/// One line, at once; a reader that has gone away is no reason to stop.
pub(crate) fn say(line: &str) {
    log::add(line);
    let mut output = io::stdout().lock();
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;
    use std::time::{Duration, Instant};

    use super::{End, Watch, listen};

    fn run(script: &str, limit: Duration) -> (End, Vec<String>) {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let watch = Watch { label: "sh", limit };
        let mut lines = Vec::new();
        match listen(command, &watch, |line| lines.push(line.to_owned())) {
            Ok(end) => (end, lines),
            Err(failure) => panic!("{failure}"),
        }
    }

    #[test]
    fn both_outputs_are_heard_and_the_code_is_kept() {
        let (end, mut lines) = run("echo out; echo err >&2; exit 3", Duration::from_secs(60));
        lines.sort();
        assert_eq!(lines, ["err", "out"]);
        assert_eq!(end.success("sh").map_err(|failure| failure.code()), Err(3));
    }

    #[test]
    fn a_hang_ends_with_all_it_started() {
        let started = Instant::now();
        let limit = Duration::from_millis(300);
        let (end, lines) = run("sleep 60 & echo $!; sleep 60", limit);
        assert_eq!(end, End::TimedOut(limit));
        assert!(started.elapsed() < Duration::from_secs(30));
        assert!(
            has_ended(&lines[0]),
            "the background process is still there"
        );
    }

    #[test]
    fn what_a_program_leaves_running_holds_nobody_up() {
        let started = Instant::now();
        let (end, lines) = run("sleep 60 & echo $!", Duration::from_secs(60));
        assert!(end.success("sh").is_ok());
        assert!(started.elapsed() < Duration::from_secs(30));
        assert!(
            has_ended(&lines[0]),
            "the background process is still there"
        );
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
