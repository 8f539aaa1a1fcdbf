//! [`Inbox`]

use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, Instant};

use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::share::Frame;
use winshm_core::{State, Time, escape};

use crate::wire::{About, Head, token};

/// A publisher that is silent for this long is gone: it sends something twice a second.
const SILENT: Duration = Duration::from_secs(5);

/// What has arrived of a region. It keeps only the latest copy, however much arrives.
#[derive(Default)]
pub(crate) struct Inbox {
    publisher: Option<Publisher>,
    frame: Frame,
    copy: Copy,
    /// Whether the copy has not been taken yet.
    is_new: bool,
    /// A new state that has not been taken yet.
    state: Option<State>,
    /// A message for the user.
    said: Option<String>,
    /// Whether to ask the publisher.
    wants: bool,
}

/// The program that publishes the region. Of several it is the first that was heard, until it goes.
struct Publisher {
    id: u64,
    machine: String,
    heard: Instant,
    /// The number of its last message with bytes, if none was missed.
    number: Option<u32>,
    /// Its last `about`, and the version that its last message belongs to.
    about: Option<About>,
    version: u32,
    plan: Option<Arc<Plan>>,
    /// Another program that publishes a region of this name.
    other: Option<u64>,
}

/// A copy of the region.
#[derive(Default)]
pub(crate) struct Copy {
    pub(crate) bytes: Vec<u8>,
    pub(crate) time: Time,
}

impl Inbox {
    /// Takes a message with bytes of the region from this machine.
    pub(crate) fn raw(&mut self, machine: &str, message: &[u8]) {
        let Some((head, bytes)) = Head::split(message) else {
            return self.refuse(machine);
        };
        let Some(publisher) = self.adopt(head.id, machine) else {
            return;
        };
        publisher.heard = Instant::now();
        publisher.version = head.about;
        let last = publisher.number;
        let is_told = publisher.is_told();
        if bytes.is_empty() {
            self.wants |= !is_told || last != Some(head.number);
            return;
        }
        if last.map(|it| it.wrapping_add(1)) != Some(head.number) {
            self.frame = Frame::default();
        }
        let (number, problem) = match self.frame.apply(bytes) {
            Ok(Some(bytes)) => {
                self.copy.bytes.clear();
                self.copy.bytes.extend_from_slice(bytes);
                self.copy.time = Time::from_nanoseconds(head.time);
                self.is_new = true;
                (Some(head.number), None)
            }
            // A message before it was missed. A whole copy comes each second, or is asked for when the publisher pauses.
            Ok(None) => (None, None),
            Err(error) => (None, Some(error)),
        };
        self.wants |= !is_told;
        if let Some(publisher) = &mut self.publisher {
            publisher.number = number;
        }
        if let Some(error) = problem {
            self.say(format!("what {} sends: {error}", escape(machine)));
        }
    }

    /// Takes an `about` from this machine.
    pub(crate) fn about(&mut self, machine: &str, message: &[u8]) {
        let Some(about) = About::parse(message) else {
            return self.refuse(machine);
        };
        let Some(publisher) = self.adopt(about.id, machine) else {
            return;
        };
        publisher.heard = Instant::now();
        let known = publisher.about.as_ref();
        // An older one may arrive late.
        if known.is_some_and(|it| about.version.wrapping_sub(it.version) as i32 <= 0) {
            return;
        }
        if known.is_none_or(|it| it.layout != about.layout) {
            let plan = about.layout.as_deref().map(Layout::from_json);
            publisher.plan = plan.and_then(|it| Plan::new(&it.ok()?).ok()).map(Arc::new);
        }
        let state = about.state;
        let is_other = known.map(|it| it.state) != Some(state);
        publisher.version = about.version;
        publisher.about = Some(about);
        if is_other {
            self.state = Some(state);
        }
    }

    /// A publisher of the region has appeared.
    pub(crate) fn came(&mut self) {
        self.wants = true;
    }

    /// The publisher with this token has gone.
    pub(crate) fn went(&mut self, alive: &str) {
        let publisher = self.publisher.as_ref();
        if publisher.is_some_and(|it| token(it.id) == alive) {
            self.lose(|machine| format!("{machine} does not publish it any more"));
        }
    }

    /// Gives up a publisher that has been silent for too long.
    pub(crate) fn look(&mut self) {
        let publisher = self.publisher.as_ref();
        if publisher.is_some_and(|it| it.heard.elapsed() > SILENT) {
            self.lose(|machine| format!("nothing is heard from {machine} any more"));
        }
    }

