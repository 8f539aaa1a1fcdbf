//! `winshm share` with clients that send garbage, that are many, or that do not read.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::share::{Sharing, metrics, recording};

/// How many connections the server keeps.
const MOST: usize = 256;

#[test]
fn what_is_not_a_request_is_refused_and_others_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--loop"]);
    let long = format!(
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(10_000));
    let garbage: String = (0..4096_u32)
        .map(|it| char::from((it * 7919 % 251) as u8))
        .collect();
    for request in [
        long.as_bytes(),
        many.as_bytes(),
        garbage.as_bytes(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
    ] {
        let mut stream = sharing.connect();
        // The server may have hung up before the end.
        stream.write_all(request).ok();
        stream.shutdown(std::net::Shutdown::Write).ok();
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("{error}"),
        }
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
    sharing.json();
}

#[test]
fn ten_thousand_connections_and_half_requests_do_not_stop_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--loop"]);
    // Wine connects slowly; `computers` makes as many there.
    storm(&sharing, if cfg!(windows) { 1000 } else { 10_000 });
}

/// Connects so often, with half a request or none, and keeps twice as many connections as the server does.
pub(crate) fn storm(sharing: &Sharing, count: usize) {
    let mut open = Vec::new();
    for number in 0..count {
        let Ok(mut stream) = TcpStream::connect(sharing.address) else {
            continue;
        };
        if number % 2 == 0 {
            stream.write_all(b"GET /json HTTP/1.1\r\nHost: loc").ok();
        }
        stream.set_nonblocking(true).unwrap();
        open.push(stream);
        if open.len() == 2 * MOST {
            // The server has come to all of them before it comes to this one.
            sharing.json();
            let is_served = |mut it: &TcpStream| {
                let read = it.read(&mut [0; 1024]);
                read.is_err_and(|it| it.kind() == ErrorKind::WouldBlock)
            };
            let served = open.iter().filter(|it| is_served(it)).count();
            assert!(served <= MOST, "it serves {served} at a time");
            open.drain(..MOST);
        }
    }
    sharing.json();
    sharing.is_small();
}

#[test]
fn clients_that_do_not_read_keep_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 3);
    let path = path.to_str().unwrap();
    let sharing = Sharing::start(&[path, "--rate", "500"]);
    let own = "Host: localhost\r\n";
    let paths = ["/events", "/json", "/metrics", "/"];
    let silent: Vec<_> = (0..50)
        .map(|it| sharing.ask("GET", paths[it % paths.len()], own))
        .collect();
    let readers: Vec<_> = (0..50)
        .map(|_| {
            let events = sharing.events();
            std::thread::spawn(move || {
                let is_last = |it: &(String, Value)| it.0 == "values" && it.1["values"][0] == 149.0;
                events.take_while(|it| !is_last(it)).count()
            })
        })
        .collect();
    sharing.wait_for(149.0);
    for reader in readers {
        assert!(reader.join().unwrap() > 2);
    }
    let copies = metrics(&sharing.get("/metrics"))
        .iter()
        .find(|it| it.0 == "winshm_copies_total")
        .unwrap()
        .2;
    assert!(copies >= 150.0, "{copies} copies");
    drop(silent);
    sharing.is_small();
}
