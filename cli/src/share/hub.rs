//! [`Hub`]

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};
use tokio::sync::{Notify, watch};
use win_shared_memory_layouts::Plan;
use winshm_core::share::{self, Audience, Channels, Metrics, Values};
use winshm_core::{Counts, Selection, State, Time, escape};

use super::budget::Budget;
use crate::feed::{Message, Seen};

/// What answers may take together that are on their way. Another is refused, or left out.
const ON_THEIR_WAY: usize = 32 << 20;

/// How many copies may wait for a client with a WebSocket, and how many texts about each region besides.
const AHEAD: usize = 16;
const TEXTS: usize = 8;

/// After this time without a copy, a client that has missed the last gets it again.
const QUIET: Duration = Duration::from_millis(500);

/// How often all clients of a region get a whole copy because one asks for it, at most.
const WHOLE: Duration = Duration::from_millis(100);

/// The regions as they were seen last, and what clients are told of them.
pub(crate) struct Hub {
    regions: Vec<Mutex<Region>>,
    selection: Selection,
    budget: Budget,
    /// Sent when there is something new for those who listen.
    news: watch::Sender<()>,
}

struct Region {
    name: String,
    state: State,
    counts: Counts,
    problem: Option<String>,
    copy: Option<Copy>,
    values: Values,
    /// Whether its heading, or its numbers, have not been told yet.
    is_other: bool,
    is_new: bool,
    heading: Told,
    numbers: Told,
    channels: Channels,
    listeners: Vec<Listener>,
    /// When it was copied last, and when a client asked last.
    copied: Instant,
    asked: Option<Instant>,
}

/// A client with a WebSocket.
struct Listener {
    audience: Audience,
    queue: Sender<Out>,
    /// Notified when its connection has to end.
    end: Arc<Notify>,
    is_subscribed: bool,
    /// Whether it has missed a copy. If so, and it is sent the bytes, it waits for a whole one, which does not build on
    /// others.
    is_behind: bool,
}

/// What a client with a WebSocket is sent.
#[derive(Clone)]
pub(crate) enum Out {
    Text(String),
    Sample(Sample),
}

/// [`share::Sample`], held for all clients.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) time: Time,
    pub(crate) parts: Vec<(u32, Bytes)>,
    pub(crate) is_key: bool,
}

/// A copy of a region, held for all who look at it.
#[derive(Clone)]
pub(crate) struct Copy {
    time: Time,
    pub(crate) plan: Option<Arc<Plan>>,
    pub(crate) bytes: Arc<Vec<u8>>,
}

/// An event, and how many there were.
#[derive(Default)]
struct Told {
    count: u64,
    event: Bytes,
}

/// What a client has been told of a region.
#[derive(Clone, Copy, Default)]
pub(crate) struct Known {
    heading: u64,
    numbers: u64,
}

impl Hub {
    pub(crate) fn new(names: &[String], selection: Selection) -> Self {
        let channels = Channels::of(names, &selection);
        let regions = names.iter().zip(channels).map(|(name, channels)| {
            Mutex::new(Region {
                name: name.clone(),
                state: State::Absent,
                counts: Counts::default(),
                problem: None,
                copy: None,
                values: Values::new(name, selection.clone()),
                is_other: true,
                is_new: false,
                heading: Told::default(),
                numbers: Told::default(),
                channels,
                listeners: Vec::new(),
                copied: Instant::now(),
                asked: None,
            })
        });
        Self {
            regions: regions.collect(),
            selection,
            budget: Budget::new(ON_THEIR_WAY),
            news: watch::Sender::new(()),
        }
    }

    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Takes over what has happened.
    pub(crate) fn take(&self, message: Message) {
        let mut region = lock(&self.regions[message.region]);
        region.counts = message.counts;
        match message.seen {
            Seen::State(state) => {
                region.state = state;
                region.is_other = true;
                region.tell_all(|channels, audience| {
                    channels.state(state, audience).into_iter().collect()
                });
            }
            Seen::Copy(bytes, plan) => {
                region.is_other |= region.problem.take().is_some();
                region.is_new = true;
                region.copied = Instant::now();
                region.copy = Some(Copy {
                    time: message.time,
                    plan,
                    bytes: Arc::new(bytes),
                });
                region.send(&self.budget);
            }
            Seen::Torn(why) => region.fail(why),
            Seen::Late(_) => {}
            Seen::Failed(error) => {
                let error = error.to_string();
                eprintln!("winshm: {}: {error}", escape(&region.name));
                region.fail(error);
            }
        }
    }

    /// Makes the events of what is new, if anybody listens, once for all.
    pub(crate) fn tell(&self) {
        for region in &self.regions {
            lock(region).catch_up(&self.budget);
        }
        if self.news.receiver_count() == 0 {
            return;
        }
        let mut is_any = false;
        for (number, region) in self.regions.iter().enumerate() {
            is_any |= lock(region).tell(number, &self.budget);
        }
        if is_any {
            self.news.send_replace(());
        }
    }

