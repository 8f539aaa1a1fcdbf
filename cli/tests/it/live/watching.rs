//! `winshm watch`, of regions that this process makes.

use std::io::{BufRead, BufReader};
use std::process::Child;

use win_shared_memory::SharedData;
use win_shared_memory::snapshot::Writer;

use super::fresh_name;
use crate::tool::{command, finish};

#[derive(SharedData)]
#[repr(C)]
struct Lap {
    number: u16,
    seconds: [f32; 2],
}

fn lap(number: u16) -> Lap {
    Lap {
        number,
        seconds: [1.5, 2.5],
    }
}

/// A program that prints values as lines of JSON, and states.
fn watch(name: &str) -> (Child, impl BufRead + use<>, impl BufRead + use<>) {
    let mut child = command(&["watch", name, "--json", "--for", "50s"])
        .spawn()
        .unwrap();
    let values = BufReader::new(child.stdout.take().unwrap());
    let states = BufReader::new(child.stderr.take().unwrap());
    (child, values, states)
}

/// The next line that has all of this in it. The program ends by itself if there is none.
#[track_caller]
fn line_with(lines: &mut impl BufRead, parts: &[&str]) -> String {
    let mut seen = String::new();
    loop {
        let mut line = String::new();
        assert!(lines.read_line(&mut line).unwrap() > 0, "{parts:?}: {seen}");
        if parts.iter().all(|it| line.contains(it)) {
            return line;
        }
        seen.push_str(&line);
    }
}

#[test]
fn each_value_of_a_producer_that_comes_back_is_a_line_of_json() {
    let name = fresh_name();
    let (mut child, mut values, mut states) = watch(&name);
    for life in 0..3 {
        let mut writer = Writer::register(&name).unwrap();
        for number in [1, 2, 3].map(|it| 10 * life + it) {
            writer.publish(&lap(number));
            let wanted = format!("\"number\":{number},");
            let line = line_with(&mut values, &[&wanted]);
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(read["region"], name.as_str());
            assert_eq!(read["values"]["seconds"][1], 2.5, "{line}");
        }
        line_with(&mut states, &[&name, ": live"]);
        drop(writer);
        line_with(&mut states, &[&name, ": absent"]);
    }
    drop(values);
    let mut writer = Writer::register(&name).unwrap();
    for number in 100.. {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        writer.publish(&lap(number));
        std::thread::yield_now();
    }
    let ran = finish(child);
    assert_eq!(ran.code, 0, "nobody reads its output any more: {}", ran.err);
}

#[test]
fn values_that_are_published_at_once_are_a_line_each_also_the_last_of_a_writer() {
    let name = fresh_name();
    let (mut child, mut values, mut states) = watch(&name);
    for life in 0..3 {
        let mut writer = Writer::register(&name).unwrap();
        line_with(&mut states, &[&name, ": live"]);
        for burst in 0..5 {
            let numbers = (0..40).map(|it| 1000 * life + 100 * burst + it);
            numbers.clone().for_each(|it| {
                writer.publish(&lap(it));
            });
            if burst < 4 {
                are_next(&mut values, numbers);
            }
        }
        // With its last values unread.
        drop(writer);
        are_next(&mut values, (400..440).map(|it| 1000 * life + it));
        line_with(&mut states, &[&name, ": absent"]);
    }
    child.kill().unwrap();
    finish(child);
}

/// The next lines have these numbers.
#[track_caller]
fn are_next(lines: &mut impl BufRead, numbers: impl Iterator<Item = u16>) {
    for number in numbers {
        let mut line = String::new();
        lines.read_line(&mut line).unwrap();
        let wanted = format!("\"number\":{number},");
        assert!(line.contains(&wanted), "{wanted} {line}");
    }
}

#[cfg(feature = "tui")]
#[test]
fn a_piped_screen_shows_the_values_and_the_state() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let arguments = ["watch", &name, "--tui", "--ascii", "--for", "50s"];
    let mut command = command(&arguments);
    let mut child = command.env("NO_COLOR", "1").spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    for number in [7, 8] {
        writer.publish(&lap(number));
        line_with(&mut lines, &["* live"]);
        line_with(&mut lines, &[&format!("{number}")]);
    }
    drop(writer);
    line_with(&mut lines, &["* absent"]);
    drop(lines);
    assert_eq!(finish(child).code, 0, "nobody looks at it any more");
}
