//! [`Remote`]

use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::{IntoClientRequest, client_with_config};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};
use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::share::{Frame, OWN_SUBPROTOCOL};
use winshm_core::{State, escape};

use crate::failure::{Code, Failure, Result};

/// How long connecting and each answer of a handshake may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection on which nothing comes for this long is lost: the other side sends something every 2 seconds.
const LOST: Duration = Duration::from_secs(10);

/// No region is larger than this, and no message is believed that is.
const LONGEST: usize = 65 << 20;

/// How many of the names that are shared an error lists.
const MOST_TOLD: usize = 20;

/// A region that another computer shares.
pub(crate) struct Remote {
    socket: WebSocket<Line>,
    name: String,
    /// What has been told of so far.
    shared: BTreeSet<String>,
    connected: Instant,
    plan: Option<Arc<Plan>>,
    frame: Frame,
    /// When the copy was taken that came last.
    time: Option<[u8; 8]>,
}

/// A connection, and when something has come last: a large message takes long on a slow one.
struct Line {
    stream: TcpStream,
    heard: Instant,
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buffer)?;
        self.heard = Instant::now();
        Ok(count)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// What another computer tells of a region.
pub(crate) enum Told<'a> {
    /// Its bytes.
    Frame(&'a [u8]),
    /// It is in another state.
    State(State),
}

impl Remote {
    /// Connects to what `share` has printed as its [`address`].
    ///
    /// # Errors
    ///
    /// `Denied` if the other side refuses.
    pub(crate) fn connect(address: &str, name: &str) -> Result<Self> {
        let failed = |code, error: &dyn std::fmt::Display| {
            let address = escape(address.split('?').next().unwrap_or_default());
            Failure::new(code, format_args!("cannot connect to {address}: {error}"))
        };
        let mut request = address
            .into_client_request()
            .map_err(|error| failed(Code::Failed, &error))?;
        let protocol = HeaderValue::from_static(OWN_SUBPROTOCOL);
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let host = request.uri().host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = request.uri().port_u16().unwrap_or(80);
        let stream = reach(host, port).map_err(|error| failed(Code::Failed, &error))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(LONGEST))
            .max_frame_size(Some(LONGEST));
        let line = Line {
            stream,
            heard: Instant::now(),
        };
        let (socket, _) = client_with_config(request, line, Some(config)).map_err(|error| {
            let refused = match &error {
                tungstenite::HandshakeError::Failure(tungstenite::Error::Http(answer)) => {
                    let body = answer.body().as_deref().unwrap_or_default();
                    String::from_utf8_lossy(body).trim().to_owned()
                }
                _ => String::new(),
            };
            if refused.is_empty() {
                failed(Code::Failed, &error)
            } else {
                failed(Code::Denied, &escape(&refused))
            }
        })?;
        Ok(Self {
            socket,
            name: name.to_owned(),
            shared: BTreeSet::new(),
            connected: Instant::now(),
            plan: None,
            frame: Frame::default(),
            time: None,
        })
    }

    /// What the bytes are, if anybody knows.
    pub(crate) fn plan(&self) -> Option<&Arc<Plan>> {
        self.plan.as_ref()
    }

    /// When something has come last, be it only that nothing is new.
    pub(crate) fn heard(&self) -> Instant {
        self.socket.get_ref().heard
    }

    /// Waits until something is new, for at most `timeout`; `None` then.
    ///
    /// # Errors
    ///
    /// The connection is lost, or the region is not shared there.
    pub(crate) fn next(&mut self, timeout: Duration) -> Result<Option<Told<'_>>> {
        let lost = |error: &dyn std::fmt::Display| {
            Failure::new(
                Code::Failed,
                format_args!("the connection is lost: {error}"),
            )
        };
        // None at all would be no timeout.
        let timeout = timeout.max(Duration::from_millis(1));
        let stream = &self.socket.get_ref().stream;
        stream.set_read_timeout(Some(timeout))?;
        let message = match self.socket.read() {
            Ok(message) => message,
            Err(tungstenite::Error::Io(error))
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
            {
                if self.heard().elapsed() > LOST {
                    return Err(lost(&"nothing comes any more"));
                }
                return self.is_shared().map(|()| None);
            }
            Err(error) => return Err(lost(&error)),
        };
        match message {
            Message::Text(text) => Ok(self.text(&text)?.map(Told::State)),
            Message::Binary(message) => {
                // An opcode, the number of the subscription, and the time: docs/spec.md of foxglove/ws-protocol.
                let Some(([1, _, _, _, _, time @ ..], message)) = message.split_first_chunk::<13>()
                else {
                    return Ok(None);
                };
                // What comes twice is for another client that has missed it.
                let is_new = self.time.replace(*time) != Some(*time);
                let frame = self.frame.apply(message);
                let frame = frame.map_err(|error| lost(&error))?;
                Ok(frame.filter(|_| is_new).map(Told::Frame))
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
                let subscription = json!({ "id": 1, "channelId": channel["id"] });
                let asked = json!({ "op": "subscribe", "subscriptions": [subscription] });
                let sent = self.socket.send(Message::text(asked.to_string()));
                sent.map_err(|error| Failure::new(Code::Failed, error))?;
                Ok(None)
            }
            Some("status") => {
                let region = told["region"].as_str().unwrap_or_default();
                let is_it = region == self.name;
                if is_it || self.shared.len() < MOST_TOLD {
                    self.shared.insert(region.to_owned());
                }
                let state = serde_json::from_value(told["state"].clone());
                Ok(state.ok().filter(|_| is_it))
            }
            _ => Ok(None),
        }
    }

    /// The other side tells of each region at once, whether it is there or not.
    fn is_shared(&self) -> Result<()> {
        if self.connected.elapsed() < PATIENCE || self.shared.contains(&self.name) {
            return Ok(());
        }
        let shared = self.shared.iter().map(|it| format!("`{}`", escape(it)));
        let shared: Vec<_> = shared.collect();
        let message = format_args!(
            "`{}` is not shared there, but {}",
            escape(&self.name),
            shared.join(", ")
        );
        Err(Failure::new(Code::NotFound, message))
    }
}

/// What `share` has printed, as the address of its WebSocket.
pub(crate) fn address(text: &str) -> Result<String, String> {
    let address = match text.split_once("://") {
        Some(("http" | "ws", rest)) => format!("ws://{rest}"),
        Some(_) => return Err("write http://HOST:PORT/ or ws://HOST:PORT/".to_owned()),
        None => format!("ws://{text}"),
    };
    match address.as_str().into_client_request() {
        Ok(_) => Ok(address),
        Err(error) => Err(error.to_string()),
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
