//! Mutations of good files and good regions: an error or data within bounds, never a panic or a hang.
//!
//! `cargo test -p win-shared-memory-layouts --release --test it -- --ignored fuzz` goes on for a minute a format (TOML,
//! JSON, the bytes of regions), or for as long as `WIN_SHARED_MEMORY_FUZZ_SECONDS` says.
//! What it finds it writes to `tests/corpus`, which every run tries again.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use win_shared_memory_layouts::export::{Language, export};
use win_shared_memory_layouts::{Layout, Plan, Value, catalogue};

use crate::memory::bounded;
use crate::regions::{hwinfo, iracing, ones};

/// How long a run takes that is not asked to be long.
const SHORT_MS: u64 = 300;

/// How long a run takes that is asked to be long.
fn long_ms() -> u64 {
    let seconds = env::var("WIN_SHARED_MEMORY_FUZZ_SECONDS");
    1000 * seconds.map_or(60, |it| it.parse().unwrap())
}

/// Keeps the input of a run that panics.
struct Keep<'a> {
    folder: &'a str,
    name: &'a str,
    input: &'a [u8],
}

impl Drop for Keep<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let mut hash = 0xcbf2_9ce4_8422_2325_u64;
            for byte in self.input {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
            let path = corpus(self.folder).join(format!("{}-{hash:016x}", self.name));
            fs::write(&path, self.input).ok();
            eprintln!("the input is in {}", path.display());
        }
    }
}

fn corpus(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpus")
        .join(folder)
}

/// The files of the corpus: the part of their name before the first dash, and what they hold.
fn inputs(folder: &str) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(corpus(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut inputs: Vec<_> = files
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            let kind = name.split("--").next().unwrap().to_owned();
            (kind, fs::read(&path).unwrap())
        })
        .collect();
    inputs.sort();
    inputs
}

/// Stores a number that does harm somewhere in these bytes.
fn store_number(u: &mut Unstructured<'_>, bytes: &mut [u8]) -> Result<()> {
    let numbers = [0, 1, 4, 0x7fff_ffff, 0x8000_0000, u32::MAX];
    let number = u.choose(&numbers)?.to_le_bytes();
    let at = u.choose_index(bytes.len() + 1)? & !3;
    if let Some(place) = bytes.get_mut(at..at + 4) {
        place.copy_from_slice(&number);
    }
    Ok(())
}

/// Changes bytes in one to twenty ways.
fn mutate(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>, words: &[&str]) -> Result<()> {
    for _ in 0..u.int_in_range(1..=20)? {
        let at = u.choose_index(bytes.len() + 1)?;
        let len = u.int_in_range(0..=16)?.min(bytes.len() - at);
        match u.int_in_range(0..=6)? {
            0 if at < bytes.len() => bytes[at] ^= 1 << u.int_in_range(0..=7)?,
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..at + len)),
            3 => {
                let part = bytes[at..at + len].to_vec();
                let to = u.choose_index(bytes.len() + 1)?;
                bytes.splice(to..to, part);
            }
            4 => {
                let word = u.choose(words)?;
                bytes.splice(at..at + len, word.bytes());
            }
            5 => store_number(u, bytes)?,
            _ => bytes.resize(bytes.len() + len, u.arbitrary()?),
        }
    }
    Ok(())
}

/// A file is a layout, or its errors have a place and no controls.
fn check_layout(kind: &str, input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let result = match kind {
        "toml" => Layout::from_toml(&text),
        "json" => Layout::from_json(&text),
        _ => {
            let _ = Layout::from_schema("fuzz", &text);
            return;
        }
    };
    match result {
        Ok(layout) => {
            let again = Layout::from_json(&layout.to_json()).unwrap();
            assert_eq!(again, layout);
            check_region(&Plan::new(&layout).unwrap(), &[1; 2000]);
            check_code(&layout);
        }
        Err(error) => {
            assert!(!error.problems().is_empty());
            for problem in error.problems() {
                assert!(problem.line().unwrap() <= text.lines().count() + 1);
                let shown = problem.to_string();
                assert!(
                    !shown.replace('\n', "").contains(char::is_control),
                    "{shown:?}"
                );
            }
        }
    }
}

/// The structs of a layout compile as far as syntax goes, whatever its texts are, and do not differ from themselves.
fn check_code(layout: &Layout) {
    for language in Language::ALL {
        let Ok(code) = export(&[layout], language) else {
            continue;
        };
        let shown = code.replace('\n', "");
        assert!(!shown.contains(char::is_control), "{shown:?}");
        if language == Language::Rust {
            syn::parse_file(&code).unwrap_or_else(|error| panic!("{error}:\n{code}"));
        }
    }
    if let Ok(differences) = layout.differences(layout) {
        assert_eq!(differences, []);
    }
}

