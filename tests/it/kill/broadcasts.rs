//! Senders of a broadcast, and receivers in other processes, while this one receives.

use std::time::{Duration, Instant};

use win_shared_memory::SharedMemoryOptions;
use win_shared_memory::broadcast::{News, Receiver, Sender};

use super::{BATCH, Log, Victims, assert_whole, end, fill, goes_on, kills, word, zeros};
use crate::broadcast::try_recv;
use crate::format::{Payload, RECORD_SEQUENCE, Words};
use crate::support::{Child, PATIENCE, Parent, Random, fresh_name};

type Message = [u64; 512];

/// So few that receivers often fall behind.
const HISTORY: usize = 15;

fn sender(name: &str) -> Sender<Message> {
    let mut options = SharedMemoryOptions::new();
    options.history(HISTORY);
    Sender::register_with(name, &options).unwrap()
}

pub(super) fn send_for_ever(parent: &Parent, log: &Log) {
    let mut message = zeros::<512>();
    let mut sender = sender(parent.argument(0));
    parent.tell("sends");
    loop {
        let next = sender.number() + 1;
        let sent = if next % 2 == 0 {
            let draft = sender.draft_from_zeros();
            let mut at = 0;
            while at < message.len() {
                draft.place().at(at).write(&word(next, at));
                at += 1;
            }
            draft.publish()
        } else {
            fill(next, &mut message[..]);
            sender.send(&message)
        };
        assert_eq!(sent, next);
        log.set_done(next);
    }
}

/// Receives while others die, and checks all that it gets. A message says its own number, so this need not
/// believe what a receiver says of numbers.
struct Witness {
    receiver: Receiver<Message>,
    log: Log,
    /// The number of the last message that was received or missed.
    last: u64,
    received: u64,
    missed: u64,
    lags: u64,
}

impl Witness {
    fn new(name: &str) -> Self {
        let mut options = SharedMemoryOptions::new();
        options.wait(PATIENCE);
        let receiver = Receiver::open_with(name, &options).unwrap();
        Self {
            last: receiver.number(),
            receiver,
            log: Log::of(name),
            received: 0,
            missed: 0,
            lags: 0,
        }
    }

    #[track_caller]
    fn note(&mut self, news: &News<Message>) {
        match news {
            News::Message(message) => {
                self.last += 1;
                self.received += 1;
                // The next one: none twice, and none left out that was not told of.
                assert_whole(self.last, message);
            }
            News::Lagged(missed) => {
                assert!(*missed > 0);
                self.last += missed;
                self.missed += missed;
                self.lags += 1;
            }
        }
        assert_eq!(self.receiver.number(), self.last);
    }

    /// Receives all that there is: at least what a victim had sent when this was called.
    #[track_caller]
    fn receive_all(&mut self) {
        let done = self.log.done();
        let start = Instant::now();
        while let Some(news) = try_recv(&mut self.receiver) {
            self.note(&news);
            assert!(start.elapsed() < PATIENCE);
            // A sender that lives has always more.
            if self.last >= done && start.elapsed() > Duration::from_millis(50) {
                break;
            }
        }
        assert!(self.last >= done, "{} after {done} was sent", self.last);
    }

    fn wait(&mut self) {
        const MOMENT: Duration = Duration::from_millis(2);
        match self.receiver.recv_timeout(MOMENT) {
            Err(error) if error.is_disconnected() => {
                self.receiver.wait_for_sender(MOMENT).unwrap();
            }
            news => {
                if let Some(news) = news.unwrap() {
                    self.note(&news);
                }
            }
        }
    }

    /// Receives what the last sender sends, after exactly as many as there were.
    #[track_caller]
    fn assert_goes_on(&mut self, sender: &mut Sender<Message>) {
        let next = self.last + 1;
        let mut message = zeros::<512>();
        fill(next, &mut message[..]);
        assert_eq!(sender.send(&message), next);
        self.receive_all();
        assert_eq!(self.last, next);
        assert_eq!(self.received + self.missed, next);
    }

    fn told(&self) -> String {
        let Self {
            received,
            missed,
            lags,
            ..
        } = self;
        format!("{received} received and {missed} missed in {lags} lags")
    }
}

#[test]
#[ignore = "a child process of other tests"]
fn child_that_receives() {
    let Some(parent) = Parent::find() else { return };
    let mut witness = Witness::new(parent.argument(0));
    while !witness.log.is_over() {
        witness.receive_all();
        witness.wait();
    }
    parent.tell(&witness.told());
}

fn receiving_child(name: &str) -> Child {
    Child::start(child_that_receives, &[name])
}

#[test]
fn messages_arrive_once_and_whole_whoever_is_killed() {
    let kills = kills(4);
    let name = fresh_name();
    let (mut random, log) = (Random::unpredictable(), Log::of(&name));
    let first = sender(&name);
    // Keeps it all from the first to the last.
    let mut witness = Witness::new(&name);
    drop(first);
    let (directory, payload) = (Words::open(&name), Payload::open(&name));

    let mut victims = Victims::new([&name, "broadcast"]);
    let mut other: Option<Child> = None;
    let mut doomed: Option<Child> = None;
    let (mut half_done, mut receivers_killed) = (0, 0);
    for kill in 0.. {
        if !goes_on(kills, kill, half_done) {
            break;
        }
        if kill % BATCH == 0 {
            end(&log, other.take());
            other = Some(receiving_child(&name));
        }
        // Dropping a child kills it: a receiver, too, dies while it receives or waits.
        if kill % 8 == 0 {
            doomed = Some(receiving_child(&name));
            receivers_killed += 1;
        } else if kill % 8 == 4 {
            doomed = None;
        }
        let before = witness.last;
        let mut victim = victims.next();
        if random.below(8) > 0 {
            assert_eq!(victim.answer(), "sends");
        }
        let (start, life) = (Instant::now(), random.below(1_000_000));
        while start.elapsed() < Duration::from_nanos(life) {
            witness.wait();
        }
        victim.kill();

        witness.receive_all();
        // One more was sent at most than its sender has lived to say.
        assert!(witness.last <= log.done().max(before) + 1);
        let in_slot = payload.half_done().is_some_and(|it| it == witness.last + 1);
        let in_record = directory.get(RECORD_SEQUENCE) % 2 == 1;
        half_done += usize::from(in_slot || in_record);
    }
    drop(doomed);
    end(&log, other);
    println!(
        "{} senders killed, {half_done} in a message, and {receivers_killed} receivers; {} here",
        victims.killed,
        witness.told()
    );
    // Else they were killed while they did nothing.
    assert!(10 * half_done >= kills, "{half_done} of {kills}");
    assert!(log.done() > kills as u64 / 2, "they did work");
    witness.assert_goes_on(&mut sender(&name));
}
