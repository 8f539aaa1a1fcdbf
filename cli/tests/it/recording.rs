//! `winshm record` and `repair`, of a recording that is played.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory_layouts::{Plan, catalogue};
use winshm_core::recording::{Event, Options, Recorder, Recording};
use winshm_core::{Selection, Time};

use crate::tool::{WATCHDOG, command, finish, winshm};

/// How often a recording is killed.
const KILLS: u64 = if cfg!(windows) { 10 } else { 100 };

/// A recording of Core Temp whose temperature goes up by one a millisecond.
fn rising(path: &Path, count: u32) {
    let plan = Plan::new(catalogue::by_id("core-temp").unwrap()).unwrap();
    let file = std::fs::File::create(path).unwrap();
    let mut recorder = Recorder::new(file, Options::default()).unwrap();
    let region = recorder
        .add_region("CoreTempMappingObjectEx", Some(&plan))
        .unwrap();
    let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
    let mut bytes = vec![0; plan.size()];
    for temperature in 0..count {
        plan.edit(&mut bytes).set("fTemp[0]", temperature).unwrap();
        recorder
            .frame(
                region,
                begin + temperature * Duration::from_millis(1),
                &bytes,
            )
            .unwrap();
    }
    recorder.finish().unwrap();
}

/// The temperatures in a recording.
fn temperatures(path: &Path) -> Vec<i64> {
    let mut recording = Recording::open(path).unwrap();
    let plan = recording.regions()[0].plan.clone().unwrap();
    let mut temperatures = Vec::new();
    while let Some(event) = recording.next().unwrap() {
        if let Event::Frame { bytes, .. } = event {
            let value = plan.view(bytes).get("fTemp[0]").unwrap().as_f64();
            temperatures.push(value.unwrap() as i64);
        }
    }
    temperatures
}

/// How long the longest chunk of a recording is, by the times of what is in it.
fn longest_chunk(path: &Path) -> Duration {
    const MAGIC: usize = 8;
    const CHUNK: u8 = 6;
    let file = std::fs::read(path).unwrap();
    let word = |at: usize| Some(u64::from_le_bytes(*file.get(at..)?.first_chunk()?));
    let (mut at, mut longest) = (MAGIC, 0);
    while let (Some(kind), Some(len)) = (file.get(at), word(at + 1)) {
        let body = at + 9;
        at = body.saturating_add(len as usize);
        if *kind == CHUNK && at <= file.len() {
            longest = longest.max(word(body + 8).unwrap() - word(body).unwrap());
        }
    }
    Duration::from_nanos(longest)
}

/// Arguments that are paths.
fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn everything_that_comes_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        folder.path().join("from.mcap"),
        folder.path().join("to.mcap"),
    );
    rising(&from, 500);
    let ran = winshm(&["record", text(&from), "-o", text(&to)]);
    assert_eq!((ran.code, ran.out.trim()), (0, text(&to)), "{}", ran.err);
    assert_eq!(temperatures(&to), Vec::from_iter(0..500));
    // A recording is never written over.
    let ran = winshm(&["record", text(&from), "-o", text(&to)]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("give another name"), "{}", ran.err);
    assert_eq!(temperatures(&to).len(), 500);
}

