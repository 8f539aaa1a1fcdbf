//! Values that are chosen by patterns.

use win_shared_memory_layouts::{Plan, catalogue};
use winshm_core::{Columns, Kind, Selection};

fn plan(id: &str) -> Plan {
    Plan::new(catalogue::by_id(id).unwrap()).unwrap()
}

/// Sensors of GPU-Z, by name and value.
fn sensors(plan: &Plan, sensors: &[(&str, f64)]) -> Vec<u8> {
    let mut bytes = vec![0; plan.size()];
    let mut edit = plan.edit(&mut bytes);
    for (index, (name, value)) in sensors.iter().enumerate() {
        edit.set(&format!("sensors[{index}].name"), *name).unwrap();
        edit.set(&format!("sensors[{index}].value"), *value)
            .unwrap();
    }
    bytes
}

fn paths(plan: &Plan, bytes: &[u8], patterns: &[&str]) -> Vec<String> {
    let selection = Selection::new(patterns.iter().copied());
    let columns = Columns::new(&plan.view(bytes), &selection).unwrap();
    columns.iter().map(|it| it.path.clone()).collect()
}

#[test]
fn a_row_is_called_by_its_label_unless_an_earlier_one_has_it() {
    let plan = plan("gpu-z");
    let bytes = sensors(&plan, &[("Fan", 1.0), ("GPU \"0\"", 2.0), ("Fan", 3.0)]);
    let found = paths(&plan, &bytes, &["sensors[*].value"]);
    let expected = [
        "sensors[\"Fan\"].value",
        r#"sensors["GPU \"0\""].value"#,
        "sensors[2].value",
    ];
    assert_eq!(found[..3], expected);
    // Every path is a path, and a pattern for what it was given for.
    for (path, value) in found.iter().zip([1.0, 2.0, 3.0]) {
        let got = plan.view(&bytes).get(path).unwrap();
        assert_eq!(got.as_f64(), Some(value));
        assert!(paths(&plan, &bytes, &[path]).contains(path));
    }
}

#[test]
fn brackets_hold_indices_labels_and_stars() {
    let plan = plan("gpu-z");
    let bytes = sensors(&plan, &[("Fan 1", 1.0), ("Fan 2", 2.0)]);
    let both = ["sensors[\"Fan 1\"].value", "sensors[\"Fan 2\"].value"];
    for pattern in [
        "sensors[\"fan*\"].value",
        "SENSORS[fan *].value",
        "sensors[Fan*].Val*",
    ] {
        assert_eq!(paths(&plan, &bytes, &[pattern]), both, "{pattern}");
    }
    assert_eq!(paths(&plan, &bytes, &["sensors[1].value"]), both[1..]);
    assert_eq!(paths(&plan, &bytes, &["sensors[*].value"]).len(), 128);
    assert!(paths(&plan, &bytes, &["sensors[0]"]).len() > 2);
}

#[test]
fn arrays_are_columns_by_element() {
    let plan = plan("mumble-link");
    let bytes = vec![0; plan.size()];
    let three = [0, 1, 2].map(|it| format!("fAvatarPosition[{it}]"));
    assert_eq!(paths(&plan, &bytes, &["favatarposition"]), three);
    assert_eq!(
        paths(&plan, &bytes, &["fAvatarPosition[2]", "uiTick"]),
        ["uiTick", "fAvatarPosition[2]"]
    );
    let columns = Columns::new(&plan.view(&bytes), &Selection::default()).unwrap();
    let name = columns.iter().find(|it| it.path == "name").unwrap();
    assert_eq!((name.kind, name.unit.as_deref()), (Kind::Text, None));
    let x = columns.iter().find(|it| it.path == three[0]).unwrap();
    assert_eq!(x.unit.as_deref(), Some("m"));
}

#[test]
fn columns_stay_where_they_are_as_long_as_the_arrangement_holds() {
    let plan = plan("hwinfo");
    let mut bytes = vec![0; 4096];
    let mut edit = plan.edit(&mut bytes);
    edit.set("dwOffsetOfReadingSection", 48_u32).unwrap();
    edit.set("dwSizeOfReadingElement", 316_u32).unwrap();
    edit.set("dwNumReadingElements", 1_u32).unwrap();
    edit.set("readings[0].szLabelUser", "CPU").unwrap();
    edit.set("readings[0].szUnit", "°C").unwrap();
    edit.set("readings[0].Value", 61.0).unwrap();
    let selection = Selection::new(["readings[*].Value"]);
    let columns = Columns::new(&plan.view(&bytes), &selection).unwrap();
    assert_eq!(columns.len(), 1);
    assert_eq!(columns[0].path, "readings[\"CPU\"].Value");
    assert_eq!(columns[0].unit.as_deref(), Some("°C"));

    plan.edit(&mut bytes)
        .set("readings[0].Value", 62.0)
        .unwrap();
    let region = plan.view(&bytes);
    assert!(columns.are_those_of(&region));
    let value = region.read(&columns[0].cell).unwrap();
    assert_eq!(value.as_f64(), Some(62.0));

    plan.edit(&mut bytes)
        .set("dwNumReadingElements", 2_u32)
        .unwrap();
    assert!(!columns.are_those_of(&plan.view(&bytes)));
    assert!(!columns.are_those_of(&plan.view(&bytes[..4000])));
}
