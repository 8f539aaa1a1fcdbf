//! [`LayoutMismatch`].

use std::fmt::{self, Write as _};

use crate::name::Quoted;

/// How the type of a region differs from the one asked for.
#[derive(Clone, Debug)]
pub struct LayoutMismatch {
    name: String,
    field: String,
    here: String,
    there: String,
}

impl LayoutMismatch {
    /// Compares two schemas that are not equal.
    pub(crate) fn new(name: &str, here: &str, there: &str) -> Self {
        const FIELD: &str = "{\"name\":\"";
        let (here, there) = past_sizes(here, there);
        let same = here
            .bytes()
            .zip(there.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        // Where one ends, the other's next field; else the field that both have begun when they part.
        let next = |schema: &str| {
            let rest = schema.get(same..).unwrap_or_default();
            rest.strip_prefix(',').unwrap_or(rest).starts_with(FIELD)
        };
        let begin = if next(here) || next(there) {
            same + usize::from(same > 0)
        } else {
            let common = here.get(..same).unwrap_or_default();
            common.rfind(FIELD).unwrap_or(0)
        };
        let part = |schema: &str| {
            let rest = schema.get(begin..).unwrap_or_default();
            let end = rest.find('}').map_or(rest.len(), |at| at + 1);
            match rest.chars().take(end.min(200)).collect::<String>() {
                part if part.len() > 1 => part,
                _ => "nothing".into(),
            }
        };
        let (here, there) = (part(here), part(there));
        let named = [&here, &there].into_iter().find_map(|it| {
            let name = it.strip_prefix(FIELD)?;
            name.split('"').next().map(String::from)
        });
        Self {
            name: name.into(),
            field: named.unwrap_or_default(),
            here,
            there,
        }
    }

    /// The name of the first field that differs; empty if the types have no field in common, not
    /// even its name.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }
}

/// The schemas of two structs from their fields on: the sizes and alignments before differ because
/// those do.
fn past_sizes<'a>(here: &'a str, there: &'a str) -> (&'a str, &'a str) {
    let fields = |schema: &'a str| {
        let (head, fields) = schema.split_once("\"fields\":[")?;
        head.starts_with("{\"size\":").then_some(fields)
    };
    match (fields(here), fields(there)) {
        (Some(ours), Some(theirs)) if ours != theirs => (ours, theirs),
        _ => (here, there),
    }
}

impl fmt::Display for LayoutMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} holds another type", Quoted(&self.name))?;
        if !self.field.is_empty() {
            write!(f, ", beginning with field {}", Quoted(&self.field))?;
        }
        write!(
            f,
            ": here {}, there {}",
            Json(&self.here),
            Json(&self.there)
        )
    }
}

/// A part of a schema, of which the other is another program's: control characters are escaped,
/// quotes and backslashes stay what they are in JSON.
struct Json<'a>(&'a str);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|it| match it {
            '"' | '\'' | '\\' => f.write_char(it),
            _ => write!(f, "{}", it.escape_debug()),
        })
    }
}
