//! The values that a person chooses by their paths.

use clap::Args;
use win_shared_memory_layouts::Plan;
use winshm_core::{Leaves, Selection};

/// What paths are, for `winshm --help`.
pub(crate) const PATHS: &str = r#"Paths name values, as `winshm read` prints them:
  speed_kmh                        a field
  wheels[2].pressure               of an element, or of a table's row
  'readings["CPU Package"].Value'  of the row with this label
  'wheels[*]' 'LF*'                * is any text; case does not matter
A path chooses everything below it, too. Quote what your shell would change; the quotes around a label may be left out."#;

/// Which values are meant. Several commands take it, all in the same way.
#[derive(Debug, Args)]
pub(crate) struct Fields {
    /// Choose values by their paths (see `winshm --help`): --fields speed_kmh 'wheels[*].pressure'
    #[arg(long, short, value_name = "PATH", num_args = 1..)]
    fields: Vec<String>,
}

impl Fields {
    /// Everything if nothing was chosen.
    pub(crate) fn selection(&self) -> Selection {
        Selection::new(&self.fields)
    }
}

/// Finds the patterns of a selection that match nothing in any of the regions, each with a message.
#[derive(Debug)]
pub(crate) struct Unknown {
    selection: Selection,
    /// Whether a copy of the region has been looked at.
    seen: Vec<bool>,
    /// The patterns that matched nothing so far; `None` before the first copy.
    left: Option<Vec<(String, String)>>,
}

impl Unknown {
    pub(crate) fn new(selection: &Selection, regions: usize) -> Self {
        Self {
            selection: selection.clone(),
            seen: vec![selection.is_everything(); regions],
            left: None,
        }
    }

    /// [Looks](Self::look), and prints the messages.
    pub(crate) fn tell(&mut self, region: usize, plan: Option<&Plan>, bytes: &[u8]) {
        for problem in self.look(region, plan, bytes) {
            eprintln!("winshm: {problem}");
        }
    }

    /// Looks at the first copy of each region. With that of the last region, it returns a message for each pattern that
    /// matches nothing: a table's row may still appear later, but a typo is more likely.
    pub(crate) fn look(&mut self, region: usize, plan: Option<&Plan>, bytes: &[u8]) -> Vec<String> {
        let (Some(plan), false) = (plan, self.seen[region]) else {
            return Vec::new();
        };
        self.seen[region] = true;
        let found = unknown(&self.selection, plan, bytes);
        match &mut self.left {
            None => self.left = Some(found),
            Some(left) => left.retain(|(pattern, _)| found.iter().any(|(it, _)| it == pattern)),
        }
        if self.seen.contains(&false) {
            return Vec::new();
        }
        let left = self.left.take().unwrap_or_default();
        left.into_iter().map(|(_, text)| text).collect()
    }
}

/// The patterns that match nothing in a region, each with a message.
pub(crate) fn unknown(selection: &Selection, plan: &Plan, bytes: &[u8]) -> Vec<(String, String)> {
    let everything = Selection::default();
    let mut paths = Vec::new();
    // A path may mean an array as well as one of its elements.
    for leaves in [
        Leaves::new(&everything),
        Leaves::new(&everything).elements(),
    ] {
        leaves.visit(&plan.view(bytes), |leaf| {
            paths.extend([leaf.path.to_owned(), leaf.numbered.to_owned()]);
        });
    }
    let paths: Vec<_> = paths.iter().map(String::as_str).collect();
    let unmatched = selection.unmatched(&paths).into_iter();
    unmatched
        .map(|it| (it.pattern.clone(), it.to_string()))
        .collect()
}
