//! The layout of a region, as its file says it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::convention::{Consistency, Heartbeat, Magic, Ready, Serve};
use crate::quantity::{Quantity, Span};
use crate::text::Encoding;
use crate::types::Type;

mod one_or_many;

/// The layout of a region: its structs, its tables, and how its producer behaves.
///
/// It is what a file says, and a file can be wrong: [`Layout::from_toml`] and [`Layout::from_json`] check
/// it; one made by hand is checked by [`Layout::check`], and again by [`Plan::new`](crate::Plan::new).
///
/// ```
/// use win_shared_memory_layouts::Layout;
///
/// let layout = Layout::from_toml(r#"
///     format = 1
///     id = "lamp"
///     name = ["Lamp"]
///
///     [[struct]]
///     name = "Lamp"
///     fields = [
///       { offset = 0, name = "on",     type = "bool32" },
///       { offset = 4, name = "bright", type = "f32", unit = "lm" },
///     ]
/// "#)?;
/// assert_eq!(layout.structs[0].fields[1].unit.as_deref(), Some("lm"));
/// assert_eq!(Layout::from_json(&layout.to_json())?, layout);
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Layout {
    /// The version of this notation: 1.
    pub format: u32,
    /// A short name for the layout itself, such as `hwinfo`.
    pub id: String,
    /// The names of the regions that have this layout. A `*` stands for any characters.
    #[serde(default, deserialize_with = "one_or_many::names")]
    pub name: Vec<String>,
    /// What the region is and where its layout is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// How many bytes the producer uses. A mapping is larger: whole pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Which value says that this is the region it seems to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub magic: Option<Magic>,
    /// When the content counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<Ready>,
    /// What a reader does so as not to read a torn value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consistency: Option<Consistency>,
    /// What changes as long as the producer works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Heartbeat>,
    /// What a program that stands in for the producer does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serve: Option<Serve>,
    /// Long texts whose place the region tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub text: Vec<TextBlock>,
    /// Variables that the region itself declares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<Variables>,
    /// The structs; the first is the root, which lies at the beginning of the region.
    #[serde(rename = "struct", default)]
    pub structs: Vec<Struct>,
}

/// A struct: fields at fixed offsets, and tables whose place the region may tell.
///
/// ```
/// use win_shared_memory_layouts::Struct;
///
/// let text = r#"{"name": "Lamp", "fields": [{"offset": 4, "name": "power", "type": "f32", "unit": "W"}]}"#;
/// let lamp: Struct = serde_json::from_str(text)?;
/// assert_eq!(lamp.fields[0].offset, 4);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Struct {
    /// Its name, for types and for tables.
    pub name: String,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Its size with all padding; the end of its last field where it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its fields. What no field covers is padding, or unknown.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Its tables.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub table: Vec<Table>,
}

/// A field of a struct.
///
/// ```
/// use win_shared_memory_layouts::{Field, Scalar, Type};
///
/// let field: Field = serde_json::from_str(r#"{"offset": 4, "name": "power", "type": "f32"}"#)?;
/// assert_eq!(field.ty, Type::Scalar(Scalar::F32));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The distance from the beginning of the struct, in bytes. It need not be aligned.
    pub offset: u64,
    /// Its name.
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub ty: Type,
    /// The unit that its number is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// What its number counts, if it is a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Meaning>,
    /// Names of its values; of its bits, by mask, where it is `bits32`.
    #[serde(rename = "enum", skip_serializing_if = "Option::is_none")]
    pub names: Option<BTreeMap<String, i64>>,
    /// The table of the root whose row its number is.
    #[serde(rename = "ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How many units of its bytes or its text are in use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub len: Option<Quantity>,
}

/// What a number that is a time counts.
///
/// ```
/// use win_shared_memory_layouts::{Meaning, catalogue};
///
/// let layout = catalogue::by_id("hwinfo").expect("it is in the catalogue");
/// assert_eq!(layout.structs[0].fields[3].kind, Some(Meaning::UnixSeconds));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Meaning {
    /// Seconds since 1970.
    UnixSeconds,
    /// Milliseconds since 1970.
    UnixMilliseconds,
    /// Units of 100 ns since 1601: a `FILETIME`.
    Filetime,
    /// Milliseconds since the system started: `GetTickCount`.
    TickCount,
}

