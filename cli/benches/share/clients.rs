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

use crate::region::{ABOUT, PERIOD, Program, Region};

/// Half of them read events, as the page does. The others have a WebSocket with all bytes, as a mirror does.
const CLIENTS: usize = 50;

/// Each round is measured without clients and with them.
const ROUNDS: usize = 6;
const ROUND: Duration = Duration::from_secs(10);

const WATCHDOG: Duration = Duration::from_secs(30);

pub(super) fn run() {
    let name = format!("winshm-bench-{}-clients", std::process::id());
    let mut region = Region::new(&name);
    let (_share, url) = Program::share(&name);
    let address = url.trim_start_matches("http://").trim_end_matches('/');
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
    let mut shares = [Vec::new(), Vec::new()];
    let mut received = Vec::new();
    for round in 0..2 * ROUNDS {
        let clients = if round % 2 == 0 { 0 } else { CLIENTS };
        let clients: Vec<_> = (0..clients).map(|it| Client::new(address, it)).collect();
        thread::scope(|scope| {
            for client in &clients {
                client.receive(scope);
            }
            let before = (written.load(Ordering::Relaxed), copies(address));
            thread::sleep(ROUND);
            let after = (written.load(Ordering::Relaxed), copies(address));
            let share = (after.1 - before.1) as f64 / (after.0 - before.0) as f64;
            shares[round % 2].push(100.0 * share);
            clients.iter().for_each(Client::end);
        });
        received.extend(clients.iter().map(|it| it.received.load(Ordering::Relaxed)));
    }
    println!("{ABOUT}, {ROUNDS} times 10 s: of what is written, the program that shares it reads");
    for (shares, about) in shares
        .iter_mut()
        .zip(["without clients", "with 50 clients"])
    {
        shares.sort_by(f64::total_cmp);
        let at = |place: usize| shares[place];
        println!(
            "{about}: median {:.1} %, least {:.1} %",
            at(ROUNDS / 2),
            at(0)
        );
    }
    received.sort_unstable();
    let per_second = |bytes: u64| bytes as f64 / 1e3 / ROUND.as_secs_f64();
    println!(
        "each client received {:.0} to {:.0} KB/s",
        per_second(received[0]),
        per_second(received[received.len() - 1])
    );
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

/// A WebSocket that is sent all channels.
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
    let channels = advertised(&mut socket);
    let subscriptions: Vec<_> = channels
        .iter()
        .map(|it| serde_json::json!({ "id": it, "channelId": it }))
        .collect();
    let asked = serde_json::json!({ "op": "subscribe", "subscriptions": subscriptions });
    socket
        .send(Message::text(asked.to_string()))
        .expect("it reads");
    socket.into_inner()
}

fn advertised(socket: &mut WebSocket<TcpStream>) -> Vec<u64> {
    loop {
        let message = socket.read().expect("it speaks");
        let Ok(told) = serde_json::from_slice::<serde_json::Value>(&message.into_data()) else {
            continue;
        };
        if told["op"] == "advertise" {
            let channels = told["channels"].as_array().expect("a list");
            return channels.iter().filter_map(|it| it["id"].as_u64()).collect();
        }
    }
}
