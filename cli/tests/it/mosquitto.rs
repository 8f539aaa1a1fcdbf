//! `winshm share --mqtt` and a real broker, Mosquitto.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use serde_json::Value;

use crate::broker::Publishing;
use crate::share::recording;
use crate::tool::WATCHDOG;

/// The region of `recording` at the broker: its name has quotes, a slash and a backslash.
const ROOT: &str = r#"sim/<_script><script>document.title='owned'<_script>"_"#;

struct Mosquitto {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Mosquitto {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        Self::start_at(port, None)
    }

    /// At this port, for this user and password alone if there is one.
    fn start_at(port: u16, login: Option<(&str, &str)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("mosquitto.conf");
        let access = match login {
            None => "allow_anonymous true".to_owned(),
            Some((user, password)) => {
                let passwords = folder.path().join("passwords");
                let made = Command::new("mosquitto_passwd")
                    .args(["-b", "-c", passwords.to_str().unwrap(), user, password])
                    .status();
                assert!(made.unwrap().success());
                format!("password_file {}", passwords.display())
            }
        };
        // As root it would become another user, who may not read the file.
        std::fs::write(
            &file,
            format!("user root\nlistener {port} 127.0.0.1\n{access}\n"),
        )
        .unwrap();
        let program = std::env::var("WINSHM_MOSQUITTO").unwrap_or_else(|_| "mosquitto".to_owned());
        let child = Command::new(program)
            .arg("-c")
            .arg(&file)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < WATCHDOG, "it listens in time");
            std::thread::yield_now();
        }
        Self {
            child,
            port,
            _folder: folder,
        }
    }

    fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}/sim", self.port)
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a client of the broker gets that has asked for topics.
struct Subscriber {
    child: Child,
    messages: Receiver<Told>,
}

#[derive(Clone, Debug)]
struct Told {
    is_retained: bool,
    topic: String,
    payload: String,
}

impl Subscriber {
    fn of(broker: &Mosquitto, filter: &str) -> Self {
        let port = broker.port.to_string();
        let mut child = Command::new("mosquitto_sub")
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &port,
                "-F",
                "%r\t%t\t%p",
                "-t",
                filter,
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut parts = line.splitn(3, '\t').map(str::to_owned);
                let mut part = || parts.next().unwrap_or_default();
                let told = Told {
                    is_retained: part() == "1",
                    topic: part(),
                    payload: part(),
                };
                if sender.send(told).is_err() {
                    break;
                }
            }
        });
        Self { child, messages }
    }

    #[track_caller]
    fn next(&self) -> Told {
        self.messages
            .recv_timeout(WATCHDOG)
            .expect("a message comes in time")
    }

    #[track_caller]
    fn wait_for(&self, topic: &str, is_it: impl Fn(&str) -> bool) -> Told {
        let begun = Instant::now();
        loop {
            let told = self.next();
            if told.topic == topic && is_it(&told.payload) {
                return told;
            }
            assert!(begun.elapsed() < WATCHDOG, "{topic} comes in time");
        }
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A program that publishes a recording of `seconds` in a loop; returns once it is connected.
fn publish(broker: &Mosquitto, seconds: u32, options: &[&str]) -> (tempfile::TempDir, Publishing) {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, seconds);
    let url = broker.url();
    let arguments = [path.to_str().unwrap(), "--loop", "--mqtt", &url];
    let publishing = Publishing::start(&[&arguments[..], options].concat(), "");
    publishing.wait_for("connected");
    (folder, publishing)
}

fn json(told: &Told) -> Value {
    serde_json::from_str(&told.payload).unwrap()
}

#[test]
#[ignore = "needs Mosquitto"]
fn values_come_as_they_change_and_are_kept_for_those_who_come_late() {
    let broker = Mosquitto::start();
    let _published = publish(&broker, 100, &["--mqtt-rate", "50"]);
    let topic = format!("{ROOT}/values");
    let early = Subscriber::of(&broker, "sim/#");
    let first = json(&early.wait_for(&topic, |_| true));
    let second = json(&early.wait_for(&topic, |_| true));
    assert_ne!(first, second);
    assert_eq!(second["driver"], "<b>Ann");
    assert_eq!(second["ratio"], Value::Null);
    assert!(second["speed"].as_f64() >= Some(0.0));
    let late = Subscriber::of(&broker, "sim/#");
    let (mut values, mut state) = (None, None);
    // In the order that the broker keeps them in.
    while values.is_none() || state.is_none() {
        let told = late.next();
        if told.topic == topic {
            values.get_or_insert(told);
        } else if told.topic == format!("{ROOT}/state") {
            state.get_or_insert(told);
        }
    }
    assert!(values.is_some_and(|it| it.is_retained));
    assert!(state.is_some_and(|it| it.is_retained && it.payload == "live"));
}

