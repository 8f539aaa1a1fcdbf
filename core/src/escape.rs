//! Texts of other programs, made safe for a terminal.

use std::fmt::{self, Write};

/// A text without what a terminal would obey or hide. [`escape`] makes it.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(&'a str);

/// Shows a text of another program: controls, and the characters that turn the direction of a line around or
/// have no width, are shown as `\u{…}`.
///
/// ```
/// assert_eq!(winshm_core::escape("\u{1b}[2Jcar\u{202e}").to_string(), r"\u{1b}[2Jcar\u{202e}");
/// assert_eq!(winshm_core::escape("Lüfter 3 °C").to_string(), "Lüfter 3 °C");
/// ```
#[must_use]
pub fn escape(text: &str) -> Escaped<'_> {
    Escaped(text)
}

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_obeyed(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// Whether a terminal would do something, instead of showing the character.
pub(crate) fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}
