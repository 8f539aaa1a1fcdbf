//! Copies into and out of shared memory against the C runtime's `memcpy` between ordinary buffers.
//!
//! The floor copies from one ordinary buffer to another; ours takes the same ordinary buffer on the
//! private side, and the region on the other. All begin at a page, plus the offset of the row, so
//! that how the two sides lie to each other is the same for both.
//!
//! Rows of 64 MiB also show what the memory itself costs: the last table copies with `memcpy` on
//! both sides.

use std::hint::black_box;
use std::ptr;
use std::slice;

use bench::{Memcpy, Pace, Row, Table};
use win_shared_memory::{
    ReadWrite, Section, SharedData, SharedMemoryLink, SharedSlice, View, field,
};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const LARGEST: usize = 64 * MIB;
const PAGE: usize = 4 * KIB;

/// With room for offsets, and for a header before a field.
const ROOM: usize = LARGEST + 2 * PAGE;

const SIZES: [usize; 6] = [8, 64, KIB, 64 * KIB, MIB, LARGEST];
const OFFSETS: [usize; 4] = [0, 1, 3, 63];

/// What the median is to stay within. Below 64 bytes the cost is that of the calls.
fn target(len: usize) -> Option<f64> {
    match len {
        0..64 => None,
        64..=2048 => Some(1.4),
        _ => Some(1.1),
    }
}

/// A length as people write it.
fn label(len: usize) -> String {
    match len {
        0..KIB => format!("{len} B"),
        KIB..MIB => format!("{} KiB", len / KIB),
        _ => format!("{} MiB", len / MIB),
    }
}

/// A struct with a field of each size, behind others.
macro_rules! holders {
    ($($holder:ident: $len:expr;)*) => { $(
        #[derive(Clone, Copy, SharedData)]
        #[repr(C)]
        struct $holder {
            header: [u8; 64],
            payload: [u8; $len],
        }
    )* };
}

holders! {
    Holder8: 8;
    Holder64: 64;
    Holder1Ki: KIB;
    Holder64Ki: 64 * KIB;
    Holder1Mi: MIB;
    Holder64Mi: LARGEST;
}

/// 0.1.0's own example: three bytes of padding.
#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct GameState {
    score: u32,
    lives: u8,
}

/// 64 bytes, of which sixteen are padding, in three places.
#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Entity {
    id: u64,
    kind: u8,
    position: [f64; 3],
    team: u16,
    health: f32,
    flags: u8,
    speed: f64,
}

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct Telemetry {
    before: [u8; 512 * KIB],
    speed: f32,
    after: [u8; 512 * KIB - 4],
}

/// Where a copy goes and comes from, all of them page-aligned and of [`ROOM`] bytes.
#[derive(Clone, Copy)]
struct Ordinary {
    memcpy: Memcpy,
    from: *const u8,
    to: *mut u8,
}

impl Ordinary {
    /// Ordinary memory, kept until the program ends, with pages that exist.
    fn new() -> Self {
        let pages = |fill: u8| {
            let bytes = vec![fill; ROOM + PAGE].leak();
            let start = bytes.as_ptr().align_offset(PAGE);
            bytes[start..].as_mut_ptr()
        };
        Self {
            memcpy: Memcpy::of_this_program(),
            from: pages(1),
            to: pages(2),
        }
    }

    /// The floor.
    fn copy(self, from_offset: usize, to_offset: usize, len: usize) {
        assert!(from_offset + len <= ROOM && to_offset + len <= ROOM);
        // SAFETY: just checked; the two are different buffers, and no reference to either is alive.
        unsafe {
            self.memcpy
                .copy(self.from.add(from_offset), self.to.add(to_offset), len);
        }
    }

    /// What is to be written.
    fn from<T: SharedData>(self, offset: usize, len: usize) -> &'static [T] {
        assert!(offset + len * size_of::<T>() <= ROOM);
        let at = self.from.wrapping_add(offset).cast::<T>();
        assert!(at.is_aligned());
        // SAFETY: in bounds, aligned, and never written. The types above hold any bytes.
        unsafe { slice::from_raw_parts(at, len) }
    }

    /// Where to read to. The slice is used for one call and gone before the next.
    fn to<'a, T: SharedData>(self, offset: usize, len: usize) -> &'a mut [T] {
        assert!(offset + len * size_of::<T>() <= ROOM);
        let at = self.to.wrapping_add(offset).cast::<T>();
        assert!(at.is_aligned());
        // SAFETY: in bounds, aligned, and there is one reference at a time. The types above hold
        // any bytes.
        unsafe { slice::from_raw_parts_mut(at, len) }
    }
}

/// The region: one for all, so that it is in the caches or not alike.
struct Region {
    name: String,
    view: View<ReadWrite>,
    slice: SharedSlice<u8, ReadWrite>,
}

