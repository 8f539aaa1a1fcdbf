//! A region followed through its life; the other program is this process. `interop::attachment` has real ones.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::attachment::{Attachment, Change, News, Options, Policy, Sign, State};
use win_shared_memory::sync::{Event, Mutex, Reset};
use win_shared_memory::{ReadWrite, Section, SharedMemoryError, SharedMemoryLink, View};

use crate::support::{HOUR, PATIENCE, fresh_name, watchdog};

type Link = SharedMemoryLink<u32, ReadWrite>;

/// 0 is not ready, 0xDEAD has left, all else is a heartbeat.
fn sign(view: &View) -> Result<Sign, SharedMemoryError> {
    Ok(match view.read::<u32>(0)? {
        0 => Sign::NotReady,
        0xDEAD => Sign::Closing,
        beat => Sign::Heartbeat(beat.into()),
    })
}

fn options() -> Options {
    Options {
        frozen_after: HOUR,
        look_up_every: HOUR,
        ..Options::default()
    }
}

fn attachment(name: &str, change: impl FnOnce(&mut Options)) -> Attachment {
    let mut options = options();
    change(&mut options);
    Attachment::with_options(name, options, sign)
}

/// From where to where, and whether in a new region.
#[track_caller]
fn changed(attachment: &mut Attachment) -> (State, State, bool) {
    match attachment.poll().unwrap() {
        Some(News::Changed(Change {
            from,
            to,
            is_new_region,
            ..
        })) => (from, to, is_new_region),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_region_is_followed_from_before_it_appears_until_after_it_is_gone() {
    let name = fresh_name();
    let mut attachment = attachment(&name, |_| ());
    assert_eq!(attachment.name(), name);
    assert_eq!(attachment.poll().unwrap(), None);
    assert!(attachment.view().is_none());

    let link = Link::create(&name).unwrap();
    let appeared = (State::Absent, State::NotReady, true);
    assert_eq!(changed(&mut attachment), appeared);
    assert_eq!(attachment.poll().unwrap(), None);
    link.write(&1);
    let live = (State::NotReady, State::Live, false);
    assert_eq!(changed(&mut attachment), live);
    assert_eq!(attachment.poll().unwrap(), None);
    link.write(&2);
    assert_eq!(attachment.poll().unwrap(), Some(News::Written));
    assert_eq!(attachment.poll().unwrap(), None);
    let view = attachment.live().unwrap();
    assert_eq!(view.read::<u32>(0).unwrap(), 2);
    link.write(&0xDEAD);
    let closing = (State::Live, State::Closing, false);
    assert_eq!(changed(&mut attachment), closing);
    assert!(attachment.live().is_none() && attachment.view().is_some());
    drop(link);
    let gone = (State::Closing, State::Absent, false);
    assert_eq!(changed(&mut attachment), gone);
    assert!(attachment.view().is_none());
    assert_eq!(attachment.poll().unwrap(), None);

    let link = Link::create(&name).unwrap();
    link.write(&3);
    let live = (State::Absent, State::Live, true);
    assert_eq!(changed(&mut attachment), live);
    assert_eq!(attachment.state(), State::Live);
}

#[test]
fn a_heartbeat_that_stands_still_freezes_the_region_until_it_moves() {
    let name = fresh_name();
    let link = Link::create(&name).unwrap();
    let frozen_after = Duration::from_millis(60);
    let mut attachment = attachment(&name, |it| it.frozen_after = frozen_after);
    link.write(&1);
    let start = Instant::now();
    assert_eq!(changed(&mut attachment).1, State::Live);
    let news = attachment.wait(PATIENCE).unwrap();
    let is_frozen = matches!(news, Some(News::Changed(it)) if it.to == State::Frozen);
    assert!(is_frozen, "{news:?}");
    assert!(start.elapsed() >= frozen_after);
    assert_eq!(attachment.wait(Duration::from_millis(20)).unwrap(), None);
    link.write(&2);
    let live = (State::Frozen, State::Live, false);
    assert_eq!(changed(&mut attachment), live);
}

#[test]
fn a_region_too_small_for_its_sign_is_not_ready() {
    let name = fresh_name();
    let _link = Link::create(&name).unwrap();
    let read = |view: &View| Ok(Sign::Heartbeat(view.read::<u8>(4096)?.into()));
    let mut attachment = Attachment::with_options(&name, options(), read);
    assert_eq!(changed(&mut attachment).1, State::NotReady);
}

#[test]
fn a_region_that_was_replaced_between_two_looks_is_told() {
    let name = fresh_name();
    let mut attachment = attachment(&name, |it| it.look_up_every = Duration::ZERO);
    let create = |beat| {
        let link = Link::create(&name).unwrap();
        link.write(&beat);
        link
    };
    let link = create(1);
    assert_eq!(changed(&mut attachment).1, State::Live);
    drop(link);
    let link = create(2);
    let replaced = (State::Live, State::Live, true);
    assert_eq!(changed(&mut attachment), replaced);
    assert_eq!(attachment.view().unwrap().read::<u32>(0).unwrap(), 2);
    // One with the same bytes is not told from the last, and is the one that is seen from now on.
    drop(link);
    let link = create(2);
    assert_eq!(attachment.poll().unwrap(), None);
    link.write(&3);
    assert_eq!(attachment.poll().unwrap(), Some(News::Written));
    // Another size.
    drop(link);
    let section = Section::create(&name, 8192).unwrap();
    section.map().unwrap().write(0, &3).unwrap();
    assert_eq!(changed(&mut attachment), replaced);
}

#[test]
fn the_name_of_a_live_region_is_looked_up_when_it_is_time_and_of_another_always() {
    let name = fresh_name();
    let link = Link::create(&name).unwrap();
    link.write(&1);
    let mut rarely = attachment(&name, |_| ());
    let mut often = attachment(&name, |it| it.look_up_every = Duration::from_millis(20));
    for it in [&mut rarely, &mut often] {
        assert_eq!(changed(it).1, State::Live);
    }
    drop(link);
    let news = often.wait(PATIENCE).unwrap();
    let is_gone = matches!(news, Some(News::Changed(it)) if it.to == State::Absent);
    assert!(is_gone, "{news:?}");
    assert_eq!(rarely.poll().unwrap(), None);

    let link = Link::create(&name).unwrap();
    let mut not_ready = attachment(&name, |_| ());
    assert_eq!(changed(&mut not_ready).1, State::NotReady);
    drop(link);
    assert_eq!(changed(&mut not_ready).1, State::Absent);
}

#[test]
fn a_kept_region_keeps_its_name_and_its_last_value() {
    let name = fresh_name();
    let link = Link::create(&name).unwrap();
    link.write(&7);
    let mut attachment = attachment(&name, |it| {
        it.policy = Policy::Keep;
        it.look_up_every = Duration::ZERO;
        it.frozen_after = Duration::ZERO;
    });
    assert_eq!(changed(&mut attachment).1, State::Live);
    drop(link);
    assert_eq!(changed(&mut attachment).1, State::Frozen);
    assert_eq!(attachment.view().unwrap().read::<u32>(0).unwrap(), 7);
    let taken = Link::create(&name).unwrap_err();
    assert!(matches!(taken, SharedMemoryError::AlreadyExists), "{taken}");
    let again = Link::get_or_create(&name).unwrap();
    assert_eq!(again.read(), 7);
    again.write(&8);
    let live = (State::Frozen, State::Live, false);
    assert_eq!(changed(&mut attachment), live);
    drop((again, attachment));
    drop(Link::create(&name).unwrap());
}

#[test]
fn a_region_that_is_let_go_ends_with_its_producer() {
    let name = fresh_name();
    let link = Link::create(&name).unwrap();
    link.write(&7);
    let mut attachment = attachment(&name, |_| ());
    assert_eq!(changed(&mut attachment).1, State::Live);
    drop(link);
    // Its view is still there, and does not keep the name.
    assert_eq!(attachment.view().unwrap().read::<u32>(0).unwrap(), 7);
    drop(Link::create(&name).unwrap());
}

#[test]
fn a_wait_ends_with_the_timeout_or_when_something_is_new() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut attachment = attachment(&name, |_| ());
    for timeout in [0, 30].map(Duration::from_millis) {
        let start = Instant::now();
        assert_eq!(attachment.wait(timeout).unwrap(), None);
        assert!(start.elapsed() >= timeout);
    }
    let (done, end) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let name = &name;
        scope.spawn(move || {
            let link = Link::create(name).unwrap();
            link.write(&1);
            let _ = end.recv_timeout(PATIENCE);
            link.write(&2);
            let _ = end.recv_timeout(PATIENCE);
        });
        while attachment.state() != State::Live {
            assert!(attachment.wait(HOUR).unwrap().is_some());
        }
        done.send(()).unwrap();
        assert_eq!(attachment.wait(HOUR).unwrap(), Some(News::Written));
        done.send(()).unwrap();
    });
}

