//! Layouts from what compilers say.

use std::path::{Path, PathBuf};
use std::process::Command;

use arbtest::arbtest;
use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::import::{ImportError, Imported, import};

const HEADER: &str = include_str!("import/page.hpp");

/// What Clang 14 and lld made of the header: `clang++ --target=x86_64-pc-windows-msvc -g -gcodeview -ffreestanding`,
/// `lld-link /debug /dll /nodefaultlib /noentry`.
const PDB: &[u8] = include_bytes!("import/page.pdb");

/// The same of another header, for 32 bits: `--target=i686-pc-windows-msvc`.
const CAR: &[u8] = include_bytes!("import/car.pdb");

/// Compiles the header with one instance of its struct; nothing if there is no such compiler.
fn compiled(compiler: &str, name: &str, flags: &[&str]) -> Option<Vec<u8>> {
    instance(compiler, name, flags, "page.hpp", "Page")
}

/// Compiles one instance of a struct of a header; nothing if there is no such compiler.
fn instance(
    compiler: &str,
    name: &str,
    flags: &[&str],
    header: &str,
    structure: &str,
) -> Option<Vec<u8>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let source = folder.join(format!("{name}.cpp"));
    let header: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/import")
        .join(header);
    let text = format!(
        "#include {header:?}\nextern \"C\" {{ extern {structure} one; {structure} one; }}\n"
    );
    std::fs::write(&source, text).unwrap();
    let out = folder.join(name);
    let run = Command::new(compiler)
        .args(["-g", "-shared", "-o"])
        .args([&out, &source])
        .args(flags)
        .output();
    let Ok(run) = run else {
        eprintln!("{compiler} is not installed: nothing is tested with it");
        return None;
    };
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    Some(std::fs::read(out).unwrap())
}

/// Each field of a struct, as `offset name type`.
fn fields(it: &Imported, structure: &str) -> Vec<String> {
    let found = it
        .layout
        .structs
        .iter()
        .find(|it| it.name == structure)
        .unwrap();
    let fields = found.fields.iter();
    fields
        .map(|it| format!("{} {} {}", it.offset, it.name, it.ty))
        .collect()
}

/// What all compilers for Windows have to say of the page.
fn expect_page(it: &Imported) {
    let expected = [
        "0 begin u32",
        "4 end u32",
        "8 id i32",
        "12 delta f64",
        "20 name ansi[32]",
        "52 teams ansi[16][4]",
        "116 track utf16[33]",
        "184 phase i32",
        "188 flag u8",
        "189 valid bool",
        "192 matrix f32[3][2]",
        "216 wheels Wheel[4]",
        "312 tight Tight",
        "328 word u32",
        "332 place Page_place",
        "336 pit_limiter_lamps bits32",
        "340 low_high u16",
        "344 address bytes[8]",
        "352 raw u8[8]",
        "360 last i64",
    ];
    assert_eq!(fields(it, "Page"), expected);
    assert_eq!(fields(it, "Tight"), ["0 a u8", "1 b u32", "5 c i64"]);
    assert_eq!(
        fields(it, "Wheel"),
        ["0 temperature f32[3]", "16 pressure f64"]
    );
    let page = &it.layout.structs[0];
    assert_eq!((page.name.as_str(), page.size), ("Page", Some(368)));
    let named = |name: &str| page.fields.iter().find(|it| it.name == name).unwrap();
    assert_eq!(named("phase").names.as_ref().unwrap()["PHASE_OVER"], -1);
    assert_eq!(named("flag").names.as_ref().unwrap()["Yellow"], 1);
    assert_eq!(
        named("pit_limiter_lamps").names.as_ref().unwrap()["lamps"],
        16
    );
    let doc = named("low_high").doc.as_deref();
    assert_eq!(doc, Some("bits 0 to 3: low; bits 4 to 15: high"));
    assert!(
        it.notes.iter().any(|it| it.contains("number")),
        "{:?}",
        it.notes
    );
    // The file says the same, and its lines to fill in are comments.
    assert_eq!(Layout::from_toml(&it.toml()).unwrap(), it.layout);
    assert!(it.toml().contains("\n# consistency = { kind = "));
    Plan::new(&it.layout).unwrap();
}

