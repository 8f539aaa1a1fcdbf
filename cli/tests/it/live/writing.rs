//! `winshm create` and `write`.

use std::io::{BufRead, BufReader};
use std::process::Child;

use win_shared_memory::snapshot::Writer;

use super::fresh_name;
use crate::tool::{command, winshm};

/// A region that another process holds.
struct Held(Child);

impl Held {
    fn create(arguments: &[&str]) -> Self {
        let mut child = command(arguments).spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        assert!(line.contains("is there"), "{line}");
        Self(child)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[test]
fn values_are_created_and_changed_by_name_and_counted_as_the_producer_would() {
    let name = fresh_name();
    let layout = ["--layout", "automobilista2"];
    let held = Held::create(&[
        "create",
        &name,
        layout[0],
        layout[1],
        "mVersion=13",
        "mSpeed=5.5",
    ]);
    let read = |path| winshm(&["read", &name, layout[0], layout[1], path]).out;
    assert_eq!(read("mSpeed"), "mSpeed = 5.5 m/s\n");
    let ran = winshm(&[
        "write",
        &name,
        layout[0],
        layout[1],
        "mSpeed=61.25",
        "mGear=4",
    ]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
    assert_eq!(read("mSpeed"), "mSpeed = 61.25 m/s\n");
    assert_eq!(read("mGear"), "mGear = 4\n");
    assert_eq!(read("mSequenceNumber"), "mSequenceNumber = 2\n");
    let ran = winshm(&["write", &name, layout[0], layout[1], "mGear=fast"]);
    assert!(ran.code == 1 && ran.err.contains("`fast`"), "{}", ran.err);
    let ran = winshm(&["write", &name, layout[0], layout[1], "mGeer=1"]);
    assert!(ran.code == 3 && ran.err.contains("mGear"), "{}", ran.err);
    drop(held);
    assert_eq!(winshm(&["wait", &name, "--for", "absent"]).code, 0);
}

#[test]
fn a_region_that_is_there_is_not_created_again() {
    let name = fresh_name();
    let _held = Held::create(&["create", &name, "--size", "64KiB"]);
    let ran = winshm(&["create", &name, "--size", "1"]);
    assert!(ran.code == 1 && ran.err.contains("already"), "{}", ran.err);
    assert_eq!(
        winshm(&["create", &fresh_name(), "--size", "1", "--for", "1ms"]).code,
        0
    );
}

#[test]
fn a_snapshot_is_left_to_its_writer_and_a_missing_region_is_told() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&5_u32);
    let ran = winshm(&["write", &name, "value=6"]);
    assert!(ran.code == 1 && ran.err.contains("snapshot"), "{}", ran.err);
    assert_eq!(winshm(&["read", &name]).out, "value = 5\n");
    assert_eq!(winshm(&["write", &fresh_name(), "value=6"]).code, 3);
}

#[test]
fn a_convention_that_cannot_be_kept_is_warned_of() {
    let name = fresh_name();
    let _held = Held::create(&["create", &name, "--layout", "mumble-link", "uiVersion=2"]);
    let ran = winshm(&["write", &name, "--layout", "mumble-link", "name=My game"]);
    assert!(ran.code == 0 && ran.err.contains("part"), "{}", ran.err);
    let ran = winshm(&["read", &name, "--layout", "mumble-link", "name"]);
    assert_eq!(ran.out, "name = My game\n");
}
