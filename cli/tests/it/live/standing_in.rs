//! `winshm serve` at full speed, killed, interrupted and started again, and those who read it meanwhile.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use win_shared_memory::{ReadWrite, Section, View};

use super::fresh_name;
use crate::tool::{WATCHDOG, command, winshm};

/// The conventions by which a value is whole however fast it is written.
const KINDS: [&str; 6] = [
    "sequence",
    "begin-end",
    "busy",
    "mutex",
    "lock-region",
    "latest-of",
];

const READY: usize = 0;
const BEGIN: usize = 4;
const END: usize = 8;
const BUSY: usize = 12;
const VALUES: usize = 256;

/// A region of one number, many times over.
struct Region {
    name: String,
    words: usize,
    layout: PathBuf,
    _folder: tempfile::TempDir,
}

impl Region {
    fn new(kind: &str, words: usize) -> Self {
        let name = fresh_name();
        let folder = tempfile::tempdir().unwrap();
        let layout = folder.path().join("layout.toml");
        std::fs::write(&layout, text(kind, &name, words)).unwrap();
        Self {
            name,
            words,
            layout,
            _folder: folder,
        }
    }

    fn layout(&self) -> &str {
        self.layout.to_str().unwrap()
    }

    /// A program that writes it, once it has written the first value.
    fn served(&self, more: &[&str]) -> Served {
        let wave = ["--wave", "values=ramp(1,1e9,1000s)", "--rate", "10kHz"];
        let arguments = ["serve", self.layout(), "--name", &self.name];
        let all = [&arguments[..], &wave, more].concat();
        let mut child = command(&all).stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        assert!(line.contains(" is served"), "{line}");
        Served(child)
    }

    fn open(&self) -> (Section<ReadWrite>, View<ReadWrite>) {
        let section: Section<ReadWrite> = Section::open_existing(&self.name).unwrap();
        let view = section.map().unwrap();
        (section, view)
    }

    /// The values as they are at the moment, by no convention.
    fn values(&self, view: &View<ReadWrite>) -> Vec<u8> {
        let mut bytes = vec![0; 4 * self.words];
        view.read_bytes(VALUES, &mut bytes).unwrap();
        bytes
    }

    /// What the tool reads, by the convention.
    fn read(&self) -> crate::tool::Ran {
        winshm(&["read", &self.name, "--layout", self.layout(), "--json"])
    }
}

/// A program, until it is dropped.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The layout as a file has it.
fn text(kind: &str, name: &str, words: usize) -> String {
    let convention = match kind {
        "sequence" => "field = \"begin\"".to_owned(),
        "begin-end" => "begin = \"begin\", end = \"end\"".to_owned(),
        "busy" => "field = \"busy\", bits = 1, mark = \"beat\"".to_owned(),
        "mutex" => format!("mutex = \"{name}-mutex\", timeout_ms = 5000"),
        "lock-region" => format!(
            "region = \"{name}-lock\", waiters = 0, busy = 4, event = \"{name}-event\", timeout_ms = 5000"
        ),
        "latest-of" => format!(
            "table = {{ at = 32, stride = 16, count = 3, max = 3 }}, tick = 0, start = 4, len = {}",
            4 * words
        ),
        other => panic!("{other}"),
    };
    let start = |buffer: usize| VALUES + buffer * 4 * words;
    let mut fields = vec![(READY, "ready", "u32".to_owned())];
    fields.extend(
        [(BEGIN, "begin"), (END, "end"), (BUSY, "busy"), (16, "beat")]
            .map(|(at, it)| (at, it, "u32".to_owned())),
    );
    fields.extend(
        [(36, "start0"), (52, "start1"), (68, "start2")].map(|(at, it)| (at, it, "i32".to_owned())),
    );
    fields.push((VALUES, "values", format!("u32[{words}]")));
    let fields: Vec<_> = fields
        .iter()
        .map(|(at, name, ty)| format!("{{ offset = {at}, name = \"{name}\", type = \"{ty}\" }}"))
        .collect();
    let buffers = if kind == "latest-of" { 3 } else { 1 };
    format!(
        "format = 1\nid = \"standing-in\"\nsize = {}\nready = {{ field = \"ready\", is = 1 }}\n\
         consistency = {{ kind = \"{kind}\", {convention} }}\nheartbeat = {{ field = \"beat\", frozen_ms = 300 }}\n\
         serve = {{ values = [\"start0={}\", \"start1={}\", \"start2={}\"] }}\n[[struct]]\nname = \"Region\"\nfields = [\n{}\n]\n",
        start(buffers),
        start(0),
        start(1),
        start(2),
        fields.join(",\n")
    )
}

