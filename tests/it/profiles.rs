//! Two builds, Debug and Release or of 32 and 64 bits, at the same regions. With `WIN_SHARED_MEMORY_OTHER_PROFILE`, the path of
//! this binary in its other build, all children of all modules are of that build. Here is what those
//! modules leave open.

use win_shared_memory::SharedMutex;

use crate::support::{Child, Parent, fresh_name, other_profile, watchdog};

#[test]
#[ignore = "a child process of another test"]
fn child_that_tells_its_build() {
    let Some(parent) = Parent::find() else { return };
    parent.tell(&build());
}

fn build() -> String {
    format!("{} bits, debug: {}", usize::BITS, cfg!(debug_assertions))
}

#[test]
fn children_are_of_the_other_build_if_there_is_one() {
    let _watchdog = watchdog();
    let mut child = Child::start(child_that_tells_its_build, &[]);
    let same = child.answer() == build();
    assert_eq!(same, other_profile().is_none());
}

/// How often each side counts.
const EACH: u64 = 500;

fn count(counter: &SharedMutex<[u64; 2]>, mine: usize) {
    for _ in 0..EACH {
        counter.update(|counts| counts[mine] += 1).unwrap();
    }
}

#[test]
#[ignore = "a child process of another test"]
fn child_that_counts() {
    let Some(parent) = Parent::find() else { return };
    let counter = SharedMutex::open(parent.argument(0)).unwrap();
    parent.tell("begins");
    count(&counter, 1);
    parent.tell("done");
}

#[test]
fn no_change_is_lost_between_parent_and_child() {
    let _watchdog = watchdog();
    let name = fresh_name();
    let counter = SharedMutex::get_or_create(&name, &[0; 2]).unwrap();
    let mut child = Child::start(child_that_counts, &[&name]);
    assert_eq!(child.answer(), "begins");
    count(&counter, 0);
    assert_eq!(child.answer(), "done");
    assert_eq!(counter.load().unwrap(), [EACH; 2]);
}
