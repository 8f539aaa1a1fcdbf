//! The model of `ends`.

use loom::sync::Arc;
use loom::thread;

use crate::cores::atomic::{AtomicU32, Ordering};
use crate::cores::ends::{End, Holder};
use crate::cores::wake;
use crate::data::identity::ProcessIdentity;
use crate::event::Event;
use crate::explore::{bounded, bounded_for_each_step};
use crate::step::die_at;

const LAST: ProcessIdentity = ProcessIdentity { id: 1, created: 10 };
const NEXT: ProcessIdentity = ProcessIdentity { id: 2, created: 20 };

struct Shared {
    end: [AtomicU32; 4],
    /// What is sent before the end is left.
    sent: AtomicU32,
    sleeps: AtomicU32,
    ready: Event,
}

impl Shared {
    fn new(id: u32, joins: u32, created: u32) -> Arc<Self> {
        Arc::new(Self {
            end: [id, joins, created, 0].map(AtomicU32::new),
            sent: AtomicU32::new(0),
            sleeps: AtomicU32::new(0),
            ready: Event::new(),
        })
    }

    fn end(&self) -> End<'_> {
        End(&self.end)
    }
}

#[test]
fn whoever_sleeps_is_woken_when_the_other_leaves_and_has_all_that_was_sent() {
    bounded(3, || {
        let shared = Shared::new(LAST.id, 2, 10);
        let leaves = thread::spawn({
            let shared = shared.clone();
            move || {
                shared.sent.store(1, Ordering::Relaxed);
                shared.end().leave();
                if wake::take(&shared.sleeps) != 0 {
                    shared.ready.set();
                }
            }
        });
        while !shared.end().is_left() {
            wake::wait(
                &shared.sleeps,
                0,
                || shared.end().is_left(),
                || shared.ready.wait(),
            );
        }
        assert_eq!(shared.sent.load(Ordering::Relaxed), 1);
        leaves.join().unwrap();
    });
}

/// A look may find the last process or the next one, or the id of one with the time of the other, which is nobody.
#[test]
fn an_end_that_is_taken_over_never_seems_to_have_been_left() {
    let steps = bounded_for_each_step(3, |step| {
        let shared = Shared::new(LAST.id, 2, 10);
        let joins = thread::spawn({
            let shared = shared.clone();
            move || die_at(step, || shared.end().join(NEXT)).is_none()
        });
        for _ in 0..2 {
            assert!(!shared.end().is_left());
            let Holder::Process(found) = shared.end().holder() else {
                panic!("left");
            };
            assert!([LAST.id, NEXT.id].contains(&found.id));
            // The next one's id stands for its own time.
            assert!(found.id != NEXT.id || found.created == NEXT.created);
        }
        let died = joins.join().unwrap();
        // One that died at that is taken over as any other.
        shared.end().join(NEXT);
        assert_eq!(shared.end().holder(), Holder::Process(NEXT));
        died
    });
    assert_eq!(steps, 5);
}

#[test]
fn an_end_that_was_left_is_joined_or_left_and_nothing_else() {
    bounded(3, || {
        let shared = Shared::new(0, 2, 10);
        let joins = thread::spawn({
            let shared = shared.clone();
            move || shared.end().join(NEXT)
        });
        let found = shared.end().holder();
        assert!([Holder::Left, Holder::Process(NEXT)].contains(&found));
        joins.join().unwrap();
        assert!(!shared.end().is_left());
        assert_eq!(shared.end().holder(), Holder::Process(NEXT));
    });
}
