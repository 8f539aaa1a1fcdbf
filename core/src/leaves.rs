//! The values of a region one by one, with their paths: what is printed, shown and plotted.

use win_shared_memory_layouts::{Content, Record, Region, Value};

use crate::select::Selection;
use crate::trail::Trail;

/// One value of a region.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
/// use winshm_core::{Leaves, Selection};
///
/// let plan = Plan::new(catalogue::by_id("gpu-z").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; plan.size()];
/// plan.edit(&mut bytes).set("sensors[1].name", "Fan Speed")?;
/// let selection = Selection::new([r#"sensors["Fan*"].value"#]);
/// Leaves::new(&selection).visit(&plan.view(&bytes), |leaf| {
///     assert_eq!(leaf.path, r#"sensors["Fan Speed"].value"#);
///     assert_eq!(leaf.numbered, "sensors[1].value");
/// });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Leaf<'a> {
    /// Its path: `readings["CPU"].Value`. The row of a table is named by its label, unless an earlier row has the same or
    /// it has none.
    pub path: &'a str,
    /// Its path with the numbers of rows alone: `readings[3].Value`.
    pub numbered: &'a str,
    /// The value.
    pub value: Value<'a>,
    /// Its unit, if it has one.
    pub unit: Option<&'a str>,
}

/// Which values are visited, and how.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
/// use winshm_core::{Leaves, Selection};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; plan.size()];
/// plan.edit(&mut bytes).set("fAvatarPosition[1]", 1.5)?;
/// let selection = Selection::new(["fAvatarPosition"]);
/// let mut told = Vec::new();
/// Leaves::new(&selection).elements().visit(&plan.view(&bytes), |leaf| {
///     told.push(format!("{} = {} {}", leaf.path, leaf.value, leaf.unit.unwrap_or_default()));
/// });
/// assert_eq!(told[1], "fAvatarPosition[1] = 1.5 m");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Leaves<'s> {
    selection: &'s Selection,
    has_elements: bool,
}

impl<'s> Leaves<'s> {
    /// Those that are selected. Numbers in a row are one value, unless an element is selected.
    #[must_use]
    pub fn new(selection: &'s Selection) -> Self {
        Self {
            selection,
            has_elements: selection.has_index(),
        }
    }

    /// With each element of numbers in a row as a value of its own.
    #[must_use]
    pub fn elements(self) -> Self {
        Self {
            has_elements: true,
            ..self
        }
    }

    /// Visits them, in order. It ends early if the region claims so much that it would take very long: `false` then.
    pub fn visit(self, region: &Region<'_>, mut visit: impl FnMut(Leaf<'_>)) -> bool {
        let mut visitor = Visitor {
            leaves: self,
            visit: &mut visit,
            trail: Trail::default(),
            // As a walk has it: a layout whose tables lie over each other would go on for very long.
            budget: 65_536 + 16 * region.bytes().len() as u64,
        };
        visitor.record(&region.root());
        visitor.budget > 0
    }
}

struct Visitor<'s, 'v> {
    leaves: Leaves<'s>,
    visit: &'v mut dyn FnMut(Leaf<'_>),
    trail: Trail,
    budget: u64,
}

impl Visitor<'_, '_> {
    fn record(&mut self, record: &Record<'_>) {
        for member in record.members() {
            let mark = self.trail.member(&member.name);
            self.content(&member.content, member.unit.as_deref());
            self.trail.back(mark);
        }
    }

    fn content(&mut self, content: &Content<'_>, unit: Option<&str>) {
        if self.budget == 0 {
            return;
        }
        self.budget -= 1;
        match content {
            Content::Value(Value::Array(array)) if self.leaves.has_elements => {
                for (index, value) in array.iter().enumerate() {
                    self.at(index, None, |this| this.leaf(value, unit));
                }
            }
            Content::Value(value) => self.leaf(*value, unit),
            Content::Record(record) => self.record(record),
            Content::Elements(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    self.at(index, None, |this| this.content(&element, unit));
                }
            }
            Content::Table(table) => {
                for (index, row) in table.rows().enumerate() {
                    if self.budget == 0 {
                        return;
                    }
                    self.budget -= 1;
                    let label = row.label().map(|it| it.to_str());
                    self.at(index, label.as_deref(), |this| this.record(&row));
                }
            }
            _ => {}
        }
    }

    fn leaf(&mut self, value: Value<'_>, unit: Option<&str>) {
        if self.trail.is_in(self.leaves.selection) {
            (self.visit)(Leaf {
                path: &self.trail.labelled,
                numbered: &self.trail.numbered,
                value,
                unit,
            });
        }
    }

    /// Goes on with an element or a row.
    fn at(&mut self, index: usize, label: Option<&str>, go_on: impl FnOnce(&mut Self)) {
        let mark = self.trail.item(index, label);
        go_on(self);
        self.trail.back(mark);
    }
}
