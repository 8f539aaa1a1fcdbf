//! [`Published`]

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use win_shared_memory_layouts::Plan;
use winshm::{Message, Result, Seen};
use winshm_core::share::Channels;
use winshm_core::{Selection, State, Time, escape};
use zenoh::liveliness::LivelinessToken;
use zenoh::pubsub::Publisher;
use zenoh::qos::CongestionControl;
use zenoh::query::{Query, Queryable};
use zenoh::{Session, Wait};

use crate::network::{PROGRAM, failed};
use crate::wire::{About, Head, WHOLE, key, token};

/// After this long without a message, a head alone is sent: nothing is new.
const QUIET: Duration = Duration::from_millis(500);

/// How often, at most, a whole copy is sent to all because one subscriber asks for it.
const WHOLE_AGAIN: Duration = Duration::from_millis(100);

/// A published region. Nothing is sent while no subscriber follows it.
pub struct Published {
    raw: Publisher<'static>,
    about: Publisher<'static>,
    asked: Arc<Asked>,
    _answers: Queryable<()>,
    _alive: LivelinessToken,
    channels: Channels,
    /// What was told of it last.
    told: About,
    plan: Option<Arc<Plan>>,
    copy: Option<(Time, Vec<u8>)>,
    /// How many messages with bytes were sent.
    number: u32,
    /// When anything was sent last, and when a whole copy was.
    sent: Instant,
    whole: Instant,
}

/// What others ask for.
struct Asked {
    key: String,
    /// What they are told.
    about: Mutex<String>,
    /// Whether somebody wants a whole copy.
    wants: AtomicBool,
}

impl Published {
    /// Publishes a region of this machine, about which nothing is known yet.
    ///
    /// # Errors
    ///
    /// Zenoh refuses, because the name is too long or the session is closed.
    pub fn declare(session: &Session, machine: &str, name: &str) -> Result<Self> {
        let told = About {
            id: RandomState::new().build_hasher().finish(),
            version: 0,
            region: name.to_owned(),
            state: State::Absent,
            layout: None,
        };
        let publisher = |what| {
            let publisher = session.declare_publisher(key(machine, name, what));
            let publisher = publisher.congestion_control(CongestionControl::Drop);
            // Sent at once, and not batched with others.
            let publisher = publisher.express(true);
            publisher.wait().map_err(|error| failed(&error))
        };
        let about = key(machine, name, "about");
        let asked = Arc::new(Asked {
            key: about.clone(),
            about: Mutex::new(told.message()),
            wants: AtomicBool::new(false),
        });
        let answering = Arc::clone(&asked);
        let answers = session.declare_queryable(about);
        let answers = answers.callback(move |query| answering.answer(&query));
        let answers = answers.wait().map_err(|error| failed(&error))?;
        let (raw, about) = (publisher("raw")?, publisher("about")?);
        // Last, because subscribers ask as soon as they see it.
        let alive = key(machine, name, &format!("alive/{}", token(told.id)));
        let alive = session.liveliness().declare_token(alive);
        let alive = alive.wait().map_err(|error| failed(&error))?;
        Ok(Self {
            raw,
            about,
            asked,
            _answers: answers,
            _alive: alive,
            channels: Channels::of(&[name.to_owned()], &Selection::default()).remove(0),
            told,
            plan: None,
            copy: None,
            number: 0,
            sent: Instant::now(),
            whole: Instant::now(),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.told.region
    }

    /// Publishes what has happened to it.
    ///
    /// # Errors
    ///
    /// The session is closed.
    pub fn take(&mut self, message: Message) -> Result<()> {
        match message.seen {
            Seen::State(state) => {
                self.told.state = state;
                self.tell()?;
            }
            Seen::Copy(bytes, plan) => {
                let is_same = match (&self.plan, &plan) {
                    (Some(old), Some(new)) => Arc::ptr_eq(old, new) || old.layout() == new.layout(),
                    (old, new) => old.is_none() && new.is_none(),
                };
                if !is_same {
                    self.told.layout = plan.as_ref().map(|it| it.layout().to_json());
                    self.tell()?;
                    self.channels.forget();
                }
                self.plan = plan;
                self.copy = Some((message.time, bytes));
                self.send()?;
            }
            Seen::Failed(error) => eprintln!("{PROGRAM}: {}: {error}", escape(&self.told.region)),
            Seen::Torn(_) | Seen::Late(_) => {}
        }
        Ok(())
    }

    /// Tells what it is now.
    fn tell(&mut self) -> Result<()> {
        self.told.version = self.told.version.wrapping_add(1);
        let message = self.told.message();
        let about = self.asked.about.lock();
        about
            .unwrap_or_else(PoisonError::into_inner)
            .clone_from(&message);
        self.about.put(message).wait().map_err(|it| failed(&it))
    }

    /// Sends the latest copy, if there is a subscriber.
    fn send(&mut self) -> Result<()> {
        let Some((time, bytes)) = &self.copy else {
            return Ok(());
        };
        let wanted = self.raw.matching_status().wait();
        if !wanted.map_err(|it| failed(&it))?.matching() {
            self.channels.forget();
            return Ok(());
        }
        // Out of memory: the next copy is a whole one.
        let Ok(sample) = self.channels.sample(*time, bytes) else {
            return Ok(());
        };
        let time = *time;
        if sample.is_key {
            self.whole = Instant::now();
        }
        self.number = self.number.wrapping_add(1);
        self.put(time, &sample.raw.1)
    }

    fn put(&mut self, time: Time, bytes: &[u8]) -> Result<()> {
        self.sent = Instant::now();
        let head = Head {
            id: self.told.id,
            about: self.told.version,
            number: self.number,
            time: time.nanoseconds(),
        };
        let message = head.message(bytes);
        self.raw.put(message).wait().map_err(|it| failed(&it))
    }

    /// Sends what is due without news: a whole copy that was asked for, or a head. Call it often.
    ///
    /// # Errors
    ///
    /// The session is closed.
    pub fn look(&mut self) -> Result<()> {
        if self.asked.wants.load(Ordering::Relaxed) && self.whole.elapsed() > WHOLE_AGAIN {
            self.asked.wants.store(false, Ordering::Relaxed);
            self.channels.forget();
            self.send()?;
        }
        if self.sent.elapsed() > QUIET {
            self.put(Time::default(), &[])?;
        }
        Ok(())
    }
}

impl Asked {
    fn answer(&self, query: &Query) {
        if query.parameters().contains_key(WHOLE) {
            self.wants.store(true, Ordering::Relaxed);
        }
        let about = self.about.lock();
        let about = about.unwrap_or_else(PoisonError::into_inner).clone();
        if let Err(error) = query.reply(&self.key, about).wait() {
            eprintln!("{PROGRAM}: an answer is not sent: {error}");
        }
    }
}

impl fmt::Debug for Published {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Published")
            .field("told", &self.told)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}
