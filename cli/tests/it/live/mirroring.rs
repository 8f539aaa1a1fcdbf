//! `winshm mirror`: regions of another computer.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::attachment::{self, Attachment, Options, Sign};
use win_shared_memory::{ReadOnly, Section, View};
use win_shared_memory_layouts::{Plan, catalogue};

use super::fresh_name;
use super::noisy::{self, Noisy};
use super::serving::Serving;
use crate::link::{Link, State};
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

/// A noisy region on one computer, and its mirror on another.
struct Mirrored {
    noisy: Noisy,
    link: Link,
    here: String,
    _programs: (Sharing, Serving),
}

impl Mirrored {
    fn connected() -> Self {
        let (noisy, here) = (Noisy::start(), fresh_name());
        let layout = noisy.layout();
        let sharing = Sharing::start(&[&noisy.name, "--layout", layout.to_str().unwrap()]);
        let link = Link::to(sharing.address);
        let url = format!("ws://{}", link.address);
        let mirror = ["mirror", &url, &noisy.name, "--as", &here, "--gone", "60s"];
        let mirroring = Serving::start(&mirror);
        Self {
            noisy,
            link,
            here,
            _programs: (sharing, mirroring),
        }
    }
}

#[test]
fn every_copy_of_a_mirror_is_that_of_its_producer_byte_for_byte() {
    let mirrored = Mirrored::connected();
    let (_section, view) = open(&mirrored.here).unwrap();
    // All bytes come each second, and in between what has changed.
    let follow = || {
        let (begun, mut seen) = (Instant::now(), BTreeSet::new());
        until(|| {
            seen.insert(noisy::number(&view));
            seen.len() > 50 && begun.elapsed() > Duration::from_secs(3)
        });
    };
    follow();
    mirrored.link.set(State::Cut);
    let lost = noisy::number(&view);
    until(|| mirrored.noisy.latest() > lost + 100);
    mirrored.link.set(State::Open);
    until(|| noisy::number(&view) > lost + 100);
    follow();
}

#[test]
fn a_slow_connection_gets_fewer_copies_and_each_is_whole() {
    let mirrored = Mirrored::connected();
    let (_section, view) = open(&mirrored.here).unwrap();
    mirrored.link.set(State::Slow);
    let mut last = noisy::number(&view);
    until(|| {
        let next = noisy::number(&view);
        next - std::mem::replace(&mut last, next) > 1
    });
    mirrored.link.set(State::Open);
    let latest = mirrored.noisy.latest();
    until(|| noisy::number(&view) >= latest);
}

#[test]
fn a_mirror_counts_as_frozen_while_nothing_comes() {
    let mirrored = Mirrored::connected();
    let options = Options {
        frozen_after: Duration::from_secs(2),
        ..Options::default()
    };
    let mut attachment = Attachment::with_options(&mirrored.here, options, |view| {
        Ok(Sign::Heartbeat(view.read::<u32>(0)?.into()))
    });
    let mut is = |state| {
        until(|| {
            attachment.wait(Duration::from_millis(100)).unwrap();
            attachment.state() == state
        });
    };
    is(attachment::State::Live);
    for lost in [State::Silent, State::Cut] {
        mirrored.link.set(lost);
        is(attachment::State::Frozen);
        mirrored.link.set(State::Open);
        is(attachment::State::Live);
    }
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