    /// When something arrived last, if there is a publisher.
    #[cfg(windows)]
    pub(crate) fn heard(&self) -> Option<Instant> {
        self.publisher.as_ref().map(|it| it.heard)
    }

    /// Whether to ask the publisher; `true` once for each reason.
    pub(crate) fn take_wants(&mut self) -> bool {
        std::mem::take(&mut self.wants)
    }

    pub(crate) fn take_said(&mut self) -> Option<String> {
        self.said.take()
    }

    pub(crate) fn take_state(&mut self) -> Option<State> {
        self.state.take()
    }

    /// Whether there is a copy that has not been taken, and whose `about` has arrived.
    pub(crate) fn has_copy(&self) -> bool {
        self.is_new && self.publisher.as_ref().is_some_and(Publisher::is_told)
    }

    /// The copy, and its layout if that is known.
    pub(crate) fn take_copy(&mut self) -> Option<(&Copy, Option<&Arc<Plan>>)> {
        if !self.has_copy() {
            return None;
        }
        self.is_new = false;
        let plan = self.publisher.as_ref().and_then(|it| it.plan.as_ref());
        Some((&self.copy, plan))
    }

    /// The publisher, if it is this one; takes this one if there was none.
    fn adopt(&mut self, id: u64, machine: &str) -> Option<&mut Publisher> {
        if self.publisher.is_none() {
            self.say(format!("is published by {}", escape(machine)));
            self.wants = true;
        }
        let publisher = self
            .publisher
            .get_or_insert_with(|| Publisher::new(id, machine));
        if publisher.id == id {
            return Some(publisher);
        }
        if publisher.other.replace(id) != Some(id) {
            let (first, other) = (escape(&publisher.machine), escape(machine));
            self.said = Some(format!(
                "is published by {other} as well; what {first} publishes is taken"
            ));
        }
        None
    }

    fn lose(&mut self, what: impl Fn(&dyn Display) -> String) {
        if let Some(publisher) = self.publisher.take() {
            self.say(what(&escape(&publisher.machine)));
        }
        self.frame = Frame::default();
        self.is_new = false;
        self.state = Some(State::Absent);
        // Another program may publish it.
        self.wants = true;
    }

    fn refuse(&mut self, machine: &str) {
        self.say(format!(
            "what {} sends is not from this version of winshm-zenoh",
            escape(machine)
        ));
    }

    fn say(&mut self, what: String) {
        self.said = Some(what);
    }
}

impl Publisher {
    fn new(id: u64, machine: &str) -> Self {
        Self {
            id,
            machine: machine.to_owned(),
            heard: Instant::now(),
            number: None,
            about: None,
            version: 0,
            plan: None,
            other: None,
        }
    }

    /// Whether the `about` that its bytes belong to has arrived.
    fn is_told(&self) -> bool {
        let about = self.about.as_ref();
        about.is_some_and(|it| it.version == self.version)
    }
}

#[cfg(test)]
mod tests {
    use winshm_core::State;

    use super::Inbox;
    use crate::wire::{About, Head};

    #[test]
    fn a_hostile_publisher_gives_no_copy_and_one_that_follows_it_does() {
        let mut inbox = Inbox::default();
        let id = 7;
        let layouts = ["[".repeat(1 << 20), "{}".to_owned(), "\"".to_owned()];
        for (version, layout) in (1..).zip(layouts) {
            let about = About {
                id,
                version,
                region: "R".to_owned(),
                state: State::Live,
                layout: Some(layout),
            };
            inbox.about("evil", about.message().as_bytes());
            let messages = [
                vec![0xff; 5000],
                vec![0; 5000],
                [&[1][..], &[0xff; 8]].concat(),
                (0..=255).collect(),
            ];
            for (number, bytes) in (1..).zip(messages) {
                let head = Head {
                    id,
                    about: version,
                    number,
                    time: u64::MAX,
                };
                inbox.raw("evil", &head.message(&bytes));
                assert!(!inbox.has_copy(), "{bytes:?}");
            }
        }
        assert!(inbox.take_said().is_some());
        inbox.went("0000000000000007");
        assert_eq!(inbox.take_state(), Some(State::Absent));
        let told = About {
            id: 8,
            version: 1,
            region: "R".to_owned(),
            state: State::Live,
            layout: None,
        };
        inbox.about("rig", told.message().as_bytes());
        assert_eq!(inbox.take_state(), Some(State::Live));
        assert_eq!(inbox.take_said().as_deref(), Some("is published by rig"));
    }
}
