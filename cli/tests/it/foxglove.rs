//! `winshm share` to Foxglove, and to whoever speaks its protocol. `peers/foxglove` opens it in Foxglove Studio.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use serde_json::{Value, json};
use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::{Message, WebSocket};
use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::Time;
use winshm_core::recording::{Options, Recorder};
use winshm_core::share::{Frame, OWN_SUBPROTOCOL};

use crate::share::{ATTACK, Sharing, recording};
use crate::tool::WATCHDOG;

/// A client with a WebSocket, and what it was told of channels.
struct Client {
    socket: WebSocket<TcpStream>,
}

impl Client {
    /// One that knows winshm.
    fn connect(sharing: &Sharing) -> Self {
        let offered = "foxglove.sdk.v1, winshm.share.v1";
        Self::offering(sharing, offered, OWN_SUBPROTOCOL)
    }

    /// One that knows Foxglove's protocol alone.
    fn foxglove(sharing: &Sharing) -> Self {
        let offered = "x, foxglove.websocket.v1,foxglove.sdk.v1";
        Self::offering(sharing, offered, "foxglove.sdk.v1")
    }

    /// One that offers these subprotocols, of which the server takes this one.
    fn offering(sharing: &Sharing, offered: &'static str, taken: &str) -> Self {
        let mut request = format!("ws://{}/", sharing.address)
            .into_client_request()
            .unwrap();
        let protocols = HeaderValue::from_static(offered);
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", protocols);
        let (socket, answer) = tungstenite::client(request, sharing.connect()).unwrap();
        assert_eq!(answer.headers()["sec-websocket-protocol"], taken);
        let mut this = Self { socket };
        let info = this.text();
        assert_eq!(info["op"], "serverInfo", "{info}");
        this
    }

    fn read(&mut self) -> Message {
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < WATCHDOG, "only pings come");
            let message = self.socket.read().unwrap();
            if !message.is_ping() && !message.to_string().contains("\"status\"") {
                return message;
            }
        }
    }

    /// What is told of channels.
    fn text(&mut self) -> Value {
        loop {
            let message = self.read();
            let told: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
            if told["op"] != "status" {
                return told;
            }
        }
    }

    /// The channels of the only region.
    fn channels(&mut self) -> Vec<Value> {
        let told = self.text();
        assert_eq!(told["op"], "advertise", "{told}");
        told["channels"].as_array().unwrap().clone()
    }

    /// Subscribes to channels, under 100 and the number of each.
    fn subscribe(&mut self, channels: &[Value]) {
        let all = channels
            .iter()
            .map(|it| json!({ "id": 100 + it["id"].as_u64().unwrap(), "channelId": it["id"] }));
        let asked = json!({ "op": "subscribe", "subscriptions": all.collect::<Vec<_>>() });
        self.socket.send(Message::text(asked.to_string())).unwrap();
    }

    /// The next message of a channel: the client's number, the time, and what it has.
    fn data(&mut self) -> (u64, u64, Vec<u8>) {
        let message = self.read().into_data();
        assert_eq!(message[0], 1);
        let id = u32::from_le_bytes(message[1..5].try_into().unwrap());
        let time = u64::from_le_bytes(message[5..13].try_into().unwrap());
        (id.into(), time, message[13..].to_vec())
    }
}

#[test]
fn values_and_bytes_come_as_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 600);
    let sharing = Sharing::start(&[path.to_str().unwrap()]);
    sharing.wait_for(10.0);
    let mut client = Client::connect(&sharing);
    let channels = client.channels();
    let [values, raw] = channels.as_slice() else {
        panic!("{channels:?}")
    };
    assert_eq!(values["encoding"], "protobuf");
    assert_eq!(values["schemaName"], "winshm.Car");
    assert_eq!(raw["encoding"], "x-winshm-delta-zstd");
    assert_eq!(raw["metadata"]["region"], ATTACK);
    let layout = Layout::from_json(raw["schema"].as_str().unwrap()).unwrap();
    let plan = Plan::new(&layout).unwrap();
    client.subscribe(&channels);

    let mut frame = Frame::default();
    let (mut speeds, mut decoded, mut keys, mut last) = (Vec::new(), 0, 0_usize, 0);
    while keys < 3 || decoded < speeds.len() {
        let (id, time, message) = client.data();
        assert!(time >= last);
        last = time;
        if id == 100 + values["id"].as_u64().unwrap() {
            decoded += 1;
            continue;
        }
        keys += usize::from(message[0] == 0);
        let bytes = frame
            .apply(&message)
            .unwrap()
            .expect("it begins with a key");
        let speed = plan.view(bytes).get("speed").unwrap().as_f64();
        speeds.push(speed.unwrap());
    }
    // One each second stands alone. Some may be left out where the machine is busy.
    assert!(speeds.windows(2).all(|it| it[1] > it[0]), "{speeds:?}");
    assert_eq!(decoded, speeds.len());
    assert!(keys >= 2, "{keys} of {}", speeds.len());
    // One that comes now gets what there is now.
    let mut late = Client::connect(&sharing);
    let channels = late.channels();
    late.subscribe(&channels[1..]);
    let bytes = Frame::default()
        .apply(&late.data().2)
        .unwrap()
        .unwrap()
        .to_vec();
    let speed = plan.view(&bytes).get("speed").unwrap().as_f64();
    assert!(speed >= speeds.last().copied(), "{speed:?}");
}

