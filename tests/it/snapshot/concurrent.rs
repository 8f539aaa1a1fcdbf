//! A reader and a writer of two processes at full speed: no value is mixed of two, and none runs back.
//!
//! `WIN_SHARED_MEMORY_READS` says how often each size is read; 100 000 times unless it is set.

use std::env;

use win_shared_memory::snapshot::{Reader, Writer};

use crate::support::{Child, Parent, fresh_name, watchdog};

/// So many different values have to be among those that were read.
const DIFFERENT: u64 = 100;

fn reads() -> u64 {
    env::var("WIN_SHARED_MEMORY_READS").map_or(100_000, |it| it.parse().unwrap())
}

fn zeros<const N: usize>() -> Box<[u64; N]> {
    vec![0; N].try_into().unwrap()
}

#[test]
#[ignore = "a child process of other tests"]
fn child_that_publishes() {
    fn publish<const N: usize>(parent: &Parent) {
        let mut writer = Writer::<[u64; N]>::register(parent.argument(0)).unwrap();
        let mut value = zeros::<N>();
        parent.tell("writes");
        for version in 1.. {
            *value = [version; N];
            writer.publish(&value);
        }
    }
    let Some(parent) = Parent::find() else { return };
    match parent.argument(1) {
        "1" => publish::<1>(&parent),
        "8" => publish::<8>(&parent),
        "512" => publish::<512>(&parent),
        "8192" => publish::<8192>(&parent),
        other => panic!("{other}"),
    }
}

fn read_while_it_is_written<const N: usize>() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut child = Child::start(child_that_publishes, &[&name, &N.to_string()]);
    assert_eq!(child.answer(), "writes");
    let mut reader = Reader::<[u64; N]>::open(&name).unwrap();
    let mut value = zeros();
    let (enough, mut reads, mut different, mut last) = (reads(), 0, 0, 0);
    while reads < enough || different < DIFFERENT {
        if !reader.latest_into(&mut value).unwrap() {
            continue;
        }
        let version = reader.version();
        assert!(version >= last, "{version} after {last}");
        if *value != [version; N] {
            let alien = value.iter().find(|&&it| it != version);
            panic!("{alien:?} in the value of {version}");
        }
        reads += 1;
        different += u64::from(version > last);
        last = version;
    }
    println!("{reads} read, {different} different, of {last}");
}

#[test]
fn values_of_8_bytes_are_whole() {
    read_while_it_is_written::<1>();
}

#[test]
fn values_of_64_bytes_are_whole() {
    read_while_it_is_written::<8>();
}

#[test]
fn values_of_4_kib_are_whole() {
    read_while_it_is_written::<512>();
}

#[test]
fn values_of_64_kib_are_whole() {
    read_while_it_is_written::<8192>();
}
