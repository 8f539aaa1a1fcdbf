//! From values to bytes.

use win_shared_memory_layouts::{Layout, Plan};

const TEXT: &str = r#"
format = 1
id = "all"
[[struct]]
name = "All"
fields = [
  { offset = 0,  name = "byte",  type = "u8" },
  { offset = 1,  name = "flag",  type = "bool" },
  { offset = 2,  name = "short", type = "i16", enum = { low = -1, high = 7 } },
  { offset = 4,  name = "float", type = "f32" },
  { offset = 8,  name = "long",  type = "i64" },
  { offset = 16, name = "name",  type = "ansi[8]" },
  { offset = 24, name = "wide",  type = "utf16[4]" },
  { offset = 32, name = "raw",   type = "bytes[4]" },
  { offset = 36, name = "many",  type = "u16[3]" },
]
"#;

#[track_caller]
fn assigned(assignment: &str) -> Result<String, String> {
    let plan = Plan::new(&Layout::from_toml(TEXT).unwrap()).unwrap();
    let mut bytes = vec![0x55; 42];
    let before = bytes.clone();
    let result = plan.edit(&mut bytes).assign(assignment);
    let path = assignment.split('=').next().unwrap();
    match result {
        Ok(()) => Ok(plan.view(&bytes).get(path).unwrap().to_string()),
        Err(error) => {
            assert_eq!(bytes, before, "a refused value changed the bytes");
            Err(error.to_string())
        }
    }
}

#[test]
fn values_are_stored_as_a_person_writes_them() {
    for (assignment, expected) in [
        ("byte=255", "255"),
        ("byte=0x2a", "42"),
        ("flag=true", "true"),
        ("short=high", "high"),
        ("short=-5", "-5"),
        ("float=27.5", "27.5"),
        ("long=-9223372036854775808", "-9223372036854775808"),
        ("name=21 °C", "21 °C"),
        ("wide=a€", "a€"),
        ("raw=0aff", "0aff0000"),
        ("many=[1, 2,3]", "[1, 2, 3]"),
        ("many[1]=9", "9"),
    ] {
        assert_eq!(
            assigned(assignment).as_deref(),
            Ok(expected),
            "{assignment}"
        );
    }
}

#[test]
fn values_out_of_range_are_refused() {
    for (assignment, expected) in [
        ("byte=256", "`byte`: 256 is not from 0 to 255"),
        ("byte=-1", "`byte`: -1 is not from 0 to 255"),
        ("byte=x", "`byte`: `x` is not a whole number"),
        ("byte=1.5", "`byte`: `1.5` is not a whole number"),
        ("flag=2", "`flag`: `2` is neither true nor false"),
        (
            "short=higher",
            "`short`: `higher` is not a whole number, nor one of low, high",
        ),
        (
            "float=1e39",
            "`float`: 1000000000000000000000000000000000000000 is beyond what an f32 can be",
        ),
        (
            "name=12345678",
            "`name`: 8 units do not fit, as readers look for a NUL after them; at most 7 do",
        ),
        ("name=漢", "`name`: ansi has no '漢'"),
        (
            "wide=😀😀",
            "`wide`: 4 units do not fit, as readers look for a NUL after them; at most 3 do",
        ),
        (
            "raw=abc",
            "`raw`: bytes are written as pairs of hexadecimal digits",
        ),
        ("raw=0102030405", "`raw`: 5 bytes do not fit into 4"),
        ("many=1,2", "`many`: 2 values for an array of 3"),
        ("many[3]=1", "`many[3]`: there is no [3] among 3"),
        (
            "nmae=x",
            "`nmae`: there is no field `nmae`; did you mean `name`?",
        ),
        ("name", "an assignment is a path, `=` and a value"),
    ] {
        assert_eq!(
            assigned(assignment),
            Err(expected.to_owned()),
            "{assignment}"
        );
    }
}

#[test]
fn rows_are_edited_by_label() {
    let plan = Plan::new(win_shared_memory_layouts::catalogue::by_id("hwinfo").unwrap()).unwrap();
    let mut bytes = crate::regions::hwinfo(5, 316);
    let encoded = plan
        .encode(&bytes, "readings[\"Reading 2\"].Value", 61.5)
        .unwrap();
    assert_eq!(encoded.offset, 44 + 264 + 2 * 316 + 284);
    assert_eq!(encoded.bytes, 61.5_f64.to_le_bytes());
    plan.edit(&mut bytes)
        .assign("readings[\"Reading 2\"].Value=62")
        .unwrap();
    let value = plan.view(&bytes).get("readings[2].Value").unwrap();
    assert_eq!(value.as_f64(), Some(62.0));
}
