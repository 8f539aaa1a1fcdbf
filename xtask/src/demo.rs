//! `cargo xtask demo`: programs side by side, live.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::args::DemoArgs;
use crate::failure::{Failure, Result};
use crate::host::interrupt;
use crate::host::job::Job;
use crate::host::log::say;
use crate::host::packages::Needs;
use crate::host::paths::Paths;
use crate::host::process;
use crate::host::session::Session;

/// One demo: a line in the list below adds one.
#[derive(Debug)]
struct Demo {
    name: &'static str,
    shows: &'static str,
    programs: &'static [Program],
}

/// One of the processes of a demo.
#[derive(Debug, Clone, Copy)]
struct Program {
    role: &'static str,
    /// The example that it is; otherwise the tool.
    example: Option<&'static str>,
    arguments: &'static [&'static str],
    /// When it is started and when it is killed, in parts of the demo's time.
    from: f32,
    until: f32,
}

impl Program {
    const fn from(self, from: f32) -> Self {
        Self { from, ..self }
    }

    const fn until(self, until: f32) -> Self {
        Self { until, ..self }
    }

    const fn with(self, arguments: &'static [&'static str]) -> Self {
        Self { arguments, ..self }
    }
}

/// A program that runs all the time.
const fn program(role: &'static str, example: &'static str) -> Program {
    Program {
        role,
        example: Some(example),
        arguments: &[],
        from: 0.0,
        until: f32::INFINITY,
    }
}

