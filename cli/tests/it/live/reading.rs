//! `winshm read`, of regions that this process makes.

use win_shared_memory::snapshot::{SliceWriter, Writer};
use win_shared_memory::{
    Backing, ReadWrite, Section, SharedData, SharedMemoryOptions, SharedMutex,
};
use win_shared_memory_layouts::{Plan, catalogue};

use super::fresh_name;
use crate::tool::{command, finish, winshm};

#[derive(SharedData)]
#[repr(C)]
struct Lap {
    number: u16,
    seconds: [f32; 2],
}

#[test]
fn a_snapshot_is_read_by_the_schema_in_its_region() {
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let ran = winshm(&["read", &name]);
    assert_eq!(ran.code, 5, "nothing was published: {}", ran.err);
    writer.publish(&Lap {
        number: 7,
        seconds: [1.5, 2.5],
    });
    let ran = winshm(&["read", &name]);
    assert_eq!(
        (ran.code, ran.out.as_str()),
        (0, "number = 7\nseconds = [1.5, 2.5]\n")
    );
    let ran = winshm(&["read", &name, "seconds[1]"]);
    assert_eq!(ran.out, "seconds[1] = 2.5\n");
    drop(writer);
    let gone = winshm(&["read", &name]);
    assert_eq!(gone.code, 3, "nobody keeps it: {}", gone.out);
}

#[test]
fn slices_and_shared_mutexes_are_read_too() {
    let name = fresh_name();
    let mut writer = SliceWriter::register(&name, 100).unwrap();
    for number in [1, 2] {
        let lap = |number| Lap {
            number,
            seconds: [0.5; 2],
        };
        writer.publish(&[lap(number), lap(9)]).unwrap();
    }
    let ran = winshm(&["read", &name, "len", "values[*].number"]);
    assert_eq!(
        ran.out, "len = 2\nvalues[0].number = 2\nvalues[1].number = 9\n",
        "{}",
        ran.err
    );
    let name = fresh_name();
    let mutex = SharedMutex::get_or_create(&name, &5_u32).unwrap();
    let _held = mutex.lock().unwrap();
    assert_eq!(winshm(&["read", &name]).out, "value = 5\n");
}

#[test]
fn a_field_is_found_by_the_label_of_its_row_and_by_words() {
    let name = fresh_name();
    let plan = Plan::new(catalogue::by_id("gpu-z").unwrap()).unwrap();
    let mut bytes = vec![0; plan.size()];
    let mut edit = plan.edit(&mut bytes);
    for (path, value) in [
        ("version", "1"),
        ("lastUpdate", "5"),
        ("sensors[0].name", "GPU Temperature"),
        ("sensors[0].unit", "°C"),
        ("sensors[0].value", "47.5"),
    ] {
        edit.set(path, value).unwrap();
    }
    let section: Section<ReadWrite> = Section::create(&name, bytes.len() as u64).unwrap();
    section.map().unwrap().write_bytes(0, &bytes).unwrap();
    let labelled = r#"sensors["GPU Temperature"].value"#;
    let ran = winshm(&["read", &name, "--layout", "gpu-z", labelled]);
    assert_eq!(ran.out, format!("{labelled} = 47.5 °C\n"), "{}", ran.err);
    let ran = winshm(&["read", &name, "-l", "gpu-z", "-F", "temperature VALUE"]);
    assert_eq!(ran.out, format!("{labelled} = 47.5 °C\n"), "{}", ran.err);
    let ran = winshm(&["read", &name, "-l", "gpu-z", "lastUpdte"]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("lastUpdate"), "{}", ran.err);
    let ran = winshm(&["read", &name]);
    assert!(ran.code == 3 && ran.err.contains("--layout"), "{}", ran.err);
}

#[test]
fn a_region_without_a_layout_is_told_of_when_its_bytes_change() {
    let name = fresh_name();
    let section: Section<ReadWrite> = Section::create(&name, 1 << 20).unwrap();
    let view = section.map().unwrap();
    let mut waiting = command(&["wait", &name, "--for", "written"])
        .spawn()
        .unwrap();
    let mut count = 0_u64;
    while waiting.try_wait().unwrap().is_none() {
        count += 1;
        view.write((1 << 20) - 8, &count).unwrap();
        std::thread::yield_now();
    }
    assert_eq!(finish(waiting).code, 0);
}

#[test]
fn pages_without_memory_are_zeros() {
    let name = fresh_name();
    let mut options = SharedMemoryOptions::new();
    options.backing(Backing::Reserved);
    let section: Section<ReadWrite> = Section::create_with(&name, 1 << 20, &options).unwrap();
    let view = section.map().unwrap();
    view.commit(0, 4096).unwrap();
    view.write(0, &2_u32).unwrap();
    let layout = ["--layout", "mumble-link"];
    let ran = winshm(&[
        "read",
        &name,
        layout[0],
        layout[1],
        "uiVersion",
        "description",
    ]);
    assert_eq!(ran.out, "uiVersion = 2\ndescription = \n", "{}", ran.err);
    let ran = winshm(&["dump", &name]);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 4), "{}", ran.out);
    assert_eq!(winshm(&["wait", &name, "--for", "live"]).code, 0);
}

/// What the header claims is not believed: no hang, no flood, no memory.
#[test]
fn a_region_that_claims_too_much_is_cut_short() {
    let name = fresh_name();
    let section: Section<ReadWrite> = Section::create(&name, 4096).unwrap();
    let view = section.map().unwrap();
    let words = [u32::MAX; 1024];
    view.write(0, &words).unwrap();
    view.write_bytes(0, b"HWiS").unwrap();
    for layout in ["hwinfo", "iracing", "mahm", "aida64", "rtss"] {
        let ran = winshm(&["read", &name, "--layout", layout, "--json"]);
        assert!(
            [0, 1, 5, 6].contains(&ran.code),
            "{layout}: {} {}",
            ran.code,
            ran.err
        );
        assert!(ran.out.len() < 1 << 20, "{layout}");
    }
}

/// The same of a region that says it is one of ours.
#[test]
fn a_directory_with_nonsense_in_it_is_an_error() {
    let name = fresh_name();
    let section: Section<ReadWrite> = Section::create(&name, 4096).unwrap();
    let view = section.map().unwrap();
    view.write(0, &[u32::MAX; 1024]).unwrap();
    view.write_bytes(0, b"WSMd").unwrap();
    let ran = winshm(&["read", &name]);
    assert_eq!(ran.code, 6, "{}", ran.err);
    view.write(4, &1_u32).unwrap();
    view.write(8, &1_u32).unwrap();
    let ran = winshm(&["read", &name]);
    assert!([5, 6].contains(&ran.code), "{}", ran.err);
}

#[test]
fn where_nothing_comes_nothing_is_recorded_and_the_reason_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.mcap");
    let name = fresh_name();
    let ran = winshm(&[
        "record",
        &name,
        "-o",
        file.to_str().unwrap(),
        "--for",
        "50ms",
    ]);
    assert_eq!((ran.code, ran.out.trim()), (0, "nothing was recorded"));
    let told = format!("{name}: no value was recorded; the region is absent");
    assert!(ran.err.contains(&told), "{}", ran.err);
    assert!(!file.exists());
}
