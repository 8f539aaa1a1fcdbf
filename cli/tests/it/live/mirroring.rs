//! `winshm mirror`: regions of another computer.

use std::io::{BufRead, BufReader};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::snapshot::Writer;
use win_shared_memory::{ReadOnly, Section, View};
use win_shared_memory_layouts::{Plan, catalogue};

use super::fresh_name;
use super::link::{Link, State};
use super::serving::Serving;
use crate::share::Sharing;
use crate::tool::{WATCHDOG, command, winshm};

/// Waits until something is so.
#[track_caller]
fn until(mut what: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < WATCHDOG);
        thread::sleep(Duration::from_millis(5));
    }
}

fn open(name: &str) -> Option<(Section<ReadOnly>, View<ReadOnly>)> {
    let section = Section::<ReadOnly>::open(name).ok()?;
    let view = section.map().unwrap();
    Some((section, view))
}

/// The first temperature in a region of Core Temp.
fn temperature(view: &View<ReadOnly>) -> f64 {
    let plan = Plan::new(catalogue::by_id("core-temp").unwrap()).unwrap();
    let mut bytes = vec![0; plan.size()];
    view.read_bytes(0, &mut bytes).unwrap();
    plan.view(&bytes).get("fTemp[0]").unwrap().as_f64().unwrap()
}

/// Core Temp on one computer, where it is shared, and its mirror on another, with what lies between.
struct Computers {
    there: String,
    here: String,
    serving: Option<Serving>,
    sharing: Sharing,
    link: Link,
    mirroring: Serving,
    /// What the mirror prints for its user.
    said: Arc<Mutex<String>>,
}

impl Computers {
    /// `gone` is how long nothing may come before the mirror goes.
    fn connected(gone: &str) -> Self {
        let (there, here) = (fresh_name(), fresh_name());
        let serving = serve(&there);
        let sharing = Sharing::start(&[&there, "--layout", "core-temp", "--token"]);
        let link = Link::to(sharing.address);
        let server = sharing.address.to_string();
        let page = sharing.page.replace(&server, &link.address.to_string());
        let mirror = ["mirror", &page, &there, "--as", &here, "--gone", gone];
        let mut mirror = command(&mirror).spawn().unwrap();
        let said = Arc::<Mutex<String>>::default();
        let lines = BufReader::new(mirror.stderr.take().unwrap()).lines();
        let told = Arc::clone(&said);
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                eprintln!("{line}");
                *told.lock().unwrap() += &line;
            }
        });
        let mirroring = Serving::of(mirror);
        Self {
            there,
            here,
            serving: Some(serving),
            sharing,
            link,
            mirroring,
            said,
        }
    }

    fn is_here(&self) -> bool {
        open(&self.here).is_some()
    }
}

fn serve(name: &str) -> Serving {
    let serve = ["serve", "core-temp", "--name", name, "uiCoreCnt=1"];
    let wave = ["--wave", "fTemp[0]=ramp(0,10000,1000s)", "--rate", "50"];
    Serving::start(&[&serve[..], &wave].concat())
}

/// Waits until it has another temperature.
#[track_caller]
fn moves(view: &View<ReadOnly>) {
    let first = temperature(view);
    until(|| temperature(view) != first);
}

#[test]
fn a_region_of_another_computer_is_mirrored_and_goes_when_that_does() {
    let mut computers = Computers::connected("2s");
    let (_, there) = open(&computers.there).unwrap();
    let (section, here) = open(&computers.here).unwrap();
    moves(&here);
    let mirrored = temperature(&here);
    assert!(mirrored <= temperature(&there), "it is ahead");
    drop((section, here, there));
    computers.serving = None;
    until(|| !computers.is_here());
    drop(computers.sharing);
}

#[test]
fn a_mirror_stands_still_while_the_connection_is_cut_and_then_goes_on() {
    let computers = Computers::connected("60s");
    let (_, here) = open(&computers.here).unwrap();
    moves(&here);
    computers.link.set(State::Cut);
    until(|| {
        let stands = temperature(&here);
        thread::sleep(Duration::from_millis(500));
        temperature(&here) == stands
    });
    assert!(computers.is_here());
    computers.link.set(State::Open);
    moves(&here);
}

