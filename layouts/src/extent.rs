//! Where rows, texts and variables really are in the bytes of a region, whatever the region claims.

use crate::plan::{
    Block, Leaf, Newest, Rows, TextPlace, VariableType, Variables, i32_at, index_at,
};
use crate::text::Text;

/// Why a table has fewer rows than its region claims.
///
/// ```
/// use win_shared_memory_layouts::{Cut, Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("hwinfo").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; 44];
/// plan.edit(&mut bytes).set("dwNumReadingElements", u32::MAX)?;
/// let table = plan.view(&bytes).table("readings")?;
/// assert_eq!((table.len(), table.cut()), (0, Some(Cut::Stride)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cut {
    /// The region claims more rows than the layout allows.
    Max,
    /// The region ends before the rows do.
    End,
    /// The rows have no distance: a stride of 0.
    Stride,
    /// The place, the distance or the number is negative, or lies beyond the end itself.
    Unreadable,
}

/// Where the rows are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    pub(crate) at: usize,
    pub(crate) stride: usize,
    /// How many there are, all of them within the bytes.
    pub(crate) count: usize,
    pub(crate) declared: u64,
    pub(crate) cut: Option<Cut>,
}

impl Rows {
    /// Finds the rows of a struct. Every number is read once.
    pub(crate) fn extent(&self, structure: &[u8]) -> Extent {
        let nothing = |declared, cut| Extent {
            at: 0,
            stride: 1,
            count: 0,
            declared,
            cut: Some(cut),
        };
        let Some(declared) = self.count.read(structure, 0) else {
            return nothing(0, Cut::Unreadable);
        };
        let number = |amount: Option<u64>| amount.and_then(|it| usize::try_from(it).ok());
        let at = number(self.at.read(structure, 0));
        let stride = number(self.stride.read(structure, 0));
        let (Some(at), Some(stride)) = (at, stride) else {
            return nothing(declared, Cut::Unreadable);
        };
        if declared == 0 {
            return Extent {
                cut: None,
                ..nothing(0, Cut::End)
            };
        }
        if stride == 0 {
            return nothing(declared, Cut::Stride);
        }
        let allowed = declared.min(u64::from(self.max));
        let fitting = (structure.len().saturating_sub(at) / stride) as u64;
        let count = allowed.min(fitting);
        let cut = if fitting < allowed {
            Some(Cut::End)
        } else {
            (allowed < declared).then_some(Cut::Max)
        };
        Extent {
            at: if count == 0 { 0 } else { at },
            stride,
            count: usize::try_from(count).unwrap_or(0),
            declared,
            cut,
        }
    }
}

impl Extent {
    /// The bytes of a row, and their offset in the struct.
    #[inline]
    pub(crate) fn row<'a>(&self, structure: &'a [u8], index: usize) -> Option<(usize, &'a [u8])> {
        if index >= self.count {
            return None;
        }
        let at = self.at + index * self.stride;
        Some((at, &structure[at..at + self.stride]))
    }
}

impl Block {
    /// Where the text is, and whether the region claims more than it has.
    pub(crate) fn leaf(&self, region: &[u8]) -> Option<(usize, Leaf, bool)> {
        let at = usize::try_from(self.at.read(region, 0)?).ok()?;
        let there = region.len().checked_sub(at).filter(|it| *it > 0)?;
        let claimed = match self.len {
            None => there as u64,
            Some(len) => len.read(region, 0)?,
        };
        let len = usize::try_from(claimed).map_or(there, |it| it.min(there));
        let leaf = Leaf::Text {
            encoding: self.encoding,
            len,
            used: None,
        };
        Some((at, leaf, claimed > there as u64))
    }
}

impl Newest {
    /// The offset and the length of the buffer with the highest tick, within the region.
    fn buffer(&self, region: &[u8]) -> Option<(usize, usize)> {
        let extent = self.rows.extent(region);
        let rows = (0..extent.count).filter_map(|index| {
            let (_, row) = extent.row(region, index)?;
            Some((i32_at(row, self.tick)?, index_at(row, self.start)?))
        });
        let (_, start) = rows.max_by_key(|(tick, _)| *tick)?;
        let there = region.len().checked_sub(start)?;
        let len = usize::try_from(self.len.read(region, 0)?).ok()?;
        Some((start, len.min(there)))
    }
}

/// The variables of a region at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared<'a> {
    variables: &'a Variables,
    region: &'a [u8],
    pub(crate) extent: Extent,
    pub(crate) buffer: (usize, usize),
}

/// A variable: what the region says of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variable<'a> {
    pub(crate) name: Text<'a>,
    pub(crate) unit: Option<Text<'a>>,
    pub(crate) doc: Option<Text<'a>>,
    /// From the beginning of the region.
    pub(crate) at: usize,
    pub(crate) leaf: Leaf,
}

impl<'a> Declared<'a> {
    pub(crate) fn new(variables: &'a Variables, region: &'a [u8]) -> Self {
        Self {
            variables,
            region,
            extent: variables.rows.extent(region),
            buffer: variables.newest.buffer(region).unwrap_or((0, 0)),
        }
    }

    /// The variable of this number; nothing if what is declared does not fit into the buffer.
    pub(crate) fn variable(&self, index: usize) -> Option<Variable<'a>> {
        let it = self.variables;
        let (_, row) = self.extent.row(self.region, index)?;
        let text = |place: TextPlace| {
            let bytes = row.get(place.offset..place.offset + place.len);
            bytes.map(|bytes| Text::new(bytes, place.encoding))
        };
        let offset = index_at(row, it.offset)?;
        let count = index_at(row, it.count).filter(|count| *count > 0)?;
        let ty = *it.types.get(index_at(row, it.ty)?)?;
        let leaf = match ty {
            VariableType::Scalar(scalar) if count == 1 => Leaf::Scalar(scalar),
            VariableType::Scalar(scalar) => Leaf::Array { scalar, count },
            VariableType::Text(encoding) => Leaf::Text {
                encoding,
                len: count.checked_mul(encoding.unit())?,
                used: None,
            },
        };
        let size = match leaf {
            Leaf::Array { scalar, count } => scalar.size().checked_mul(count)?,
            other => other.size(),
        };
        let (start, len) = self.buffer;
        if offset.checked_add(size)? > len {
            return None;
        }
        Some(Variable {
            name: text(it.name)?,
            unit: it.unit.and_then(text),
            doc: it.doc.and_then(text),
            at: start + offset,
            leaf,
        })
    }
}
