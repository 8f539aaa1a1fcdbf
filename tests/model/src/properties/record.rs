use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use super::near;
use crate::cores::atomic::Ordering;
use crate::cores::record::{
    Header, Kind, Record, Words, header, record, register, sequence, settled_record, unregister,
    write_header,
};
use crate::data::identity::ProcessIdentity;
use crate::step::die_at;

const KIND: Kind = Kind::Snapshot;
/// To die at the last one, or later than that, is to have finished.
const HEADER_STEPS: u32 = 5;
const RECORD_STEPS: u32 = 7;

#[derive(Clone, Debug)]
enum Act {
    Register {
        owner: Option<ProcessIdentity>,
        /// With a payload of a generation of its own.
        anew: bool,
        /// The step to die at; 0 or more than there are for none.
        step: u32,
    },
    Unregister,
}

fn act() -> impl Strategy<Value = Act> {
    let owner = (1..=u32::MAX, any::<u64>());
    let owner = owner.prop_map(|(id, created)| ProcessIdentity { id, created });
    let register = (weighted(0.9, owner), any::<bool>(), 0..15_u32);
    prop_oneof![
        3 => register.prop_map(|(owner, anew, step)| Act::Register { owner, anew, step }),
        1 => Just(Act::Unregister),
    ]
}

/// What a reader and a successor should find.
struct Expected {
    sequence: u32,
    is_ready: bool,
    /// The last one that is whole.
    record: Record,
    /// Those of payloads that are complete, which a successor may find: one, unless half a record was
    /// written over.
    generations: Vec<u64>,
}

impl Expected {
    fn is_half(&self) -> bool {
        self.sequence % 2 != 0
    }

    /// What is there after so many steps of a registration.
    fn register(&mut self, record: Record, steps: u32) {
        match steps {
            0 => {}
            RECORD_STEPS.. => {
                self.sequence = (self.sequence | 1).wrapping_add(1);
                self.record = record;
                self.generations = vec![record.generation];
            }
            _ => {
                self.sequence |= 1;
                self.generations.push(record.generation);
            }
        }
    }

    fn assert_found(&self, words: &Words) -> Result<(), TestCaseError> {
        let ready = if self.is_ready {
            Header::Ready
        } else {
            Header::Unfinished
        };
        prop_assert_eq!(header(words, KIND), ready);
        prop_assert_eq!(sequence(words), self.sequence);
        let whole = Some((self.sequence, self.record)).filter(|_| !self.is_half());
        prop_assert_eq!(record(words), whole);
        let settled = settled_record(words);
        prop_assert_eq!(settled.owner, whole.and_then(|it| it.1.owner));
        prop_assert!(self.generations.contains(&settled.generation));
        Ok(())
    }
}

proptest! {
    /// Readers find the last record, whole, or none; a successor finds a generation whose payload is
    /// complete, or none.
    #[test]
    fn records_are_found_whole_or_not_at_all(
        first in near(&[0, 1 << 31, 1 << 32]),
        acts in vec(act(), 0..20),
    ) {
        let words = Words::default();
        let mut expected = Expected {
            sequence: first as u32,
            is_ready: first as u32 != 0,
            record: Record { owner: None, generation: 0 },
            generations: vec![0],
        };
        if expected.is_ready {
            write_header(&words, KIND, 0);
            words[4].store(expected.sequence, Ordering::Relaxed);
        }
        for act in acts {
            match act {
                Act::Register { owner, anew, step } => {
                    let last = settled_record(&words).generation;
                    let generation = last + u64::from(anew || last == 0);
                    let header_steps = if expected.is_ready { 0 } else { HEADER_STEPS };
                    let lives = die_at(step, || {
                        if header(&words, KIND) == Header::Unfinished {
                            write_header(&words, KIND, 0);
                        }
                        register(&words, owner, generation);
                    });
                    let steps = lives.map_or(step, |()| header_steps + RECORD_STEPS);
                    expected.is_ready |= steps >= header_steps;
                    let record = Record { owner, generation };
                    expected.register(record, steps.saturating_sub(header_steps));
                }
                // The process that registered by half has died.
                Act::Unregister if expected.is_half() => {}
                Act::Unregister => {
                    unregister(&words);
                    expected.record.owner = None;
                }
            }
            expected.assert_found(&words)?;
        }
    }
}
