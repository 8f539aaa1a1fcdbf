//! `winshm serve` and `replay`: regions that are held as their real programs hold them.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use win_shared_memory::attachment::{Attachment, Sign, State};
use win_shared_memory::{ReadWrite, Section};
use win_shared_memory_layouts::{Layout, Plan, catalogue};

use super::fresh_name;
use crate::tool::{command, winshm};

/// A program that holds a region, until it is dropped.
pub(super) struct Serving {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Serving {
    /// Waits until the region is there.
    pub(super) fn start(arguments: &[&str]) -> Self {
        Self::of(command(arguments).stderr(Stdio::inherit()).spawn().unwrap())
    }

    /// The same for a program that was started with [`command`].
    pub(super) fn of(mut child: Child) -> Self {
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut this = Self { child, out };
        let line = this.line();
        assert!(
            [" is served", " is played", " is mirrored"]
                .iter()
                .any(|it| line.contains(it)),
            "{line}"
        );
        this
    }

    /// What it says next.
    pub(super) fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A layout of the catalogue in a file, with names that no other test has: of its region and of what lies beside.
fn renamed(layout: &Layout, folder: &tempfile::TempDir) -> (String, String) {
    let name = fresh_name();
    let mut text = layout.to_json();
    for (beside, of) in [("mutex", "mutex"), ("event", "event"), ("region", "region")] {
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        if let Some(it) = value["consistency"]
            .get_mut(beside)
            .filter(|it| it.is_string())
        {
            *it = format!("{name}-{of}").into();
        }
        value["name"] = serde_json::json!([name]);
        text = value.to_string();
    }
    let path = folder.path().join(format!("{}.json", layout.id));
    std::fs::write(&path, text).unwrap();
    (path.to_str().unwrap().to_owned(), name)
}

#[test]
fn every_layout_is_served_and_read_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for layout in catalogue::all() {
        let (path, name) = renamed(layout, &folder);
        let _serving = Serving::start(&["serve", &path]);
        // What is copied is the whole region; printing all of it would take some of them a minute on a busy machine.
        let mut arguments = vec!["watch", &name, "--layout", &path];
        if let Some(field) = layout.root().unwrap().fields.first() {
            arguments.extend(["--fields", &field.name]);
        }
        arguments.extend(["--rate", "20", "--count", "2", "--json"]);
        let watched = winshm(&arguments);
        assert_eq!(watched.code, 0, "{}: {}", layout.id, watched.err);
        assert_eq!(
            watched.out.lines().count(),
            2,
            "{}: {}",
            layout.id,
            watched.err
        );
        assert!(
            watched.err.contains(": live"),
            "{}: {}",
            layout.id,
            watched.err
        );
    }
}

#[test]
fn values_and_waves_are_what_was_asked_for() {
    let name = fresh_name();
    let arguments = [
        "serve",
        "core-temp",
        "--name",
        &name,
        "sCPUName=Wave 9000",
        "--wave",
        "fTemp[1]=square(40,40,1s)",
    ];
    let _serving = Serving::start(&arguments);
    let ran = winshm(&[
        "read",
        &name,
        "--layout",
        "core-temp",
        "sCPUName",
        "fTemp[1]",
    ]);
    assert_eq!(
        ran.out.replace(" °C", ""),
        "fTemp[1] = 40\nsCPUName = Wave 9000\n",
        "{}",
        ran.err
    );
    // The real producer may be there.
    let again = winshm(&["serve", "core-temp", "--name", &name]);
    assert_eq!(again.code, 1);
    assert!(
        again.err.contains("a program has it already"),
        "{}",
        again.err
    );
}

#[test]
fn what_is_not_in_the_layout_is_refused_with_a_suggestion() {
    let ran = winshm(&["serve", "mumble-link", "--name", &fresh_name(), "uiTikc=3"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("did you mean `uiTick`"), "{}", ran.err);
    for wrong in [
        &["--wave", "uiTick=zigzag(1,2,3)"][..],
        &["--rows", "cars"],
        &["--var", "Speed"],
    ] {
        let ran = winshm(&[&["serve", "mumble-link"], wrong].concat());
        assert_eq!(ran.code, 2, "{wrong:?}: {}", ran.err);
    }
}

#[test]
fn a_region_that_is_not_served_any_more_is_marked_as_its_program_marks_it() {
    let name = fresh_name();
    let kept: Section<ReadWrite> = {
        let mut serving = Serving::start(&["serve", "hwinfo", "--name", &name, "--for", "1s"]);
        let section = Section::open_existing(&name).unwrap();
        assert!(serving.child.wait().unwrap().success());
        section
    };
    let plan = Plan::new(catalogue::by_id("hwinfo").unwrap()).unwrap();
    let mut bytes = [0; 4];
    kept.map().unwrap().read_bytes(0, &mut bytes).unwrap();
    assert_eq!(
        plan.liveness(&bytes),
        win_shared_memory_layouts::Liveness::Dead
    );
}

/// The second column of a CSV text.
fn speeds(text: &str) -> Vec<String> {
    let cells = text.lines().skip(1).filter_map(|it| it.split(',').nth(1));
    cells.map(str::to_owned).collect()
}

#[test]
fn what_was_recorded_of_a_region_is_what_a_replay_of_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let name = fresh_name();
    let recording = folder.path().join("car.mcap");
    let recording = recording.to_str().unwrap();
    let layout = ["--layout", "assetto-corsa-physics"];
    let arguments = [
        "serve",
        "assetto-corsa-physics",
        "--name",
        &name,
        "--wave",
        "speed_kmh=ramp(0,1000,10s)",
    ];
    let serving = Serving::start(&arguments);
    let ran = winshm(
        &[
            &["record", &name, "-o", recording, "--for", "2s"],
            &layout[..],
        ]
        .concat(),
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    drop(serving);
    let recorded = winshm(&[
        "watch",
        recording,
        "--fields",
        "speed_kmh",
        "--format",
        "csv",
    ])
    .out;
    let recorded = speeds(&recorded);
    assert!(recorded.len() > 20, "{recorded:?}");

    let other = fresh_name();
    let _replay = Serving::start(&[
        "replay", recording, "--as", &other, "--speed", "0.5", "--loop",
    ]);
    let watch = [
        "watch",
        &other,
        "--fields",
        "speed_kmh",
        "--format",
        "csv",
        "--count",
        "20",
    ];
    let ran = winshm(&[&watch, &layout[..]].concat());
    let replayed = speeds(&ran.out);
    assert_eq!(replayed.len(), 20, "{}", ran.err);
    assert!(
        replayed.iter().all(|it| recorded.contains(it)),
        "{replayed:?} {recorded:?}"
    );
}

#[test]
fn a_region_that_is_served_is_followed_by_the_library() {
    let name = fresh_name();
    let serving = Serving::start(&["serve", "mumble-link", "--name", &name]);
    let mut attachment = Attachment::new(&name, |view| {
        Ok(Sign::Heartbeat(view.read::<u32>(4)?.into()))
    });
    attachment.wait(Duration::from_secs(60)).unwrap();
    assert_eq!(attachment.state(), State::Live);
    drop(serving);
    while attachment.state() != State::Absent {
        let news = attachment.wait(Duration::from_secs(60)).unwrap();
        assert!(news.is_some(), "its end is not seen");
    }
}
