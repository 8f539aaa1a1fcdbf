//! Many threads and processes that create, open and drop at once.
//!
//! `unsafe` is allowed here for the counters they meet at, which live in a region of their own.

#![allow(unsafe_code)]

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::{
    ReadOnly, ReadWrite, Section, SecurityDescriptor, SharedMemoryError, SharedMemoryLink,
    SharedMemoryOptions,
};

use crate::support::{Child, Parent, fresh_name, watchdog};

const ROUNDS: usize = 500;

/// Where the racers meet, and what they report.
#[repr(C)]
struct Track {
    arrived: AtomicU32,
    /// How many created the region, for each round.
    created: [AtomicU32; ROUNDS],
    /// How many found it with the size and contents expected.
    found: [AtomicU32; ROUNDS],
}

impl Track {
    fn of(link: &SharedMemoryLink<Self, ReadWrite>) -> &Self {
        // SAFETY: atomics alone, valid whatever the bytes, and accessed as atomics by everybody.
        unsafe { link.get() }
    }

    /// Waits until all `racers` have called this as often as the caller.
    fn meet(&self, racers: u32) {
        let ticket = self.arrived.fetch_add(1, Ordering::AcqRel);
        let all = (ticket / racers + 1) * racers;
        let patience = Instant::now() + Duration::from_millis(1);
        while self.arrived.load(Ordering::Acquire) < all {
            // Close together, unless the machine has so much else to do that it takes long anyway.
            match Instant::now() < patience {
                true => thread::yield_now(),
                false => thread::sleep(Duration::from_millis(1)),
            }
        }
    }

    /// Runs one racer through all rounds.
    fn race(&self, name: &str, racers: u32) {
        for round in 0..ROUNDS {
            let name = format!("{name}-{round}");
            self.meet(racers);
            let link = SharedMemoryLink::<[u8; 5000], ReadWrite>::get_or_create(&name).unwrap();
            assert_eq!(link.section().page_rounded_len().unwrap(), 8192);
            let counts = match link.was_created() {
                true => &self.created,
                false => &self.found,
            };
            counts[round].fetch_add(1, Ordering::Relaxed);
            // Nobody drops before everybody has it.
            self.meet(racers);
        }
    }

    /// That each round had one creator and all others found its region.
    fn assert_fair(&self, racers: u32) {
        for round in 0..ROUNDS {
            let count = |counts: &[AtomicU32; ROUNDS]| counts[round].load(Ordering::Relaxed);
            let outcome = (count(&self.created), count(&self.found));
            assert_eq!(outcome, (1, racers - 1), "round {round}");
        }
    }
}

#[test]
fn of_many_threads_that_get_or_create_at_once_exactly_one_creates() {
    const RACERS: u32 = 6;
    let _watchdog = watchdog();
    let name = fresh_name();
    let link = SharedMemoryLink::create(&name).unwrap();
    let track = Track::of(&link);
    thread::scope(|scope| {
        for _ in 0..RACERS {
            scope.spawn(|| track.race(&name, RACERS));
        }
    });
    track.assert_fair(RACERS);
}

#[test]
fn of_many_processes_that_get_or_create_at_once_exactly_one_creates() {
    const RACERS: u32 = 4;
    let _watchdog = watchdog();
    let name = fresh_name();
    let link = SharedMemoryLink::create(&name).unwrap();
    let racers = RACERS.to_string();
    let mut children: Vec<_> = (0..RACERS)
        .map(|_| Child::start(child_that_races, &[&name, &racers]))
        .collect();
    for child in &mut children {
        assert_eq!(child.answer(), "done");
    }
    Track::of(&link).assert_fair(RACERS);
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_races() {
    let Some(parent) = Parent::find() else { return };
    let (name, racers) = (parent.argument(0), parent.argument(1).parse().unwrap());
    let link = SharedMemoryLink::open_existing(name).unwrap();
    Track::of(&link).race(name, racers);
    parent.tell("done");
}

/// How often each outcome of a race is to happen, at least.
const OFTEN: u32 = 1000;

/// Creates and drops the region until it is killed.
#[test]
#[ignore = "a child process of other tests"]
fn child_that_creates_and_drops() {
    let Some(parent) = Parent::find() else { return };
    let mut options = SharedMemoryOptions::new();
    if !parent.argument(1).is_empty() {
        options.security(SecurityDescriptor::from_sddl(parent.argument(1)).unwrap());
    }
    parent.tell("begins");
    loop {
        match options.create::<u32>(parent.argument(0)) {
            Ok(link) => assert!(link.was_created()),
            Err(SharedMemoryError::AlreadyExists) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// Calls `attempt`, which says whether it created, while another process creates and drops; both
/// outcomes happen often, or there was no race.
fn while_another_creates_and_drops(sddl: &str, attempt: impl Fn(&str) -> bool) {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut child = Child::start(child_that_creates_and_drops, &[&name, sddl]);
    assert_eq!(child.answer(), "begins");
    let (mut created, mut found) = (0_u32, 0_u32);
    while created.min(found) < OFTEN {
        match attempt(&name) {
            true => created += 1,
            false => found += 1,
        }
    }
    println!("{created} created, {found} found");
}

#[test]
fn opening_or_creating_while_another_process_creates_and_drops_never_fails() {
    while_another_creates_and_drops("", |name| {
        let link = SharedMemoryLink::<u32, ReadWrite>::get_or_create(name).unwrap();
        link.was_created()
    });
}

/// Creating is denied while the region exists, so each success takes a create, an open, or several
/// of both in turn.
#[test]
fn opening_or_creating_while_another_creates_and_drops_a_region_for_reading_never_fails() {
    let options = SharedMemoryOptions::new();
    while_another_creates_and_drops("D:(A;;0x0004;;;WD)", |name| {
        let section = Section::<ReadOnly>::get_or_create_with(name, 4, &options).unwrap();
        section.was_created()
    });
}

#[test]
fn opening_while_another_process_creates_and_drops_finds_it_or_does_not() {
    while_another_creates_and_drops("", |name| match Section::open(name) {
        Ok(section) => {
            assert_eq!(section.page_rounded_len().unwrap(), 4096);
            false
        }
        Err(error) => {
            assert!(error.is_not_found(), "{error:?}");
            true
        }
    });
}
