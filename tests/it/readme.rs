//! The README's two programs, as a user runs them, and the examples that wait for several things at once.
//! `tests/tidy` compares the text of the two with the README's.
//!
//! Their region has a name of its own, so one test tells the whole story.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::support::{PATIENCE, spawn, watchdog};

/// One of the programs. Killed on drop.
struct Program {
    name: &'static str,
    process: Child,
    lines: Receiver<String>,
    printed: Vec<String>,
}

impl Program {
    fn start(name: &'static str) -> Self {
        let mut process = spawn(Command::new(path(name)).stdout(Stdio::piped()))
            .unwrap_or_else(|error| panic!("{name} cannot start: {error}"));
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            name,
            process,
            lines,
            printed: Vec::new(),
        }
    }

    /// The same, with an argument that ends another.
    fn stop(name: &'static str) {
        let stopped = spawn(Command::new(path(name)).arg("now")).unwrap().wait();
        assert!(stopped.unwrap().success());
    }

    /// Waits for a line of which `wanted` makes something.
    #[track_caller]
    fn until<R>(&mut self, what: &str, wanted: impl Fn(&str) -> Option<R>) -> R {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => {
                    let found = wanted(&line);
                    self.printed.push(line);
                    if let Some(found) = found {
                        return found;
                    }
                }
                Err(error) => panic!(
                    "{} did not print {what} ({error}); it printed: {:#?}",
                    self.name, self.printed
                ),
            }
        }
    }

    /// A score above this one.
    #[track_caller]
    fn score_above(&mut self, least: u32) -> u32 {
        self.until(&format!("a score above {least}"), |line| {
            score(line).filter(|score| *score > least)
        })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Fails if it has ended, which is the aim.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// `cargo` puts examples beside the folder of the tests.
fn path(name: &str) -> PathBuf {
    let tests = env::current_exe().unwrap();
    let built = tests.ancestors().nth(2).unwrap();
    built.join("examples").join(format!("{name}.exe"))
}

fn score(line: &str) -> Option<u32> {
    let (score, lives) = line.strip_prefix("score ")?.split_once(", ")?;
    assert_eq!(lives, "3 lives", "{line:?}");
    score.parse().ok()
}

#[test]
#[ignore = "needs the examples: `cargo xtask test readme` builds them"]
fn the_readmes_programs_find_each_other_in_any_order_and_survive_restarts() {
    let _watchdog = watchdog();
    // The reader comes first, and waits.
    let mut reader = Program::start("reader");
    reader.until("that it waits", |line| {
        (line == "waiting for the game").then_some(())
    });
    let publisher = Program::start("publisher");
    reader.score_above(3);

    // The publisher is killed: the reader says so, and goes on with the next.
    drop(publisher);
    reader.until("the end of the game", |line| {
        line.starts_with("the game has ended").then_some(())
    });
    let publisher = Program::start("publisher");
    let next = reader.until("a score of the next game", score);
    reader.score_above(next + 3);

    // The reader is killed: the next begins where the game is.
    drop(reader);
    let mut reader = Program::start("reader");
    let now = reader.until("any score", score);
    reader.score_above(now + 3);

    // Both are gone; the publisher comes first.
    drop((publisher, reader));
    let _publisher = Program::start("publisher");
    let mut reader = Program::start("reader");
    reader.score_above(3);

    // Those that wait for several things at once.
    for name in ["stop", "tokio", "async_io"] {
        let mut program = Program::start(name);
        let now = program.until("any score", score);
        program.score_above(now + 3);
        if name == "stop" {
            Program::stop(name);
            program.until("that it was stopped", |line| {
                (line == "stopped").then_some(())
            });
        }
    }
}
