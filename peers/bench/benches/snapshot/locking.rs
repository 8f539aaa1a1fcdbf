//! What a shared mutex costs, alone and with another process that locks it.

use std::hint::black_box;
use std::ptr;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use bench::{Orders, Pace, Peer, Table, Target};
use win_shared_memory::{LockMode, SharedMemoryOptions, SharedMutex};
use windows_sys::Win32::Foundation::{HANDLE, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{
    CreateMutexW, INFINITE, ReleaseMutex, WaitForSingleObject,
};

use crate::{LARGE, SMALL, Value, label, mode, name, wide};

/// A kernel mutex, by hand.
struct RawMutex(HANDLE);

impl RawMutex {
    fn new(name: &str) -> Self {
        // SAFETY: the name ends with NUL.
        let handle = unsafe { CreateMutexW(ptr::null(), 0, wide(name).as_ptr()) };
        assert!(!handle.is_null());
        Self(handle)
    }

    fn lock_and_release(&self) {
        // SAFETY: the handle is that of a mutex, never closed.
        unsafe {
            assert_eq!(WaitForSingleObject(self.0, INFINITE), WAIT_OBJECT_0);
            assert_ne!(ReleaseMutex(self.0), 0);
        }
    }
}

fn raw_lock(name: &str) -> String {
    format!("{name}-raw-lock")
}

fn change<const WORDS: usize>(mutex: &SharedMutex<Value<WORDS>>) {
    let change = |value: &mut Value<WORDS>| value[0] = value[0].wrapping_add(1);
    mutex.update(change).expect("no thread locks twice");
}

/// The peer: locks and releases as fast as it can.
pub(crate) fn lock<const WORDS: usize>(orders: &Orders) {
    let ours = SharedMutex::open(&orders.name).expect("the parent made it");
    let raw = RawMutex::new(&raw_lock(&orders.name));
    loop {
        let order = orders.next();
        orders.accept(order);
        while orders.stands(order) {
            match order {
                mode::OURS => change::<WORDS>(&ours),
                mode::FLOOR => raw.lock_and_release(),
                _ => thread::sleep(Duration::from_millis(1)),
            }
            orders.count();
        }
    }
}

pub(crate) fn table() -> Table {
    let title = "SharedMutex: lock, change, commit; the floor is WaitForSingleObject and ReleaseMutex \
                 of a mutex alone; of a fast lock that nobody else wants, a std Mutex whose value is \
                 copied out and in again";
    let mut table = Table::new("snapshot", title, Pace::CALLS);
    for mode in [LockMode::Fast, LockMode::Kernel] {
        lock_rows::<SMALL>(&mut table, "locker-64", mode);
        lock_rows::<LARGE>(&mut table, "locker-64K", mode);
    }
    table
}

fn lock_rows<const WORDS: usize>(table: &mut Table, role: &str, mode: LockMode) {
    let name = format!("{}-{mode:?}", name(role));
    let mut options = SharedMemoryOptions::new();
    options.lock_mode(mode);
    let ours =
        SharedMutex::get_or_create_with(&name, &[0; WORDS], &options).expect("nobody has the name");
    let (raw, own) = (RawMutex::new(&raw_lock(&name)), Mutex::new([0; WORDS]));
    let title = format!("lock, commit, {}, {mode:?}", label(WORDS));
    let change = || change::<WORDS>(&ours);
    if mode == LockMode::Fast {
        let target = Target::Ratio(2.0);
        table.row(&title, target, || change_own(&own), change);
    } else {
        table.row(&title, Target::None, || raw.lock_and_release(), change);
    }
    let contended = format!("{title}, contended");
    if table.is_wanted(&contended) {
        let peer = Peer::start(role, &name);
        table.row_around(
            &contended,
            Target::None,
            peer.switching(mode::FLOOR, mode::OURS),
            || raw.lock_and_release(),
            change,
        );
    }
}

fn change_own<const WORDS: usize>(mutex: &Mutex<Value<WORDS>>) {
    let mut guard = mutex.lock().expect("nobody panics");
    let mut value = black_box(*guard);
    value[0] = value[0].wrapping_add(1);
    *guard = black_box(value);
}