impl Region {
    fn new() -> Self {
        let name = format!(r"Local\bench-copy-{}", std::process::id());
        let section: Section<ReadWrite> =
            Section::create(&name, ROOM as u64).expect("nobody has the name");
        let view = section.map().expect("there is room");
        for at in (0..ROOM).step_by(PAGE) {
            view.write(at, &[3_u8; PAGE]).expect("in bounds");
        }
        let slice = SharedSlice::open_existing(&name).expect("just created");
        Self { name, view, slice }
    }

    fn link<T>(&self) -> SharedMemoryLink<T, ReadWrite> {
        SharedMemoryLink::open_existing(&self.name).expect("large enough")
    }
}

fn main() {
    let ordinary = Ordinary::new();
    let region = Region::new();
    let tables = [
        values(ordinary, &region),
        offsets(ordinary, &region),
        padded(ordinary, &region),
        against_rust(ordinary, &region),
        one_field(ordinary, &region),
        controls(ordinary, &region),
    ];
    print!("{}", bench::machine());
    println!(
        "Unless a table says otherwise, the floor is {}.",
        ordinary.memcpy
    );
    for table in tables {
        print!("{table}");
    }
}

/// Calls a macro with each size, as a constant, and the struct that has a field of it.
macro_rules! for_sizes {
    ($measure:ident) => {
        $measure!(8, Holder8);
        $measure!(64, Holder64);
        $measure!(KIB, Holder1Ki);
        $measure!(64 * KIB, Holder64Ki);
        $measure!(MIB, Holder1Mi);
        $measure!(LARGEST, Holder64Mi);
    };
}

fn values(ordinary: Ordinary, region: &Region) -> Table {
    // Long because each row has its floor beside it.
    let mut table = Table::new(
        "copy",
        "Values and slices, both sides at a page",
        Pace::COPIES,
    );

    macro_rules! read_row {
        ($len:expr, $holder:ident) => {
            read(&mut table, ordinary, &region.link::<[u8; $len]>())
        };
    }
    macro_rules! write_row {
        ($len:expr, $holder:ident) => {
            let link = region.link::<[u8; $len]>();
            table.row(
                &format!("link.write, {}", label($len)),
                target($len),
                || ordinary.copy(0, 0, $len),
                || link.write(&ordinary.from::<[u8; $len]>(0, 1)[0]),
            );
        };
    }
    macro_rules! field_row {
        ($len:expr, $holder:ident) => {
            let link = region.link::<$holder>();
            table.row(
                &format!("field!(link.payload).read_into, {}", label($len)),
                target($len),
                || ordinary.copy(64, 0, $len),
                || field!(link.payload).read_into(&mut ordinary.to::<[u8; $len]>(0, 1)[0]),
            );
        };
    }
    for_sizes!(read_row);
    for_sizes!(write_row);
    for_sizes!(field_row);
    for len in SIZES {
        table.row(
            &format!("slice.read_into, {}", label(len)),
            target(len),
            || ordinary.copy(0, 0, len),
            || {
                region
                    .slice
                    .read_into(0, ordinary.to(0, len))
                    .expect("in bounds")
            },
        );
    }
    for len in SIZES {
        table.row(
            &format!("slice.write_from, {}", label(len)),
            target(len),
            || ordinary.copy(0, 0, len),
            || {
                region
                    .slice
                    .write_from(0, ordinary.from(0, len))
                    .expect("in bounds")
            },
        );
    }
    table
}

/// By value what fits the stack, and in place what does not.
fn read<const N: usize>(
    table: &mut Table,
    ordinary: Ordinary,
    link: &SharedMemoryLink<[u8; N], ReadWrite>,
) {
    if N <= 64 * KIB {
        table.row(
            &format!("link.read, {}", label(N)),
            target(N),
            || ordinary.copy(0, 0, N),
            || {
                black_box(&link.read());
            },
        );
    }
    table.row(
        &format!("link.read_into, {}", label(N)),
        target(N),
        || ordinary.copy(0, 0, N),
        || link.read_into(&mut ordinary.to::<[u8; N]>(0, 1)[0]),
    );
}

fn offsets(ordinary: Ordinary, region: &Region) -> Table {
    let title =
        "Bytes at offsets 0, 1, 3 and 63 of both sides: the best and the worst of the 16 pairs";
    let mut table = Table::new("copy", title, Pace::COPIES);
    let pairs = || {
        OFFSETS
            .iter()
            .flat_map(|&it| OFFSETS.map(|other| (it, other)))
    };
    for len in SIZES {
        let what = |from, to| format!("view.read_bytes, {}, {from} to {to}", label(len));
        let rows = pairs().filter(|&(from, to)| table.is_wanted(&what(from, to)));
        let rows = rows.map(|(from, to)| {
            table.measure(
                &what(from, to),
                target(len),
                || ordinary.copy(from, to, len),
                || {
                    region
                        .view
                        .read_bytes(from, ordinary.to(to, len))
                        .expect("in bounds")
                },
            )
        });
        extremes(rows.collect())
            .into_iter()
            .for_each(|row| table.push(row));
    }
    for len in SIZES {
        let what = |from, to| format!("view.write_bytes, {}, {from} to {to}", label(len));
        let rows = pairs().filter(|&(from, to)| table.is_wanted(&what(from, to)));
        let rows = rows.map(|(from, to)| {
            table.measure(
                &what(from, to),
                target(len),
                || ordinary.copy(from, to, len),
                || {
                    region
                        .view
                        .write_bytes(to, ordinary.from(from, len))
                        .expect("in bounds")
                },
            )
        });
        extremes(rows.collect())
            .into_iter()
            .for_each(|row| table.push(row));
    }
    table
}

