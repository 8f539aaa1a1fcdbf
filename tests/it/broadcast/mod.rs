//! Broadcasts: which messages receivers get, and what is left by those who come and go. Processes killed in the midst
//! of it are in `kill`.

mod generations;
mod processes;
mod rights;
mod slices;

use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::broadcast::{News, Receiver, Sender};
use win_shared_memory::sync::{Armed, wait_any};
use win_shared_memory::untyped::BytesReader;
use win_shared_memory::{
    Liveness, SharedData, SharedMemoryError, SharedMemoryOptions, SharedMutex, UnknownFormat,
    snapshot,
};

use crate::format::{ARMED, Payload, Words};
use crate::support::{HOUR, fresh_name, watchdog};

#[derive(Clone, Copy, Debug, PartialEq, SharedData)]
#[repr(C)]
struct Trade {
    number: u64,
    price: f64,
    volume: u32,
}

fn trade(number: u64) -> Trade {
    Trade {
        number,
        price: number as f64 / 4.0,
        volume: number as u32,
    }
}

fn keeping(messages: usize) -> SharedMemoryOptions {
    let mut options = SharedMemoryOptions::new();
    options.history(messages);
    options
}

/// A sender that keeps so many messages.
fn sender_keeping(name: &str, messages: usize) -> Sender<Trade> {
    let sender = Sender::register_with(name, &keeping(messages)).unwrap();
    assert_eq!(sender.history(), messages);
    sender
}

fn send(sender: &mut Sender<Trade>, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        assert_eq!(sender.send(&trade(number)), number);
    }
}

/// What comes next, from one sender or another: waits for it.
#[track_caller]
pub(crate) fn recv_from_any<T: SharedData>(receiver: &mut Receiver<T>) -> News<T> {
    loop {
        match receiver.recv() {
            Err(error) if error.is_disconnected() => {
                assert!(receiver.wait_for_sender(HOUR).unwrap());
            }
            news => return news.unwrap(),
        }
    }
}

/// What there is to receive, whether or not there is a sender.
#[track_caller]
pub(crate) fn try_recv<T: SharedData>(receiver: &mut Receiver<T>) -> Option<News<T>> {
    match receiver.try_recv() {
        Err(error) if error.is_disconnected() => None,
        news => news.unwrap(),
    }
}

/// Receives all that there is, in order: the numbers that were received, and how many were missed.
#[track_caller]
fn receive_all(receiver: &mut Receiver<Trade>) -> (Vec<u64>, u64) {
    let (mut received, mut missed) = (Vec::new(), 0);
    while let Some(news) = try_recv(receiver) {
        match news {
            News::Message(message) => {
                assert_eq!(message, trade(message.number));
                assert_eq!(message.number, receiver.number());
                received.push(message.number);
            }
            News::Lagged(lagged) => missed += lagged,
        }
    }
    (received, missed)
}

#[test]
fn each_receiver_gets_each_message_once_and_in_order() {
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 31);
    let mut receivers = [(); 3].map(|()| Receiver::<Trade>::open(&name).unwrap());
    for round in 0..10 {
        send(&mut sender, round * 31 + 1..=(round + 1) * 31);
        for receiver in &mut receivers {
            let expected: Vec<u64> = (round * 31 + 1..=(round + 1) * 31).collect();
            assert_eq!(receive_all(receiver), (expected, 0));
        }
    }
}

#[test]
fn a_receiver_that_is_behind_is_told_once_how_many_it_has_missed() {
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 15);
    for sent in [16_u64, 17, 40, 1000] {
        let first = sender.number() + 1;
        let mut receiver = Receiver::<Trade>::open(&name).unwrap();
        send(&mut sender, first..first + sent);
        // The slot of the message after the last still holds the one before the kept ones.
        if sent > 16 {
            assert_eq!(receiver.try_recv().unwrap(), Some(News::Lagged(sent - 12)));
        }
        let left: Vec<u64> = (first..first + sent).collect();
        let left = &left[if sent > 16 { sent as usize - 12 } else { 0 }..];
        assert_eq!(receive_all(&mut receiver), (left.to_vec(), 0));
    }
}

