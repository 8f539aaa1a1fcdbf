//! The model of a broadcast: `in_order` and `wake` together, and the word that says whether there is a sender.

use crate::cores::atomic::AtomicU32;
use crate::cores::in_order;
use crate::cores::record::{self, Words};
use crate::cores::wake;
use crate::event::Event;
use crate::explore::{bounded, bounded_for_each_step};
use crate::in_order_model::{Receiver, Shared};
use crate::step::die_at;
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

/// The last version before the first that is sent here: the low word of its sequence carries.
const LAST: u64 = (1 << 31) - 1;

struct Broadcast {
    messages: Arc<Shared>,
    record: Words,
    armed: AtomicU32,
    event: Event,
}

impl Broadcast {
    fn new() -> Arc<Self> {
        let record = Words::default();
        record::register(
            &record,
            Some(crate::ProcessIdentity { id: 1, created: 1 }),
            1,
        );
        Arc::new(Self {
            messages: Shared::after(LAST),
            record,
            armed: AtomicU32::new(0),
            event: Event::new(),
        })
    }

    fn wake(&self) {
        if wake::take(&self.armed) != 0 {
            self.event.set();
        }
    }

    fn send(&self) {
        self.messages.send();
        self.wake();
    }

    fn close(&self) {
        record::unregister(&self.record);
        self.wake();
    }

    /// Receives until the sender has closed: waits without a limit, so a wake-up that is lost is a deadlock, which loom
    /// reports.
    fn receive_until_closed(&self) -> Receiver {
        let mut receiver = Receiver::new(LAST);
        loop {
            receiver.receive_all(&self.messages);
            let record = record::record(&self.record);
            if record.is_some_and(|(_, record)| record.owner.is_none()) {
                // What it has sent before.
                receiver.receive_all(&self.messages);
                return receiver;
            }
            let seen = receiver.seen;
            let is_done = || {
                in_order::has_next(&*self.messages, seen) || record::is_unregistered(&self.record)
            };
            wake::wait(&self.armed, 0, is_done, || self.event.wait());
        }
    }
}

fn spawn_receiver(broadcast: &Arc<Broadcast>) -> JoinHandle<Receiver> {
    let broadcast = broadcast.clone();
    thread::spawn(move || broadcast.receive_until_closed())
}

/// The receiver stores, too, when it arms.
const ORDERS: usize = 2;

#[test]
fn a_receiver_that_waits_gets_every_message_and_the_end() {
    bounded(ORDERS, || {
        let broadcast = Broadcast::new();
        let receiver = spawn_receiver(&broadcast);
        broadcast.send();
        broadcast.close();
        receiver.join().unwrap().assert_complete(LAST, LAST + 1);
    });
}

#[test]
fn a_receiver_that_waits_gets_what_comes_after_a_sender_that_died() {
    let steps = bounded_for_each_step(ORDERS, |step| {
        let broadcast = Broadcast::new();
        let receiver = spawn_receiver(&broadcast);
        // One that dies between taking the bit and setting the event wakes nobody, and leaves that to the receiver's
        // clock, which this model has not.
        let died = die_at(step, || broadcast.messages.send()).is_none();
        // The next one, which wakes all when it has registered.
        broadcast.wake();
        let last = in_order::last(&*broadcast.messages).unwrap();
        broadcast.send();
        broadcast.close();
        receiver.join().unwrap().assert_complete(LAST, last + 1);
        died
    });
    assert_eq!(steps, 5, "as for one that only sends");
}

#[test]
fn a_receiver_that_waits_is_told_of_a_sender_that_sends_nothing() {
    bounded(None, || {
        let broadcast = Broadcast::new();
        let receiver = spawn_receiver(&broadcast);
        broadcast.close();
        receiver.join().unwrap().assert_complete(LAST, LAST);
    });
}
