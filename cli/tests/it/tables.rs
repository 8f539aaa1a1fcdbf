//! Recordings as tables and charts.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use win_shared_memory_layouts::{Plan, catalogue};
use winshm_core::Time;
use winshm_core::recording::{Options, Recorder};

use crate::tool::winshm;

/// A recording of some seconds of two regions.
pub(crate) fn record(path: &Path) {
    let plan = |id| Plan::new(catalogue::by_id(id).unwrap()).unwrap();
    let (temperatures, link) = (plan("core-temp"), plan("mumble-link"));
    let mut recorder = Recorder::new(File::create(path).unwrap(), Options::default()).unwrap();
    let cores = recorder
        .add_region("CoreTempMappingObjectEx", Some(&temperatures))
        .unwrap();
    let place = recorder.add_region("MumbleLink", Some(&link)).unwrap();
    for second in 0..5_u32 {
        let time =
            Time::from_nanoseconds(1_700_000_000_000_000_000) + second * Duration::from_secs(1);
        let mut bytes = vec![0; temperatures.size()];
        let degrees = 60.5 + f64::from(second);
        temperatures
            .edit(&mut bytes)
            .set("fTemp[0]", degrees)
            .unwrap();
        recorder.frame(cores, time, &bytes).unwrap();
        recorder.frame(place, time, &vec![0; link.size()]).unwrap();
    }
    recorder.finish().unwrap();
}

#[test]
fn a_recording_becomes_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let (file, table) = (folder.path().join("a.mcap"), folder.path().join("a.csv"));
    record(&file);
    let file = file.to_str().unwrap();
    let part = [
        "--region", "coretemp", "--fields", "fTemp[0]", "--from", "1", "--to", "2",
    ];
    let ran = winshm(&[&["export", file, "--csv"], &part[..]].concat());
    let expected =
        "time,seconds,fTemp[0]\n2023-11-14T22:13:21.000Z,0,61.5\n2023-11-14T22:13:22.000Z,1,62.5\n";
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (0, expected, "")
    );

    let ran = winshm(&[&["export", file, "-o", table.to_str().unwrap()], &part[..]].concat());
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert!(ran.err.starts_with("2 rows of 1 values in "), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(table).unwrap(), expected);

    let ran = winshm(&[&["export", file, "--json"], &part[..]].concat());
    assert_eq!(ran.out.lines().count(), 2);
    assert!(
        ran.out.contains("61.5") && ran.out.contains("CoreTempMappingObjectEx"),
        "{}",
        ran.out
    );
}

#[test]
fn what_is_not_there_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mcap");
    record(&path);
    let file = path.to_str().unwrap();
    let told = |arguments: &[&str]| {
        let ran = winshm(arguments);
        assert_eq!(ran.out, "");
        (ran.code, ran.err)
    };
    let (code, text) = told(&["export", file]);
    assert_eq!(code, 1);
    assert!(
        text.contains("--region: `CoreTempMappingObjectEx`, `MumbleLink`"),
        "{text}"
    );
    let (code, text) = told(&["export", file, "--region", "mumble", "--fields", "uiTikc"]);
    assert_eq!(code, 3);
    assert!(text.contains("did you mean `uiTick`?"), "{text}");
    assert_eq!(told(&["export", "no such file"]).0, 3);
    std::fs::write(&path, "no recording").unwrap();
    let (code, text) = told(&["export", file]);
    assert_eq!(code, 6);
    assert!(
        text.contains("it does not begin as MCAP files do"),
        "{text}"
    );
}

#[test]
#[cfg(feature = "plot")]
fn a_recording_becomes_a_chart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mcap");
    record(&path);
    for (name, begin) in [
        ("a.svg", "<svg"),
        ("a.png", "\u{fffd}PNG"),
        ("a.html", "<!DOCTYPE html>"),
    ] {
        let chart = folder.path().join(name);
        let (file, chart) = (path.to_str().unwrap(), chart.to_str().unwrap());
        let ran = winshm(&["plot", file, "fTemp[0]", "--region", "core", "-o", chart]);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
        let text = std::fs::read(chart).unwrap();
        assert!(String::from_utf8_lossy(&text).starts_with(begin));
    }
    let file = path.to_str().unwrap();
    let ran = winshm(&[
        "plot",
        file,
        "fTemp[0]",
        "--region",
        "core",
        "-o",
        "chart.pdf",
    ]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains(".svg, .png or .html"), "{}", ran.err);
}

#[test]
#[cfg(feature = "plot")]
fn a_chart_for_a_folder_that_is_missing_is_refused_before_anything_is_read() {
    let ran = winshm(&["plot", "missing.mcap", "speed", "-o", "no such/chart.svg"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    assert!(
        ran.err.contains("there is no folder `no such`"),
        "{}",
        ran.err
    );
}
