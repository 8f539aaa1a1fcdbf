//! Snapshots, broadcasts, channels, shared mutexes and wake-ups, with the other party in another process: this program
//! starts itself again.
//!
//! What a reader pays depends on what the writer does meanwhile, so both sides of a row are measured
//! under the same writer. It publishes as fast as it can, 10 000 or 60 times a second, or never. The
//! floor copies the bytes of a slot without asking whether they are whole.
//!
//! `-- --long` reads for 60 s under the fastest writer instead of 10 s, and waits a million times for a message behind
//! stores instead of 20 000 times.

mod broadcasting;
mod locking;
mod messages;
mod publishing;
mod reading;
mod settling;
mod slices;
mod spinning;
mod waking;

use std::process;
use std::time::Duration;

use bench::Orders;

use crate::reading::Reads;

const KIB: usize = 1 << 10;

/// All of it together takes two or three minutes.
const LIMIT: Duration = Duration::from_secs(15 * 60);

/// What a peer is told to do.
mod mode {
    pub(super) const IDLE: u32 = 1;
    pub(super) const HZ_60: u32 = 2;
    pub(super) const KHZ_10: u32 = 3;
    pub(super) const CONTINUOUS: u32 = 4;
    /// As fast as it can, without any protocol.
    pub(super) const FLOOR: u32 = 5;
    pub(super) const OURS: u32 = 6;
    pub(super) const SENDS: u32 = 7;
    pub(super) const MAILBOX: u32 = 8;
}

const WRITERS: [(&str, u32); 4] = [
    ("idle", mode::IDLE),
    ("60 Hz", mode::HZ_60),
    ("10 kHz", mode::KHZ_10),
    ("continuous", mode::CONTINUOUS),
];

/// A value of that many bytes.
type Value<const WORDS: usize> = [u64; WORDS];
const SMALL: usize = 64 / 8;
const MIDDLE: usize = KIB / 8;
const LARGE: usize = 64 * KIB / 8;

/// A value whose first and last word are the same.
fn mark<const WORDS: usize>(value: &mut Value<WORDS>, with: u64) {
    value[0] = with;
    value[WORDS - 1] = with;
}

fn is_whole<const WORDS: usize>(value: &Value<WORDS>) -> bool {
    value[0] == value[WORDS - 1]
}

fn label(words: usize) -> String {
    match words * 8 {
        bytes @ 0..KIB => format!("{bytes} B"),
        bytes => format!("{} KiB", bytes / KIB),
    }
}

/// A name nobody else has.
fn name(what: &str) -> String {
    format!(r"Local\bench-snapshot-{}-{what}", process::id())
}

fn wide(name: &str) -> Vec<u16> {
    name.encode_utf16().chain([0]).collect()
}

fn main() {
    bench::watchdog(LIMIT);
    if let Some(orders) = Orders::given() {
        return peer(&orders);
    }
    let mut reads = Reads::new();
    reads.measure::<SMALL>("writer-64");
    reads.measure::<MIDDLE>("writer-1K");
    reads.measure::<LARGE>("writer-64K");
    print!("{}{}", bench::machine(), reads);
    print!("{}", publishing::table());
    print!("{}", slices::table());
    print!("{}", broadcasting::table());
    print!("{}", messages::table());
    print!("{}", locking::table());
    print!("{}", waking::table());
    print!("{}", spinning::table());
    print!("{}", settling::count());
    print!("{}", reading::long_run());
}

fn peer(orders: &Orders) {
    match orders.role.as_str() {
        "writer-64" => reading::write::<SMALL>(orders),
        "writer-1K" => reading::write::<MIDDLE>(orders),
        "writer-64K" => reading::write::<LARGE>(orders),
        "locker-64" => locking::lock::<SMALL>(orders),
        "locker-64K" => locking::lock::<LARGE>(orders),
        "waker" => waking::wake(orders),
        "sender-behind-stores" => settling::send(orders),
        "echo" => spinning::echo(orders),
        "receiver-64" => broadcasting::receive::<SMALL>(orders),
        "receiver-4K" => broadcasting::receive::<{ broadcasting::PAGE }>(orders),
        "answer-64" => messages::answer::<SMALL>(orders),
        "answer-4K" => messages::answer::<{ broadcasting::PAGE }>(orders),
        "drain-64" => messages::drain::<SMALL>(orders),
        "drain-4K" => messages::drain::<{ broadcasting::PAGE }>(orders),
        "drain-64K" => messages::drain::<LARGE>(orders),
        role => panic!("{role}: no role"),
    }
}