#[test]
fn a_mirror_of_which_nothing_is_heard_goes_and_comes_back_to_those_that_hold_it() {
    let mut computers = Computers::connected("5s");
    computers.link.set(State::Silent);
    assert!(computers.mirroring.line().contains(" is gone"));
    assert!(!computers.is_here());
    computers.link.set(State::Open);
    assert!(computers.mirroring.line().contains(" is mirrored"));
    // The connection was not lost yet: that takes as long again.
    let said = computers.said.lock().unwrap().clone();
    assert!(!said.contains("lost"), "{said}");
    let (_section, held) = open(&computers.here).unwrap();
    moves(&held);
    computers.link.set(State::Silent);
    assert!(computers.mirroring.line().contains(" is gone"));
    computers.link.set(State::Open);
    assert!(computers.mirroring.line().contains(" is mirrored"));
    moves(&held);
}

/// So many words have 16 KiB.
const WORDS: usize = 2048;

/// Publishes up to 3 MB a second that no compression makes less, each copy with its number at both ends.
struct Noise {
    published: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

impl Noise {
    fn start(name: &str) -> Self {
        let mut writer = Writer::<[u64; WORDS]>::create(name).unwrap();
        let this = Self {
            published: Arc::default(),
            is_over: Arc::default(),
        };
        let (published, is_over) = (Arc::clone(&this.published), Arc::clone(&this.is_over));
        thread::spawn(move || {
            let mut value = [0; WORDS];
            let mut random = 7_u64;
            for number in 1.. {
                value.fill_with(|| {
                    // xorshift64, G. Marsaglia, 2003.
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    random
                });
                (value[0], value[WORDS - 1]) = (number, number);
                writer.publish(&value);
                published.store(number, Ordering::Release);
                thread::sleep(Duration::from_millis(5));
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        this
    }

    /// The number of the copy in a region, which has to be whole.
    fn number(view: &View<ReadOnly>) -> u64 {
        let read = || {
            let mut bytes = vec![0; 8 * WORDS];
            view.read_bytes(0, &mut bytes).unwrap();
            bytes
        };
        // What is read twice was not written in between.
        let mut bytes = read();
        loop {
            let again = read();
            if again == bytes {
                break;
            }
            bytes = again;
        }
        let (first, last) = (bytes.first_chunk().unwrap(), bytes.last_chunk().unwrap());
        assert_eq!(first, last, "a mix of two copies");
        u64::from_le_bytes(*first)
    }
}

impl Drop for Noise {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_slow_connection_gets_fewer_copies_and_each_is_whole() {
    let (there, here) = (fresh_name(), fresh_name());
    let noise = Noise::start(&there);
    let sharing = Sharing::start(&[&there]);
    let link = Link::to(sharing.address);
    let url = format!("ws://{}", link.address);
    let _mirroring = Serving::start(&["mirror", &url, &there, "--as", &here]);
    let (_, view) = open(&here).unwrap();
    link.set(State::Slow);
    let mut last = Noise::number(&view);
    until(|| {
        let next = Noise::number(&view);
        next - std::mem::replace(&mut last, next) > 1
    });
    link.set(State::Open);
    let latest = noise.published.load(Ordering::Acquire);
    until(|| Noise::number(&view) >= latest);
}

#[test]
fn what_cannot_be_mirrored_is_told_at_once() {
    let there = fresh_name();
    let sharing = Sharing::start(&[&there, "--token", "12345678"]);
    let other = winshm(&["mirror", &sharing.page, "Other"]);
    assert_eq!(other.code, 3);
    let told = format!("`Other` is not shared there, but `{there}`");
    assert!(other.err.contains(&told), "{}", other.err);
    let address = sharing.address.to_string();
    let stranger = winshm(&["mirror", &address, &there]);
    assert_eq!(stranger.code, 4);
    assert!(stranger.err.contains("token"), "{}", stranger.err);
    let malformed = winshm(&["mirror", "ftp://there", &there]);
    assert_eq!(malformed.code, 2);
    assert!(
        malformed.err.contains("http://HOST:PORT/"),
        "{}",
        malformed.err
    );
}
