//! Receivers of another user, who may read and no more.

use std::thread;

use win_shared_memory::Section;
use win_shared_memory::broadcast::{News, Receiver, Sender};

use super::processes::{send_by, sending_child_for};
use super::{HOUR, Trade, send, trade};
use crate::format::{ARMED, Words};
use crate::support::{fresh_name, watchdog};
use crate::tokens::{OTHERS_READ, acting_as, others_read_and_wait, without_administrators};

#[test]
fn a_receiver_of_another_user_gets_every_message_and_is_told_of_a_kill() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let (mut sender, id) = sending_child_for(&name, 31, OTHERS_READ);
    acting_as(&without_administrators(), || {
        assert!(Sender::<Trade>::register(&name).is_err());
        let denied = Section::open_existing(&format!("{name}~wait"));
        assert!(denied.unwrap_err().is_access_denied());
        let mut receiver = Receiver::<Trade>::open(&name).unwrap();
        assert_eq!(receiver.sender().unwrap().id, id);
        send_by(&mut sender, 20);
        for number in 1..=20 {
            assert_eq!(receiver.recv().unwrap(), News::Message(trade(number)));
        }
        sender.kill();
        assert!(receiver.recv().unwrap_err().is_disconnected());
    });
}

#[test]
fn a_receiver_of_another_user_is_woken_where_waiting_is_granted() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let options = others_read_and_wait();
    let mut sender = Sender::<Trade>::register_with(&name, &options).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    let receiving = thread::spawn(move || {
        acting_as(&without_administrators(), || {
            let mut receiver = Receiver::<Trade>::open(&name).unwrap();
            let first = receiver.recv_timeout(HOUR).unwrap();
            (first, receiver.recv())
        })
    });
    // It has told that it waits, which it could not otherwise.
    let until_it_waits = || {
        while waiters.get(ARMED) == 0 {
            thread::yield_now();
        }
    };
    until_it_waits();
    send(&mut sender, [1]);
    until_it_waits();
    drop(sender);
    let (first, end) = receiving.join().unwrap();
    assert_eq!(first, Some(News::Message(trade(1))));
    assert!(end.unwrap_err().is_disconnected());
}
