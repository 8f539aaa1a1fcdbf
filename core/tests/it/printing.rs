//! Copies as text.

use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::{Format, Printer, Selection, Time};

use crate::regions::{car, driven};

const TIME: Time = Time::from_nanoseconds(1_700_000_000_250_000_000);

/// What a printer makes of copies that follow each other.
fn printed(format: Format, fields: &[&str], copies: &[Vec<u8>]) -> String {
    let plan = car();
    let mut printer = Printer::new("Car", format, Selection::new(fields.iter().copied()));
    let mut out = Vec::new();
    for copy in copies {
        printer.print(&mut out, TIME, Some(&plan), copy).unwrap();
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn lines_tell_everything_first_and_then_what_changes() {
    let plan = car();
    let copies = [driven(&plan, 1), driven(&plan, 1), driven(&plan, 2)];
    let expected = "\
tick = 1
speed = 0.5 m/s
gear = reverse
lights = false
count = 2
driver = Ayr1
g = [1, 2, 3]
wheels[0].pressure = 0
wheels[0].worn-out = 0
wheels[1].pressure = 201
wheels[1].worn-out = 7
small = [-5, 6]
names[0] = \nnames[1] = b
time = 0.25
big = 18446744073709551615
lamps[\"top\"].room = top
lamps[\"top\"].power = 0
lamps[1].room = \nlamps[1].power = 60
tick = 2
speed = 1 m/s
lights = true
driver = Ayr2
wheels[1].pressure = 202
";
    assert_eq!(printed(Format::Lines, &[], &copies), expected);
}

#[test]
fn a_line_of_json_is_an_object_like_the_region() {
    let plan = car();
    let copy = driven(&plan, 1);
    let line = printed(Format::Json, &[], std::slice::from_ref(&copy));
    let expected = r#"{"region":"Car","time":"2023-11-14T22:13:20.250Z","values":{"tick":1,"speed":0.5,"gear":"reverse","lights":false,"count":2,"driver":"Ayr1","g":[1,2,3],"wheels":[{"pressure":0,"worn-out":0},{"pressure":201,"worn-out":7}],"small":[-5,6],"names":["","b"],"time":0.25,"big":18446744073709551615,"lamps":[{"room":"top","power":0},{"room":"","power":60}]}}"#;
    assert_eq!(line, format!("{expected}\n"));
    let fields = [
        "wheels[1].pressure",
        "speed",
        "lamps[\"top\"].power",
        "g[2]",
    ];
    let line = printed(Format::Json, &fields, &[copy]);
    let expected =
        r#""values":{"speed":0.5,"g":[3],"wheels":[{"pressure":201}],"lamps":[{"power":0}]}}"#;
    assert!(line.ends_with(&format!("{expected}\n")), "{line}");
    assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok());
}

#[test]
fn csv_has_a_header_and_a_row_for_each_copy() {
    let plan = car();
    let copies = [driven(&plan, 1), driven(&plan, 2)];
    let fields = ["speed", "g", "driver", "lamps[*].power", "gear"];
    let expected = "\
time,speed [m/s],gear,driver,g[0],g[1],g[2],\"lamps[\"\"top\"\"].power\",lamps[1].power
2023-11-14T22:13:20.250Z,0.5,reverse,Ayr1,1,2,3,0,60
2023-11-14T22:13:20.250Z,1,reverse,Ayr2,1,2,3,0,60
";
    assert_eq!(printed(Format::Csv, &fields, &copies), expected);
}

#[test]
fn influx_has_a_line_for_the_region_and_one_for_each_row_that_has_a_name() {
    let plan = car();
    let copies = [driven(&plan, 1)];
    let fields = ["tick", "speed", "driver", "big", "lamps"];
    let expected = "\
Car tick=1i,speed=0.5,driver=\"Ayr1\" 1700000000250000000
Car,table=lamps,row=top room=\"top\",power=0 1700000000250000000
Car lamps[1].room=\"\",lamps[1].power=60 1700000000250000000
";
    assert_eq!(printed(Format::Influx, &fields, &copies), expected);
}

#[test]
fn of_rows_with_the_same_label_the_first_has_it_and_the_others_have_numbers() {
    let plan = car();
    let mut copy = driven(&plan, 1);
    plan.edit(&mut copy).set("lamps[1].room", "top").unwrap();
    let printed = |format, fields| printed(format, fields, std::slice::from_ref(&copy));
    assert_eq!(
        printed(Format::Lines, &["lamps[*].power"]),
        "lamps[\"top\"].power = 0\nlamps[1].power = 60\n"
    );
    assert_eq!(
        printed(Format::Lines, &["lamps[top].power"]),
        "lamps[\"top\"].power = 0\n"
    );
    // A database would take the second for the same point, and keep it alone.
    assert_eq!(
        printed(Format::Influx, &["lamps[*].power"]),
        "Car,table=lamps,row=top power=0 1700000000250000000\n\
         Car lamps[1].power=60 1700000000250000000\n"
    );
}

#[test]
fn a_label_is_a_row_of_influx_whatever_is_in_it() {
    let plan = car();
    let mut copy = driven(&plan, 1);
    for label in ["\"].", "a.b", "]\"["] {
        plan.edit(&mut copy).set("lamps[0].room", label).unwrap();
        let line = printed(
            Format::Influx,
            &["lamps[0].power"],
            std::slice::from_ref(&copy),
        );
        let expected = format!("Car,table=lamps,row={label} power=0 1700000000250000000\n");
        assert_eq!(line, expected);
    }
}

/// A region whose text is hostile, and whose number is none.
fn hostile(text: &str) -> (Plan, Vec<u8>) {
    let layout = Layout::from_toml(
        r#"
        format = 1
        id = "hostile"
        name = ["H"]
        [[struct]]
        name = "H"
        fields = [
          { offset = 0, name = "text", type = "utf8[32]" },
          { offset = 32, name = "number", type = "f32" },
        ]
        "#,
    );
    let plan = Plan::new(&layout.unwrap()).unwrap();
    let mut bytes = vec![0; 36];
    plan.edit(&mut bytes).set("text", text).unwrap();
    plan.edit(&mut bytes).set("number", f32::NAN).unwrap();
    (plan, bytes)
}

#[test]
fn hostile_texts_stay_texts_and_numbers_that_are_none_are_told() {
    let printed = |format, text: &str| {
        let (plan, bytes) = hostile(text);
        let mut out = Vec::new();
        let mut printer = Printer::new("a b\n", format, Selection::default());
        printer.print(&mut out, TIME, Some(&plan), &bytes).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(
        printed(Format::Lines, "\u{1b}[2J\nx = 1"),
        "text = \\u{1b}[2J\\u{a}x = 1\nnumber = NaN\n"
    );
    assert_eq!(
        printed(Format::Csv, "=cmd(\"x\")"),
        "time,text,number\n2023-11-14T22:13:20.250Z,\"'=cmd(\"\"x\"\")\",\n"
    );
    assert_eq!(
        printed(Format::Influx, "a\"\n\\ b=1"),
        "a\\ b\\  text=\"a\\\" \\\\ b=1\" 1700000000250000000\n"
    );
    let json = printed(Format::Json, "\"\\\u{1}");
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["values"]["text"], "\"\\\u{1}");
    assert_eq!(value["values"]["number"], serde_json::Value::Null);
}

#[test]
fn a_region_without_a_layout_is_printed_as_bytes() {
    for (format, expected) in [
        (Format::Lines, "01ff\n"),
        (
            Format::Json,
            "{\"region\":\"R\",\"time\":\"2023-11-14T22:13:20.250Z\",\"bytes\":\"01ff\"}\n",
        ),
        (Format::Csv, "time,bytes\n2023-11-14T22:13:20.250Z,01ff\n"),
        (Format::Influx, "R bytes=\"01ff\" 1700000000250000000\n"),
    ] {
        let mut out = Vec::new();
        let mut printer = Printer::new("R", format, Selection::default());
        printer.print(&mut out, TIME, None, &[1, 255]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