    /// To be told when there is something new.
    pub(crate) fn listen(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// What a client is to be told that has been told this much: of each region only the latest.
    pub(crate) fn since(&self, known: &mut Vec<Known>) -> Vec<Bytes> {
        known.resize(self.regions.len(), Known::default());
        let mut events = Vec::new();
        for (region, known) in self.regions.iter().zip(known) {
            let region = lock(region);
            if known.heading != region.heading.count {
                known.heading = region.heading.count;
                events.push(region.heading.event.clone());
            }
            if known.numbers != region.numbers.count {
                known.numbers = region.numbers.count;
                events.push(region.numbers.event.clone());
            }
        }
        events
    }

    /// How many regions there are.
    pub(crate) fn len(&self) -> usize {
        self.regions.len()
    }

    /// The queue of a client.
    pub(crate) fn queue(&self) -> (Sender<Out>, Receiver<Out>) {
        mpsc::channel(AHEAD + TEXTS * self.len())
    }

    /// Tells a client from now on which channels there are for it. Notifies `end` when the client reads so slowly that its
    /// queue is full: without that news it could not tell what it is sent.
    pub(crate) fn join(&self, audience: Audience, queue: &Sender<Out>, end: &Arc<Notify>) {
        for region in &self.regions {
            let mut region = lock(region);
            if let Some(copy) = region.copy.clone() {
                region.arrange(&copy);
            }
            // A new client has no earlier status to remove.
            let is_news = region.state != State::Live || audience == Audience::Winshm;
            let state = region.channels.state(region.state, audience);
            let state = state.filter(|_| is_news);
            let listener = Listener {
                audience,
                queue: queue.clone(),
                end: Arc::clone(end),
                is_subscribed: false,
                is_behind: false,
            };
            let told = [state, region.channels.advertisement(audience)];
            if told.iter().flatten().all(|it| listener.tell(it)) {
                region.listeners.push(listener);
            }
        }
    }

    /// Whether there is such a channel for these clients.
    pub(crate) fn has(&self, channel: u32, audience: Audience) -> bool {
        let mut regions = self.regions.iter();
        regions.any(|it| lock(it).channels.have(channel, audience))
    }

    /// From now on sends a client what the regions of these channels have, and soon what they have now.
    pub(crate) fn subscribe(&self, queue: &Sender<Out>, channels: &[u32]) {
        for region in &self.regions {
            let mut region = lock(region);
            let Region {
                channels: there,
                listeners,
                ..
            } = &mut *region;
            let mut listeners = listeners.iter_mut();
            let Some(listener) = listeners.find(|it| it.queue.same_channel(queue)) else {
                continue;
            };
            let audience = listener.audience;
            if !channels.iter().any(|it| there.have(*it, audience)) {
                continue;
            }
            listener.is_subscribed = true;
            listener.is_behind = true;
            if region.asked.is_none_or(|it| it.elapsed() > WHOLE) {
                region.asked = Some(Instant::now());
                region.send_whole(&self.budget);
            }
        }
    }

    /// Forgets a client.
    pub(crate) fn leave(&self, queue: &Sender<Out>) {
        for region in &self.regions {
            let mut region = lock(region);
            region.listeners.retain(|it| !it.queue.same_channel(queue));
        }
    }

    /// The state of a region and its latest copy.
    #[cfg(feature = "mqtt")]
    pub(crate) fn latest(&self, region: usize) -> (State, Option<Copy>) {
        let region = lock(&self.regions[region]);
        (region.state, region.copy.clone())
    }

    /// All regions as JSON.
    pub(crate) fn json(&self) -> String {
        let all = self.regions.iter().map(|region| {
            let (name, state, copy) = {
                let region = lock(region);
                (region.name.clone(), region.state, region.copy.clone())
            };
            let copy = copy.as_ref();
            let copy = copy.map(|it| (it.time, it.plan.as_deref(), it.bytes.as_slice()));
            share::json(&name, state, &self.selection, copy)
        });
        let all: Vec<_> = all.collect();
        format!("{{\"regions\":[{}]}}\n", all.join(","))
    }

    /// All regions as Prometheus reads them.
    pub(crate) fn metrics(&self) -> String {
        let mut metrics = Metrics::default();
        for region in &self.regions {
            let (name, state, counts, copy) = {
                let region = lock(region);
                let name = region.name.clone();
                (name, region.state, region.counts, region.copy.clone())
            };
            metrics.region(&name, state, counts);
            // What has gone has no values; Prometheus notices by that.
            let copy = copy.filter(|_| state != State::Absent);
            if let Some(Copy {
                plan: Some(plan),
                bytes,
                ..
            }) = copy
            {
                metrics.values(&name, &plan, &bytes, &self.selection);
            }
        }
        metrics.to_string()
    }
}

impl Listener {
    /// Whether it has missed a copy, and has room for another.
    fn is_waiting(&self) -> bool {
        self.is_subscribed && self.is_behind && self.has_room()
    }

