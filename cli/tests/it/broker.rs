//! `winshm share --mqtt` and brokers that do not do what they should.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::Time;
use winshm_core::recording::{Options, Recorder};

use crate::share::{Sharing, recording};
use crate::tool::{WATCHDOG, winshm};

/// A program that shares, and the lines of its error output.
pub(crate) struct Publishing {
    pub(crate) sharing: Sharing,
    lines: Receiver<String>,
}

impl Publishing {
    /// With these arguments and this password.
    pub(crate) fn start(arguments: &[&str], password: &str) -> Self {
        let mut command = Sharing::command(arguments);
        command.env("WINSHM_MQTT_PASSWORD", password);
        let mut sharing = Sharing::spawn(command.stderr(Stdio::piped()));
        let errors = BufReader::new(sharing.child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            let lines = errors.lines().map_while(Result::ok);
            lines
                .take_while(|it| sender.send(it.clone()).is_ok())
                .count()
        });
        Self { sharing, lines }
    }

    /// Waits until it says something with this in it.
    #[track_caller]
    pub(crate) fn wait_for(&self, what: &str) -> String {
        loop {
            let line = self
                .lines
                .recv_timeout(WATCHDOG)
                .expect("it says it in time");
            if line.contains(what) {
                return line;
            }
        }
    }
}

/// Accepts a connection: what the client wants, and a connection on which it is answered with this code.
fn accept(listener: &TcpListener, code: u8) -> (Vec<u8>, TcpStream) {
    let (mut stream, _) = listener.accept().unwrap();
    stream.set_read_timeout(Some(WATCHDOG)).unwrap();
    let mut head = [0; 2];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(head[0], 0x10, "it begins with CONNECT");
    let mut len = usize::from(head[1] & 0x7f);
    if head[1] & 0x80 != 0 {
        let mut more = [0];
        stream.read_exact(&mut more).unwrap();
        len |= usize::from(more[0]) << 7;
    }
    let mut connect = vec![0; len];
    stream.read_exact(&mut connect).unwrap();
    stream.write_all(&[0x20, 2, 0, code]).unwrap();
    (connect, stream)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|it| it == text.as_bytes())
}

#[test]
fn a_password_reaches_the_broker_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let path = path.to_str().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("mqtt://eve@127.0.0.1:{port}/sim");
    let publishing = Publishing::start(&[path, "--loop", "--mqtt", &url], "open sesame");
    let (connect, _) = accept(&listener, 5);
    assert!(contains(&connect, "eve") && contains(&connect, "open sesame"));
    assert!(
        contains(&connect, "/state") && contains(&connect, "offline"),
        "the last will"
    );
    let line = publishing.wait_for("refuses this user and password");
    assert!(!line.contains("sesame") && !line.contains("eve"), "{line}");
    // It tries again by itself.
    let (_, mut stream) = accept(&listener, 0);
    publishing.wait_for("connected");
    let mut first = [0];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(first[0], 0x31, "a message that is retained");
    drop(stream);
    publishing.wait_for("the connection is lost");
    // What cannot be an address is not shown, as it may have a password in it.
    for url in [
        "mqtts://eve:sesame@broker",
        "mqtt://eve:sesame@",
        "mqtt://eve:sesame@b/#",
    ] {
        let ran = winshm(&["share", path, "--listen", "127.0.0.1:0", "--mqtt", url]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        assert!(
            !ran.err.contains("sesame") && ran.err.contains("--mqtt"),
            "{}",
            ran.err
        );
    }
}

/// A drive with a thousand numbers, of which each copy has others: about 1 MB of messages in a second.
fn large_recording(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("large.mcap");
    let layout = "format = 1\nid = \"large\"\n[[struct]]\nname = \"Large\"\n\
                  fields = [{ offset = 0, name = \"speed\", type = \"f32\" },\n\
                  { offset = 4, name = \"noise\", type = \"u32[1000]\" }]";
    let plan = Plan::new(&Layout::from_toml(layout).unwrap()).unwrap();
    let file = std::fs::File::create(&path).unwrap();
    let mut recorder = Recorder::new(file, Options::default()).unwrap();
    let region = recorder.add_region("Large", Some(&plan)).unwrap();
    let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
    for copy in 0_u32..100 {
        let mut bytes = (copy as f32).to_le_bytes().to_vec();
        let noise = (0..1000).flat_map(|it| (u32::MAX - 1000 * copy - it).to_le_bytes());
        bytes.extend(noise);
        let time = begin + copy * Duration::from_millis(20);
        recorder.frame(region, time, &bytes).unwrap();
    }
    recorder.finish().unwrap();
    path
}

#[test]
fn a_broker_that_does_not_read_delays_nobody_and_takes_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = large_recording(&folder);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
    let options = ["--loop", "--mqtt", &url, "--mqtt-rate", "1000"];
    let publishing = Publishing::start(&[&[path.to_str().unwrap()][..], &options].concat(), "");
    let (_, silent) = accept(&listener, 0);
    publishing.wait_for("connected");
    // The region is followed and the page is served, until the connection is given up and after it.
    let line = publishing.wait_for("lost");
    assert!(line.contains("has not answered for 5 seconds"), "{line}");
    let before = publishing.sharing.json()["regions"][0]["time"].clone();
    let begun = Instant::now();
    while publishing.sharing.json()["regions"][0]["time"] == before {
        assert!(begun.elapsed() < WATCHDOG);
    }
    publishing.sharing.is_small();
    drop(silent);
    let (_, _stream) = accept(&listener, 0);
    publishing.wait_for("connected");
}