#[test]
fn a_trigger_keeps_what_was_before_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        folder.path().join("from.mcap"),
        folder.path().join("to.mcap"),
    );
    rising(&from, 1000);
    let trigger = ["--last", "100ms", "--trigger", "fTemp[0]>=500"];
    let ran = winshm(&[&["record", text(&from), "-o", text(&to)], &trigger[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(temperatures(&to), Vec::from_iter(400..=600));
}

#[test]
fn a_recording_goes_on_in_another_file() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        folder.path().join("from.mcap"),
        folder.path().join("to.mcap"),
    );
    rising(&from, 500);
    let ran = winshm(&["record", text(&from), "-o", text(&to), "--split", "200ms"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let files = ["to.mcap", "to-2.mcap", "to-3.mcap"].map(|it| folder.path().join(it));
    let told: Vec<_> = ran.out.lines().map(Path::new).collect();
    assert_eq!(told, files);
    let parts = files.map(|it| temperatures(&it));
    assert_eq!(parts.concat(), Vec::from_iter(0..500));
    assert_eq!(parts[0].len(), 200);
}

/// Nothing more comes for an hour, and what has come can be read all the same.
#[test]
fn what_was_recorded_last_can_be_read_before_there_is_more() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (
        folder.path().join("from.mcap"),
        folder.path().join("to.mcap"),
    );
    let plan = Plan::new(catalogue::by_id("core-temp").unwrap()).unwrap();
    let file = std::fs::File::create(&from).unwrap();
    let mut recorder = Recorder::new(file, Options::default()).unwrap();
    let region = recorder.add_region("R", Some(&plan)).unwrap();
    let begin = Time::now();
    for hours in 0..2 {
        let time = begin + hours * Duration::from_secs(3600);
        recorder.frame(region, time, &vec![0; plan.size()]).unwrap();
    }
    recorder.finish().unwrap();
    let mut child = command(&["record", text(&from), "-o", text(&to)])
        .spawn()
        .unwrap();
    let began = Instant::now();
    while Recording::open(&to).is_err() || temperatures(&to).is_empty() {
        assert!(began.elapsed() < WATCHDOG, "it cannot be read");
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    finish(child);
    assert_eq!(temperatures(&to).len(), 1);
}

#[test]
fn a_killed_recording_can_be_read_and_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("from.mcap");
    rising(&from, 60_000);
    let killed = |number: u64| {
        let to = folder.path().join(format!("{number}.mcap"));
        let flush = ["--flush", "20ms"];
        let mut record = command(&[&["record", text(&from), "-o", text(&to)], &flush[..]].concat());
        let mut child = record.spawn().unwrap();
        // Until something has been written, so that most are killed while they write.
        let written = || std::fs::metadata(&to).map_or(0, |it| it.len());
        while child.try_wait().unwrap().is_none() && written() < 3000 + 37 * number {
            thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        finish(child);
        to
    };
    let mut read = 0;
    for number in 0..KILLS {
        let to = killed(number);
        if Recording::open(&to).is_err() {
            continue;
        }
        let kept = temperatures(&to);
        assert_eq!(kept, Vec::from_iter(0..kept.len() as i64));
        // What was lost is the chunk that was open, and no chunk was open for longer than the others.
        let longest = longest_chunk(&to);
        assert!(longest <= Duration::from_millis(20), "{longest:?}");
        read += u64::from(!kept.is_empty());
        if number % 20 == 0 && !kept.is_empty() {
            let whole = folder.path().join(format!("{number}-whole.mcap"));
            let ran = winshm(&["repair", text(&to), "-o", text(&whole)]);
            assert_eq!(ran.code, 0, "{}", ran.err);
            assert_eq!(temperatures(&whole), kept);
            assert!(Recording::open(&whole).unwrap().is_finished());
        }
    }
    assert!(read >= KILLS / 2, "{read} of {KILLS} had frames");
}

/// Nothing is to be repaired, so everything has to be as it was, the decoded values too.
#[test]
fn a_whole_recording_is_repaired_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    // By default, the values of the large region are not decoded.
    for fields in [&[][..], &["mSpeed"], &["mSpeed", "fTemp[0]"]] {
        let from = folder.path().join(format!("{}.mcap", fields.len()));
        let mut options = Options::default();
        options.fields = Selection::new(fields.iter().copied());
        let file = std::fs::File::create(&from).unwrap();
        let mut recorder = Recorder::new(file, options).unwrap();
        let regions = ["automobilista2", "core-temp"].map(|id| {
            let plan = Plan::new(catalogue::by_id(id).unwrap()).unwrap();
            (recorder.add_region(id, Some(&plan)).unwrap(), plan.size())
        });
        let unknown = (recorder.add_region("unknown", None).unwrap(), 8);
        let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
        for tick in 0..20_u8 {
            let time = begin + u32::from(tick) * Duration::from_millis(16);
            for (region, size) in regions.into_iter().chain([unknown]) {
                recorder.frame(region, time, &vec![tick; size]).unwrap();
            }
        }
        recorder.finish().unwrap();
        let to = folder
            .path()
            .join(format!("{}-repaired.mcap", fields.len()));
        let ran = winshm(&["repair", text(&from), "-o", text(&to)]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let [from, to] = [from, to].map(|it| std::fs::read(it).unwrap());
        assert!(from == to, "{fields:?}: {} bytes, {}", from.len(), to.len());
    }
}
