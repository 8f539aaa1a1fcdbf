//! Regions for other screens and other programs: a page with charts that move, JSON, metrics for
//! Prometheus, and messages for MQTT.
//!
//! These are the bytes alone; nothing here opens a connection. Names and texts of regions come from other programs: in
//! the page they are text, in JSON and in metrics they are quoted.

mod foxglove;
mod frame;
mod json;
mod metrics;
mod packed;
mod page;
mod shown;
mod topic;

mod discovery;
mod values;

mod topics;

pub use foxglove::{
    Audience, Channels, OWN_SUBPROTOCOL, Rearranged, Request, SUBPROTOCOLS, Sample, Subscription,
    message_data, server_info,
};
pub use frame::{Frame, Malformed};
pub use json::json;
pub use metrics::Metrics;
pub use page::{PAGE_POLICY, page};
pub use topic::Message;
pub use topics::{Shape, TopicOptions, Topics};
pub use values::Values;
