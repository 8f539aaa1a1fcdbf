//! Computers with the program for Windows: Wine prefixes, of which none sees the regions of another.
//!
//! `WIN_SHARED_MEMORY_CLIENTS` is the folder of the programs of `peers/clients`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::crowds::storm;
use crate::link::{Link, State};
use crate::prefix::{Prefix, variable};
use crate::samples::{Sample, assert_has, assert_whole, samples};
use crate::share::{Sharing, recording};
use crate::tool::{Ran, WATCHDOG, finish};

/// The region, under the name that its readers know.
const IRACING: &str = r"Local\IRSDKMemMapFileName";

/// Values that are all the same number, which goes up.
const NAMES: [&str; 3] = ["Speed", "RPM", "Throttle"];

/// A computer with Windows.
struct Computer(Prefix);

impl Computer {
    fn new() -> Self {
        Self(Prefix::new())
    }

    /// A program for Windows.
    fn program(&self, program: &Path, arguments: &[&str]) -> Command {
        let program = [program.to_str().unwrap()];
        self.0.command("wine", &[&program, arguments].concat())
    }

    fn winshm(&self, arguments: &[&str]) -> Command {
        self.program(&variable("WINSHM_EXE"), arguments)
    }

    /// Starts what holds a region, and waits until it says that it does.
    #[track_caller]
    fn holds(&self, how: &str, arguments: &[&str]) -> Running {
        let mut child = self.winshm(arguments).spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        assert!(line.contains(how), "{line}");
        Running(child)
    }

    /// The speed, as winshm reads it.
    fn speed(&self) -> Ran {
        let mut command = self.winshm(&["read", IRACING, "Speed"]);
        finish(command.stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Waits until the speed moves, or until it stands still.
    #[track_caller]
    fn wait(&self, moves: bool) {
        let begun = Instant::now();
        let read = || {
            let ran = self.speed();
            assert_eq!(ran.code, 0, "{}", ran.err);
            ran.out
        };
        let mut last = read();
        loop {
            thread::sleep(Duration::from_millis(100));
            let now = read();
            if (now != last) == moves {
                break;
            }
            assert!(begun.elapsed() < WATCHDOG, "{now} after {last}");
            last = now;
        }
    }

    /// What a crate reads that knows nothing of us.
    #[track_caller]
    fn client(&self) -> Vec<Sample> {
        let program = variable("WIN_SHARED_MEMORY_CLIENTS").join("iracing_telem.exe");
        let arguments = [&["100", "Gear"], &NAMES[..]].concat();
        let mut client = self.program(&program, &arguments);
        samples("iracing_telem", client.spawn().unwrap())
    }
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
#[ignore = "needs Wine, and programs for Windows"]
fn programs_on_a_second_computer_read_the_region_of_the_first() {
    let (first, second) = (Computer::new(), Computer::new());
    let waves = NAMES.map(|it| format!("{it}=ramp(1,1000001,1000s)"));
    let waves = waves.iter().flat_map(|it| ["--wave", it]);
    let serve = ["serve", "iracing", "--rate", "60", "Gear=-1"].into_iter();
    let _serving = first.holds(" is served", &serve.chain(waves).collect::<Vec<_>>());
    let share = ["share", IRACING, "--listen", "127.0.0.1:0", "--token"];
    let sharing = Sharing::spawn(&mut first.winshm(&share));
    let link = Link::to(sharing.address);
    let page = sharing
        .page
        .replace(&sharing.address.to_string(), &link.address.to_string());
    assert_eq!(first.speed().code, 0);
    assert_eq!(second.speed().code, 3, "a computer of its own");

    let _mirroring = second.holds(
        " is mirrored",
        &["mirror", &page, IRACING, "--gone", "10min"],
    );
    let speed = |it: &Sample| it["Speed"].parse::<f64>().unwrap();
    let mut last = 0.0;
    let mut goes_on = || {
        let read = second.client();
        let session = "session_info=TrackDisplayName: Silverstone Circuit";
        assert_has(&read[0], &[session]);
        assert_has(&read[1], &["Gear=-1"]);
        assert_whole(&read[1..], &NAMES);
        let first = speed(&read[1]);
        assert!(first > std::mem::replace(&mut last, speed(&read[read.len() - 1])));
    };
    goes_on();
    for lost in [State::Cut, State::Silent] {
        link.set(lost);
        second.wait(false);
        link.set(State::Open);
        second.wait(true);
        goes_on();
    }
}

#[test]
#[ignore = "needs Wine, and programs for Windows"]
fn ten_thousand_connections_do_not_stop_it_on_windows() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let computer = Computer::new();
    let share = [
        "share",
        path.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
        "--loop",
    ];
    storm(&Sharing::spawn(&mut computer.winshm(&share)), 10_000);
}
