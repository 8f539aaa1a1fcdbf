//! Screens, as they are drawn.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use win_shared_memory_layouts::{Plan, catalogue};
use winshm_core::{Selection, State};

use super::Watch;
use super::keys::Answer;
use super::looks::Looks;
use super::model::{Region, View};
use super::screen;

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
        view: View::default(),
        end: None,
    }
}

/// What is on a screen of this size.
fn screen(watch: &mut Watch, width: u16, height: u16, now: Instant) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let draw = |frame: &mut ratatui::Frame<'_>| {
        screen::draw(frame, &watch.regions, &mut watch.view, LOOKS, now);
    };
    terminal.draw(draw).unwrap();
    let buffer = terminal.backend().buffer().clone();
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
    let drawn = screen(&mut watch, 130, 8, now);
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = drawn.lines().map(squeezed).collect();
    assert_eq!(lines[0], r"GPUZShMem\u{1b}[2J ● live gpu-z 1.0/s 1/2");
    assert_eq!(lines[2], "field value unit trend min mean p95 max");
    let value = r#"sensors["GPU Temperature"].value 42 °C ▁█▅ 40 42 44 44"#;
    assert!(lines.iter().any(|it| it == value), "{drawn}");
}

#[test]
fn a_narrow_screen_keeps_the_value_and_the_end_of_the_path() {
    let now = Instant::now();
    let drawn = screen(&mut watch(&[40.0], now), 40, 8, now);
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
        drawn.starts_with(" other  ● absent") && drawn.contains("no region of this name"),
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
