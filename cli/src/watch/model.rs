//! What the screen shows, and nothing of how it looks.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt::Write;
use std::time::{Duration, Instant};

use win_shared_memory_layouts::Plan;
use winshm_core::{Counts, Leaf, Leaves, Selection, State, Stats, Time};

/// Over how many changes the rate is measured.
const RATED: usize = 64;

/// A region, as it was seen last.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) name: String,
    pub(super) state: State,
    /// The id of its layout, if it has one.
    pub(super) layout: Option<String>,
    pub(super) counts: Counts,
    /// Why the last copy was given up, until there is another.
    pub(super) problem: Option<String>,
    /// Messages about paths that match nothing.
    pub(super) unknown: Vec<String>,
    pub(super) time: Option<Time>,
    pub(super) rows: Vec<Row>,
    pub(super) bytes: Bytes,
    index: HashMap<String, usize>,
    copies: u64,
    when: VecDeque<Instant>,
}

/// A value.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) path: String,
    pub(super) value: String,
    pub(super) unit: Option<String>,
    pub(super) changed: Option<Instant>,
    /// Of a number.
    pub(super) stats: Option<Stats>,
    numbered: String,
    /// The copy that had it last.
    copy: u64,
}

/// The bytes, and when each has changed.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    pub(super) now: Vec<u8>,
    changed: Vec<Option<Instant>>,
}

impl Region {
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            state: State::Absent,
            layout: None,
            counts: Counts::default(),
            problem: None,
            unknown: Vec::new(),
            time: None,
            rows: Vec::new(),
            bytes: Bytes::default(),
            index: HashMap::new(),
            copies: 0,
            when: VecDeque::new(),
        }
    }

    /// Takes over a copy.
    pub(super) fn copied(
        &mut self,
        plan: Option<&Plan>,
        bytes: Vec<u8>,
        selection: &Selection,
        now: Instant,
    ) {
        self.copies += 1;
        self.problem = None;
        // Copies come at a rate that was asked for, and that says nothing of the region.
        if bytes != self.bytes.now {
            if self.when.len() == RATED {
                self.when.pop_front();
            }
            self.when.push_back(now);
        }
        let layout = plan.map(|it| it.layout().id.as_str());
        if self.layout.as_deref() != layout {
            self.layout = layout.map(str::to_owned);
            self.rows.clear();
            self.index.clear();
        }
        if let Some(plan) = plan {
            let mut count = 0;
            Leaves::new(selection)
                .elements()
                .visit(&plan.view(&bytes), |leaf| {
                    self.leaf(count, leaf, now);
                    count += 1;
                });
            if count != self.rows.len() {
                self.rows.retain(|it| it.copy == self.copies);
                let rows = self.rows.iter().enumerate();
                self.index = rows.map(|(at, row)| (row.numbered.clone(), at)).collect();
            }
        }
        self.bytes.replace(bytes, now);
    }

    /// Takes over a value: the one at this position, as the order hardly ever changes.
    fn leaf(&mut self, position: usize, leaf: Leaf<'_>, now: Instant) {
        let is_there = self
            .rows
            .get(position)
            .is_some_and(|row| row.numbered == leaf.numbered);
        let at = if is_there {
            Some(position)
        } else {
            self.index.get(leaf.numbered).copied()
        };
        let number = leaf.value.as_f64();
        let Some(row) = at.and_then(|at| self.rows.get_mut(at)) else {
            let mut stats = Stats::default();
            stats.add(number.unwrap_or(f64::NAN));
            self.index.insert(leaf.numbered.to_owned(), self.rows.len());
            self.rows.push(Row {
                path: leaf.path.to_owned(),
                value: leaf.value.to_string(),
                unit: leaf.unit.map(str::to_owned),
                changed: None,
                stats: number.map(|_| stats),
                numbered: leaf.numbered.to_owned(),
                copy: self.copies,
            });
            return;
        };
        row.copy = self.copies;
        if row.path != leaf.path {
            leaf.path.clone_into(&mut row.path);
        }
        if row.unit.as_deref() != leaf.unit {
            row.unit = leaf.unit.map(str::to_owned);
        }
        if let (Some(stats), Some(number)) = (&mut row.stats, number) {
            stats.add(number);
        }
        let mut value = String::new();
        // Writing to a string does not fail.
        let _ = write!(value, "{}", leaf.value);
        if row.value != value {
            row.value = value;
            row.changed = Some(now);
        }
    }

    /// How often its bytes change in a second. It falls when they do not any more.
    pub(super) fn rate(&self, now: Instant) -> Option<f64> {
        let (first, last) = (self.when.front()?, self.when.back()?);
        let measured = last.saturating_duration_since(*first);
        let pause = measured / u32::try_from(self.when.len()).ok()?;
        let idle = now.saturating_duration_since(*last);
        let is_idle = idle > 2 * pause;
        let time = if is_idle { measured + idle } else { measured };
        let time = time.as_secs_f64();
        (time > 0.0).then(|| (self.when.len() - 1) as f64 / time)
    }

    /// Begins the statistics again.
    pub(super) fn reset(&mut self) {
        for stats in self.rows.iter_mut().filter_map(|it| it.stats.as_mut()) {
            *stats = Stats::default();
        }
    }
}

