//! The README's two programs, as a user runs them, and other examples: those that wait for several things at once,
//! those of a broadcast and a channel, and the dashboard of a game.
//! `tests/tidy` compares the text of the two with the README's.
//!
//! Regions have names of their own, so one test tells the whole story of each.

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

    /// Kills it; what it has printed since it was asked last.
    fn end(mut self) -> Vec<String> {
        let _ = self.process.kill();
        self.lines.iter().collect()
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

/// The number at the end of the part of a line that comes after `before`.
fn number_after(line: &str, before: &str) -> Option<u64> {
    let (_, rest) = line.split_once(before)?;
    rest.split(':').next()?.parse().ok()
}

#[test]
#[ignore = "needs the examples: `cargo xtask test readme` builds them"]
fn the_example_of_a_broadcast_prints_every_trade_across_restarts() {
    let _watchdog = watchdog();
    let mut trades = Program::start("trades");
    let publisher = Program::start("trades_publisher");
    let mut last = trades.until("a trade", |line| number_after(line, "trade "));
    let mut next = |trades: &mut Program| {
        let number = trades.until("a trade", |line| number_after(line, "trade "));
        assert_eq!(number, last + 1, "{:#?}", trades.printed);
        last = number;
    };
    for _ in 0..3 {
        next(&mut trades);
    }
    drop(publisher);
    // Whatever it has sent comes first.
    loop {
        let number = trades.until("a trade or the end", |line| {
            let has_closed = line.starts_with("the exchange has closed");
            let number = number_after(line, "trade ");
            (has_closed || number.is_some()).then_some(number)
        });
        let Some(number) = number else { break };
        assert_eq!(number, last + 1);
        last = number;
    }
    let _publisher = Program::start("trades_publisher");
    let number = trades.until("a trade", |line| number_after(line, "trade "));
    assert_eq!(number, last + 1, "{:#?}", trades.printed);
}

#[test]
#[ignore = "needs the examples: `cargo xtask test readme` builds them"]
fn the_example_of_a_channel_prints_every_line_across_restarts() {
    let _watchdog = watchdog();
    let step = |line: &str| number_after(line, ": step ");
    let sender = Program::start("log_sender");
    let mut collector = Program::start("log_collector");
    for expected in 1..5 {
        assert_eq!(collector.until("a step", step), expected);
    }
    let left = collector.end();
    let last = left.iter().filter_map(|line| step(line)).next_back();
    let last = last.unwrap_or(4);
    let mut collector = Program::start("log_collector");
    let first = collector.until("a step", step);
    // It may have been printed, and not yet been done.
    assert!(first == last || first == last + 1, "{first} after {last}");
    for expected in first + 1..first + 4 {
        assert_eq!(collector.until("a step", step), expected);
    }
    drop(sender);
    collector.until("that it waits", |line| {
        line.starts_with("no senders are left").then_some(())
    });
}

/// The numbers of a line such as ` 90.0 km/h  gear 2   4000 rpm`.
fn speed_and_engine(line: &str) -> Option<(f64, f64)> {
    let (speed, rest) = line.split_once(" km/h  gear ")?;
    let (_gear, engine) = rest.split_once(' ')?;
    let number = |it: &str| it.trim().parse().ok();
    Some((number(speed)?, number(engine.strip_suffix(" rpm")?)?))
}

#[test]
#[ignore = "needs the examples: `cargo xtask test readme` builds them"]
fn the_example_of_a_dashboard_shows_whole_values_across_restarts_of_the_game() {
    let _watchdog = watchdog();
    let mut dashboard = Program::start("dashboard");
    for _ in 0..2 {
        let game = Program::start("dashboard_publisher");
        dashboard.until("that the game is there", |line| {
            (line == "the region is live").then_some(())
        });
        for _ in 0..5 {
            let shown = |line: &str| speed_and_engine(line).filter(|(speed, _)| *speed > 0.0);
            let (speed, engine) = dashboard.until("a speed", shown);
            // The engine of the stand-in turns as fast as its car does.
            let expected = 2000.0 + 80.0 * speed / 3.6;
            assert!((engine - expected).abs() < 2.0, "{:#?}", dashboard.printed);
        }
        drop(game);
        dashboard.until("the end of the game", |line| {
            (line == "the region is gone").then_some(())
        });
    }
}
