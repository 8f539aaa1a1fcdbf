//! Types against layouts: what differs, and what may.

use win_shared_memory_layouts::{Layout, catalogue};

fn layout() -> Layout {
    Layout::from_toml(
        r#"
        format = 1
        id = "game"

        [[struct]]
        name = "Game"
        fields = [
          { offset = 0,  name = "mTick",  type = "u32" },
          { offset = 4,  name = "isOn",   type = "bool" },
          { offset = 8,  name = "mGas",   type = "f32" },
          { offset = 12, name = "mBrake", type = "f32" },
          { offset = 16, name = "mPos",   type = "Vec3" },
          { offset = 40, name = "szName", type = "ansi[8]" },
          { offset = 48, name = "count",  type = "u32" },
        ]
        [[struct.table]]
        name = "cars"
        of = "Car"
        at = 56
        stride = 16
        count = "count"
        max = 2

        [[struct]]
        name = "Vec3"
        fields = [
          { offset = 0,  name = "x", type = "f64" },
          { offset = 8,  name = "y", type = "f64" },
          { offset = 16, name = "z", type = "f64" },
        ]

        [[struct]]
        name = "Car"
        size = 16
        fields = [
          { offset = 0, name = "mSpeed", type = "f64" },
          { offset = 8, name = "mFlags", type = "bits32", enum = { lit = 1 } },
        ]
        "#,
    )
    .unwrap()
}

/// The schema of a type that is as the layout says, in the ways of Rust.
const GAME: &str = r#"{"size":88,"align":8,"fields":[
    {"name":"tick","offset":0,"type":"u32"},
    {"name":"is_on","offset":4,"type":"u8"},
    {"name":"padding","offset":5,"type":{"count":3,"element":"u8"}},
    {"name":"gas","offset":8,"type":"f32"},
    {"name":"brake","offset":12,"type":"f32"},
    {"name":"pos","offset":16,"type":{"count":3,"element":"f64"}},
    {"name":"name","offset":40,"type":{"count":8,"element":"u8"}},
    {"name":"count","offset":48,"type":"u32"},
    {"name":"cars","offset":56,"type":{"count":2,"element":{"size":16,"align":8,"fields":[
        {"name":"speed","offset":0,"type":"f64"},
        {"name":"flags","offset":8,"type":{"size":4,"align":4,"fields":[{"name":"0","offset":0,"type":"u32"}]}}
    ]}}}
]}"#;

#[test]
fn a_type_in_the_ways_of_rust_is_as_the_layout_says() {
    assert_eq!(layout().compare_type("Game", GAME), Ok(()));
}

/// Compares the type after a change.
#[track_caller]
fn assert_difference(from: &str, to: &str, expected: &str) {
    let changed = GAME.replace(from, to);
    assert_ne!(changed, GAME, "{from} is not in the schema");
    let difference = layout().compare_type("Game", &changed).unwrap_err();
    assert_eq!(difference.to_string(), expected);
}

#[test]
fn the_first_field_that_differs_is_named() {
    for (from, to, expected) in [
        (
            r#""brake","offset":12,"type":"f32""#,
            r#""brake","offset":12,"type":"u32""#,
            "`brake` at offset 12: it is `u32`, the layout has `f32`",
        ),
        (
            r#""gas""#,
            r#""throttle""#,
            "`throttle` at offset 8: the layout calls it `mGas`",
        ),
        (
            r#""count","offset":48"#,
            r#""count","offset":52"#,
            "`count` at offset 52: the layout has it at 48",
        ),
        (
            r#"{"name":"brake","offset":12,"type":"f32"},"#,
            "",
            "`mBrake` at offset 12: the type lacks it; the layout has `f32`",
        ),
        (
            r#"{"name":"count","offset":48,"type":"u32"}"#,
            r#"{"name":"count","offset":48,"type":"u32"},{"name":"more","offset":52,"type":"u32"}"#,
            "`more` at offset 52: the layout has no such field",
        ),
        (
            r#"{"count":8,"element":"u8"}"#,
            r#"{"count":7,"element":"u8"}"#,
            "`name` at offset 40: it is `u8[7]`, the layout has `ansi[8]`",
        ),
        (
            r#""speed","offset":0,"type":"f64""#,
            r#""speed","offset":0,"type":"i64""#,
            "`cars.speed` at offset 0: it is `i64`, the layout has `f64`",
        ),
        (
            r#""is_on","offset":4,"type":"u8""#,
            r#""is_on","offset":4,"type":"i8""#,
            "`is_on` at offset 4: it is `i8`, the layout has `bool`",
        ),
        (
            r#"{"size":88"#,
            r#"{"size":96"#,
            "it has 96 bytes, the layout has 88",
        ),
    ] {
        assert_difference(from, to, expected);
    }
}

#[test]
fn fields_that_are_swapped_are_found() {
    let swapped = GAME
        .replace("gas", "x")
        .replace("brake", "gas")
        .replace("\"x\"", "\"brake\"");
    let difference = layout().compare_type("Game", &swapped).unwrap_err();
    assert_eq!((difference.path(), difference.offset()), ("gas", 12));
}

#[test]
fn padding_after_a_struct_of_open_size_is_no_difference() {
    let text = r#"{"format":1,"id":"x","struct":[{"name":"A","fields":[
        {"offset":0,"name":"a","type":"f64"},{"offset":8,"name":"b","type":"u32"}]}]}"#;
    let mut layout = Layout::from_json(text).unwrap();
    let schema = r#"{"size":16,"align":8,"fields":[{"name":"a","offset":0,"type":"f64"},{"name":"b","offset":8,"type":"u32"}]}"#;
    assert_eq!(layout.compare_type("A", schema), Ok(()));

    layout.structs[0].size = Some(12);
    let difference = layout.compare_type("A", schema).unwrap_err();
    assert_eq!(difference.to_string(), "it has 16 bytes, the layout has 12");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let problem = |structure, schema| layout().compare_type(structure, schema).unwrap_err();
    assert_eq!(
        problem("Gam", GAME).to_string(),
        "the layout has no struct `Gam`"
    );
    assert_eq!(
        problem("Game", "\"u9\"").to_string(),
        "`value`: \"u9\" is not a type"
    );
}

#[test]
fn what_a_newer_layout_has_is_listed() {
    let mut newer = layout();
    let fields = &mut newer.structs[0].fields;
    fields.remove(3);
    fields[0].ty = "u64".parse().unwrap();
    fields[1].offset = 9;
    fields[2].offset = 12;
    let differences = layout().differences(&newer).unwrap();
    let shown: Vec<_> = differences.iter().map(ToString::to_string).collect();
    let expected = [
        "`mTick` at offset 0: it is `u64`, the first has `u32`",
        "`isOn` at offset 9: the first has it at 4",
        "`mGas` at offset 12: the first has it at 8",
        "`mBrake` at offset 12: the other lacks it; the first has `f32`",
    ];
    assert_eq!(shown, expected);
    assert_eq!(layout().differences(&layout()).unwrap(), []);

    let [older, newer] =
        ["assetto-corsa-static", "acc-static"].map(|id| catalogue::by_id(id).unwrap());
    assert!(!older.differences(newer).unwrap().is_empty());
}
