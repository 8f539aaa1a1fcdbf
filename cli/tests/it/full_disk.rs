//! Commands whose disk is full. `WINSHM_SMALL_DISK` is a folder on a file system of three MiB.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use winshm_core::Time;
use winshm_core::recording::{Event, Options, Recorder, Recording};

use crate::noise::Noise;
use crate::tool::winshm;

const BEGIN: Time = Time::from_nanoseconds(1_700_000_000_000_000_000);

/// A frame that cannot be compressed.
fn frame(number: u64) -> Vec<u8> {
    Noise::of(number).take(4096).map(|it| it as u8).collect()
}

/// A recording of a second that takes four MB.
fn large(path: &Path) {
    let mut recorder = Recorder::new(File::create(path).unwrap(), Options::default()).unwrap();
    let region = recorder.add_region("Noise", None).unwrap();
    for number in 0..1000_u32 {
        let time = BEGIN + number * Duration::from_millis(1);
        recorder
            .frame(region, time, &frame(u64::from(number)))
            .unwrap();
    }
    recorder.finish().unwrap();
}

/// The frames in a recording are the first that there were; tells how many, and when the last was.
fn beginning(path: &Path) -> (u64, Time) {
    let mut recording = Recording::open(path).unwrap();
    let (mut count, mut last) = (0, BEGIN);
    while let Some(event) = recording.next().unwrap() {
        if let Event::Frame { bytes, time, .. } = event {
            assert!(*bytes == frame(count), "{count}");
            (count, last) = (count + 1, time);
        }
    }
    (count, last)
}

/// The small disk, with nothing of ours on it.
fn disk() -> PathBuf {
    let disk = PathBuf::from(std::env::var_os("WINSHM_SMALL_DISK").unwrap());
    for ours in ["to.mcap", "to.csv"] {
        fs::remove_file(disk.join(ours)).ok();
    }
    disk
}

/// One test, because there is one disk.
#[test]
#[ignore = "needs a small file system; `cargo xtask test disk` makes one"]
fn what_was_written_before_the_disk_was_full_is_kept_and_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("from.mcap");
    large(&from);
    let from = from.to_str().unwrap();

    for arguments in [&["record", from, "--flush", "20ms"][..], &["repair", from]] {
        let to = disk().join("to.mcap");
        let ran = winshm(&[arguments, &["-o", to.to_str().unwrap()]].concat());
        assert_eq!((ran.code, &*ran.out), (7, ""), "{arguments:?}: {}", ran.err);
        let (count, last) = beginning(&to);
        let told = "the disk is full; what was recorded until ";
        let until = ran
            .err
            .split_once(told)
            .and_then(|it| it.1.split(' ').next());
        let is_right = until.is_some_and(|it| it <= last.to_string().as_str());
        assert!(is_right && count > 0, "{count}, {last}: {}", ran.err);
        let info = winshm(&["info", to.to_str().unwrap()]);
        assert_eq!(info.code, 0, "{}", info.err);
        assert!(info.out.contains("the end is missing"), "{}", info.out);
        let whole = folder.path().join(format!("{}.mcap", arguments[0]));
        let ran = winshm(&[
            "repair",
            to.to_str().unwrap(),
            "-o",
            whole.to_str().unwrap(),
        ]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(beginning(&whole), (count, last));
    }

    let to = disk().join("to.csv");
    let (layout, path) = (folder.path().join("noise.toml"), to.to_str().unwrap());
    let text = "format = 1\nid = \"noise\"\n[[struct]]\nname = \"Noise\"\nfields = [\n  \
                { offset = 0, name = \"noise\", type = \"u32[1024]\" },\n]\n";
    fs::write(&layout, text).unwrap();
    let ran = winshm(&[
        "export",
        from,
        "--layout",
        layout.to_str().unwrap(),
        "-o",
        path,
    ]);
    assert_eq!((ran.code, &*ran.out), (7, ""), "{}", ran.err);
    assert!(ran.err.contains("to.csv is incomplete: "), "{}", ran.err);
    assert!(fs::metadata(&to).unwrap().len() > 1 << 19);
    disk();
}
