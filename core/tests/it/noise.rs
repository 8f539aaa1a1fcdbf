//! [`Noise`], for tests and benchmarks of all crates.

/// Numbers that no compression makes smaller, and the same again from the same seed: xorshift64 (G. Marsaglia, 2003).
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) const fn of(seed: u64) -> Self {
        // Never 0, and unlike that of the next seed.
        Self(seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }
}

impl Iterator for Noise {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Some(self.0)
    }
}
