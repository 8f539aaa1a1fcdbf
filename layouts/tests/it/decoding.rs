//! From bytes to values.

use win_shared_memory_layouts::{Cut, Layout, Liveness, Plan, Value, catalogue};

use crate::regions::{hwinfo, iracing};

fn plan(id: &str) -> Plan {
    Plan::new(catalogue::by_id(id).unwrap()).unwrap()
}

fn values(plan: &Plan, bytes: &[u8]) -> Vec<String> {
    let values = plan.view(bytes).values();
    values
        .map(|(path, value)| format!("{path}={value}"))
        .collect()
}

#[test]
fn readings_of_hwinfo_are_found_by_label() {
    let plan = plan("hwinfo");
    let bytes = hwinfo(5, 316);
    let region = plan.view(&bytes);
    assert_eq!(plan.liveness(&bytes), Liveness::Live);
    assert_eq!(
        region.get("readings[\"Reading 3\"].Value").unwrap(),
        Value::F64(3.5)
    );
    assert_eq!(
        region.get("readings[3].tReading").unwrap().to_string(),
        "temp"
    );
    let table = region.table("readings").unwrap();
    let row = table.row(4).unwrap();
    assert_eq!(row.label().unwrap(), *"Reading 4");
    assert_eq!(row.unit().unwrap(), *"°C");
    let sensor = row.follow("dwSensorIndex").unwrap();
    assert_eq!(
        sensor.get("szSensorNameUser").unwrap().to_string(),
        "Sensor"
    );
    let absent = region.get("readings[\"Reading 9\"].Value").unwrap_err();
    assert!(absent.is_absent(), "{absent}");
}

#[test]
fn the_unit_of_a_row_is_that_of_its_fractions() {
    let plan = plan("hwinfo");
    let bytes = hwinfo(1, 316);
    let mut walk = plan.view(&bytes).walk();
    let mut units = Vec::new();
    while walk.next().is_some() {
        let trail = walk.trail();
        if let Some(unit) = trail.unit() {
            units.push(format!("{trail} in {unit}"));
        }
    }
    let names = ["Value", "ValueMin", "ValueMax", "ValueAvg"];
    assert_eq!(units, names.map(|name| format!("readings[0].{name} in °C")));
}

#[test]
fn fields_beyond_the_stride_are_absent() {
    let plan = plan("hwinfo");
    let bytes = hwinfo(2, 300);
    let region = plan.view(&bytes);
    assert!(region.get("readings[1].ValueMin").is_ok());
    assert!(region.get("readings[1].ValueMax").unwrap_err().is_absent());
    assert!(
        !values(&plan, &bytes)
            .iter()
            .any(|it| it.contains("ValueMax"))
    );
}

#[test]
fn variables_of_iracing_are_read_from_the_newest_buffer() {
    let plan = plan("iracing");
    let bytes = iracing();
    let region = plan.view(&bytes);
    assert!(plan.is_ready(&bytes));
    assert_eq!(region.get("Speed").unwrap(), Value::F32(2.5));
    assert_eq!(region.get("LF").unwrap().to_string(), "[1, 2, 3]");
    assert_eq!(region.get("LF[2]").unwrap(), Value::F32(3.0));
    assert_eq!(
        region.get("session").unwrap().to_string(),
        "---\nWeekend: 1\n"
    );
    assert_eq!(region.get("varBuf[1].tickCount").unwrap(), Value::Signed(8));
    let all = values(&plan, &bytes);
    assert!(all.contains(&"Speed=2.5".to_owned()), "{all:?}");
    let mut walk = region.walk();
    while walk.next().is_some() {
        let trail = walk.trail();
        if trail.to_string() == "Speed" {
            assert_eq!(trail.unit().unwrap(), "m/s");
            return;
        }
    }
    panic!("no variable");
}

#[test]
fn every_path_of_a_walk_can_be_looked_up() {
    for (id, bytes) in [("hwinfo", hwinfo(3, 316)), ("iracing", iracing())] {
        let plan = plan(id);
        let region = plan.view(&bytes);
        for (path, value) in region.values() {
            assert_eq!(region.get(&path).unwrap(), value, "{path}");
        }
    }
}

