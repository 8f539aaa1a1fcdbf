//! Running other programs: streamed, timed, and ended with all they started.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::interrupt;
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

/// A running program in a process group of its own.
#[derive(Debug)]
pub(crate) struct Job {
    child: Child,
}

impl Job {
    /// Starts `command` without input.
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command
            .spawn()
            .map_err(|error| cannot_start(&command, &error))?;
        Ok(Self { child })
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Whether it has ended, and how.
    pub(crate) fn poll(&mut self) -> Result<Option<ExitStatus>> {
        self.child
            .try_wait()
            .map_err(|error| Failure::new(format!("cannot wait for a program: {error}")))
    }

    /// Ends it and what it started, and waits for its end.
    pub(crate) fn end(&mut self) {
        end_tree(&mut self.child);
        // Its end is all that matters here; it was asked for.
        let _ = self.child.kill();
        let _ = self.child.wait();
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
    end_tree(job.child());
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
            orphans::bury_dead(job.child.id());
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
    let mut output = io::stdout().lock();
    let _ = writeln!(output, "{line}").and_then(|()| output.flush());
}
