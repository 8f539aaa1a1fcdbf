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

impl Element {
    /// What a payload says that it holds, whatever that is.
    pub(crate) fn found(schema: &str, size: u64, align: u32) -> Option<Self> {
        let (size, align) = (usize::try_from(size).ok()?, align as usize);
        align.is_power_of_two().then(|| Self {
            hash: hash_of(schema),
            size,
            align,
        })
    }
}

/// How the schema of a run of values begins. That of an array begins with its count.
const SLICE: &str = "{\"element\":";

/// The schema of one value of a run that has this schema; `None` if it is not that of a run.
pub(crate) fn element_of(schema: &str) -> Option<&str> {
    schema.strip_prefix(SLICE)?.strip_suffix('}')
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
            may_be_longer: false,
        })
    }

    /// One value that can be read as this type: if it [may grow](SharedData::MAY_GROW), also one of a type
    /// that has the same fields and more after them.
    pub(crate) fn readable<T: SharedData>(names: &Companions) -> Result<Self, SharedMemoryError> {
        let exact = Self::exact::<T>(names)?;
        Ok(if T::MAY_GROW {
            exact.or_longer()
        } else {
            exact
        })
    }

    /// The same, or with more fields.
    pub(crate) fn or_longer(&self) -> Self {
        Self {
            may_be_longer: true,
            ..self.clone()
        }
    }

    /// A run of values of exactly this type.
    pub(crate) fn slice<T: SharedData>(names: &Companions) -> Result<Self, SharedMemoryError> {
        let one = Self::exact::<T>(names)?;
        let schema = format!("{SLICE}{}}}", one.schema);
        Ok(Self {
            element: Element {
                hash: hash_of(&schema),
                ..one.element
            },
            schema,
            may_be_longer: false,
        })
    }

    /// What a payload holds whose header has this schema, size and alignment, if it can be read as this
    /// shape. All three are another program's.
    pub(crate) fn find(&self, schema: &str, size: u64, align: u32) -> Option<Element> {
        if schema == self.schema {
            return Some(self.element);
        }
        let found = Element::found(schema, size, align)?;
        let is_larger = found.size >= self.element.size && found.align >= self.element.align;
        let fits = self.may_be_longer
            && is_larger
            && schema.starts_with(&self.with_more_fields(found.size, found.align)?);
        fits.then_some(found)
    }

    /// How the schema of a struct begins that has the fields of this one and then others, with this size and
    /// alignment, or that of a run of such structs. Schemas are canonical, so equal text means equal names, types and
    /// offsets.
    fn with_more_fields(&self, size: usize, align: usize) -> Option<String> {
        let (run, one) = match element_of(&self.schema) {
            Some(one) => (SLICE, one),
            None => ("", self.schema.as_str()),
        };
        let (_, fields) = one.split_once("\"fields\":[")?;
        let fields = fields.strip_suffix("]}")?;
        Some(format!(
            "{run}{{\"size\":{size},\"align\":{align},\"fields\":[{fields},"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{Element, SLICE, Shape};

    const OURS: &str = r#"{"name":"a","offset":0,"type":"u32"}"#;
    const MORE: &str = r#"{"name":"b","offset":4,"type":"u32"}"#;

    fn schema(size: u64, align: u32, fields: &[&str]) -> String {
        let fields = fields.join(",");
        format!("{{\"size\":{size},\"align\":{align},\"fields\":[{fields}]}}")
    }

    /// Whether a struct of 4 bytes that may grow can be read from a payload that says this of itself.
    fn is_readable(size: u64, align: u32, fields: &[&str]) -> bool {
        let (ours, theirs) = (schema(4, 4, &[OURS]), schema(size, align, fields));
        let fits = |ours: String, theirs: &str| {
            let shape = Shape {
                schema: ours,
                element: Element {
                    hash: 0,
                    size: 4,
                    align: 4,
                },
                may_be_longer: false,
            };
            assert!(shape.find(theirs, size, align).is_none());
            shape.or_longer().find(theirs, size, align).is_some()
        };
        let run = |one: &str| format!("{SLICE}{one}}}");
        assert!(!fits(ours.clone(), &run(&theirs)));
        assert!(!fits(run(&ours), &theirs));
        let run_fits = fits(run(&ours), &run(&theirs));
        assert_eq!(fits(ours, &theirs), run_fits);
        run_fits
    }

    #[test]
    fn only_more_fields_in_a_larger_struct_are_growth() {
        assert!(is_readable(8, 4, &[OURS, MORE]));
        assert!(is_readable(16, 8, &[OURS, MORE]));
        // A value of ours would not fit the slot, or not be aligned in it.
        assert!(!is_readable(3, 4, &[OURS, MORE]));
        assert!(!is_readable(8, 2, &[OURS, MORE]));
        assert!(!is_readable(8, 6, &[OURS, MORE]));
        assert!(!is_readable(8, 4, &[OURS]));
        assert!(!is_readable(8, 4, &[MORE, OURS]));
    }
}
