//! How long regions and their names live when processes end, by themselves or not.

use win_shared_memory::{ReadOnly, ReadWrite, Section, SharedMemoryError, SharedMemoryLink};

use crate::support::{Child, Parent, fresh_name, peek, poke, watchdog};

type Writer = SharedMemoryLink<[u8; 100_000], ReadWrite>;
type Reader = SharedMemoryLink<[u8; 100_000], ReadOnly>;

/// A process that has created or opened the region and says so.
fn holder(function: &str, name: &str) -> Child {
    let mut child = Child::start(child_that_holds, &[function, name]);
    assert_eq!(child.answer(), "holds");
    child
}

#[test]
#[ignore = "a child process of other tests"]
fn child_that_holds() {
    let Some(parent) = Parent::find() else { return };
    let name = parent.argument(1);
    let (mut writer, mut reader) = (None, None);
    match parent.argument(0) {
        "create" => writer = Some(Writer::create(name).unwrap()),
        "open_existing" => writer = Some(Writer::open_existing(name).unwrap()),
        _ => reader = Some(Reader::open(name).unwrap()),
    }
    parent.tell("holds");
    loop {
        let line = parent.hear();
        let (command, value) = line.split_once(' ').unwrap_or((line.as_str(), ""));
        match command {
            "write" => {
                let view = writer.as_ref().unwrap().view();
                poke(view, 99_999, value.parse().unwrap());
                parent.tell("written");
            }
            "read" => {
                let value = match (&writer, &reader) {
                    (Some(link), _) => peek(link.view(), 99_999),
                    (_, Some(link)) => peek(link.view(), 99_999),
                    _ => unreachable!("holds a link"),
                };
                parent.tell(&value.to_string());
            }
            _ => return,
        }
    }
}

fn ask(child: &mut Child, line: &str) -> String {
    child.tell(line);
    child.answer()
}

#[test]
fn what_one_process_writes_another_reads() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut creator = holder("create", &name);
    let mut reader = holder("open", &name);
    let mut writer = holder("open_existing", &name);
    for value in [1, 2, 3] {
        assert_eq!(ask(&mut creator, &format!("write {value}")), "written");
        assert_eq!(ask(&mut reader, "read"), value.to_string());
        assert_eq!(
            ask(&mut writer, &format!("write {}", value + 10)),
            "written"
        );
        assert_eq!(ask(&mut creator, "read"), (value + 10).to_string());
    }
}

#[test]
fn a_child_writes_and_ends_and_its_parent_sees_the_data() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let region = Writer::create(&name).unwrap();
    let mut child = holder("open_existing", &name);
    assert_eq!(ask(&mut child, "write 7"), "written");
    child.tell("end");
    assert!(child.wait().success());
    assert_eq!(peek(region.view(), 99_999), 7);
}

#[test]
fn an_opener_keeps_the_data_of_a_creator_that_was_killed() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut creator = holder("create", &name);
    assert_eq!(ask(&mut creator, "write 8"), "written");
    let reader = Reader::open(&name).unwrap();
    let writer = Writer::open_existing(&name).unwrap();
    creator.kill();
    assert_eq!(peek(reader.view(), 99_999), 8);
    poke(writer.view(), 99_999, 9);
    assert_eq!(peek(reader.view(), 99_999), 9);
}

#[test]
fn a_restarted_creator_finds_the_old_contents_while_a_reader_has_them_open() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut creator = holder("create", &name);
    assert_eq!(ask(&mut creator, "write 5"), "written");
    let reader = Reader::open(&name).unwrap();
    creator.kill();

    let error = Writer::create(&name).unwrap_err();
    assert!(matches!(error, SharedMemoryError::AlreadyExists), "{error}");
    let found = Writer::get_or_create(&name).unwrap();
    assert!(!found.was_created());
    assert_eq!(peek(found.view(), 99_999), 5);
    drop((reader, found));
    let fresh = Writer::create(&name).unwrap();
    assert_eq!(peek(fresh.view(), 99_999), 0);
}

#[test]
fn a_name_goes_with_its_last_holder_also_when_that_was_killed() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut creator = holder("create", &name);
    let mut reader = holder("open", &name);
    creator.kill();
    Reader::open(&name).unwrap();
    reader.kill();
    assert!(Reader::open(&name).unwrap_err().is_not_found());
    assert!(Section::create(&name, 1).unwrap().was_created());
}

#[test]
fn a_killed_holder_leaves_the_others_alone() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let region = Writer::create(&name).unwrap();
    for value in 0..3 {
        let mut child = holder("open_existing", &name);
        assert_eq!(ask(&mut child, &format!("write {value}")), "written");
        child.kill();
        assert_eq!(peek(region.view(), 99_999), value);
    }
    assert!(!Writer::get_or_create(&name).unwrap().was_created());
}
