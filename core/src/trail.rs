//! The way to a value.

use std::collections::HashMap;
use std::fmt::Write;

use win_shared_memory_layouts::{Path, Segment, Waypoint};

use crate::select::Selection;

/// The path to a value in a tree, in two forms.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    /// A row of a table is named by its label, unless it has none, or an earlier row of the table has the same.
    pub(crate) labelled: String,
    /// By their numbers alone.
    pub(crate) numbered: String,
    /// The rows that were met, by the path that their label makes.
    rows: HashMap<String, usize>,
}

/// How long a trail was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize, usize);

impl Trail {
    /// Goes on to a member. The mark leads back.
    pub(crate) fn member(&mut self, name: &str) -> Mark {
        let mark = self.mark();
        for path in [&mut self.labelled, &mut self.numbered] {
            if path.is_empty() {
                path.push_str(&written(Segment::Name(name.to_owned())));
            } else {
                path.push('.');
                path.push_str(name);
            }
        }
        mark
    }

    /// Goes on to an element, or to a row that may have a label. The mark leads back.
    pub(crate) fn item(&mut self, index: usize, label: Option<&str>) -> Mark {
        let mark = self.mark();
        // Writing to a string does not fail.
        let _ = write!(self.numbered, "[{index}]");
        let is_name = |it: &&str| !it.is_empty() && !it.contains(char::is_control);
        if let Some(label) = label.filter(is_name) {
            self.labelled
                .push_str(&written(Segment::Label(label.to_owned())));
            // A row that is met again keeps its label.
            let first = *self.rows.entry(self.labelled.clone()).or_insert(index);
            if first == index {
                return mark;
            }
            self.labelled.truncate(mark.0);
        }
        let _ = write!(self.labelled, "[{index}]");
        mark
    }

    /// Begins again, and goes all of a way.
    pub(crate) fn follow<'a>(&mut self, way: impl Iterator<Item = Waypoint<'a>>) {
        self.back(Mark(0, 0));
        for waypoint in way {
            match waypoint {
                Waypoint::Name(name) => self.member(&name),
                Waypoint::Element(index) => self.item(index, None),
                Waypoint::Row(index, label) => {
                    self.item(index, label.map(|it| it.to_str()).as_deref())
                }
            };
        }
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

/// A path of one step, as it is written.
fn written(segment: Segment) -> String {
    [segment].into_iter().collect::<Path>().to_string()
}
