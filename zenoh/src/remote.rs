//! [`Remote`]

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use win_shared_memory_layouts::Plan;
use winshm::Result;
use winshm_core::{Copied, Counts, News, Source, SourceError, State, Time, escape};
use zenoh::pubsub::Subscriber;
use zenoh::query::QueryTarget;
use zenoh::sample::{Sample, SampleKind};
use zenoh::{Session, Wait};

use crate::inbox::Inbox;
use crate::network::{PROGRAM, failed};
use crate::wire::{WHOLE, key, parts};

/// How often, at most, the publisher is asked, and how long its answer may take.
const ASK: Duration = Duration::from_millis(500);
const ANSWER: Duration = Duration::from_secs(5);

/// How often, at most, the same message is printed.
const SAY: Duration = Duration::from_secs(10);

/// How often it checks what is due while it waits.
const LOOK: Duration = Duration::from_millis(100);

/// A region that a program in the network publishes.
#[derive(Debug)]
pub struct Remote {
    name: String,
    /// The key of its `about`.
    about: String,
    session: Session,
    shared: Arc<Shared>,
    _subscriptions: [Subscriber<()>; 2],
    asked: Option<Instant>,
    said: Option<(String, Instant)>,
    plan: Option<Arc<Plan>>,
    state: State,
    time: Time,
    counts: Counts,
}

#[derive(Default)]
struct Shared {
    inbox: Mutex<Inbox>,
    news: Condvar,
}

impl Remote {
    /// Follows the region of this name on this machine, or on any that publishes it.
    ///
    /// # Errors
    ///
    /// Zenoh refuses, because the name is too long or the session is closed.
    pub fn follow(session: &Session, machine: Option<&str>, name: &str) -> Result<Self> {
        let machine = machine.unwrap_or("*");
        let shared = Arc::new(Shared::default());
        shared.inbox().came();
        let told = Arc::clone(&shared);
        let all = session.declare_subscriber(key(machine, name, "*"));
        let all = all.callback(move |sample| told.take(&sample));
        let all = all.wait().map_err(|error| failed(&error))?;
        let told = Arc::clone(&shared);
        let alive = key(machine, name, "alive/*");
        let alive = session.liveliness().declare_subscriber(alive);
        let alive = alive.history(true);
        let alive = alive.callback(move |sample| told.take_alive(&sample));
        let alive = alive.wait().map_err(|error| failed(&error))?;
        Ok(Self {
            name: name.to_owned(),
            about: key(machine, name, "about"),
            session: session.clone(),
            shared,
            _subscriptions: [all, alive],
            asked: None,
            said: None,
            plan: None,
            state: State::Absent,
            time: Time::default(),
            counts: Counts::default(),
        })
    }

    /// When something arrived last, if there is a publisher.
    #[cfg(windows)]
    pub(crate) fn heard(&self) -> Option<Instant> {
        self.shared.inbox().heard()
    }

    /// Asks for the region's `about` and a whole copy. The answers arrive like other messages.
    fn ask(&mut self) -> Result<(), zenoh::Error> {
        self.asked = Some(Instant::now());
        let shared = Arc::clone(&self.shared);
        self.session
            .get(format!("{}?{WHOLE}", self.about))
            .target(QueryTarget::All)
            .timeout(ANSWER)
            .callback(move |reply| {
                if let Ok(sample) = reply.result() {
                    shared.take(sample);
                }
            })
            .wait()
    }

    /// Prints a message for the user, unless it was just printed.
    fn say(&mut self, what: String) {
        let last = self.said.as_ref();
        if last.is_none_or(|(said, when)| *said != what || when.elapsed() > SAY) {
            eprintln!("{PROGRAM}: {}: {what}", escape(&self.name));
            self.said = Some((what, Instant::now()));
        }
    }
}

impl Source for Remote {
    fn name(&self) -> &str {
        &self.name
    }

    fn plan(&self) -> Option<&Arc<Plan>> {
        self.plan.as_ref()
    }

    fn state(&self) -> State {
        self.state
    }

    fn wait(&mut self, timeout: Duration) -> Result<Option<News>, SourceError> {
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(state) = self.look()? {
                return Ok(Some(News::Changed(state)));
            }
            let inbox = self.shared.inbox();
            if inbox.has_copy() {
                return Ok(Some(News::Written));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let waited = self.shared.news.wait_timeout(inbox, left.min(LOOK));
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
    }

    fn look(&mut self) -> Result<Option<State>, SourceError> {
        let (said, asks, state) = {
            let mut inbox = self.shared.inbox();
            inbox.look();
            let is_due = self.asked.is_none_or(|it| it.elapsed() > ASK);
            let asks = is_due && inbox.take_wants();
            (inbox.take_said(), asks, inbox.take_state())
        };
        if let Some(said) = said {
            self.say(said);
        }
        if let Some(state) = state {
            self.state = state;
        }
        if asks {
            self.ask()?;
        }
        Ok(state)
    }

    fn copy(&mut self, bytes: &mut Vec<u8>) -> Result<Copied, SourceError> {
        let mut inbox = self.shared.inbox();
        let Some((copy, plan)) = inbox.take_copy() else {
            return Ok(Copied::Nothing);
        };
        bytes.clone_from(&copy.bytes);
        self.time = copy.time;
        self.plan = plan.cloned();
        self.counts.whole += 1;
        Ok(Copied::Whole)
    }

    fn time(&self) -> Time {
        self.time
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

impl Shared {
    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, sample: &Sample) {
        let Some((machine, what)) = parts(sample.key_expr().as_str()) else {
            return;
        };
        let message = sample.payload().to_bytes();
        let mut inbox = self.inbox();
        match what {
            "raw" => inbox.raw(&machine, &message),
            "about" => inbox.about(&machine, &message),
            _ => return,
        }
        self.news.notify_one();
    }

    fn take_alive(&self, sample: &Sample) {
        let what = parts(sample.key_expr().as_str());
        let Some(token) = what.as_ref().and_then(|(_, it)| it.strip_prefix("alive/")) else {
            return;
        };
        match sample.kind() {
            SampleKind::Put => self.inbox().came(),
            SampleKind::Delete => self.inbox().went(token),
        }
        self.news.notify_one();
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}
