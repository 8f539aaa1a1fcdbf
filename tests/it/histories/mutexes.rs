//! Histories of shared mutexes.

use std::mem::MaybeUninit;
use std::thread;

use win_shared_memory::shared_mutex::{self, Guard};
use win_shared_memory::{LockMode, SharedMemoryOptions, SharedMutex};

use super::{History, LIGHT, Light, REGISTRATION, SLACK, STEPS, beside_a_scribbler};

pub(super) fn shared_mutex(seed: u64, history: &mut History, mode: LockMode) {
    // Long because each call has its case.
    let name = history.name.clone();
    let mut options = SharedMemoryOptions::new();
    options.lock_mode(mode);
    let one = SharedMutex::get_or_create_with(&name, &LIGHT, &options).unwrap();
    let other = SharedMutex::<Light>::open(&name).unwrap();
    let mut reader = shared_mutex::Reader::<Light>::open(&name).unwrap();
    history.find_regions();
    beside_a_scribbler(seed, &name, || {
        let mut held: Option<Guard<'_, Light>> = None;
        for _ in 0..STEPS {
            history.store();
            let timeout = history.any_timeout();
            let limit = timeout + SLACK;
            let handle = history.random.pick(&[&one, &other]);
            match history.random.below(15) {
                10 => {
                    let mut room = MaybeUninit::uninit();
                    let load = || handle.load_into_uninit(&mut room).map(|it| *it);
                    let _ = history.call("load_into_uninit", limit, load);
                }
                13 => {
                    let load = || (reader.load(), reader.has_changed());
                    let _ = history.call("load of a reader", limit, load);
                    let wait = || reader.wait_changed(timeout);
                    let _ = history.call("wait_changed of a reader", limit, wait);
                    let arm = || reader.arm().map(|it| it.is_some());
                    let _ = history.call("arm of a reader", limit, arm);
                }
                14 => {
                    let open = history.waiting();
                    let open = || shared_mutex::Reader::<Light>::open_with(&name, &open).map(drop);
                    let _ = history.call("open_with of a reader", REGISTRATION, open);
                }
                way @ 11..13 => {
                    let lock = || match way {
                        11 => handle.lock_in_place(timeout),
                        _ => handle.lock_to_replace(timeout),
                    };
                    let draft = history.call("lock_in_place", limit, lock);
                    if let Ok(Some(draft)) = draft {
                        history.store();
                        draft.place().write(&LIGHT);
                        history.store();
                        let commit = || draft.commit();
                        history.call("commit in place", limit, commit);
                    }
                }
                0 => {
                    let load = || handle.load();
                    let _ = history.call("load", limit, load);
                }
                1 => {
                    let other_thread = || {
                        thread::scope(|scope| {
                            let lock = || handle.lock_timeout(timeout).map(drop);
                            scope.spawn(lock).join().unwrap()
                        })
                    };
                    let _ = history.call("lock_timeout elsewhere", limit, other_thread);
                }
                2 => {
                    let open = history.waiting();
                    let open = || SharedMutex::<Light>::open_with(&name, &open).map(drop);
                    let _ = history.call("open_with", REGISTRATION, open);
                }
                3 => {
                    let create = || SharedMutex::get_or_create(&name, &LIGHT).map(drop);
                    let _ = history.call("get_or_create", REGISTRATION, create);
                }
                4 | 5 => held = None,
                way @ 6..8 if held.is_some() => {
                    let guard = held.take();
                    let commit = || match way {
                        6 => guard.map(|it| it.commit(&LIGHT)),
                        _ => guard.map(|it| it.update(|light| light.lumen ^= 1)),
                    };
                    history.call("commit", limit, commit);
                }
                8 => {
                    let lock = || handle.try_lock();
                    held = history
                        .call("try_lock", limit, lock)
                        .ok()
                        .flatten()
                        .or(held);
                }
                _ => {
                    let lock = || handle.lock_timeout(timeout);
                    held = history
                        .call("lock_timeout", limit, lock)
                        .ok()
                        .flatten()
                        .or(held);
                }
            }
        }
    });
}
