//! Which process the other side is, and whether it still lives.

use std::process;
use std::thread;
use std::time::{Duration, Instant};

use win_shared_memory::{Liveness, Process, ProcessIdentity, SharedMemoryError};

use crate::support::{Child, HOUR, Parent, watchdog};

#[test]
#[ignore = "a child process of other tests"]
pub(crate) fn child_that_tells_who_it_is() {
    let Some(parent) = Parent::find() else { return };
    let ProcessIdentity { id, created } = ProcessIdentity::current().unwrap();
    parent.tell(&format!("{id} {created}"));
    parent.hear();
    process::exit(0);
}

fn child() -> (Child, ProcessIdentity) {
    let mut child = Child::start(child_that_tells_who_it_is, &[]);
    let answer = child.answer();
    let (id, created) = answer.split_once(' ').unwrap();
    let identity = ProcessIdentity {
        id: id.parse().unwrap(),
        created: created.parse().unwrap(),
    };
    (child, identity)
}

#[test]
fn this_process_lives_and_is_the_same_each_time() {
    let me = ProcessIdentity::current().unwrap();
    assert_eq!(me.id, process::id());
    assert_eq!(ProcessIdentity::current().unwrap(), me);
    assert_eq!(me.liveness(), Liveness::Alive);
    let process = Process::open(me.id).unwrap();
    assert_eq!(process.identity(), me);
    assert!(!process.wait_timeout(Duration::ZERO).unwrap());
    let process = Process::open_if_alive(me).unwrap().unwrap();
    assert_eq!(process.identity(), me);
    // Began after 2020 and not in the future, on this machine's clock, which may be anything else.
    assert!(me.created > 132_000_000_000_000_000);
}

#[test]
fn another_process_is_who_it_says_it_is_until_it_ends() {
    let _watchdog = watchdog();
    for killed in [true, false] {
        let (mut child, identity) = child();
        assert_ne!(identity, ProcessIdentity::current().unwrap());
        assert!(identity.created >= ProcessIdentity::current().unwrap().created);
        let process = Process::open(identity.id).unwrap();
        assert_eq!(process.identity(), identity);
        assert_eq!(identity.liveness(), Liveness::Alive);
        for timeout in [0, 1, 20, 120].map(Duration::from_millis) {
            let start = Instant::now();
            assert!(!process.wait_timeout(timeout).unwrap());
            assert!(start.elapsed() >= timeout, "{:?}", start.elapsed());
        }
        thread::scope(|scope| {
            let waiter = scope.spawn(|| process.wait_timeout(HOUR).unwrap());
            match killed {
                true => child.kill(),
                false => {
                    child.tell("end");
                    assert!(child.wait().success());
                }
            }
            assert!(waiter.join().unwrap());
        });
        // Its id is still taken: we have handles.
        assert_eq!(identity.liveness(), Liveness::Gone);
        assert!(Process::open_if_alive(identity).unwrap().is_none());
        for timeout in [Duration::ZERO, HOUR, Duration::MAX] {
            assert!(process.wait_timeout(timeout).unwrap());
        }
        drop((process, child));
        // Or another's, or nobody's.
        assert_eq!(identity.liveness(), Liveness::Gone);
        assert!(Process::open_if_alive(identity).unwrap().is_none());
    }
}

#[test]
fn a_process_of_the_same_id_that_began_at_another_time_is_another() {
    let _watchdog = watchdog();
    let (_child, identity) = child();
    for me in [identity, ProcessIdentity::current().unwrap()] {
        for created in [0, 1, me.created - 1, me.created + 1, u64::MAX] {
            let other = ProcessIdentity { id: me.id, created };
            assert_eq!(other.liveness(), Liveness::Gone);
            assert!(Process::open_if_alive(other).unwrap().is_none());
        }
        assert_eq!(me.liveness(), Liveness::Alive);
    }
}

#[test]
fn an_id_that_no_process_has_is_gone() {
    for id in [0, u32::MAX, u32::MAX - 3, 0x7FFF_FFFC] {
        let nobody = ProcessIdentity { id, created: 1 };
        assert_eq!(nobody.liveness(), Liveness::Gone, "{id}");
        let error = Process::open(id).unwrap_err();
        assert!(
            matches!(
                error,
                SharedMemoryError::System {
                    function: "OpenProcess",
                    ..
                }
            ),
            "{error:?}"
        );
    }
}