#[test]
fn foxglove_is_told_of_nothing_that_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 600);
    let sharing = Sharing::start(&[path.to_str().unwrap()]);
    sharing.wait_for(10.0);
    let mut client = Client::foxglove(&sharing);
    // The channel comes first: Foxglove would list a notice that the region is live as a problem.
    let told = client.socket.read().unwrap();
    let told: Value = serde_json::from_str(told.to_text().unwrap()).unwrap();
    assert_eq!(told["op"], "advertise", "{told}");
    let channels = told["channels"].as_array().unwrap();
    let encodings: Vec<_> = channels.iter().map(|it| &it["encoding"]).collect();
    assert_eq!(encodings, ["protobuf"]);
    client.subscribe(channels);
    for _ in 0..10 {
        assert_eq!(client.data().0, 100 + channels[0]["id"].as_u64().unwrap());
    }
}

#[test]
fn foxglove_is_told_why_a_region_has_no_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("unknown.mcap");
    let file = std::fs::File::create(&path).unwrap();
    let mut recorder = Recorder::new(file, Options::default()).unwrap();
    let region = recorder.add_region("R", None).unwrap();
    let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
    for copy in 0..100_u8 {
        let time = begin + u32::from(copy) * std::time::Duration::from_millis(20);
        recorder.frame(region, time, &[copy; 8]).unwrap();
    }
    recorder.finish().unwrap();
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--loop"]);
    let mut client = Client::foxglove(&sharing);
    let begun = Instant::now();
    let why = loop {
        assert!(begun.elapsed() < WATCHDOG, "nothing tells why");
        let told = client.socket.read().unwrap();
        let told: Value = serde_json::from_str(told.to_text().unwrap()).unwrap_or_default();
        assert_ne!(told["op"], "advertise", "{told}");
        if told["level"] == 1 {
            break told;
        }
    };
    assert_eq!(why["id"], "values of /R");
    let message = why["message"].as_str().unwrap();
    assert!(message.contains("does not know its layout"), "{message}");
}

#[test]
fn a_hostile_websocket_ends_and_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--loop"]);
    sharing.wait_for(5.0);
    // Binary, text or continuation; a frame that claims 2⁶³ bytes, or 1 MB, without a mask, or with reserved bits.
    let huge = [&[0x82, 0xff][..], &(1_u64 << 63).to_be_bytes(), &[0; 64]].concat();
    let most = [&[0x82, 0xff][..], &u64::MAX.to_be_bytes(), &[0; 64]].concat();
    let large = [&[0x81, 0xff][..], &(1_u64 << 20).to_be_bytes(), &[0; 4096]].concat();
    for frame in [
        huge,
        most,
        large,
        vec![0x81, 1, b'x'],
        vec![0xff; 64],
        vec![0x80, 0x80, 0, 0, 0, 0],
    ] {
        let mut stream = Client::connect(&sharing).socket.into_inner();
        stream.write_all(&frame).unwrap();
        // The server hangs up, after it has said what it had to say.
        let begun = Instant::now();
        let mut bytes = [0; 4096];
        while matches!(stream.read(&mut bytes), Ok(1..)) {
            assert!(begun.elapsed() < WATCHDOG, "{frame:?}");
        }
    }
    let mut client = Client::connect(&sharing);
    let channels = client.channels();
    for text in [
        "x",
        "{}",
        r#"{"op":"subscribe"}"#,
        r#"{"op":"subscribe","subscriptions":[{"id":1,"channelId":4294967295}]}"#,
        r#"{"op":"unsubscribe","subscriptionIds":[9,9,9]}"#,
        r#"{"op":"getParameters","parameterNames":[],"id":"a"}"#,
    ] {
        client.socket.send(Message::text(text)).unwrap();
    }
    client.subscribe(&channels);
    client.data();
    sharing.is_small();
}

#[test]
fn one_that_does_not_read_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 3);
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--loop"]);
    sharing.wait_for(5.0);
    let _silent: Vec<_> = (0..50)
        .map(|_| {
            let mut client = Client::connect(&sharing);
            let channels = client.channels();
            client.subscribe(&channels);
            client
        })
        .collect();
    let mut client = Client::connect(&sharing);
    let channels = client.channels();
    client.subscribe(&channels[..1]);
    let times: std::collections::HashSet<_> = (0..60).map(|_| client.data().1).collect();
    assert!(times.len() > 10, "{times:?}");
    sharing.is_small();
}

#[test]
fn a_page_of_another_site_gets_no_websocket() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let path = path.to_str().unwrap();
    let sharing = Sharing::start(&[path, "--origin", "https://app.foxglove.dev"]);
    let code = |origin: &str, protocol: &str| {
        let mut stream = sharing.connect();
        write!(
            stream,
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Protocol: {protocol}\r\nOrigin: {origin}\r\n\r\n"
        )
        .unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        String::from_utf8_lossy(&answer[9..]).into_owned()
    };
    assert_eq!(code("https://evil.example", "foxglove.sdk.v1"), "403");
    assert_eq!(code("https://app.foxglove.dev", "foxglove.sdk.v1"), "101");
    assert_eq!(code("http://localhost", "foxglove.websocket.v1"), "101");
    assert_eq!(code("https://evil.example", OWN_SUBPROTOCOL), "403");
    assert_eq!(code("http://localhost", "chat"), "400");
}
