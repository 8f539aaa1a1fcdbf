//! An overlay with a window: the thread of the window reads at its own rate and never waits for the game.
//!
//! Start it beside `publisher`. Asking whether there is a new value, and reading it, neither block nor call the
//! system, so they are done on every tick of a timer, or on every frame.

#![allow(unsafe_code, reason = "windows are Win32's own")]

use std::ptr::{null, null_mut};
use std::time::Duration;

use win_shared_memory::snapshot::Reader;
use win_shared_memory::{SharedData, SharedMemoryError, SharedMemoryOptions};
use windows_sys::Win32::Foundation::HWND;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    CW_USEDEFAULT, CreateWindowExW, DispatchMessageW, GetMessageW, IsWindow, SetTimer,
    SetWindowTextW, WM_TIMER, WS_EX_TOPMOST, WS_OVERLAPPEDWINDOW, WS_VISIBLE,
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
    println!("waiting for the game");
    let mut game = Reader::<GameState>::open_with(
        r"Local\my_game_state",
        SharedMemoryOptions::new().wait(Duration::MAX),
    )?;
    let window = open_window();
    while next_tick(window) {
        if game.has_changed()? {
            if let Some(state) = game.latest()? {
                show(
                    window,
                    &format!("score {}, {} lives", state.score, state.lives),
                );
            }
        }
    }
    Ok(())
}

/// A window that shows its text, and a timer of this thread.
fn open_window() -> HWND {
    let style = WS_OVERLAPPEDWINDOW | WS_VISIBLE;
    let (class, text) = (w!("STATIC"), w!("no value yet"));
    // SAFETY: The class is one of the system's, the texts end in a zero, and all else is optional.
    unsafe {
        SetTimer(null_mut(), 0, 16, None);
        #[rustfmt::skip]
        let window = CreateWindowExW(
            WS_EX_TOPMOST, class, text, style, CW_USEDEFAULT, CW_USEDEFAULT, 300, 80,
            null_mut(), null_mut(), null_mut(), null(),
        );
        window
    }
}

/// Handles the window's messages until the timer ticks. `false` once the window is closed.
fn next_tick(window: HWND) -> bool {
    // SAFETY: The message is written before it is read, and a window that is gone is only asked about.
    unsafe {
        let mut message = std::mem::zeroed();
        while IsWindow(window) != 0 && GetMessageW(&mut message, null_mut(), 0, 0) > 0 {
            if message.message == WM_TIMER && message.hwnd.is_null() {
                return true;
            }
            DispatchMessageW(&message);
        }
        false
    }
}

fn show(window: HWND, text: &str) {
    let text: Vec<u16> = text.encode_utf16().chain([0]).collect();
    // SAFETY: The text ends in a zero and lives until the call returns.
    unsafe { SetWindowTextW(window, text.as_ptr()) };
}
