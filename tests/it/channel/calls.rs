//! Messages that cost no call of the system.

use win_shared_memory::channel::{Receiver, Sender};

use crate::calls;
use crate::support::{Child, Parent, fresh_name, other_profile, watchdog};

const MESSAGES: u64 = 1_000_000;

/// A process of its own, since the imports of a process are counted.
#[test]
#[ignore = "a child process of another test"]
fn child_that_sends_and_receives() {
    let Some(parent) = Parent::find() else { return };
    let name = parent.argument(0);
    let mut sender = Sender::<[u64; 8]>::register(name).unwrap();
    let mut receiver = Receiver::<[u64; 8]>::open(name).unwrap();
    let called = calls::during(|| {
        let mut received = 0;
        for number in 0..MESSAGES {
            sender.send(&[number; 8]).unwrap();
            // By turns there is nothing left, and there are many.
            if number % 100 == 99 || number / 1000 % 2 == 0 {
                for message in receiver.try_iter() {
                    assert_eq!(message.unwrap(), [received; 8]);
                    received += 1;
                }
            }
        }
        assert_eq!(received, MESSAGES);
    });
    let waking = calls::during(|| {
        let armed = receiver.arm().unwrap();
        assert!(armed.is_some());
        sender.send(&[0; 8]).unwrap();
    });
    parent.tell(&called.join(" "));
    parent.tell(&waking.join(" "));
}

#[test]
fn a_million_messages_between_ends_that_do_not_wait_call_nothing_but_the_clock() {
    // The child may be one for another processor, for which there are no stubs.
    if other_profile().is_some() {
        return;
    }
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut child = Child::start("channel::calls::child_that_sends_and_receives", &[&name]);
    // It reads memory that the system shares with all processes.
    assert_eq!(child.answer(), "GetTickCount64");
    // What would be seen.
    let waking = child.answer();
    assert!(waking.contains("SetEvent"), "{waking}");
}
