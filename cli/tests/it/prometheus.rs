//! `/metrics` of `winshm share`, and a real Prometheus.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::share::{ATTACK, Sharing, recording};
use crate::tool::WATCHDOG;

const TOKEN: &str = "a-long-word-of-ours";

/// A Prometheus that scrapes each second, until it is dropped.
struct Prometheus {
    child: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Prometheus {
    /// It scrapes one address, in a job for each of these tokens.
    fn start(target: &str, tokens: [(&str, &str); 2]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let jobs = tokens.map(|(job, token)| {
            json!({
                "job_name": job,
                "authorization": { "credentials": token },
                "static_configs": [{ "targets": [target] }],
            })
        });
        let config = json!({ "global": { "scrape_interval": "1s" }, "scrape_configs": jobs });
        // All JSON is YAML.
        let file = folder.path().join("prometheus.yml");
        std::fs::write(&file, config.to_string()).unwrap();
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            port,
            _folder: folder,
        }
    }

    /// What it has of a query, as soon as that is what is wanted.
    #[track_caller]
    fn wait(&self, query: &str, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let begun = Instant::now();
        loop {
            let found = self.ask(query);
            if let Some(Value::Array(found)) = found.as_ref().filter(|it| !it.is_null())
                && wanted(found)
            {
                return found.clone();
            }
            assert!(begun.elapsed() < WATCHDOG, "{query}: {found:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// `None` as long as it does not answer.
    fn ask(&self, query: &str) -> Option<Value> {
        let query: String = query.bytes().map(|it| format!("%{it:02X}")).collect();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(WATCHDOG)).ok()?;
        let path = format!("/api/v1/query?query={query}");
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let mut answer: Value = serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()?;
        Some(answer["data"]["result"].take())
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The numbers of a series, by the time of the scrape.
fn samples(series: &Value) -> Vec<(f64, f64)> {
    let samples = series["values"].as_array().unwrap().iter();
    let pair = |it: &Value| {
        (
            it[0].as_f64().unwrap(),
            it[1].as_str().unwrap().parse().unwrap(),
        )
    };
    samples.map(pair).collect()
}

#[test]
#[ignore = "needs Prometheus"]
fn prometheus_has_the_values_as_they_were_shared() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 600);
    let sharing = Sharing::start(&[path.to_str().unwrap(), "--token", TOKEN]);
    let address = sharing.address.to_string();
    let jobs = [("friend", TOKEN), ("stranger", "some-other-word")];
    let prometheus = Prometheus::start(&address, jobs);
    let is =
        |number: &'static str| move |it: &[Value]| it.iter().any(|it| it["value"][1] == number);
    prometheus.wait("up{job='stranger'}", is("0"));
    prometheus.wait("up{job='friend'}", is("1"));
    let up = &prometheus.wait("winshm_up", is("1"))[0]["metric"];
    assert_eq!(
        (&up["region"], &up["job"]),
        (&json!(ATTACK), &json!("friend"))
    );

    let several = |it: &[Value]| it.iter().any(|it| samples(it).len() >= 3);
    let speeds = &prometheus.wait("winshm_car_1_speed[1m]", several)[0];
    assert_eq!(speeds["metric"]["unit"], "km/h");
    let speeds = samples(speeds);
    let values = &prometheus.wait("winshm_car_1_sensors_value[1m]", several)[0];
    assert_eq!(values["metric"]["sensors"], ATTACK);
    let values = samples(values);
    // Each scrape has the values of one copy, whose number is the speed.
    for ((time, speed), (_, value)) in speeds.iter().zip(&values) {
        assert_eq!((speed.fract(), *value), (0.0, -0.5 * speed), "at {time}");
    }
    assert!(speeds.is_sorted_by(|a, b| a.1 < b.1), "{speeds:?}");
    prometheus.wait("winshm_car_1_ratio", is("NaN"));

    drop(sharing);
    prometheus.wait("up{job='friend'}", is("0"));
    prometheus.wait("winshm_up", <[Value]>::is_empty);
}

#[test]
#[ignore = "needs Prometheus"]
fn promtool_finds_no_fault_with_the_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let path = recording(&folder, 600);
    let sharing = Sharing::start(&[path.to_str().unwrap()]);
    sharing.wait_for(10.0);
    let metrics = sharing.get("/metrics");
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = promtool.stdin.take().unwrap();
    input.write_all(metrics.as_bytes()).unwrap();
    drop(input);
    let said = promtool.wait_with_output().unwrap().stderr;
    let said = String::from_utf8(said).unwrap();
    // The name is the layout's own. A histogram would have such a one.
    let is_ours = |line: &&str| !line.starts_with("winshm_car_1_count ");
    assert_eq!(said.lines().find(is_ours), None, "{metrics}");
}
