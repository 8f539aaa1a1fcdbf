//! Recordings: written, killed, cut, damaged, and read.

use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::time::Duration;

use arbtest::arbtest;
use win_shared_memory_layouts::Plan;
use winshm_core::recording::{Event, Note, OpenError, Options, Recorder, Recording};
use winshm_core::{Selection, State, Time};

use crate::regions::{car, driven, known};

const BEGIN: Time = Time::from_nanoseconds(1_700_000_000_000_000_000);
const FRAME: Duration = Duration::from_millis(20);

/// What a recording has, as a test compares it.
#[derive(Clone, Debug, PartialEq)]
enum Had {
    Frame(usize, Time, Vec<u8>),
    Note(Time, Note),
}

/// Everything in a recording.
fn all(recording: &mut Recording<Cursor<Vec<u8>>>) -> Vec<Had> {
    let mut all = Vec::new();
    while let Some(event) = recording.next().unwrap() {
        all.push(match event {
            Event::Frame {
                region,
                time,
                bytes,
            } => Had::Frame(region, time, bytes.to_vec()),
            Event::Note { time, note } => Had::Note(time, note),
            _ => unreachable!(),
        });
    }
    all
}

/// A recording of a car with this number of frames, and what is in it.
fn recorded(frames: u32, is_finished: bool) -> (Vec<u8>, Vec<Had>) {
    let plan = car();
    let mut file = Cursor::new(Vec::new());
    let mut recorder = Recorder::new(&mut file, Options::default()).unwrap();
    let region = recorder.add_region("Car", Some(&plan)).unwrap();
    let mut had = Vec::new();
    for tick in 0..frames {
        let time = BEGIN + tick * FRAME;
        let bytes = driven(&plan, tick);
        recorder.frame(region, time, &bytes).unwrap();
        had.push(Had::Frame(0, time, bytes));
    }
    if is_finished {
        recorder.finish().unwrap();
    } else {
        // As a kill does: nothing is run any more.
        std::mem::forget(recorder);
    }
    (file.into_inner(), had)
}

#[test]
fn several_regions_and_notes_come_back_in_order() {
    let plan = car();
    let mut file = Cursor::new(Vec::new());
    let mut recorder = Recorder::new(&mut file, Options::default()).unwrap();
    let cars = recorder.add_region(r"Local\Car", Some(&plan)).unwrap();
    let bytes = recorder.add_region("no layout", None).unwrap();
    let mut had = Vec::new();
    for tick in 0..300 {
        let time = BEGIN + tick * FRAME;
        let frame = driven(&plan, tick);
        recorder.frame(cars, time, &frame).unwrap();
        had.push(Had::Frame(0, time, frame));
        let frame = vec![tick as u8; (tick % 7) as usize];
        recorder.frame(bytes, time, &frame).unwrap();
        had.push(Had::Frame(1, time, frame));
        let region = || r"Local\Car".to_owned();
        let note = match tick {
            10 => Note::State {
                region: region(),
                state: State::Frozen,
            },
            20 => Note::Lost {
                region: region(),
                frames: 3,
            },
            30 => Note::Marker {
                text: "\"pit\u{1b}".to_owned(),
            },
            _ => continue,
        };
        recorder.note(time, &note).unwrap();
        had.push(Had::Note(time, note));
    }
    // Added late.
    let late = recorder.add_region("late", None).unwrap();
    let time = BEGIN + 300 * FRAME;
    recorder.frame(late, time, b"late").unwrap();
    had.push(Had::Frame(2, time, b"late".to_vec()));
    assert_eq!(recorder.finish().unwrap().until, Some(time));

    let mut recording = Recording::read(file).unwrap();
    let names: Vec<_> = recording
        .regions()
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, [r"Local\Car", "no layout", "late"]);
    let layout = recording.regions()[0].plan.as_ref().map(Plan::layout);
    assert_eq!(layout, Some(plan.layout()));
    assert!(recording.is_finished());
    assert_eq!(recording.span(), Some((BEGIN, time)));
    assert_eq!(all(&mut recording), had);
    assert!(recording.damage().is_none());
}

#[test]
fn frames_that_are_lost_at_the_beginning_of_a_chunk_damage_nothing() {
    let plan = car();
    let mut file = Cursor::new(Vec::new());
    let mut recorder = Recorder::new(&mut file, Options::default()).unwrap();
    let region = recorder.add_region("Car", Some(&plan)).unwrap();
    let lost = Note::Lost {
        region: "Car".to_owned(),
        frames: 1,
    };
    for tick in 0..300 {
        let time = BEGIN + tick * FRAME;
        if tick % 100 == 0 && tick > 0 {
            recorder.note(time, &lost).unwrap();
        }
        recorder.frame(region, time, &driven(&plan, tick)).unwrap();
    }
    recorder.finish().unwrap();
    let mut recording = Recording::read(file).unwrap();
    assert_eq!(all(&mut recording).len(), 302);
    assert!(recording.damage().is_none(), "{:?}", recording.damage());
}

