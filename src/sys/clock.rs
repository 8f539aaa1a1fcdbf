//! The clock that costs least.

use std::time::Duration;

use windows_sys::Win32::System::SystemInformation::GetTickCount64;

/// The time since the system started, as of its last tick.
pub(crate) fn since_start() -> Duration {
    // SAFETY: takes nothing.
    Duration::from_millis(unsafe { GetTickCount64() })
}
