//! What decides which values a region has.

use std::ops::Range;

use crate::extent::Declared;
use crate::plan::{Amount, Kind, Plan, Rows, Shape, Table};
use crate::region::Region;

/// Which values a region has, what they are called and where they are, at one moment: as long as
/// [`is_that_of`](Self::is_that_of) holds, a [`Cell`](crate::Cell) and a path mean the same value.
///
/// Fields are always where they are. A region with tables may move and rename rows, and one with variables may
/// declare others.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("gpu-z").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; plan.size()];
/// let before = plan.view(&bytes).arrangement();
/// plan.edit(&mut bytes).set("sensors[0].value", 47.0)?;
/// assert!(before.is_that_of(&plan.view(&bytes)));
/// plan.edit(&mut bytes).set("sensors[0].name", "GPU Temperature")?;
/// assert!(!before.is_that_of(&plan.view(&bytes)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrangement {
    /// The length of the region.
    len: usize,
    /// The places that decide, and what stood there.
    ranges: Vec<Range<usize>>,
    bytes: Vec<u8>,
    /// Where the newest buffer of variables was.
    buffers: Vec<(usize, usize)>,
    /// What is left of the work and the memory that it may take: tables can lie over each other, with many times the
    /// rows that the region has bytes. If nothing is left, no copy counts as arranged like this.
    budget: usize,
}

impl Region<'_> {
    /// How it is arranged at the moment.
    #[must_use]
    pub fn arrangement(&self) -> Arrangement {
        let mut it = Arrangement {
            len: self.bytes().len(),
            ranges: Vec::new(),
            bytes: Vec::new(),
            buffers: self.buffers(),
            budget: 65_536 + 8 * self.bytes().len(),
        };
        let plan = self.plan();
        it.record(plan, plan.root(), self.bytes(), 0);
        let place = |range: &Range<usize>| &self.bytes()[range.clone()];
        it.bytes = it.ranges.iter().flat_map(place).copied().collect();
        it
    }

    fn buffers(&self) -> Vec<(usize, usize)> {
        let members = self.plan().root().members.iter();
        let buffers = members.filter_map(|member| match &member.kind {
            Kind::Variables(variables) => Some(Declared::new(variables, self.bytes()).buffer),
            _ => None,
        });
        buffers.collect()
    }
}

impl Arrangement {
    /// Whether a copy of the same region has the same values in the same places.
    #[must_use]
    pub fn is_that_of(&self, region: &Region<'_>) -> bool {
        let mut at = 0;
        let mut same = |range: &Range<usize>| {
            let then = &self.bytes[at..at + range.len()];
            at += range.len();
            region.bytes().get(range.clone()) == Some(then)
        };
        self.budget > 0
            && self.len == region.bytes().len()
            && self.ranges.iter().all(&mut same)
            && (self.buffers.is_empty() || self.buffers == region.buffers())
    }

    fn record(&mut self, plan: &Plan, shape: &Shape, bytes: &[u8], base: usize) {
        for member in &shape.members {
            self.kind(plan, &member.kind, member.offset, bytes, base);
        }
    }

    fn kind(&mut self, plan: &Plan, kind: &Kind, at: usize, bytes: &[u8], base: usize) {
        match kind {
            Kind::Leaf(_) => {}
            Kind::Record(number) => {
                if let Some(bytes) = bytes.get(at..).filter(|_| self.spend(1)) {
                    self.record(plan, &plan.shapes[*number], bytes, base + at);
                }
            }
            Kind::Many(many) => {
                if let Kind::Leaf(_) = many.element {
                    return;
                }
                for index in 0..many.count {
                    let at = at.saturating_add(index.saturating_mul(many.stride));
                    if at >= bytes.len() || !self.spend(1) {
                        return;
                    }
                    self.kind(plan, &many.element, at, bytes, base);
                }
            }
            Kind::Table(table) => self.table(plan, table, bytes, base),
            Kind::Block(block) => {
                for amount in [Some(block.at), block.len].into_iter().flatten() {
                    self.amount(amount, bytes, base);
                }
            }
            Kind::Variables(variables) => {
                self.rows(&variables.rows, bytes, base);
                let extent = variables.rows.extent(bytes);
                let len = extent.count * extent.stride;
                self.place(base + extent.at, len, bytes.len() + base);
            }
        }
    }

    fn table(&mut self, plan: &Plan, table: &Table, bytes: &[u8], base: usize) {
        self.rows(&table.rows, bytes, base);
        let extent = table.rows.extent(bytes);
        let shape = &plan.shapes[table.shape];
        for index in 0..extent.count {
            let Some((at, row)) = extent.row(bytes, index).filter(|_| self.spend(1)) else {
                return;
            };
            let base = base + at;
            for text in [table.label, table.unit].into_iter().flatten() {
                let member = &shape.members[text];
                let len = member.end.saturating_sub(member.offset);
                self.place(base + member.offset, len, base + row.len());
            }
            self.record(plan, shape, row, base);
        }
    }

    fn rows(&mut self, rows: &Rows, bytes: &[u8], base: usize) {
        for amount in [rows.at, rows.stride, rows.count] {
            self.amount(amount, bytes, base);
        }
    }

    fn amount(&mut self, amount: Amount, bytes: &[u8], base: usize) {
        if let Amount::Field(it) = amount {
            self.place(base + it.offset, it.scalar.size(), base + bytes.len());
        }
    }

    /// Notes a place, as far as it is there.
    fn place(&mut self, start: usize, len: usize, end: usize) {
        let range = start..start.saturating_add(len).min(end);
        if !range.is_empty() && self.spend(16 + range.len()) {
            self.ranges.push(range);
        }
    }

    fn spend(&mut self, amount: usize) -> bool {
        self.budget = self.budget.saturating_sub(amount);
        self.budget > 0
    }
}
