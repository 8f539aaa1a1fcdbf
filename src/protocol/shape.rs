//! [`Shape`].

use crate::data::SharedData;
use crate::data::schema::hash_of;
use crate::error::SharedMemoryError;
use crate::protocol::companions::Companions;
use crate::region::section::mappable_size;

/// What a payload holds in each slot: one value of a type, or a run of values whose length varies.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) schema: String,
    pub(crate) element: Element,
    pub(crate) is_slice: bool,
    /// Whether a payload of a type that has more fields fits, too.
    may_be_longer: bool,
}

/// A value of the type, or one of a run of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element {
    /// That of the schema.
    pub(crate) hash: u64,
    pub(crate) size: usize,
    pub(crate) align: usize,
}

impl Shape {
    /// One value of exactly this type.
    pub(crate) fn exact<T: SharedData>(names: &Companions) -> Result<Self, SharedMemoryError> {
        Ok(Self {
            schema: T::LAYOUT.schema(),
            element: Element {
                hash: const { T::LAYOUT.hash() },
                size: mappable_size::<T>(Some(&names.name))?,
                align: align_of::<T>(),
            },
            is_slice: false,
            may_be_longer: false,
        })
    }

    /// One value that can be read as this type: if it [may grow](SharedData::MAY_GROW), also one of a type
    /// that has the same fields and more after them.
    pub(crate) fn readable<T: SharedData>(names: &Companions) -> Result<Self, SharedMemoryError> {
        let exact = Self::exact::<T>(names)?;
        Ok(Self {
            may_be_longer: T::MAY_GROW,
            ..exact
        })
    }

    /// The same, of exactly its type.
    pub(crate) fn without_growth(&self) -> Self {
        Self {
            may_be_longer: false,
            ..self.clone()
        }
    }

    /// A run of values of exactly this type.
    pub(crate) fn slice<T: SharedData>(names: &Companions) -> Result<Self, SharedMemoryError> {
        let one = Self::exact::<T>(names)?;
        let schema = format!("{{\"element\":{}}}", one.schema);
        Ok(Self {
            element: Element {
                hash: hash_of(&schema),
                ..one.element
            },
            schema,
            is_slice: true,
            may_be_longer: false,
        })
    }

    /// What a payload holds whose header has this schema, size and alignment, if it can be read as this
    /// shape. All three are another program's.
    pub(crate) fn find(&self, schema: &str, size: u64, align: u32) -> Option<Element> {
        if schema == self.schema {
            return Some(self.element);
        }
        let (size, align) = (usize::try_from(size).ok()?, align as usize);
        let is_larger = size >= self.element.size && align >= self.element.align;
        let fits = self.may_be_longer
            && is_larger
            && align.is_power_of_two()
            && schema.starts_with(&self.with_more_fields(size, align)?);
        fits.then(|| Element {
            hash: hash_of(schema),
            size,
            align,
        })
    }

    /// How the schema of a struct begins that has the fields of this one and then others, with this size and
    /// alignment. Schemas are canonical, so equal text means equal names, types and offsets.
    fn with_more_fields(&self, size: usize, align: usize) -> Option<String> {
        let (_, fields) = self.schema.split_once("\"fields\":[")?;
        let fields = fields.strip_suffix("]}")?;
        Some(format!(
            "{{\"size\":{size},\"align\":{align},\"fields\":[{fields},"
        ))
    }
}
