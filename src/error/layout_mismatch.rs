//! [`LayoutMismatch`].

use std::fmt::{self, Write as _};

use crate::name::Quoted;

/// How the type that a region was made for differs from the one asked for.
///
/// Types are compared by their schemas, as FORMAT.md describes them: canonical JSON that names each field
/// with its offset and type.
///
/// # Examples
///
/// ```
/// use win_shared_memory::snapshot::{Reader, Writer};
/// use win_shared_memory::{SharedData, SharedMemoryError};
///
/// #[derive(SharedData)]
/// #[repr(C)]
/// struct Theirs {
///     lap: u32,
///     speed: u32,
/// }
///
/// #[derive(Debug, SharedData)]
/// #[repr(C)]
/// struct Ours {
///     lap: u32,
///     speed: f32,
/// }
///
/// # fn main() -> Result<(), win_shared_memory::SharedMemoryError> {
/// let _writer = Writer::<Theirs>::register(r"Local\docs-mismatch")?;
/// match Reader::<Ours>::open(r"Local\docs-mismatch") {
///     Err(SharedMemoryError::LayoutMismatch(mismatch)) => {
///         println!("{mismatch}");
///         assert_eq!(mismatch.field(), "speed");
///     }
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct LayoutMismatch {
    name: String,
    field: String,
    expected: String,
    found: String,
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
        // Where one ends, the other's next field; otherwise the field in which they part.
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
            match rest[..object_len(rest)]
                .chars()
                .take(200)
                .collect::<String>()
            {
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
            expected: here,
            found: there,
        }
    }

    /// The region's name as given.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the first field that differs; empty if one of the types has no fields, so that the
    /// types differ as a whole.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The schema of that field in the type asked for, or of the type itself if there is no such field;
    /// cut after 200 characters.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// The schema of the same field in the type that the region was made for. Another program wrote
    /// it, so it may be any text.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }
}

/// The length of the object that the text begins with, those in it included.
fn object_len(json: &str) -> usize {
    let mut depth = 0_usize;
    let end = json.bytes().position(|it| {
        match it {
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        it == b'}' && depth == 0
    });
    end.map_or(json.len(), |at| at + 1)
}

/// The schemas of two structs, or of slices of two, from their fields on: the sizes and alignments before
/// differ because those do.
fn past_sizes<'a>(here: &'a str, there: &'a str) -> (&'a str, &'a str) {
    let fields = |schema: &'a str| {
        let (head, fields) = schema.split_once("\"fields\":[")?;
        let (slice, _) = head.split_once("{\"size\":")?;
        ["", "{\"element\":"]
            .contains(&slice)
            .then_some((slice, fields))
    };
    match (fields(here), fields(there)) {
        (Some((here, ours)), Some((there, theirs))) if here == there && ours != theirs => {
            (ours, theirs)
        }
        _ => (here, there),
    }
}

impl fmt::Display for LayoutMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} holds another type", Quoted(&self.name))?;
        if !self.field.is_empty() {
            write!(f, ", from field {} on", Quoted(&self.field))?;
        }
        write!(
            f,
            ": expected {}, found {}",
            Json(&self.expected),
            Json(&self.found)
        )
    }
}

impl std::error::Error for LayoutMismatch {}

/// A part of a schema, which another program may have written: control characters are escaped, while
/// quotes and backslashes stay as they are in JSON.
struct Json<'a>(&'a str);

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|it| match it {
            '"' | '\'' | '\\' => f.write_char(it),
            _ => write!(f, "{}", it.escape_debug()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::LayoutMismatch;

    #[test]
    fn a_field_is_shown_whole_with_the_objects_in_it() {
        let schema = |count| {
            format!(
                "{{\"size\":{count},\"align\":1,\"fields\":[{{\"name\":\"text\",\"offset\":0,\
                 \"type\":{{\"element\":\"u8\",\"count\":{count}}}}}]}}"
            )
        };
        let mismatch = LayoutMismatch::new("x", &schema(8), &schema(9));
        assert_eq!(mismatch.field(), "text");
        let text = r#"{"name":"text","offset":0,"type":{"element":"u8","count":8}}"#;
        assert_eq!(mismatch.expected(), text);
    }
}