#[test]
fn a_part_of_a_recording_begins_and_ends_where_it_was_asked_to() {
    let (file, mut had) = recorded(300, true);
    let mut recording = Recording::read(Cursor::new(file)).unwrap();
    let (from, to) = (BEGIN + 100 * FRAME, BEGIN + 210 * FRAME);
    recording.restart(from, to).unwrap();
    had.retain(|it| match it {
        Had::Frame(_, time, _) | Had::Note(time, _) => (from..=to).contains(time),
    });
    assert_eq!(had.len(), 111);
    assert_eq!(all(&mut recording), had);
}

#[test]
fn a_killed_recording_has_all_but_the_last_two_seconds() {
    let (file, had) = recorded(1000, false);
    let mut recording = Recording::read(Cursor::new(file)).unwrap();
    assert!(!recording.is_finished());
    let read = all(&mut recording);
    assert!(had.starts_with(&read));
    let lost = had.len() - read.len();
    assert!(lost <= 101, "{lost} frames of 20 ms are lost");
    assert!(recording.damage().is_none());
}

#[test]
fn a_recording_that_is_cut_anywhere_has_what_was_before() {
    let (file, had) = recorded(500, true);
    for len in (0..file.len())
        .step_by(97)
        .chain(file.len() - 40..file.len())
    {
        match Recording::read(Cursor::new(file[..len].to_vec())) {
            Err(OpenError::Empty | OpenError::NotMcap | OpenError::NoRegion) => {
                assert!(len < 8000, "{len}")
            }
            Err(error) => panic!("{error}"),
            Ok(mut recording) => {
                assert!(!recording.is_finished());
                assert!(had.starts_with(&all(&mut recording)));
            }
        }
    }
}

/// After a power failure, a file can end in zeros: what was not written yet has its room already.
#[test]
fn zeros_at_the_end_are_not_read_as_records() {
    let (file, had) = recorded(500, false);
    let mut ends_in_zeros = file.clone();
    ends_in_zeros.resize(file.len() + (1 << 20), 0);
    let mut recording = Recording::read(Cursor::new(ends_in_zeros)).unwrap();
    let read = all(&mut recording);
    assert!(had.starts_with(&read) && read.len() > had.len() / 2);
    assert_eq!(recording.damage().to_string(), "the end is missing");
    // Nothing of them but the first is looked at: there may be gigabytes.
    assert!(recording.position().unwrap() < file.len() as u64 + 10);
}

#[test]
#[cfg(unix)]
fn what_the_system_says_against_a_file_is_told() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let error = Recording::open(folder).unwrap_err();
    assert!(error.to_string().contains("Is a directory"), "{error}");
    let (pipe, _) = io::pipe().unwrap();
    let pipe = std::fs::File::from(std::os::fd::OwnedFd::from(pipe));
    let error = Recording::read(pipe).unwrap_err();
    assert!(error.to_string().contains("not from a pipe"), "{error}");
}

#[test]
fn what_is_not_damaged_is_read_and_the_rest_is_told() {
    let (file, had) = recorded(1000, true);
    let middle = file.len() / 2;
    let mut damaged = file.clone();
    damaged[middle] ^= 0x10;
    let mut recording = Recording::read(Cursor::new(damaged)).unwrap();
    let read = all(&mut recording);
    assert_eq!(recording.damage().chunks, 1);
    assert_eq!(recording.damage().to_string(), "1 chunk is damaged");
    // 20 ms a frame and two seconds a chunk.
    assert_eq!(had.len() - read.len(), 100);
    assert!(read.iter().all(|it| had.contains(it)));
}

#[test]
fn a_changed_file_is_an_error_or_has_frames_that_were_recorded() {
    let (file, had) = recorded(300, true);
    arbtest(|u| {
        let mut file = file.clone();
        for _ in 0..u.int_in_range(1..=5)? {
            let at = u.choose_index(file.len())?;
            match u.int_in_range(0..=3)? {
                0 => file[at] = u.arbitrary()?,
                1 => file[at] ^= 1 << u.int_in_range(0..=7)?,
                2 => file.truncate(at.max(9)),
                _ => {
                    let word: u64 = *u.choose(&[0, 1, u64::MAX, 1 << 62, 1 << 32])?;
                    let end = (at + 8).min(file.len());
                    file[at..end].copy_from_slice(&word.to_le_bytes()[..end - at]);
                }
            }
            if file.is_empty() {
                break;
            }
        }
        if let Ok(mut recording) = Recording::read(Cursor::new(file)) {
            // What stands outside of chunks has no sum that would tell of a change.
            assert!(all(&mut recording).len() <= 2 * had.len());
        }
        Ok(())
    })
    .budget_ms(1000);
}

#[test]
fn what_is_not_a_recording_is_told_apart() {
    for (file, is_expected) in [
        (
            &b""[..],
            (|it| matches!(it, OpenError::Empty)) as fn(&_) -> bool,
        ),
        (b"\x89MCAP", |it| matches!(it, OpenError::NotMcap)),
        (b"PNG, perhaps", |it| matches!(it, OpenError::NotMcap)),
        (b"\x89MCAP0\r\n", |it| matches!(it, OpenError::NoRegion)),
    ] {
        let error = Recording::read(Cursor::new(file.to_vec())).unwrap_err();
        assert!(is_expected(&error), "{error}");
    }
}

