//! `winshm watch`, of a recording that is played.

use std::path::PathBuf;
use std::time::Duration;

use win_shared_memory_layouts::{Plan, catalogue};
use winshm_core::Time;
use winshm_core::recording::{Options, Recorder};

use crate::tool::{command, finish, winshm};

/// A recording of Core Temp, with a temperature from 0 to 99, in a second.
pub(crate) fn recording(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("temperature.mcap");
    let plan = Plan::new(catalogue::by_id("core-temp").unwrap()).unwrap();
    let file = std::fs::File::create(&path).unwrap();
    let mut recorder = Recorder::new(file, Options::default()).unwrap();
    let region = recorder
        .add_region("CoreTempMappingObjectEx", Some(&plan))
        .unwrap();
    let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
    let mut bytes = vec![0; plan.size()];
    for temperature in 0..100 {
        plan.edit(&mut bytes).set("fTemp[0]", temperature).unwrap();
        let time = begin + temperature as u32 * Duration::from_millis(10);
        recorder.frame(region, time, &bytes).unwrap();
    }
    recorder.finish().unwrap();
    path
}

#[test]
fn every_copy_is_a_line_of_json() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder);
    let ran = winshm(&[
        "watch",
        path.to_str().unwrap(),
        "--json",
        "--fields",
        "fTemp[0]",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for (temperature, line) in ran.out.lines().enumerate() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["values"]["fTemp"][0], temperature as f64, "{line}");
    }
    assert_eq!(ran.out.lines().count(), 100);
    assert!(
        ran.err.contains("CoreTempMappingObjectEx: live"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("CoreTempMappingObjectEx: absent"),
        "{}",
        ran.err
    );
}

#[test]
fn a_path_that_chooses_nothing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder);
    let path = path.to_str().unwrap();
    let watch = |fields: &[&str]| {
        let ran = winshm(&[&["watch", path, "--json", "--fields"], fields].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.err
    };
    let told = "winshm: there is no field `fTmp[0]`; did you mean `fTemp[0]`?\n";
    assert_eq!(watch(&["fTmp[0]", "fTemp[1]"]).matches(told).count(), 1);
    let told = "there is no field `fTemp[0],fVID`; separate paths with spaces, not with commas";
    assert!(watch(&["fTemp[0],fVID"]).contains(told));
    assert!(!watch(&["fTemp", "fVID"]).contains("no field"));
}

#[test]
fn at_a_rate_a_recording_is_seen_as_it_is_then() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder);
    let path = path.to_str().unwrap();
    let fields = ["--json", "--fields", "fTemp[0]", "--rate", "10"];
    let ran = winshm(&[&["watch", path][..], &fields].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    let temperatures = ran.out.lines().map(|line| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["values"]["fTemp"][0].as_f64().unwrap()
    });
    let temperatures: Vec<_> = temperatures.collect();
    // A second has ten of the hundred, or fewer on a busy machine.
    assert!((1..=11).contains(&temperatures.len()), "{temperatures:?}");
    assert!(temperatures.is_sorted(), "{temperatures:?}");
}

#[test]
fn a_csv_file_has_the_columns_of_one_region() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder);
    let path = path.to_str().unwrap();
    let fields = ["--format", "csv", "--fields", "fTemp[0]", "--count", "2"];
    let ran = winshm(&[&["watch", path][..], &fields].concat());
    let rows = [
        "time,fTemp[0]",
        "2023-11-14T22:13:20.000Z,0",
        "2023-11-14T22:13:20.010Z,1",
    ];
    assert_eq!(ran.out.lines().collect::<Vec<_>>(), rows, "{}", ran.err);
    let ran = winshm(&[&["watch", path, path][..], &fields].concat());
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("winshm export"), "{}", ran.err);
}

#[test]
fn lines_end_after_the_number_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder);
    let fields = [
        "watch",
        path.to_str().unwrap(),
        "--fields",
        "fTemp[0]",
        "--count",
        "3",
    ];
    let ran = winshm(&fields);
    assert_eq!(ran.out, "fTemp[0] = 0\nfTemp[0] = 1\nfTemp[0] = 2\n");
}

#[test]
fn a_reader_that_goes_away_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder);
    let mut child = command(&["watch", path.to_str().unwrap(), "--json"])
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(finish(child).code, 0);
}

#[test]
fn what_is_not_a_recording_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.mcap");
    let ran = winshm(&["watch", path.to_str().unwrap()]);
    assert_eq!(ran.code, 3, "{}", ran.err);
    std::fs::write(&path, "no recording").unwrap();
    let ran = winshm(&["watch", path.to_str().unwrap()]);
    assert_eq!(ran.code, 6);
    assert!(ran.err.contains("it is not a recording"), "{}", ran.err);
}

#[cfg(feature = "tui")]
#[test]
fn a_screen_can_be_piped() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder);
    let path = path.to_str().unwrap();
    let mut command = command(&[
        "watch", path, "--fields", "fTemp[0]", "--tui", "--for", "6s",
    ]);
    let child = command
        .env("COLUMNS", "70")
        .env("LINES", "12")
        .spawn()
        .unwrap();
    let ran = finish(child);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let last = ran.out.rsplit("\x1b[H").next().unwrap();
    assert!(last.contains("core-temp") && last.contains("99"), "{last}");
    assert_eq!(last.lines().count(), 12);
}

#[test]
fn info_tells_what_is_in_a_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder);
    let ran = winshm(&["info", path.to_str().unwrap(), "--json"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let told: serde_json::Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(
        (&told["finished"], &told["seconds"]),
        (&true.into(), &0.99.into())
    );
    let region = &told["regions"][0];
    assert_eq!(
        (&region["frames"], &region["layout"]),
        (&100.into(), &"core-temp".into())
    );
    let ran = winshm(&["info", path.to_str().unwrap()]);
    assert!(ran.out.contains("100 frames of 4740 bytes"), "{}", ran.out);
}

#[test]
fn a_layout_for_a_recording_is_refused_as_it_has_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder);
    let ran = winshm(&["watch", path.to_str().unwrap(), "--layout", "hwinfo"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("--layout is for regions"), "{}", ran.err);
}
