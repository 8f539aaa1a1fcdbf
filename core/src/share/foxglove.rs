//! Foxglove's WebSocket protocol, as far as a server speaks it that only shows
//! (<https://github.com/foxglove/ws-protocol/blob/main/docs/spec.md>).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use win_shared_memory_layouts::Plan;

use super::packed::Packer;
use crate::delta;
use crate::escape::escape;
use crate::message::MessageType;
use crate::recording::topic;
use crate::select::Selection;
use crate::state::State;
use crate::time::Time;

/// The subprotocols that are spoken, the newest first. They are the same for a server that only shows.
pub const SUBPROTOCOLS: [&str; 2] = ["foxglove.sdk.v1", "foxglove.websocket.v1"];

/// The same for clients that know winshm, which have more channels and are told of each state. A client that offers it
/// gets it.
pub const OWN_SUBPROTOCOL: &str = "winshm.share.v1";

/// How often the bytes of a region are sent as a whole.
const KEY: Duration = Duration::from_secs(1);

/// Values that take more than this are sent only if they are chosen, as they are recorded.
const DECODED: usize = 16 * 1024;

/// The schema of raw bytes: the layout, as JSON.
const LAYOUT: &str = "winshm.layout";

/// What the bytes are encoded as.
const PACKED: &str = "x-winshm-delta-zstd";

/// The kind of client that a message is for.
///
/// Foxglove reports an encoding that it cannot read as an error, and shows each status as a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Those that know Foxglove's protocol: the values, and what is amiss as long as it is.
    Foxglove,
    /// Those that may know it as it was when a status could not be removed: the values, and why there are none.
    Older,
    /// Those that know winshm: the values, the bytes, and each state.
    Winshm,
}

impl Audience {
    /// Those that speak a subprotocol.
    ///
    /// ```
    /// use winshm_core::share::{Audience, OWN_SUBPROTOCOL, SUBPROTOCOLS};
    ///
    /// let all = [SUBPROTOCOLS[0], SUBPROTOCOLS[1], OWN_SUBPROTOCOL].map(Audience::of);
    /// assert_eq!(all, [Audience::Foxglove, Audience::Older, Audience::Winshm]);
    /// ```
    #[must_use]
    pub fn of(subprotocol: &str) -> Self {
        match subprotocol {
            OWN_SUBPROTOCOL => Self::Winshm,
            it if it == SUBPROTOCOLS[0] => Self::Foxglove,
            _ => Self::Older,
        }
    }
}

/// What clients are told because the channels of a region are others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rearranged {
    foxglove: Vec<String>,
    older: Vec<String>,
    winshm: Vec<String>,
}

impl Rearranged {
    /// What these are told.
    #[must_use]
    pub fn to(&self, audience: Audience) -> &[String] {
        match audience {
            Audience::Foxglove => &self.foxglove,
            Audience::Older => &self.older,
            Audience::Winshm => &self.winshm,
        }
    }
}

/// The channels of one region: its values as protobuf, and its bytes as they change, for those that know winshm.
///
/// The bytes are frames as [recordings](crate::recording) have them, of which one each second stands alone. The first
/// byte of a message is the kind of the frame. The rest is compressed: a frame that stands alone and all that follow it up
/// to the next are one frame of zstd (RFC 8878), flushed after each message. [`Frame`](super::Frame) makes bytes of them
/// again.
///
/// ```
/// use winshm_core::share::{Audience, Channels, Frame};
/// use winshm_core::{Selection, Time};
///
/// let mut channels = Channels::of(&["Car".to_owned()], &Selection::default()).remove(0);
/// let advertised = channels.arrange(None, &[1, 2, 3]).expect("they are new");
/// assert!(advertised.to(Audience::Winshm)[0].contains("/Car/raw"));
/// let sample = channels.sample(Time::default(), &[1, 2, 3])?;
/// assert!(sample.is_key && sample.values.is_none() && sample.raw.0 == 1);
/// assert_eq!(Frame::default().apply(&sample.raw.1)?, Some(&[1, 2, 3][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Channels {
    number: u32,
    topic: String,
    name: String,
    selection: Selection,
    /// How often its channels have been others.
    generation: u32,
    plan: Option<Arc<Plan>>,
    ty: Option<MessageType>,
    is_advertised: bool,
    /// The bytes that were sent last, and when they were sent as a whole.
    last: Option<Vec<u8>>,
    keyed: Time,
    packer: Packer,
}

/// What is sent of one copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// When the copy was taken.
    pub time: Time,
    /// The channel of its values, and these, if there is one.
    pub values: Option<(u32, Vec<u8>)>,
    /// The channel of its bytes, and these.
    pub raw: (u32, Vec<u8>),
    /// Whether the bytes need none that were before.
    pub is_key: bool,
}

