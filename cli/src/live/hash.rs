//! Whether bytes have changed, without keeping them.

use win_shared_memory::{SharedMemoryError, View};

const PART: usize = 64 << 10;

/// A number that is another one after the bytes have changed; by chance it is the same once in 2⁶⁴ times.
pub(super) fn of(view: &View, len: usize) -> Result<u64, SharedMemoryError> {
    let mut part = vec![0; PART.min(len)];
    let mut hash = 0_u64;
    for at in (0..len).step_by(PART) {
        let part = &mut part[..PART.min(len - at)];
        view.read_bytes(at, part)?;
        let (words, rest) = part.as_chunks::<8>();
        for word in words {
            hash = mix(hash, u64::from_le_bytes(*word));
        }
        for byte in rest {
            hash = mix(hash, u64::from(*byte));
        }
    }
    Ok(hash)
}

/// The step of `FxHash`: each is a bijection of the hash, so one word that differs is never forgotten.
fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
}