#[test]
fn a_late_receiver_begins_with_the_next_message_or_with_the_oldest_kept() {
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 7);
    send(&mut sender, 1..=3);
    let mut late = Receiver::<Trade>::open(&name).unwrap();
    assert_eq!(late.number(), 3);
    assert_eq!(late.try_recv().unwrap(), None);
    late.rewind().unwrap();
    assert_eq!(receive_all(&mut late), (vec![1, 2, 3], 0));

    send(&mut sender, 4..=20);
    let mut later = Receiver::<Trade>::open(&name).unwrap();
    assert_eq!(later.try_recv().unwrap(), None);
    later.rewind().unwrap();
    assert_eq!(receive_all(&mut later), ((14..=20).collect(), 0));
    // Once more, as they are still kept; and while one is being built.
    let draft = sender.draft_from_zeros();
    later.rewind().unwrap();
    assert_eq!(receive_all(&mut later), ((14..=20).collect(), 0));
    drop(draft);
    send(&mut sender, [21]);
    assert_eq!(receive_all(&mut later), (vec![21], 0));
}

#[test]
fn nothing_is_kept_of_a_broadcast_without_messages() {
    let name = fresh_name();
    let sender = sender_keeping(&name, 7);
    let mut receiver = Receiver::<Trade>::open(&name).unwrap();
    receiver.rewind().unwrap();
    assert_eq!(receiver.number(), 0);
    assert_eq!(receive_all(&mut receiver), (vec![], 0));
    assert!(!receiver.wait(Duration::ZERO).unwrap());
    assert_eq!(sender.number(), 0);
}

#[test]
fn the_history_is_as_long_as_asked_for_or_longer() {
    for (asked, kept) in [
        (1, 3),
        (3, 3),
        (4, 7),
        (100, 127),
        (1023, 1023),
        (5000, 8191),
    ] {
        let name = fresh_name();
        let sender = Sender::<u64>::register_with(&name, &keeping(asked)).unwrap();
        assert_eq!(sender.history(), kept, "{asked}");
        assert_eq!(Receiver::<u64>::open(&name).unwrap().history(), kept);
    }
    // By default as many as suit their size.
    let name = fresh_name();
    assert_eq!(Sender::<u64>::register(&name).unwrap().history(), 255);
    let name = fresh_name();
    let sender = Sender::<[u8; 1 << 17]>::register(&name).unwrap();
    assert_eq!(sender.history(), 7);
    for too_many in [usize::MAX, u32::MAX as usize, 1 << 31] {
        let sender = Sender::<u64>::register_with(&fresh_name(), &keeping(too_many));
        assert!(
            matches!(sender, Err(SharedMemoryError::SizeTooLarge)),
            "{sender:?}"
        );
    }
}

#[test]
fn numbers_go_on_without_a_gap_after_the_sender_has_gone() {
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 15);
    let mut receiver = Receiver::<Trade>::open(&name).unwrap();
    for turn in 0..20 {
        send(&mut sender, [3 * turn + 1, 3 * turn + 2]);
        // Begun and not sent, as by one that was killed; several times before the first is sent.
        let draft = sender.draft_from_zeros();
        draft.place().write(&trade(77));
        drop(draft);
        drop(sender);
        sender = sender_keeping(&name, 15);
        assert_eq!(sender.number(), 3 * turn + 2);
        drop(sender.draft_from_zeros());
        send(&mut sender, [3 * turn + 3]);
        let expected = vec![3 * turn + 1, 3 * turn + 2, 3 * turn + 3];
        assert_eq!(receive_all(&mut receiver), (expected, 0));
    }
    assert_eq!(receiver.generation(), 1);
}

