//! Layouts and regions that somebody has made to do harm.

use std::fmt::Write;
use std::time::{Duration, Instant};

use win_shared_memory_layouts::{Layout, Plan, catalogue};

use crate::memory::bounded;
use crate::regions::{hwinfo, iracing};

/// Fails what goes on for so long that it is a hang, or takes memory that is only claimed.
#[track_caller]
fn harmless<T>(what: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = bounded(what);
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "it took {:?}",
        started.elapsed()
    );
    result
}

/// The messages of a layout that is refused.
#[track_caller]
fn refused(text: &str) -> String {
    harmless(|| Layout::from_toml(text))
        .unwrap_err()
        .to_string()
}

#[test]
fn files_nested_a_thousand_deep_are_refused() {
    let brackets = "[".repeat(1000);
    assert!(refused(&format!("format = {brackets}")).contains("line 1"));
    let keys = "a.".repeat(1000);
    refused(&format!("{keys}b = 1"));
    let objects = "{\"struct\":".repeat(1000);
    harmless(|| Layout::from_json(&objects)).unwrap_err();
    let arrays = "{\"count\":1,\"element\":".repeat(1000);
    harmless(|| Layout::from_schema("s", &arrays)).unwrap_err();
    harmless(|| "u8".to_owned() + &"[2]".repeat(1000))
        .parse::<win_shared_memory_layouts::Type>()
        .unwrap_err();
}

/// Structs, each of which holds the next so many times.
fn chain(structs: usize, times: usize) -> String {
    let mut text = "format = 1\nid = \"chain\"\n".to_owned();
    for number in 0..structs {
        let next = if number + 1 == structs {
            "u8".to_owned()
        } else {
            format!("S{}", number + 1)
        };
        write!(text, "[[struct]]\nname = \"S{number}\"\nfields = [{{ offset = 0, name = \"f\", type = \"{next}[{times}]\" }}]\n").unwrap();
    }
    text
}

#[test]
fn structs_nested_a_thousand_deep_are_refused() {
    let error = refused(&chain(1000, 1));
    assert!(error.contains("nested more than 32 deep"), "{error}");
    Layout::from_toml(&chain(32, 1)).unwrap();
    refused(&chain(33, 1));
}

#[test]
fn structs_that_multiply_are_refused_for_their_size() {
    let error = refused(&chain(30, 100));
    assert!(error.contains("has more than 2147483647 bytes"), "{error}");
    let plan = Plan::new(&Layout::from_toml(&chain(30, 2)).unwrap()).unwrap();
    let bytes = vec![1; 4096];
    assert_eq!(harmless(|| plan.view(&bytes).values().count()), 2048);
}

#[test]
fn structs_that_hold_themselves_are_refused() {
    let text = chain(3, 1).replace("\"u8[1]\"", "\"S1\"");
    let error = refused(&text);
    assert!(error.contains("the struct `S1` holds itself"), "{error}");
}

#[test]
fn lengths_beyond_everything_are_refused() {
    let field = |field: &str| {
        format!("format = 1\nid = \"x\"\n[[struct]]\nname = \"S\"\nfields = [{{ {field} }}]\n")
    };
    for text in [
        field("offset = 9223372036854775807, name = \"f\", type = \"u8\""),
        field("offset = 4, name = \"f\", type = \"u8[4294967295]\""),
        field("offset = 4, name = \"f\", type = \"u8[4294967296]\""),
        field("offset = 4, name = \"f\", type = \"f64[4294967295][4294967295][4294967295]\""),
        field("offset = 4, name = \"f\", type = \"u8[0]\""),
        field("offset = 4, name = \"f\", type = \"u8[-1]\""),
    ] {
        refused(&text);
    }
}

#[test]
fn names_of_controls_do_nothing_to_a_terminal() {
    let error = refused("format = 1\nid = \"x\"\n\"\\u001b[31m\" = 1\n");
    assert!(
        !error.replace('\n', "").contains(char::is_control),
        "{error:?}"
    );
    let mut bytes = iracing();
    bytes[176 + 16..176 + 24].copy_from_slice(b"\x1b[2J\"]\0\0");
    let plan = Plan::new(catalogue::by_id("iracing").unwrap()).unwrap();
    let paths: Vec<_> = plan.view(&bytes).values().map(|(path, _)| path).collect();
    assert!(
        paths.iter().any(|path| path == "[\"\u{fffd}[2J\\\"]\"]"),
        "{paths:?}"
    );
    assert!(paths.iter().all(|path| !path.contains(char::is_control)));
}

#[test]
fn a_region_that_claims_everything_decodes_within_bounds() {
    let plan = Plan::new(catalogue::by_id("hwinfo").unwrap()).unwrap();
    for stride in [0, 1, 316, u32::MAX] {
        for at in [0, 44, u32::MAX] {
            let mut bytes = hwinfo(100, 316);
            for (offset, number) in [(24, stride), (36, stride), (20, at), (32, at)] {
                bytes[offset..offset + 4].copy_from_slice(&number.to_le_bytes());
            }
            bytes[28..32].fill(0xff);
            bytes[40..44].fill(0xff);
            let mut walk = plan.view(&bytes).walk();
            let count = harmless(|| walk.by_ref().count());
            assert!(count < 64 * bytes.len());
            assert!(walk.is_truncated());
        }
    }
}

#[test]
fn tables_within_tables_end() {
    let mut text = "format = 1\nid = \"x\"\n".to_owned();
    for number in 0..20 {
        write!(text, "[[struct]]\nname = \"S{number}\"\nfields = [{{ offset = 0, name = \"a\", type = \"u8\" }}]\n").unwrap();
        for table in 0..10 {
            let next = if number == 19 { continue } else { number + 1 };
            write!(text, "[[struct.table]]\nname = \"t{table}\"\nof = \"S{next}\"\nat = 0\nstride = \"a\"\ncount = \"a\"\nmax = 1000\n").unwrap();
        }
    }
    let plan = Plan::new(&Layout::from_toml(&text).unwrap()).unwrap();
    let bytes = vec![1; 10_000];
    let mut walk = plan.view(&bytes).walk();
    let count = harmless(|| walk.by_ref().count());
    assert!(walk.is_truncated() && count > 1000, "{count}");
}

#[test]
fn variables_beyond_their_buffer_are_absent() {
    let plan = Plan::new(catalogue::by_id("iracing").unwrap()).unwrap();
    for (offset, number) in [
        (0, 99),
        (0, -1),
        (4, 32),
        (4, -4),
        (4, i32::MAX),
        (8, i32::MAX),
        (8, 0),
        (8, -1),
    ] {
        let mut bytes = iracing();
        bytes[176 + offset..180 + offset].copy_from_slice(&i32::to_le_bytes(number));
        let region = plan.view(&bytes);
        assert!(region.get("Speed").is_err(), "{offset} {number}");
        assert!(region.get("LF").is_ok());
        assert!(!region.values().any(|(path, _)| path == "Speed"));
    }
}

#[test]
fn labels_and_paths_of_strangers_are_errors() {
    let plan = Plan::new(catalogue::by_id("hwinfo").unwrap()).unwrap();
    let bytes = hwinfo(3, 316);
    for path in [
        "",
        "[",
        "]",
        "a[",
        "readings[",
        "readings[99999999999999999999]",
        "readings[\"",
        "readings[\"\\",
        ".",
    ] {
        assert!(
            !plan.view(&bytes).get(path).unwrap_err().is_absent(),
            "{path}"
        );
    }
    let long = "a.".repeat(100_000);
    assert!(harmless(|| plan.view(&bytes).get(&long)).is_err());
}
