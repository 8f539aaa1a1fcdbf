//! Which versions a generation counts.

/// Generation *g* counts its versions from (*g* - 1) << this.
const VERSION_BITS: u32 = 40;

/// The first generation after `last` whose versions are all above `highest`.
pub(crate) fn generation_above(last: u64, highest: u64) -> u64 {
    let fitting = highest.div_ceil(1 << VERSION_BITS) + 1;
    last.wrapping_add(1).max(fitting)
}

/// The version after which a generation counts.
pub(crate) fn first_version(generation: u64) -> u64 {
    generation.wrapping_sub(1) << VERSION_BITS
}

#[cfg(test)]
mod tests {
    use super::{first_version, generation_above};

    #[test]
    fn no_generation_uses_a_version_again() {
        let tera = 1 << 40;
        for last in [1, 2, 1000, 1 << 22] {
            let least = first_version(last);
            for highest in [
                0,
                1,
                least,
                least + tera - 1,
                least + tera,
                least + 3 * tera + 10,
            ] {
                let next = generation_above(last, highest);
                assert!(next > last, "{last} {highest}");
                assert!(first_version(next) >= highest, "{last} {highest}");
            }
        }
    }

    #[test]
    fn numbers_that_a_writer_never_stores_do_not_overflow() {
        for last in [u64::MAX, u64::MAX - 1, 1 << 63] {
            for highest in [0, u64::MAX >> 1] {
                let _ = first_version(generation_above(last, highest));
            }
        }
    }
}
