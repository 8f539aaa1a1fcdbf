//! Programs that do not know us read what was recorded: Python's `mcap` and `mcap-protobuf-support`.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use winshm_core::recording::{Note, Options, Recorder};
use winshm_core::{State, Time};

use crate::regions::{car, driven, known};

/// What Python reads: topic, time and value of each message.
fn read(path: &str) -> Vec<(String, u64, Value)> {
    let python = std::env::var("WINSHM_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/decode.py");
    let ran = Command::new(python).arg(script).arg(path).output().unwrap();
    let error = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{error}");
    let lines = String::from_utf8(ran.stdout).unwrap();
    lines
        .lines()
        .map(|it| serde_json::from_str(it).unwrap())
        .collect()
}

#[test]
#[ignore = "needs Python with `mcap` and `mcap-protobuf-support`; WINSHM_PYTHON names it"]
fn python_decodes_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("car.mcap");
    let begin = 1_700_000_000_000_000_000;
    let mut recorder = Recorder::new(File::create(&path).unwrap(), Options::default()).unwrap();
    let car = car();
    let cars = recorder.add_region(r"Local\Car", Some(&car)).unwrap();
    for tick in 0..500 {
        let time = Time::from_nanoseconds(begin) + tick * Duration::from_millis(20);
        recorder.frame(cars, time, &driven(&car, tick)).unwrap();
    }
    let late = Time::from_nanoseconds(begin) + Duration::from_secs(20);
    let note = Note::State {
        region: r"Local\Car".to_owned(),
        state: State::Closing,
    };
    recorder.note(late, &note).unwrap();
    recorder.finish().unwrap();

    let messages = read(path.to_str().unwrap());
    let values: Vec<_> = messages.iter().filter(|it| it.0 == "/Local_Car").collect();
    assert_eq!(values.len(), 500);
    for (tick, (_, time, value)) in values.into_iter().enumerate() {
        let tick = tick as u64;
        assert_eq!(*time, begin + tick * 20_000_000);
        let mut expected = json!({
            "tick": tick,
            "speed": 0.5 * tick as f64,
            "gear": "gear_reverse",
            "lights": tick.is_multiple_of(2),
            "count": 2,
            "driver": format!("Ayr{tick}"),
            "g": [1.0, 2.0, 3.0],
            "wheels": [
                { "pressure": 0.0, "worn_out": 0 },
                { "pressure": (200 + tick) as f64, "worn_out": 7 },
            ],
            "small": [-5, 6],
            "names": ["", "b"],
            "time": 0.25,
            "big": u64::MAX.to_string(),
            "lamps": [{ "room": "top", "power": 0.0 }, { "room": "", "power": 60.0 }],
        });
        // Python leaves out what is 0.
        strip(&mut expected);
        let mut found = value.clone();
        strip(&mut found);
        assert_eq!(found, expected, "{tick}");
    }
    let (_, time, note) = messages.last().unwrap();
    assert_eq!(*time, late.nanoseconds());
    assert_eq!(
        *note,
        json!({ "kind": "state", "region": r"Local\Car", "state": "closing" })
    );
}

/// Leaves out members that are 0, empty or false.
fn strip(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(strip);
            members.retain(|_, it| {
                *it != json!(0) && *it != json!(0.0) && *it != json!("") && *it != json!(false)
            });
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

#[test]
#[ignore = "needs Python with `mcap` and `mcap-protobuf-support`; WINSHM_PYTHON names it"]
fn python_knows_the_message_type_of_every_layout() {
    let folder = tempfile::tempdir().unwrap();
    for layout in win_shared_memory_layouts::catalogue::all() {
        let path = folder.path().join("one.mcap");
        let plan = known(&layout.id);
        let mut options = Options::default();
        options.fields = winshm_core::Selection::new(["*"]);
        let mut recorder = Recorder::new(File::create(&path).unwrap(), options).unwrap();
        let region = recorder.add_region(&layout.id, Some(&plan)).unwrap();
        let bytes = vec![0; plan.size()];
        recorder.frame(region, Time::now(), &bytes).unwrap();
        recorder.finish().unwrap();
        let topic = format!("/{}", layout.id);
        let messages = read(path.to_str().unwrap());
        assert!(
            messages.iter().any(|it| it.0 == topic && it.2.is_object()),
            "{}",
            layout.id
        );
    }
}
