//! `cargo xtask test`: runs the steps and says how they came out.

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::args::TestArgs;
use crate::failure::{Failure, Result};
use crate::host::cpu::{self, Meter};
use crate::host::interrupt;
use crate::host::log::{self, say};
use crate::host::packages::Needs;
use crate::host::paths::Paths;
use crate::host::session::Session;
use crate::host::toolchain::Toolchain;
use crate::steps::lanes::Lanes;
use crate::steps::{Lane, Outcome, STEPS, Step, Tests};

/// How often steps that take long are told of.
const HEARTBEAT: Duration = Duration::from_secs(60);

const TICK: Duration = Duration::from_millis(50);

/// So many steps run side by side, on any machine: programs under Wine mostly wait, and tests are not late with
/// so many.
const AT_ONCE: usize = 3;

pub(crate) fn list() {
    for step in STEPS {
        println!("{:<12} {}", step.name, step.about);
    }
}

pub(crate) fn run(paths: &Paths, args: &TestArgs) -> Result<()> {
    let steps = choose(&args.steps)?;
    if args.target.is_some() && Toolchain::choose() != Toolchain::Native {
        return Err(Failure::usage(
            "`--target` is for Windows; elsewhere the steps say what they build for",
        ));
    }
    // What several steps print would be mixed up.
    let report = Report::new(steps.len() == 1);
    let set_up = Meter::default();
    cpu::count_in(&set_up);
    cpu::count_detached_in(&report.wine);
    let ran = Session::run(paths, Needs::Everything, |session| {
        say(&format!("Toolchain: {}", session.toolchain.describe()));
        report.add(report.row_of_set_up(Ok(Outcome::Passed), &set_up));
        let tests = Tests {
            session,
            target: args.target.as_deref(),
            kills: args.kills,
            are_named: !args.steps.is_empty(),
        };
        run_all(&steps, &tests, &report)
    });
    if interrupt::requested() {
        return Err(Failure::interrupted());
    }
    if let Err(failure) = ran {
        report.add(report.row_of_set_up(Err(failure), &set_up));
    }
    report.summarize()
}

/// The steps named, in their own order.
fn choose(names: &[String]) -> Result<Vec<&'static Step>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        return Err(Failure::usage(format!(
            "there is no step `{unknown}`; `cargo xtask test --list` lists those there are"
        )));
    }
    let wanted = |step: &&Step| names.is_empty() || names.iter().any(|name| name == step.name);
    Ok(STEPS.iter().filter(wanted).collect())
}

