//! Messages that cost no call of the system.

use std::hint;
use std::sync::mpsc;
use std::thread;

use win_shared_memory::channel::{Receiver, Sender};

use crate::calls::{self, Counters};
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

/// Sends to a thread that receives, both of which spin, until a million messages have come in runs in which neither called
/// anything but the clock. In any other run, one of them did not run for 50 ms, and the other looked whether it was alive.
#[test]
#[ignore = "a child process of another test"]
fn child_that_spins_at_both_ends() {
    const RUN: u64 = 1000;
    let Some(parent) = Parent::find() else { return };
    let mut sender = Sender::<[u64; 8]>::register(parent.argument(0)).unwrap();
    let mut receiver = Receiver::<[u64; 8]>::open(parent.argument(0)).unwrap();
    let mut send = |number| {
        while !sender.try_send(&[number; 8]).unwrap() {
            hint::spin_loop();
        }
    };
    let mut receive = |number| {
        loop {
            match receiver.try_recv().unwrap() {
                Some(message) => break assert_eq!(message, [number; 8]),
                None => hint::spin_loop(),
            }
        }
    };
    thread::scope(|scope| {
        let (start, starts) = mpsc::sync_channel::<()>(0);
        let (report, reports) = mpsc::sync_channel(0);
        let calls = Counters::of_this_thread();
        scope.spawn(move || {
            let calls = Counters::of_this_thread();
            while starts.recv().is_ok() {
                let called = calls.during(|| (0..RUN).for_each(&mut receive));
                report.send(called).unwrap();
            }
        });
        let (mut received, mut others) = (0, 0);
        while received < MESSAGES {
            start.send(()).unwrap();
            let mut called = calls.during(|| (0..RUN).for_each(&mut send));
            called.extend(reports.recv().unwrap());
            if called.iter().all(|it| it == "GetTickCount64") {
                received += RUN;
            } else {
                others += RUN;
                assert!(others < MESSAGES, "{called:?}");
            }
        }
    });
    parent.tell("received");
}

#[test]
fn a_million_messages_between_two_threads_that_spin_call_nothing_but_the_clock() {
    // The child may be one for another processor, for which there are no stubs.
    if other_profile().is_some() {
        return;
    }
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut child = Child::start(child_that_spins_at_both_ends, &[&name]);
    assert_eq!(child.answer(), "received");
}

#[test]
fn a_million_messages_between_ends_that_do_not_wait_call_nothing_but_the_clock() {
    // The child may be one for another processor, for which there are no stubs.
    if other_profile().is_some() {
        return;
    }
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut child = Child::start(child_that_sends_and_receives, &[&name]);
    // It reads memory that the system shares with all processes.
    assert_eq!(child.answer(), "GetTickCount64");
    // What would be seen.
    let waking = child.answer();
    assert!(waking.contains("SetEvent"), "{waking}");
}