fn is_torn(bytes: &[u8]) -> bool {
    let (words, _) = bytes.as_chunks::<4>();
    words.iter().any(|it| *it != words[0])
}

/// The number of which a copy has nothing else.
#[track_caller]
fn number(kind: &str, copy: &str) -> u64 {
    let copy: serde_json::Value = serde_json::from_str(copy).unwrap();
    let values = copy["values"]["values"].as_array().unwrap();
    let mut numbers: Vec<_> = values.iter().map(|it| it.as_u64().unwrap()).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), 1, "{kind}: torn {numbers:?}");
    assert_ne!(numbers[0], 0, "{kind}: of the time before the first value");
    numbers[0]
}

#[test]
fn values_are_whole_by_their_convention_and_torn_without_it_at_full_speed() {
    for kind in KINDS {
        let region = Region::new(kind, 4096);
        let _served = region.served(&[]);
        let (_section, view) = region.open();
        let began = Instant::now();
        let mut torn = false;
        while !torn {
            assert!(began.elapsed() < WATCHDOG, "{kind}: nothing is torn");
            torn = is_torn(&region.values(&view));
        }
        // A producer that waits for a processor has no new value for a while.
        let mut numbers = Vec::new();
        while numbers.len() <= 5 {
            assert!(began.elapsed() < WATCHDOG, "{kind}: {numbers:?}");
            let count = ["--rate", "1000", "--count", "50"];
            let watch = ["watch", &region.name, "--layout", region.layout(), "--json"];
            let watched = winshm(&[&watch[..], &count].concat());
            assert_eq!(watched.code, 0, "{kind}: {}", watched.err);
            let lines = watched.out.lines().map(|it| number(kind, it));
            assert_eq!(lines.clone().count(), 50, "{kind}");
            numbers.extend(lines);
            assert!(numbers.is_sorted(), "{kind}: {numbers:?}");
            numbers.dedup();
        }
    }
}

#[test]
fn a_region_is_ready_only_once_its_first_value_is_there() {
    for kind in KINDS.into_iter().filter(|it| *it != "latest-of") {
        let region = Region::new(kind, 1 << 18);
        let arguments = ["serve", region.layout(), "--name", &region.name];
        let wave = ["--wave", "values=step(7,1s)"];
        let _served = Served(command(&[&arguments[..], &wave].concat()).spawn().unwrap());
        let began = Instant::now();
        let section: Section<ReadWrite> = loop {
            assert!(began.elapsed() < WATCHDOG, "{kind}: it does not appear");
            if let Ok(section) = Section::open_existing(&region.name) {
                break section;
            }
        };
        let view = section.map().unwrap();
        while view.read::<u32>(READY).unwrap() != 1 {
            assert!(
                began.elapsed() < WATCHDOG,
                "{kind}: it does not become ready"
            );
        }
        let values = region.values(&view);
        assert!(
            values
                .as_chunks()
                .0
                .iter()
                .all(|it| *it == 7_u32.to_le_bytes()),
            "{kind}"
        );
    }
}

