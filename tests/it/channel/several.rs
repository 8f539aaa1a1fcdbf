//! Several senders at once, each with a lane of its own.

use std::thread;

use win_shared_memory::channel::{Receiver, Sender};
use win_shared_memory::{SharedMemoryError, SharedMemoryOptions};

use crate::support::{Child, PATIENCE, Parent, fresh_name, watchdog};

/// As many as a channel can have.
const MOST: usize = 31;

/// Which sender, and the number of its message.
type Message = [u64; 2];

fn receiver(name: &str, senders: usize) -> Receiver<Message> {
    let mut options = SharedMemoryOptions::new();
    options.capacity(8).senders(senders as u32);
    Receiver::register_with(name, &options).unwrap()
}

/// Sends until nobody receives.
fn send_for_ever(who: u64, mut sender: Sender<Message>) {
    for number in 0.. {
        match sender.send(&[who, number]) {
            Ok(()) => {}
            Err(error) if error.is_disconnected() => return,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_sends() {
    let Some(parent) = Parent::find() else { return };
    let sender = Sender::open(parent.argument(0)).unwrap();
    send_for_ever(parent.argument(1).parse().unwrap(), sender);
}

/// What has come from each sender.
struct Incoming {
    receiver: Receiver<Message>,
    lanes: [Option<usize>; MOST],
    counts: [u64; MOST],
}

impl Incoming {
    fn new(receiver: Receiver<Message>) -> Self {
        Self {
            receiver,
            lanes: [None; MOST],
            counts: [0; MOST],
        }
    }

    /// Receives a message, which is the next of its sender and comes from its lane; returns the sender.
    fn receive(&mut self) -> usize {
        let received = self.receiver.peek(PATIENCE).unwrap().unwrap();
        let ([who, number], lane) = (received.read().unwrap(), received.lane());
        received.done();
        let who = who as usize;
        assert_eq!(*self.lanes[who].get_or_insert(lane), lane);
        assert_eq!(number, self.counts[who], "of sender {who}");
        self.counts[who] += 1;
        who
    }

    /// Receives until so many more have come from each of these.
    fn receive_from(&mut self, senders: &[usize], more: u64) {
        let before = self.counts;
        while senders
            .iter()
            .any(|it| self.counts[*it] < before[*it] + more)
        {
            self.receive();
        }
    }
}

#[test]
fn the_others_go_on_when_one_of_several_senders_is_killed_and_the_next_takes_its_lane() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut incoming = Incoming::new(receiver(&name, 3));
    let senders = [0, 1].map(|who| (who, Sender::open(&name).unwrap()));
    thread::scope(|threads| {
        for (who, sender) in senders {
            threads.spawn(move || send_for_ever(who, sender));
        }
        let start = |who: usize| {
            let arguments = [&*name, &who.to_string()];
            Child::start(child_that_sends, &arguments)
        };
        let mut child = start(2);
        incoming.receive_from(&[0, 1, 2], 100);
        // Its lane is full.
        child.kill();
        incoming.receive_from(&[0, 1], 1000);
        assert_eq!(incoming.receiver.senders(), 2);

        for who in [3, 4] {
            let of_dead = incoming.counts[who - 1];
            let mut next = start(who);
            incoming.receive_from(&[0, 1, who], 100);
            assert_eq!(incoming.lanes[who], incoming.lanes[2]);
            assert_eq!(incoming.receiver.senders(), 3);
            assert_eq!(incoming.counts[who - 1], of_dead, "sent by the dead");
            next.kill();
            incoming.receive_from(&[0, 1], 100);
        }
        // Then the others end.
        drop(incoming);
    });
}

#[test]
fn as_many_senders_as_there_can_be_send_at_once() {
    const MESSAGES: u64 = 300;
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut incoming = Incoming::new(receiver(&name, MOST));
    let senders: Vec<_> = (0..MOST)
        .map(|_| Sender::<Message>::open(&name).unwrap())
        .collect();
    assert_eq!(incoming.receiver.senders(), MOST);
    let error = Sender::<Message>::open(&name).unwrap_err();
    assert!(matches!(error, SharedMemoryError::EndTaken { .. }));
    thread::scope(|threads| {
        for (who, mut sender) in senders.into_iter().enumerate() {
            threads.spawn(move || {
                for number in 0..MESSAGES {
                    sender.send(&[who as u64, number]).unwrap();
                }
                assert!(sender.drain(PATIENCE).unwrap());
            });
        }
        for _ in 0..MOST as u64 * MESSAGES {
            incoming.receive();
        }
    });
    assert_eq!(incoming.counts, [MESSAGES; MOST]);
    let mut lanes = incoming.lanes.map(|it| it.unwrap());
    lanes.sort_unstable();
    assert!(lanes.into_iter().eq(0..MOST));
    let error = incoming.receiver.try_recv().unwrap_err();
    assert!(error.is_disconnected());
}