impl Channels {
    /// Those of regions of these names, each with what is selected.
    #[must_use]
    pub fn of(names: &[String], selection: &Selection) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for (number, name) in (0..).zip(names) {
            let topic = topic(
                name,
                number as usize,
                all.iter().map(|it| it.topic.as_str()),
            );
            all.push(Self {
                number,
                topic,
                name: name.clone(),
                selection: selection.clone(),
                generation: 0,
                plan: None,
                ty: None,
                is_advertised: false,
                last: None,
                keyed: Time::default(),
                packer: Packer::default(),
            });
        }
        all
    }

    /// Looks what a copy has. If that is not what it was, tells what clients are to be told: the old channels have gone,
    /// the new ones are there.
    pub fn arrange(&mut self, plan: Option<&Arc<Plan>>, bytes: &[u8]) -> Option<Rearranged> {
        let is_same = match (&self.plan, plan) {
            (Some(old), Some(new)) => {
                // A recording that begins again has its layout read again.
                let is_same = Arc::ptr_eq(old, new) || old.layout() == new.layout();
                is_same && self.ty.as_ref().is_none_or(|it| it.fits(new, bytes))
            }
            (None, None) => true,
            _ => false,
        };
        if is_same && self.is_advertised {
            return None;
        }
        let [foxglove, older, winshm] = [Audience::Foxglove, Audience::Older, Audience::Winshm]
            .map(|it| (it, self.farewell(it)));
        self.generation += u32::from(self.is_advertised);
        self.plan = plan.cloned();
        self.ty = plan.and_then(|plan| {
            let ty = MessageType::new(plan, bytes);
            let mut message = Vec::new();
            let fits = ty.encode(&plan.view(bytes), &self.selection, &mut message);
            let is_wanted = message.len() <= DECODED || !self.selection.is_everything();
            (fits && is_wanted).then_some(ty)
        });
        self.last = None;
        self.is_advertised = true;
        let told = |(audience, gone): (Audience, Option<String>)| {
            let there = self.advertisement(audience);
            gone.into_iter().chain(there).collect()
        };
        Some(Rearranged {
            foxglove: told(foxglove),
            older: told(older),
            winshm: told(winshm),
        })
    }

    /// What a client is told that has just come.
    #[must_use]
    pub fn advertisement(&self, audience: Audience) -> Option<String> {
        if !self.is_advertised {
            return None;
        }
        let mut channels = Vec::new();
        if let Some(ty) = &self.ty {
            channels.push(json!({
                "id": self.values(),
                "topic": self.topic,
                "encoding": "protobuf",
                "schemaName": ty.name(),
                "schema": STANDARD.encode(ty.descriptor()),
                "schemaEncoding": "protobuf",
            }));
        } else if audience != Audience::Winshm {
            return Some(self.lack());
        }
        if audience == Audience::Winshm {
            let layout = self.plan.as_ref().map(|it| it.layout().to_json());
            channels.push(json!({
                "id": self.raw(),
                "topic": format!("{}/raw", self.topic),
                "encoding": PACKED,
                "schemaName": LAYOUT,
                "schema": layout.unwrap_or_else(|| "{}".to_owned()),
                "schemaEncoding": LAYOUT,
                "metadata": { "region": self.name },
            }));
        }
        Some(json!({ "op": "advertise", "channels": channels }).to_string())
    }

    /// That what was advertised is there no more. A client is told of no channel that it was not told of before.
    fn farewell(&self, audience: Audience) -> Option<String> {
        if !self.is_advertised {
            return None;
        }
        let values = self.ty.as_ref().map(|_| self.values());
        let raw = (audience == Audience::Winshm).then(|| self.raw());
        let gone: Vec<_> = values.into_iter().chain(raw).collect();
        if gone.is_empty() {
            return (audience == Audience::Foxglove).then(|| removed(&self.about_values()));
        }
        Some(json!({ "op": "unadvertise", "channelIds": gone }).to_string())
    }

    /// Why there are no values.
    fn lack(&self) -> String {
        const WARNING: u8 = 1;
        let why = if self.plan.is_none() {
            "winshm does not know its layout, so there are no values; share with --layout"
        } else {
            "it has too many values to send them all; choose some with --fields"
        };
        json!({
            "op": "status",
            "level": WARNING,
            "message": format!("{}: {why}", escape(&self.name)),
            "id": self.about_values(),
        })
        .to_string()
    }

    /// A state of the region, for clients that were told of others before.
    ///
    /// For Foxglove it is a status, which is removed when the region is live again. Where that is not possible, there is
    /// none. For winshm the `region` and the `state` stand beside it.
    ///
    /// ```
    /// use winshm_core::share::{Audience, Channels};
    /// use winshm_core::{Selection, State};
    ///
    /// let channels = Channels::of(&["Car".to_owned()], &Selection::default()).remove(0);
    /// let told = |state| channels.state(state, Audience::Foxglove);
    /// assert!(told(State::Frozen).is_some_and(|it| it.contains("Car: frozen")));
    /// assert!(told(State::Live).is_some_and(|it| it.contains("removeStatus")));
    /// assert_eq!(channels.state(State::Frozen, Audience::Older), None);
    /// ```
    #[must_use]
    pub fn state(&self, state: State, audience: Audience) -> Option<String> {
        const INFO: u8 = 0;
        let id = format!("state of {}", self.topic);
        let message = format!("{}: {state}", escape(&self.name));
        let mut told = json!({ "op": "status", "level": INFO, "message": message });
        match (audience, state) {
            (Audience::Older, _) => return None,
            (Audience::Foxglove, State::Live) => return Some(removed(&id)),
            (Audience::Foxglove, _) => told["id"] = id.into(),
            (Audience::Winshm, _) => {
                told["region"] = self.name.as_str().into();
                told["state"] = json!(state);
            }
        }
        Some(told.to_string())
    }

    /// The name of the status that says why there are no values.
    fn about_values(&self) -> String {
        format!("values of {}", self.topic)
    }

    /// What is sent of a copy to those that have had the one before.
    ///
    /// # Errors
    ///
    /// The compressor is out of memory. The next sample is then a whole one.
    pub fn sample(&mut self, time: Time, bytes: &[u8]) -> io::Result<Sample> {
        let mut raw = Vec::new();
        let is_due = time < self.keyed || time.since(self.keyed) >= KEY;
        let mut last = match self.last.take().filter(|_| !is_due) {
            Some(last) => {
                delta::delta(&last, bytes, &mut raw);
                last
            }
            None => {
                delta::key(bytes, &mut raw);
                Vec::new()
            }
        };
        let is_key = raw.first() == Some(&delta::KEY);
        if is_key {
            self.keyed = time;
        }
        let raw = self.packer.pack(&raw)?;
        last.clear();
        last.extend_from_slice(bytes);
        self.last = Some(last);
        let values = self.ty.as_ref().zip(self.plan.as_ref());
        let values = values.and_then(|(ty, plan)| {
            let mut message = Vec::new();
            let fits = ty.encode(&plan.view(bytes), &self.selection, &mut message);
            fits.then(|| (self.values(), message))
        });
        Ok(Sample {
            time,
            values,
            raw: (self.raw(), raw),
            is_key,
        })
    }

    /// The next sample is a whole one.
    pub fn forget(&mut self) {
        self.last = None;
    }

    /// Whether a channel is one of those that these clients are told of.
    #[must_use]
    pub fn have(&self, channel: u32, audience: Audience) -> bool {
        let is_values = channel == self.values() && self.ty.is_some();
        let is_raw = channel == self.raw() && audience == Audience::Winshm;
        self.is_advertised && (is_values || is_raw)
    }

    fn raw(&self) -> u32 {
        (self.generation << 16) | (2 * self.number + 1)
    }

    fn values(&self) -> u32 {
        self.raw() + 1
    }
}

