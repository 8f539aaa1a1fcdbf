//! Clients with a WebSocket: Foxglove, and whoever speaks its protocol.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt, future};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::upgrade::{self, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use winshm_core::share::{
    Audience, OWN_SUBPROTOCOL, Request, SUBPROTOCOLS, message_data, server_info,
};

use super::budget::Budget;
use super::hub::{Hub, Out, Sample};

/// A client says little. What claims to be longer ends the connection.
const LONGEST: usize = 64 * 1024;

/// How often a client is sent something even if there is nothing new, so that a lost one is noticed.
const STILL_THERE: Duration = Duration::from_secs(2);

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// The client's number for each channel that it wants.
type Wanted = Mutex<HashMap<u32, u32>>;

/// Accepts a WebSocket: the headers of the answer, or why not.
pub(crate) fn accept(
    mut request: hyper::Request<Incoming>,
    hub: Arc<Hub>,
    place: Arc<OwnedSemaphorePermit>,
) -> Result<HeaderMap, &'static str> {
    let headers = request.headers();
    let is = |name: HeaderName, value: &str| {
        let found = headers.get(name).and_then(|it| it.to_str().ok());
        found.is_some_and(|it| it.eq_ignore_ascii_case(value))
    };
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    let (true, true, Some(key)) = (
        is(header::UPGRADE, "websocket"),
        is(header::SEC_WEBSOCKET_VERSION, "13"),
        key,
    ) else {
        return Err("This is not the handshake of a WebSocket (RFC 6455).\n");
    };
    let offered = headers
        .get_all(header::SEC_WEBSOCKET_PROTOCOL)
        .iter()
        .filter_map(|it| it.to_str().ok())
        .flat_map(|it| it.split(','))
        .map(str::trim);
    let offered: Vec<_> = offered.collect();
    let mut known = [OWN_SUBPROTOCOL].into_iter().chain(SUBPROTOCOLS);
    let protocol = known.find(|it| offered.contains(it));
    let protocol = protocol.ok_or(
        "The WebSocket speaks foxglove.sdk.v1, foxglove.websocket.v1 and winshm.share.v1 only.\n",
    )?;
    let audience = Audience::of(protocol);
    let key = derive_accept_key(key.as_bytes());
    let key = HeaderValue::try_from(key).map_err(|_| "The key cannot be answered.\n")?;
    let answer = HeaderMap::from_iter([
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, key),
        (
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderValue::from_static(protocol),
        ),
    ]);
    let upgraded = upgrade::on(&mut request);
    tokio::spawn(async move {
        let _place = place;
        let Ok(stream) = upgraded.await else { return };
        let config = WebSocketConfig::default()
            .read_buffer_size(4096)
            .max_message_size(Some(LONGEST))
            .max_frame_size(Some(LONGEST));
        let stream = TokioIo::new(stream);
        let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        talk(socket, audience, &hub).await;
    });
    Ok(answer)
}

/// Talks to a client until it goes.
async fn talk(socket: Socket, audience: Audience, hub: &Hub) {
    let (sink, stream) = socket.split();
    let (queue, out) = hub.queue();
    let (wanted, end) = (Wanted::default(), Arc::new(Notify::new()));
    // There is room for it.
    let _ = queue.try_send(Out::Text(server_info(&session())));
    hub.join(audience, &queue, &end);
    let reading = pin!(read(stream, audience, hub, &queue, &wanted));
    let writing = pin!(write(sink, out, hub.budget(), &wanted));
    let ended = pin!(end.notified());
    future::select(ended, future::select(reading, writing)).await;
    hub.leave(&queue);
}

/// A name for this session, by which a client notices that it speaks to another.
fn session() -> String {
    format!(
        "{}-{}",
        std::process::id(),
        winshm_core::Time::now().nanoseconds()
    )
}

async fn read(
    mut stream: SplitStream<Socket>,
    audience: Audience,
    hub: &Hub,
    queue: &Sender<Out>,
    wanted: &Wanted,
) {
    while let Some(Ok(message)) = stream.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        match Request::parse(&text) {
            Some(Request::Subscribe { subscriptions }) => {
                let known = subscriptions
                    .iter()
                    .filter(|it| hub.has(it.channel_id, audience));
                let known: Vec<_> = known.map(|it| (it.channel_id, it.id)).collect();
                lock(wanted).extend(known.iter().copied());
                let channels: Vec<_> = known.into_iter().map(|it| it.0).collect();
                hub.subscribe(queue, &channels);
            }
            Some(Request::Unsubscribe { subscription_ids }) => {
                lock(wanted).retain(|_, id| !subscription_ids.contains(id));
            }
            _ => {}
        }
    }
}

async fn write(
    mut sink: SplitSink<Socket, Message>,
    mut out: Receiver<Out>,
    budget: &Budget,
    wanted: &Wanted,
) -> Result<(), Error> {
    loop {
        match timeout(STILL_THERE, out.recv()).await {
            Ok(Some(Out::Text(text))) => sink.send(Message::text(text)).await?,
            Ok(Some(Out::Sample(sample))) => {
                write_sample(&mut sink, &sample, budget, wanted).await?
            }
            Ok(None) => return Ok(()),
            Err(_) => sink.send(Message::Ping(Bytes::new())).await?,
        }
    }
}

async fn write_sample(
    sink: &mut SplitSink<Socket, Message>,
    sample: &Sample,
    budget: &Budget,
    wanted: &Wanted,
) -> Result<(), Error> {
    for (channel, bytes) in &sample.parts {
        let id = lock(wanted).get(channel).copied();
        let Some(id) = id else { continue };
        // A client that gets a part only has to connect again.
        let frame = budget.hold(message_data(id, sample.time, bytes));
        let frame = frame.ok_or(Error::ConnectionClosed)?;
        // Its room is taken until it has been sent, as it is copied on its way.
        sink.send(Message::Binary(frame.clone())).await?;
    }
    Ok(())
}

fn lock(wanted: &Wanted) -> std::sync::MutexGuard<'_, HashMap<u32, u32>> {
    wanted.lock().unwrap_or_else(PoisonError::into_inner)
}
