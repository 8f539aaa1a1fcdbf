//! [`Topics`]

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value as Json;
use win_shared_memory_layouts::{Path, Plan, Region};

use super::discovery::{Device, Home};
use super::shown::{self, Plain, Shown};
use super::topic::{Message, is_refused, levels, region};
use crate::columns::Column;
use crate::escape::escape;
use crate::recording::topic;
use crate::select::Selection;
use crate::state::State;

/// No topic is longer, in bytes. A value whose topic would be is left out; MQTT itself allows 65 535.
const LONGEST: usize = 1024;

/// Where values go at an MQTT broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// All values of a region as an object, by their paths, in one topic.
    #[default]
    Region,
    /// Each value in a topic of its own.
    Value,
}

/// How regions are told to an MQTT broker.
#[derive(Clone, Debug, Default)]
pub struct TopicOptions {
    /// What all topics begin with, such as `winshm/rig`. [`check_base`](Self::check_base) tells whether it can.
    pub base: String,
    /// Where values go.
    pub shape: Shape,
    /// The topic below which Home Assistant looks for devices, if it is to be told of the regions.
    pub home_assistant: Option<String>,
}

/// One region at an MQTT broker.
///
/// Its state goes to `BASE/REGION/state` and its values to `BASE/REGION/values`, or each to a topic below that. In a
/// topic, `+`, `#`, `/`, `%` and what a terminal would obey are written as `%` and two digits for each byte. All
/// messages are to be retained; an empty one removes what is retained.
///
/// ```
/// use std::sync::Arc;
/// use win_shared_memory_layouts::{Plan, catalogue};
/// use winshm_core::share::{Message, Shape, TopicOptions, Topics};
/// use winshm_core::{Selection, State};
///
/// let plan = Plan::new(catalogue::by_id("core-temp").expect("it is in the catalogue"))?;
/// let plan = Arc::new(plan);
/// let mut bytes = vec![0; plan.size()];
/// plan.edit(&mut bytes).set("fTemp[0]", 61.5)?;
///
/// let options = TopicOptions { base: "winshm/rig".to_owned(), shape: Shape::Value, home_assistant: None };
/// let mut topics = Topics::of(&["CoreTemp".to_owned()], &Selection::new(["fTemp[0]"]), &options).remove(0);
/// let told = topics.news(State::Live, Some((Some(&plan), &bytes)));
/// let message = |topic: &str, payload: &str| Message { topic: topic.to_owned(), payload: payload.to_owned() };
/// assert_eq!(told, [
///     message("winshm/rig/CoreTemp/values/fTemp/0", "61.5"),
///     message("winshm/rig/CoreTemp/state", "live"),
/// ]);
/// // What has not changed is not told again.
/// assert!(topics.news(State::Live, Some((Some(&plan), &bytes))).is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Topics {
    name: String,
    /// `BASE/REGION`
    root: String,
    shape: Shape,
    home: Option<Home>,
    shown: Shown,
    places: Vec<Place>,
    /// Whether Home Assistant has been told of these columns.
    is_introduced: bool,
    /// What the broker was told, by topic; nothing where it has to be told again.
    told: HashMap<String, Option<String>>,
    problem: Option<String>,
}

#[derive(Debug)]
struct Place {
    column: usize,
    topic: String,
    /// As Home Assistant is told of it.
    sensor: Option<Message>,
}

impl TopicOptions {
    /// Whether topics can begin with this.
    ///
    /// # Errors
    ///
    /// It is empty or long, or has characters that have a meaning in topics; the text says so.
    pub fn check_base(base: &str) -> Result<(), &'static str> {
        if base.is_empty() || base.len() > 256 {
            Err("a topic has 1 to 256 bytes")
        } else if base.starts_with('$') {
            Err("topics that begin with $ are the broker's own")
        } else if base.contains(is_refused) {
            Err("a topic has no +, # or control characters")
        } else {
            Ok(())
        }
    }
}

impl Topics {
    /// Those of regions of these names, each with what is selected.
    #[must_use]
    pub fn of(names: &[String], selection: &Selection, options: &TopicOptions) -> Vec<Self> {
        let mut taken: Vec<String> = Vec::new();
        let all = names.iter().enumerate().map(|(number, name)| {
            let topic = topic(name, number, taken.iter().map(String::as_str));
            let root = format!("{}/{}", options.base, region(&topic[1..]));
            taken.push(topic);
            Self {
                name: name.clone(),
                home: options.home_assistant.as_deref().map(Home::new),
                root,
                shape: options.shape,
                shown: Shown::new(selection.clone()),
                places: Vec::new(),
                is_introduced: false,
                told: HashMap::new(),
                problem: None,
            }
        });
        all.collect()
    }

    /// The topic of its state. The last will belongs there, as [`OFFLINE`](Self::OFFLINE).
    #[must_use]
    pub fn state(&self) -> String {
        format!("{}/state", self.root)
    }

