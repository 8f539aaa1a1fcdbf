//! What `publish` costs while nobody reads.

use std::cell::Cell;
use std::hint::black_box;

use bench::{Memcpy, Pace, Slots, Table, Target};
use win_shared_memory::snapshot::Writer;
use win_shared_memory::{ReadWrite, Section, View};

use crate::{LARGE, MIDDLE, SMALL, Value, label, name};

pub(crate) fn table() -> Table {
    let title = "publish with nobody waiting; the floor is memcpy into as many slots in turn, or into \
                 one buffer";
    let mut table = Table::new("snapshot", title, Pace::COPIES);
    publish_rows::<SMALL>(&mut table);
    publish_rows::<MIDDLE>(&mut table);
    publish_rows::<LARGE>(&mut table);
    table
}

fn publish_rows<const WORDS: usize>(table: &mut Table) {
    let name = name(&format!("publish-{WORDS}"));
    let mut writer = Writer::<Value<WORDS>>::create(&name).expect("nobody has the name");
    let count = Slots::open(&name).count as usize;
    let buffers = Buffers::new(&format!("{name}-raw"), WORDS * 8, count);
    let from = Box::new([7_u64; WORDS]);
    let turn = Cell::new(0);
    let copy = |buffer: usize| buffers.fill(buffer, black_box(&*from));
    table.row(
        &format!("publish, {}, {count} slots", label(WORDS)),
        Target::None,
        || {
            turn.set((turn.get() + 1) % count);
            copy(turn.get());
        },
        || writer.publish(black_box(&from)),
    );
    table.row(
        &format!("publish, {}, one buffer", label(WORDS)),
        Target::None,
        || copy(0),
        || writer.publish(black_box(&from)),
    );
}

/// Shared memory for the floor, laid out as slots are.
struct Buffers {
    view: View<ReadWrite>,
    stride: usize,
    memcpy: Memcpy,
}

impl Buffers {
    fn new(name: &str, size: usize, count: usize) -> Self {
        let stride = size.next_multiple_of(128) + 128;
        let section: Section<ReadWrite> =
            Section::create(name, (stride * count) as u64).expect("nobody has the name");
        let view = section.map().expect("there is room");
        for at in (0..stride * count).step_by(64) {
            view.write(at, &1_u64).expect("in bounds");
        }
        Self {
            view,
            stride,
            memcpy: Memcpy::of_this_program(),
        }
    }

    fn fill<const WORDS: usize>(&self, buffer: usize, from: &Value<WORDS>) {
        let at = buffer * self.stride + 128;
        assert!(at + WORDS * 8 <= self.view.len());
        // SAFETY: just checked; nobody else has the region.
        unsafe {
            let to = self.view.as_mut_ptr().add(at);
            self.memcpy.copy(from.as_ptr().cast(), to, WORDS * 8);
        }
    }
}
