//! Versions of Rust, as Debian's packages have them.

use std::fmt;

/// The oldest Rust that will do.
///
/// `xtask` itself needs it (`std::fs::File::lock`). Debian 12 has two: 1.85 in `bookworm/main`, which
/// cannot build the standard library as we ask for it, and a newer one in `bookworm-security`.
pub(crate) const OLDEST_RUST: Version = Version(1, 89);

/// Major and minor: no more of it ever mattered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(u32, u32);

impl Version {
    /// The version that a text begins with: `1.96.0+dfsg1-1~deb12u2`. An epoch (`1:`)
    /// before it is not part of it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.split_once(':').map_or(text, |(_, rest)| rest);
        let mut parts = text.split(|c: char| !c.is_ascii_digit());
        let mut number = || parts.next()?.parse().ok();
        Some(Self(number()?, number()?))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::{OLDEST_RUST, Version};

    #[test]
    fn a_package_tells_its_version() {
        let cases = [
            ("1.96.0+dfsg1-1~deb12u2", Some(Version(1, 96))),
            ("1.85.0+dfsg3-1~deb12u3", Some(Version(1, 85))),
            ("2:1.100-1", Some(Version(1, 100))),
            ("1.89", Some(Version(1, 89))),
            ("8.0~repack-4", Some(Version(8, 0))),
            ("1", None),
            ("1.x", None),
            ("(none)", None),
            ("", None),
            ("1.99999999999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Version::parse(text), expected, "{text:?}");
        }
    }

    #[test]
    fn versions_compare_as_numbers() {
        assert!(Version(1, 100) > OLDEST_RUST);
        assert!(Version(1, 9) < OLDEST_RUST);
        assert!(Version(2, 0) > Version(1, 100));
    }
}
