//! An overlay with a window: its thread waits for the game and for the messages of its window at the same time.
//!
//! Start it beside `publisher`. Each value is shown as soon as it is there, and while there is none the thread sleeps.
//! A program that draws at a rate of its own needs none of this: it calls `has_changed` on every frame, which neither
//! blocks nor calls the system.

#![allow(unsafe_code, reason = "windows are Win32's own")]

use std::os::windows::io::{AsHandle, AsRawHandle};
use std::ptr::{null, null_mut};

use win_shared_memory::snapshot::Reader;
use win_shared_memory::sync::Armed;
use win_shared_memory::{SharedData, SharedMemoryError};
use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CW_USEDEFAULT, CreateWindowExW, DispatchMessageW, IsWindow, MWMO_INPUTAVAILABLE,
    MsgWaitForMultipleObjectsEx, PM_REMOVE, PeekMessageW, QS_ALLINPUT, SetWindowTextW,
    TranslateMessage, WS_EX_TOPMOST, WS_OVERLAPPEDWINDOW, WS_VISIBLE,
};
use windows_sys::w;

#[derive(Clone, Copy, SharedData)]
#[repr(C)]
struct GameState {
    score: u32,
    lives: u8,
    paused: bool,
}

fn main() -> Result<(), SharedMemoryError> {
    let mut game = Reader::<GameState>::open(r"Local\my_game_state")?;
    let window = open_window();
    while handle_messages(window) {
        // `None`: there is a value to look at, and nothing to wait for.
        let Some(armed) = game.arm()? else {
            if let Some(GameState { score, lives, .. }) = game.latest()? {
                show(window, &format!("score {score}, {lives} lives"));
            }
            continue;
        };
        wait_for_message_or(&armed);
    }
    Ok(())
}

/// A window that shows its text.
fn open_window() -> HWND {
    let style = WS_OVERLAPPEDWINDOW | WS_VISIBLE;
    let (class, text) = (w!("STATIC"), w!("no value yet"));
    // SAFETY: The class is one of the system's, the texts end in a zero, and all else is optional.
    unsafe {
        #[rustfmt::skip]
        let window = CreateWindowExW(
            WS_EX_TOPMOST, class, text, style, CW_USEDEFAULT, CW_USEDEFAULT, 300, 80,
            null_mut(), null_mut(), null_mut(), null(),
        );
        window
    }
}

/// Handles the messages that are there. `false` once the window is closed.
fn handle_messages(window: HWND) -> bool {
    // SAFETY: The message is written before it is read, and a window that is gone is only asked about.
    unsafe {
        let mut message = std::mem::zeroed();
        while PeekMessageW(&mut message, null_mut(), 0, 0, PM_REMOVE) != 0 {
            TranslateMessage(&message);
            DispatchMessageW(&message);
        }
        IsWindow(window) != 0
    }
}

/// Waits for a message, for what was armed, or until it is time to look again. Which of them does not matter: the
/// caller looks at both.
fn wait_for_message_or(armed: &Armed<'_>) {
    let handle = armed.as_handle().as_raw_handle();
    let millis = armed.look_after().as_millis() as u32;
    // SAFETY: One handle, which is open as long as it is borrowed.
    unsafe {
        MsgWaitForMultipleObjectsEx(1, &handle, millis, QS_ALLINPUT, MWMO_INPUTAVAILABLE);
    }
}

fn show(window: HWND, text: &str) {
    let text: Vec<u16> = text.encode_utf16().chain([0]).collect();
    // SAFETY: The text ends in a zero and lives until the call returns.
    unsafe { SetWindowTextW(window, text.as_ptr()) };
}
