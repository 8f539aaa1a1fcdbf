//! Files that are layouts, and files that are not: what the error says.

use win_shared_memory_layouts::Layout;

/// A layout with one line to put in at the top and one among the fields.
fn layout(top: &str, field: &str) -> String {
    format!(
        "format = 1\nid = \"lamp\"\nname = \"Lamp\"\n{top}\n[[struct]]\nname = \"Lamp\"\nfields = [\n  \
         {{ offset = 0, name = \"count\", type = \"u32\" }},\n  {field}\n]\n"
    )
}

/// The one problem of a text: line, column, message and suggestion.
#[track_caller]
fn problem(text: &str) -> (usize, usize, String, String) {
    let error = Layout::from_toml(text).unwrap_err();
    let [problem] = error.problems() else {
        panic!("{error}")
    };
    (
        problem.line().unwrap(),
        problem.column().unwrap(),
        problem.message().to_owned(),
        problem.suggestion().unwrap_or_default().to_owned(),
    )
}

#[track_caller]
fn assert_problem(text: &str, line: usize, column: usize, message: &str, help: &str) {
    let found = problem(text);
    assert_eq!(
        (found.0, found.1, &*found.2, &*found.3),
        (line, column, message, help)
    );
}

#[test]
fn an_unknown_key_names_the_nearest_one() {
    let text = layout("", r#"{ ofset = 4, name = "x", type = "f32" },"#);
    assert_problem(
        &text,
        9,
        5,
        "there is no key `ofset` here",
        "did you mean `offset`?",
    );
}

#[test]
fn an_unknown_key_of_a_convention_is_pointed_at() {
    let text = layout(r#"consistency = { kind = "counter", feld = "count" }"#, "");
    assert_problem(
        &text,
        4,
        35,
        "there is no key `feld` here",
        "did you mean `field`?",
    );
}

#[test]
fn an_unknown_convention_names_the_nearest_one() {
    let text = layout(r#"consistency = { kind = "mutexes", mutex = "M" }"#, "");
    let (line, _, message, help) = problem(&text);
    assert_eq!(line, 4);
    assert_eq!(message, "`mutexes` is not a value that this key can have");
    assert_eq!(help, "did you mean `mutex`?");
}

#[test]
fn an_unknown_type_names_the_nearest_one() {
    let text = layout("", r#"{ offset = 4, name = "x", type = "i33" },"#);
    assert_problem(
        &text,
        9,
        36,
        "there is no type or struct `i33`",
        "did you mean `i32`?",
    );
    let text = layout("", r#"{ offset = 4, name = "x", type = "Lampp[4]" },"#);
    assert_problem(
        &text,
        9,
        36,
        "there is no type or struct `Lampp`",
        "did you mean `Lamp`?",
    );
}

#[test]
fn a_missing_key_is_named() {
    let text = layout("", r#"{ offset = 4, type = "f32" },"#);
    assert_problem(&text, 9, 3, "the key `name` is missing", "add `name` here");
}

#[test]
fn a_value_of_another_kind_says_what_was_found_and_what_goes_there() {
    let text = layout("", r#"{ offset = "four", name = "x", type = "f32" },"#);
    let help = "this key takes a whole number that is not negative";
    assert_problem(&text, 9, 14, "found string \"four\"", help);
    let text = layout("", r#"{ offset = -4, name = "x", type = "f32" },"#);
    assert_problem(&text, 9, 14, "found integer `-4`", help);
}

#[test]
fn what_is_not_toml_has_its_line() {
    let (line, column, message, _) = problem("format = 1\nid = \n");
    assert_eq!((line, column), (2, 6), "{message}");
}

#[test]
fn overlapping_fields_are_named() {
    let text = layout("", r#"{ offset = 3, name = "x", type = "f32" },"#);
    let message = "`x` begins at 3, inside `count`, which ends at 4";
    assert_problem(&text, 9, 14, message, "one byte is of one field");
}

#[test]
fn a_field_beyond_the_declared_size_is_named() {
    let text = layout("size = 6", r#"{ offset = 4, name = "x", type = "f32" },"#);
    let message = "`x` ends at 8, beyond the size 6 of `Lamp`";
    assert_problem(
        &text,
        9,
        14,
        message,
        "correct the offset, the type or the size",
    );
}

#[test]
fn paths_that_lead_nowhere_are_named() {
    let text = layout(r#"heartbeat = { field = "cuont", frozen_ms = 1 }"#, "");
    assert_problem(
        &text,
        4,
        23,
        "there is no field `cuont`",
        "did you mean `count`?",
    );
    let text = layout(r#"magic = { field = "count[0]", live = 1 }"#, "");
    assert_problem(&text, 4, 19, "`count[0]` leads to no value", "");
    let text = layout(r#"ready = { field = "count", is = 1, not = 0 }"#, "");
    assert_problem(
        &text,
        4,
        9,
        "`ready` has one condition",
        "write one of `is`, `not` and `bits`",
    );
}

#[test]
fn names_that_paths_cannot_say_are_refused() {
    let text = layout("", r#"{ offset = 4, name = "a.b", type = "f32" },"#);
    assert_eq!(
        problem(&text).2,
        "a name has no '.' in it, which paths need"
    );
    let text = layout("", r#"{ offset = 4, name = "\u001b[2J", type = "f32" },"#);
    assert_eq!(
        problem(&text).2,
        "a name has no '\\u{1b}' in it, which paths need"
    );
    let text = layout("", r#"{ offset = 4, name = "count", type = "f32" },"#);
    assert_eq!(problem(&text).2, "there are two of the name `count`");
}

#[test]
fn tables_say_what_is_wrong_with_them() {
    let table = |line: &str| {
        layout("", "")
            + "[[struct.table]]\nname = \"rows\"\nof = \"Row\"\n"
            + line
            + "\n[[struct]]\nname = \"Row\"\nfields = [{ offset = 0, name = \"v\", type = \"u32\" }]\n"
    };
    let text = table("at = 8\nstride = 0\ncount = \"count\"\nmax = 4");
    assert_problem(
        &text,
        15,
        10,
        "a stride of 0: all rows would be the same",
        "",
    );
    let text = table("at = 8\nstride = 4\ncount = \"coutn\"\nmax = 4");
    assert_problem(
        &text,
        16,
        9,
        "there is no field `coutn`",
        "did you mean `count`?",
    );
    let text = table("at = 8\nstride = 4\ncount = 5\nmax = 4");
    assert_problem(&text, 16, 9, "5 rows are more than `max`, which is 4", "");
    let text = table("at = 8\nstride = 4\ncount = 4\nmax = 4\nlabel = \"v\"");
    assert_problem(&text, 18, 9, "`v` is not a text", "");
    let text =
        table("at = 8\nstride = 4\ncount = 4\nmax = 4").replace("\"Row\"\nat", "\"Roww\"\nat");
    assert_problem(
        &text,
        13,
        6,
        "there is no struct `Roww`",
        "did you mean `Row`?",
    );
}

#[test]
fn all_problems_of_a_layout_are_told() {
    let text = layout(
        "heartbeat = { field = \"a\", frozen_ms = 1 }\nready = { field = \"b\", not = 0 }",
        r#"{ offset = 2, name = "x", type = "f32" },"#,
    );
    assert_eq!(Layout::from_toml(&text).unwrap_err().problems().len(), 3);
}

#[test]
fn json_points_at_the_line_as_toml_does() {
    let text = "{ \"format\": 1, \"id\": \"x\",\n  \"struct\": [{ \"name\": \"S\", \"fields\": [\n    \
                { \"ofset\": 0, \"name\": \"a\", \"type\": \"u8\" } ] }] }";
    let error = Layout::from_json(text).unwrap_err();
    let problem = &error.problems()[0];
    assert_eq!(
        (problem.line(), problem.column()),
        (Some(3), Some(7)),
        "{error}"
    );
    assert_eq!(problem.suggestion(), Some("did you mean `offset`?"));
    let text = text.replace("ofset", "offset").replace("u8", "u9");
    let error = Layout::from_json(&text).unwrap_err();
    let problem = &error.problems()[0];
    assert_eq!(
        (problem.line(), problem.column()),
        (Some(3), Some(41)),
        "{error}"
    );
    assert!(Layout::from_json(&text.replace("u9", "u8")).is_ok());
}

#[test]
fn layouts_survive_both_notations() {
    for file in ["mumble-link", "hwinfo", "iracing"] {
        let path = format!("{}/catalogue/{file}.toml", env!("CARGO_MANIFEST_DIR"));
        let layout = Layout::from_toml(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(Layout::from_json(&layout.to_json()).unwrap(), layout);
        assert_eq!(Layout::from_toml(&layout.to_toml()).unwrap(), layout);
    }
}

#[test]
fn a_heartbeat_may_have_a_fraction_and_a_count_may_not() {
    let field = r#"{ offset = 4, name = "clock", type = "f32" },"#;
    let text = layout(r#"heartbeat = { field = "clock", frozen_ms = 1 }"#, field);
    let plan = win_shared_memory_layouts::Plan::new(&Layout::from_toml(&text).unwrap()).unwrap();
    assert_ne!(
        plan.heartbeat(&[0, 0, 0, 0, 1, 2, 3, 4]),
        plan.heartbeat(&[0, 0, 0, 0, 1, 2, 3, 5])
    );
    let text = layout(r#"magic = { field = "clock", live = 1 }"#, field);
    assert_problem(&text, 4, 19, "`clock` is not an integer", "");
}

#[test]
fn a_size_of_the_layout_bounds_its_root() {
    let text = layout("size = 3", "");
    let message = "`count` ends at 4, beyond the size 3 of `Lamp`";
    assert_problem(
        &text,
        8,
        14,
        message,
        "correct the offset, the type or the size",
    );
}
