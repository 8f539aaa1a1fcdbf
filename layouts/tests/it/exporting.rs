//! Layouts as source code. The modules of `win-shared-memory-catalogue` are made here: with `WIN_SHARED_MEMORY_UPDATE_CATALOGUE=1`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use win_shared_memory_layouts::export::{Language, export};
use win_shared_memory_layouts::{Layout, catalogue};

/// The modules, and the layouts of each.
const MODULES: [(&str, &[&str]); 13] = [
    ("acc", &["acc-physics", "acc-graphics", "acc-static"]),
    ("aida64", &["aida64"]),
    (
        "assetto_corsa",
        &[
            "assetto-corsa-physics",
            "assetto-corsa-graphics",
            "assetto-corsa-static",
        ],
    ),
    ("automobilista2", &["automobilista2"]),
    ("core_temp", &["core-temp"]),
    ("gpu_z", &["gpu-z"]),
    ("hwinfo", &["hwinfo"]),
    ("iracing", &["iracing"]),
    ("le_mans_ultimate", &["le-mans-ultimate"]),
    ("mahm", &["mahm"]),
    ("mumble_link", &["mumble-link"]),
    (
        "rfactor2",
        &[
            "rfactor2-telemetry",
            "rfactor2-scoring",
            "rfactor2-extended",
        ],
    ),
    ("rtss", &["rtss"]),
];

#[test]
fn the_typed_catalogue_is_what_the_layouts_say() {
    let update = std::env::var_os("WIN_SHARED_MEMORY_UPDATE_CATALOGUE").is_some();
    for (module, ids) in MODULES {
        let layouts: Vec<_> = ids.iter().map(|id| catalogue::by_id(id).unwrap()).collect();
        let code = export(&layouts, Language::Rust).unwrap();
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../catalogue/src")
            .join(format!("{module}.rs"));
        if update {
            fs::write(&path, &code).unwrap();
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == code,
            "{module}.rs is not what its layouts say: run this test with WIN_SHARED_MEMORY_UPDATE_CATALOGUE=1"
        );
    }
}

#[test]
fn every_layout_is_in_the_typed_catalogue() {
    let mut ids: Vec<_> = MODULES.iter().flat_map(|(_, ids)| *ids).collect();
    ids.sort();
    let mut all: Vec<_> = catalogue::all().map(|it| &*it.id).collect();
    all.sort_unstable();
    assert!(ids.into_iter().eq(&all));
}

/// Gives the code of a layout to a program that is installed, which must find nothing wrong with it.
fn check(layout: &Layout, language: Language, program: &str, arguments: &[&str]) {
    let code = export(&[layout], language).unwrap();
    let name = layout
        .id
        .replace(|it: char| !it.is_ascii_alphanumeric(), "-");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.{language}"));
    fs::write(&path, &code).unwrap();
    match Command::new(program).args(arguments).arg(&path).output() {
        Ok(output) => assert!(
            output.status.success(),
            "{program} of {}:\n{}\n{code}",
            layout.id,
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => eprintln!("there is no {program}"),
        Err(error) => panic!("{program}: {error}"),
    }
}

const C: &[&str] = &["-std=c11", "-x", "c"];
const CPP: &[&str] = &["-std=c++11", "-x", "c++"];
const STRICT: [&str; 6] = [
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Werror",
    "-fsyntax-only",
    // Nothing but the header.
    "/dev/null",
];

/// The code itself states sizes and offsets, which the compiler and the interpreter compare with theirs.
fn check_all(layout: &Layout) {
    for (program, language) in [("gcc", C), ("g++", CPP), ("i686-w64-mingw32-gcc", C)] {
        let arguments = [language, &STRICT, &["-include"]].concat();
        check(layout, Language::C, program, &arguments);
    }
    check(layout, Language::Python, "python3", &["-W", "error"]);
}

#[test]
fn compilers_lay_out_the_structs_as_the_layouts_say() {
    for layout in catalogue::all() {
        check_all(layout);
    }
}

/// Names and texts that would end a comment or a literal, are words of a language, or are the same in it.
#[test]
fn texts_of_strangers_stay_texts() {
    let layout = Layout::from_json(
        r#"{"format": 1, "id": "*/ #error \u2028 `", "doc": "*/ #error \\ \n#error \u202e\"\"\"",
        "name": ["a\\\"b*/"],
        "ready": {"field": "class", "not": 0},
        "struct": [{"name": "int", "doc": "*/", "fields": [
            {"offset": 0, "name": "class", "type": "u32", "enum": {"\"*/": 1, "None": 2, "ä": -1}},
            {"offset": 4, "name": "mClass", "type": "u8", "unit": "*/\n}", "doc": "</summary>"},
            {"offset": 5, "name": "self", "type": "bool"},
            {"offset": 6, "name": "ä", "type": "utf8[2]"},
            {"offset": 8, "name": "ö", "type": "union"},
            {"offset": 16, "name": "gap_13", "type": "i64"},
            {"offset": 26, "name": "fn", "type": "f64[2][2]"}
        ]}, {"name": "union", "size": 5, "fields": [{"offset": 0, "name": "_fields_", "type": "i32"}]}]}"#,
    )
    .unwrap();
    check_all(&layout);
    let rust = export(&[&layout], Language::Rust).unwrap();
    syn::parse_file(&rust).unwrap();
    for field in ["class", "class_2", "self_", "unnamed", "gap_13_2", "r#fn"] {
        assert!(
            rust.contains(&format!("    pub {field}: ")),
            "{field}:\n{rust}"
        );
    }
}

