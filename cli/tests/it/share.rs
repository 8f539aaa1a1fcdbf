//! `winshm share`, of recordings that are played: what clients get, and what strangers do not.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use win_shared_memory_layouts::{Layout, Plan};
use winshm_core::Time;
use winshm_core::recording::{Options, Recorder};

use crate::memory::peak;
use crate::tool::{WATCHDOG, command, winshm};

/// What a hostile program calls its sensor and its region.
pub(crate) const ATTACK: &str = "</script><script>document.title='owned'</script>\"\\";

const CAR: &str = r#"
format = 1
id = "Car-1"
[[struct]]
name = "Car"
fields = [
  { offset = 0,  name = "speed",  type = "f32", unit = "km/h" },
  { offset = 4,  name = "ratio",  type = "f32" },
  { offset = 8,  name = "count",  type = "u32" },
  { offset = 12, name = "driver", type = "utf8[8]" },
]
[[struct.table]]
name = "sensors"
of = "Sensor"
at = 20
stride = 72
count = "count"
max = 2
label = "name"
[[struct]]
name = "Sensor"
fields = [
  { offset = 0,  name = "name",  type = "utf8[64]" },
  { offset = 64, name = "value", type = "f64" },
]
"#;

/// A drive of so many seconds at 50 Hz: the speed is the number of the copy.
pub(crate) fn recording(folder: &tempfile::TempDir, seconds: u32) -> PathBuf {
    let path = folder.path().join("drive.mcap");
    let plan = Plan::new(&Layout::from_toml(CAR).unwrap()).unwrap();
    let file = std::fs::File::create(&path).unwrap();
    let mut recorder = Recorder::new(file, Options::default()).unwrap();
    let region = recorder.add_region(ATTACK, Some(&plan)).unwrap();
    let begin = Time::from_nanoseconds(1_700_000_000_000_000_000);
    let mut bytes = vec![0; 20 + 2 * 72];
    let mut edit = plan.edit(&mut bytes);
    edit.set("count", 1_u32).unwrap();
    edit.set("sensors[0].name", ATTACK).unwrap();
    edit.set("driver", "<b>Ann").unwrap();
    edit.set("ratio", f64::NAN).unwrap();
    for copy in 0..50 * seconds {
        let mut edit = plan.edit(&mut bytes);
        edit.set("speed", copy).unwrap();
        edit.set("sensors[0].value", -0.5 * f64::from(copy))
            .unwrap();
        let time = begin + copy * Duration::from_millis(20);
        recorder.frame(region, time, &bytes).unwrap();
    }
    recorder.finish().unwrap();
    path
}

/// A program that shares, until it is dropped.
pub(crate) struct Sharing {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    /// The page, as the program has told it.
    pub(crate) page: String,
}

impl Sharing {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(Self::command(arguments).stderr(Stdio::inherit()))
    }

    pub(crate) fn command(arguments: &[&str]) -> Command {
        command(&[&["share", "--listen", "127.0.0.1:0"], arguments].concat())
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        let out = child.stdout.as_mut().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let page = line.trim_end().rsplit(' ').next().unwrap().to_owned();
        let address = page.split('/').nth(2).unwrap().parse();
        Self {
            address: address.unwrap_or_else(|_| panic!("it says {line:?}")),
            child,
            page,
        }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(WATCHDOG)).unwrap();
        stream.set_write_timeout(Some(WATCHDOG)).unwrap();
        stream
    }

    /// The events of a client.
    pub(crate) fn events(&self) -> impl Iterator<Item = (String, Value)> + use<> {
        events(self.ask("GET", "/events", "Host: localhost\r\n"))
    }

    /// Asks for something; `headers` end with `\r\n` each.
    pub(crate) fn ask(&self, method: &str, path: &str, headers: &str) -> TcpStream {
        let mut stream = self.connect();
        write!(stream, "{method} {path} HTTP/1.1\r\n{headers}\r\n").unwrap();
        stream
    }

    /// The code and the rest of an answer.
    fn answer(&self, method: &str, path: &str, headers: &str) -> (u16, String) {
        let mut answer = String::new();
        let mut stream = self.ask(method, path, headers);
        stream.read_to_string(&mut answer).unwrap();
        let code = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (code, answer)
    }

    /// What is at this path, for a client with nothing wrong.
    pub(crate) fn get(&self, path: &str) -> String {
        let (code, answer) = self.answer("GET", path, "Host: localhost\r\n");
        assert_eq!(code, 200, "{answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.get("/json")).unwrap()
    }

    /// Waits until a copy with this speed, or a later one, has been shared.
    pub(crate) fn wait_for(&self, speed: f64) -> Value {
        let begun = Instant::now();
        loop {
            let told = self.json();
            if told["regions"][0]["values"]["speed"].as_f64() >= Some(speed) {
                return told;
            }
            assert!(begun.elapsed() < WATCHDOG, "{told}");
            std::thread::yield_now();
        }
    }

    /// It has not needed more memory than it may.
    #[track_caller]
    pub(crate) fn is_small(&self) {
        if let Some(peak) = peak(&self.child) {
            assert!(peak < 100, "{peak} MB");
        }
    }
}

