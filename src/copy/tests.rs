//! The engine against the obvious loop.

use super::copy;

const GUARD: usize = 64;
const FILL: u8 = 0xa5;

/// Two buffers with room for guard bytes around `longest` at any alignment.
struct Buffers {
    source: Vec<u8>,
    target: Vec<u8>,
}

impl Buffers {
    fn new(longest: usize) -> Self {
        let room = longest + 2 * GUARD + 128;
        Self {
            source: (0..room).map(|at| (at * 7 + at / 251) as u8).collect(),
            target: vec![FILL; room],
        }
    }

    /// Copies `len` bytes between these distances from a 64-byte boundary and checks every byte of
    /// the destination, those around the copy included.
    fn check(&mut self, len: usize, src_at: usize, dst_at: usize) {
        let Self { source, target } = self;
        let src = source.as_ptr().align_offset(64) + src_at;
        let dst = target.as_ptr().align_offset(64) + GUARD + dst_at;
        let (source, around) = (&source[src..src + len], dst - GUARD..dst + len + GUARD);
        target[around.clone()].fill(FILL);
        // SAFETY: both ranges lie in buffers of this function, which differ.
        unsafe { copy(source.as_ptr(), target.as_mut_ptr().add(dst), len) };
        let (before, rest) = target[around].split_at(GUARD);
        let (copied, after) = rest.split_at(len);
        let intact = before.iter().chain(after).all(|&it| it == FILL);
        assert!(
            copied == source && intact,
            "{len} bytes from {src_at} to {dst_at} past a boundary"
        );
    }
}

#[test]
fn every_short_length_at_every_alignment_of_both_sides() {
    let mut buffers = Buffers::new(300);
    for len in 0..=300 {
        for src_at in 0..64 {
            for dst_at in 0..64 {
                buffers.check(len, src_at, dst_at);
            }
        }
    }
}

#[test]
fn long_lengths_around_every_threshold() {
    let mut buffers = Buffers::new(17 << 20);
    for base in [1 << 10, 4 << 10, 32 << 10, 1 << 20, (4 << 20) + 5, 16 << 20] {
        for len in base - 2..=base + 2 {
            for (src_at, dst_at) in [(0, 0), (1, 0), (0, 3), (63, 63), (17, 31)] {
                buffers.check(len, src_at, dst_at);
            }
        }
    }
}
