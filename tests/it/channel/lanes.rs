//! Several senders at once.

use std::collections::BTreeMap;
use std::mem;
use std::thread;

use win_shared_memory::channel::{Receiver, Sender};
use win_shared_memory::{SharedMemoryError, SharedMemoryOptions};

use crate::support::{Child, PATIENCE, Parent, fresh_name, watchdog};

/// Its sender, and how many that has sent so far.
type Message = [u64; 2];

/// With so little room that senders wait for it.
fn receiver(name: &str, senders: u32) -> Merged {
    let mut options = SharedMemoryOptions::new();
    options.capacity(8).senders(senders);
    Merged {
        receiver: Receiver::register_with(name, &options).unwrap(),
        last: BTreeMap::new(),
    }
}

fn send_until_nobody_receives(mut sender: Sender<Message>, who: u64) {
    let mut numbers = 1..;
    while sender.send(&[who, numbers.next().unwrap()]).is_ok() {}
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_sends() {
    let Some(parent) = Parent::find() else { return };
    let sender = Sender::open(parent.argument(0)).unwrap();
    send_until_nobody_receives(sender, parent.argument(1).parse().unwrap());
}

fn start(name: &str, who: u64) -> Child {
    let who = who.to_string();
    Child::start(child_that_sends, &[name, &who])
}

/// Receives from all senders, and checks the order of each.
struct Merged {
    receiver: Receiver<Message>,
    /// The last message of each lane.
    last: BTreeMap<usize, Message>,
}

impl Merged {
    /// Whether there was a message, or all senders have gone.
    #[track_caller]
    fn receive(&mut self) -> bool {
        let message = match self.receiver.peek(PATIENCE) {
            Err(error) if error.is_disconnected() => return false,
            message => message.unwrap().expect("senders have more"),
        };
        let (lane, [who, number]) = (message.lane(), message.read().unwrap());
        message.done();
        let before = match self.last.insert(lane, [who, number]) {
            Some(last) if last[0] == who => last[1],
            // The first of the next sender of this lane.
            _ => 0,
        };
        assert_eq!(number, before + 1, "of sender {who} in lane {lane}");
        true
    }

    /// Receives until each of these has sent some messages from now on.
    #[track_caller]
    fn receive_some_of_each(&mut self, senders: &[u64]) {
        const SOME: u64 = 300;
        let number = |it: &Self, who| it.lane(who).map_or(0, |lane| it.last[&lane][1]);
        let goals: Vec<_> = senders
            .iter()
            .map(|who| number(self, *who) + SOME)
            .collect();
        let has_more = |it: &Self| {
            let mut senders = senders.iter().zip(&goals);
            senders.any(|(who, goal)| number(it, *who) < *goal)
        };
        while has_more(self) {
            assert!(self.receive());
        }
    }

    /// Where the last message is this sender's.
    fn lane(&self, who: u64) -> Option<usize> {
        let mut lanes = self.last.iter();
        lanes
            .find(|(_, last)| last[0] == who)
            .map(|(lane, _)| *lane)
    }
}

#[test]
fn of_several_senders_one_that_is_killed_stops_no_other_and_the_next_takes_its_lane() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut merged = receiver(&name, 3);
    let mut who = vec![1, 2, 3];
    let mut children: Vec<_> = who.iter().map(|who| start(&name, *who)).collect();
    merged.receive_some_of_each(&who);
    for (killed, next) in [(1, 4), (0, 5), (2, 6)] {
        let lanes: Vec<_> = who.iter().map(|who| merged.lane(*who)).collect();
        children[killed].kill();
        let mut others = who.clone();
        others.remove(killed);
        merged.receive_some_of_each(&others);
        assert_eq!(merged.receiver.senders(), 2);

        children[killed] = start(&name, next);
        let dead = mem::replace(&mut who[killed], next);
        merged.receive_some_of_each(&who);
        // Nothing of the dead one came late, and each lane is still that of the same sender but for this one.
        assert_eq!(merged.lane(dead), None);
        let now: Vec<_> = who.iter().map(|who| merged.lane(*who)).collect();
        assert_eq!(now, lanes);
    }
}

#[test]
fn as_many_senders_as_a_channel_may_have_send_at_once() {
    const SENDERS: u32 = 31;
    const MESSAGES: u64 = 300;
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut merged = receiver(&name, SENDERS);
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| Sender::<Message>::open(&name).unwrap())
        .collect();
    assert_eq!(merged.receiver.senders(), SENDERS as usize);
    let another = Sender::<Message>::open(&name);
    assert!(matches!(another, Err(SharedMemoryError::EndTaken { .. })));
    // If this fails, the receiver goes, and the senders with it.
    let last = thread::scope(move |scope| {
        for (who, mut sender) in (1..).zip(senders) {
            scope.spawn(move || {
                for number in 1..=MESSAGES {
                    sender.send(&[who, number]).unwrap();
                }
            });
        }
        while merged.receive() {}
        merged.last
    });
    let expected = (1..=SENDERS.into()).map(|who| [who, MESSAGES]);
    assert!(last.into_values().eq(expected));
}