impl Drop for Sharing {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The events of a client: their names and data.
fn events(stream: TcpStream) -> impl Iterator<Item = (String, Value)> {
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    std::iter::from_fn(move || {
        let name = loop {
            if let Some(name) = lines.next()?.strip_prefix("event: ") {
                break name.to_owned();
            }
        };
        let data = lines.next()?;
        let data = serde_json::from_str(data.strip_prefix("data: ")?).unwrap();
        Some((name, data))
    })
}

#[test]
fn json_has_the_latest_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let sharing = Sharing::start(&[path.to_str().unwrap()]);
    let told = sharing.wait_for(49.0);
    let region = &told["regions"][0];
    assert_eq!(region["region"], ATTACK);
    assert_eq!(region["time"], "2023-11-14T22:13:20.980Z");
    assert_eq!(region["values"]["sensors"][0]["name"], ATTACK);
    assert_eq!(region["values"]["ratio"], Value::Null);
    // What was played stays.
    let begun = Instant::now();
    while sharing.json()["regions"][0]["state"] != "absent" {
        assert!(begun.elapsed() < WATCHDOG);
    }
    assert_eq!(sharing.json()["regions"][0]["values"]["speed"], 49.0);
}

#[test]
fn fields_choose_what_is_shared() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--loop", "--fields", "speed"]);
    sharing.wait_for(10.0);
    let values = &sharing.json()["regions"][0]["values"];
    assert_eq!(values.as_object().unwrap().len(), 1, "{values}");
    assert!(!sharing.get("/metrics").contains("sensors"));
    let (_, heading) = sharing.events().next().unwrap();
    assert_eq!(heading["columns"].as_array().unwrap().len(), 1);
}

/// Name, labels and value of each metric, of a text that is as Prometheus wants it.
pub(crate) fn metrics(text: &str) -> Vec<(String, String, f64)> {
    let mut all = Vec::new();
    let (mut families, mut series) = (HashSet::new(), HashSet::new());
    let mut family = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(matches!(kind, "gauge" | "counter"), "{line}");
            assert!(families.insert(name.to_owned()), "{name} twice");
            family = name.to_owned();
            continue;
        }
        if line.starts_with("# HELP ") {
            continue;
        }
        let (name, rest) = line.split_once('{').unwrap();
        assert_eq!(name, family, "{line}");
        let is_part = |it: u8| it.is_ascii_alphanumeric() || it == b'_';
        assert!(name.bytes().all(is_part), "{line}");
        let mut rest = rest;
        let mut labels = HashSet::new();
        loop {
            let (label, value) = rest.split_once("=\"").unwrap();
            assert!(label.bytes().all(is_part), "{line}");
            assert!(labels.insert(label), "{line}");
            let mut is_escaped = false;
            let end = value.bytes().position(|it| {
                let is_end = it == b'"' && !is_escaped;
                is_escaped = it == b'\\' && !is_escaped;
                is_end
            });
            rest = &value[end.unwrap() + 1..];
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        let value = rest.strip_prefix("} ").unwrap().parse().unwrap();
        let labels = line[name.len()..line.len() - rest.len() + 1].to_owned();
        assert!(series.insert(format!("{name}{labels}")), "{line} twice");
        all.push((name.to_owned(), labels, value));
    }
    assert!(text.ends_with('\n'));
    all
}

#[test]
fn metrics_are_what_prometheus_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--loop"]);
    sharing.wait_for(20.0);
    let all = metrics(&sharing.get("/metrics"));
    let find = |name: &str| {
        all.iter()
            .find(|it| it.0 == name)
            .unwrap_or_else(|| panic!("{name} is not in {all:?}"))
    };
    assert_eq!(find("winshm_up").2, 1.0);
    assert!(find("winshm_copies_total").2 >= 20.0);
    let speed = find("winshm_car_1_speed");
    assert!(speed.1.ends_with("unit=\"km/h\"}"), "{speed:?}");
    assert!(find("winshm_car_1_ratio").2.is_nan());
    let attack = ATTACK.replace('\\', r"\\").replace('"', "\\\"");
    let sensor = find("winshm_car_1_sensors_value");
    assert!(
        sensor.1.contains(&format!("sensors=\"{attack}\"")),
        "{sensor:?}"
    );
    assert!(sensor.2 <= -10.0);
    assert!(!all.iter().any(|it| it.0.contains("driver")));
}

