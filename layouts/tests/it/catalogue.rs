//! The layouts of the catalogue are what compilers and the programs' headers say: `tests/fixtures` has offsets
//! and sizes as a compiler laid them out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use win_shared_memory_layouts::{Layout, Plan, Quantity, Struct, Type, catalogue};

/// What a compiler says of a struct: its size, and offset, size and name of its fields.
struct Fixture {
    size: u64,
    fields: Vec<(u64, u64, String)>,
}

fn fixtures(file: &str) -> BTreeMap<String, Fixture> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(file);
    let mut structs = BTreeMap::new();
    let mut last = String::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        if let ["==", name, "sizeof", size] = words[..] {
            let fields = Vec::new();
            let size = size.parse().unwrap();
            last = name.to_owned();
            structs.insert(last.clone(), Fixture { size, fields });
        } else if let [offset, size, .., name] = words[..] {
            let field = (
                offset.parse().unwrap(),
                size.parse().unwrap(),
                name.to_owned(),
            );
            structs.get_mut(&last).unwrap().fields.push(field);
        }
    }
    structs
}

/// The number of bytes of a type of a layout.
fn size(layout: &Layout, ty: &Type) -> u64 {
    match ty {
        Type::Scalar(scalar) => scalar.size() as u64,
        Type::Text { encoding, units } => u64::from(*units) * encoding.unit() as u64,
        Type::Bytes(count) => u64::from(*count),
        Type::Array { count, element } => u64::from(*count) * size(layout, element),
        Type::Struct(name) => layout.structure(name).unwrap().size.unwrap(),
        other => panic!("{other}"),
    }
}

/// Offset, size and name of what a struct of a layout has: fields, and tables with a fixed place.
fn members(layout: &Layout, it: &Struct) -> Vec<(u64, u64, String)> {
    let fields = it.fields.iter();
    let fields = fields.map(|field| (field.offset, size(layout, &field.ty), field.name.clone()));
    let tables = it
        .table
        .iter()
        .filter_map(|table| match (&table.at, &table.stride) {
            (Quantity::Number(at), Quantity::Number(stride)) => {
                Some((*at, stride * u64::from(table.max), table.name.clone()))
            }
            _ => None,
        });
    let mut all: Vec<_> = fields.chain(tables).collect();
    all.sort();
    all
}

/// Compares a struct; what is padding, or told by the header, need not be in the layout.
#[track_caller]
fn assert_same(layout: &Layout, it: &Struct, fixture: &Fixture) {
    let name = format!("{}: {}", layout.id, it.name);
    if let Some(size) = it.size {
        assert_eq!(size, fixture.size, "{name}");
    }
    let members = members(layout, it);
    for member in &members {
        assert!(
            fixture.fields.contains(member),
            "{name} has {member:?}, the compiler has not"
        );
    }
    for field in &fixture.fields {
        let moving = it.table.iter().any(|table| table.name == field.2);
        let padding = field.2.starts_with("pad") && layout.id == "iracing";
        assert!(
            moving || padding || members.contains(field),
            "{name} lacks {field:?}"
        );
    }
}

/// The layouts have the version block and the buffer after it as one struct.
fn rfactor2() -> BTreeMap<String, Fixture> {
    let mut all = fixtures("rfactor2.txt");
    let versions = all["rF2MappedBufferVersionBlock"].fields.clone();
    for page in ["Telemetry", "Scoring", "Extended"] {
        let region = &all[&format!("rF2{page}Region")];
        let (size, start) = (region.size, region.fields[1].0);
        let buffer = all.get_mut(&format!("rF2{page}")).unwrap();
        for field in &mut buffer.fields {
            field.0 += start;
        }
        buffer.fields.extend(versions.clone());
        buffer.size = size;
    }
    all
}

#[track_caller]
fn assert_layout(id: &str, file: &str, prefix: &str) {
    assert_layout_among(id, &fixtures(file), prefix);
}

#[track_caller]
fn assert_layout_among(id: &str, fixtures: &BTreeMap<String, Fixture>, prefix: &str) {
    let layout = catalogue::by_id(id).unwrap();
    for it in &layout.structs {
        let name = it.name.as_str();
        let found = fixtures
            .get(name)
            .or_else(|| fixtures.get(&format!("{prefix}{name}")));
        let fixture = found.unwrap_or_else(|| panic!("{id}: no compiler has laid out {name}"));
        assert_same(layout, it, fixture);
    }
}

