//! Regions of C programs that follow the eight conventions, while those write.
//!
//! `WIN_SHARED_MEMORY_PEERS` is the folder of the programs of `peers/foreign`.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use win_shared_memory::{ReadWrite, Section};
use win_shared_memory_layouts::{Layout, Plan, Value};

use super::fresh_name;
use crate::tool::{WATCHDOG, command, finish, winshm};

/// A producer in C, which fills its region with one number after the other.
struct Producer {
    process: Child,
    answers: BufReader<ChildStdout>,
    name: String,
    /// Its layout, in a folder that goes with it.
    layout: PathBuf,
    _folder: tempfile::TempDir,
}

impl Producer {
    fn start(kind: &str, words: usize) -> Self {
        let folder = std::env::var_os("WIN_SHARED_MEMORY_PEERS").unwrap();
        let name = fresh_name();
        let mut process = Command::new(Path::new(&folder).join("producer.exe"))
            .args([kind, &name, &(4 * words).to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("layout.toml");
        std::fs::write(&file, layout(kind, &name, words)).unwrap();
        let mut producer = Self {
            process,
            answers,
            name,
            layout: file,
            _folder: folder,
        };
        assert_eq!(producer.answer(), "ready");
        producer
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn ask(&mut self, line: &str) -> String {
        let mut stdin = self.process.stdin.as_ref().unwrap();
        stdin.write_all(format!("{line}\n").as_bytes()).unwrap();
        self.answer()
    }

    fn layout(&self) -> &str {
        self.layout.to_str().unwrap()
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// What a file says of such a region.
fn layout(kind: &str, name: &str, words: usize) -> String {
    // Long because each convention has fields of its own.
    let number = |at: usize, name: &str| {
        format!(
            "{{ offset = {}, name = \"{name}\", type = \"u32\" }}",
            4 * at
        )
    };
    let array = |at: usize, count: usize, name: &str| {
        format!(
            "{{ offset = {}, name = \"{name}\", type = \"u32[{count}]\" }}",
            4 * at
        )
    };
    let (convention, beat, fields) = match kind {
        "double_read" => (
            "kind = \"double-read\"".to_owned(),
            "values[0]",
            vec![array(0, words, "values")],
        ),
        "counter" => (
            "kind = \"counter\", field = \"values[0]\"".to_owned(),
            "values[0]",
            vec![array(0, words, "values")],
        ),
        "begin_end" => (
            "kind = \"begin-end\", begin = \"begin\", end = \"end\"".to_owned(),
            "begin",
            vec![
                number(0, "begin"),
                number(1, "end"),
                array(2, words - 2, "values"),
            ],
        ),
        "sequence" => {
            let half = words / 2;
            let fields = vec![
                array(0, half, "values"),
                number(half, "sequence"),
                array(half + 1, words - half - 1, "more"),
            ];
            (
                "kind = \"sequence\", field = \"sequence\"".to_owned(),
                "sequence",
                fields,
            )
        }
        "latest_of" => {
            let table =
                "table = { at = 48, stride = 16, count = \"used\", max = 4 }, tick = 0, start = 4";
            let count = (4 * words - 128) / 3 / 4;
            (
                format!("kind = \"latest-of\", {table}, len = {}", 4 * count),
                "tick",
                vec![
                    number(8, "used"),
                    number(12, "tick"),
                    array(32, count, "values"),
                ],
            )
        }
        "busy" => (
            "kind = \"busy\", field = \"busy\", mark = \"stamp\"".to_owned(),
            "stamp",
            vec![
                number(1, "busy"),
                number(2, "stamp"),
                array(3, words - 3, "values"),
            ],
        ),
        "mutex" => (
            format!("kind = \"mutex\", mutex = \"{name}-mutex\""),
            "values[0]",
            vec![array(0, words, "values")],
        ),
        "lock_region" => (
            format!(
                "kind = \"lock-region\", region = \"{name}-lock\", waiters = 0, busy = 4, event = \"{name}-event\""
            ),
            "values[0]",
            vec![array(0, words, "values")],
        ),
        other => panic!("{other}"),
    };
    format!(
        "format = 1\nid = \"producer\"\nconsistency = {{ {convention} }}\nheartbeat = {{ field = \"{beat}\", \
         frozen_ms = 500 }}\n[[struct]]\nname = \"Region\"\nfields = [\n{}\n]\n",
        fields.join(",\n")
    )
}

/// The number that all values of a copy are; none are two.
#[track_caller]
fn step(kind: &str, copy: &str) -> i64 {
    let copy: serde_json::Value = serde_json::from_str(copy).unwrap();
    let values = copy["values"].as_object().unwrap();
    let arrays = values.values().filter_map(|it| it.as_array());
    let mut numbers: Vec<_> = arrays.flatten().map(|it| it.as_i64().unwrap()).collect();
    assert!(numbers.len() > 10, "{kind}: {copy}");
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 1, "{kind}: torn {numbers:?}");
    numbers[0]
}

/// Values that follow each other while the producer writes with this pause, in microseconds: all of them whole.
fn watched(kind: &str, words: usize, pause: u32) {
    const COPIES: usize = 100;
    let mut producer = Producer::start(kind, words);
    assert_eq!(producer.ask(&format!("run {pause}")), "runs");
    let (name, layout) = (producer.name.clone(), producer.layout().to_owned());
    let copies = COPIES.to_string();
    let ran = winshm(&[
        "watch", &name, "--layout", &layout, "--json", "--rate", "1000", "--count", &copies,
    ]);
    assert_eq!(ran.code, 0, "{kind}: {}", ran.err);
    let steps: Vec<_> = ran.out.lines().map(|it| step(kind, it)).collect();
    assert_eq!(steps.len(), COPIES, "{kind}");
    assert!(steps.is_sorted(), "{kind}: {steps:?}");
    let mut distinct = steps;
    distinct.dedup();
    assert!(distinct.len() > 5, "{kind}: {distinct:?}");
    let ran = winshm(&[
        "read", &name, "--layout", &layout, "--json", "--wait", "30s",
    ]);
    assert_eq!(ran.code, 0, "{kind}: {}", ran.err);
    assert!(step(kind, &ran.out) >= distinct[0], "{kind}");
}

/// The values of a recording that was made in a second while the producer writes: all of them whole.
fn recorded(kind: &str, words: usize, pause: u32) {
    let mut producer = Producer::start(kind, words);
    assert_eq!(producer.ask(&format!("run {pause}")), "runs");
    let began = Instant::now();
    let mut seen = 0;
    // On a busy machine, few values are whole in two seconds.
    while seen <= 5 {
        assert!(began.elapsed() < WATCHDOG, "{kind}: {seen} values");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("recording.mcap");
        let file = file.to_str().unwrap();
        let (name, layout) = (&producer.name, producer.layout());
        let arguments = ["record", name, "--layout", layout, "-o", file];
        let ran = winshm(&[&arguments[..], &["--rate", "200", "--for", "2s"]].concat());
        assert_eq!(ran.code, 0, "{kind}: {}", ran.err);
        let ran = winshm(&["export", file, "--json"]);
        assert_eq!(ran.code, 0, "{kind}: {}", ran.err);
        let mut steps: Vec<_> = ran.out.lines().map(|it| step(kind, it)).collect();
        assert!(steps.is_sorted(), "{kind}: {steps:?}");
        steps.dedup();
        seen += steps.len();
    }
}

/// Waits until a copy of what is there at the moment, by no convention, has parts of two values.
fn torn(kind: &str, words: usize) {
    let mut producer = Producer::start(kind, words);
    assert_eq!(producer.ask("run 0"), "runs");
    let layout = std::fs::read_to_string(producer.layout()).unwrap();
    let plan = Plan::new(&Layout::from_toml(&layout).unwrap()).unwrap();
    let section: Section<ReadWrite> = Section::open_existing(&producer.name).unwrap();
    let view = section.map().unwrap();
    let mut bytes = vec![0; 4 * words];
    let began = Instant::now();
    loop {
        assert!(began.elapsed() < WATCHDOG, "{kind}: nothing is torn");
        view.read_bytes(0, &mut bytes).unwrap();
        let values = plan.view(&bytes).walk().flat_map(|it| match it {
            Value::Array(values) => values.iter().map(|it| it.as_i64().unwrap()).collect(),
            _ => Vec::new(),
        });
        let values: Vec<_> = values.collect();
        if values.iter().any(|it| *it != values[0]) {
            return;
        }
    }
}

#[test]
#[ignore = "needs the programs of peers/foreign"]
fn values_of_every_producer_are_torn_without_its_convention() {
    for kind in [
        "double_read",
        "counter",
        "begin_end",
        "sequence",
        "latest_of",
        "busy",
        "mutex",
        "lock_region",
    ] {
        torn(kind, 16_384);
    }
}

#[test]
#[ignore = "needs the programs of peers/foreign"]
fn recorded_values_are_whole_while_their_producers_write() {
    recorded("sequence", 256, 100);
    recorded("begin_end", 4096, 1000);
    recorded("busy", 1024, 1000);
    recorded("mutex", 1024, 0);
    recorded("lock_region", 1024, 0);
    recorded("latest_of", 16_384, 100);
    recorded("counter", 200, 3000);
    recorded("double_read", 1365, 5000);
}

#[test]
#[ignore = "needs the programs of peers/foreign"]
fn values_of_producers_that_say_when_they_write_are_whole() {
    watched("sequence", 256, 100);
    watched("begin_end", 4096, 1000);
    watched("busy", 1024, 1000);
}

#[test]
#[ignore = "needs the programs of peers/foreign"]
fn values_of_producers_with_a_lock_or_several_buffers_are_whole_at_full_speed() {
    watched("mutex", 1024, 0);
    watched("lock_region", 1024, 0);
    watched("latest_of", 16_384, 100);
}

#[test]
#[ignore = "needs the programs of peers/foreign"]
fn values_of_producers_that_pause_between_writes_are_whole() {
    watched("counter", 200, 3000);
    watched("double_read", 1365, 5000);
}

/// A reader says that a write is never finished, and does not hang.
#[test]
#[ignore = "needs the programs of peers/foreign"]
fn a_producer_that_stops_in_the_middle_of_a_write_is_told_of() {
    for kind in ["sequence", "begin_end", "busy", "mutex", "lock_region"] {
        let mut producer = Producer::start(kind, 256);
        assert_eq!(producer.ask("half"), "half");
        let ran = winshm(&["read", &producer.name, "--layout", producer.layout()]);
        assert_eq!((ran.code, ran.out.as_str()), (5, ""), "{kind}: {}", ran.err);
        assert_eq!(producer.ask("on"), "whole");
        let ran = winshm(&[
            "read",
            &producer.name,
            "--layout",
            producer.layout(),
            "--json",
        ]);
        assert_eq!(step(kind, &ran.out), 1, "{kind}: {}", ran.err);
    }
}

#[test]
#[ignore = "needs the programs of peers/foreign"]
fn a_producer_that_hangs_and_one_that_is_killed_are_told_of() {
    let mut producer = Producer::start("mutex", 256);
    assert_eq!(producer.ask("run 1000"), "runs");
    let (name, layout) = (producer.name.clone(), producer.layout().to_owned());
    let waiting = |state: &str| {
        let arguments = ["wait", &name, "--layout", &layout, "--for", state];
        command(&arguments).spawn().unwrap()
    };
    let written = finish(waiting("written"));
    assert_eq!(written.code, 0, "{}", written.err);
    let frozen = waiting("frozen");
    assert!(producer.ask("stop").starts_with("stopped"));
    assert_eq!(finish(frozen).code, 0);
    let absent = waiting("absent");
    producer.process.kill().unwrap();
    assert_eq!(finish(absent).code, 0);
}

/// What is written goes where readers look, and under the lock.
#[test]
#[ignore = "needs the programs of peers/foreign"]
fn values_are_written_into_the_newest_buffer_and_under_the_lock() {
    for kind in ["latest_of", "mutex", "lock_region"] {
        let mut producer = Producer::start(kind, 1024);
        assert_eq!(producer.ask("run 1000"), "runs");
        let (name, layout) = (producer.name.clone(), producer.layout().to_owned());
        assert_eq!(
            finish(
                command(&["wait", &name, "-l", &layout, "--for", "written"])
                    .spawn()
                    .unwrap()
            )
            .code,
            0
        );
        assert!(producer.ask("stop").starts_with("stopped"));
        let ran = winshm(&["write", &name, "--layout", &layout, "values[3]=4000000000"]);
        assert_eq!(ran.code, 0, "{kind}: {}", ran.err);
        assert_eq!(
            ran.err.contains("part"),
            kind == "latest_of",
            "{kind}: {}",
            ran.err
        );
        let ran = winshm(&["read", &name, "--layout", &layout, "values[3]"]);
        assert_eq!(ran.out, "values[3] = 4000000000\n", "{kind}: {}", ran.err);
    }
}

/// What the convention is for: bytes that are copied without it are torn now and then.
#[test]
#[ignore = "needs the programs of peers/foreign"]
fn bytes_that_are_dumped_as_they_are_can_be_torn() {
    let mut producer = Producer::start("mutex", 1 << 18);
    assert_eq!(producer.ask("run 0"), "runs");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bytes");
    let torn = (0..100).any(|_| {
        let ran = winshm(&[
            "dump",
            &producer.name,
            "--raw",
            "-o",
            file.to_str().unwrap(),
        ]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let bytes = std::fs::read(&file).unwrap();
        let (words, _) = bytes.as_chunks::<4>();
        words.iter().any(|word| *word != words[0])
    });
    assert!(torn);
}
