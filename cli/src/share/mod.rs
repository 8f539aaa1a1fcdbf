//! `winshm share`: a small HTTP server beside the threads that follow the regions.
//!
//! `hub` has the latest copy of each region and what is made of it, once for all clients. `server` accepts connections,
//! of which `guard` refuses what is not ours to answer, `answers` says what there is at which path, and `socket` talks to
//! those that want a WebSocket. `broker` tells an MQTT broker, at its own pace, what `hub` has. Everything a
//! client can make us keep is bounded: connections by their number, a request by its size and its time, and answers
//! that are on their way by a [`Budget`](budget::Budget) that all share. A client that does not read gets fewer values,
//! and then none.

mod budget;
mod guard;
mod patient;
#[cfg(windows)]
mod remote;

mod hub;

mod socket;

mod answers;

mod server;

#[cfg(feature = "mqtt")]
mod broker;

#[cfg(feature = "mqtt")]
pub(crate) use broker::Broker;
pub(crate) use guard::Guard;
pub(crate) use hub::Hub;
#[cfg(windows)]
pub(crate) use remote::{Remote, Told, address};
pub(crate) use server::Listener;
