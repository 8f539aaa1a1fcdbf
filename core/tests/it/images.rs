//! Regions that are made from their layouts.

use std::collections::BTreeMap;

use win_shared_memory_layouts::{Liveness, catalogue};
use winshm_core::{Image, ImageError, Variable};

use crate::regions::known;

#[test]
fn every_layout_makes_a_region_that_looks_alive() {
    for layout in catalogue::all() {
        let plan = known(&layout.id);
        let image = Image::new(&plan, &BTreeMap::new(), &[]);
        let mut image = image.unwrap_or_else(|error| panic!("{}: {error}", layout.id));
        let mut beats = Vec::new();
        for _ in 0..3 {
            image.tick().unwrap();
            beats.extend(plan.heartbeat(image.bytes()));
        }
        assert_eq!(
            plan.liveness(image.bytes()),
            Liveness::Live,
            "{}",
            layout.id
        );
        assert!(plan.is_ready(image.bytes()), "{}", layout.id);
        let counts_seconds = ["hwinfo", "aida64", "mahm", "rtss", "gpu-z"].contains(&&*layout.id);
        let moves = beats.windows(2).all(|it| it[0] != it[1]);
        assert!(moves || counts_seconds, "{}: {beats:?}", layout.id);
    }
}

#[test]
fn tables_lie_after_the_root_and_have_the_rows_that_were_asked_for() {
    let plan = known("hwinfo");
    let rows = BTreeMap::from([("readings".to_owned(), 100), ("sensors".to_owned(), 3)]);
    let mut image = Image::new(&plan, &rows, &[]).unwrap();
    image.assign("readings[99].szLabelUser=last").unwrap();
    image.assign("sensors[2].szSensorNameUser=third").unwrap();
    let region = plan.view(image.bytes());
    for (table, count) in [("readings", 100), ("sensors", 3)] {
        let table = region.table(table).unwrap();
        assert_eq!((table.len(), table.cut()), (count, None));
    }
    assert_eq!(
        region.get("readings[99].szLabelUser").unwrap().to_string(),
        "last"
    );
    assert_eq!(
        region.get("readings[0].Value").unwrap().as_f64(),
        Some(61.0)
    );
}

#[test]
fn variables_are_declared_in_buffers_that_do_not_overlap() {
    let plan = known("iracing");
    let variables: Vec<Variable> = ["A: f64 [°C] = 1.5", "B: bool = true", "C: i32 [] = -7"]
        .map(|it| it.parse().unwrap())
        .into();
    let image = Image::new(&plan, &BTreeMap::new(), &variables).unwrap();
    let region = plan.view(image.bytes());
    let told = ["A", "B", "C"].map(|it| region.get(it).unwrap().to_string());
    assert_eq!(told, ["1.5", "true", "-7"]);
    let number = |path: &str| region.get(path).unwrap().as_i64().unwrap();
    let starts: Vec<_> = (0..3)
        .map(|it| number(&format!("varBuf[{it}].bufOffset")))
        .collect();
    assert!(
        starts
            .windows(2)
            .all(|it| it[1] - it[0] >= number("bufLen")),
        "{starts:?}"
    );
    assert!(starts[2] + number("bufLen") <= image.bytes().len() as i64);
}

#[test]
fn what_cannot_be_made_is_told() {
    let (hwinfo, mumble) = (known("hwinfo"), known("mumble-link"));
    let rows = BTreeMap::from([("radings".to_owned(), 1)]);
    let error = Image::new(&hwinfo, &rows, &[]).unwrap_err();
    assert_eq!(error.to_string(), "there is no table `radings`");
    let variable: Variable = "Speed: f32 = 1".parse().unwrap();
    let error = Image::new(&mumble, &BTreeMap::new(), &[variable]).unwrap_err();
    assert!(matches!(error, ImageError::Variable(_)), "{error}");
    for text in ["", "Speed", "Speed: f33", "Sp eed: f32", "Speed: f32 [m"] {
        assert!(text.parse::<Variable>().is_err(), "{text}");
    }
}

#[test]
fn a_text_has_room_where_the_region_says_and_can_be_told() {
    let plan = known("iracing");
    let mut image = Image::new(&plan, &BTreeMap::new(), &[]).unwrap();
    let region = plan.view(image.bytes());
    let (at, len) = (
        region.get("sessionInfoOffset").unwrap().as_i64().unwrap(),
        region.get("sessionInfoLen").unwrap().as_i64().unwrap(),
    );
    assert!(at >= 112 && at + len <= image.bytes().len() as i64, "{at}");
    let text = region.get("session").unwrap().to_string();
    assert!(text.starts_with("---\nWeekendInfo:\n TrackName:"), "{text}");
    assert!(text.ends_with("...\n"), "{text}");
    image.assign("session=---\nTrack: Spa=1\n...\n").unwrap();
    let region = plan.view(image.bytes());
    assert_eq!(
        region.get("session").unwrap().to_string(),
        "---\nTrack: Spa=1\n...\n"
    );
    assert_eq!(region.get("Speed").unwrap().as_f64(), Some(55.0));
    let long = format!("session={}", "x".repeat(len as usize));
    assert!(image.assign(&long).is_err());
}

#[test]
fn a_number_for_an_array_is_that_of_all_its_elements() {
    let plan = known("mumble-link");
    let mut image = Image::new(&plan, &BTreeMap::new(), &[]).unwrap();
    image.number("fAvatarPosition", 2.5).unwrap();
    image.number("fAvatarFront[1]", 1.0).unwrap();
    let region = plan.view(image.bytes());
    let shown = |path| region.get(path).unwrap().to_string();
    assert_eq!(shown("fAvatarPosition"), "[2.5, 2.5, 2.5]");
    assert_eq!(shown("fAvatarFront"), "[0, 1, 0]");
    assert!(image.number("fAvatarPosition[3]", 1.0).is_err());
    assert!(image.number("name", 1.0).is_err());
}

#[test]
fn a_producer_that_goes_on_counts_on() {
    for (id, path) in [
        ("automobilista2", "mSequenceNumber"),
        ("acc-physics", "packet_id"),
    ] {
        let plan = known(id);
        let mut image = Image::new(&plan, &BTreeMap::new(), &[]).unwrap();
        image.tick().unwrap();
        image.go_on_after(1000).unwrap();
        let count = plan.view(image.bytes()).get(path).unwrap().as_i64();
        assert!(count > Some(1000), "{id}: {count:?}");
    }
}
