//! Screens, as they are drawn.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use win_shared_memory_layouts::{Plan, catalogue};
use winshm_core::{Counts, Selection, State, Time};

use super::Watch;
use super::keys::Answer;
use super::looks::Looks;
use super::model::{Region, View};
use super::{Unknown, picture, screen};
use crate::feed::{Message, Seen};

const LOOKS: Looks = Looks {
    has_color: false,
    is_plain: false,
};

/// GPU-Z's region with this temperature.
fn gpu(plan: &Plan, temperature: f64) -> Vec<u8> {
    let mut bytes = vec![0; plan.size()];
    let mut edit = plan.edit(&mut bytes);
    edit.set("sensors[0].name", "GPU Temperature").unwrap();
    edit.set("sensors[0].unit", "°C").unwrap();
    edit.set("sensors[0].value", temperature).unwrap();
    bytes
}

/// A watch that has seen GPU-Z's region with these temperatures.
fn watch(temperatures: &[f64], now: Instant) -> Watch {
    let plan = Plan::new(catalogue::by_id("gpu-z").unwrap()).unwrap();
    let mut region = Region::new("GPUZShMem\u{1b}[2J");
    region.state = State::Live;
    let selection = Selection::new(["sensors[0]"]);
    for (second, temperature) in temperatures.iter().enumerate() {
        let time = now + Duration::from_secs(second as u64);
        region.copied(Some(&plan), gpu(&plan, *temperature), &selection, time);
    }
    Watch {
        regions: vec![region, Region::new("other")],
        unknown: Unknown::new(&selection, 2),
        view: View::default(),
        end: None,
    }
}

/// A screen of this size.
fn buffer(watch: &mut Watch, looks: Looks, width: u16, height: u16, now: Instant) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let draw = |frame: &mut ratatui::Frame<'_>| {
        screen::draw(frame, &watch.regions, &mut watch.view, looks, now);
    };
    terminal.draw(draw).unwrap();
    terminal.backend().buffer().clone()
}

