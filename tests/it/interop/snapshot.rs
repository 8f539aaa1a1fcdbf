//! A reader in C that was written from FORMAT.md.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;

use win_shared_memory::snapshot::Writer;

use super::Peer;
use crate::support::fresh_name;

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_c_program_written_from_the_format_reads_whole_values_while_they_are_written() {
    const READS: u32 = 20_000;
    const WORDS: usize = 512;
    let name = fresh_name();
    let mut writer = Writer::<[u64; WORDS]>::register(&name).unwrap();
    let publish = |writer: &mut Writer<_>| {
        let version = writer.version() + 1;
        assert_eq!(writer.publish(&[version; WORDS]), version);
        version
    };
    publish(&mut writer);

    let mut reader = Peer::ready("snapshot_reader", &name, "ready");
    assert_eq!(
        reader.ask("schema"),
        win_shared_memory::schema!([u64; WORDS])
    );
    assert_eq!(reader.ask("read 1"), "torn 0 back 0 last 1");

    let stop = AtomicBool::new(false);
    let (publishing, begun) = mpsc::channel();
    let answer = thread::scope(|scope| {
        scope.spawn(|| {
            publish(&mut writer);
            publishing.send(()).unwrap();
            while !stop.load(Ordering::Relaxed) {
                publish(&mut writer);
            }
        });
        begun.recv().unwrap();
        let answer = reader.ask(&format!("read {READS}"));
        stop.store(true, Ordering::Relaxed);
        answer
    });
    let last = answer.strip_prefix("torn 0 back 0 last ");
    let last: u64 = last.expect(&answer).parse().unwrap();
    assert!(last > 1, "nothing was published meanwhile: {answer}");

    let end = publish(&mut writer);
    assert_eq!(reader.ask("read 1"), format!("torn 0 back 0 last {end}"));
}
