//! [`Noisy`]

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering, fence};
use std::thread;
use std::time::Duration;

use win_shared_memory::consistency::{Convention, Limits, Reader};
use win_shared_memory::{ReadWrite, Section, View};

use super::fresh_name;
use crate::noise::Noise;
use crate::tool::WATCHDOG;

const SIZE: usize = 64 << 10;

/// A copy differs from the one before in one of so many parts.
const PARTS: u32 = 8;

/// The first 4 bytes are the sequence, which is odd while a program writes.
const LAYOUT: &str = r#"
format = 1
id = "noisy"
consistency = { kind = "sequence", field = "sequence" }
heartbeat = { field = "sequence", frozen_ms = 5000 }
[[struct]]
name = "Noisy"
size = 65536
fields = [{ offset = 0, name = "sequence", type = "u32" }]
"#;

/// A program with a region that nothing compresses, and of which each copy follows from its number. It writes up to 1.6 MB a
/// second until it is dropped.
pub(super) struct Noisy {
    pub(super) name: String,
    written: Arc<AtomicU32>,
    is_over: Arc<AtomicBool>,
    folder: tempfile::TempDir,
}

impl Noisy {
    pub(super) fn start() -> Self {
        let this = Self {
            name: fresh_name(),
            written: Arc::default(),
            is_over: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
        };
        std::fs::write(this.layout(), LAYOUT).unwrap();
        let (written, is_over) = (Arc::clone(&this.written), Arc::clone(&this.is_over));
        let section = Section::<ReadWrite>::create(&this.name, SIZE as u64).unwrap();
        let view = section.map().unwrap();
        view.write_bytes(0, &content(PARTS)).unwrap();
        thread::spawn(move || {
            let _section = section;
            for number in PARTS + 1.. {
                let ordered = || fence(Ordering::SeqCst);
                view.write(0, &(2 * number - 1)).unwrap();
                ordered();
                let part = part(number % PARTS);
                view.write_bytes(part.start, &content(number)[part])
                    .unwrap();
                ordered();
                view.write(0, &(2 * number)).unwrap();
                written.store(number, Ordering::Release);
                thread::sleep(Duration::from_millis(5));
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        this
    }

    /// The file with its layout.
    pub(super) fn layout(&self) -> PathBuf {
        self.folder.path().join("noisy.toml")
    }

    /// The number of the copy that it wrote last.
    pub(super) fn latest(&self) -> u32 {
        self.written.load(Ordering::Acquire)
    }
}

impl Drop for Noisy {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Where a part of a copy is.
fn part(number: u32) -> Range<usize> {
    let len = SIZE / PARTS as usize;
    let begin = number as usize * len;
    begin.max(4)..begin + len
}

/// All bytes of a copy.
fn content(number: u32) -> Vec<u8> {
    let mut bytes = vec![0; SIZE];
    bytes[..4].copy_from_slice(&(2 * number).to_le_bytes());
    for written in number + 1 - PARTS..=number {
        let part = &mut bytes[part(written % PARTS)];
        let noise = Noise::of(written.into()).flat_map(u64::to_le_bytes);
        part.iter_mut()
            .zip(noise)
            .for_each(|(byte, noise)| *byte = noise);
    }
    bytes
}

/// The number of the copy that a region has, which has to be that copy byte for byte.
#[track_caller]
pub(super) fn number(view: &View) -> u32 {
    let sequence = Convention::sequence(view.place::<u32>(0).unwrap());
    let mut bytes = vec![0; SIZE];
    // A mirror may have to wait for a processor while it writes.
    let mut reader = Reader::with_limits(Limits {
        attempts: u32::MAX,
        timeout: WATCHDOG,
        ..Limits::default()
    });
    let copied = reader.read(&sequence, |_| view.read_bytes(0, &mut bytes));
    copied.unwrap().unwrap();
    let number = u32::from_le_bytes(*bytes.first_chunk().unwrap()) / 2;
    let expected = content(number);
    let differs = bytes.iter().zip(&expected).position(|(is, was)| is != was);
    assert_eq!(differs, None, "copy {number} differs from that byte on");
    number
}
