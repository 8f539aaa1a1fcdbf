//! A reader in C, of values and of slices, that was written from FORMAT.md.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use win_shared_memory::snapshot::{SliceWriter, Writer};

use super::Peer;
use crate::support::{fresh_name, watchdog};

/// How many reads the reader makes in a batch while values are published.
const READS: u32 = 20_000;

/// How many values are published meanwhile. On a busy machine, a whole batch of reads can fall between two of them.
const VALUES: u64 = 1000;

/// Has the reader read while this publishes the next value and tells its version, again and again.
fn read_while(reader: &mut Peer, mut publish: impl FnMut() -> u64 + Send) {
    let _watchdog = watchdog();
    let version = publish();
    assert_eq!(
        reader.ask("read 1"),
        format!("torn 0 back 0 last {version}")
    );
    let stop = AtomicBool::new(false);
    let last = |answer: &str| answer.strip_prefix("torn 0 back 0 last ")?.parse().ok();
    let answer = thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                publish();
            }
        });
        let answer = loop {
            let answer = reader.ask(&format!("read {READS}"));
            if last(&answer).is_none_or(|it: u64| it >= VALUES) {
                break answer;
            }
        };
        stop.store(true, Ordering::Relaxed);
        answer
    });
    assert!(last(&answer).is_some(), "{answer}");
    let version = publish();
    assert_eq!(
        reader.ask("read 1"),
        format!("torn 0 back 0 last {version}")
    );
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_written_from_the_format_reads_whole_values_while_they_are_written() {
    const WORDS: usize = 512;
    let name = fresh_name();
    let mut writer = Writer::<[u64; WORDS]>::register(&name).unwrap();
    let mut reader = Peer::ready("snapshot_reader", &name, "ready");
    assert_eq!(
        reader.ask("schema"),
        win_shared_memory::schema!([u64; WORDS])
    );
    read_while(&mut reader, || {
        let version = writer.version() + 1;
        writer.publish(&[version; WORDS])
    });
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_written_from_the_format_reads_whole_slices_while_they_are_written() {
    const CAPACITY: usize = 512;
    let name = fresh_name();
    let mut writer = SliceWriter::<u64>::register(&name, CAPACITY).unwrap();
    let mut reader = Peer::ready("snapshot_reader", &name, "ready");
    assert_eq!(reader.ask("schema"), r#"{"element":"u64"}"#);
    read_while(&mut reader, || {
        let version = writer.version() + 1;
        let elements = version as usize % (CAPACITY + 1);
        writer.publish(&vec![version; elements]).unwrap()
    });
}
