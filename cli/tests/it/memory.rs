//! What programs take, for the tests of `winshm-zenoh` as well.

use std::process::Child;

/// The most memory that a program has had, in MB, where the system tells: Linux, also of a program under Wine that was started
/// from there.
pub(crate) fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find(|it| it.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}
