//! Broadcasts.

use win_shared_memory::SharedMemoryOptions;
use win_shared_memory::broadcast::{Receiver, Sender, SliceReceiver, SliceSender};

use super::{History, LIGHT, Light, REGISTRATION, SLACK, STEPS, Value, beside_a_scribbler};

pub(super) fn broadcast(seed: u64, history: &mut History) {
    let name = history.name.clone();
    let mut sender = Some(Sender::<Value>::register(&name).unwrap());
    let mut receiver = Receiver::<Value>::open(&name).unwrap();
    history.find_regions();
    beside_a_scribbler(seed, &name, || {
        for _ in 0..STEPS {
            history.store();
            if history.random.below(2) == 0 {
                receive(history, &mut receiver);
            } else {
                send(history, &mut sender);
            }
        }
    });
}

fn receive(history: &mut History, receiver: &mut Receiver<Value>) {
    let timeout = history.any_timeout();
    let limit = timeout + SLACK;
    match history.random.below(10) {
        0..4 => {
            let _ = history.call("try_recv", limit, || receiver.try_recv());
        }
        4 => {
            let _ = history.call("recv_timeout", limit, || receiver.recv_timeout(timeout));
        }
        5 => {
            let _ = history.call("wait", limit, || receiver.wait(timeout));
        }
        6 => {
            let _ = history.call("rewind", limit, || receiver.rewind());
        }
        7 => {
            let _ = history.call("arm", limit, || receiver.arm().map(|it| it.is_some()));
        }
        8 => {
            let _ = (
                receiver.sender_liveness(),
                receiver.sender(),
                receiver.number(),
                format!("{receiver:?}"),
            );
        }
        _ => {
            let (name, options) = (history.name.clone(), history.waiting());
            let open = || Receiver::open_with(&name, &options);
            if let Ok(another) = history.call("open_with", REGISTRATION, open) {
                *receiver = another;
            }
        }
    }
}

fn send(history: &mut History, slot: &mut Option<Sender<Value>>) {
    let name = history.name.clone();
    let value = history.value();
    let Some(sender) = slot else {
        if history.random.below(4) == 0 {
            let other = || Sender::<Light>::register(&name);
            if let Ok(mut other) = history.call("register", REGISTRATION, other) {
                history.call("send", SLACK, || other.send(&LIGHT));
            }
        }
        let mut options = SharedMemoryOptions::new();
        options.history(history.random.pick(&[0, 0, 3, 300]));
        let register = || Sender::register_with(&name, &options);
        *slot = history.call("register_with", REGISTRATION, register).ok();
        history.find_regions();
        return;
    };
    match history.random.below(10) {
        0 => *slot = None,
        1 => {
            let draft = sender.draft_from_zeros();
            history.store();
            draft.place().write(&value);
            history.store();
            draft.publish();
        }
        2 => {
            for _ in 0..history.random.below(300) {
                sender.send(&value);
            }
        }
        _ => {
            history.call("send", SLACK, || sender.send(&value));
        }
    }
}

pub(super) fn slices(seed: u64, history: &mut History) {
    const CAPACITY: usize = 50;
    let name = history.name.clone();
    let mut sender = SliceSender::<Value>::register(&name, CAPACITY).ok();
    let mut receiver = SliceReceiver::<Value>::open(&name).unwrap();
    history.find_regions();
    beside_a_scribbler(seed, &name, || {
        let mut values = Vec::new();
        for _ in 0..STEPS {
            history.store();
            let timeout = history.any_timeout();
            let len = history.random.below(CAPACITY as u64 + 2) as usize;
            let new = vec![history.value(); len];
            match (history.random.below(8), &mut sender) {
                (0..3, _) => {
                    let receive = || receiver.recv_timeout_into(&mut values, timeout);
                    let _ = history.call("recv_timeout_into", timeout + SLACK, receive);
                    assert!(values.len() <= receiver.capacity().max(CAPACITY));
                }
                (3, _) => {
                    let options = history.waiting();
                    let open = || SliceReceiver::open_with(&name, &options);
                    if let Ok(another) = history.call("open_with", REGISTRATION, open) {
                        receiver = another;
                    }
                }
                (4, Some(_)) => sender = None,
                (_, Some(sender)) => {
                    let sent = history.call("send", SLACK, || sender.send(&new));
                    assert!(sent.is_ok() || len > sender.capacity());
                }
                (_, None) => {
                    let register = || SliceSender::register(&name, len.max(1));
                    sender = history.call("register", REGISTRATION, register).ok();
                    history.find_regions();
                }
            }
        }
    });
}
