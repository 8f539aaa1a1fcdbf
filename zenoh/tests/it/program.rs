//! [`Program`]

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::memory::peak;

/// Nothing that a test waits for takes longer, on a machine that is ten times as busy as it should be either.
pub(crate) const WATCHDOG: Duration = Duration::from_secs(120);

/// A `winshm-zenoh` that runs, until it is dropped.
pub(crate) struct Program {
    child: Child,
    /// What it prints and says, line by line.
    lines: Receiver<String>,
}

impl Program {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_winshm-zenoh"));
        command.args(arguments);
        Self::spawn(command)
    }

    pub(crate) fn spawn(mut command: Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        listen(child.stdout.take().unwrap(), sender.clone());
        listen(child.stderr.take().unwrap(), sender);
        Self { child, lines }
    }

    /// Waits for a line with this in it.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) -> String {
        self.find(text, |line| line.contains(text).then(|| line.to_owned()))
    }

    /// Waits for a copy with this speed, or any.
    #[track_caller]
    pub(crate) fn speed(&self, wanted: impl Fn(f64) -> bool) -> f64 {
        self.find("a speed", |line| {
            let told: Value = serde_json::from_str(line).ok()?;
            told["values"]["speed"].as_f64().filter(|it| wanted(*it))
        })
    }

    /// Waits for two copies that differ.
    #[track_caller]
    pub(crate) fn moves(&self) {
        let first = self.speed(|_| true);
        self.speed(|it| it != first);
    }

    /// A line with this in it, if there is one within this time.
    pub(crate) fn says(&self, text: &str, within: Duration) -> Option<String> {
        let find = |line: &str| line.contains(text).then(|| line.to_owned());
        self.find_within(within, find).ok()
    }

    #[track_caller]
    fn find<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        match self.find_within(WATCHDOG, find) {
            Ok(found) => found,
            Err(said) => panic!("{what} does not come; it said:\n{said}"),
        }
    }

    /// What is found in a line; otherwise all that was said.
    fn find_within<T>(
        &self,
        within: Duration,
        find: impl Fn(&str) -> Option<T>,
    ) -> Result<T, String> {
        let begun = Instant::now();
        let mut said = String::new();
        while let Ok(line) = self
            .lines
            .recv_timeout(within.saturating_sub(begun.elapsed()))
        {
            if let Some(found) = find(&line) {
                return Ok(found);
            }
            said.push_str(&line);
            said.push('\n');
        }
        Err(said)
    }

    /// Passes over what it has said so far.
    pub(crate) fn forget(&self) {
        while self.lines.try_recv().is_ok() {}
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// The most memory that it has had, in MB.
    pub(crate) fn peak(&self) -> Option<u64> {
        peak(&self.child)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn listen(from: impl Read + Send + 'static, sender: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
}