/// A command of the tool.
const fn winshm(role: &'static str, arguments: &'static [&'static str]) -> Program {
    Program {
        example: None,
        arguments,
        ..program(role, "")
    }
}

const fn demo(name: &'static str, shows: &'static str, programs: &'static [Program]) -> Demo {
    Demo {
        name,
        shows,
        programs,
    }
}

/// The first is shown when none is named.
const DEMOS: &[Demo] = &[
    demo(
        "tour",
        "winshm stands in for a game, shows and records it, is killed, and plays the recording to a reader",
        &[
            winshm(
                "game",
                &[
                    "serve",
                    "assetto-corsa-physics",
                    "gear=4",
                    "fuel=31.5",
                    "--wave",
                    "speed_kmh=sine(60,240,6s)",
                    "--wave",
                    "rpm=triangle(3200,7600,2s)",
                ],
            )
            .until(0.5),
            winshm(
                "watch",
                &[
                    "watch",
                    ACPMF,
                    "--fields",
                    "speed_kmh",
                    "rpm",
                    "--rate",
                    "3",
                ],
            )
            .from(0.05)
            .until(0.3),
            winshm("record", &["record", ACPMF, "-o", "lap.mcap"])
                .from(0.1)
                .until(0.5),
            winshm("info", &["info", "lap.mcap"]).from(0.55),
            winshm(
                "plot",
                &["plot", "lap.mcap", "speed_kmh", "rpm", "-o", "lap.html"],
            )
            .from(0.6),
            winshm("replay", &["replay", "lap.mcap", "--exact"]).from(0.65),
            program("reader", "assetto").from(0.65),
        ],
    ),
    demo(
        "snapshot",
        "the README's two programs: the publisher is killed and comes back, the reader goes on",
        &[
            program("publisher", "publisher").until(0.35),
            program("publisher", "publisher").from(0.65),
            program("reader", "reader"),
        ],
    ),
    demo(
        "broadcast",
        "every trade, in order: the exchange is killed and comes back, and no number is missing",
        &[
            program("exchange", "trades_publisher").until(0.35),
            program("exchange", "trades_publisher").from(0.65),
            program("listener", "trades"),
        ],
    ),
    demo(
        "channel",
        "every line, once: the collector is killed and comes back, and goes on where it was",
        &[
            program("sender 1", "log_sender"),
            program("sender 2", "log_sender"),
            program("collector", "log_collector").until(0.35),
            program("collector", "log_collector").from(0.65),
        ],
    ),
    demo(
        "mutex",
        "three programs count together; one is killed with the lock, and nothing is lost",
        &[
            program("counter 1", "counter"),
            program("counter 2", "counter"),
            program("counter 3", "counter")
                .with(&["hold"])
                .from(0.4)
                .until(0.6),
        ],
    ),
    demo(
        "security",
        "regions that grant different things, and what a program gets that asks for more",
        &[
            program("owner", "security_owner"),
            program("guest", "security_guest").from(0.1),
        ],
    ),
    demo(
        "link",
        "a writer and a reader share one typed value",
        &[
            program("writer", "demo_writer"),
            program("reader", "demo_reader"),
        ],
    ),
    demo(
        "mumble",
        "MumbleLink, as games write it: texts and positions",
        &[
            program("game", "mumble_publisher"),
            program("reader", "mumble"),
        ],
    ),
    demo(
        "hwinfo",
        "HWiNFO's sensors: a packed header and two tables",
        &[
            program("monitor", "hwinfo_publisher"),
            program("reader", "hwinfo"),
        ],
    ),
    demo(
        "iracing",
        "iRacing's telemetry: variables by name, in the latest of its buffers",
        &[
            program("game", "iracing_publisher"),
            program("reader", "iracing"),
        ],
    ),
    demo(
        "assetto",
        "Assetto Corsa's physics, all of one large struct: the game is killed and comes back",
        &[
            program("game", "assetto_publisher").until(0.35),
            program("game", "assetto_publisher").from(0.65),
            program("reader", "assetto"),
        ],
    ),
    demo(
        "rfactor2",
        "a dashboard of rFactor 2 in under 40 lines: the game is killed and comes back",
        &[
            program("game", "dashboard_publisher").until(0.35),
            program("game", "dashboard_publisher").from(0.65),
            program("dashboard", "dashboard"),
        ],
    ),
];

/// The region of Assetto Corsa.
const ACPMF: &str = r"Local\acpmf_physics";

/// Shows the bytes of any region.
const PEEK: Program = program("peek", "peek");

const BUILD_LIMIT: Duration = Duration::from_secs(15 * 60);

const TICK: Duration = Duration::from_millis(20);

pub(crate) fn list() {
    for demo in DEMOS {
        println!("{:<10} {}", demo.name, demo.shows);
    }
}

pub(crate) fn run(paths: &Paths, args: &DemoArgs) -> Result<()> {
    let programs = choose(args)?;
    Session::run(paths, Needs::Run, |session| {
        build(session, programs)?;
        play(session, programs, args)
    })
}

fn choose(args: &DemoArgs) -> Result<&'static [Program]> {
    if args.read.is_some() {
        return Ok(std::slice::from_ref(&PEEK));
    }
    let name = args.name.as_deref().unwrap_or(DEMOS[0].name);
    let demo = DEMOS.iter().find(|demo| demo.name == name);
    demo.map(|demo| demo.programs).ok_or_else(|| {
        Failure::usage(format!(
            "there is no demo `{name}`; `cargo xtask demo --list` lists those there are"
        ))
    })
}

fn build(session: &Session<'_>, programs: &[Program]) -> Result<()> {
    let mut builds = Vec::new();
    let examples: Vec<_> = programs.iter().filter_map(|it| it.example).collect();
    if !examples.is_empty() {
        let examples = examples.into_iter().flat_map(|it| ["--example", it]);
        builds.push(examples.collect::<Vec<_>>());
    }
    if programs.iter().any(|it| it.example.is_none()) {
        builds.push(vec!["--package", "winshm"]);
    }
    say("Building (the first time with Rust's standard library, some minutes) …");
    for arguments in builds {
        let mut cargo = session.toolchain.windows_cargo(session.paths, None);
        cargo.arg("build").args(arguments);
        process::run("cargo build", BUILD_LIMIT, cargo)?;
    }
    Ok(())
}

/// Where the programs run: what they write is found there.
fn folder(session: &Session<'_>) -> Result<PathBuf> {
    let folder = session.paths.root().join("target").join("demo");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| Failure::io("remove", &folder, &error))?;
    }
    fs::create_dir_all(&folder).map_err(|error| Failure::io("make", &folder, &error))?;
    Ok(folder)
}

