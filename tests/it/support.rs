//! What all modules share: names, a watchdog, child processes, random numbers, and looks into mapped
//! bytes.
//!
//! `unsafe` is allowed here for the looks.

#![allow(unsafe_code)]

use std::any;
use std::collections::hash_map::RandomState;
use std::env;
use std::fmt;
use std::hash::BuildHasher;
use std::io::{self, BufRead, BufReader, Write};
use std::os::windows::io::AsHandle;
use std::panic;
use std::path::PathBuf;
use std::process::{self, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::Reader;
use win_shared_memory::{SharedData, View, Writable};
use windows_sys::Win32::Foundation::ERROR_INTERNAL_ERROR;

/// Far more than any test takes, also on a machine with much else to do; a test that gets here hangs.
const LIMIT: Duration = Duration::from_secs(300);

/// Far more than a single step takes: an answer of a child, or the end of one. Less than [`LIMIT`], so
/// that it is the step that fails, which can say more.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// For what should not be waited for; ends in the watchdog if it is.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

/// Checks that a thread which waits is told of a death in time. `kill` starts a thread that waits, kills what it waits for, and
/// returns when that was; the thread returns when it was told.
pub(crate) fn told_in_time(kill: impl Fn() -> (Instant, JoinHandle<Instant>)) {
    /// 50 ms, a tick of the clock, and what the system's calls may take.
    const IN_TIME: Duration = Duration::from_millis(50 + 16 + 100);
    // It is late if it is so each time: a machine with much else to do is late for seconds.
    let start = Instant::now();
    loop {
        let (killed, waiting) = kill();
        let late = waiting.join().unwrap().saturating_duration_since(killed);
        if late < IN_TIME {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "told {late:?} after the end");
    }
}

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
    watchdog_that_says(String::new)
}

/// As [`watchdog`], and says `more` of what hangs.
pub(crate) fn watchdog_that_says(more: impl Fn() -> String + Send + 'static) -> Watchdog {
    let test = test_name();
    let (alive, ended) = mpsc::channel();
    thread::spawn(move || {
        if ended.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
            let (more, children) = (more(), children_of(&test));
            let message = format!("test {test} hangs: ended after {LIMIT:?} {more}\n{children}");
            // Not `eprintln`, which the test harness keeps for a test that ends.
            let _ = writeln!(io::stderr(), "{message}");
            if env::var_os(ARGUMENTS).is_some() {
                say(NOTE, &message);
            }
            process::exit(101);
        }
    });
    Watchdog(alive)
}

