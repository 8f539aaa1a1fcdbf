//! What is wrong with a layout, and where in its file.

use std::fmt;
use std::ops::Range;

/// More problems than these are not told.
pub(crate) const MOST: usize = 20;

/// How much of a line is shown around the place, in characters.
const WINDOW: usize = 100;

/// What is wrong with a layout: every problem found, each with its place in the file.
///
/// ```
/// use win_shared_memory_layouts::Layout;
///
/// let error = Layout::from_toml("format = 1\nid = \"x\"\nsied = 4\n").unwrap_err();
/// let expected = "\
/// there is no key `sied` here
///  --> line 3, column 1
///   |
/// 3 | sied = 4
///   | ^^^^
///   = did you mean `size`?
/// ";
/// assert_eq!(error.to_string(), expected);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutError {
    pub(crate) problems: Vec<Problem>,
}

/// One problem of a layout.
///
/// ```
/// use win_shared_memory_layouts::Layout;
///
/// let error = Layout::from_toml("format = 2\nid = \"x\"").unwrap_err();
/// let problem = &error.problems()[0];
/// assert_eq!((problem.line(), problem.column()), (Some(1), Some(10)));
/// assert_eq!(problem.suggestion(), Some("this version reads `format = 1`"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Keys and indices from the top of the file, such as `struct[1].fields[0].type`.
    place: String,
    message: String,
    help: Option<String>,
    excerpt: Option<Box<Excerpt>>,
}

/// The line of the file that has the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Excerpt {
    line: usize,
    column: usize,
    /// A part of the line, without controls.
    shown: String,
    /// Characters of `shown` before the caret, and under it.
    before: usize,
    under: usize,
}

impl LayoutError {
    pub(crate) fn one(problem: Problem) -> Self {
        Self {
            problems: vec![problem],
        }
    }

    /// The problems, 20 at most.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl Problem {
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            message: message.into(),
            help: None,
            excerpt: None,
        }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// Says where in the text the problem is.
    pub(crate) fn at(mut self, text: &str, span: Range<usize>) -> Self {
        self.excerpt = Some(Box::new(Excerpt::new(text, span)));
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// Keys and indices from the top of the file, such as `struct[1].fields[0].type`.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The line, from 1, if the layout came from a text.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.excerpt.as_ref().map(|it| it.line)
    }

    /// The column in characters, from 1, if the layout came from a text.
    #[must_use]
    pub fn column(&self) -> Option<usize> {
        self.excerpt.as_ref().map(|it| it.column)
    }
}

impl Excerpt {
    fn new(text: &str, span: Range<usize>) -> Self {
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |it| it + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let line_end = line_start + line.len();
        let column = text[line_start..start].chars().count();
        let end = span.end.clamp(start, line_end.max(start));
        let under = text.get(start..end).map_or(0, |it| it.chars().count());
        let first = column.saturating_sub(WINDOW / 2);
        let visible = |it: char| if it.is_control() { ' ' } else { it };
        let shown: String = line.chars().skip(first).take(WINDOW).map(visible).collect();
        let before = column - first;
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: column + 1,
            under: under.clamp(1, WINDOW.saturating_sub(before).max(1)),
            shown: shown.trim_end().to_owned(),
            before,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", Harmless(&self.message))?;
        let mut margin = 1;
        if let Some(excerpt) = &self.excerpt {
            let number = excerpt.line.to_string();
            margin = number.len();
            writeln!(
                f,
                "{:margin$}--> line {}, column {}",
                "", number, excerpt.column
            )?;
            writeln!(f, "{:margin$} |", "")?;
            writeln!(f, "{number} | {}", excerpt.shown)?;
            let (before, caret) = (excerpt.before, "^".repeat(excerpt.under));
            writeln!(f, "{:margin$} | {:before$}{caret}", "", "")?;
        } else if !self.place.is_empty() {
            writeln!(f, " --> {}", self.place)?;
        }
        if let Some(help) = &self.help {
            writeln!(f, "{:margin$} = {}", "", Harmless(help))?;
        }
        Ok(())
    }
}

/// A text without the controls that a terminal would obey.
struct Harmless<'a>(&'a str);

impl fmt::Display for Harmless<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for LayoutError {}