/// Runs `steps` in their lanes.
fn run_all(steps: &[&'static Step], tests: &Tests<'_>, report: &Report) -> Result<()> {
    let lanes = if tests.session.toolchain == Toolchain::Native {
        vec![(1, steps.to_vec())]
    } else {
        let lane = |lane| steps.iter().copied().filter(move |it| it.lane == lane);
        Lane::ALL.map(|it| (it.room(), lane(it).collect())).to_vec()
    };
    let lanes = Lanes::new(lanes);
    let work = || {
        while let Some(taken) = lanes.next() {
            if interrupt::requested() {
                break;
            }
            run_step(taken.work, tests, report)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers = [(); AT_ONCE].map(|()| scope.spawn(work));
        let mut told = Instant::now();
        while !workers.iter().all(|worker| worker.is_finished()) {
            if told.elapsed() > HEARTBEAT {
                report.tell_running();
                told = Instant::now();
            }
            thread::sleep(TICK);
        }
        workers.into_iter().try_for_each(|worker| {
            worker
                .join()
                .unwrap_or_else(|_| Err(Failure::new("a step panicked")))
        })
    })
}

fn run_step(step: &'static Step, tests: &Tests<'_>, report: &Report) -> Result<()> {
    let log = log::begin(&tests.session.paths.logs(), step.name, report.shows_all)?;
    let started = Instant::now();
    report.begin(step, started);
    let cpu = Meter::default();
    cpu::count_in(&cpu);
    let result = (step.run)(tests);
    log::end();
    let failed = result.is_err();
    report.add(Row {
        name: step.name,
        result,
        wall: started.elapsed(),
        cpu,
        log: Some(log),
    });
    if failed && step.lane == Lane::Wine && !report.uses_wine() && !interrupt::requested() {
        // What a failed step has left running must not disturb the next.
        tests.session.restart_wine()?;
    }
    Ok(())
}

/// How one step came out.
#[derive(Debug)]
struct Row {
    name: &'static str,
    result: Result<Outcome>,
    wall: Duration,
    cpu: Meter,
    /// Where all that it printed is.
    log: Option<PathBuf>,
}

impl Row {
    fn line(&self) -> String {
        let (verdict, detail) = match &self.result {
            Ok(Outcome::Passed) => ("passed", String::new()),
            Ok(Outcome::Skipped(reason)) => ("skipped", format!("  {reason}")),
            Err(failure) => ("FAILED", format!("  {failure}")),
        };
        let (name, seconds) = (self.name, self.wall.as_secs_f32());
        format!("{name:<12} {verdict:<8} {seconds:>7.1} s{detail}")
    }

    /// Says why it failed, and where to read more.
    fn explain(&self) {
        let Some(path) = &self.log else { return };
        let text = fs::read_to_string(path).unwrap_or_default();
        say(&format!("\n{}\n", log::reason(&text)));
        say(&format!(
            "All that {} printed is in {}\n",
            self.name,
            path.display()
        ));
    }
}

/// The steps that run and those that have run.
#[derive(Debug)]
struct Report {
    /// All that a step prints is shown.
    shows_all: bool,
    started: Instant,
    /// What Wine's server and services use, for all steps.
    wine: Meter,
    board: Mutex<Board>,
}

#[derive(Debug, Default)]
struct Board {
    running: Vec<(&'static Step, Instant)>,
    rows: Vec<Row>,
}

impl Report {
    fn new(shows_all: bool) -> Self {
        Self {
            shows_all,
            started: Instant::now(),
            wine: Meter::default(),
            board: Mutex::default(),
        }
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn row_of_set_up(&self, result: Result<Outcome>, cpu: &Meter) -> Row {
        Row {
            name: "set-up",
            result,
            wall: self.started.elapsed(),
            cpu: cpu.clone(),
            log: None,
        }
    }

    fn begin(&self, step: &'static Step, started: Instant) {
        self.board().running.push((step, started));
    }

    /// Whether a step runs that may run programs under Wine.
    fn uses_wine(&self) -> bool {
        let board = self.board();
        board
            .running
            .iter()
            .any(|(step, _)| step.lane == Lane::Wine)
    }

    /// Says how a step came out, at once.
    fn add(&self, row: Row) {
        let mut board = self.board();
        board.running.retain(|(step, _)| step.name != row.name);
        if interrupt::requested() {
            return;
        }
        say(&row.line());
        if row.result.is_err() && !self.shows_all {
            row.explain();
        }
        board.rows.push(row);
    }

    fn tell_running(&self) {
        let running: Vec<_> = self
            .board()
            .running
            .iter()
            .map(|(step, started)| format!("{} ({} s)", step.name, started.elapsed().as_secs()))
            .collect();
        say(&format!("    … {}", running.join(", ")));
    }

    /// What each step took, and what all of them need at least.
    fn tell_times(&self) {
        let board = self.board();
        say(&format!("\n{:<12} {:>9} {:>9}", "step", "wall", "CPU"));
        let line = |name, wall: Duration, cpu: Duration| {
            let (wall, cpu) = (wall.as_secs_f32(), cpu.as_secs_f32());
            say(&format!("{name:<12} {wall:>7.1} s {cpu:>7.1} s"));
        };
        for row in &board.rows {
            line(row.name, row.wall, row.cpu.total());
        }
        let rows = board.rows.iter().map(|row| row.cpu.total());
        let cpu = rows.sum::<Duration>() + self.wine.total();
        // Its server runs all the time, for all steps.
        line("Wine's own", self.started.elapsed(), self.wine.total());
        line("all", self.started.elapsed(), cpu);
        if let Ok(processors) = thread::available_parallelism() {
            let seconds = cpu.as_secs() / processors.get() as u64;
            let (minutes, seconds) = (seconds / 60, seconds % 60);
            say(&format!(
                "A run on {processors} processors takes {minutes} min {seconds} s at least."
            ));
        }
    }

    fn summarize(&self) -> Result<()> {
        if cfg!(target_os = "linux") {
            self.tell_times();
        }
        let board = self.board();
        let count = |wanted: fn(&Row) -> bool| board.rows.iter().filter(|row| wanted(row)).count();
        let failed = count(|row| row.result.is_err());
        let skipped = count(|row| matches!(row.result, Ok(Outcome::Skipped(_))));
        let passed = board.rows.len() - failed - skipped;
        let seconds = self.started.elapsed().as_secs();
        say(&format!(
            "\n{passed} passed, {failed} failed, {skipped} skipped in {} min {} s",
            seconds / 60,
            seconds % 60
        ));
        for row in board.rows.iter().filter(|row| row.result.is_err()) {
            say(&row.line());
            let text = row.log.as_ref().map(fs::read_to_string);
            let text = text.and_then(|text| text.ok()).unwrap_or_default();
            for test in log::failed_tests(&text) {
                say(&format!("    {test}"));
            }
        }
        if failed > 0 {
            Err(Failure::told())
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{STEPS, choose};

    #[test]
    fn all_steps_run_unless_some_are_named() {
        assert_eq!(choose(&[]).map(|steps| steps.len()).ok(), Some(STEPS.len()));
        let named = choose(&["docs".into(), "fmt".into()]);
        let names = named.map(|steps| steps.iter().map(|step| step.name).collect::<Vec<_>>());
        assert_eq!(names.ok(), Some(vec!["fmt", "docs"]));
        assert_eq!(
            choose(&["dosc".into()]).err().map(|failure| failure.code()),
            Some(2)
        );
    }

    #[test]
    fn no_two_steps_share_a_name() {
        let names: std::collections::BTreeSet<_> = STEPS.iter().map(|step| step.name).collect();
        assert_eq!(names.len(), STEPS.len());
    }
}