/// The schema of a region of `win-shared-memory` is enough.
#[test]
fn a_region_gives_its_struct_to_any_language() {
    let schema = r#"{"size":40,"align":8,"fields":[
        {"name":"tick","offset":0,"type":"AtomicU64"},
        {"name":"session","offset":8,"type":{"size":4,"align":4,"repr":"u32","variants":[
            {"name":"Practice","value":0},{"name":"Race","value":10}]}},
        {"name":"paused","offset":12,"type":"bool"},
        {"name":"wheels","offset":16,"type":{"count":2,"element":{"size":12,"align":4,"fields":[
            {"name":"pressure","offset":0,"type":"f32"},
            {"name":"at","offset":4,"type":{"count":2,"element":"f32"}}]}}}
    ]}"#;
    let layout = Layout::from_schema("game", schema).unwrap();
    check_all(&layout);
    let code = export(&[&layout], Language::C).unwrap();
    for line in [
        "    uint64_t tick;",
        "    uint8_t paused; /* true if it is not 0 */",
        "    wheels_1 wheels[2];",
        "static_assert(sizeof(Value) == 40, \"Value\");",
        "#define Value_session_Race 10",
    ] {
        assert!(code.lines().any(|it| it == line), "{line}:\n{code}");
    }
    let rust = export(&[&layout], Language::Rust).unwrap();
    assert!(rust.contains("    pub wheels: [Wheels1; 2],"), "{rust}");
}

#[test]
fn offsets_in_csharp_are_stated() {
    let layout = catalogue::by_id("hwinfo").unwrap();
    let code = export(&[layout], Language::CSharp).unwrap();
    for line in [
        "[StructLayout(LayoutKind.Explicit, Pack = 1, Size = 316)]",
        "    [FieldOffset(284)] public double Value;",
        "    [FieldOffset(140)] public byte_x128 szLabelUser;",
        "[InlineArray(128)]",
        "    public const long tReading_temp = 1;",
    ] {
        assert!(code.lines().any(|it| it == line), "{line}:\n{code}");
    }
}

#[test]
fn tables_and_texts_are_instances_in_kaitai_struct() {
    let layout = catalogue::by_id("iracing").unwrap();
    let code = export(&[layout], Language::Ksy).unwrap();
    for lines in [
        "  - id: region\n    type: irsdk_header\n",
        "      - id: var_buf\n        type: irsdk_var_buf\n        repeat: expr\n        repeat-expr: 4\n",
        "      - id: gap_40\n        size: 8\n",
        "        pos: var_header_offset\n        size: 144\n        type: variable\n",
        "        repeat-expr: 'num_vars < 4096 ? num_vars : 4096'\n",
        "        pos: session_info_offset\n        size: session_info_len\n        type: strz\n        encoding: ISO-8859-1\n",
        "    5: \"f64\"\n",
    ] {
        assert!(code.contains(lines), "{lines}{code}");
    }
}

#[test]
fn structs_of_two_layouts_are_one_or_refused() {
    let [telemetry, scoring] =
        ["rfactor2-telemetry", "rfactor2-scoring"].map(|id| catalogue::by_id(id).unwrap());
    let code = export(&[telemetry, scoring], Language::C).unwrap();
    assert_eq!(code.matches("typedef struct rF2Vec3").count(), 1);

    let [one, other] =
        ["acc-static", "assetto-corsa-static"].map(|id| catalogue::by_id(id).unwrap());
    let error = export(&[one, other], Language::C).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("two layouts have different structs `PageFileStatic`")
    );
}

/// ImHex is in no registry: what can be told here is that braces close, that every byte has a place, and that no two types
/// have one name.
#[test]
fn patterns_for_imhex_are_whole() {
    for layout in catalogue::all() {
        let code = export(&[layout], Language::Hexpat).unwrap();
        let count = |it: char| code.matches(it).count();
        assert_eq!((count('{'), count('[')), (count('}'), count(']')), "{code}");
        let types = code.lines().filter_map(|it| {
            let rest = it.strip_prefix("struct ").or(it.strip_prefix("enum "))?;
            rest.split(' ').next()
        });
        let mut types: Vec<_> = types.collect();
        let before = types.len();
        types.sort_unstable();
        types.dedup();
        assert_eq!(types.len(), before, "{}", layout.id);
        assert_eq!(code.matches(" region @ 0x00;").count(), 1, "{}", layout.id);
    }
    let code = export(&[catalogue::by_id("hwinfo").unwrap()], Language::Hexpat).unwrap();
    for line in [
        "enum HWiNFO_SENSORS_READING_ELEMENT_tReading : u32 {",
        "    HWiNFO_SENSORS_READING_ELEMENT_tReading tReading;",
        "    char szUnit[16] [[comment(\"text in Windows-1252\")]];",
        "        padding[region.dwSizeOfReadingElement - 316];",
        "readings_row readings[region.dwNumReadingElements < 8192 ? region.dwNumReadingElements : 8192] \
         @ region.dwOffsetOfReadingSection;",
    ] {
        assert!(code.lines().any(|it| it == line), "{line}\n{code}");
    }
}