/// What is on a screen of this size.
fn screen(watch: &mut Watch, width: u16, height: u16, now: Instant) -> String {
    let buffer = buffer(watch, LOOKS, width, height, now);
    let lines = (0..height).map(|y| {
        let line: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

fn press(watch: &mut Watch, key: KeyCode) -> Answer {
    watch.answer(&Event::Key(KeyEvent::new(key, KeyModifiers::NONE)))
}

#[test]
fn values_have_their_units_trends_and_statistics() {
    let now = Instant::now();
    let mut watch = watch(&[40.0, 44.0, 42.0], now);
    let drawn = screen(&mut watch, 130, 10, now);
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = drawn.lines().map(squeezed).collect();
    assert_eq!(lines[0], r"● GPUZShMem\u{1b}[2J ● other");
    let size = watch.regions[0].bytes.now.len();
    let head = format!("● live gpu-z 1.0/s {size} bytes");
    assert_eq!(lines[1], head);
    assert_eq!(lines[3], "field value unit trend min mean p95 max");
    let value = r#"sensors["GPU Temperature"].value 42 °C ▁▇▄ 40 42 44 44"#;
    assert!(lines.iter().any(|it| it == value), "{drawn}");
}

#[test]
fn the_rate_is_that_of_changes_and_not_of_copies() {
    let now = Instant::now();
    let mut watch = watch(&[40.0, 40.0, 41.0, 41.0, 42.0], now);
    let later = now + Duration::from_secs(4);
    let drawn = screen(&mut watch, 130, 10, later);
    assert!(drawn.contains(" 0.5/s "), "{drawn}");
}

#[test]
fn a_path_that_chooses_nothing_is_told() {
    let now = Instant::now();
    let mut watch = watch(&[40.0], now);
    let selection = Selection::new(["sensors[0]", "sensor[0].value"]);
    watch.unknown = Unknown::new(&selection, 1);
    let plan = Plan::new(catalogue::by_id("gpu-z").unwrap()).unwrap();
    let message = Message {
        region: 0,
        time: Time::now(),
        counts: Counts::default(),
        seen: Seen::Copy(gpu(&plan, 40.0), Some(Arc::new(plan))),
    };
    watch.message(message, &selection);
    let drawn = screen(&mut watch, 100, 10, now);
    let told = "there is no field `sensor[0].value`; did you mean `sensors[0].value`?";
    assert!(drawn.contains(told), "{drawn}");
}

#[test]
fn a_narrow_screen_keeps_the_value_and_the_end_of_the_path() {
    let now = Instant::now();
    let drawn = screen(&mut watch(&[40.0], now), 40, 10, now);
    let line = drawn.lines().find(|it| it.contains(".value")).unwrap();
    assert!(
        line.contains('…') && line.contains("40") && line.contains("°C"),
        "{drawn}"
    );
}

#[test]
fn every_size_can_be_drawn() {
    let now = Instant::now();
    let mut watch = watch(&[40.0, 41.0], now);
    for key in [
        KeyCode::Null,
        KeyCode::Char('x'),
        KeyCode::Char('?'),
        KeyCode::Char('x'),
    ] {
        press(&mut watch, key);
        for (width, height) in [(1, 1), (3, 2), (20, 5), (79, 24), (250, 80)] {
            screen(&mut watch, width, height, now);
        }
    }
}

#[test]
fn keys_filter_collapse_and_end() {
    let now = Instant::now();
    let mut watch = watch(&[40.0], now);
    for key in ['/', 'V', 'a', 'l'] {
        press(&mut watch, KeyCode::Char(key));
    }
    press(&mut watch, KeyCode::Enter);
    let drawn = screen(&mut watch, 80, 10, now);
    assert!(
        drawn.contains(".value") && !drawn.contains(".name"),
        "{drawn}"
    );
    assert_eq!(press(&mut watch, KeyCode::Esc), Answer::GoOn);
    assert!(screen(&mut watch, 80, 10, now).contains(".name"));

    press(&mut watch, KeyCode::Left);
    let drawn = screen(&mut watch, 80, 10, now);
    assert!(
        drawn.contains("▸ sensors[\"GPU Temperature\"]") && !drawn.contains(".value"),
        "{drawn}"
    );
    press(&mut watch, KeyCode::Right);
    assert!(screen(&mut watch, 80, 10, now).contains(".value"));

    press(&mut watch, KeyCode::Tab);
    let drawn = screen(&mut watch, 80, 10, now);
    assert!(
        drawn.contains("\n ● absent") && drawn.contains("no region of this name"),
        "{drawn}"
    );
    assert_eq!(press(&mut watch, KeyCode::Char('q')), Answer::End);
}

#[test]
fn the_cursor_stays_in_the_list() {
    let now = Instant::now();
    let mut watch = watch(&[40.0], now);
    for key in [
        KeyCode::End,
        KeyCode::Down,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::Up,
        KeyCode::PageUp,
    ] {
        press(&mut watch, key);
        screen(&mut watch, 60, 5, now);
        assert!(watch.view.line < watch.regions[0].rows.len());
    }
    assert_eq!(watch.view.line, 0);
}

#[test]
fn bytes_that_change_are_told_from_those_that_do_not() {
    let now = Instant::now();
    let watch = watch(&[40.0, 41.0], now);
    let bytes = &watch.regions[0].bytes;
    let changed = (0..bytes.now.len())
        .filter(|at| bytes.age(*at, now).is_some())
        .count();
    assert!((1..=8).contains(&changed), "{changed}");
}

#[test]
fn ascii_is_all_that_a_plain_screen_has() {
    let now = Instant::now();
    let mut watch = watch(&[40.0, 44.0, 42.0], now);
    watch.regions[0]
        .rows
        .retain(|it| it.unit.is_none() || it.stats.is_some());
    let looks = Looks {
        has_color: true,
        is_plain: true,
    };
    press(&mut watch, KeyCode::End);
    for key in [
        KeyCode::Null,
        KeyCode::Left,
        KeyCode::Char('?'),
        KeyCode::Char('/'),
    ] {
        press(&mut watch, key);
        for width in [40, 130] {
            let drawn = buffer(&mut watch, looks, width, 30, now);
            let symbols = drawn.content().iter().map(|it| it.symbol());
            let other: String = symbols.filter(|it| !it.is_ascii() && *it != "°").collect();
            assert_eq!(other, "");
        }
    }
}

#[test]
fn the_chosen_number_has_its_course_drawn_large() {
    let now = Instant::now();
    let mut watch = watch(&[40.0, 44.0, 42.0], now);
    watch.view.line = watch.regions[0].rows.len() - 1;
    let lines: Vec<_> = watch.regions[0]
        .rows
        .iter()
        .map(|it| it.path.as_str())
        .collect();
    watch.view.line = lines.iter().position(|it| it.ends_with(".value")).unwrap();
    let drawn = screen(&mut watch, 90, 30, now);
    assert!(drawn.contains("42 °C"), "{drawn}");
    assert!(drawn.contains("min 40  mean 42  p95 44  max 44"), "{drawn}");
    assert!(drawn.contains("        44  █"), "{drawn}");
    assert!(drawn.contains("        40 ▁██"), "{drawn}");
}

/// HWiNFO's region, of whose readings these are the values in the moment `at`.
fn sensors(plan: &Plan, at: i64) -> Vec<u8> {
    // Up and down between two values, in so many steps.
    let wave = |low: f64, high: f64, steps: i64| {
        let step = ((at * 7 + steps * steps) % (2 * steps) - steps).abs();
        let noise = (at * at * 31 + at * steps) % 13;
        low + (high - low) * (step as f64 / steps as f64 * 0.85 + noise as f64 / 13.0 * 0.15)
    };
    let tenths = |value: f64| (value * 10.0).round() / 10.0;
    let readings = [
        ("CPU Package", "°C", 1, tenths(wave(48.0, 83.0, 420))),
        ("CPU Package Power", "W", 5, tenths(wave(31.0, 142.0, 350))),
        (
            "Core Clocks (avg)",
            "MHz",
            6,
            wave(3600.0, 5050.0, 230).round(),
        ),
        ("Total CPU Usage", "%", 7, tenths(wave(12.0, 96.0, 290))),
        (
            "Vcore",
            "V",
            2,
            (wave(0.92, 1.31, 260) * 1000.0).round() / 1000.0,
        ),
        ("CPU Fan", "RPM", 3, wave(820.0, 1640.0, 610).round()),
        ("GPU Temperature", "°C", 1, tenths(wave(55.0, 71.0, 700))),
        ("GPU Hot Spot", "°C", 1, tenths(wave(63.0, 88.0, 640))),
        ("GPU Power", "W", 5, tenths(wave(96.0, 318.0, 380))),
        ("GPU Clock", "MHz", 6, wave(1815.0, 2745.0, 330).round()),
        ("GPU Memory Used", "MB", 8, 9216.0),
        ("Framerate", "FPS", 8, tenths(wave(87.0, 144.0, 180))),
        ("Drive Temperature", "°C", 1, 41.0),
        ("Read Rate", "MB/s", 8, tenths(wave(0.0, 1800.0, 150))),
    ];
    let mut bytes = vec![0; 64 + readings.len() * 320];
    let mut edit = plan.edit(&mut bytes);
    edit.set("dwOffsetOfReadingSection", 64).unwrap();
    edit.set("dwSizeOfReadingElement", 320).unwrap();
    edit.set("dwNumReadingElements", readings.len() as i64)
        .unwrap();
    for (row, (label, unit, kind, value)) in readings.into_iter().enumerate() {
        let mut set = |name: &str, value: win_shared_memory_layouts::Input<'_>| {
            edit.set(&format!("readings[{row}].{name}"), value).unwrap();
        };
        set("tReading", kind.into());
        set("szLabelUser", label.into());
        set("szUnit", unit.into());
        set("Value", value.into());
    }
    bytes
}

/// `docs/watch.svg`, which the README shows. `WINSHM_UPDATE_PICTURE=1 cargo test -p winshm picture` writes it.
#[test]
fn the_picture_in_the_readme_is_what_is_drawn() {
    let now = Instant::now();
    let plan = Plan::new(catalogue::by_id("hwinfo").unwrap()).unwrap();
    let selection = Selection::new(["readings[*].Value"]);
    let mut region = Region::new(r"Global\HWiNFO_SENS_SM2");
    region.state = State::Live;
    for moment in 0..600 {
        let time = now + Duration::from_millis(500 * moment as u64);
        region.copied(Some(&plan), sensors(&plan, moment), &selection, time);
    }
    let mut game = Region::new("$rFactor2SMMP_Telemetry$");
    game.state = State::Live;
    let mut watch = Watch {
        regions: vec![region, game, Region::new("MumbleLink")],
        unknown: Unknown::new(&selection, 3),
        view: View::default(),
        end: None,
    };
    let looks = Looks {
        has_color: true,
        is_plain: false,
    };
    let now = now + Duration::from_millis(500 * 599 + 100);
    let screen = buffer(&mut watch, looks, 126, 27, now);
    let title = "winshm watch Global\\HWiNFO_SENS_SM2 $rFactor2SMMP_Telemetry$ MumbleLink";
    let drawn = picture::svg(&screen, title);

    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    // The package alone has no picture.
    if !docs.is_dir() {
        return;
    }
    let file = docs.join("watch.svg");
    if std::env::var_os("WINSHM_UPDATE_PICTURE").is_some() {
        std::fs::write(&file, &drawn).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept.replace("\r\n", "\n") == drawn,
        "docs/watch.svg is of another state; WINSHM_UPDATE_PICTURE=1 writes it"
    );
}
