//! Charts of recordings.

use std::io::Cursor;
use std::time::Duration;

use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::chart::Chart;
use winshm_core::export::{Request, Table};
use winshm_core::recording::{Options, Recorder, Recording};
use winshm_core::{Samples, Selection, Time};

const BEGIN: Time = Time::from_nanoseconds(1_760_000_000_000_000_000);

const DRIVE: &str = r#"
format = 1
id = "drive"
[[struct]]
name = "Drive"
fields = [
  { offset = 0,  name = "speed",  type = "f32", unit = "km/h" },
  { offset = 4,  name = "rpm",    type = "f32", unit = "1/min" },
  { offset = 8,  name = "wheels", type = "Wheel[4]" },
  { offset = 40, name = "driver", type = "utf8[8]" },
  { offset = 48, name = "count",  type = "u32" },
]
[[struct.table]]
name = "sensors"
of = "Sensor"
at = 52
stride = 92
count = "count"
max = 2
label = "name"
unit_from = "unit"
[[struct]]
name = "Wheel"
fields = [
  { offset = 0, name = "pressure", type = "f32", unit = "kPa" },
  { offset = 4, name = "temp", type = "f32", unit = "°C" },
]
[[struct]]
name = "Sensor"
fields = [
  { offset = 0,  name = "name", type = "utf8[64]" },
  { offset = 64, name = "unit", type = "utf8[20]" },
  { offset = 84, name = "value", type = "f64" },
]
"#;

/// Two minutes of a drive at 60 Hz, with a gap, and a sensor that is called like an attack.
fn drive() -> Vec<u8> {
    let plan = Plan::new(&Layout::from_toml(DRIVE).unwrap()).unwrap();
    let mut file = Cursor::new(Vec::new());
    let mut recorder = Recorder::new(&mut file, Options::default()).unwrap();
    let region = recorder.add_region("Drive", Some(&plan)).unwrap();
    let mut bytes = vec![0; 52 + 2 * 92];
    plan.edit(&mut bytes).set("count", 1_u32).unwrap();
    let attack = "</script><script>alert(1)</script>\u{2028}\u{1b}[2J";
    plan.edit(&mut bytes)
        .set("sensors[0].name", attack)
        .unwrap();
    plan.edit(&mut bytes)
        .set("sensors[0].unit", "<b>&\"'")
        .unwrap();
    for tick in 0..7200_u32 {
        if (3000..3600).contains(&tick) {
            continue;
        }
        let seconds = f64::from(tick) / 60.0;
        let mut edit = plan.edit(&mut bytes);
        let lap = (seconds / 9.0).sin() + 0.4 * (seconds / 2.3).sin();
        let mut set = |path: &str, value: f64| edit.set(path, value).unwrap();
        set("speed", 160.0 + 80.0 * lap);
        set("rpm", 5200.0 + 2600.0 * (seconds * 1.7 + lap).sin().abs());
        for wheel in 0..4 {
            let phase = f64::from(wheel);
            let path = format!("wheels[{wheel}]");
            set(
                &format!("{path}.pressure"),
                178.0 + 4.0 * phase + seconds / 20.0 + (seconds + phase).sin(),
            );
            set(
                &format!("{path}.temp"),
                70.0 + 3.0 * phase + 12.0 * (1.0 - (-seconds / 40.0).exp()),
            );
        }
        set("sensors[0].value", if tick == 5000 { 9.0 } else { lap });
        recorder
            .frame(
                region,
                BEGIN + tick * Duration::from_nanos(16_666_667),
                &bytes,
            )
            .unwrap();
    }
    recorder.finish().unwrap();
    file.into_inner()
}

fn samples(paths: &[&str], parts: u64) -> Samples {
    let mut recording = Recording::read(Cursor::new(drive())).unwrap();
    let mut request = Request::new(0);
    request.selection = Selection::new(paths.iter().copied());
    let mut table = Table::new(&mut recording, request, &mut |_| {}).unwrap();
    table.samples(parts, &mut |_| {}).unwrap()
}

#[test]
fn a_gap_is_a_gap_and_a_peak_is_kept() {
    let samples = samples(&["speed", "sensors[0].value"], 300);
    assert!(
        (400..=601).contains(&samples.times.len()),
        "{}",
        samples.times.len()
    );
    let speed = &samples.series[0];
    assert_eq!(
        (speed.name.as_str(), speed.unit.as_deref()),
        ("speed", Some("km/h"))
    );
    let gaps: Vec<_> = (0..samples.times.len())
        .filter(|it| speed.values[*it].is_nan())
        .collect();
    assert_eq!(gaps.len(), 1);
    assert!((samples.times[gaps[0]] - 55.0).abs() < 0.1);
    assert!(samples.series[1].values.contains(&9.0));
    assert!(samples.times.is_sorted());
}

#[test]
fn names_of_other_programs_are_text_in_every_chart() {
    let samples = samples(&["sensors[*].value"], 100);
    let chart = Chart::new("<script>alert(2)</script>", &samples);
    let svg = chart.svg().unwrap();
    let html = chart.html();
    for (it, least) in [(&svg, 0), (&html, 2)] {
        assert!(!it.contains("<script>alert"), "{it}");
        assert!(!it.contains(['\u{1b}', '\u{2028}']));
        // Those of the page itself.
        assert_eq!(it.matches("</script").count(), least);
        assert!(!it.contains("<b>&"));
    }
    assert!(svg.contains("&lt;/script&gt;"));
    // The page may load nothing.
    assert!(html.contains("default-src 'none'"));
    assert!(!html.contains("src=") && !html.contains("@import"));
}

#[test]
fn an_image_has_a_panel_for_each_unit() {
    let samples = samples(&["speed", "rpm", "wheels[*]"], 900);
    let chart = Chart::new("A drive at Nürburgring — Lüfter °C Ω", &samples);
    let svg = chart.svg().unwrap();
    for text in [
        "km/h",
        "1/min",
        "kPa",
        "°C",
        "1:30",
        "wheels[3].temp",
        "2025-10-09T08:53:20.000Z",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    let png = chart.png().unwrap();
    assert_eq!(png[..8], *b"\x89PNG\r\n\x1a\n");
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (ending, bytes) in [
        ("svg", svg.as_bytes()),
        ("png", &png),
        ("html", chart.html().as_bytes()),
    ] {
        std::fs::write(folder.join("drive").with_extension(ending), bytes).unwrap();
    }
    std::fs::write(folder.join("drive.mcap"), drive()).unwrap();
}
