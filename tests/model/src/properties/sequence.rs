use proptest::array::uniform5;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::near;
use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::sequence::Sequence;
use crate::step::die_at;

const WORDS: usize = 4;

/// What a writer does between two points at which a reader may look.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Dies in `begin`.
    BeginHalf(u64),
    Begin(u64),
    Store(usize),
    End(u64),
}

/// The steps of one writer after the other. Each value is given as how far its version is ahead of the
/// one before, and after how many steps its writer dies; many are more than there are.
fn steps() -> impl Strategy<Value = (u64, Vec<Step>)> {
    // The same version again of a value that was not finished; the same low word again.
    let ahead = select(&[0, 1, 1, 2, 1 << 31, 1 << 32][..]);
    let first = near(&[0, 1 << 31, 1 << 32, 1 << 63]).prop_map(version);
    (first, vec((ahead, 0..12_usize), 0..24)).prop_map(|(first, values)| {
        let mut steps = vec![Step::End(first)];
        let mut last = first;
        for (ahead, lives) in values {
            let is_finished = matches!(steps.last(), Some(Step::End(_)));
            last = version(last + ahead.max(is_finished.into()));
            let all = [Step::Begin(last)]
                .into_iter()
                .chain((0..WORDS).map(Step::Store))
                .chain([Step::End(last)]);
            match lives {
                0 => steps.push(Step::BeginHalf(last)),
                _ => steps.extend(all.take(lives)),
            }
        }
        (first, steps.split_off(1))
    })
}

/// The sequence is twice the version.
fn version(number: u64) -> u64 {
    number % (1 << 63)
}

#[derive(Debug)]
struct Slot {
    lo: AtomicU32,
    hi: AtomicU32,
    value: [AtomicU32; WORDS],
}

impl Slot {
    fn sequence(&self) -> Sequence<'_> {
        Sequence {
            lo: &self.lo,
            hi: &self.hi,
        }
    }
}

/// The steps to come, and what they have led to.
struct History {
    steps: std::vec::IntoIter<Step>,
    /// How many values were begun. Each has its number in all words.
    begun: u32,
    /// The last version and value; `None` from where another is begun until it is finished.
    whole: Option<(u64, [u32; WORDS])>,
}

impl History {
    /// Takes so many steps; tells whether there are more.
    fn go_on(&mut self, slot: &Slot, steps: usize) -> bool {
        for step in self.steps.by_ref().take(steps) {
            match step {
                Step::BeginHalf(version) => {
                    assert_eq!(die_at(1, || slot.sequence().begin(version)), None);
                }
                Step::Begin(version) => slot.sequence().begin(version),
                Step::Store(at) => slot.value[at].store(self.begun, Ordering::Relaxed),
                Step::End(version) => slot.sequence().end(version),
            }
            self.whole = match step {
                Step::BeginHalf(_) | Step::Begin(_) => {
                    self.begun += 1;
                    None
                }
                Step::Store(_) => None,
                Step::End(version) => Some((version, [self.begun; WORDS])),
            };
        }
        self.steps.len() > 0
    }
}

proptest! {
    /// Readers find the last value, whole, unless one is being written or was begun while they copied.
    #[test]
    fn readers_find_the_last_value_whole_or_nothing(
        (first, steps) in steps(),
        // How many steps are taken before each read, before each word of it, and behind the last.
        reads in vec((0..8_usize, uniform5(select(&[0, 0, 0, 1, 2, 8][..]))), 1..20),
    ) {
        let slot = Slot {
            lo: AtomicU32::new(0),
            hi: AtomicU32::new(0),
            value: [0; WORDS].map(AtomicU32::new),
        };
        slot.sequence().begin(first);
        slot.sequence().end(first);
        let mut history = History {
            steps: steps.into_iter(),
            begun: 0,
            whole: Some((first, [0; WORDS])),
        };
        for (before, during) in reads {
            history.go_on(&slot, before);
            let (begun, whole) = (history.begun, history.whole);
            let read = slot.sequence().read(|_| true, || {
                let mut value = [0; WORDS];
                for (at, word) in value.iter_mut().enumerate() {
                    history.go_on(&slot, during[at]);
                    *word = slot.value[at].load(Ordering::Relaxed);
                }
                history.go_on(&slot, during[WORDS]);
                value
            });
            prop_assert_eq!(read, whole.filter(|_| history.begun == begun));
        }
        while history.go_on(&slot, 1) {}
        let load = || slot.value.each_ref().map(|it| it.load(Ordering::Relaxed));
        let read = slot.sequence().read(|_| true, load);
        prop_assert_eq!(read, history.whole);
    }
}