#[test]
fn dimensions_go_from_the_outside_in() {
    let text = "format = 1\nid = \"x\"\n[[struct]]\nname = \"S\"\nfields = [
        { offset = 0, name = \"m\", type = \"u8[2][3]\" }, { offset = 6, name = \"t\", type = \"latin1[2][2]\" } ]";
    let plan = Plan::new(&Layout::from_toml(text).unwrap()).unwrap();
    let bytes = [0, 1, 10, 11, 20, 21, b'a', b'b', b'c', 0];
    let expected = [
        "m[0]=[0, 1]",
        "m[1]=[10, 11]",
        "m[2]=[20, 21]",
        "t[0]=ab",
        "t[1]=c",
    ];
    assert_eq!(values(&plan, &bytes), expected);
    assert_eq!(
        plan.view(&bytes).get("m[2][1]").unwrap(),
        Value::Unsigned(21)
    );
    let short = values(&plan, &bytes[..5]);
    assert_eq!(short, expected[..2]);
}

#[test]
fn lengths_in_the_region_bound_bytes() {
    let plan = plan("mumble-link");
    let mut bytes = vec![7; 5460];
    for (claimed, len) in [(3_u32, 3), (0, 0), (256, 256), (u32::MAX, 256)] {
        bytes[1104..1108].copy_from_slice(&claimed.to_le_bytes());
        let Value::Bytes(context) = plan.view(&bytes).get("context").unwrap() else {
            panic!()
        };
        assert_eq!(context.len(), len);
    }
}

#[test]
fn a_table_says_how_it_was_cut() {
    let plan = plan("hwinfo");
    let mut bytes = hwinfo(5, 316);
    let cut = |bytes: &[u8]| {
        let table = plan.view(bytes).table("readings").unwrap();
        (table.len(), table.cut())
    };
    assert_eq!(cut(&bytes), (5, None));
    assert_eq!(cut(&bytes[..bytes.len() - 1]), (4, Some(Cut::End)));
    bytes[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(cut(&bytes), (5, Some(Cut::End)));
    bytes[36..40].copy_from_slice(&0_u32.to_le_bytes());
    assert_eq!(cut(&bytes), (0, Some(Cut::Stride)));
    bytes[32..36].copy_from_slice(&u32::MAX.to_le_bytes());
    bytes[36..40].copy_from_slice(&1_u32.to_le_bytes());
    assert_eq!(cut(&bytes), (0, Some(Cut::End)));
    bytes[32..36].copy_from_slice(&0_u32.to_le_bytes());
    bytes.resize(100_000, 0);
    assert_eq!(cut(&bytes), (8192, Some(Cut::Max)));
}

#[test]
fn regions_that_a_region_of_ours_describes_decode() {
    let schema = concat!(
        r#"{"size":16,"align":4,"fields":[{"name":"state","offset":0,"type":{"size":1,"align":1,"repr":"u8","#,
        r#""variants":[{"name":"Off","value":0},{"name":"On","value":1}]}},"#,
        r#"{"name":"points","offset":4,"type":{"count":2,"element":{"size":6,"align":2,"fields":["#,
        r#"{"name":"x","offset":0,"type":"i16"},{"name":"rest","offset":2,"type":{"count":2,"element":"u16"}}]}}}]}"#
    );
    let plan = Plan::new(&Layout::from_schema("s", schema).unwrap()).unwrap();
    let bytes = [1, 0, 0, 0, 0xff, 0xff, 1, 0, 2, 0, 5, 0, 6, 0, 7, 0];
    let expected = [
        "state=On",
        "points[0].x=-1",
        "points[0].rest=[1, 2]",
        "points[1].x=5",
        "points[1].rest=[6, 7]",
    ];
    assert_eq!(values(&plan, &bytes), expected);
    let plain =
        Plan::new(&Layout::from_schema("s", r#"{"count":2,"element":"AtomicU64"}"#).unwrap())
            .unwrap();
    assert_eq!(
        values(&plain, &[1; 16]),
        ["value=[72340172838076673, 72340172838076673]"]
    );
    assert!(Layout::from_schema("s", r#"{"count":2}"#).is_err());
}
