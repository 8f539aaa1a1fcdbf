//! An auto-reset event.

use loom::sync::{Condvar, Mutex};

pub(crate) struct Event(Mutex<bool>, Condvar);

impl Event {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(false), Condvar::new())
    }

    pub(crate) fn set(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_one();
    }

    pub(crate) fn wait(&self) {
        let mut set = self.0.lock().unwrap();
        while !*set {
            set = self.1.wait(set).unwrap();
        }
        *set = false;
    }
}
