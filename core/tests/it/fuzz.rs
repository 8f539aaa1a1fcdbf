//! Mutations of good recordings: an error or data within bounds, never a panic or a hang.
//!
//! `cargo test -p winshm-core --release --test it -- --ignored fuzz` goes on for a minute, or for as long as
//! `WIN_SHARED_MEMORY_FUZZ_SECONDS` says. What it finds it writes to `tests/corpus`, which every run tries again.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::{env, fs, thread};

use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use mcap::records::{Record, op};
use winshm_core::Time;
use winshm_core::recording::{Event, Note, Options, Recorder, Recording};

use crate::regions::{car, driven};

/// What no reading of a small file may give: more would be memory that a file only claims.
const LARGEST: usize = 64 << 20;

/// What no reading may take at a time: a chunk, a frame of it and the one before.
const MOST: u64 = 3 * LARGEST as u64;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

/// Keeps the input of a run that panics.
struct Keep<'a>(&'a [u8]);

impl Drop for Keep<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let path = corpus().join(format!("{:08x}.mcap", crc32fast::hash(self.0)));
            fs::write(&path, self.0).ok();
            eprintln!("the input is in {}", path.display());
        }
    }
}

/// A recording with two regions, texts and notes.
fn good() -> Vec<u8> {
    let plan = car();
    let mut file = Cursor::new(Vec::new());
    let mut recorder = Recorder::new(&mut file, Options::default()).unwrap();
    let cars = recorder.add_region("Car", Some(&plan)).unwrap();
    let bytes = recorder.add_region("bytes", None).unwrap();
    for tick in 0..200_u32 {
        let time = Time::from_nanoseconds(1_700_000_000_000_000_000 + u64::from(tick) * 50_000_000);
        recorder.frame(cars, time, &driven(&plan, tick)).unwrap();
        recorder.frame(bytes, time, &tick.to_le_bytes()).unwrap();
    }
    let note = Note::Marker {
        text: "end".to_owned(),
    };
    recorder
        .note(Time::from_nanoseconds(1_700_000_020_000_000_000), &note)
        .unwrap();
    recorder.finish().unwrap();
    file.into_inner()
}

fn mutate(u: &mut Unstructured<'_>, bytes: &mut Vec<u8>) -> Result<()> {
    for _ in 0..u.int_in_range(1..=20)? {
        let at = u.choose_index(bytes.len() + 1)?;
        let len = u.int_in_range(0..=16)?.min(bytes.len() - at);
        match u.int_in_range(0..=4)? {
            0 if at < bytes.len() => bytes[at] ^= 1 << u.int_in_range(0..=7)?,
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..at + len)),
            3 => {
                let part = bytes[at..at + len].to_vec();
                let to = u.choose_index(bytes.len() + 1)?;
                bytes.splice(to..to, part);
            }
            _ => {
                let word: u64 = *u.choose(&[0, 1, u64::MAX, 1 << 31, 1 << 62, 1 << 32])?;
                let end = (at + 8).min(bytes.len());
                bytes[at..end].copy_from_slice(&word.to_le_bytes()[..end - at]);
            }
        }
    }
    Ok(())
}

/// The file with what is in its chunks mutated, and their sums right.
fn with_right_sums(u: &mut Unstructured<'_>, file: &[u8]) -> Result<Vec<u8>> {
    let mut out = file[..8].to_vec();
    let mut at = 8;
    while let Some(head) = file.get(at..at + 9) {
        let len = u64::from_le_bytes(head[1..].try_into().unwrap()) as usize;
        let body = &file[at + 9..at + 9 + len];
        at += 9 + len;
        let mut body = body.to_vec();
        if head[0] == op::CHUNK {
            let Ok(Record::Chunk { header, data }) = mcap::parse_record(op::CHUNK, &body) else {
                unreachable!()
            };
            let mut records = zstd::decode_all(&data[..]).unwrap();
            mutate(u, &mut records)?;
            let mut chunk = Vec::new();
            chunk.extend(header.message_start_time.to_le_bytes());
            chunk.extend(header.message_end_time.to_le_bytes());
            chunk.extend((records.len() as u64).to_le_bytes());
            chunk.extend(crc32fast::hash(&records).to_le_bytes());
            chunk.extend(0_u32.to_le_bytes());
            chunk.extend((records.len() as u64).to_le_bytes());
            chunk.extend(records);
            body = chunk;
        }
        out.push(head[0]);
        out.extend((body.len() as u64).to_le_bytes());
        out.extend(body);
    }
    Ok(out)
}

/// Reads everything, and decodes it, within the memory that it may take.
fn read(file: &[u8]) {
    let _keep = Keep(file);
    let taken = allocation_counter::measure(|| read_all(file)).bytes_max;
    assert!(taken <= MOST, "it took {taken} bytes");
}

fn read_all(file: &[u8]) {
    let Ok(mut recording) = Recording::read(Cursor::new(file)) else {
        return;
    };
    let plans: Vec<_> = recording
        .regions()
        .iter()
        .map(|it| it.plan.clone())
        .collect();
    while let Ok(Some(event)) = recording.next() {
        if let Event::Frame { region, bytes, .. } = event {
            assert!(bytes.len() <= LARGEST);
            if let Some(plan) = &plans[region] {
                plan.view(bytes).walk().count();
            }
        }
    }
}

fn fuzz(milliseconds: u64) {
    let good = good();
    arbtest(|u| {
        let file = if u.ratio(1, 2)? {
            with_right_sums(u, &good)?
        } else {
            let mut file = good.clone();
            mutate(u, &mut file)?;
            file
        };
        read(&file);
        Ok(())
    })
    .budget_ms(milliseconds);
}

#[test]
fn what_was_found_before_is_read() {
    for entry in fs::read_dir(corpus()).unwrap() {
        read(&fs::read(entry.unwrap().path()).unwrap());
    }
}

#[test]
fn mutated_recordings_are_read_for_a_moment() {
    fuzz(500);
}

#[test]
#[ignore = "takes a minute"]
fn fuzz_recordings() {
    let seconds = env::var("WIN_SHARED_MEMORY_FUZZ_SECONDS");
    fuzz(1000 * seconds.map_or(60, |it| it.parse().unwrap()));
}