#[test]
fn layouts_are_what_compilers_make_of_the_headers() {
    assert_layout("mumble-link", "mumblelink.txt", "");
    assert_layout("hwinfo", "hwinfo.txt", "");
    assert_layout("iracing", "iracing.txt", "");
    assert_layout("mahm", "mahm.txt", "");
    assert_layout("gpu-z", "gpuz.txt", "");
    assert_layout("core-temp", "coretemp.txt", "");
    assert_layout("rtss", "rtss.txt", "RTSS_SHARED_MEMORY::");
    for page in ["telemetry", "scoring", "extended"] {
        let id = format!("rfactor2-{page}");
        assert_layout_among(&id, &rfactor2(), "");
    }
    let games = [
        ("assetto-corsa", "assetto_corsa"),
        ("acc", "assetto_corsa_competizione"),
    ];
    for (game, module) in games {
        for page in ["physics", "graphics", "static"] {
            let prefix = format!("simetry::{module}::shared_memory_data::");
            assert_layout(
                &format!("{game}-{page}"),
                "assetto_corsa_and_acc.txt",
                &prefix,
            );
        }
    }
}

/// The size of a region, and values of it with the offsets that its readers have published.
#[track_caller]
fn assert_places(id: &str, size: usize, places: &[(&str, usize)]) {
    let layout = catalogue::by_id(id).unwrap();
    let plan = Plan::new(layout).unwrap();
    assert_eq!(plan.size(), size, "{id}");
    let mut bytes = vec![0; size];
    for (count, len) in [
        ("mNumParticipants", 64),
        ("scoring.scoringInfo.mNumVehicles", 104),
    ] {
        if plan.view(&bytes).get(count).is_ok() {
            plan.edit(&mut bytes).set(count, len).unwrap();
        }
    }
    for (path, offset) in places {
        let encoded = plan.encode(&bytes, path, "1").unwrap();
        assert_eq!(encoded.offset, *offset, "{id}: {path}");
    }
}

#[test]
fn layouts_without_a_header_are_where_readers_have_measured_them() {
    let scoring = [
        ("generic.gameVersion", 64),
        ("paths.userData", 332),
        ("scoring.scoringInfo.mTrackName", 1632),
        ("scoring.scoringInfo.mNumVehicles", 1632 + 104),
        ("scoring.scoringStreamSize", 1632 + 552),
        ("scoring.vehScoringInfo[1].mID", 2192 + 584),
        ("scoring.vehScoringInfo[0].mSteamID", 2192 + 536),
        ("telemetry.activeVehicles", 128_464),
    ];
    assert_places("le-mans-ultimate", 324_824, &scoring);
    let shared = [
        ("mNumParticipants", 24),
        ("mParticipantInfo[1].mIsActive", 28 + 100),
        ("mUnfilteredThrottle", 28 + 6400),
        ("mClutchSlipping", 20_685),
    ];
    assert_places("automobilista2", 20_688, &shared);
}

#[test]
fn every_file_is_a_layout_of_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let layout =
            Layout::from_toml(&text).unwrap_or_else(|it| panic!("{}\n{it}", path.display()));
        let id = path.file_stem().unwrap().to_str().unwrap();
        assert_eq!(layout.id, id);
        assert_eq!(
            catalogue::source(id),
            Some(&*text),
            "{id} is not in the list"
        );
        assert!(catalogue::by_id(id).is_some());
        assert!(
            !layout.name.is_empty() && layout.consistency.is_some(),
            "{id}"
        );
        assert_eq!(Layout::from_json(&layout.to_json()).unwrap(), layout);
        count += 1;
    }
    assert_eq!(catalogue::all().len(), count);
}

#[test]
fn regions_are_found_by_name() {
    for (region, id) in [
        ("MumbleLink", "mumble-link"),
        (r"Local\MumbleLink", "mumble-link"),
        (r"Global\HWiNFO_SENS_SM2", "hwinfo"),
        (r"Global\HWiNFO_SENS_SM2_REMOTE_3", "hwinfo"),
        (r"Local\IRSDKMemMapFileName", "iracing"),
        ("$rFactor2SMMP_Scoring$", "rfactor2-scoring"),
        ("$rFactor2SMMP_Scoring$1234", "rfactor2-scoring"),
        ("LMU_Data", "le-mans-ultimate"),
        ("AIDA64_SensorValues", "aida64"),
    ] {
        assert_eq!(
            catalogue::find(region).map(|it| &*it.id),
            Some(id),
            "{region}"
        );
    }
    assert!(catalogue::find(r"Global\MumbleLink").is_none());
}

#[test]
fn regions_of_zeros_decode() {
    for layout in catalogue::all() {
        let plan = Plan::new(layout).unwrap();
        let bytes = vec![0; plan.size() + 100];
        for (path, value) in plan.view(&bytes).values() {
            assert_eq!(
                plan.view(&bytes).get(&path).unwrap(),
                value,
                "{}: {path}",
                layout.id
            );
        }
        assert_eq!(
            plan.view(&[])
                .values()
                .filter(|(path, _)| path != "sensors")
                .count(),
            0
        );
    }
}

#[test]
fn the_text_of_aida64_is_the_whole_region() {
    let plan = Plan::new(catalogue::by_id("aida64").unwrap()).unwrap();
    let bytes = b"<temp><id>TCPU</id></temp>\0garbage";
    let text = plan.view(bytes).get("sensors").unwrap();
    assert_eq!(text.to_string(), "<temp><id>TCPU</id></temp>");
}