#[test]
fn a_library_for_windows_has_the_layout_that_its_compiler_chose() {
    let Some(file) = compiled("x86_64-w64-mingw32-g++", "page.dll", &[]) else {
        return;
    };
    let page = import(&file, "Page", Some(HEADER)).unwrap();
    expect_page(&page);
    let said = |structure: usize, name: &str| {
        let fields = &page.layout.structs[structure].fields;
        let field = fields.iter().find(|it| it.name == name).unwrap();
        (
            field.doc.clone().unwrap_or_default(),
            field.unit.clone().unwrap_or_default(),
        )
    };
    assert_eq!(
        said(0, "delta"),
        ("since the last update".to_owned(), "s".to_owned())
    );
    let wheel = page
        .layout
        .structs
        .iter()
        .position(|it| it.name == "Wheel")
        .unwrap();
    assert_eq!(
        said(wheel, "temperature"),
        ("inner, middle, outer".to_owned(), "Celsius".to_owned())
    );
    assert_eq!(
        said(wheel, "pressure"),
        ("cold".to_owned(), "kPa".to_owned())
    );
}

#[test]
fn a_pdb_has_the_layout_that_its_compiler_chose() {
    expect_page(&import(PDB, "Page", None).unwrap());
}

/// What the static assertions of the header say, too.
fn expect_car(file: &[u8]) {
    let car = import(file, "game::telemetry::Car", None).unwrap();
    let expected = [
        "0 speed f32",
        "4 name ansi[8]",
        "12 gear i8",
        "13 trims i8[4]",
        "20 laps Ring_int",
        "28 times Ring_game__Ring_float",
        "40 label Rows_wchar_t_6",
        "52 seats Seat[2]",
        "56 state Car_state",
        "60 place Car_place",
        "64 sum i32",
    ];
    assert_eq!(fields(&car, "Car"), expected);
    let ring = ["0 last Ring_float", "8 count u32"];
    assert_eq!(fields(&car, "Ring_game__Ring_float"), ring);
    assert_eq!(fields(&car, "Rows_wchar_t_6"), ["0 rows utf16[6]"]);
    assert_eq!(fields(&car, "Car_place"), ["0 x i16", "2 y i16"]);
    assert_eq!(fields(&car, "Car_state"), ["0 flag i32"]);
    assert_eq!(car.layout.structs[0].size, Some(68));
}

#[test]
fn classes_of_namespaces_have_the_layout_that_their_compiler_chose() {
    expect_car(CAR);
    let target = instance(
        "x86_64-w64-mingw32-g++",
        "car.dll",
        &[],
        "car.hpp",
        "Everything",
    );
    target.iter().for_each(|it| expect_car(it));
}

#[test]
fn pointers_have_the_size_that_they_have_in_their_program() {
    let pointers = import(CAR, "Pointers", None).unwrap();
    let expected = [
        "0 number bytes[4]",
        "4 text bytes[4]",
        "8 any bytes[4]",
        "12 opaque bytes[4]",
        "16 list bytes[4][3]",
        "28 after i32",
    ];
    assert_eq!(fields(&pointers, "Pointers"), expected);
}