/// Starts each program when its time has come, kills it when that is over, and ends what is left.
fn play(session: &Session<'_>, programs: &[Program], args: &DemoArgs) -> Result<()> {
    let width = programs
        .iter()
        .map(|program| program.role.len())
        .max()
        .unwrap_or(0);
    let (sender, lines) = mpsc::channel();
    let folder = folder(session)?;
    let mut stage = Stage {
        session,
        folder: &folder,
        args,
        width,
        waiting: programs.to_vec(),
        running: Vec::new(),
        sender,
    };
    let outcome = watch(&mut stage, &lines);
    for (_, job) in &mut stage.running {
        job.end();
    }
    drop(stage);
    while let Ok(line) = lines.recv_timeout(TICK) {
        say(&line);
    }
    if folder.join("lap.html").exists() {
        say(&format!(
            "The chart is {}",
            folder.join("lap.html").display()
        ));
    }
    outcome
}

/// The programs that run, and those that are still to come.
struct Stage<'a> {
    session: &'a Session<'a>,
    folder: &'a Path,
    args: &'a DemoArgs,
    width: usize,
    waiting: Vec<Program>,
    running: Vec<(Program, Job)>,
    /// For the lines of those that are still to come.
    sender: Sender<String>,
}

impl Stage<'_> {
    /// Starts and kills those whose time it is, `now` being the part of the demo's time that is over.
    fn direct(&mut self, now: f32) -> Result<()> {
        for (program, mut job) in self.running.extract_if(.., |it| it.0.until <= now) {
            job.end();
            say(&format!("{:<1$} ╳ killed", program.role, self.width));
        }
        for program in self.waiting.extract_if(.., |it| it.from <= now) {
            let executable = executable(self.session, program);
            let mut command = self.session.toolchain.run(self.session.paths, &executable);
            command.args(&self.args.read).args(program.arguments);
            command.current_dir(self.folder);
            let prefix = format!("{:<1$} │ ", program.role, self.width);
            if program.from > 0.0 {
                say(&format!("{:<1$} ▶ started", program.role, self.width));
            }
            self.running
                .push((program, start(command, &prefix, &self.sender)?));
        }
        Ok(())
    }
}

fn executable(session: &Session<'_>, program: Program) -> PathBuf {
    let programs = session.toolchain.programs(session.paths);
    match program.example {
        Some(example) => programs.join("examples").join(format!("{example}.exe")),
        None => programs.join("winshm.exe"),
    }
}

fn start(mut command: Command, prefix: &str, lines: &Sender<String>) -> Result<Job> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut job = Job::start(command)?;
    if let Some(output) = job.child().stdout.take() {
        process::read_lines(output, prefix.to_owned(), lines.clone());
    }
    if let Some(errors) = job.child().stderr.take() {
        process::read_lines(errors, prefix.to_owned(), lines.clone());
    }
    Ok(job)
}

/// Passes on what the programs say until the time is up, all have ended, one
/// has failed, or Ctrl-C.
fn watch(stage: &mut Stage<'_>, lines: &Receiver<String>) -> Result<()> {
    let time = Duration::from_secs(stage.args.seconds.into());
    let started = Instant::now();
    loop {
        stage.direct(started.elapsed().as_secs_f32() / time.as_secs_f32())?;
        match lines.recv_timeout(TICK) {
            Ok(line) => say(&line),
            Err(RecvTimeoutError::Disconnected) => thread::sleep(TICK),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if interrupt::requested() || started.elapsed() > time {
            return Ok(());
        }
        let mut running = stage.waiting.len();
        for (program, job) in &mut stage.running {
            match job.poll()? {
                None => running += 1,
                Some(status) if status.success() => {}
                Some(status) => {
                    let message = format!(
                        "the {} ({}) failed: {status}",
                        program.role,
                        program.example.unwrap_or("winshm")
                    );
                    return Err(Failure::with_code(message, status.code()));
                }
            }
        }
        if running == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DEMOS, choose};
    use crate::args::DemoArgs;

    #[test]
    fn the_first_demo_is_the_default_and_any_other_must_exist() {
        let named = |name: Option<&str>| {
            choose(&DemoArgs {
                name: name.map(String::from),
                seconds: 1,
                read: None,
            })
            .map(|programs| programs.len())
            .map_err(|failure| failure.code())
        };
        assert_eq!(named(None), Ok(DEMOS[0].programs.len()));
        assert_eq!(named(Some("no such demo")), Err(2));
    }
}
