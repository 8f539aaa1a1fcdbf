//! What the programs of `peers` print that read the regions of others.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::mpsc;
use std::thread;

use crate::tool::WATCHDOG;

/// The values of one read, by name.
pub(crate) type Sample = BTreeMap<String, String>;

/// All that a client reads, to its end. One that prints nothing for too long is ended.
#[track_caller]
pub(crate) fn samples(name: &str, mut child: Child) -> Vec<Sample> {
    let (sender, lines) = mpsc::channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    thread::spawn(move || out.lines().try_for_each(|line| sender.send(line.unwrap())));
    let mut samples = vec![Sample::new()];
    loop {
        match lines.recv_timeout(WATCHDOG) {
            Ok(line) if line.is_empty() => samples.push(Sample::new()),
            Ok(line) => {
                let (name, value) = line.split_once('=').expect(&line);
                let sample = samples.last_mut().unwrap();
                sample.insert(name.to_owned(), value.to_owned());
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                child.kill().ok();
                panic!("{name} hangs after {samples:?}");
            }
        }
    }
    let status = child.wait().unwrap();
    assert!(status.success(), "{name}: {status}, {samples:?}");
    assert_eq!(samples.pop(), Some(Sample::new()), "{name}");
    samples
}

/// A sample has these values: `name=value`.
#[track_caller]
pub(crate) fn assert_has(sample: &Sample, expected: &[&str]) {
    for expected in expected {
        let (name, value) = expected.split_once('=').unwrap();
        let found = sample.get(name).map(String::as_str);
        assert_eq!(found, Some(value), "{name} of {sample:?}");
    }
}

/// Every value was served, and none is older than the one before. A client that does not check its samples can promise
/// no more.
#[track_caller]
pub(crate) fn assert_moving(samples: &[Sample], names: &[&str]) {
    for name in names {
        let texts = samples.iter().map(|it| &it[*name]);
        let mut numbers: Vec<f64> = texts.map(|it| it.parse().expect(it)).collect();
        assert!(numbers.is_sorted(), "{name} goes back: {numbers:?}");
        numbers.dedup();
        assert!(numbers.len() > 20, "{name}: {numbers:?}");
    }
}

/// No sample has values of two writes.
#[track_caller]
pub(crate) fn assert_whole(samples: &[Sample], names: &[&str]) {
    assert_moving(samples, names);
    for sample in samples {
        let first = &sample[names[0]];
        let is_whole = names.iter().all(|it| sample[*it] == *first);
        assert!(is_whole, "{sample:?}");
    }
}
