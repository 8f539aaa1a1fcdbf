//! `aida64_reader_rs COUNT`: what the crate aida64-reader-rs reads.

use aida64_reader_rs::shm::read_from_shared_memory;
use clients::Sample;

fn main() {
    for _ in 0..clients::count() {
        for it in read_from_shared_memory().expect("there is no region") {
            Sample::default()
                .with("id", it.id)
                .with("label", it.label)
                .with("value", it.value)
                .print();
        }
    }
}
