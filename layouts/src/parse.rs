//! From a file to a layout, and back.

use std::ops::Range;

use serde::de::IgnoredAny;

use crate::document::Node;
use crate::model::Layout;
use crate::nearest::nearest;
use crate::plan::Plan;
use crate::problem::{LayoutError, Problem};

/// No layout is larger, and what is larger is not parsed.
const LARGEST: usize = 16 << 20;

impl Layout {
    /// Reads a layout from TOML and checks it.
    ///
    /// # Errors
    ///
    /// The text is not TOML, has a key or a value that layouts do not have, or the layout is not sound:
    /// fields overlap, a path leads nowhere, a type does not exist. The error has the lines.
    pub fn from_toml(text: &str) -> Result<Self, LayoutError> {
        limit(text)?;
        let layout: Self = toml::from_str(text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            explain(error.message(), text, span, Node::toml(text))
        })?;
        checked(layout, |problem| locate(problem, text, Node::toml(text)))
    }

    /// Reads a layout from JSON and checks it.
    ///
    /// # Errors
    ///
    /// As those of [`from_toml`](Self::from_toml).
    pub fn from_json(text: &str) -> Result<Self, LayoutError> {
        limit(text)?;
        let tree = || {
            let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
            is_json.then(|| Node::json(text)).flatten()
        };
        let layout: Self = serde_json::from_str(text).map_err(|error| {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            explain(message, text, json_span(text, &error), tree())
        })?;
        checked(layout, |problem| locate(problem, text, tree()))
    }

    /// The layout as JSON, for programs: what a recording embeds.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The layout as TOML, without comments.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Checks a layout that was made by hand.
    ///
    /// # Errors
    ///
    /// The layout is not sound. The error has places such as `struct[1].fields[0].type`, not lines.
    pub fn check(&self) -> Result<(), LayoutError> {
        Plan::new(self).map(drop)
    }
}

fn limit(text: &str) -> Result<(), LayoutError> {
    if text.len() > LARGEST {
        let message = format!(
            "the file has {} bytes; a layout has at most {LARGEST}",
            text.len()
        );
        return Err(LayoutError::one(Problem::new("", message)));
    }
    Ok(())
}

fn checked(layout: Layout, locate: impl Fn(Problem) -> Problem) -> Result<Layout, LayoutError> {
    match layout.check() {
        Ok(()) => Ok(layout),
        Err(error) => Err(LayoutError {
            problems: error.problems.into_iter().map(locate).collect(),
        }),
    }
}

fn locate(problem: Problem, text: &str, tree: Option<Node>) -> Problem {
    let span = tree.map_or(0..0, |tree| tree.locate(problem.place()));
    problem.at(text, span)
}

/// `serde_json` points after what it has read: the character before is the one.
fn json_span(text: &str, error: &serde_json::Error) -> Range<usize> {
    let before = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1));
    let line: usize = before.map(str::len).sum();
    let at = (line + error.column()).saturating_sub(1).min(text.len());
    at..at
}

/// Turns what serde says into what a person can act on.
fn explain(message: &str, text: &str, span: Range<usize>, tree: Option<Node>) -> LayoutError {
    let message = message.trim();
    let words = quoted(message);
    let (problem, span) = if let Some(rest) = message.strip_prefix("unknown field ") {
        let key = words.first().copied().unwrap_or(rest);
        let problem = Problem::new("", format!("there is no key `{key}` here"));
        let problem = problem.help(choose(key, words.get(1..).unwrap_or_default()));
        let within = if span.is_empty() {
            0..text.len()
        } else {
            span.clone()
        };
        let found = tree.and_then(|tree| tree.key(key, &within));
        (problem, found.unwrap_or(span))
    } else if message.starts_with("unknown variant ") {
        let word = words.first().copied().unwrap_or_default();
        let problem = Problem::new(
            "",
            format!("`{word}` is not a value that this key can have"),
        );
        (
            problem.help(choose(word, words.get(1..).unwrap_or_default())),
            span,
        )
    } else if message.starts_with("missing field ") {
        let key = words.first().copied().unwrap_or_default();
        let problem = Problem::new("", format!("the key `{key}` is missing"));
        (problem.help(format!("add `{key}` here")), span)
    } else if let Some((found, expected)) = mismatch(message) {
        let problem = Problem::new("", format!("found {found}"));
        (
            problem.help(format!("this key takes {}", plain(expected))),
            span,
        )
    } else {
        let message = message.lines().collect::<Vec<_>>().join("; ");
        (Problem::new("", message), span)
    };
    LayoutError::one(problem.at(text, span))
}

fn mismatch(message: &str) -> Option<(&str, &str)> {
    let rest = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))?;
    rest.split_once(", expected ")
}

/// The names that Rust gives to what a file has.
fn plain(expected: &str) -> &str {
    match expected {
        "u64" | "u32" | "usize" => "a whole number that is not negative",
        "i64" => "a whole number",
        "a string" => "a text in quotes",
        "a sequence" => "a list in brackets",
        "a map" => "keys and values in braces",
        other => other,
    }
}

/// What stands between back-quotes.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

fn choose(word: &str, allowed: &[&str]) -> String {
    match nearest(word, allowed.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if allowed.is_empty() => "leave it out".to_owned(),
        None => format!("the keys and values allowed here: {}", allowed.join(", ")),
    }
}
