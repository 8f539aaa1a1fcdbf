//! How long a value takes from one computer to others over Zenoh, and how much traffic that is: with one subscriber and
//! with a hundred, directly and through a router.
//!
//! `cargo xtask bench zenoh`, as root on Linux. The computers are programs and sessions on this one, in a network namespace
//! of their own, whose traffic is counted; the headers of TCP and IP, and acknowledgements, are in it.

#[path = "../../core/tests/it/noise.rs"]
mod noise;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use noise::Noise;
use winshm::{Message, Seen};
use winshm_core::{Counts, News, Source, State, Time};
use winshm_zenoh::{Published, Remote, route};
use zenoh::{Config, Session, Wait};

const NAME: &str = "bench";

/// The size of the region. Its first 8 bytes say when the copy was published.
const REGION: usize = 64 << 10;

/// How much of it changes at random in each copy.
const CHANGING: usize = REGION / 50;

const PERIOD: Duration = Duration::from_nanos(1_000_000_000 / 60);

/// How long the warm-up takes, and then the measurement.
const MEASURED: Duration = Duration::from_secs(10);
const WARM: Duration = Duration::from_secs(3);

const WATCHDOG: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["inside"] => measure(),
        ["publish", mode, address] => publish(&open(mode, address)),
        ["route", address] => {
            let _session = route(&[address.to_owned()]).expect("it listens");
            ready();
        }
        _ => return outside(),
    }
    ExitCode::SUCCESS
}

/// Starts this program in a network namespace of its own.
fn outside() -> ExitCode {
    let program = std::env::current_exe().expect("there is a program");
    let mut command = Command::new("unshare");
    command.arg("--net").arg(program).arg("inside");
    match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => {
            eprintln!("This takes Linux, root, and `unshare`.");
            ExitCode::FAILURE
        }
    }
}

fn measure() {
    let up = Command::new("ip")
        .args("link set lo up".split(' '))
        .status();
    assert!(up.is_ok_and(|it| it.success()), "`ip` brings lo up");
    println!("64 KiB, of which 2 % change, at 60 Hz:");
    println!(
        "{:<24} {:>8} {:>8} {:>8} {:>12}",
        "", "median", "90 %", "99 %", "traffic"
    );
    for (number, is_routed) in [(1, false), (100, false), (1, true), (100, true)] {
        run(number, is_routed);
    }
}

/// Measures with so many subscribers.
fn run(number: usize, is_routed: bool) {
    let address = "tcp/127.0.0.1:7447";
    let _router = is_routed.then(|| Program::start(&["route", address]));
    let mode = if is_routed { "client" } else { "peer" };
    let _publisher = Program::start(&["publish", mode, address]);
    let is_over = AtomicBool::new(false);
    let is_measured = AtomicBool::new(false);
    let (mut times, traffic, seconds) = thread::scope(|scope| {
        let subscribers: Vec<_> = (0..number)
            .map(|_| scope.spawn(|| subscribe(address, &is_measured, &is_over)))
            .collect();
        thread::sleep(WARM);
        is_measured.store(true, Ordering::Relaxed);
        let (before, begun) = (traffic(), Instant::now());
        thread::sleep(MEASURED);
        let (traffic, seconds) = (traffic() - before, begun.elapsed().as_secs_f64());
        is_over.store(true, Ordering::Relaxed);
        let subscribers = subscribers.into_iter();
        let times = subscribers.map(|it| it.join().expect("it does not panic"));
        let times: Vec<Vec<Duration>> = times.collect();
        assert!(times.iter().all(|it| !it.is_empty()), "one got nothing");
        (times.concat(), traffic, seconds)
    });
    times.sort();
    let at = |share: usize| {
        let at = (times.len() * share / 100).min(times.len() - 1);
        format!("{:.2} ms", times[at].as_secs_f64() * 1e3)
    };
    let what = format!(
        "{number} {}",
        if is_routed { "by a router" } else { "directly" }
    );
    let rate = traffic as f64 / seconds / 1e3;
    let came = times.len() as f64 / number as f64 / seconds;
    println!(
        "{what:<24} {:>8} {:>8} {:>8} {rate:>7.0} kB/s   {came:.1} copies a second each",
        at(50),
        at(90),
        at(99)
    );
}