#[test]
#[ignore = "needs Mosquitto"]
fn each_value_has_a_topic_that_hostile_names_do_not_leave() {
    let broker = Mosquitto::start();
    let _published = publish(&broker, 2, &["--mqtt-topics", "value", "--mqtt-rate", "50"]);
    let all = Subscriber::of(&broker, "#");
    let speed = format!("{ROOT}/values/speed");
    // With the second one all topics have had a value.
    for _ in 0..2 {
        all.wait_for(&speed, |it| it.parse::<f32>().is_ok());
    }
    let all = Subscriber::of(&broker, "#");
    let mut topics = Vec::new();
    while topics.len() < 7 {
        let told = all.next();
        topics.extend(Some(told.topic).filter(|_| told.is_retained));
    }
    assert!(
        topics.iter().all(|it| it.starts_with(&format!("{ROOT}/"))),
        "{topics:?}"
    );
    let label = r#"<%2Fscript><script>document.title='owned'<%2Fscript>"\"#;
    let sensor = format!("{ROOT}/values/sensors/{label}/value");
    assert!(topics.contains(&sensor), "{topics:?}");
}

#[test]
#[ignore = "needs Mosquitto"]
fn a_program_that_has_ended_is_offline_and_one_whose_recording_has_is_absent() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    for signal in ["KILL", "INT"] {
        let broker = Mosquitto::start();
        let url = broker.url();
        let publishing = Publishing::start(&[path.to_str().unwrap(), "--mqtt", &url], "");
        let subscriber = Subscriber::of(&broker, "sim/#");
        let state = format!("{ROOT}/state");
        subscriber.wait_for(&state, |it| it == "absent");
        let kill = format!("kill -{signal} {}", publishing.sharing.child.id());
        let killed = Command::new("sh").args(["-c", &kill]).status();
        assert!(killed.unwrap().success());
        subscriber.wait_for(&state, |it| it == "offline");
        let late = Subscriber::of(&broker, &state);
        assert!(late.wait_for(&state, |it| it == "offline").is_retained);
    }
}

#[test]
#[ignore = "needs Mosquitto"]
fn a_broker_that_was_away_is_told_everything_again() {
    let broker = Mosquitto::start();
    let port = broker.port;
    let (_folder, publishing) = publish(&broker, 2, &["--home-assistant"]);
    let first = Subscriber::of(&broker, "#");
    first.wait_for(&format!("{ROOT}/values"), |_| true);
    drop(broker);
    publishing.wait_for("the connection is lost");
    publishing.wait_for("cannot connect");
    let before = publishing.sharing.json()["regions"][0]["time"].clone();
    let begun = Instant::now();
    while publishing.sharing.json()["regions"][0]["time"] == before {
        assert!(
            begun.elapsed() < WATCHDOG,
            "the region is followed meanwhile"
        );
    }
    let broker = Mosquitto::start_at(port, None);
    publishing.wait_for("connected");
    let subscriber = Subscriber::of(&broker, "#");
    subscriber.wait_for(&format!("{ROOT}/values"), |_| true);
    let first = json(&subscriber.wait_for(&format!("{ROOT}/values"), |_| true));
    assert!(first["speed"].is_number());
    let late = Subscriber::of(&broker, "homeassistant/#");
    assert!(late.next().is_retained);
}

#[test]
#[ignore = "needs Mosquitto"]
fn home_assistant_finds_each_value_where_it_was_told() {
    let broker = Mosquitto::start();
    let fields = ["--fields", "speed", "sensors[*].value"];
    let _published = publish(
        &broker,
        2,
        &[&["--home-assistant", "ha"][..], &fields].concat(),
    );
    let values = Subscriber::of(&broker, "sim/#");
    let values = json(&values.wait_for(&format!("{ROOT}/values"), |_| true));
    let sensors = Subscriber::of(&broker, "ha/#");
    let mut paths = Vec::new();
    for _ in 0..2 {
        let told = sensors.next();
        assert!(told.topic.starts_with("ha/sensor/") && told.topic.ends_with("/config"));
        let told = json(&told);
        assert_eq!(told["state_topic"], format!("{ROOT}/values"));
        assert_eq!(told["availability_topic"], format!("{ROOT}/state"));
        let template = told["value_template"].as_str().unwrap();
        let path = template
            .strip_prefix("{{ value_json[")
            .unwrap()
            .strip_suffix("] }}")
            .unwrap();
        let path: String = serde_json::from_str(path).unwrap();
        assert!(values[&path].is_number(), "{path} of {values}");
        paths.push(path);
    }
    paths.sort();
    assert_eq!(paths[1], "speed");
}

#[test]
#[ignore = "needs Mosquitto"]
fn a_password_that_is_wrong_is_told_and_one_that_is_right_opens() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let path = path.to_str().unwrap();
    let broker = Mosquitto::start();
    let port = broker.port;
    drop(broker);
    let broker = Mosquitto::start_at(port, Some(("winshm", "sesame")));
    let url = broker.url().replace("://", "://winshm@");
    let wrong = Publishing::start(&[path, "--loop", "--mqtt", &url], "sesam");
    wrong.wait_for("refuses this user and password");
    let right = Publishing::start(&[path, "--loop", "--mqtt", &url], "sesame");
    right.wait_for("connected");
    let file = folder.path().join("password");
    std::fs::write(&file, "sesame\r\n").unwrap();
    let file = ["--mqtt-password-file", file.to_str().unwrap()];
    let arguments = [&[path, "--loop", "--mqtt", &url][..], &file].concat();
    Publishing::start(&arguments, "wrong").wait_for("connected");
}