#[test]
fn decoded_values_are_recorded_if_they_are_small_or_asked_for() {
    let topics = |plan: &Plan, bytes: &[u8], fields: &[&str]| {
        let mut file = Cursor::new(Vec::new());
        let mut options = Options::default();
        options.fields = Selection::new(fields.iter().copied());
        let mut recorder = Recorder::new(&mut file, options).unwrap();
        let region = recorder.add_region("R", Some(plan)).unwrap();
        recorder.frame(region, BEGIN, bytes).unwrap();
        recorder.finish().unwrap();
        let summary = mcap::Summary::read(file.get_ref()).unwrap().unwrap();
        let mut topics: Vec<_> = summary
            .channels
            .values()
            .map(|it| it.topic.clone())
            .collect();
        topics.sort();
        topics
    };
    let car = car();
    assert_eq!(topics(&car, &driven(&car, 1), &[]), ["/R", "/R/raw"]);
    let large = known("automobilista2");
    let bytes = vec![1; large.size()];
    assert_eq!(topics(&large, &bytes, &[]), ["/R/raw"]);
    assert_eq!(topics(&large, &bytes, &["mSpeed"]), ["/R", "/R/raw"]);
}

#[test]
fn the_fields_that_were_chosen_come_back_from_a_killed_recording() {
    for fields in [&[][..], &["mSpeed", r#"wheels["a\b"].*"#]] {
        let mut options = Options::default();
        options.fields = Selection::new(fields.iter().copied());
        let mut file = Cursor::new(Vec::new());
        let mut recorder = Recorder::new(&mut file, options.clone()).unwrap();
        recorder.add_region("R", None).unwrap();
        std::mem::forget(recorder);
        let recording = Recording::read(file).unwrap();
        assert!(!recording.is_finished());
        assert_eq!(*recording.fields(), options.fields);
    }
}

/// A disk with so much room.
struct Disk {
    file: Cursor<Vec<u8>>,
    room: usize,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = bytes.len().min(self.room);
        if len == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.room -= len;
        self.file.write(&bytes[..len])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Disk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[test]
fn a_full_disk_is_told_with_the_time_up_to_which_the_file_is_good() {
    let plan = car();
    let mut disk = Disk {
        file: Cursor::new(Vec::new()),
        room: 20_000,
    };
    let mut recorder = Recorder::new(&mut disk, Options::default()).unwrap();
    let region = recorder.add_region("Car", Some(&plan)).unwrap();
    let error = (0..10_000).find_map(|tick| {
        let frame = driven(&plan, tick);
        recorder.frame(region, BEGIN + tick * FRAME, &frame).err()
    });
    let error = error.expect("the disk is full");
    assert!(error.is_full());
    let safe = error.safe_until().unwrap();
    assert!(error.to_string().contains(&safe.to_string()), "{error}");
    drop(recorder);

    let mut recording = Recording::read(disk.file).unwrap();
    let read = all(&mut recording);
    let Some(Had::Frame(_, last, _)) = read.last() else {
        panic!("{read:?}")
    };
    assert!(*last >= safe);
}

#[test]
fn a_frame_is_refused_if_it_could_not_be_read() {
    const MIB: usize = 1 << 20;
    // Incompressible, so that chunks are as long as they can be.
    let mut state = 1_u64;
    let random = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as u8
    });
    let frame: Vec<u8> = random.take(56 * MIB + 1).collect();
    let mut file = Cursor::new(Vec::new());
    let mut recorder = Recorder::new(&mut file, Options::default()).unwrap();
    let region = recorder.add_region("large", None).unwrap();
    let small = &frame[..MIB / 2];
    recorder.frame(region, BEGIN, small).unwrap();
    let error = recorder.frame(region, BEGIN, &frame).unwrap_err();
    assert!(!error.is_full());
    assert!(error.to_string().contains("too long"), "{error}");
    let longest = &frame[..56 * MIB];
    recorder.frame(region, BEGIN, longest).unwrap();
    recorder.finish().unwrap();

    let mut recording = Recording::read(file).unwrap();
    for expected in [small, longest] {
        let Some(Event::Frame { bytes, .. }) = recording.next().unwrap() else {
            panic!("{recording:?}")
        };
        assert!(bytes == expected);
    }
    assert!(recording.next().unwrap().is_none());
    assert!(recording.damage().is_none());
}

#[test]
fn a_chunk_that_is_too_long_is_told() {
    let (mut file, _) = recorded(10, false);
    // Zeros, as long as the record of a chunk says.
    let len = (64 << 20) + 1;
    file.push(6);
    file.extend((len as u64).to_le_bytes());
    file.resize(file.len() + len, 0);
    let mut recording = Recording::read(Cursor::new(file)).unwrap();
    all(&mut recording);
    assert_eq!(recording.damage().chunks, 1);
}