/// What a server says first.
#[must_use]
pub fn server_info(session: &str) -> String {
    let name = concat!("winshm ", env!("CARGO_PKG_VERSION"));
    json!({
        "op": "serverInfo",
        "name": name,
        "capabilities": [],
        "supportedEncodings": [],
        "metadata": {},
        "sessionId": session,
    })
    .to_string()
}

/// Says that a status no longer holds.
fn removed(id: &str) -> String {
    json!({ "op": "removeStatus", "statusIds": [id] }).to_string()
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "op", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[non_exhaustive]
pub enum Request {
    /// Send what these channels have.
    Subscribe {
        /// The client's numbers for them.
        subscriptions: Vec<Subscription>,
    },
    /// Send it no more.
    Unsubscribe {
        /// The client's numbers.
        subscription_ids: Vec<u32>,
    },
    /// Something that a server which only shows does not do.
    #[serde(other)]
    Other,
}

/// A channel, and the number that a client has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// The client's number.
    pub id: u32,
    /// The channel.
    pub channel_id: u32,
}

impl Request {
    /// Reads what a client has sent; `None` if it makes no sense.
    ///
    /// ```
    /// use winshm_core::share::{Request, Subscription};
    ///
    /// let told = r#"{"op":"subscribe","subscriptions":[{"id":7,"channelId":1}]}"#;
    /// let subscriptions = vec![Subscription { id: 7, channel_id: 1 }];
    /// assert_eq!(Request::parse(told), Some(Request::Subscribe { subscriptions }));
    /// assert_eq!(Request::parse(r#"{"op":"getParameters","id":"x"}"#), Some(Request::Other));
    /// assert_eq!(Request::parse("x"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // What it does not know may be of any shape; the tag is looked at alone.
        let value: Value = serde_json::from_str(text).ok()?;
        serde_json::from_value(value).ok()
    }
}

/// A message of a channel, for the client that has this number for it.
///
/// ```
/// use winshm_core::{Time, share};
///
/// let frame = share::message_data(7, Time::from_nanoseconds(3), &[9]);
/// assert_eq!(frame, [1, 7, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 9]);
/// ```
#[must_use]
pub fn message_data(subscription: u32, time: Time, message: &[u8]) -> Vec<u8> {
    const OPCODE: u8 = 1;
    let mut frame = Vec::with_capacity(13 + message.len());
    frame.push(OPCODE);
    frame.extend_from_slice(&subscription.to_le_bytes());
    frame.extend_from_slice(&time.nanoseconds().to_le_bytes());
    frame.extend_from_slice(message);
    frame
}
