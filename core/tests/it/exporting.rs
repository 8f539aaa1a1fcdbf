//! Recordings as tables.

use std::io::Cursor;
use std::time::Duration;

use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::export::{CsvOptions, ExportError, Request, Table};
use winshm_core::recording::{Options, Recorder, Recording};
use winshm_core::{Selection, Time};

use crate::regions::{car, driven};

const BEGIN: Time = Time::from_nanoseconds(1_700_000_000_000_000_000);

fn recorded(plan: &Plan, frames: impl IntoIterator<Item = Vec<u8>>) -> Recording<Cursor<Vec<u8>>> {
    let mut file = Cursor::new(Vec::new());
    let mut recorder = Recorder::new(&mut file, Options::default()).unwrap();
    let region = recorder.add_region("Car", Some(plan)).unwrap();
    for (tick, frame) in (0_u32..).zip(frames) {
        let time = BEGIN + tick * Duration::from_millis(20);
        recorder.frame(region, time, &frame).unwrap();
    }
    recorder.finish().unwrap();
    Recording::read(file).unwrap()
}

fn request(fields: &[&str]) -> Request {
    let mut request = Request::new(0);
    request.selection = Selection::new(fields.iter().copied());
    request
}

fn csv(recording: &mut Recording<Cursor<Vec<u8>>>, fields: &[&str], has_comma: bool) -> String {
    let mut table = Table::new(recording, request(fields), &mut |_| {}).unwrap();
    let mut options = CsvOptions::default();
    options.has_decimal_comma = has_comma;
    let mut out = Vec::new();
    table.csv(&mut out, options, &mut |_| {}).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn csv_has_a_column_for_each_value() {
    let plan = car();
    let mut recording = recorded(&plan, (0..2).map(|tick| driven(&plan, tick)));
    let expected = r#"time,seconds,speed [m/s],gear,driver,g[0],g[1],g[2],wheels[0].pressure,wheels[1].pressure,"lamps[""top""].power"
2023-11-14T22:13:20.000Z,0,0,reverse,Ayr0,1,2,3,0,200,0
2023-11-14T22:13:20.020Z,0.02,0.5,reverse,Ayr1,1,2,3,0,201,0
"#;
    let fields = [
        "speed",
        "GEAR",
        "driver",
        "g",
        "wheels[*].pressure",
        "lamps[top].power",
    ];
    assert_eq!(csv(&mut recording, &fields, false), expected);
    let expected = "\u{feff}time;seconds;speed [m/s]\n\
        2023-11-14T22:13:20.000Z;0;0\n2023-11-14T22:13:20.020Z;0,02;0,5\n";
    assert_eq!(csv(&mut recording, &["speed"], true), expected);
}

#[test]
fn a_chart_leaves_out_rows_without_a_label_that_nobody_names() {
    let plan = car();
    let mut recording = recorded(&plan, (0..2).map(|tick| driven(&plan, tick)));
    let mut series = |fields: &[&str]| {
        let mut table = Table::new(&mut recording, request(fields), &mut |_| {}).unwrap();
        let samples = table.samples(10, &mut |_| {}).unwrap();
        Vec::from_iter(samples.series.into_iter().map(|it| it.name))
    };
    let top = r#"lamps["top"].power"#;
    assert_eq!(series(&["lamps[*].power"]), [top]);
    assert_eq!(
        series(&["lamps[*].power", "lamps[1]"]),
        [top, "lamps[1].power"]
    );
    assert_eq!(series(&["lamps[1]*"]), ["lamps[1].power"]);
}

#[test]
fn rows_that_come_later_are_columns_that_are_empty_before() {
    let plan = car();
    let frames = (0..4_u32).map(|tick| {
        let mut bytes = driven(&plan, tick);
        let mut edit = plan.edit(&mut bytes);
        edit.set("lamps[1].room", if tick < 3 { "low" } else { "mid" })
            .unwrap();
        edit.set("lamps[1].power", tick).unwrap();
        edit.set("count", tick.min(2)).unwrap();
        bytes
    });
    let mut recording = recorded(&plan, frames);
    let csv = csv(&mut recording, &["lamps[*].power"], false);
    let rows: Vec<_> = csv
        .lines()
        .map(|it| it.split_once(',').unwrap().1)
        .collect();
    assert_eq!(
        rows,
        [
            r#"seconds,"lamps[""top""].power","lamps[""low""].power","lamps[""mid""].power""#,
            "0,,,",
            "0.02,0,,",
            "0.04,0,2,",
            "0.06,0,,3",
        ]
    );
}

#[test]
fn nothing_in_a_cell_is_a_formula_or_ends_it() {
    let layout = r#"{"format": 1, "id": "t", "struct": [{"name": "T", "fields": [
        {"offset": 0, "name": "text", "type": "utf8[24]"},
        {"offset": 24, "name": "number", "type": "f64"},
        {"offset": 32, "name": "@sum", "type": "i32"}]}]}"#;
    let plan = Plan::new(&Layout::from_json(layout).unwrap()).unwrap();
    let texts = [
        "=cmd|' /C calc'!A0",
        "+1",
        "-2",
        "@x",
        "a,\"b\"\nc",
        "plain",
    ];
    let numbers = [f64::NAN, f64::INFINITY, -1.5, 1e300, 1e-9, 123_456_789.125];
    let frames = texts.iter().zip(numbers).map(|(text, number)| {
        let mut bytes = vec![0; 36];
        let mut edit = plan.edit(&mut bytes);
        edit.set("text", *text).unwrap();
        edit.set("number", number).unwrap();
        edit.set("@sum", -7).unwrap();
        bytes
    });
    let csv = csv(&mut recorded(&plan, frames), &[], false);
    let rows: Vec<_> = csv
        .lines()
        .map(|it| it.splitn(3, ',').nth(2).unwrap_or(it))
        .collect();
    assert_eq!(
        rows,
        [
            "text,number,'@sum",
            "'=cmd|' /C calc'!A0,,-7",
            "'+1,,-7",
            "'-2,-1.5,-7",
            "'@x,1e+300,-7",
            "\"a,\"\"b\"\"",
            "-7",
            "plain,123456789.125,-7",
        ]
    );
}

