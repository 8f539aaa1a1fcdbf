//! Names of kernel objects, checked before the system sees them.
//!
//! Windows misunderstands some bad names: an empty one makes an unnamed object, a NUL cuts off the rest,
//! `local\x` is "path not found". See *Kernel object namespaces* in Microsoft's documentation.

use std::fmt::{self, Write as _};

/// The most UTF-16 units a name may have: a `UNICODE_STRING` counts bytes in 16 bits, and Win32 keeps
/// room for a NUL.
const MAX_UNITS: usize = 32_766;

/// The prefixes that choose a namespace. They are case-sensitive.
const PREFIXES: [&str; 2] = ["Local\\", "Global\\"];

/// The prefixes of the namespaces of another session, and of an AppContainer. A number or SID follows
/// each.
const OWNERS: [&str; 2] = ["Session\\", "AppContainerNamedObjects\\"];

/// Why a region or another object cannot have a name.
///
/// A name is `Local\rest`, `Global\rest` or just `rest` (the same as `Local\rest`), where `rest`
/// is any text without a backslash or NUL character; `/` has no special meaning. Any other prefix must be
/// that of a private namespace that the process has open.
///
/// `AppContainerNamedObjects\<SID>\` before that names an object of the AppContainer with that SID. It is
/// what `GetAppContainerNamedObjectPath` returns, followed by a backslash. The path exists while a process
/// of the container runs. `Session\<number>\` before either names an object of another session. The
/// system decides whether a process may use them.
///
/// Names are case-sensitive, and so are prefixes.
///
/// # Examples
///
/// ```
/// use win_shared_memory::{InvalidName, Section, SharedMemoryError};
///
/// match Section::open(r"local\telemetry") {
///     Err(SharedMemoryError::InvalidName { reason: InvalidName::PrefixCase { expected }, .. }) => {
///         assert_eq!(expected, r"Local\");
///     }
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum InvalidName {
    /// The name is empty, or nothing follows its prefix.
    Empty,
    /// A NUL character is at this byte. Windows would silently cut the name there.
    Nul {
        /// The byte offset in the name.
        at: usize,
    },
    /// A backslash is at this byte that ends neither one of the prefixes above nor that of an open private
    /// namespace.
    Backslash {
        /// The byte offset in the name.
        at: usize,
    },
    /// The prefix is right except for its case.
    PrefixCase {
        /// The prefix as it must be written.
        expected: &'static str,
    },
    /// The name is that of an object beside a snapshot or a shared mutex: it ends, from this byte on, in `~`
    /// and one of the endings that [`format`](crate::format) lists. Only snapshots and shared mutexes
    /// refuse such a name.
    Companion {
        /// The byte offset of the `~` in the name.
        at: usize,
    },
    /// The name has more than 32 766 UTF-16 units.
    TooLong {
        /// The number of UTF-16 units in the name.
        units: usize,
    },
}

impl std::error::Error for InvalidName {}

impl fmt::Display for InvalidName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty; give the region a name of its own"),
            Self::Nul { at } => write!(f, "it has a NUL character at byte {at}"),
            Self::Backslash { at } => write!(
                f,
                "it has a backslash at byte {at} that does not end one of the prefixes Local\\, Global\\, \
                 Session\\<number>\\ and AppContainerNamedObjects\\<SID>\\"
            ),
            Self::PrefixCase { expected } => {
                write!(f, "prefixes are case-sensitive; write {expected}")
            }
            Self::Companion { at } => write!(
                f,
                "what begins at byte {at} is the ending of an object beside a snapshot or shared mutex; \
                 leave out the ~ or add to what follows it"
            ),
            Self::TooLong { units } => {
                write!(f, "it has {units} UTF-16 units; Windows allows {MAX_UNITS}")
            }
        }
    }
}

/// A valid name as Win32 takes it: UTF-16 with a NUL at the end and none before it.
pub(crate) struct WideName(Vec<u16>);

impl WideName {
    pub(crate) fn new(name: &str) -> Result<Self, InvalidName> {
        check(name)?;
        // No text has more UTF-16 units than UTF-8 bytes.
        let mut wide = Vec::with_capacity(name.len() + 1);
        wide.extend(name.encode_utf16());
        let units = wide.len();
        wide.push(0);
        if units > MAX_UNITS {
            return Err(InvalidName::TooLong { units });
        }
        Ok(Self(wide))
    }

    /// A pointer to the first unit; a NUL follows the last.
    pub(crate) fn as_ptr(&self) -> *const u16 {
        self.0.as_ptr()
    }
}

fn check(name: &str) -> Result<(), InvalidName> {
    if let Some(at) = name.find('\0') {
        return Err(InvalidName::Nul { at });
    }
    let rest = after_owners(name)?;
    let (prefix, last) = rest.split_at(rest.find('\\').map_or(0, |at| at + 1));
    let backslash = |from: &str, at: usize| InvalidName::Backslash {
        at: name.len() - from.len() + at,
    };
    let fits = PREFIXES.contains(&prefix) || prefix.is_empty();
    // Private namespaces belong to this process alone, and so have no owner.
    if !fits && (prefix == "\\" || rest.len() < name.len()) {
        return Err(backslash(rest, prefix.len() - 1));
    }
    if let Some(at) = last.find('\\') {
        return Err(backslash(last, at));
    }
    if last.is_empty() {
        return Err(InvalidName::Empty);
    }
    Ok(())
}

