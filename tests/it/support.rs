//! What all modules share: names, a watchdog, child processes, and looks into mapped bytes.
//!
//! `unsafe` is allowed here for the looks.

#![allow(unsafe_code)]

use std::env;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{self, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use win_shared_memory::{View, Writable};
use windows_sys::Win32::Foundation::ERROR_INTERNAL_ERROR;

/// Far more than any test takes; a test that gets here hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// The name of a region that no other test and no other run uses.
pub(crate) fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!(r"Local\win-shared-memory-it-{}-{number}", process::id())
}

/// Ends the whole process with a message if it is not dropped in time.
#[must_use]
pub(crate) struct Watchdog(Sender<()>);

/// A watchdog for the calling test; every test that waits for something holds one.
pub(crate) fn watchdog() -> Watchdog {
    let test = thread::current().name().unwrap_or("main").to_owned();
    let (alive, ended) = mpsc::channel();
    thread::spawn(move || {
        if ended.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            // Not `eprintln`, which the test harness keeps for a test that ends.
            let _ = writeln!(io::stderr(), "test {test} hangs: ended after {LIMIT:?}");
            process::exit(101);
        }
    });
    Watchdog(alive)
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

const ARGUMENTS: &str = "WIN_SHARED_MEMORY_IT_ARGUMENTS";
const SEPARATOR: char = '\u{1f}';
/// Begins what a child says, to tell it from what the test harness prints.
const MARK: &str = "@@";

/// The same tests built with the other profile, of which children are then; see `profiles`.
pub(crate) fn other_profile() -> Option<PathBuf> {
    env::var_os("WIN_SHARED_MEMORY_OTHER_PROFILE").map(PathBuf::from)
}

/// Another process, which runs one ignored test of this binary and talks to its parent by lines.
/// Killed on drop.
pub(crate) struct Child {
    process: process::Child,
    answers: BufReader<ChildStdout>,
}

impl Child {
    /// Starts the test whose path is `test`; it finds `arguments` in its [`Parent`].
    pub(crate) fn start(test: &str, arguments: &[&str]) -> Self {
        let program = other_profile().unwrap_or_else(|| env::current_exe().unwrap());
        let mut command = Command::new(program);
        command
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env(ARGUMENTS, arguments.join(&SEPARATOR.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = match command.spawn() {
            // Wine loses one process in thousands before its first instruction, and says this.
            Err(error) if error.raw_os_error() == Some(ERROR_INTERNAL_ERROR as i32) => {
                command.spawn().unwrap()
            }
            process => process.unwrap(),
        };
        let answers = BufReader::new(process.stdout.take().unwrap());
        Self { process, answers }
    }

    /// Sends a line to the child.
    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.process.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// The next line that the child says; fails if it ends without one.
    pub(crate) fn answer(&mut self) -> String {
        let mut line = String::new();
        while self.answers.read_line(&mut line).unwrap() > 0 {
            if let Some((_, said)) = line.trim_end().split_once(MARK) {
                return said.to_owned();
            }
            line.clear();
        }
        panic!("the child ended early: {:?}", self.process.wait());
    }

    /// Ends the child at whatever instruction it is, and waits until it has ended.
    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        self.process.wait().unwrap();
    }

    /// Waits for the child to end by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The other end of a [`Child`], in the child.
pub(crate) struct Parent {
    arguments: Vec<String>,
    _watchdog: Watchdog,
}

impl Parent {
    /// `None` if this process was not started by [`Child::start`].
    pub(crate) fn find() -> Option<Self> {
        let arguments = env::var(ARGUMENTS).ok()?;
        crate::raw::crash_quietly();
        Some(Self {
            arguments: arguments.split(SEPARATOR).map(Into::into).collect(),
            _watchdog: watchdog(),
        })
    }

    pub(crate) fn argument(&self, index: usize) -> &str {
        &self.arguments[index]
    }

    /// Sends a line to the parent.
    pub(crate) fn tell(&self, line: &str) {
        let mut out = io::stdout().lock();
        writeln!(out, "{MARK}{line}").unwrap();
        out.flush().unwrap();
    }

    /// The next line from the parent; ends the process if the parent has gone.
    pub(crate) fn hear(&self) -> String {
        let mut line = String::new();
        if io::stdin().read_line(&mut line).unwrap() == 0 {
            process::exit(102);
        }
        line.trim_end().to_owned()
    }

    /// Waits to be killed.
    pub(crate) fn stay(&self) -> ! {
        loop {
            self.hear();
        }
    }
}

/// The byte at `at`.
pub(crate) fn peek<A>(view: &View<A>, at: usize) -> u8 {
    assert!(at < view.len());
    // SAFETY: inside the view, which is borrowed and so still mapped.
    unsafe { view.as_ptr().add(at).read_volatile() }
}

/// Writes the byte at `at`.
pub(crate) fn poke<A: Writable>(view: &View<A>, at: usize, value: u8) {
    assert!(at < view.len());
    // SAFETY: inside the view, which is borrowed and so still mapped, and for writing.
    unsafe { view.as_mut_ptr().add(at).write_volatile(value) };
}
