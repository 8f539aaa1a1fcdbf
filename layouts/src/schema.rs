//! From the schema that a region of `win-shared-memory` carries.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::model::{Field, Layout, Struct};
use crate::problem::LayoutError;
use crate::types::Type;

/// A text that is not a schema.
///
/// ```
/// use win_shared_memory_layouts::Layout;
///
/// let error = Layout::from_schema("x", "\"u9\"").unwrap_err();
/// assert_eq!(error.to_string(), "`value`: \"u9\" is not a type");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError(String);

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SchemaError {}

impl From<LayoutError> for SchemaError {
    fn from(error: LayoutError) -> Self {
        Self(error.to_string())
    }
}

impl Layout {
    /// The layout of the values that a schema describes: the canonical JSON that the regions of
    /// `win-shared-memory` carry, so that their values are decoded with nothing else.
    ///
    /// Structs in a schema have no names, so they are called by a field that has them. A value that is not a struct
    /// itself is the field `value`. Fields without bytes, and names of values beyond `i64`, are left out.
    ///
    /// # Errors
    ///
    /// The text is not a schema.
    ///
    /// ```
    /// use win_shared_memory_layouts::{Layout, Plan};
    ///
    /// let schema = r#"{"size":8,"align":4,"fields":[{"name":"score","offset":0,"type":"u32"},{"name":"at","offset":4,"type":{"count":2,"element":"i16"}}]}"#;
    /// let plan = Plan::new(&Layout::from_schema("game", schema)?)?;
    /// let bytes = [42, 0, 0, 0, 1, 0, 0xff, 0xff];
    /// assert_eq!(plan.view(&bytes).get("score")?.as_i64(), Some(42));
    /// assert_eq!(plan.view(&bytes).get("at[1]")?.as_i64(), Some(-1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_schema(id: &str, schema: &str) -> Result<Self, SchemaError> {
        let json: Value = serde_json::from_str(schema).map_err(|it| SchemaError(it.to_string()))?;
        let mut structs = Structs::default();
        if json.get("fields").is_some() {
            structs.structure("Value", &json)?;
        } else {
            structs.all.push(Struct::default());
            let fields = structs.field("value", 0, &json)?;
            let fields = Vec::from_iter(fields);
            let name = "Value".to_owned();
            structs.all[0] = Struct {
                name,
                fields,
                ..Struct::default()
            };
        }
        let layout = Self {
            format: 1,
            id: id.to_owned(),
            name: Vec::new(),
            doc: None,
            size: None,
            magic: None,
            ready: None,
            consistency: None,
            heartbeat: None,
            serve: None,
            text: Vec::new(),
            variables: None,
            structs: structs.all,
        };
        layout.check()?;
        Ok(layout)
    }
}

#[derive(Default)]
struct Structs {
    all: Vec<Struct>,
}

impl Structs {
    /// Adds a struct; one without bytes is not added.
    fn structure(&mut self, name: &str, json: &Value) -> Result<Option<Type>, SchemaError> {
        let size = number(json, "size", name)?;
        let number_of_it = self.all.len();
        self.all.push(Struct {
            name: name.to_owned(),
            size: Some(size),
            ..Struct::default()
        });
        let fields = json.get("fields").and_then(Value::as_array);
        for field in fields.ok_or_else(|| missing("fields", name))? {
            let field_name = field.get("name").and_then(Value::as_str);
            let field_name = field_name.ok_or_else(|| missing("name", name))?;
            let ty = field.get("type").ok_or_else(|| missing("type", name))?;
            if let Some(field) = self.field(field_name, number(field, "offset", name)?, ty)? {
                self.all[number_of_it].fields.push(field);
            }
        }
        let empty = size == 0 && number_of_it > 0;
        if empty {
            self.all.truncate(number_of_it);
        }
        Ok((!empty).then(|| Type::Struct(name.to_owned())))
    }

    fn field(
        &mut self,
        name: &str,
        offset: u64,
        json: &Value,
    ) -> Result<Option<Field>, SchemaError> {
        let Some((ty, names)) = self.ty(json, name)? else {
            return Ok(None);
        };
        Ok(Some(Field {
            offset,
            name: name.to_owned(),
            ty,
            unit: None,
            doc: None,
            kind: None,
            names,
            reference: None,
            len: None,
        }))
    }

    /// The type of a field, and the names of its values; nothing if it has no bytes.
    fn ty(&mut self, json: &Value, path: &str) -> Result<Option<Typed>, SchemaError> {
        match json {
            Value::String(word) => {
                let ty = word.parse().ok().filter(|ty| matches!(ty, Type::Scalar(_)));
                let ty = ty.ok_or_else(|| SchemaError(format!("`{path}`: {word:?} is not a type")));
                Ok(Some((ty?, None)))
            }
            Value::Object(map) if map.contains_key("variants") => Ok(Some(names(map, path)?)),
            Value::Object(map) if map.contains_key("fields") => {
                let name = format!("{path}:{}", self.all.len());
                Ok(self.structure(&name, json)?.map(|ty| (ty, None)))
            }
            Value::Object(map) if map.contains_key("opaque") => {
                let len = number(json, "size", path)?;
                let len = u32::try_from(len).map_err(|_| too_large(path))?;
                Ok((len > 0).then_some((Type::Bytes(len), None)))
            }
            Value::Object(map) => {
                let element = map.get("element").ok_or_else(|| missing("element", path))?;
                let count = number(json, "count", path)?;
                let count = u32::try_from(count).map_err(|_| too_large(path))?;
                let element = if count == 0 {
                    None
                } else {
                    self.ty(element, path)?
                };
                Ok(element.map(|(element, names)| {
                    let element = Box::new(element);
                    (Type::Array { count, element }, names)
                }))
            }
            _ => Err(SchemaError(format!("`{path}` has no type"))),
        }
    }
}

type Typed = (Type, Option<BTreeMap<String, i64>>);

fn names(map: &Map<String, Value>, path: &str) -> Result<Typed, SchemaError> {
    let repr = map.get("repr").and_then(Value::as_str);
    let ty = repr
        .and_then(|it| it.parse().ok())
        .ok_or_else(|| missing("repr", path))?;
    let variants = map.get("variants").and_then(Value::as_array);
    let variants = variants.ok_or_else(|| missing("variants", path))?;
    let named = variants.iter().filter_map(|variant| {
        let name = variant.get("name")?.as_str()?;
        Some((name.to_owned(), variant.get("value")?.as_i64()?))
    });
    Ok((ty, Some(named.collect())))
}

fn number(json: &Value, key: &str, path: &str) -> Result<u64, SchemaError> {
    json.get(key)
        .and_then(Value::as_u64)
        .ok_or_else(|| missing(key, path))
}

fn missing(key: &str, path: &str) -> SchemaError {
    SchemaError(format!("`{path}` has no `{key}`"))
}

fn too_large(path: &str) -> SchemaError {
    SchemaError(format!("`{path}` is too large"))
}