/// Rows of one struct at a constant distance. Place, distance and number may be fields of the region.
///
/// ```
/// use win_shared_memory_layouts::{Quantity, catalogue};
///
/// let layout = catalogue::by_id("hwinfo").expect("it is in the catalogue");
/// let readings = &layout.structs[0].table[1];
/// assert_eq!(readings.count, Quantity::Field("dwNumReadingElements".to_owned()));
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Its name, which a path continues with an index or a label: `readings[3]`, `readings["CPU"]`.
    pub name: String,
    /// The struct of a row. What lies beyond the stride is absent, as old versions of a struct are shorter.
    pub of: String,
    /// Where the first row is, from the beginning of the struct that has the table.
    pub at: Quantity,
    /// From a row to the next.
    pub stride: Quantity,
    /// How many rows there are.
    pub count: Quantity,
    /// How many rows there can be: ours, against a region that claims more.
    pub max: u32,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// The text of a row that names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The text of a row that is the unit of the row's numbers with a fraction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit_from: Option<String>,
}

/// A long text whose place and length the region tells.
///
/// ```
/// use win_shared_memory_layouts::catalogue;
///
/// let layout = catalogue::by_id("aida64").expect("it is in the catalogue");
/// assert_eq!(layout.text[0].media.as_deref(), Some("xml"));
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TextBlock {
    /// Its name, as that of a field of the root.
    pub name: String,
    /// Where it is in the region.
    pub at: Quantity,
    /// How many bytes it can have. Without it the text may go on to the end of the region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub len: Option<Quantity>,
    /// The field that changes when the text does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<String>,
    /// How it is encoded.
    #[serde(rename = "as")]
    pub encoding: Encoding,
    /// What the text is: `yaml`, `xml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
}

/// Variables that the region declares: a table of names, types and offsets into the newest buffer, which
/// [`Consistency::LatestOf`] finds. They are named as fields of the root are; a field of the same name hides one.
///
/// ```
/// use win_shared_memory_layouts::catalogue;
///
/// let layout = catalogue::by_id("iracing").expect("it is in the catalogue");
/// let variables = layout.variables.as_ref().expect("it has them");
/// assert_eq!(variables.ty.map[4], "f32");
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Variables {
    /// Where the declarations are.
    pub table: Span,
    /// Where a declaration has the type, and which types its numbers mean.
    #[serde(rename = "type")]
    pub ty: TypeAt,
    /// Where a declaration has the distance of the value from the beginning of the buffer.
    pub offset: NumberAt,
    /// Where a declaration has the number of values.
    pub count: NumberAt,
    /// Where a declaration has the name.
    pub name: TextAt,
    /// Where a declaration has the description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<TextAt>,
    /// Where a declaration has the unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<TextAt>,
}

/// Where a declaration has the type of its variable: an `i32` that indexes `map`.
///
/// ```
/// use win_shared_memory_layouts::TypeAt;
///
/// // Where a declaration has 1, its variable is an `f32`.
/// let ty: TypeAt = serde_json::from_str(r#"{"offset": 0, "map": ["i32", "f32"]}"#)?;
/// assert_eq!(ty.map[1], "f32");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TypeAt {
    /// From the beginning of the declaration.
    pub offset: u64,
    /// The types that 0, 1, 2… stand for: scalars, or encodings of text.
    pub map: Vec<String>,
}

/// Where a declaration has a number: an `i32`.
///
/// ```
/// use win_shared_memory_layouts::catalogue;
///
/// let layout = catalogue::by_id("iracing").expect("it is in the catalogue");
/// let variables = layout.variables.as_ref().expect("it has them");
/// assert_eq!((variables.offset.offset, variables.count.offset), (4, 8));
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NumberAt {
    /// From the beginning of the declaration.
    pub offset: u64,
}

/// Where a declaration has a text.
///
/// ```
/// use win_shared_memory_layouts::catalogue;
///
/// let layout = catalogue::by_id("iracing").expect("it is in the catalogue");
/// let variables = layout.variables.as_ref().expect("it has them");
/// assert_eq!(variables.name.ty.to_string(), "latin1[32]");
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TextAt {
    /// From the beginning of the declaration.
    pub offset: u64,
    /// Its type: `latin1[32]`.
    #[serde(rename = "type")]
    pub ty: Type,
}

impl Layout {
    /// The root: the first struct.
    #[must_use]
    pub fn root(&self) -> Option<&Struct> {
        self.structs.first()
    }

    /// The struct of this name.
    #[must_use]
    pub fn structure(&self, name: &str) -> Option<&Struct> {
        self.structs.iter().find(|it| it.name == name)
    }
}
