//! Numbers that the region may tell.

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// A number, or the path of the field that has it. There is no arithmetic.
///
/// ```
/// use win_shared_memory_layouts::Quantity;
///
/// assert_eq!(serde_json::from_str::<Quantity>("44")?, Quantity::Number(44));
/// assert_eq!(
///     serde_json::from_str::<Quantity>("\"header.count\"")?,
///     Quantity::Field("header.count".to_owned()),
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Quantity {
    /// A number.
    Number(u64),
    /// The path of a field, from the struct that has the table or the field; from the root elsewhere.
    Field(String),
}

/// The place of rows that are not of a struct.
///
/// ```
/// use win_shared_memory_layouts::{Consistency, Quantity, catalogue};
///
/// let layout = catalogue::by_id("iracing").expect("it is in the catalogue");
/// let Some(Consistency::LatestOf { table, .. }) = &layout.consistency else {
///     panic!("it has several buffers");
/// };
/// assert_eq!((&table.at, &table.stride), (&Quantity::Number(48), &Quantity::Number(16)));
/// assert_eq!(table.count, Quantity::Field("numBuf".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Where the first row is in the region.
    pub at: Quantity,
    /// From a row to the next.
    pub stride: Quantity,
    /// How many rows there are.
    pub count: Quantity,
    /// How many rows there can be.
    pub max: u32,
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(QuantityVisitor)
    }
}

struct QuantityVisitor;

impl Visitor<'_> for QuantityVisitor {
    type Value = Quantity;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number that is not negative, or the path of a field in quotes")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Quantity, E> {
        Ok(Quantity::Number(number))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Quantity, E> {
        let unexpected = |_| E::invalid_value(de::Unexpected::Signed(number), &self);
        u64::try_from(number)
            .map(Quantity::Number)
            .map_err(unexpected)
    }

    fn visit_str<E: de::Error>(self, path: &str) -> Result<Quantity, E> {
        Ok(Quantity::Field(path.to_owned()))
    }
}
