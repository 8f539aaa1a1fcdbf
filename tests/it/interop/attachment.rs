//! A C program's region, followed while it is started, stopped, suspended, killed and started again, with and without
//! another program that holds the region.

use std::time::{Duration, Instant};

use win_shared_memory::attachment::{Attachment, Change, News, Options, Policy, Sign, State};
use win_shared_memory::{Section, SharedMemoryError, View};

use super::Peer;
use crate::support::{HOUR, PATIENCE, fresh_name};

/// Between two writes of the producer, in microseconds.
const RUN: &str = "run 2000";

/// What notices a change.
const OPTIONS: Options = Options {
    policy: Policy::LetGo,
    frozen_after: Duration::from_millis(200),
    look_up_every: Duration::from_millis(50),
    event: None,
};

/// What a busy machine may need beyond the limits.
const SLACK: Duration = Duration::from_secs(5);

fn sign(view: &View) -> Result<Sign, SharedMemoryError> {
    Ok(match view.read::<u32>(0)? {
        0 => Sign::NotReady,
        0xDEAD => Sign::Closing,
        step => Sign::Heartbeat(step.into()),
    })
}

fn attachment(name: &str, options: Options) -> Attachment {
    Attachment::with_options(name, options, sign)
}

/// A producer that has not written yet.
fn producer(name: &str) -> Peer {
    let mut peer = start(name);
    assert_eq!(peer.answer(), "ready");
    peer
}

fn start(name: &str) -> Peer {
    Peer::start_with("producer", &["counter", name, "4096"])
}

fn running(name: &str) -> Peer {
    let mut peer = producer(name);
    assert_eq!(peer.ask(RUN), "runs");
    peer
}

/// Waits for the next change, which has to come within the limit.
#[track_caller]
fn next(attachment: &mut Attachment, limit: Duration) -> (State, State, bool) {
    let start = Instant::now();
    loop {
        match attachment.wait(PATIENCE).unwrap() {
            Some(News::Changed(Change {
                from,
                to,
                is_new_region,
                ..
            })) => {
                assert!(start.elapsed() <= limit + SLACK, "{:?}", start.elapsed());
                return (from, to, is_new_region);
            }
            Some(_) => assert!(start.elapsed() <= limit + SLACK, "nothing has changed"),
            None => panic!("nothing is new: {attachment:?}"),
        }
    }
}

/// Looks for a while, in which nothing may change.
#[track_caller]
fn assert_stays(attachment: &mut Attachment, time: Duration) {
    let start = Instant::now();
    while start.elapsed() < time {
        let news = attachment.wait(time).unwrap();
        assert!(!matches!(news, Some(News::Changed(_))), "{news:?}");
    }
}

