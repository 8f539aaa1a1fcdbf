//! A layout, resolved: names to numbers, once, so that decoding looks nothing up.

use std::collections::HashMap;

use crate::model::Layout;
use crate::problem::LayoutError;
use crate::text::Encoding;
use crate::types::Scalar;

mod amount;
mod behaviour;
mod compile;
mod compiler;
mod sizes;
mod tables;

pub use amount::Locator;
pub(crate) use amount::{Amount, i32_at, index_at};
pub use behaviour::{Liveness, Sign};

/// A layout ready for use: [`view`](Self::view) decodes with it, [`edit`](Self::edit) changes bytes.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let plan = Plan::new(catalogue::find("MumbleLink").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; 5460];
/// bytes[4..8].copy_from_slice(&7_u32.to_le_bytes());
/// let region = plan.view(&bytes);
/// assert_eq!(region.get("uiTick")?.as_i64(), Some(7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) layout: Layout,
    /// One for each struct of the layout, in its order.
    pub(crate) shapes: Vec<Shape>,
    /// Names of values, by value.
    pub(crate) names: Vec<Vec<(i64, String)>>,
    pub(crate) behaviour: behaviour::Behaviour,
}

/// A struct, resolved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    pub(crate) size: usize,
    /// What has a fixed offset stands first, by offset.
    pub(crate) members: Vec<Member>,
    /// How many of the members have a fixed offset.
    pub(crate) fixed: usize,
    /// What a walk needs of the members that are plain numbers: few enough bytes that a long struct stays in the cache.
    pub(crate) numbers: Vec<Option<Locator>>,
    pub(crate) index: HashMap<String, usize>,
}

/// A field, a table or a text.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) offset: usize,
    /// Where it ends, if it is one value.
    pub(crate) end: usize,
    pub(crate) kind: Kind,
    /// Its number among the fields of the layout's struct, if it is one.
    pub(crate) field: Option<usize>,
}

/// What stands at a place.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Leaf(Leaf),
    Many(Box<Many>),
    /// The number of a shape.
    Record(usize),
    Table(Box<Table>),
    Block(Box<Block>),
    Variables(Box<Variables>),
}

/// What is decoded as one value.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Leaf {
    Scalar(Scalar),
    /// The second is a number in [`Plan::names`].
    Enum(Scalar, usize),
    /// Bytes, some of which may be in use.
    Text {
        encoding: Encoding,
        len: usize,
        used: Option<Amount>,
    },
    Bytes {
        len: usize,
        used: Option<Amount>,
    },
    Array {
        scalar: Scalar,
        count: usize,
    },
}

/// An array whose elements are not plain numbers.
#[derive(Clone, Debug)]
pub(crate) struct Many {
    pub(crate) count: usize,
    pub(crate) stride: usize,
    pub(crate) element: Kind,
}

/// Rows whose place the region may tell.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub(crate) at: Amount,
    pub(crate) stride: Amount,
    pub(crate) count: Amount,
    pub(crate) max: u32,
}

/// A table, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) rows: Rows,
    pub(crate) shape: usize,
    /// The members of a row that are its label and its unit.
    pub(crate) label: Option<usize>,
    pub(crate) unit: Option<usize>,
}

/// A long text, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) at: Amount,
    pub(crate) len: Option<Amount>,
    pub(crate) encoding: Encoding,
}

/// The declarations of variables, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Variables {
    pub(crate) rows: Rows,
    pub(crate) ty: usize,
    pub(crate) types: Vec<VariableType>,
    pub(crate) offset: usize,
    pub(crate) count: usize,
    pub(crate) name: TextPlace,
    pub(crate) doc: Option<TextPlace>,
    pub(crate) unit: Option<TextPlace>,
    pub(crate) newest: Newest,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum VariableType {
    Scalar(Scalar),
    Text(Encoding),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct TextPlace {
    pub(crate) offset: usize,
    pub(crate) len: usize,
    pub(crate) encoding: Encoding,
}

/// How the newest buffer is found.
#[derive(Clone, Debug)]
pub(crate) struct Newest {
    pub(crate) rows: Rows,
    pub(crate) tick: usize,
    pub(crate) start: usize,
    pub(crate) len: Amount,
}

impl Member {
    /// Where it is, if it is a plain number.
    fn number(&self) -> Option<Locator> {
        let offset = self.offset;
        match self.kind {
            Kind::Leaf(Leaf::Scalar(scalar)) => Some(Locator { offset, scalar }),
            _ => None,
        }
    }
}

impl Plan {
    /// Checks a layout and resolves its names.
    ///
    /// # Errors
    ///
    /// The layout is not sound: see [`Layout::check`].
    pub fn new(layout: &Layout) -> Result<Self, LayoutError> {
        compile::compile(layout)
    }

    /// The layout.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The number of bytes that the layout speaks of: its own `size`, or the size of its root.
    ///
    /// A region may be larger, as mappings are whole pages, or smaller, if its producer is of an older
    /// version: what is not there is absent.
    #[must_use]
    pub fn size(&self) -> usize {
        let own = self.layout.size.and_then(|size| usize::try_from(size).ok());
        own.unwrap_or(self.root().size)
    }

    pub(crate) fn root(&self) -> &Shape {
        &self.shapes[0]
    }
}