/// The row with the smallest ratio and the one with the largest; all of them with `--all`.
fn extremes(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by(|a, b| a.ratio.median.total_cmp(&b.ratio.median));
    if rows.len() > 2 && !std::env::args().any(|it| it == "--all") {
        rows.drain(1..rows.len() - 1);
    }
    rows
}

fn padded(ordinary: Ordinary, region: &Region) -> Table {
    let title = "Types with padding, which is never stored: no target";
    let mut table = Table::new("copy", title, Pace::COPIES);
    padded_rows::<GameState>(
        &mut table,
        ordinary,
        region,
        "GameState (3 of 8 B are padding)",
    );
    padded_rows::<Entity>(&mut table, ordinary, region, "Entity (16 of 64 B)");
    padded_rows::<[Entity; 16]>(
        &mut table,
        ordinary,
        region,
        "[Entity; 16] (256 B of 1 KiB)",
    );
    padded_rows::<[Entity; 1024]>(
        &mut table,
        ordinary,
        region,
        "[Entity; 1024] (16 of 64 KiB)",
    );
    table
}

fn padded_rows<T: SharedData + win_shared_memory::AnyBytes>(
    table: &mut Table,
    ordinary: Ordinary,
    region: &Region,
    what: &str,
) {
    let link = region.link::<T>();
    let len = size_of::<T>();
    table.row(
        &format!("link.write, {what}"),
        None,
        || ordinary.copy(0, 0, len),
        || link.write(&ordinary.from::<T>(0, 1)[0]),
    );
    table.row(
        &format!("link.read_into, {what}"),
        None,
        || ordinary.copy(0, 0, len),
        || link.read_into(&mut ordinary.to::<T>(0, 1)[0]),
    );
}

/// Of a constant size, up to some dozens of bytes, the compiler makes instructions of its own from
/// `copy_nonoverlapping`; it calls `memcpy` for more.
fn against_rust(ordinary: Ordinary, region: &Region) -> Table {
    let title = "The floor is ptr::copy_nonoverlapping of as many bytes, a constant";
    let mut table = Table::new("copy", title, Pace::COPIES);
    macro_rules! rust_row {
        ($len:expr, $holder:ident) => {
            let link = region.link::<[u8; $len]>();
            let floor = || {
                // SAFETY: both have that many bytes, and no reference to them is alive.
                unsafe { ptr::copy_nonoverlapping(ordinary.from, ordinary.to, $len) };
                black_box(ordinary.to);
            };
            table.row(
                &format!("link.read_into, {}", label($len)),
                target($len),
                floor,
                || link.read_into(&mut ordinary.to::<[u8; $len]>(0, 1)[0]),
            );
            table.row(
                &format!("link.write, {}", label($len)),
                target($len),
                floor,
                || link.write(&ordinary.from::<[u8; $len]>(0, 1)[0]),
            );
        };
    }
    for_sizes!(rust_row);
    table
}

fn one_field(ordinary: Ordinary, region: &Region) -> Table {
    let title = "One f32 of a struct of 1 MiB; the floor is a volatile load from ordinary memory";
    let mut table = Table::new("copy", title, Pace::COPIES);
    let link = region.link::<Telemetry>();
    let speed = ordinary.from::<f32>(512 * KIB, 1).as_ptr();
    table.row(
        "field!(link.speed).read()",
        None,
        // SAFETY: a reference's own pointer.
        || unsafe { black_box(speed).read_volatile() },
        || field!(black_box(&link), speed).read(),
    );
    table
}

fn controls(ordinary: Ordinary, region: &Region) -> Table {
    let mut table = Table::new("copy", "Controls: memcpy on both sides", Pace::COPIES);
    let memcpy = ordinary.memcpy;
    for len in SIZES {
        table.row(
            &format!("the floor against itself, {}", label(len)),
            None,
            || ordinary.copy(0, 0, len),
            || ordinary.copy(0, 0, len),
        );
    }
    for len in [64 * KIB, MIB, LARGEST] {
        table.row(
            &format!("memcpy out of the view, {}", label(len)),
            None,
            || ordinary.copy(0, 0, len),
            // SAFETY: in bounds; nobody else has the region.
            || unsafe { memcpy.copy(region.view.as_ptr(), ordinary.to, len) },
        );
        table.row(
            &format!("memcpy into the view, {}", label(len)),
            None,
            || ordinary.copy(0, 0, len),
            // SAFETY: as above.
            || unsafe { memcpy.copy(ordinary.from, region.view.as_mut_ptr(), len) },
        );
    }
    table
}