#[test]
fn events_tell_what_there_is_and_then_each_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 2);
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--rate", "200"]);
    let mut events = sharing.events();
    let mut columns = Vec::new();
    let mut key = Value::Null;
    let mut speeds = Vec::new();
    while speeds.last() != Some(&99.0) {
        let (name, data) = events.next().expect("the connection stays");
        if name == "region" {
            key = data["key"].clone();
            columns = data["columns"].as_array().unwrap().clone();
            continue;
        }
        assert_eq!(data["key"], key);
        let values = data["values"].as_array().unwrap();
        assert_eq!(values.len(), columns.len());
        let of = |path: &str| &values[columns.iter().position(|it| it["path"] == path).unwrap()];
        speeds.push(of("speed").as_f64().unwrap());
        assert_eq!(of("driver"), "<b>Ann");
        assert_eq!(of("ratio"), &Value::Null);
    }
    assert!(speeds.len() >= 2 && speeds.is_sorted(), "{speeds:?}");
}

#[test]
fn other_sites_and_other_names_get_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--host", "Rig.lan"]);
    let port = sharing.address.port();
    let own = format!("Host: 127.0.0.1:{port}\r\n");
    for path in ["/", "/json", "/events", "/metrics"] {
        for (headers, code) in [
            ("Host: evil.example\r\n".to_owned(), 403),
            (String::new(), 403),
            (format!("{own}Origin: https://evil.example\r\n"), 403),
            (format!("{own}Origin: null\r\n"), 403),
            (
                format!("{own}Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"),
                403,
            ),
        ] {
            let (told, answer) = sharing.answer("GET", path, &headers);
            assert_eq!(told, code, "{path} {headers}");
            assert!(answer.ends_with(".\n"), "{answer}");
        }
    }
    for headers in [
        format!("{own}Origin: http://127.0.0.1:{port}\r\n"),
        "Host: rig.lan\r\n".to_owned(),
    ] {
        assert_eq!(sharing.answer("GET", "/json", &headers).0, 200, "{headers}");
    }
    assert_eq!(sharing.answer("POST", "/json", &own).0, 405);
    assert_eq!(sharing.answer("GET", "/nothing", &own).0, 404);
    let (_, page) = sharing.answer("GET", "/", &own);
    assert!(page.contains("content-security-policy: default-src 'none'"));
}

#[test]
fn a_token_is_asked_for_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--token"]);
    let token = sharing.page.split_once("/?token=").unwrap().1;
    assert_eq!(token.len(), 32);
    let own = "Host: localhost\r\n";
    for path in ["/", "/json", "/events", "/metrics", "/json?token=wrong"] {
        assert_eq!(sharing.answer("GET", path, own).0, 401, "{path}");
    }
    let with = format!("/json?token={token}");
    assert_eq!(sharing.answer("GET", &with, own).0, 200);
    let bearer = format!("{own}Authorization: Bearer {token}\r\n");
    assert_eq!(sharing.answer("GET", "/json", &bearer).0, 200);
    let ran = winshm(&["share", path.to_str().unwrap(), "--token", "short"]);
    assert_eq!(ran.code, 2);
}

#[test]
fn the_code_in_the_terminal_is_the_address_of_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let path = path.to_str().unwrap();
    let listen = ["--listen", "0.0.0.0:0", "--token", "--for", "1ms"];
    let ran = winshm(&[&["share", path], &listen[..]].concat());
    let page = ran.out.lines().next().unwrap().rsplit(' ').next().unwrap();
    assert!(page.contains("/?token="), "{}", ran.out);
    // A character is two modules, one above the other; in a dark terminal it is light where there is something.
    let is_light = |it| [matches!(it, '█' | '▀'), matches!(it, '█' | '▄')];
    let code = ran.out.lines().filter(|it| it.starts_with(['█', '▀', '▄']));
    let code = code
        .flat_map(|line| [0, 1].map(|half| line.chars().map(|it| is_light(it)[half]).collect()));
    let code: Vec<Vec<bool>> = code.collect();
    let pixels = 4;
    let shade = |x: usize, y: usize| if code[y / pixels][x / pixels] { 255 } else { 0 };
    let (width, height) = (pixels * code[0].len(), pixels * code.len());
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, shade);
    let found = picture.detect_grids();
    assert_eq!(found.len(), 1, "{}", ran.out);
    assert_eq!(found[0].decode().unwrap().1, page);
}

#[test]
fn an_address_that_is_taken_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 1);
    let path = path.to_str().unwrap();
    let sharing = Sharing::start(&[path]);
    let ran = winshm(&["share", path, "--listen", &sharing.address.to_string()]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(
        ran.err.contains("cannot listen at 127.0.0.1"),
        "{}",
        ran.err
    );
}
