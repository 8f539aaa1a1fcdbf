//! Messages of any length.

use std::time::Duration;

use win_shared_memory::SharedMemoryError;
use win_shared_memory::broadcast::{News, SliceReceiver, SliceSender};

use super::keeping;
use crate::format::Payload;
use crate::support::fresh_name;

fn sender(name: &str, capacity: usize) -> SliceSender<u32> {
    SliceSender::register_with(name, capacity, &keeping(7)).unwrap()
}

fn message(number: u64) -> Vec<u32> {
    (0..number as u32 % 5)
        .map(|it| it + number as u32)
        .collect()
}

#[test]
fn slices_arrive_as_long_as_they_were_sent_and_in_order() {
    let name = fresh_name();
    let mut sender = sender(&name, 4);
    assert_eq!((sender.capacity(), sender.history()), (4, 7));
    let mut receiver = SliceReceiver::<u32>::open(&name).unwrap();
    let mut got = Vec::new();
    for number in 1..=100 {
        assert_eq!(sender.send(&message(number)).unwrap(), number);
        let news = receiver.try_recv_into(&mut got).unwrap();
        assert_eq!(news, Some(News::Message(())));
        assert_eq!(got, message(number));
    }
    assert_eq!(receiver.try_recv_into(&mut got).unwrap(), None);
    assert_eq!(got, message(100));
    drop(sender);
    let error = receiver.recv_into(&mut got).unwrap_err();
    assert!(error.is_disconnected());
}

#[test]
fn a_slice_that_is_too_long_is_not_sent_and_has_no_number() {
    let name = fresh_name();
    let mut sender = sender(&name, 4);
    let mut receiver = SliceReceiver::<u32>::open(&name).unwrap();
    let error = sender.send(&[0; 5]).unwrap_err();
    assert!(
        matches!(
            error,
            SharedMemoryError::TooLong {
                len: 5,
                limit: 4,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(sender.send(&[1, 2]).unwrap(), 1);
    let mut draft = sender.draft();
    draft.push(&3).unwrap();
    assert_eq!(draft.publish(), 2);
    let mut got = vec![9];
    for expected in [&[1, 2][..], &[3]] {
        assert_eq!(receiver.recv_into(&mut got).unwrap(), News::Message(()));
        assert_eq!(got, expected);
    }
}

#[test]
fn a_receiver_of_slices_is_told_what_it_has_missed() {
    let name = fresh_name();
    let mut sender = sender(&name, 4);
    let mut receiver = SliceReceiver::<u32>::open(&name).unwrap();
    for number in 1..=20 {
        sender.send(&message(number)).unwrap();
    }
    let mut got = Vec::new();
    let mut receive = || {
        receiver
            .recv_timeout_into(&mut got, Duration::ZERO)
            .unwrap()
    };
    assert_eq!(receive(), Some(News::Lagged(14)));
    for _ in 15..=20 {
        assert_eq!(receive(), Some(News::Message(())));
    }
    assert_eq!(receive(), None);
    receiver.rewind().unwrap();
    assert_eq!(receiver.number(), 13);
}

#[test]
fn receivers_move_to_longer_slices_after_all_that_were_sent_before() {
    let name = fresh_name();
    let mut short = sender(&name, 4);
    let mut receiver = SliceReceiver::<u32>::open(&name).unwrap();
    short.send(&[1]).unwrap();
    short.send(&[2]).unwrap();
    drop(short);
    let mut long = sender(&name, 100);
    assert_eq!(long.send(&[7; 100]).unwrap(), (1 << 40) + 1);
    let mut got = Vec::new();
    for expected in [vec![1], vec![2], vec![7; 100]] {
        assert_eq!(receiver.recv_into(&mut got).unwrap(), News::Message(()));
        assert_eq!(got, expected);
    }
    assert_eq!((receiver.capacity(), receiver.generation()), (100, 2));
}

#[test]
fn a_length_beyond_the_capacity_is_not_believed() {
    let name = fresh_name();
    let mut sender = sender(&name, 4);
    let mut receiver = SliceReceiver::<u32>::open(&name).unwrap();
    sender.send(&[1]).unwrap();
    sender.send(&[2]).unwrap();
    Payload::open(&name).set_len(1, 5);
    let mut got = Vec::new();
    let error = receiver.try_recv_into(&mut got).unwrap_err();
    assert!(
        matches!(error, SharedMemoryError::UnknownFormat { .. }),
        "{error:?}"
    );
    assert_eq!(
        receiver.try_recv_into(&mut got).unwrap(),
        Some(News::Message(()))
    );
    assert_eq!(got, [2]);
}