#[test]
fn receiving_ends_when_the_sender_has_gone_and_goes_on_with_the_next() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 15);
    let mut receiver = Receiver::<Trade>::open(&name).unwrap();
    for round in 0..2 {
        send(&mut sender, [2 * round + 1, 2 * round + 2]);
        assert_eq!(receiver.sender_liveness(), Liveness::Alive);
        assert_eq!(receiver.sender().unwrap().id, std::process::id());
        drop(sender);
        assert_eq!(receiver.sender_liveness(), Liveness::Gone);
        assert_eq!(receiver.sender(), None);
        let received: Vec<u64> = receiver
            .iter()
            .map(|news| news.unwrap().message().unwrap().number)
            .collect();
        assert_eq!(received, [2 * round + 1, 2 * round + 2]);
        // However it is asked.
        for error in [
            receiver.recv().unwrap_err(),
            receiver.try_recv().unwrap_err(),
            receiver.recv_timeout(HOUR).unwrap_err(),
            receiver.wait(HOUR).unwrap_err(),
        ] {
            assert!(error.is_disconnected(), "{error:?}");
            assert!(error.to_string().contains(&name), "{error}");
        }
        assert!(receiver.arm().unwrap().is_none());
        let start = Instant::now();
        let timeout = Duration::from_millis(20);
        assert!(!receiver.wait_for_sender(timeout).unwrap());
        assert!(start.elapsed() >= timeout);
        sender = sender_keeping(&name, 15);
        assert!(receiver.wait_for_sender(HOUR).unwrap());
        assert_eq!(receiver.try_recv().unwrap(), None);
    }
}

#[test]
fn a_message_that_is_there_ends_the_wait_for_a_sender_that_has_gone() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut receiver = {
        let mut sender = sender_keeping(&name, 15);
        let receiver = Receiver::<Trade>::open(&name).unwrap();
        send(&mut sender, [1]);
        receiver
    };
    assert!(receiver.wait_for_sender(HOUR).unwrap());
    assert_eq!(receiver.recv().unwrap(), News::Message(trade(1)));
    assert!(!receiver.wait_for_sender(Duration::ZERO).unwrap());
}

#[test]
fn a_message_ends_a_wait_and_so_does_the_end_of_the_sender() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 15);
    let waiters = Words::open(&format!("{name}~wait"));
    let mut receiver = Receiver::<Trade>::open(&name).unwrap();
    let receiving = thread::spawn(move || {
        assert!(receiver.wait(HOUR).unwrap());
        let first = receiver.recv_timeout(HOUR).unwrap();
        let second = receiver.recv().unwrap();
        (first, second, receiver.recv())
    });
    for number in [1, 2] {
        while waiters.get(ARMED) == 0 {
            thread::yield_now();
        }
        send(&mut sender, [number]);
        // What waits for the second has seen the first.
        while number == 1 && waiters.get(ARMED) != 0 {
            thread::yield_now();
        }
    }
    drop(sender);
    let (first, second, end) = receiving.join().unwrap();
    assert_eq!(first, Some(News::Message(trade(1))));
    assert_eq!(second, News::Message(trade(2)));
    assert!(end.unwrap_err().is_disconnected());
}

#[test]
fn a_message_that_is_not_valid_counts_as_received() {
    let name = fresh_name();
    let mut sender = Sender::<bool>::register(&name).unwrap();
    let mut receiver = Receiver::<bool>::open(&name).unwrap();
    let payload = Payload::open(&name);
    sender.send(&true);
    sender.send(&false);
    let at = payload.value_of(1);
    payload.words.view().write(at, &2_u8).unwrap();
    let error = receiver.try_recv().unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::InvalidValue(_)),
        "{error:?}"
    );
    assert_eq!(receiver.try_recv().unwrap(), Some(News::Message(false)));
    assert_eq!(receiver.try_recv().unwrap(), None);
}

#[test]
fn regions_of_other_kinds_are_refused() {
    let other_kind = |result: Result<(), SharedMemoryError>| {
        let is_other = matches!(
            result,
            Err(SharedMemoryError::UnknownFormat {
                reason: UnknownFormat::OtherKind,
                ..
            })
        );
        assert!(is_other, "{result:?}");
    };
    let name = fresh_name();
    let _mutex = SharedMutex::get_or_create(&name, &5_u64).unwrap();
    other_kind(Receiver::<u64>::open(&name).map(drop));
    other_kind(Sender::<u64>::register(&name).map(drop));
    let name = fresh_name();
    let _writer = snapshot::Writer::<u64>::register(&name).unwrap();
    other_kind(Receiver::<u64>::open(&name).map(drop));
    other_kind(Sender::<u64>::register(&name).map(drop));
    let name = fresh_name();
    let _sender = Sender::<u64>::register(&name).unwrap();
    other_kind(snapshot::Reader::<u64>::open(&name).map(drop));
    other_kind(snapshot::Writer::<u64>::register(&name).map(drop));
}