#[test]
fn a_region_that_readers_hold_is_marked_at_the_end_and_gone_on_with_at_once() {
    for kind in KINDS {
        let region = Region::new(kind, 256);
        let mut served = region.served(&["--for", "200ms"]);
        let (_section, view) = region.open();
        assert!(served.0.wait().unwrap().success(), "{kind}");
        let counts = || [BEGIN, END, 32, 48, 64].map(|it| view.read::<u32>(it).unwrap());
        assert_eq!(view.read::<u32>(READY).unwrap(), 0, "{kind}");
        let before = counts();
        assert!(
            kind != "sequence" || before[0] % 2 == 0,
            "{kind}: {before:?}"
        );
        assert!(
            kind != "begin-end" || before[0] == before[1],
            "{kind}: {before:?}"
        );
        let read = region.read();
        assert_eq!(read.code, 5, "{kind}: {}", read.err);

        let _served = region.served(&[]);
        assert_eq!(view.read::<u32>(READY).unwrap(), 1, "{kind}");
        let after = counts();
        assert!(
            before
                .iter()
                .zip(after)
                .all(|(before, after)| *before <= after),
            "{kind}: {before:?} {after:?}"
        );
        let read = region.read();
        assert_eq!(read.code, 0, "{kind}: {}", read.err);
        number(kind, &read.out);
    }
}

/// Whether a program is in the middle of a write.
fn is_half(kind: &str, view: &View<ReadWrite>) -> bool {
    let word = |at| view.read::<u32>(at).unwrap();
    match kind {
        "sequence" => word(BEGIN) % 2 == 1,
        "begin-end" => word(BEGIN) != word(END),
        _ => word(BUSY) == 1,
    }
}

#[test]
fn a_reader_of_a_program_that_was_killed_in_the_middle_of_a_write_is_told_and_the_next_one_goes_on()
{
    for kind in ["sequence", "begin-end", "busy"] {
        let region = Region::new(kind, 1 << 18);
        let began = Instant::now();
        let (_section, view) = loop {
            let mut served = region.served(&[]);
            let opened = region.open();
            while !is_half(kind, &opened.1) {
                assert!(began.elapsed() < WATCHDOG, "{kind}: it does not write");
            }
            served.0.kill().unwrap();
            served.0.wait().unwrap();
            if is_half(kind, &opened.1) {
                break opened;
            }
            assert!(
                began.elapsed() < WATCHDOG,
                "{kind}: it is not killed in the middle of a write"
            );
        };
        let read = region.read();
        assert_eq!((read.code, &*read.out), (5, ""), "{kind}: {}", read.err);

        let _served = region.served(&[]);
        assert_eq!(view.read::<u32>(READY).unwrap(), 1, "{kind}");
        let read = winshm(&[
            "read",
            &region.name,
            "--layout",
            region.layout(),
            "--json",
            "--wait",
            "30s",
        ]);
        assert_eq!(read.code, 0, "{kind}: {}", read.err);
        number(kind, &read.out);
    }
}

#[test]
fn a_lock_whose_holder_was_killed_hinders_neither_readers_nor_the_next_program() {
    for (kind, codes) in [("mutex", &[0, 5][..]), ("lock-region", &[0, 5])] {
        let region = Region::new(kind, 1 << 16);
        for _ in 0..3 {
            let served = region.served(&[]);
            let _opened = region.open();
            let began = Instant::now();
            while !is_torn(&region.values(&_opened.1)) {
                assert!(began.elapsed() < WATCHDOG, "{kind}: it does not write");
            }
            drop(served);
            let read = region.read();
            assert!(
                codes.contains(&read.code),
                "{kind}: {} {}",
                read.code,
                read.err
            );
            let _served = region.served(&[]);
            let read = region.read();
            assert_eq!(read.code, 0, "{kind}: {}", read.err);
            number(kind, &read.out);
        }
    }
}

#[test]
#[ignore = "needs the programs of peers/foreign"]
fn ctrl_c_ends_it_in_good_order() {
    let folder = std::env::var_os("WIN_SHARED_MEMORY_PEERS").unwrap();
    let name = fresh_name();
    let mut shell = Command::new(Path::new(&folder).join("interrupt.exe"))
        .args([
            env!("CARGO_BIN_EXE_winshm"),
            "serve",
            "hwinfo",
            "--name",
            &name,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains(" is served"), "{first}");
    let section: Section<ReadWrite> = Section::open_existing(&name).unwrap();
    let view = section.map().unwrap();
    assert_eq!(&view.read::<[u8; 4]>(0).unwrap(), b"HWiS");
    shell.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "ended 0");
    assert_eq!(&view.read::<[u8; 4]>(0).unwrap(), b"DEAD");
    shell.wait().unwrap();
}
