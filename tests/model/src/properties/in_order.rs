use std::collections::VecDeque;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::near;
use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::in_order::{self, Next, Slots};
use crate::cores::sequence::Sequence;
use crate::step::die_at;

#[derive(Clone, Copy, Debug)]
enum Act {
    /// So many messages are sent.
    Send(u32),
    /// A sender dies at this step of a message; many are more than there are.
    Die(u32),
    /// The receiver of this number receives, and meanwhile so many messages are sent.
    Receive(usize, u32),
    /// The receiver of this number begins again with the oldest message that is kept.
    Rewind(usize),
}

fn act() -> impl Strategy<Value = Act> {
    let some = select(&[0, 1, 1, 1, 2, 3, 7, 20][..]);
    let few = select(&[0, 0, 0, 0, 1, 2, 5, 17][..]);
    prop_oneof![
        4 => some.prop_map(Act::Send),
        1 => (1..7_u32).prop_map(Act::Die),
        8 => (0..2_usize, few).prop_map(|(receiver, sent)| Act::Receive(receiver, sent)),
        1 => (0..2_usize).prop_map(Act::Rewind),
    ]
}

#[derive(Debug)]
struct Region {
    count: u32,
    latest: AtomicU32,
    words: Vec<[AtomicU32; 3]>,
}

impl Slots for Region {
    fn count(&self) -> u32 {
        self.count
    }

    fn latest(&self) -> &AtomicU32 {
        &self.latest
    }

    fn sequence(&self, slot: u32) -> Sequence<'_> {
        let [lo, hi, _] = &self.words[slot as usize];
        Sequence { lo, hi }
    }
}

impl Region {
    fn new(count: u32) -> Self {
        Self {
            count,
            latest: AtomicU32::new(0),
            words: (0..count).map(|_| Default::default()).collect(),
        }
    }

    fn value(&self, slot: u32) -> &AtomicU32 {
        &self.words[slot as usize][2]
    }

    fn send(&self, version: u64, value: u32) {
        let slot = self.slot_of(version);
        self.sequence(slot).begin(version);
        self.value(slot).store(value, Ordering::Relaxed);
        step!();
        self.sequence(slot).end(version);
        step!();
        self.latest.store(version as u32, Ordering::Release);
        step!();
    }
}

/// What was sent, and what of it is kept.
struct Sent<'a> {
    region: &'a Region,
    last: u64,
    /// Each message has another value.
    values: u32,
    kept: VecDeque<(u64, u32)>,
}

impl Sent<'_> {
    /// A sender that takes over, and dies at a step, if it is given one.
    fn send(&mut self, dies_at: Option<u32>) {
        let next = match in_order::last(self.region) {
            Ok(0) => self.last,
            last => last.unwrap(),
        } + 1;
        assert_eq!(next, self.last + 1);
        // From the first step on, the slot holds no longer what it did.
        self.kept
            .retain(|(version, _)| version + u64::from(self.region.count) > next);
        self.values += 1;
        let value = self.values;
        let send = || self.region.send(next, value);
        let survived = match dies_at {
            Some(step) => die_at(step, send).is_some(),
            None => {
                send();
                true
            }
        };
        // The step after `latest` is the fifth.
        if survived || dies_at == Some(5) {
            self.kept.push_back((next, value));
            self.last = next;
        }
    }

    fn get(&self, version: u64) -> Option<u32> {
        let kept = self.kept.iter().find(|it| it.0 == version)?;
        Some(kept.1)
    }
}

proptest! {
    #[test]
    fn receivers_get_what_a_queue_keeps_or_are_told_exactly_how_many_they_missed(
        count in select(&[4, 8, 16][..]),
        first in near(&[3, 1 << 31, 1 << 32, 1 << 40, 1 << 61]).prop_map(|it| it % (1 << 62)),
        acts in vec(act(), 1..80),
    ) {
        // Each generation counts from a multiple of this.
        let generation = first >> 40 << 40;
        let region = Region::new(count);
        let mut sent = Sent {
            region: &region,
            last: first,
            values: 0,
            kept: VecDeque::new(),
        };
        let oldest = first.saturating_sub(u64::from(count) - 1).max(generation + 1);
        for version in oldest..=first {
            sent.values += 1;
            region.send(version, sent.values);
            sent.kept.push_back((version, sent.values));
        }
        let going_on_with = u64::from(count - (count / 4).max(2));
        let mut receivers = [first; 2];
        for act in acts {
            match act {
                Act::Send(messages) => (0..messages).for_each(|_| sent.send(None)),
                Act::Die(step) => sent.send(Some(step)),
                Act::Rewind(receiver) => {
                    let oldest = in_order::before_oldest(&region, sent.last, generation);
                    // At most one more is there: that which the next message will replace.
                    prop_assert!(sent.kept.front().is_none_or(|it| (oldest..=oldest + 1).contains(&it.0)));
                    receivers[receiver] = oldest;
                }
                Act::Receive(receiver, messages) => {
                    let before = receivers[receiver];
                    let mut seen = before;
                    prop_assert_eq!(in_order::has_next(&region, seen), seen < sent.last);
                    let wanted = sent.get(before + 1);
                    let last = sent.last;
                    let next = in_order::next(&region, &mut seen, |slot| {
                        let value = region.value(slot).load(Ordering::Relaxed);
                        (0..messages).for_each(|_| sent.send(None));
                        value
                    });
                    match next {
                        None => {
                            prop_assert_eq!(before, last);
                            prop_assert_eq!(seen, before);
                        }
                        Some(Next::Value(value)) => {
                            prop_assert_eq!(Some(value), wanted);
                            prop_assert_eq!(sent.get(before + 1), wanted);
                            prop_assert_eq!(seen, before + 1);
                        }
                        Some(Next::Lagged(missed)) => {
                            prop_assert_eq!(sent.get(before + 1), None);
                            prop_assert_eq!(seen, before + missed);
                            let ahead = sent.last - before;
                            prop_assert_eq!(sent.last - seen, (ahead - 1).min(going_on_with));
                        }
                    }
                    receivers[receiver] = seen;
                }
            }
        }
    }
}