    /// The state of a region of which nobody tells.
    pub const OFFLINE: &str = "offline";

    /// What the broker is to be told that has changed since the last time, at most one message a topic. A copy is there
    /// with what it is, if anybody knows.
    pub fn news(
        &mut self,
        state: State,
        copy: Option<(Option<&Arc<Plan>>, &[u8])>,
    ) -> Vec<Message> {
        let mut news = Vec::new();
        if let Some((plan, bytes)) = copy {
            if self.shown.arrange(plan, bytes) {
                self.arrange(&mut news);
            }
            if let Some(plan) = self.shown.plan() {
                let plan = Arc::clone(plan);
                self.values(&plan.view(bytes), &mut news);
            }
        }
        // Last, so that a client that hears of `live` finds the values there.
        let state = serde_json::json!(state);
        self.tell(
            self.state(),
            state.as_str().unwrap_or_default().to_owned(),
            &mut news,
        );
        news
    }

    /// The broker may have lost what it was told, and is to be told everything.
    pub fn forget(&mut self) {
        self.told.values_mut().for_each(|it| *it = None);
        self.is_introduced = false;
    }

    /// Tells the user why values are missing: once, and again when the reason changes.
    pub fn take_problem(&mut self) -> Option<String> {
        self.problem.take()
    }

    /// Says where the values go that were found, and removes those that are there no more.
    fn arrange(&mut self, news: &mut Vec<Message>) {
        let device = Device {
            root: &self.root,
            name: &self.name,
            state: self.state(),
            layout: self.shown.plan().map(|it| it.layout().id.as_str()),
        };
        let columns = self.shown.columns().iter().enumerate();
        let places = columns.filter_map(|(column, it)| {
            let path: Path = it.path.parse().ok()?;
            let own = format!("{}/values/{}", self.root, levels(&path));
            let is_in_object = self.shape == Shape::Region;
            let topic = if is_in_object {
                format!("{}/values", self.root)
            } else {
                own.clone()
            };
            let home = self.home.as_ref();
            (own.len() <= LONGEST).then(|| Place {
                column,
                sensor: home.and_then(|home| home.sensor(&device, it, &own, &topic, is_in_object)),
                topic,
            })
        });
        self.places = places.collect();
        self.is_introduced = false;
        let left_out = self.shown.columns().len() - self.places.len() + self.shown.left_out();
        let too_many =
            || format!("{left_out} values are too many or have too long names; --fields chooses");
        let problem = self
            .shown
            .problem()
            .or_else(|| (left_out > 0).then(too_many));
        self.problem = problem.map(|it| format!("{}: {it}", escape(&self.name)));
        let mut kept: HashSet<String> = HashSet::from([self.state()]);
        for place in &self.places {
            kept.insert(place.topic.clone());
            kept.extend(place.sensor.iter().map(|it| it.topic.clone()));
        }
        let gone = self.told.extract_if(|topic, _| !kept.contains(topic));
        let gone = gone.map(|(topic, _)| Message {
            topic,
            payload: String::new(),
        });
        news.extend(gone);
    }

    fn values(&mut self, region: &Region<'_>, news: &mut Vec<Message>) {
        let columns = self.shown.columns();
        let mut all = Vec::new();
        if !self.is_introduced {
            all.extend(self.places.iter().filter_map(|it| it.sensor.clone()));
        }
        self.is_introduced = true;
        match self.shape {
            Shape::Value => all.extend(self.places.iter().map(|place| Message {
                topic: place.topic.clone(),
                payload: payload(region, &columns[place.column]),
            })),
            Shape::Region => all.extend(self.places.first().map(|first| Message {
                topic: first.topic.clone(),
                payload: object(region, self.places.iter().map(|it| &columns[it.column])),
            })),
        }
        for Message { topic, payload } in all {
            self.tell(topic, payload, news);
        }
    }

    fn tell(&mut self, topic: String, payload: String, news: &mut Vec<Message>) {
        let told = self.told.entry(topic.clone()).or_default();
        if told.as_ref() != Some(&payload) {
            *told = Some(payload.clone());
            news.push(Message { topic, payload });
        }
    }
}

/// The value of a column alone.
fn payload(region: &Region<'_>, column: &Column) -> String {
    match shown::plain(region, column) {
        Plain::Number(text) | Plain::Text(text) => text,
        Plain::Nothing => "null".to_owned(),
    }
}

/// An object with the values of columns, by their paths.
fn object<'c>(region: &Region<'_>, columns: impl Iterator<Item = &'c Column>) -> String {
    let members = columns.map(|column| {
        let path = Json::from(column.path.as_str());
        format!("{path}:{}", shown::json(region, column))
    });
    let members: Vec<_> = members.collect();
    format!("{{{}}}", members.join(","))
}