fn until_live(attachment: &mut Attachment) {
    while attachment.state() != State::Live {
        attachment.wait(PATIENCE).unwrap();
    }
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_program_is_followed_from_its_start_to_its_end() {
    let name = fresh_name();
    let mut attachment = attachment(&name, OPTIONS);
    assert_eq!(attachment.poll().unwrap(), None);
    let mut peer = producer(&name);
    let Options {
        frozen_after,
        look_up_every,
        ..
    } = OPTIONS;
    let mut next = |limit| next(&mut attachment, limit);
    use State::{Absent, Closing, Frozen, Live, NotReady};
    assert_eq!(next(look_up_every), (Absent, NotReady, true));
    assert_eq!(peer.ask(RUN), "runs");
    assert_eq!(next(Duration::ZERO), (NotReady, Live, false));
    assert!(peer.ask("stop").starts_with("stopped"));
    assert_eq!(next(frozen_after), (Live, Frozen, false));
    assert_eq!(peer.ask(RUN), "runs");
    assert_eq!(next(Duration::ZERO), (Frozen, Live, false));
    assert_eq!(peer.ask("die"), "dead");
    assert_eq!(next(Duration::ZERO), (Live, Closing, false));
    peer.quit();
    assert_eq!(next(Duration::ZERO), (Closing, Absent, false));
    let _peer = running(&name);
    let (from, to, is_new_region) = next(Duration::ZERO);
    assert!(from == Absent && is_new_region);
    assert!(to == Live || next(Duration::ZERO) == (NotReady, Live, false));
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_suspended_program_freezes_its_region_until_it_goes_on() {
    for is_held in [false, true] {
        let name = fresh_name();
        let peer = running(&name);
        let _other = is_held.then(|| Section::open(&name).unwrap());
        let mut attachment = attachment(&name, OPTIONS);
        while attachment.state() != State::Live {
            attachment.wait(PATIENCE).unwrap();
        }
        peer.suspend();
        let frozen = (State::Live, State::Frozen, false);
        assert_eq!(next(&mut attachment, OPTIONS.frozen_after), frozen);
        assert_stays(&mut attachment, 2 * OPTIONS.look_up_every);
        peer.resume();
        let live = (State::Frozen, State::Live, false);
        assert_eq!(next(&mut attachment, Duration::ZERO), live);
    }
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_killed_program_takes_its_region_along_if_nobody_else_holds_it() {
    let name = fresh_name();
    let mut peer = running(&name);
    // The heartbeat tells nothing here.
    let mut attachment = attachment(
        &name,
        Options {
            frozen_after: HOUR,
            ..OPTIONS
        },
    );
    until_live(&mut attachment);
    peer.kill();
    let gone = (State::Live, State::Absent, false);
    assert_eq!(next(&mut attachment, OPTIONS.look_up_every), gone);
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_killed_programs_region_is_frozen_as_long_as_somebody_else_holds_it() {
    let name = fresh_name();
    let mut peer = running(&name);
    let mut attachment = attachment(&name, OPTIONS);
    until_live(&mut attachment);
    let other = Section::open(&name).unwrap();
    peer.kill();
    let frozen = (State::Live, State::Frozen, false);
    assert_eq!(next(&mut attachment, OPTIONS.frozen_after), frozen);
    assert_stays(&mut attachment, 2 * OPTIONS.look_up_every);
    // A producer that insists on creating its region fails while the name is kept.
    assert_eq!(start(&name).answer(), "failed CreateFileMappingA 183");
    drop(other);
    let gone = (State::Frozen, State::Absent, false);
    assert_eq!(next(&mut attachment, Duration::ZERO), gone);
    let _peer = producer(&name);
    let appeared = (State::Absent, State::NotReady, true);
    assert_eq!(next(&mut attachment, Duration::ZERO), appeared);
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_program_that_goes_on_in_a_region_that_somebody_else_held_makes_it_live_again() {
    let name = fresh_name();
    let mut peer = running(&name);
    let mut attachment = attachment(&name, OPTIONS);
    until_live(&mut attachment);
    let other = Section::open(&name).unwrap();
    peer.kill();
    let frozen = (State::Live, State::Frozen, false);
    assert_eq!(next(&mut attachment, OPTIONS.frozen_after), frozen);
    let mut peer = Peer::start_with("producer", &["counter", &name, "4096", "join"]);
    assert_eq!(peer.answer(), "ready");
    drop(other);
    // It is the same region, where nothing has been written yet.
    assert_stays(&mut attachment, 2 * OPTIONS.look_up_every);
    assert_eq!(peer.ask(RUN), "runs");
    let live = (State::Frozen, State::Live, false);
    assert_eq!(next(&mut attachment, Duration::ZERO), live);
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_region_that_is_kept_outlives_its_program_and_hinders_the_next() {
    let name = fresh_name();
    let mut peer = running(&name);
    let mut attachment = attachment(
        &name,
        Options {
            policy: Policy::Keep,
            ..OPTIONS
        },
    );
    until_live(&mut attachment);
    peer.kill();
    let frozen = (State::Live, State::Frozen, false);
    assert_eq!(next(&mut attachment, OPTIONS.frozen_after), frozen);
    assert_eq!(start(&name).answer(), "failed CreateFileMappingA 183");
    assert_stays(&mut attachment, 2 * OPTIONS.look_up_every);
    assert!(attachment.view().unwrap().read::<u32>(0).unwrap() > 0);
    drop(attachment);
    producer(&name).quit();
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_program_that_was_killed_and_started_again_between_two_looks_is_told() {
    let name = fresh_name();
    let mut peer = running(&name);
    let mut attachment = attachment(&name, OPTIONS);
    until_live(&mut attachment);
    peer.kill();
    // It can create its region, although we have a view of the last.
    let mut peer = producer(&name);
    let (from, _, is_new_region) = next(&mut attachment, OPTIONS.look_up_every);
    assert!(from == State::Live && is_new_region);
    assert_eq!(peer.ask(RUN), "runs");
    let live = (State::NotReady, State::Live, false);
    assert_eq!(next(&mut attachment, Duration::ZERO), live);
}

/// The comparison of two views of one region, while it is written as fast as can be.
#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_region_that_is_written_all_the_time_is_not_taken_for_another() {
    let name = fresh_name();
    let mut peer = producer(&name);
    assert_eq!(peer.ask("run 0"), "runs");
    let mut attachment = attachment(
        &name,
        Options {
            frozen_after: HOUR,
            look_up_every: Duration::ZERO,
            ..OPTIONS
        },
    );
    until_live(&mut attachment);
    assert_stays(&mut attachment, Duration::from_millis(300));
}

/// The conventions in which nothing shows a reader that a write was begun and not finished: two equal reads, one counter,
/// the newest of several buffers. That the producer stands still shows in the heartbeat.
const SILENT: [&str; 3] = ["double_read", "counter", "latest_of"];

/// What every write of such a producer changes: its first word, or the newest of its ticks.
fn beat(kind: &str, view: &View) -> Result<Sign, SharedMemoryError> {
    let words = match kind {
        "latest_of" => (48..112).step_by(16),
        _ => (0..1).step_by(1),
    };
    let mut newest = 0;
    for at in words {
        newest = newest.max(view.read::<u32>(at)?);
    }
    Ok(Sign::Heartbeat(newest.into()))
}

/// A producer in the middle of a write, and attachments to its region: one that lets it go, and one that keeps it.
fn in_the_middle_of_a_write(kind: &'static str) -> (Peer, [Attachment; 2]) {
    let name = fresh_name();
    let mut peer = Peer::start_with("producer", &[kind, &name, "4096"]);
    assert_eq!(peer.answer(), "ready");
    // A value in each of several buffers.
    for _ in 0..4 {
        assert_eq!(peer.ask("half"), "half");
        assert_eq!(peer.ask("go on"), "whole");
    }
    assert_eq!(peer.ask("half"), "half");
    let attachments = [Policy::LetGo, Policy::Keep].map(|policy| {
        let options = Options { policy, ..OPTIONS };
        let mut attachment = Attachment::with_options(&name, options, move |view| beat(kind, view));
        let first = next(&mut attachment, Duration::ZERO);
        assert_eq!(first, (State::Absent, State::Live, true), "{kind}");
        attachment
    });
    (peer, attachments)
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_program_killed_in_the_middle_of_a_write_is_told_where_its_convention_tells_nothing() {
    let Options {
        frozen_after,
        look_up_every,
        ..
    } = OPTIONS;
    for kind in SILENT {
        let (mut peer, [mut lets_go, mut keeps]) = in_the_middle_of_a_write(kind);
        peer.kill();
        let frozen = (State::Live, State::Frozen, false);
        assert_eq!(next(&mut keeps, frozen_after), frozen, "{kind}");
        assert!(keeps.live().is_none() && keeps.view().is_some());
        // The handle of the other keeps its name.
        assert_eq!(next(&mut lets_go, frozen_after), frozen, "{kind}");
        drop(keeps);
        let gone = (State::Frozen, State::Absent, false);
        assert_eq!(next(&mut lets_go, look_up_every), gone, "{kind}");
        assert!(lets_go.view().is_none());
    }
}

#[test]
#[ignore = "needs the compiled peers: run cargo xtask test"]
fn a_program_suspended_in_the_middle_of_a_write_is_told_where_its_convention_tells_nothing() {
    for kind in SILENT {
        let (mut peer, mut attachments) = in_the_middle_of_a_write(kind);
        peer.suspend();
        for attachment in &mut attachments {
            let frozen = (State::Live, State::Frozen, false);
            assert_eq!(next(attachment, OPTIONS.frozen_after), frozen, "{kind}");
        }
        peer.resume();
        assert_eq!(peer.ask("go on"), "whole");
        assert_eq!(peer.ask("half"), "half");
        assert_eq!(peer.ask("go on"), "whole");
        for attachment in &mut attachments {
            let live = (State::Frozen, State::Live, false);
            assert_eq!(next(attachment, Duration::ZERO), live, "{kind}");
        }
    }
}
