//! Layouts as source code. The modules of `win-shared-memory-catalogue` are made here: with `WIN_SHARED_MEMORY_UPDATE_CATALOGUE=1`.

use std::fs;
use std::path::Path;

use win_shared_memory_layouts::catalogue;
use win_shared_memory_layouts::export::{Language, export};

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