#[test]
fn what_cannot_be_a_table_says_why() {
    let plan = car();
    let mut recording = recorded(&plan, [driven(&plan, 0)]);
    let mut fail = |request: Request| Table::new(&mut recording, request, &mut |_| {}).unwrap_err();
    let error = fail(request(&["sped"]));
    assert_eq!(
        error.to_string(),
        "there is no field `sped`; did you mean `speed`?"
    );
    let mut late = request(&[]);
    late.span.0 = BEGIN + Duration::from_secs(9);
    assert!(matches!(fail(late), ExportError::NoFrame));
    let mut unknown = request(&[]);
    unknown.region = 7;
    assert!(matches!(fail(unknown), ExportError::NoLayout));
}

#[test]
fn a_layout_of_a_stranger_has_no_more_columns_than_a_table_should() {
    let layout = r#"{"format": 1, "id": "t", "struct": [{"name": "T", "fields": [
        {"offset": 0, "name": "a", "type": "u8[1000][1000]"}]}]}"#;
    let plan = Plan::new(&Layout::from_json(layout).unwrap()).unwrap();
    let mut recording = recorded(&plan, [vec![0; 1_000_000]]);
    let error = Table::new(&mut recording, request(&[]), &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("choose some of them"), "{error}");
    let table = Table::new(&mut recording, request(&["a[7][*]"]), &mut |_| {}).unwrap();
    assert_eq!(table.headings().len(), 1000);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_has_types_and_empty_places() {
    use parquet::file::reader::{FileReader, SerializedFileReader};

    let plan = car();
    let frames = (0..3_u32).map(|tick| {
        let mut bytes = driven(&plan, tick);
        plan.edit(&mut bytes).set("count", tick).unwrap();
        bytes
    });
    let mut recording = recorded(&plan, frames);
    let fields = ["speed", "gear", "lights", "big", "lamps[*].power"];
    let mut table = Table::new(&mut recording, request(&fields), &mut |_| {}).unwrap();
    let mut file = tempfile::tempfile().unwrap();
    table.parquet(&mut file, &mut |_| {}).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let rows: Vec<_> = reader
        .get_row_iter(None)
        .unwrap()
        .map(|it| it.unwrap().to_string())
        .collect();
    assert_eq!(
        rows,
        [
            r#"{time: 1700000000000000000, speed [m/s]: 0E0, gear: "reverse", lights: true, big: 18446744073709551615, lamps["top"].power: null, lamps[1].power: null}"#,
            r#"{time: 1700000000020000000, speed [m/s]: 0.5, gear: "reverse", lights: false, big: 18446744073709551615, lamps["top"].power: 0E0, lamps[1].power: null}"#,
            r#"{time: 1700000000040000000, speed [m/s]: 1.0, gear: "reverse", lights: true, big: 18446744073709551615, lamps["top"].power: 0E0, lamps[1].power: 60.0}"#,
        ]
    );
}
