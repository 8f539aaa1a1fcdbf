//! Regions as their producers write them.

use win_shared_memory_layouts::{Layout, Plan, catalogue};

pub(crate) fn known(id: &str) -> Plan {
    Plan::new(catalogue::by_id(id).unwrap()).unwrap()
}

/// A layout with everything that a message can have.
pub(crate) fn car() -> Plan {
    let layout = Layout::from_toml(
        r#"
        format = 1
        id = "car"
        name = ["Car"]
        [[struct]]
        name = "Car"
        fields = [
          { offset = 0,  name = "tick",   type = "u32" },
          { offset = 4,  name = "speed",  type = "f32", unit = "m/s" },
          { offset = 8,  name = "gear",   type = "i8", enum = { reverse = -1, first = 1 } },
          { offset = 9,  name = "lights", type = "bool" },
          { offset = 10, name = "count",  type = "u16" },
          { offset = 12, name = "driver", type = "utf16[8]" },
          { offset = 28, name = "g",      type = "f32[3]" },
          { offset = 40, name = "wheels", type = "Wheel[2]" },
          { offset = 56, name = "small",  type = "i16[2]" },
          { offset = 60, name = "names",  type = "latin1[4][2]" },
          { offset = 68, name = "time",   type = "f64" },
          { offset = 76, name = "big",    type = "u64" },
        ]
        [[struct.table]]
        name = "lamps"
        of = "Lamp"
        at = 84
        stride = 8
        count = "count"
        max = 4
        label = "room"
        [[struct]]
        name = "Wheel"
        fields = [
          { offset = 0, name = "pressure", type = "f32" },
          { offset = 4, name = "worn-out", type = "u8" },
        ]
        size = 8
        [[struct]]
        name = "Lamp"
        fields = [
          { offset = 0, name = "room", type = "latin1[4]" },
          { offset = 4, name = "power", type = "f32" },
        ]
        "#,
    );
    Plan::new(&layout.unwrap()).unwrap()
}

/// The car at a tick.
pub(crate) fn driven(plan: &Plan, tick: u32) -> Vec<u8> {
    let mut bytes = vec![0; 116];
    let mut edit = plan.edit(&mut bytes);
    let values = [
        ("tick", format!("{tick}")),
        ("speed", format!("{}", 0.5 * f64::from(tick))),
        ("gear", "reverse".to_owned()),
        ("lights", format!("{}", tick.is_multiple_of(2))),
        ("count", "2".to_owned()),
        ("driver", format!("Ayr{tick}")),
        ("g", "[1, 2, 3]".to_owned()),
        ("wheels[1].pressure", format!("{}", 200 + tick)),
        ("wheels[1].worn-out", "7".to_owned()),
        ("small", "[-5, 6]".to_owned()),
        ("names[1]", "b".to_owned()),
        ("time", "0.25".to_owned()),
        ("big", format!("{}", u64::MAX)),
        ("lamps[0].room", "top".to_owned()),
        ("lamps[1].power", "60".to_owned()),
    ];
    for (path, value) in values {
        edit.set(path, value.as_str()).unwrap();
    }
    bytes
}
