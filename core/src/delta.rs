//! Frames of a region as what has changed since the frame before.
//!
//! A message is one byte, its kind, and what that asks for:
//!
//! - 0, a *key*: the bytes of the frame.
//! - 1, a *delta*: a number of runs; for each of them, how many bytes are skipped since the end of the run before and how
//!   many bytes it has, these numbers as LEB128; then the bytes of all runs, each XOR what it was. The frame has as many
//!   bytes as the one before.
//! - 2, a *gap*: nothing. Frames were lost here.
//!
//! XOR, and not the new bytes: what changes little is then mostly zeros, which compress better.

use std::fmt;

pub(crate) const KEY: u8 = 0;
const DELTA: u8 = 1;
const GAP: u8 = 2;

/// Runs that are closer than this are one: a run costs at least two bytes.
const MERGED: usize = 5;

/// The message of a frame that stands alone.
pub(crate) fn key(frame: &[u8], message: &mut Vec<u8>) {
    message.clear();
    message.push(KEY);
    message.extend_from_slice(frame);
}

/// The message that frames were lost.
pub(crate) fn gap(message: &mut Vec<u8>) {
    message.clear();
    message.push(GAP);
}

/// The message of a frame that follows `last`; a key where that is not longer.
pub(crate) fn delta(last: &[u8], frame: &[u8], message: &mut Vec<u8>) {
    if last.len() != frame.len() {
        return key(frame, message);
    }
    let runs = runs(last, frame);
    message.clear();
    message.push(DELTA);
    number(runs.len(), message);
    let mut end = 0;
    for &(from, to) in &runs {
        number(from - end, message);
        number(to - from, message);
        end = to;
    }
    let changed: usize = runs.iter().map(|(from, to)| to - from).sum();
    if message.len() + changed > frame.len() + 1 {
        return key(frame, message);
    }
    for (from, to) in runs {
        let changes = last[from..to].iter().zip(&frame[from..to]);
        message.extend(changes.map(|(a, b)| a ^ b));
    }
}

/// The runs of bytes that differ, each from and to an offset.
fn runs(last: &[u8], frame: &[u8]) -> Vec<(usize, usize)> {
    const WORD: usize = 64;
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let words = last.chunks(WORD).zip(frame.chunks(WORD)).enumerate();
    for (word, (a, b)) in words.filter(|(_, (a, b))| a != b) {
        for (at, _) in a.iter().zip(b).enumerate().filter(|(_, (a, b))| a != b) {
            let at = word * WORD + at;
            match runs.last_mut() {
                Some((_, end)) if at - *end < MERGED => *end = at + 1,
                _ => runs.push((at, at + 1)),
            }
        }
    }
    runs
}

/// What a message was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    Frame,
    Gap,
}

/// A message that is not one, or not one that follows the frame before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Malformed;

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a frame is malformed")
    }
}

impl std::error::Error for Malformed {}

/// Makes `frame`, which is the frame before, the one of this message. Never allocates more than the message has; after an
/// error, only a key can follow.
pub(crate) fn apply(message: &[u8], frame: &mut Vec<u8>) -> Result<Applied, Malformed> {
    let (kind, mut rest) = message.split_first().ok_or(Malformed)?;
    match *kind {
        KEY => {
            frame.clear();
            frame.extend_from_slice(rest);
            Ok(Applied::Frame)
        }
        DELTA => {
            let count = take_number(&mut rest)?;
            let mut pairs = rest;
            let mut changes = rest;
            for _ in 0..count {
                take_number(&mut changes)?;
                take_number(&mut changes)?;
            }
            let mut at = 0_usize;
            for _ in 0..count {
                let skip = take_number(&mut pairs)?;
                let len = take_number(&mut pairs)?;
                let from = at.checked_add(skip).ok_or(Malformed)?;
                at = from.checked_add(len).ok_or(Malformed)?;
                let bytes = frame.get_mut(from..at).ok_or(Malformed)?;
                let (run, more) = changes.split_at_checked(len).ok_or(Malformed)?;
                changes = more;
                bytes.iter_mut().zip(run).for_each(|(byte, it)| *byte ^= it);
            }
            changes
                .is_empty()
                .then_some(Applied::Frame)
                .ok_or(Malformed)
        }
        GAP if rest.is_empty() => Ok(Applied::Gap),
        _ => Err(Malformed),
    }
}

fn number(mut number: usize, message: &mut Vec<u8>) {
    while number >= 0x80 {
        message.push(number as u8 | 0x80);
        number >>= 7;
    }
    message.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Result<usize, Malformed> {
    let mut number = 0;
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first().ok_or(Malformed)?;
        *bytes = rest;
        let digit = usize::from(byte & 0x7f);
        if digit << shift >> shift != digit {
            return Err(Malformed);
        }
        number |= digit << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Malformed)
}

#[cfg(test)]
mod tests {
    use arbtest::arbtest;

    use super::{Applied, apply, delta, gap, key};

    #[test]
    fn frames_come_back_as_they_were() {
        arbtest(|u| {
            let mut last: Vec<u8> = u.arbitrary()?;
            let mut told = Vec::new();
            let mut message = Vec::new();
            key(&last, &mut message);
            assert_eq!(apply(&message, &mut told), Ok(Applied::Frame));
            for _ in 0..u.int_in_range(0..=8)? {
                let mut frame = last.clone();
                if u.ratio(1, 8)? {
                    frame = u.arbitrary()?;
                } else if !frame.is_empty() {
                    for _ in 0..u.int_in_range(0..=20)? {
                        let at = u.choose_index(frame.len())?;
                        frame[at] = u.arbitrary()?;
                    }
                }
                delta(&last, &frame, &mut message);
                assert!(message.len() <= frame.len() + 1);
                assert_eq!(apply(&message, &mut told), Ok(Applied::Frame));
                assert_eq!(told, frame);
                last = frame;
            }
            Ok(())
        });
    }

    #[test]
    fn a_small_change_of_a_large_frame_is_a_small_message() {
        let last = vec![7; 1 << 20];
        let mut frame = last.clone();
        (frame[1000], frame[1004], frame[900_000]) = (1, 2, 3);
        let mut message = Vec::new();
        delta(&last, &frame, &mut message);
        assert!(message.len() <= 16, "{message:?}");
    }

    #[test]
    fn frames_that_were_lost_are_told() {
        let mut message = Vec::new();
        gap(&mut message);
        assert_eq!(apply(&message, &mut vec![1]), Ok(Applied::Gap));
    }

    #[test]
    fn a_hostile_message_is_an_error_or_a_frame_of_its_size() {
        arbtest(|u| {
            let len = u.arbitrary_len::<u8>()?.min(1000);
            let mut frame = vec![0; len];
            let message = u.bytes(u.len())?;
            if apply(message, &mut frame) == Ok(Applied::Frame) {
                assert!(frame.len() == len || frame.len() + 1 == message.len());
            }
            Ok(())
        });
    }
}
