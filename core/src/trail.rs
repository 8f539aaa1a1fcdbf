//! The way to a value.

use std::fmt::Write;

use crate::select::Selection;

/// The path to a value in a tree, in two forms.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// The rows of a table are named by their labels, if they have some.
    pub(crate) labelled: String,
    /// By their numbers alone.
    pub(crate) numbered: String,
}

/// How long a trail was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize, usize);

impl Trail {
    /// Goes on to a member. The mark leads back.
    pub(crate) fn member(&mut self, name: &str) -> Mark {
        let mark = self.mark();
        for path in [&mut self.labelled, &mut self.numbered] {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
        }
        mark
    }

    /// Goes on to an element, or to a row that may have a label. The mark leads back.
    pub(crate) fn item(&mut self, index: usize, label: Option<&str>) -> Mark {
        let mark = self.mark();
        // Writing to a string does not fail.
        let _ = write!(self.numbered, "[{index}]");
        let _ = match label.filter(|it| !it.is_empty()) {
            Some(label) => write!(self.labelled, "[{label:?}]"),
            None => write!(self.labelled, "[{index}]"),
        };
        mark
    }

    pub(crate) fn back(&mut self, Mark(labelled, numbered): Mark) {
        self.labelled.truncate(labelled);
        self.numbered.truncate(numbered);
    }

    pub(crate) fn is_in(&self, selection: &Selection) -> bool {
        selection.contains(&self.labelled) || selection.contains(&self.numbered)
    }

    fn mark(&self) -> Mark {
        Mark(self.labelled.len(), self.numbered.len())
    }
}