fn test_name() -> String {
    thread::current().name().unwrap_or("main").to_owned()
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
/// Begins what a child says to whoever reads why a test failed.
const NOTE: &str = "!!";

fn say(mark: &str, text: &str) {
    let mut out = io::stdout().lock();
    // The parent may have gone, or may not listen.
    for line in text.lines() {
        let _ = writeln!(out, "{mark}{line}");
    }
    let _ = out.flush();
}

/// The same tests built with the other profile, of which children are then; see `profiles`.
pub(crate) fn other_profile() -> Option<PathBuf> {
    env::var_os("WIN_SHARED_MEMORY_OTHER_PROFILE").map(PathBuf::from)
}

/// What is known of a child, for the message of a test that fails.
struct Story {
    /// Of the test that started it.
    test: String,
    /// The test that it runs, its process id, and its arguments.
    who: String,
    /// What it was told, and what it has printed, in order.
    lines: Mutex<Vec<String>>,
}

impl Story {
    fn add(&self, line: String) {
        if let Ok(mut lines) = self.lines.lock() {
            lines.push(line);
        }
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 30;
        write!(f, "child {}", self.who)?;
        let Ok(lines) = self.lines.lock() else {
            return Ok(());
        };
        let before = lines.len().saturating_sub(SHOWN);
        match lines.len() {
            0 => write!(f, " has printed nothing")?,
            _ if before > 0 => write!(f, ", after {before} lines:")?,
            _ => write!(f, ":")?,
        }
        for line in &lines[before..] {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

/// All children that live, or whose tests do.
static CHILDREN: Mutex<Vec<Weak<Story>>> = Mutex::new(Vec::new());

fn children_of(test: &str) -> String {
    let Ok(children) = CHILDREN.lock() else {
        return String::new();
    };
    let stories = children.iter().filter_map(Weak::upgrade);
    let of_test = stories.filter(|it| it.test == test);
    of_test.map(|it| format!("{it}\n")).collect()
}

/// Starts a program, a second time if need be.
pub(crate) fn spawn(command: &mut Command) -> io::Result<process::Child> {
    match command.spawn() {
        // Wine loses one process in thousands before its first instruction, and says this.
        Err(error) if error.raw_os_error() == Some(ERROR_INTERNAL_ERROR as i32) => command.spawn(),
        process => process,
    }
}

/// Another process, which runs one ignored test of this binary and talks to its parent by lines.
/// Killed on drop.
pub(crate) struct Child {
    process: process::Child,
    answers: Receiver<String>,
    story: Arc<Story>,
}

impl Child {
    /// Starts the test `test`; it finds `arguments` in its [`Parent`].
    #[track_caller]
    pub(crate) fn start<Test: Fn()>(_: Test, arguments: &[&str]) -> Self {
        // The path of the function, of which the harness knows all but the name of this crate.
        let (_, test) = any::type_name::<Test>().split_once("::").unwrap();
        let program = other_profile().unwrap_or_else(|| env::current_exe().unwrap());
        let mut command = Command::new(program);
        command
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env(ARGUMENTS, arguments.join(&SEPARATOR.to_string()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = spawn(&mut command)
            .unwrap_or_else(|error| panic!("child {test} {arguments:?} cannot start: {error}"));
        let story = Arc::new(Story {
            test: test_name(),
            who: format!("{test} (process {}) {arguments:?}", process.id()),
            lines: Mutex::default(),
        });
        if let Ok(mut children) = CHILDREN.lock() {
            children.retain(|it| it.strong_count() > 0);
            children.push(Arc::downgrade(&story));
        }
        let output = BufReader::new(process.stdout.take().unwrap());
        let answers = listen(output, story.clone());
        Self {
            process,
            answers,
            story,
        }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Stops the child wherever it is, until it is killed.
    pub(crate) fn suspend(&self) {
        self.story.add("< suspend".into());
        crate::raw::suspend(self.process.as_handle());
    }

    /// Sends a line to the child.
    #[track_caller]
    pub(crate) fn tell(&mut self, line: &str) {
        self.story.add(format!("< {line}"));
        let told = writeln!(self.process.stdin.as_mut().unwrap(), "{line}");
        told.unwrap_or_else(|error| panic!("{} does not hear {line:?}: {error}", self.story));
    }

    /// The next line that the child says; fails if it ends without one.
    #[track_caller]
    pub(crate) fn answer(&mut self) -> String {
        match self.answers.recv_timeout(PATIENCE) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => {
                panic!("no answer within {PATIENCE:?} from {}", self.story)
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = self.process.wait().unwrap();
                panic!("{status} instead of an answer from {}", self.story)
            }
        }
    }

    /// Ends the child at whatever instruction it is, and waits until it has ended.
    #[track_caller]
    pub(crate) fn kill(&mut self) {
        let _ = self.process.kill();
        self.wait();
    }

    /// Waits for the child to end by itself.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        // Its output ends when it does.
        loop {
            match self.answers.recv_timeout(PATIENCE) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return self.process.wait().unwrap(),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("not ended within {PATIENCE:?}: {}", self.story)
                }
            }
        }
    }
}

/// Reads what a child prints, until it ends.
fn listen(mut output: BufReader<ChildStdout>, story: Arc<Story>) -> Receiver<String> {
    let (says, said) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        while output.read_line(&mut line).is_ok_and(|read| read > 0) {
            let text = line.trim_end();
            // The harness says on the same line which test runs.
            if let Some((_, answer)) = text.split_once(MARK) {
                story.add(format!("> {answer}"));
                let _ = says.send(answer.to_owned());
            } else if !text.is_empty() {
                story.add(text.to_owned());
            }
            line.clear();
        }
    });
    said
}

impl Drop for Child {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.story);
        }
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
        // The parent's test shows it, should it fail.
        panic::set_hook(Box::new(|panic| say(NOTE, &panic.to_string())));
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
        say(MARK, line);
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

/// The value that was published last, and its version.
#[track_caller]
pub(crate) fn latest<T: SharedData>(reader: &mut Reader<T>) -> Option<(u64, T)> {
    let value = reader.latest().unwrap()?;
    Some((reader.version(), value))
}

/// Another value than the one that was read last, and its version; `None` if there is none in time.
#[track_caller]
pub(crate) fn wait_latest<T: SharedData>(
    reader: &mut Reader<T>,
    timeout: Duration,
) -> Option<(u64, T)> {
    let has_changed = reader.wait_changed(timeout).unwrap();
    has_changed.then(|| latest(reader).unwrap())
}

/// Marsaglia's xorshift: the same numbers again from the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn of(seed: u64) -> Self {
        // Never 0, and unlike that of the next seed.
        let mut random = Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03 | 1);
        random.next();
        random
    }

    /// Numbers that nobody can predict; says which.
    pub(crate) fn unpredictable() -> Self {
        let seed = RandomState::new().hash_one(0);
        println!("seed {seed}");
        Self::of(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// Less than `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 11) % end
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
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

#[test]
#[ignore = "a child process of another test"]
fn child_that_fails() {
    let Some(parent) = Parent::find() else { return };
    parent.tell("begins");
    assert_eq!(parent.hear(), "go on");
    panic!("as a test, with {}", parent.argument(0));
}

#[test]
fn a_child_that_fails_is_told_of_with_all_that_is_known() {
    let _watchdog = watchdog();
    let mut child = Child::start(child_that_fails, &["this", "and that"]);
    assert_eq!(child.answer(), "begins");
    child.tell("go on");
    let process = child.process.id().to_string();
    let answer = panic::AssertUnwindSafe(|| child.answer());
    let message = panic::catch_unwind(answer).unwrap_err();
    let message = message.downcast::<String>().unwrap();
    for part in [
        "exit code: 101 instead of an answer",
        "child support::child_that_fails",
        &process,
        r#"["this", "and that"]"#,
        "> begins",
        "< go on",
        "as a test, with this",
    ] {
        assert!(message.contains(part), "{part:?} is missing: {message}");
    }
    let test = "support::a_child_that_fails_is_told_of_with_all_that_is_known";
    assert!(children_of(test).contains("child_that_fails"));
}