#[test]
fn a_wait_ends_when_the_producer_sets_its_event() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let event_name = format!("{name}-event");
    let _link = Link::create(&name).unwrap();
    let with_event = Options {
        event: Some(event_name.clone()),
        ..options()
    };
    let mut attachment = Attachment::with_options(&name, with_event, |_| Ok(Sign::Live));
    assert_eq!(changed(&mut attachment).1, State::Live);
    // Without the event, nothing would be new.
    let quiet = Duration::from_millis(20);
    assert_eq!(attachment.wait(quiet).unwrap(), None);
    let event = Event::create(&event_name, Reset::Auto).unwrap();
    assert_eq!(attachment.wait(quiet).unwrap(), None);
    event.set().unwrap();
    assert_eq!(attachment.wait(HOUR).unwrap(), Some(News::Written));
    assert_eq!(attachment.wait(quiet).unwrap(), None);
}

#[test]
fn what_cannot_be_followed_is_an_error_in_each_look() {
    let name = fresh_name();
    let mutex = Mutex::create(&name).unwrap();
    let mut attachment = attachment(&name, |_| ());
    for _ in 0..2 {
        let error = attachment.poll().unwrap_err();
        let is_taken = matches!(error, SharedMemoryError::NameInUse { .. });
        assert!(is_taken, "{error:?}");
    }
    drop(mutex);
    assert_eq!(attachment.poll().unwrap(), None);
    let mut invalid = self::attachment("a\0b", |_| ());
    let error = invalid.wait(HOUR).unwrap_err();
    let is_invalid = matches!(error, SharedMemoryError::InvalidName { .. });
    assert!(is_invalid, "{error:?}");
}