    /// Whether another copy may wait: the rest of the room is for texts.
    fn has_room(&self) -> bool {
        self.queue.max_capacity() - self.queue.capacity() < AHEAD
    }

    /// Queues a text; `false` if the queue is full or the client has gone.
    fn tell(&self, text: &str) -> bool {
        let is_sent = self.queue.try_send(Out::Text(text.to_owned())).is_ok();
        if !is_sent {
            self.end.notify_one();
        }
        is_sent
    }

    /// Sends a sample, or leaves it out; `false` if the client has gone.
    fn send(&mut self, sample: Option<&Sample>) -> bool {
        if !self.is_subscribed {
            return true;
        }
        let Some(sample) = sample else {
            self.is_behind = true;
            return true;
        };
        // Values need none that were before.
        let needs_whole = self.is_behind && self.audience == Audience::Winshm;
        if !self.has_room() || needs_whole && !sample.is_key {
            self.is_behind = true;
            return true;
        }
        match self.queue.try_send(Out::Sample(sample.clone())) {
            Ok(()) => self.is_behind = false,
            Err(TrySendError::Full(_)) => self.is_behind = true,
            Err(TrySendError::Closed(_)) => return false,
        }
        true
    }
}

impl Region {
    /// Sends the latest copy to those who listen, encoded once for all.
    fn send(&mut self, budget: &Budget) {
        let Some(copy) = self.copy.clone().filter(|_| !self.listeners.is_empty()) else {
            return;
        };
        self.arrange(&copy);
        if self.listeners.iter().any(|it| it.is_subscribed) {
            let sample = self.sample(&copy, budget);
            self.listeners.retain_mut(|it| it.send(sample.as_ref()));
        } else {
            self.channels.forget();
        }
    }

    /// Sends the latest copy whole: to all, since what follows builds on it.
    fn send_whole(&mut self, budget: &Budget) {
        self.channels.forget();
        self.send(budget);
    }

    /// Sends the latest copy whole if some have missed it and none has followed for a while.
    fn catch_up(&mut self, budget: &Budget) {
        if self.copied.elapsed() > QUIET && self.listeners.iter().any(Listener::is_waiting) {
            self.send_whole(budget);
        }
    }

    /// Tells those who listen if the channels are others.
    fn arrange(&mut self, copy: &Copy) {
        if let Some(told) = self.channels.arrange(copy.plan.as_ref(), &copy.bytes) {
            self.tell_all(|_, audience| told.to(audience).to_vec());
        }
    }

    /// Tells each client what is for it.
    fn tell_all(&mut self, told: impl Fn(&Channels, Audience) -> Vec<String>) {
        let Self {
            channels,
            listeners,
            ..
        } = self;
        listeners.retain(|it| told(channels, it.audience).iter().all(|text| it.tell(text)));
    }

    /// `None` if there is no room for the sample. The next one is then whole.
    fn sample(&mut self, copy: &Copy, budget: &Budget) -> Option<Sample> {
        let share::Sample {
            time,
            values,
            raw,
            is_key,
        } = self.channels.sample(copy.time, &copy.bytes).ok()?;
        let parts = values.into_iter().chain([raw]);
        let parts = parts.map(|(channel, bytes)| Some((channel, budget.hold(bytes)?)));
        let parts: Option<Vec<_>> = parts.collect();
        if parts.is_none() {
            self.channels.forget();
        }
        Some(Sample {
            time,
            parts: parts?,
            is_key,
        })
    }

    fn fail(&mut self, why: String) {
        self.is_other |= self.problem.as_ref() != Some(&why);
        self.problem = Some(why);
    }

    /// Makes the events of what is new; `false` if nothing is.
    fn tell(&mut self, number: usize, budget: &Budget) -> bool {
        let copy = self.copy.clone().filter(|_| self.is_new);
        if let Some(copy) = &copy {
            self.is_other |= self.values.arrange(copy.plan.as_ref(), &copy.bytes);
        }
        let mut is_any = false;
        if self.is_other {
            let heading = self
                .values
                .heading(number, self.state, self.problem.as_deref());
            if !self.heading.set("region", &heading, budget) {
                return false;
            }
            self.is_other = false;
            is_any = true;
        }
        if let Some(copy) = copy {
            let numbers = self.values.numbers(number, copy.time, &copy.bytes);
            if self.numbers.set("values", &numbers, budget) {
                self.is_new = false;
                is_any = true;
            }
        }
        is_any
    }
}

impl Told {
    /// Makes it this event; `false` where there is no room for it yet.
    fn set(&mut self, name: &str, data: &str, budget: &Budget) -> bool {
        let event = format!("event: {name}\ndata: {data}\n\n").into_bytes();
        let Some(event) = budget.hold(event) else {
            return false;
        };
        self.count += 1;
        self.event = event;
        true
    }
}

/// What a thread that panicked has left is whole enough: values are replaced one by one.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
