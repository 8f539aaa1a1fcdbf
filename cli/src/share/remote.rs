//! [`Remote`]

use std::io::{self, ErrorKind};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::{IntoClientRequest, client_with_config};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};
use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::share::{Frame, SUBPROTOCOLS};
use winshm_core::{State, escape};

use crate::failure::{Code, Failure, Result};

/// How long connecting and each answer of a handshake may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection on which nothing comes for this long is lost: the other side sends something every 15 seconds.
const LOST: Duration = Duration::from_secs(40);

/// No region is larger than this, and no message is believed that is.
const LONGEST: usize = 64 << 20;

/// A region that another computer shares.
pub(crate) struct Remote {
    socket: WebSocket<TcpStream>,
    name: String,
    channel: Option<u64>,
    plan: Option<Arc<Plan>>,
    frame: Frame,
    heard: Instant,
}

/// What another computer tells of a region.
pub(crate) enum Told<'a> {
    /// Its bytes.
    Frame(&'a [u8]),
    /// It is in another state.
    State(State),
}

impl Remote {
    /// Connects to what `share` has printed as its address.
    pub(crate) fn connect(url: &str, name: &str) -> Result<Self> {
        let failed = |error: &dyn std::fmt::Display| {
            let url = escape(url.split('?').next().unwrap_or_default()).to_string();
            Failure::new(
                Code::Failed,
                format_args!("cannot connect to {url}: {error}"),
            )
        };
        let address = match url.split_once("://") {
            Some(("http", rest)) => format!("ws://{rest}"),
            Some(("ws", _)) => url.to_owned(),
            Some(_) => {
                return Err(failed(
                    &"the address is http://HOST:PORT/ or ws://HOST:PORT/",
                ));
            }
            None => format!("ws://{url}"),
        };
        let mut request = address
            .into_client_request()
            .map_err(|error| failed(&error))?;
        let protocol = HeaderValue::from_static(SUBPROTOCOLS[0]);
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let host = request.uri().host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = request.uri().port_u16().unwrap_or(80);
        let stream = reach(host, port).map_err(|error| failed(&error))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(LONGEST))
            .max_frame_size(Some(LONGEST));
        let (socket, _) = client_with_config(request, stream, Some(config)).map_err(|error| {
            let refused = match &error {
                tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer)) => {
                    let body = answer.body().as_deref().unwrap_or_default();
                    String::from_utf8_lossy(body).trim().to_owned()
                }
                _ => String::new(),
            };
            if refused.is_empty() {
                failed(&error)
            } else {
                failed(&escape(&refused))
            }
        })?;
        Ok(Self {
            socket,
            name: name.to_owned(),
            channel: None,
            plan: None,
            frame: Frame::default(),
            heard: Instant::now(),
        })
    }

    /// What the bytes are, if anybody knows.
    pub(crate) fn plan(&self) -> Option<&Arc<Plan>> {
        self.plan.as_ref()
    }

    /// Waits until something is new, for at most `timeout`; `None` then.
    ///
    /// # Errors
    ///
    /// The connection is lost.
    pub(crate) fn next(&mut self, timeout: Duration) -> Result<Option<Told<'_>>> {
        let lost = |error: &dyn std::fmt::Display| {
            Failure::new(
                Code::Failed,
                format_args!("the connection is lost: {error}"),
            )
        };
        // None at all would be no timeout.
        let timeout = timeout.max(Duration::from_millis(1));
        self.socket.get_ref().set_read_timeout(Some(timeout))?;
        let message = match self.socket.read() {
            Ok(message) => message,
            Err(tungstenite::Error::Io(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
            {
                if self.heard.elapsed() > LOST {
                    return Err(lost(&"nothing comes any more"));
                }
                return Ok(None);
            }
            Err(error) => return Err(lost(&error)),
        };
        self.heard = Instant::now();
        match message {
            Message::Text(text) => Ok(self.text(&text)?.map(Told::State)),
            Message::Binary(message) => {
                // An opcode, the number of the subscription, and the time: docs/spec.md of foxglove/ws-protocol.
                let Some((1, message)) = message
                    .split_first()
                    .and_then(|(op, rest)| Some((*op, rest.get(12..)?)))
                else {
                    return Ok(None);
                };
                let frame = self.frame.apply(message);
                Ok(frame.map_err(|error| lost(&error))?.map(Told::Frame))
            }
            _ => Ok(None),
        }
    }

    fn text(&mut self, text: &str) -> Result<Option<State>> {
        let told: Value = serde_json::from_str(text).unwrap_or_default();
        match told["op"].as_str() {
            Some("advertise") => {
                let channels = told["channels"].as_array();
                let mut channels = channels.into_iter().flatten();
                let Some(channel) = channels.find(|it| it["metadata"]["region"] == *self.name)
                else {
                    return Ok(None);
                };
                let layout = channel["schema"].as_str().map(Layout::from_json);
                let plan = layout.and_then(|it| Plan::new(&it.ok()?).ok());
                self.plan = plan.map(Arc::new);
                self.frame = Frame::default();
                self.channel = channel["id"].as_u64();
                let subscription = json!({ "id": 1, "channelId": self.channel });
                let asked = json!({ "op": "subscribe", "subscriptions": [subscription] });
                let sent = self.socket.send(Message::text(asked.to_string()));
                sent.map_err(|error| Failure::new(Code::Failed, error))?;
                Ok(None)
            }
            Some("status") if told["region"] == *self.name => {
                Ok(serde_json::from_value(told["state"].clone()).ok())
            }
            _ => Ok(None),
        }
    }
}

/// Connects to the first address of a name that answers.
fn reach(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut outcome = Err(io::Error::other("the name has no address"));
    for address in (host, port).to_socket_addrs()? {
        outcome = TcpStream::connect_timeout(&address, PATIENCE);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}
