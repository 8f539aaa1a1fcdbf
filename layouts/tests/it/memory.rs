//! How much memory something takes.

/// More than anything here needs. What hostile input claims is gigabytes.
const MOST: u64 = 8 << 20;

/// Fails what takes more memory at a time than it can need.
#[track_caller]
pub(crate) fn bounded<T>(what: impl FnOnce() -> T) -> T {
    let mut result = None;
    let taken = allocation_counter::measure(|| result = Some(what())).bytes_max;
    assert!(taken <= MOST, "it took {taken} bytes");
    result.unwrap()
}
