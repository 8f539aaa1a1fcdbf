//! What slices of megabytes cost against `memcpy` between the same buffers.

use std::cell::Cell;
use std::hint::black_box;

use bench::{Memcpy, Pace, Table, Target};
use win_shared_memory::snapshot::{SliceReader, SliceWriter};
use win_shared_memory::{ReadWrite, Section};

use crate::name;

const LEN: usize = 8 << 20;
const WHAT: [&str; 2] = ["publish, slice of 8 MiB", "latest_into, slice of 8 MiB"];

/// As many as a snapshot of such slices has.
const SLOTS: usize = 4;

pub(crate) fn table() -> Table {
    let title =
        "Slices, one process; the floor is memcpy into as many regions in turn, or from one";
    let mut table = Table::new("snapshot", title, Pace::CALLS);
    if !WHAT.iter().any(|what| table.is_wanted(what)) {
        return table;
    }
    let name = name("slices");
    let mut writer = SliceWriter::<u8>::create(&name, LEN).expect("nobody has the name");
    let mut reader = SliceReader::<u8>::open(&name).expect("the writer is there");
    let section: Section<ReadWrite> =
        Section::create(&format!("{name}-raw"), (SLOTS * LEN) as u64).expect("a free name");
    let view = section.map().expect("there is room");
    let (from, mut frame) = (vec![7_u8; LEN], Vec::with_capacity(LEN));
    // Every page is touched before anything counts.
    for slot in 0..SLOTS {
        view.write_bytes(slot * LEN, &from).expect("in bounds");
        writer.publish(&from).expect("there is room");
    }
    let mut to = vec![0_u8; LEN];
    let (memcpy, turn) = (Memcpy::of_this_program(), Cell::new(0));
    table.row(
        WHAT[0],
        Target::None,
        || {
            turn.set((turn.get() + 1) % SLOTS);
            // SAFETY: the slot lies in the view, which nobody else has.
            unsafe {
                let to = view.as_mut_ptr().add(turn.get() * LEN);
                memcpy.copy(black_box(&*from).as_ptr(), to, LEN);
            }
        },
        || writer.publish(black_box(&from)).expect("there is room"),
    );
    table.row(
        WHAT[1],
        Target::None,
        // SAFETY: both have so many bytes, and nobody writes them.
        || unsafe { memcpy.copy(view.as_ptr(), black_box(&mut *to).as_mut_ptr(), LEN) },
        || {
            assert!(
                reader
                    .latest_into(black_box(&mut frame))
                    .expect("nobody writes")
            )
        },
    );
    table
}
