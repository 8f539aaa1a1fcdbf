//! Nothing is left behind: not by success, and not by failure at any point.

use std::time::Duration;

use win_shared_memory::{
    Backing, CopyOnWrite, ReadOnly, ReadWrite, Section, SecurityDescriptor, SharedMemoryError,
    SharedMemoryLink, SharedMemoryOptions,
};

use crate::raw;
use crate::support::{Child, Parent, fresh_name, watchdog};

#[repr(align(131072))]
struct OverAligned(#[expect(dead_code)] u8);

/// What every scenario works with.
struct Regions {
    /// One page.
    small: String,
    _small: Section<ReadWrite>,
    /// One page that everyone may only read.
    restricted: String,
    _restricted: Section<ReadWrite>,
    /// Pages without memory.
    reserved: String,
    _reserved: Section<ReadWrite>,
    /// An event.
    event: String,
    event_handle: std::os::windows::io::OwnedHandle,
}

type Outcome = Result<(), SharedMemoryError>;

/// Ways to succeed and to fail, before, between and after the steps of getting a link.
const SCENARIOS: [fn(&Regions) -> Outcome; 16] = [
    |_| {
        let name = fresh_name();
        let created = SharedMemoryLink::<[u8; 70_000], ReadWrite>::create(&name)?;
        let opened = SharedMemoryLink::<[u8; 70_000], ReadOnly>::open(&name)?;
        let found = SharedMemoryLink::<[u8; 70_000], ReadWrite>::get_or_create(&name)?;
        let window = opened.section().map_range(69_000, 5)?;
        let clone = found.section().try_clone_as::<CopyOnWrite>()?;
        drop((created, opened, found, clone));
        drop(window);
        Ok(())
    },
    |_| Section::open(&fresh_name()).map(drop),
    |_| Section::open(r"local\x").map(drop),
    |_| Section::create(&fresh_name(), 64 << 40).map(drop),
    |it| Section::create(&it.small, 1).map(drop),
    |it| Section::create(&it.restricted, 1).map(drop),
    |it| Section::open_existing(&it.restricted).map(drop),
    |it| Section::get_or_create(&it.restricted, 1).map(drop),
    |it| SharedMemoryLink::<[u8; 8192]>::open(&it.small).map(drop),
    |it| SharedMemoryLink::<[u8; 8192], ReadWrite>::get_or_create(&it.small).map(drop),
    |_| SharedMemoryLink::<OverAligned, ReadWrite>::create(&fresh_name()).map(drop),
    |it| SharedMemoryLink::<()>::open(&it.small).map(drop),
    |it| SharedMemoryLink::<u32>::open(&it.reserved).map(drop),
    |it| Section::open(&it.event).map(drop),
    |it| {
        let handle = it.event_handle.try_clone().unwrap();
        Section::<ReadOnly>::from_handle(handle).map(drop)
    },
    |_| {
        let mut options = SharedMemoryOptions::new();
        options.wait(Duration::ZERO).open::<u32>(&fresh_name())?;
        Ok(())
    },
];

#[test]
fn ten_thousand_successes_and_failures_leave_no_handle_and_no_view() {
    let _watchdog = watchdog();
    let mut child = Child::start(child_that_cycles, &[]);
    assert_eq!(child.answer(), "handles +0, views +0");
}

/// In a process of its own, where no other test opens anything.
#[test]
#[ignore = "a child process of another test"]
fn child_that_cycles() {
    let Some(parent) = Parent::find() else { return };
    let mut options = SharedMemoryOptions::new();
    let (small, reserved) = (fresh_name(), fresh_name());
    let (restricted, event) = (fresh_name(), fresh_name());
    let regions = Regions {
        _small: Section::create(&small, 1).unwrap(),
        _reserved: Section::create_with(&reserved, 1, options.backing(Backing::Reserved)).unwrap(),
        _restricted: Section::create_with(
            &restricted,
            1,
            options
                .backing(Backing::Committed)
                .security(SecurityDescriptor::from_sddl("D:(A;;0x0004;;;WD)").unwrap()),
        )
        .unwrap(),
        event_handle: raw::event(&event),
        small,
        restricted,
        reserved,
        event,
    };
    let cycle = |round: usize| {
        let scenario = round % SCENARIOS.len();
        let outcome = SCENARIOS[scenario](&regions);
        assert_eq!(outcome.is_ok(), scenario == 0, "{scenario}: {outcome:?}");
    };

    // What is made once for the whole process does not count.
    (0..SCENARIOS.len()).for_each(cycle);
    let before = (raw::handle_count(), raw::view_count());
    assert_counts_notice(before);
    (0..10_000).for_each(cycle);
    let after = (raw::handle_count(), raw::view_count());
    parent.tell(&format!(
        "handles {:+}, views {:+}",
        after.0 as i64 - before.0 as i64,
        after.1 as i64 - before.1 as i64
    ));
}

/// That the counts would show a leak of one.
fn assert_counts_notice(before: (usize, usize)) {
    let section = Section::create(&fresh_name(), 1).unwrap();
    let view = section.map().unwrap();
    let now = (raw::handle_count(), raw::view_count());
    assert_eq!(now, (before.0 + 1, before.1 + 1));
    drop(section);
    assert_eq!(raw::handle_count(), before.0);
    drop(view);
    assert_eq!(raw::view_count(), before.1);
}
