//! Channels.

use std::time::Duration;

use win_shared_memory::channel::{Message, Receiver, Sender};
use win_shared_memory::{SharedMemoryError, SharedMemoryOptions};

use super::{History, LIGHT, Light, REGISTRATION, SLACK, STEPS, Value, beside_a_scribbler};

/// Bytes for messages, so few that a sender often finds no room.
const ROOM: usize = 400;
const LANES: u32 = 2;

/// What one call does to the end that it is given.
type Deed<End> = fn(&mut History, &mut End, Duration);

pub(super) fn channel(seed: u64, history: &mut History) {
    let send = |history: &mut History, sender: &mut Sender<Value>, timeout: Duration| {
        let (limit, value) = (timeout + SLACK, history.value());
        match history.random.below(6) {
            0 => _ = history.call("try_send", SLACK, || sender.try_send(&value)),
            1 => {
                let draft = history.call("draft", limit, move || sender.draft(timeout));
                history.store();
                if let Ok(Some(draft)) = draft {
                    draft.place().write(&value);
                    history.store();
                    draft.send();
                }
            }
            _ => _ = history.call("send", limit, || sender.send_timeout(&value, timeout)),
        }
    };
    let receive = |history: &mut History, receiver: &mut Receiver<Value>, timeout: Duration| {
        let limit = timeout + SLACK;
        let receive = || receiver.recv_timeout(timeout);
        let _ = history.call("recv_timeout", limit, receive);
    };
    ends::<Value>(seed, history, send, receive);
}

pub(super) fn slices(seed: u64, history: &mut History) {
    let send = |history: &mut History, sender: &mut Sender<[u8]>, timeout: Duration| {
        let len = history.random.below(ROOM as u64 + 2) as usize;
        let (limit, new) = (timeout + SLACK, vec![7; len]);
        if history.random.below(3) > 0 {
            let send = || sender.send_timeout(&new, timeout);
            let sent = history.call("send", limit, send);
            let is_too_long = matches!(sent, Err(SharedMemoryError::TooLong { .. }));
            assert!(!is_too_long || len > sender.longest());
        } else {
            let draft = history.call("draft", limit, move || sender.draft(len, timeout));
            history.store();
            if let Ok(Some(draft)) = draft {
                assert_eq!(draft.places().len(), len);
                history.store();
                draft.send();
            }
        }
    };
    let receive = |history: &mut History, receiver: &mut Receiver<[u8]>, timeout: Duration| {
        let mut into = Vec::new();
        let receive = || receiver.recv_into(&mut into, timeout);
        let _ = history.call("recv_into", timeout + SLACK, receive);
        assert!(into.len() <= 2 * ROOM, "{}", into.len());
    };
    ends::<[u8]>(seed, history, send, receive);
}

/// A history of both ends, in which what a message is matters to these two deeds alone.
fn ends<M>(seed: u64, history: &mut History, send: Deed<Sender<M>>, receive: Deed<Receiver<M>>)
where
    M: Message + ?Sized,
{
    let name = history.name.clone();
    let mut options = SharedMemoryOptions::new();
    options.capacity(ROOM).senders(LANES);
    let mut receiver = Some(Receiver::<M>::register_with(&name, &options).unwrap());
    let mut sender = Some(Sender::<M>::register(&name).unwrap());
    history.find_regions();
    beside_a_scribbler(seed, &name, || {
        for _ in 0..STEPS {
            history.store();
            let timeout = history.any_timeout();
            match (history.random.below(2), &mut sender, &mut receiver) {
                (0, Some(end), _) => match history.random.below(10) {
                    0 => sender = None,
                    1..4 => ask_sender(history, end, timeout),
                    _ => send(history, end, timeout),
                },
                (0, None, _) => {
                    if history.random.below(4) == 0 {
                        another_type(history);
                    }
                    let register = || Sender::register_with(&name, &options);
                    sender = history.call("register_with", REGISTRATION, register).ok();
                    history.find_regions();
                }
                (_, _, Some(end)) => match history.random.below(10) {
                    0 => receiver = None,
                    1..4 => ask_receiver(history, end, timeout),
                    _ => receive(history, end, timeout),
                },
                (_, _, None) => {
                    let options = history.waiting();
                    let open = || Receiver::open_with(&name, &options);
                    receiver = history.call("open_with", REGISTRATION, open).ok();
                }
            }
        }
    });
}

fn another_type(history: &mut History) {
    let (name, options) = (history.name.clone(), history.waiting());
    let other = || Sender::<Light>::register_with(&name, &options);
    if let Ok(mut other) = history.call("register_with", REGISTRATION, other) {
        let _ = history.call("try_send", SLACK, || other.try_send(&LIGHT));
    }
}

fn ask_sender<M: Message + ?Sized>(
    history: &mut History,
    sender: &mut Sender<M>,
    timeout: Duration,
) {
    let limit = timeout + SLACK;
    match history.random.below(6) {
        0 => _ = history.call("drain", limit, || sender.drain(timeout)),
        1 => {
            let wait = || sender.wait_for_receiver(timeout);
            let _ = history.call("wait_for_receiver", limit, wait);
        }
        2 => _ = history.call("unread_bytes", SLACK, || sender.unread_bytes()),
        3 => _ = history.call("arm", SLACK, || sender.arm().map(|it| it.is_some())),
        4 => {
            history.call("receiver", SLACK, || {
                (sender.receiver(), sender.receiver_liveness())
            });
        }
        _ => drop(format!("{sender:?}")),
    }
}

fn ask_receiver<M: Message + ?Sized>(
    history: &mut History,
    receiver: &mut Receiver<M>,
    timeout: Duration,
) {
    let limit = timeout + SLACK;
    match history.random.below(5) {
        0 => {
            let wait = || receiver.wait_for_sender(timeout);
            let _ = history.call("wait_for_sender", limit, wait);
        }
        1 => _ = history.call("arm", SLACK, || receiver.arm().map(|it| it.is_some())),
        2 => {
            let peeked = history.call("peek", limit, move || receiver.peek(timeout));
            history.store();
            if let Ok(Some(message)) = peeked {
                let _ = message.read();
                history.store();
                if history.random.below(2) == 0 {
                    message.done();
                }
            }
        }
        3 => {
            let all = || {
                receiver
                    .try_iter()
                    .take(1000)
                    .take_while(Result::is_ok)
                    .count()
            };
            history.call("try_iter", SLACK, all);
        }
        _ => {
            history.call("senders", SLACK, || receiver.senders());
            drop(format!("{receiver:?}"));
        }
    }
}
