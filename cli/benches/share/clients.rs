//! One client, and many.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Message, WebSocket};
use winshm_core::share::OWN_SUBPROTOCOL;

use crate::region::{PERIOD, Program, Region};
use crate::table::{Table, Target};

/// Half of them read events, as the page does. The others have a WebSocket with all bytes, as a mirror does.
const CLIENTS: usize = 50;

/// The clients stay for a minute. As long is measured without them: half of it before and half after, because what else
/// the computer does may change.
const MINUTE: Duration = Duration::from_secs(60);

const WATCHDOG: Duration = Duration::from_secs(30);

pub(super) fn run(table: &mut Table) {
    let name = format!("winshm-bench-{}-clients", std::process::id());
    let written = write(&name);
    let (_share, url) = Program::share(&name);
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let count = |time| Count::of(&written, address, time);
    let before = count(MINUTE / 2);
    let clients: Vec<_> = (0..CLIENTS).map(|it| Client::new(address, it)).collect();
    let (many, received) = thread::scope(|scope| {
        clients.iter().for_each(|it| it.receive(scope));
        let received = || clients.iter().map(|it| it.received.load(Ordering::Relaxed));
        let already: Vec<_> = received().collect();
        let many = count(MINUTE);
        let received: Vec<_> = received()
            .zip(already)
            .map(|(it, then)| it - then)
            .collect();
        clients.iter().for_each(Client::end);
        (many, received)
    });
    let after = count(MINUTE / 2);
    let alone = (before.copied + after.copied) / (before.written + after.written);
    let shared = many.copied / many.written;
    let what = ["without clients", "with 50 for a minute"].map(|it| format!("read to share, {it}"));
    table.row(&what[0], 100.0 * alone, "%", Target::None);
    table.row(&what[1], 100.0 * shared, "%", Target::None);
    let target = Target::AtLeast(95.0);
    table.row(
        "the latter in parts of the former",
        100.0 * shared / alone,
        "%",
        target,
    );
    let seconds = MINUTE.as_secs_f64();
    table.row(
        "copies for each client",
        many.copied / seconds,
        "Hz",
        Target::None,
    );
    for (first, what, target) in [
        (0, "traffic of a page", Target::None),
        (1, "traffic of a mirror", Target::AtMost(120.0)),
    ] {
        let of = received.iter().skip(first).step_by(2);
        let mean = of.sum::<u64>() as f64 / (CLIENTS / 2) as f64;
        table.row(what, mean / 1e3 / seconds, "KB/s", target);
    }
}

/// How many values were written, and how many of them `share` has read.
struct Count {
    written: f64,
    copied: f64,
}

impl Count {
    /// In this time from now on.
    fn of(written: &AtomicU64, address: &str, time: Duration) -> Self {
        let now = || (written.load(Ordering::Relaxed), copies(address));
        let begin = now();
        thread::sleep(time);
        let end = now();
        Self {
            written: (end.0 - begin.0) as f64,
            copied: (end.1 - begin.1) as f64,
        }
    }
}

/// Writes the region for as long as this program runs, and counts how often.
fn write(name: &str) -> Arc<AtomicU64> {
    let mut region = Region::new(name);
    let written = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&written);
    thread::spawn(move || {
        let mut due = Instant::now();
        loop {
            region.change();
            region.publish();
            count.fetch_add(1, Ordering::Relaxed);
            due += PERIOD;
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    });
    written
}

/// How many whole copies of the region were made.
fn copies(address: &str) -> u64 {
    let mut stream = get(address, "/metrics");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("it answers");
    let copies = text
        .lines()
        .find(|it| it.starts_with("winshm_copies_total"));
    let copies = copies.and_then(|it| it.rsplit(' ').next()?.parse().ok());
    copies.unwrap_or_else(|| panic!("it does not tell the copies: {text}"))
}

fn get(address: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .expect("it reads");
    stream
}

struct Client {
    stream: TcpStream,
    received: AtomicU64,
}

impl Client {
    fn new(address: &str, number: usize) -> Self {
        let stream = if number.is_multiple_of(2) {
            get(address, "/events")
        } else {
            subscribed(address)
        };
        let received = AtomicU64::new(0);
        Self { stream, received }
    }

    /// Receives until it is told to end.
    fn receive<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        scope.spawn(|| {
            let mut buffer = vec![0; 64 << 10];
            while let Ok(len @ 1..) = (&self.stream).read(&mut buffer) {
                self.received.fetch_add(len as u64, Ordering::Relaxed);
            }
        });
    }

    fn end(&self) {
        // It may have ended by itself.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
    }
}

/// A WebSocket that is sent all bytes.
fn subscribed(address: &str) -> TcpStream {
    let mut request = format!("ws://{address}/")
        .into_client_request()
        .expect("a URL");
    let protocol = HeaderValue::from_static(OWN_SUBPROTOCOL);
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let stream = TcpStream::connect(address).expect("it listens");
    stream.set_read_timeout(Some(WATCHDOG)).expect("a time");
    let (mut socket, _) = tungstenite::client(request, stream).expect("it answers");
    let subscription = serde_json::json!({ "id": 1, "channelId": advertised(&mut socket) });
    let asked = serde_json::json!({ "op": "subscribe", "subscriptions": [subscription] });
    socket
        .send(Message::text(asked.to_string()))
        .expect("it reads");
    socket.into_inner()
}

/// The channel of the bytes.
fn advertised(socket: &mut WebSocket<TcpStream>) -> u64 {
    loop {
        let message = socket.read().expect("it speaks").into_data();
        let told: serde_json::Value = serde_json::from_slice(&message).unwrap_or_default();
        let mut channels = told["channels"].as_array().into_iter().flatten();
        let raw = channels.find(|it| it["metadata"]["region"].is_string());
        if let Some(id) = raw.and_then(|it| it["id"].as_u64()) {
            return id;
        }
    }
}
