//! Clients of a [`Hub`].

#![allow(clippy::unwrap_used, reason = "a test")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio::sync::Notify;
use tokio::sync::mpsc::Receiver;
use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::share::Audience;
use winshm_core::{Counts, Selection, State, Time};

use super::{AHEAD, Hub, Out, TEXTS};
use crate::feed::{Message, Seen};

/// A hub of one region, the queue of a client that subscribes to all of its channels, and what ends its connection.
fn hub() -> (Hub, Receiver<Out>, Arc<Notify>) {
    hub_for(Audience::Winshm, copy)
}

/// The same for another client, with the first of such copies.
fn hub_for(audience: Audience, copy: fn(u8) -> Message) -> (Hub, Receiver<Out>, Arc<Notify>) {
    let hub = Hub::new(&["R".to_owned()], Selection::default());
    let (queue, mut out) = hub.queue();
    let end = Arc::new(Notify::new());
    hub.take(copy(0));
    hub.join(audience, &queue, &end);
    let channels: Vec<_> = (0..10).filter(|it| hub.has(*it, audience)).collect();
    assert!(!channels.is_empty());
    hub.subscribe(&queue, &channels);
    assert!(taken(&mut out).1 > 0, "it is sent what there is");
    (hub, out, end)
}

fn message(seen: Seen) -> Message {
    Message {
        region: 0,
        time: Time::now(),
        counts: Counts::default(),
        seen,
    }
}

fn copy(value: u8) -> Message {
    message(Seen::Copy(vec![value; 8], None))
}

/// One with values.
fn car(value: u8) -> Message {
    const CAR: &str = "format = 1\nid = \"car\"\n[[struct]]\nname = \"Car\"\nfields = [{ offset = 0, name = \"gear\", type = \"u8\" }]";
    let plan = Plan::new(&Layout::from_toml(CAR).unwrap()).unwrap();
    // So long that what changes is shorter than the whole.
    let mut bytes = vec![0; 64];
    bytes[0] = value;
    message(Seen::Copy(bytes, Some(Arc::new(plan))))
}

/// Takes everything from the queue, and counts the texts and the samples.
fn taken(out: &mut Receiver<Out>) -> (usize, usize) {
    let (mut texts, mut samples) = (0, 0);
    while let Ok(it) = out.try_recv() {
        match it {
            Out::Text(_) => texts += 1,
            Out::Sample(_) => samples += 1,
        }
    }
    (texts, samples)
}

#[test]
fn a_client_that_misses_copies_hears_of_states_and_goes_on() {
    let (hub, mut out, end) = hub();
    (0..100).for_each(|it| hub.take(copy(it)));
    hub.take(message(Seen::State(State::Absent)));
    hub.take(message(Seen::State(State::Live)));
    assert_eq!(taken(&mut out), (2, AHEAD));
    // A copy that stands alone makes up for those that were missed.
    hub.take(copy(200));
    let begun = Instant::now();
    let sample = loop {
        hub.tell();
        if let Ok(Out::Sample(sample)) = out.try_recv() {
            break sample;
        }
        assert!(begun.elapsed() < Duration::from_secs(60));
    };
    assert!(sample.is_key);
    assert!(end.notified().now_or_never().is_none(), "it stays");
}

#[test]
fn a_client_of_values_that_misses_copies_gets_the_next() {
    let (hub, mut out, _end) = hub_for(Audience::Foxglove, car);
    (0..100).for_each(|it| hub.take(car(it)));
    assert_eq!(taken(&mut out), (0, AHEAD));
    // It is not a whole one, which comes once a second.
    hub.take(car(100));
    let Ok(Out::Sample(sample)) = out.try_recv() else {
        panic!("it waits")
    };
    assert!(!sample.is_key);
}

#[test]
fn a_client_that_takes_nothing_is_sent_away() {
    let (hub, mut out, end) = hub();
    for _ in 0..AHEAD + TEXTS + 1 {
        hub.take(message(Seen::State(State::Live)));
    }
    assert!(end.notified().now_or_never().is_some());
    assert_eq!(taken(&mut out).0, AHEAD + TEXTS);
    hub.take(copy(1));
    assert_eq!(taken(&mut out), (0, 0), "it is forgotten");
}