impl Row {
    /// How long ago it has changed.
    pub(super) fn age(&self, now: Instant) -> Option<Duration> {
        self.changed.map(|it| now.saturating_duration_since(it))
    }
}

impl Bytes {
    fn replace(&mut self, bytes: Vec<u8>, now: Instant) {
        if bytes.len() != self.now.len() {
            self.changed = vec![None; bytes.len()];
        } else if bytes != self.now {
            let pairs = self.now.iter().zip(&bytes).zip(&mut self.changed);
            for (_, changed) in pairs.filter(|((a, b), _)| a != b) {
                *changed = Some(now);
            }
        }
        self.now = bytes;
    }

    /// How long ago a byte has changed.
    pub(super) fn age(&self, at: usize, now: Instant) -> Option<Duration> {
        let changed = self.changed.get(at).copied().flatten();
        changed.map(|it| now.saturating_duration_since(it))
    }
}

/// What a person looks at.
#[derive(Debug, Default)]
pub(super) struct View {
    /// The number of the region.
    pub(super) region: usize,
    /// The line that is chosen, and the first that is shown.
    pub(super) line: usize,
    pub(super) top: usize,
    pub(super) is_hex: bool,
    pub(super) is_help: bool,
    pub(super) is_paused: bool,
    pub(super) sorting: Sorting,
    /// What paths have to have in them.
    pub(super) filter: String,
    /// Whether the filter is being written.
    pub(super) is_filtering: bool,
    /// The groups that are shown as one line: what paths begin with.
    collapsed: BTreeSet<String>,
}

/// The order of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sorting {
    /// As in the region.
    #[default]
    Region,
    /// What has changed last first.
    Changes,
    /// By path.
    Path,
}

/// A line of the list.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// The number of a row.
    Row(usize),
    /// A group, and how many values are in it.
    Group(&'a str, usize),
}

impl View {
    /// The lines of a region.
    pub(super) fn lines<'a>(&self, region: &'a Region) -> Vec<Line<'a>> {
        let filter = self.filter.to_lowercase();
        let rows = region.rows.iter().enumerate();
        let mut rows: Vec<_> = rows
            .filter(|(_, row)| filter.is_empty() || row.path.to_lowercase().contains(&filter))
            .collect();
        match self.sorting {
            Sorting::Region => {}
            Sorting::Changes => rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.changed)),
            Sorting::Path => rows.sort_by(|(_, a), (_, b)| a.path.cmp(&b.path)),
        }
        let mut lines: Vec<Line<'a>> = Vec::new();
        for (at, row) in rows {
            match self.collapsed_group(&row.path) {
                None => lines.push(Line::Row(at)),
                Some(group) => match lines.last_mut() {
                    Some(Line::Group(last, count)) if *last == group => *count += 1,
                    _ => lines.push(Line::Group(group, 1)),
                },
            }
        }
        lines
    }

    /// The outermost group that is shown as one line and has this path in it.
    fn collapsed_group<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.collapsed.is_empty() {
            return None;
        }
        let ends = path.match_indices(['.', '[']).map(|(at, _)| at);
        ends.map(|end| &path[..end])
            .find(|it| self.collapsed.contains(*it))
    }

    /// Shows the group of the chosen line as one line; if it is a group, the group that it is in.
    pub(super) fn collapse(&mut self, region: &Region) {
        let lines = self.lines(region);
        let path = match lines.get(self.line) {
            Some(Line::Row(row)) => region.rows[*row].path.clone(),
            Some(Line::Group(group, _)) => (*group).to_owned(),
            None => return,
        };
        if let Some(end) = path.rfind(['.', '[']) {
            let group = path[..end].to_owned();
            self.collapsed.insert(group.clone());
            let line = self
                .lines(region)
                .iter()
                .position(|it| matches!(it, Line::Group(it, _) if *it == group));
            self.line = line.unwrap_or(self.line);
        }
    }

    /// Shows the lines of the chosen group.
    pub(super) fn expand(&mut self, region: &Region) {
        if let Some(Line::Group(group, _)) = self.lines(region).get(self.line) {
            self.collapsed.remove(*group);
        }
    }
}