/// What a region gives out can be looked up and changed, and is not more than the region has.
fn check_region(plan: &Plan, bytes: &[u8]) {
    let region = plan.view(bytes);
    let mut walk = region.walk();
    let mut paths = Vec::new();
    let mut count = 0;
    while let Some(value) = walk.next() {
        let trail = walk.trail();
        count += 1;
        if count % 97 == 1 {
            let _ = (trail.unit(), trail.doc(), value.to_string());
            paths.push((trail.to_string(), value));
        }
    }
    let steps = 65_536 + 16 * bytes.len();
    assert!(
        count <= steps * 512,
        "{count} values of {} bytes",
        bytes.len()
    );
    let mut changed = bytes.to_vec();
    for (path, value) in paths.iter().take(50) {
        assert!(!path.contains(char::is_control));
        // A variable may have the name of a field, which hides it.
        if region.get(path) == Ok(*value) {
            check_written(plan, bytes, path, value);
        }
        let _ = plan.edit(&mut changed).set(path, "1");
    }
    let _ = (
        plan.liveness(bytes),
        plan.is_ready(bytes),
        plan.heartbeat(bytes),
    );
}

/// A number that is stored as it is shown has the bytes that it had.
fn check_written(plan: &Plan, bytes: &[u8], path: &str, value: &Value<'_>) {
    use Value::{Bits, Enum, F32, F64, Signed, Unsigned};
    if matches!(
        value,
        Bits(_) | Enum(_) | F32(_) | F64(_) | Signed(_) | Unsigned(_)
    ) {
        let encoded = plan.encode(bytes, path, &*value.to_string()).unwrap();
        let end = encoded.offset + encoded.bytes.len();
        assert_eq!(bytes[encoded.offset..end], encoded.bytes, "{path}={value}");
    }
}

/// Good files, and the corpus.
fn layouts() -> Vec<(String, Vec<u8>)> {
    let mut all = inputs("layouts");
    for layout in catalogue::all().filter(|it| it.to_json().len() < 10_000) {
        let source = catalogue::source(&layout.id).unwrap();
        all.push(("toml".to_owned(), source.as_bytes().to_vec()));
        all.push(("json".to_owned(), layout.to_json().into_bytes()));
    }
    all
}

/// Good regions, and the corpus, by the layout they have.
fn regions() -> Vec<(String, Vec<u8>)> {
    let mut all = inputs("regions");
    all.push(("hwinfo".to_owned(), hwinfo(10, 316)));
    all.push(("iracing".to_owned(), iracing()));
    all.extend(catalogue::all().map(|it| (it.id.clone(), ones(it))));
    all
}

/// Mutates those files of which `is_of` is true for the kind.
fn fuzz_layouts(budget_ms: u64, is_of: impl Fn(&str) -> bool) {
    let mut seeds = layouts();
    seeds.retain(|(kind, _)| is_of(kind));
    let words = [
        "0",
        "-1",
        "4294967296",
        "1e999",
        "nan",
        "\"",
        "[",
        "]",
        "{",
        "}",
        "\n",
        "u8[",
        "[[struct]]",
        "\\u0000",
        "offset",
        "\u{1b}",
        "é",
        "9223372036854775807",
        "readings",
    ];
    let run = arbtest(|u| {
        let (kind, bytes) = u.choose(&seeds)?;
        let mut bytes = bytes.clone();
        mutate(u, &mut bytes, &words)?;
        let name = format!("{kind}-");
        let _keep = Keep {
            folder: "layouts",
            name: &name,
            input: &bytes,
        };
        bounded(|| check_layout(kind, &bytes));
        Ok(())
    });
    run.budget_ms(budget_ms).run();
}

fn fuzz_regions(budget_ms: u64) {
    let seeds = regions();
    let plans: Vec<_> = catalogue::all()
        .map(|it| (&it.id, Plan::new(it).unwrap()))
        .collect();
    let run = arbtest(|u| {
        let (id, bytes) = u.choose(&seeds)?;
        let plan = plans
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, plan)| plan);
        let mut bytes = bytes.clone();
        mutate(u, &mut bytes, &["\u{1b}[2J", "\"]", "\0", "CPU"])?;
        // Where a header says what there is.
        for _ in 0..u.int_in_range(0..=4)? {
            let len = bytes.len().min(64);
            store_number(u, &mut bytes[..len])?;
        }
        let name = format!("{id}-");
        let _keep = Keep {
            folder: "regions",
            name: &name,
            input: &bytes,
        };
        bounded(|| check_region(plan.unwrap(), &bytes));
        Ok(())
    });
    run.budget_ms(budget_ms).run();
}

#[test]
fn the_corpus_is_harmless() {
    for (kind, input) in layouts() {
        bounded(|| check_layout(&kind, &input));
    }
    for (id, input) in regions() {
        let plan = Plan::new(catalogue::by_id(&id).unwrap()).unwrap();
        bounded(|| check_region(&plan, &input));
    }
}

#[test]
fn mutated_layouts_are_errors_or_layouts() {
    fuzz_layouts(SHORT_MS, |_| true);
}

#[test]
fn mutated_regions_decode_within_bounds() {
    fuzz_regions(SHORT_MS);
}

#[test]
#[ignore = "a minute"]
fn fuzz_of_toml() {
    fuzz_layouts(long_ms(), |kind| kind == "toml");
}

/// Layouts, and schemas.
#[test]
#[ignore = "a minute"]
fn fuzz_of_json() {
    fuzz_layouts(long_ms(), |kind| kind != "toml");
}

#[test]
#[ignore = "a minute"]
fn fuzz_of_regions() {
    fuzz_regions(long_ms());
}
