//! `winshm list`, `info`, `dump` and `wait`, of regions that this process makes.

use win_shared_memory::snapshot::Writer;
use win_shared_memory::{ReadWrite, Section};

use super::fresh_name;
use crate::tool::{command, finish, winshm};

#[test]
fn a_region_is_listed_with_its_size_and_its_name_made_safe() {
    let name = format!("{}\u{1b}[2J", fresh_name());
    let _section = Section::create(&name, 70_000).unwrap();
    let ran = winshm(&["list", &format!("{}*", &name[..name.len() - 5])]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let shown = name.replace('\u{1b}', r"\u{1b}");
    let row = ran.out.lines().find(|it| it.contains(&shown)).unwrap();
    assert!(row.contains("72.0 KiB") && row.contains("memory"), "{row}");
    assert!(row.contains(&format!(r"Local\{shown}")), "{row}");
}

#[test]
fn known_names_have_their_layout_and_programs_get_objects() {
    let name = format!("$rFactor2SMMP_Scoring${}", fresh_name());
    let _section = Section::create(&name, 75_312).unwrap();
    let ran = winshm(&["list", "--json", &name]);
    let row: serde_json::Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(row["name"], format!(r"Local\{name}"));
    assert_eq!(
        (&row["layout"], &row["size"]),
        (&"rfactor2-scoring".into(), &77_824.into())
    );
    assert_eq!(
        (&row["handles"], &row["may_write"]),
        (&1.into(), &true.into())
    );
}

#[test]
fn a_snapshot_is_one_row_and_all_of_its_regions_on_request() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&[1.5_f32; 3]);
    let pattern = format!("{name}*");
    let ran = winshm(&["list", &pattern]);
    assert_eq!(ran.out.lines().count(), 2, "{}", ran.out);
    assert!(ran.out.contains("snapshot, 12 B"), "{}", ran.out);
    let all = winshm(&["list", "--all", &pattern]);
    assert!(all.out.contains(&format!("{name}~1")), "{}", all.out);
}

#[test]
fn info_tells_of_a_snapshot_what_its_region_says() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    writer.publish(&[1.5_f32; 3]);
    let ran = winshm(&["info", &name, "--json"]);
    let told: serde_json::Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(
        (&told["rights"], &told["size"]),
        (&"read, write".into(), &4096.into())
    );
    assert_eq!(told["schema"], r#"{"count":3,"element":"f32"}"#);
    assert_eq!(told["writer"], std::process::id());
    assert_eq!(
        (&told["writer_liveness"], &told["state"]),
        (&"alive".into(), &"live".into())
    );
    let ran = winshm(&["info", &name]);
    assert!(ran.out.contains("snapshot, 12 B"), "{}", ran.out);
    assert_eq!(winshm(&["info", &fresh_name()]).code, 3);
}

#[test]
fn info_tells_of_a_foreign_region_what_its_layout_says() {
    let name = format!("$rFactor2SMMP_Scoring${}", fresh_name());
    let _section = Section::create(&name, 75_312).unwrap();
    let ran = winshm(&["info", &name]);
    for text in [
        "rfactor2-scoring",
        "75312 bytes",
        "counters before and after a write",
    ] {
        assert!(ran.out.contains(text), "{text}: {}", ran.out);
    }
}

#[test]
fn bytes_are_dumped_from_where_they_are_wanted() {
    let name = fresh_name();
    let section: Section<ReadWrite> = Section::create(&name, 8192).unwrap();
    section
        .map()
        .unwrap()
        .write_bytes(0x1000, b"Hello, world\x01")
        .unwrap();
    let ran = winshm(&["dump", &name, "--offset", "0xff0", "--len", "64"]);
    let expected = "\
00000ff0  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
00001000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 01 00 00 00  |Hello, world....|
00001010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00001030
";
    assert_eq!((ran.code, ran.out.as_str()), (0, expected));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bytes");
    let ran = winshm(&["dump", &name, "--raw", "-o", file.to_str().unwrap()]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let bytes = std::fs::read(file).unwrap();
    assert_eq!((bytes.len(), &bytes[0x1000..0x1005]), (8192, &b"Hello"[..]));
    assert_eq!(winshm(&["dump", &name, "--offset", "8192"]).code, 3);
}

#[test]
fn a_region_that_is_not_there_has_an_exit_code_and_a_hint() {
    let name = fresh_name();
    let ran = winshm(&["read", &name]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""));
    assert!(ran.err.contains("winshm list"), "{}", ran.err);
    let global = format!(r"Global\{name}");
    let _section = Section::create(&global, 1).unwrap();
    for command in ["read", "dump"] {
        let ran = winshm(&[command, &name]);
        assert_eq!(ran.code, 3);
        assert!(ran.err.contains(&global), "{}", ran.err);
    }
}

#[test]
fn waiting_ends_when_the_region_comes_and_when_it_goes() {
    let name = fresh_name();
    assert_eq!(winshm(&["wait", &name, "--timeout", "50ms"]).code, 5);
    assert_eq!(winshm(&["wait", &name, "--for", "absent"]).code, 0);
    let waiting = command(&["wait", &name, "--for", "present"])
        .spawn()
        .unwrap();
    let section = Section::create(&name, 1).unwrap();
    assert_eq!(finish(waiting).code, 0);
    let waiting = command(&["wait", &name, "--for", "absent"])
        .spawn()
        .unwrap();
    drop(section);
    assert_eq!(finish(waiting).code, 0);
}
