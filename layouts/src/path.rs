//! The path of a value: `wheels[2].pressure`, `readings["CPU Package"].Value`.

use std::fmt;
use std::str::FromStr;

/// No path of a layout is longer, and what is longer is not parsed.
const LONGEST: usize = 4096;

/// The path of a value in a region.
///
/// A name comes after a dot, an index or the label of a row in brackets. A name with a dot, a bracket or a
/// quote in it is written as a label.
///
/// ```
/// use win_shared_memory_layouts::{Path, Segment};
///
/// let path: Path = r#"readings["CPU Package"].Value"#.parse()?;
/// assert_eq!(path.segments()[1], Segment::Label("CPU Package".to_owned()));
/// assert_eq!(path.to_string(), r#"readings["CPU Package"].Value"#);
///
/// let error = "wheels[x]".parse::<Path>().unwrap_err();
/// assert_eq!(error.at(), 7);
/// # Ok::<(), win_shared_memory_layouts::PathError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path {
    segments: Vec<Segment>,
}

/// One step of a [`Path`].
///
/// ```
/// use win_shared_memory_layouts::{Path, Segment};
///
/// let steps = [Segment::Name("wheels".to_owned()), Segment::Index(2), Segment::Name("pressure".to_owned())];
/// assert_eq!(Path::from_iter(steps).to_string(), "wheels[2].pressure");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// The name of a field, a table or a text.
    Name(String),
    /// An element of an array, a row of a table.
    Index(u64),
    /// The row of a table with this label.
    Label(String),
}

/// A text that is not a path.
///
/// ```
/// use win_shared_memory_layouts::Path;
///
/// let error = "wheels[x]".parse::<Path>().unwrap_err();
/// assert_eq!(error.at(), 7);
/// assert!(error.to_string().starts_with("at character 8 of the path: "));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    at: usize,
    problem: &'static str,
}

impl PathError {
    /// Where in the text it goes wrong, in bytes.
    #[must_use]
    pub fn at(&self) -> usize {
        self.at
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "at character {} of the path: {}",
            self.at + 1,
            self.problem
        )
    }
}

impl std::error::Error for PathError {}

impl Path {
    /// Its steps, from the root.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

/// The path of these steps, which begin with a name.
impl FromIterator<Segment> for Path {
    fn from_iter<T: IntoIterator<Item = Segment>>(segments: T) -> Self {
        let segments = segments.into_iter().collect();
        Self { segments }
    }
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let mut parser = Parser { text, at: 0 };
        if text.len() > LONGEST {
            return parser.fail("a path has at most 4096 bytes");
        }
        let mut segments = Vec::new();
        while parser.at < text.len() || segments.is_empty() {
            let first = segments.is_empty();
            segments.push(parser.segment(first)?);
        }
        Ok(Self { segments })
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn segment(&mut self, first: bool) -> Result<Segment, PathError> {
        if self.take("[\"") {
            let label = self.label()?;
            return Ok(if first {
                Segment::Name(label)
            } else {
                Segment::Label(label)
            });
        }
        if self.take("[") {
            return if first {
                self.fail("a path begins with a name")
            } else {
                self.index()
            };
        }
        if !first && !self.take(".") {
            return self.fail("a dot or a bracket comes after a bracket");
        }
        let rest = &self.text[self.at..];
        let len = rest.find(is_special).unwrap_or(rest.len());
        if len == 0 {
            return self.fail("a name is missing");
        }
        self.at += len;
        Ok(Segment::Name(rest[..len].to_owned()))
    }

    fn index(&mut self) -> Result<Segment, PathError> {
        let rest = &self.text[self.at..];
        let len = rest
            .find(|it: char| !it.is_ascii_digit())
            .unwrap_or(rest.len());
        let Ok(index) = rest[..len].parse() else {
            return self.fail("a bracket holds an index such as [2] or a label such as [\"CPU\"]");
        };
        self.at += len;
        if !self.take("]") {
            return self.fail("the bracket is not closed");
        }
        Ok(Segment::Index(index))
    }

    fn label(&mut self) -> Result<String, PathError> {
        let mut label = String::new();
        let mut characters = self.text[self.at..].char_indices();
        while let Some((offset, character)) = characters.next() {
            match character {
                '\\' => label.extend(characters.next().map(|(_, it)| it)),
                '"' => {
                    self.at += offset + 1;
                    if !self.take("]") {
                        return self.fail("the bracket is not closed");
                    }
                    return Ok(label);
                }
                _ => label.push(character),
            }
        }
        self.fail("the label has no closing quote")
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn fail<T>(&self, problem: &'static str) -> Result<T, PathError> {
        Err(PathError {
            at: self.at,
            problem,
        })
    }
}

/// Whether a character ends a name, or may not be in one.
pub(crate) fn is_special(character: char) -> bool {
    matches!(character, '.' | '[' | ']' | '"' | '\\' | '=') || character.is_control()
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Name(name) => write_name(f, name, number == 0)?,
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Label(label) => write_label(f, label)?,
            }
        }
        Ok(())
    }
}

/// Writes a name so that it can be read back, and does nothing to a terminal.
pub(crate) fn write_name(f: &mut impl fmt::Write, name: &str, first: bool) -> fmt::Result {
    if first && (name.is_empty() || name.contains(is_special)) {
        return write_label(f, name);
    }
    if !first {
        f.write_char('.')?;
    }
    f.write_str(name)
}

/// Controls show as `�`: no terminal obeys them, and none is lost from sight.
fn write_label(f: &mut impl fmt::Write, label: &str) -> fmt::Result {
    f.write_str("[\"")?;
    for character in label.chars() {
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            it if it.is_control() => f.write_char(char::REPLACEMENT_CHARACTER)?,
            it => f.write_char(it)?,
        }
    }
    f.write_str("\"]")
}