/// Follows the region as a computer does, and tells how old each copy was.
fn subscribe(address: &str, is_measured: &AtomicBool, is_over: &AtomicBool) -> Vec<Duration> {
    let session = open("subscriber", address);
    let mut remote = Remote::follow(&session, None, NAME).expect("it is a key");
    let mut bytes = Vec::new();
    let mut times = Vec::new();
    while !is_over.load(Ordering::Relaxed) {
        let news = remote.wait(Duration::from_millis(100)).expect("it is open");
        if news != Some(News::Written) {
            continue;
        }
        remote.copy(&mut bytes).expect("it is open");
        let stamp = bytes.first_chunk().expect("it has one");
        let age = now().saturating_sub(Duration::from_nanos(u64::from_le_bytes(*stamp)));
        if is_measured.load(Ordering::Relaxed) {
            times.push(age);
        }
    }
    times
}

/// Publishes a region until it is killed.
fn publish(session: &Session) {
    let mut published = Published::declare(session, "bench", NAME).expect("it is a key");
    let take = |published: &mut Published, seen| {
        let message = Message {
            region: 0,
            time: Time::now(),
            counts: Counts::default(),
            seen,
        };
        published.take(message).expect("it is open");
    };
    take(&mut published, Seen::State(State::Live));
    let parent = std::os::unix::process::parent_id();
    println!("ready");
    let mut bytes = vec![0; REGION];
    let mut noise = Noise::of(0);
    let mut due = Instant::now();
    while std::os::unix::process::parent_id() == parent {
        let changing = bytes[8..].iter_mut().step_by(REGION / CHANGING);
        for (byte, noise) in changing.zip(&mut noise) {
            *byte = noise as u8;
        }
        bytes[..8].copy_from_slice(&(now().as_nanos() as u64).to_le_bytes());
        take(&mut published, Seen::Copy(bytes.clone(), None));
        published.look().expect("it is open");
        due += PERIOD;
        thread::sleep(due.saturating_duration_since(Instant::now()));
    }
}

/// A session for a publisher or a subscriber.
fn open(mode: &str, address: &str) -> Session {
    let list = format!("[\"{address}\"]");
    let (mode, key) = match mode {
        "peer" => ("peer", "listen/endpoints"),
        _ => ("client", "connect/endpoints"),
    };
    let mut config = Config::default();
    for (key, value) in [
        ("mode", format!("\"{mode}\"").as_str()),
        (key, &list),
        ("scouting/multicast/enabled", "false"),
    ] {
        config.insert_json5(key, value).expect("it is a setting");
    }
    let begun = Instant::now();
    loop {
        match zenoh::open(config.clone()).wait() {
            Ok(session) => return session,
            Err(error) => assert!(begun.elapsed() < WATCHDOG, "{error}"),
        }
    }
}

/// Prints that it is ready, and waits until it is killed.
fn ready() {
    println!("ready");
    std::io::stdout().flush().expect("somebody listens");
    let parent = std::os::unix::process::parent_id();
    while std::os::unix::process::parent_id() == parent {
        thread::sleep(Duration::from_millis(100));
    }
}

fn now() -> Duration {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("it is after 1970")
}

/// How many bytes the network of this namespace has carried.
fn traffic() -> u64 {
    let text = std::fs::read_to_string("/proc/self/net/dev").expect("this is Linux");
    let line = text.lines().find_map(|it| it.trim().strip_prefix("lo:"));
    let bytes = line.and_then(|it| it.split_whitespace().next()?.parse().ok());
    bytes.expect("there is lo")
}

/// This program, in another role, until it is dropped.
struct Program(Child);

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let program = std::env::current_exe().expect("there is a program");
        let command = &mut Command::new(program);
        let command = command.args(arguments).stdout(Stdio::piped());
        let mut child = command.spawn().expect("it starts");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("it is a pipe");
        BufReader::new(out).read_line(&mut line).expect("it speaks");
        assert_eq!(line, "ready\n");
        Self(child)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
