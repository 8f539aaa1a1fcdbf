//! Events.

use win_shared_memory::sync::{Event, Reset};

use super::assert_waits;
use crate::support::{Child, HOUR, Parent, fresh_name, watchdog};

#[test]
fn an_event_that_resets_itself_ends_one_wait_each_time_it_is_set() {
    let event = Event::create(&fresh_name(), Reset::Auto).unwrap();
    assert!(!event.try_wait().unwrap());
    for _ in 0..3 {
        event.set().unwrap();
        event.set().unwrap();
        assert!(event.wait_timeout(HOUR).unwrap());
        assert!(!event.try_wait().unwrap());
    }
    event.set().unwrap();
    event.reset().unwrap();
    assert!(!event.try_wait().unwrap());
}

#[test]
fn an_event_that_does_not_reset_itself_ends_all_waits_until_it_is_reset() {
    let name = fresh_name();
    let event = Event::create(&name, Reset::Manual).unwrap();
    // Whatever the others ask for.
    let other = Event::get_or_create(&name, Reset::Auto).unwrap();
    assert!(!other.was_created());
    assert!(!event.try_wait().unwrap());
    event.set().unwrap();
    for event in [&event, &other, &event] {
        assert!(event.try_wait().unwrap());
        event.wait().unwrap();
    }
    other.reset().unwrap();
    assert!(!event.try_wait().unwrap());
}

#[test]
fn waiting_for_an_event_that_is_not_set_takes_the_timeout_and_not_less() {
    let _watchdog = watchdog();
    for reset in [Reset::Auto, Reset::Manual] {
        let event = Event::create(&fresh_name(), reset).unwrap();
        assert_waits(false, |timeout| event.wait_timeout(timeout).unwrap());
    }
}

#[test]
fn setting_an_event_that_nobody_waits_for_any_more_is_no_error() {
    let name = fresh_name();
    let event = Event::create(&name, Reset::Auto).unwrap();
    drop(Event::open_to_wait(&name).unwrap());
    for _ in 0..1000 {
        event.set().unwrap();
    }
}

#[test]
fn events_of_other_names_stay_silent() {
    let [one, other] = [0, 1].map(|_| Event::create(&fresh_name(), Reset::Auto).unwrap());
    one.set().unwrap();
    assert!(!other.try_wait().unwrap());
    assert!(one.try_wait().unwrap());
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_answers_events() {
    let Some(parent) = Parent::find() else { return };
    let name = parent.argument(0);
    let (asked, answer) = (
        Event::open_to_wait(&format!("{name}-ask")).unwrap(),
        Event::open(&format!("{name}-answer")).unwrap(),
    );
    loop {
        asked.wait().unwrap();
        answer.set().unwrap();
    }
}

#[test]
fn events_wake_other_processes() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let ask = Event::create(&format!("{name}-ask"), Reset::Auto).unwrap();
    let answer = Event::create(&format!("{name}-answer"), Reset::Auto).unwrap();
    let _child = Child::start(child_that_answers_events, &[&name]);
    for _ in 0..500 {
        ask.set().unwrap();
        assert!(answer.wait_timeout(HOUR).unwrap());
        assert!(!answer.try_wait().unwrap());
    }
}