#[test]
fn there_is_one_sender_at_a_time() {
    let name = fresh_name();
    let sender = Sender::<u64>::create(&name).unwrap();
    assert!(sender.was_created());
    let second = Sender::<u64>::register(&name);
    assert!(
        matches!(second, Err(SharedMemoryError::WriterAlive { .. })),
        "{second:?}"
    );
    let _receiver = Receiver::<u64>::open(&name).unwrap();
    drop(sender);
    let created = Sender::<u64>::create(&name);
    assert!(
        matches!(created, Err(SharedMemoryError::AlreadyExists)),
        "{created:?}"
    );
    assert!(!Sender::<u64>::register(&name).unwrap().was_created());
}

#[test]
fn the_last_message_can_be_read_without_its_type() {
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 15);
    let mut reader = BytesReader::open(&name).unwrap();
    let mut bytes = Vec::new();
    assert!(!reader.latest_into(&mut bytes).unwrap());
    send(&mut sender, 1..=3);
    assert!(reader.latest_into(&mut bytes).unwrap());
    assert_eq!(bytes[..8], 3_u64.to_le_bytes());
    assert!(reader.schema().contains("\"price\""));
}

#[test]
fn numbers_are_told_apart_after_the_low_word_has_come_round() {
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 3);
    send(&mut sender, 1..=3);
    let mut receiver = Receiver::<Trade>::open(&name).unwrap();
    drop(sender);
    // As if 2³² messages had been sent meanwhile, less two.
    const LAST: u64 = (1 << 32) + 1;
    Payload::open(&name).set_version(LAST);
    let mut sender = sender_keeping(&name, 3);
    send(&mut sender, [LAST + 1]);
    assert_eq!(
        receiver.try_recv().unwrap(),
        Some(News::Lagged(LAST - 1 - 3))
    );
    assert!(matches!(
        receiver.try_recv().unwrap(),
        Some(News::Message(_))
    ));
    assert_eq!(receive_all(&mut receiver), (vec![LAST + 1], 0));

    // A whole lap: the low word of the last message is that of the one it has seen.
    const LAP: u64 = LAST + 1 + (1 << 32);
    drop(sender);
    Payload::open(&name).set_version(LAP);
    assert!(receiver.wait(Duration::ZERO).unwrap());
    assert_eq!(
        receiver.try_recv().unwrap(),
        Some(News::Lagged((1 << 32) - 2))
    );
    assert!(matches!(
        receiver.try_recv().unwrap(),
        Some(News::Message(_))
    ));
    assert_eq!(receiver.number(), LAP - 1);
}

#[test]
fn a_receiver_is_armed_while_there_is_nothing_and_set_by_a_message() {
    let name = fresh_name();
    let mut sender = sender_keeping(&name, 7);
    let mut receiver = Receiver::<Trade>::open(&name).unwrap();
    let is_set = |armed: &Armed<'_>| wait_any(&[armed], Duration::ZERO).unwrap().is_some();
    for number in 1..=3 {
        let armed = receiver.arm().unwrap().unwrap();
        assert!(!is_set(&armed));
        send(&mut sender, [number]);
        assert!(is_set(&armed));
        drop(armed);
        // It was not received, and there is nothing to wait for.
        assert!(receiver.arm().unwrap().is_none());
        assert_eq!(
            receiver.try_recv().unwrap(),
            Some(News::Message(trade(number)))
        );
    }
    // The end of the sender sets it, and then there is nothing to wait for.
    let armed = receiver.arm().unwrap().unwrap();
    drop(sender);
    assert!(is_set(&armed));
    drop(armed);
    assert!(receiver.arm().unwrap().is_none());
    // A sender that keeps more: what is sent there sets it, too.
    let mut sender = sender_keeping(&name, 15);
    let armed = receiver.arm().unwrap().unwrap();
    let first = sender.number() + 1;
    send(&mut sender, [first]);
    assert!(is_set(&armed));
}
