//! `winshm layout`

use crate::tool::winshm;

#[test]
fn a_region_that_is_too_small_is_told() {
    let ran = winshm(&["layout", "check", "acc-physics", "784"]);
    assert_eq!(ran.code, 6);
    assert_eq!(ran.out, "it needs 800 bytes, and the region has 784\n");
    let ran = winshm(&["layout", "check", "acc-physics", "4KiB"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "`acc-physics` is sound: 1 structs, 800 bytes\n")
    );
}

#[test]
fn rows_that_are_not_there_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hwinfo.bin");
    let mut bytes = vec![0; 1000];
    // The place of readings, their distance and their number.
    for (at, number) in [(32, 100_u32), (36, 316), (40, 300)] {
        bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    std::fs::write(&path, bytes).unwrap();
    let ran = winshm(&["layout", "check", "hwinfo", path.to_str().unwrap()]);
    assert_eq!(ran.code, 6);
    let expected = "`readings` claims 300 rows and has 2: the region ends before the others\n";
    assert_eq!(ran.out, expected);
}

#[test]
fn a_layout_that_is_not_sound_has_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.toml");
    let text = "format = 1\nid = 'x'\n[[struct]]\nname = 'X'\nfields = [\n  \
        { offset = 0, name = 'a', type = 'u32' },\n  { offset = 2, name = 'b', type = 'u32' },\n]\n";
    std::fs::write(&path, text).unwrap();
    let ran = winshm(&["layout", "check", path.to_str().unwrap()]);
    assert_eq!((ran.code, ran.out.as_str()), (6, ""));
    assert!(
        ran.err.contains("inside `a`") && ran.err.contains("line 7"),
        "{}",
        ran.err
    );
}

#[test]
fn differences_are_told() {
    let ran = winshm(&["layout", "diff", "assetto-corsa-static", "acc-static"]);
    assert_eq!(ran.code, 6);
    assert!(
        ran.out
            .starts_with("`aid_tyre_rate` at offset 472: the first calls it"),
        "{}",
        ran.out
    );
    let ran = winshm(&["layout", "diff", "hwinfo", "hwinfo"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "nothing differs\n"));
}

#[test]
fn a_layout_is_exported_to_every_kind() {
    for (kind, has) in [
        ("rust", "pub avatar_position: [f32; 3],"),
        ("c", "static_assert(sizeof(LinkedMem) == 5460"),
        ("csharp", "FieldOffset"),
        ("python", "ctypes"),
        ("ksy", "endian: le"),
        ("hexpat", "LinkedMem region @ 0x00;"),
        ("proto", "repeated float fAvatarPosition = 3 "),
        ("json", "\"uiTick\""),
        ("toml", "uiTick"),
    ] {
        let ran = winshm(&["layout", "export", "mumble-link", "--as", kind]);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert!(ran.out.contains(has), "{kind}: {}", ran.out);
    }
    assert_eq!(
        winshm(&["layout", "export", "mumble-link", "--as", "cobol"]).code,
        2
    );
}

#[test]
#[cfg(feature = "import")]
fn a_header_becomes_a_layout() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lamp.h");
    let text = "struct Lamp {\n  float power; // at the plug (W)\n  char room[16];\n};\n";
    std::fs::write(&path, text).unwrap();
    let header = path.to_str().unwrap();
    let ran = winshm(&["layout", "import", header, "--struct", "Lamp"]);
    if ran.err.contains("none of these is installed") {
        eprintln!("no compiler is installed: nothing is tested");
        return;
    }
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let line =
        r#"  { offset = 0, name = "power", type = "f32", unit = "W", doc = "at the plug" },"#;
    assert!(ran.out.lines().any(|it| it == line), "{}", ran.out);
    let layout = folder.path().join("lamp.toml");
    std::fs::write(&layout, ran.out).unwrap();
    let ran = winshm(&["layout", "check", layout.to_str().unwrap(), "20"]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "`lamp` is sound: 1 structs, 20 bytes\n")
    );

    let ran = winshm(&["layout", "import", header, "--struct", "Lmap"]);
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("does not compile it"), "{}", ran.err);
    let missing = [
        "layout",
        "import",
        header,
        "--struct",
        "Lamp",
        "--cc",
        "no-such-compiler",
    ];
    let ran = winshm(&missing);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("name one with --cc"), "{}", ran.err);
}