/// What follows the prefixes of another session or AppContainer. Refuses any prefix in the wrong case.
fn after_owners(name: &str) -> Result<&str, InvalidName> {
    let mut rest = name;
    for owner in OWNERS {
        let after = rest.strip_prefix(owner);
        if let Some((_, after)) = after.and_then(|it| it.split_once('\\')) {
            rest = after;
        }
    }
    let prefix = &rest[..rest.find('\\').map_or(0, |at| at + 1)];
    let mut meant = PREFIXES.into_iter().chain(OWNERS);
    match meant.find(|it| it.eq_ignore_ascii_case(prefix) && *it != prefix) {
        Some(expected) => Err(InvalidName::PrefixCase { expected }),
        None => Ok(rest),
    }
}

/// Whether the name is in a namespace of another session or of an AppContainer, whose path exists only
/// as long as that does.
pub(crate) fn has_owner(name: &str) -> bool {
    OWNERS.iter().any(|it| name.starts_with(it))
}

/// Whether creating an object of this name may need the privilege to create global objects.
pub(crate) fn is_global(name: &str) -> bool {
    name.starts_with("Global\\")
}

/// A name or other foreign text in a message: quoted, shortened, control characters escaped.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ROOM: usize = 200;
        let mut left = ROOM;
        f.write_char('"')?;
        for c in self.0.chars() {
            let escaped = c.escape_debug();
            let Some(room) = left.checked_sub(escaped.len()) else {
                f.write_char('…')?;
                break;
            };
            left = room;
            match c {
                '\\' => f.write_char(c)?,
                _ => write!(f, "{escaped}")?,
            }
        }
        f.write_char('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(name: &str) -> Option<InvalidName> {
        WideName::new(name).err()
    }

    #[test]
    fn every_namespace_and_any_unicode_is_fine() {
        for name in [
            "x",
            " ",
            "a/b",
            "Local\\x",
            "Global\\x",
            "private namespace\\x",
            "Session\\1\\x",
            "Session\\1\\Local\\x",
            "AppContainerNamedObjects\\S-1-15-2-1-2-3\\x",
            "AppContainerNamedObjects\\S-1-15-2-1-2-3\\Local\\x",
            "Session\\1\\AppContainerNamedObjects\\S-1-15-2-1-2-3\\x",
            "Session\\1\\AppContainerNamedObjects\\S-1-15-2-1-2-3\\Global\\x",
            "Ünï–cødé 🦀 名前",
            "{6f9619ff-8b86-d011-b42d-00c04fc964ff}",
        ] {
            assert_eq!(reason(name), None, "{name:?}");
        }
    }

    #[test]
    fn bad_names_are_refused_with_the_reason() {
        let cases = [
            ("", InvalidName::Empty),
            ("Local\\", InvalidName::Empty),
            ("Global\\", InvalidName::Empty),
            ("ab\0c", InvalidName::Nul { at: 2 }),
            ("\\x", InvalidName::Backslash { at: 0 }),
            ("Local\\a\\b", InvalidName::Backslash { at: 7 }),
            ("Local\\\\a", InvalidName::Backslash { at: 6 }),
            ("Local\\Session\\1\\x", InvalidName::Backslash { at: 13 }),
            ("Session\\1\\", InvalidName::Empty),
            ("Session\\1\\Local\\", InvalidName::Empty),
            ("Session\\1\\\\x", InvalidName::Backslash { at: 10 }),
            ("Session\\1\\other\\x", InvalidName::Backslash { at: 15 }),
            ("Session\\1\\Local\\x\\y", InvalidName::Backslash { at: 17 }),
            ("AppContainerNamedObjects\\S-1\\", InvalidName::Empty),
            (
                "AppContainerNamedObjects\\S-1\\Session\\1\\x",
                InvalidName::Backslash { at: 36 },
            ),
            (
                "session\\1\\x",
                InvalidName::PrefixCase {
                    expected: "Session\\",
                },
            ),
            (
                "Session\\1\\APPCONTAINERNAMEDOBJECTS\\S-1\\x",
                InvalidName::PrefixCase {
                    expected: "AppContainerNamedObjects\\",
                },
            ),
            (
                "AppContainerNamedObjects\\S-1\\local\\x",
                InvalidName::PrefixCase {
                    expected: "Local\\",
                },
            ),
            (
                "local\\x",
                InvalidName::PrefixCase {
                    expected: "Local\\",
                },
            ),
            (
                "GLOBAL\\x",
                InvalidName::PrefixCase {
                    expected: "Global\\",
                },
            ),
        ];
        for (name, expected) in cases {
            assert_eq!(reason(name), Some(expected), "{name:?}");
        }
    }

    #[test]
    fn the_limit_counts_utf16_units() {
        assert_eq!(reason(&"x".repeat(MAX_UNITS)), None);
        assert_eq!(
            reason(&"🦀".repeat(16_384)),
            Some(InvalidName::TooLong { units: 32_768 })
        );
    }

    #[test]
    fn quoting_keeps_backslashes_and_tames_the_rest() {
        assert_eq!(
            Quoted("Local\\a\u{1b}[2J").to_string(),
            "\"Local\\a\\u{1b}[2J\""
        );
        let long = Quoted(&"x".repeat(300)).to_string();
        assert_eq!(long.chars().count(), 203);
        assert!(long.ends_with("…\""));
        let escaped = Quoted(&"\u{1b}".repeat(300)).to_string();
        assert!(escaped.chars().count() <= 203, "{escaped}");
    }
}
