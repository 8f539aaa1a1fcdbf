//! A thread that waits for messages and for what was armed, as `examples/gui.rs` does.
//!
//! `unsafe` is allowed here for the messages.

#![allow(unsafe_code)]

use std::os::windows::io::{AsHandle, AsRawHandle};
use std::ptr::null_mut;
use std::sync::mpsc;
use std::thread;

use win_shared_memory::snapshot::{Reader, Writer};
use win_shared_memory::sync::Armed;
use windows_sys::Win32::System::Threading::GetCurrentThreadId;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    MWMO_INPUTAVAILABLE, MsgWaitForMultipleObjectsEx, PM_NOREMOVE, PM_REMOVE, PeekMessageW,
    PostThreadMessageW, QS_ALLINPUT, WM_APP,
};

use crate::format::{ARMED, Words};
use crate::support::{fresh_name, watchdog};

/// What has come: what was armed, a message, or the time.
fn wait(armed: &Armed<'_>) -> u32 {
    let handle = armed.as_handle().as_raw_handle();
    let millis = armed.look_after().as_millis() as u32;
    // SAFETY: one handle, which is open while it is borrowed.
    unsafe { MsgWaitForMultipleObjectsEx(1, &handle, millis, QS_ALLINPUT, MWMO_INPUTAVAILABLE) }
}

/// The number of the next message of this thread; `None` if there is none.
fn message(remove: u32) -> Option<u32> {
    // SAFETY: the message is written before it is read.
    unsafe {
        let mut message = std::mem::zeroed();
        let is_there = PeekMessageW(&mut message, null_mut(), 0, 0, remove) != 0;
        is_there.then_some(message.message)
    }
}

#[test]
fn a_message_loop_sees_each_value_and_each_message() {
    const ROUNDS: u32 = 50;
    let _watchdog = watchdog();
    let name = fresh_name();
    let mut writer = Writer::register(&name).unwrap();
    let waiters = Words::open(&format!("{name}~wait"));
    let (says, said) = mpsc::channel();
    let looper = thread::spawn({
        let name = name.clone();
        move || {
            let mut reader = Reader::<u32>::open(&name).unwrap();
            // It makes the queue.
            assert_eq!(message(PM_NOREMOVE), None);
            // SAFETY: it only asks.
            says.send(unsafe { GetCurrentThreadId() }).unwrap();
            let (mut messages, mut wakes) = (0, 0);
            loop {
                while let Some(number) = message(PM_REMOVE) {
                    assert_eq!(number, WM_APP + messages);
                    messages += 1;
                    says.send(messages).unwrap();
                }
                let Some(armed) = reader.arm().unwrap() else {
                    let value = reader.latest().unwrap().unwrap();
                    says.send(value).unwrap();
                    if value == ROUNDS {
                        return wakes;
                    }
                    continue;
                };
                wakes += u32::from(wait(&armed) == 0);
            }
        }
    });
    let thread = said.recv().unwrap();
    for round in 0..ROUNDS {
        // SAFETY: a thread that is not there any more is an error.
        let posted = unsafe { PostThreadMessageW(thread, WM_APP + round, 0, 0) };
        assert_ne!(posted, 0);
        assert_eq!(said.recv().unwrap(), round + 1);
        // So that it is woken. If not always: it also looks by itself.
        while waiters.get(ARMED) == 0 {
            thread::yield_now();
        }
        writer.publish(&(round + 1));
        assert_eq!(said.recv().unwrap(), round + 1);
    }
    assert!(looper.join().unwrap() > 0, "it was never woken");
}
