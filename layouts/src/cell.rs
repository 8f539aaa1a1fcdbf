//! Where one value is.

use std::ops::Range;

use crate::plan::Leaf;
use crate::types::Scalar;
use crate::value::Value;

/// Where one value of a region is: [`Trail::cell`](crate::Trail::cell) tells, and [`Region::read`](crate::Region::read) reads it from
/// later copies without a path, as long as the region is [arranged](crate::Arrangement) as it was.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; plan.size()];
/// let mut walk = plan.view(&bytes).walk();
/// walk.nth(1);
/// let tick = walk.trail().cell().expect("there is a second value");
///
/// plan.edit(&mut bytes).set("uiTick", 7)?;
/// assert_eq!(plan.view(&bytes).read(&tick).and_then(|it| it.as_i64()), Some(7));
/// assert_eq!(tick.range(), Some(4..8));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// Where the struct begins that has it, and where that ends.
    base: usize,
    end: usize,
    /// From the beginning of the struct.
    at: usize,
    leaf: Leaf,
}

impl Cell {
    pub(crate) fn new(base: usize, len: usize, at: usize, leaf: Leaf) -> Self {
        let end = base + len;
        Self {
            base,
            end,
            at,
            leaf,
        }
    }

    /// The value in the bytes of a region.
    #[inline]
    pub(crate) fn read<'a>(
        &self,
        names: &'a [Vec<(i64, String)>],
        bytes: &'a [u8],
    ) -> Option<Value<'a>> {
        let structure = bytes.get(self.base..self.end.min(bytes.len()))?;
        self.leaf.read(names, structure, self.at)
    }

    /// The bytes that decide the value; nothing if others do, too: those that say how much is in use.
    #[must_use]
    pub fn range(&self) -> Option<Range<usize>> {
        if let Leaf::Text { used: Some(_), .. } | Leaf::Bytes { used: Some(_), .. } = self.leaf {
            return None;
        }
        let start = self.base + self.at;
        Some(start..start + self.leaf.size())
    }

    /// What it is, if it is a number or several of them; an integer, if its values have names.
    #[must_use]
    pub fn scalar(&self) -> Option<Scalar> {
        match self.leaf {
            Leaf::Scalar(scalar) | Leaf::Enum(scalar, _) | Leaf::Array { scalar, .. } => {
                Some(scalar)
            }
            Leaf::Text { .. } | Leaf::Bytes { .. } => None,
        }
    }

    /// Each element, if it is an array.
    pub fn elements(&self) -> impl Iterator<Item = Self> + use<> {
        let (scalar, count) = match self.leaf {
            Leaf::Array { scalar, count } => (scalar, count),
            _ => (Scalar::U8, 0),
        };
        let it = *self;
        (0..count).map(move |index| Self {
            at: it.at + index * scalar.size(),
            leaf: Leaf::Scalar(scalar),
            ..it
        })
    }
}