#[test]
fn a_struct_is_found_by_each_of_its_names() {
    let mut files = vec![CAR.to_vec()];
    let target = "x86_64-w64-mingw32-g++";
    files.extend(instance(target, "names.dll", &[], "car.hpp", "Everything"));
    for file in files {
        let import = |name| import(&file, name, None);
        let size = |name| import(name).unwrap().layout.structs[0].size;
        let error = |name| import(name).unwrap_err().to_string();
        assert_eq!(size("replay::Car"), Some(8));
        assert_eq!(size("telemetry::Car"), Some(68));
        assert_eq!(
            error("Car"),
            "there are several structs `Car`; give the whole name: `game::replay::Car`, `game::telemetry::Car`"
        );
        // By a typedef.
        assert_eq!((size("SEAT"), size("Player")), (Some(4), Some(68)));
        // As people write it.
        assert_eq!(size("Ring<game::Ring<float>>"), Some(12));
        assert_eq!(size("Ring<game::Ring< float > >"), Some(12));
        assert_eq!(
            error("Opaque"),
            "`game::Opaque` is only declared in it; give the file of a program that uses its members"
        );
        assert_eq!(
            error("Carr"),
            "there is no struct `Carr`; did you mean `game::replay::Car`, `game::telemetry::Car`?"
        );
        let all = error("Ring");
        assert!(all.contains("did you mean `game::Ring<int>`,"), "{all}");
    }
}

#[test]
fn older_debug_information_says_the_same() {
    for version in ["-gdwarf-2", "-gdwarf-3", "-gdwarf-4"] {
        let name = format!("page{version}.dll");
        let Some(file) = compiled("x86_64-w64-mingw32-g++", &name, &[version]) else {
            return;
        };
        expect_page(&import(&file, "Page", None).unwrap());
    }
}

#[test]
fn a_library_of_linux_has_its_own_layout() {
    let Some(file) = compiled("g++", "page.so", &["-fPIC"]) else {
        return;
    };
    let page = import(&file, "Page", None).unwrap();
    assert!(fields(&page, "Page").contains(&"116 track i32[33]".to_owned()));
    assert_eq!(page.layout.structs[0].size, Some(428));
    let error = import(&file, "Weel", None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no struct `Weel`; did you mean `Wheel`?"
    );
}

#[test]
fn what_has_no_types_says_what_to_do() {
    assert!(matches!(
        import(b"", "X", None),
        Err(ImportError::Unreadable(_))
    ));
    assert!(matches!(
        import(HEADER.as_bytes(), "X", None),
        Err(ImportError::Unreadable(_))
    ));
    let Some(file) = compiled("g++", "bare.so", &["-fPIC", "-g0", "-s"]) else {
        return;
    };
    let error = import(&file, "Page", None).unwrap_err();
    assert!(error.to_string().contains("compile it with -g"), "{error}");
}

#[test]
fn of_many_structs_of_a_name_some_are_told() {
    let all = (0..14).map(|it| format!("n{it}::Page")).collect();
    let told = ImportError::Several("Page".to_owned(), all).to_string();
    assert!(
        told.ends_with("`n8::Page`, `n9::Page` and 4 more"),
        "{told}"
    );
}

/// Files of strangers: an error or a layout, soon.
#[test]
fn damaged_files_are_errors_or_layouts() {
    let mut files = vec![(PDB.to_vec(), "Page"), (CAR.to_vec(), "Player")];
    let page = compiled("g++", "fuzzed.so", &["-fPIC"]);
    files.extend(page.map(|it| (it, "Page")));
    for (file, name) in files {
        arbtest(|u| {
            let mut file = file.clone();
            for _ in 0..u.int_in_range(1..=20)? {
                let at = u.choose_index(file.len())?;
                match u.int_in_range(0..=3)? {
                    0 => file[at] ^= 1 << u.int_in_range(0..=7)?,
                    1 => file[at] = u.arbitrary()?,
                    2 => {
                        let end = (at + 4).min(file.len());
                        file[at..end].fill(*u.choose(&[0, 0xff, 0x7f])?);
                    }
                    _ => file.truncate(at.max(1)),
                }
            }
            if let Ok(it) = import(&file, name, None) {
                assert!(it.layout.structs.len() < 70_000);
                Layout::from_toml(&it.toml()).unwrap();
            }
            Ok(())
        })
        .budget_ms(2_000);
    }
}
