//! Changes the bytes of a region by name.

use std::fmt;

use crate::lookup::{LookupError, Reason};
use crate::path::Path;
use crate::plan::{Leaf, Plan};
use crate::text::Encoding;
use crate::types::Scalar;

/// Changes bytes by name. [`Plan::edit`] makes it.
///
/// ```
/// use win_shared_memory_layouts::{Input, Plan, catalogue};
///
/// let plan = Plan::new(catalogue::find("MumbleLink").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; 5460];
/// let mut edit = plan.edit(&mut bytes);
/// edit.set("uiVersion", 2)?;
/// edit.set("fAvatarPosition[1]", 1.5)?;
/// edit.assign("name=My game")?;
/// assert_eq!(
///     edit.set("uiVersion", -1).unwrap_err().to_string(),
///     "`uiVersion`: -1 is not from 0 to 4294967295",
/// );
/// assert_eq!(plan.view(&bytes).get("name")?.to_string(), "My game");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Edit<'a> {
    plan: &'a Plan,
    bytes: &'a mut [u8],
}

/// A value to store.
///
/// ```
/// use win_shared_memory_layouts::{Input, Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; plan.size()];
/// for input in [Input::Integer(42), Input::Text("42"), Input::Text("0x2a")] {
///     plan.edit(&mut bytes).set("uiTick", input)?;
///     assert_eq!(plan.view(&bytes).get("uiTick")?.as_i64(), Some(42));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Input<'a> {
    /// A whole number.
    Integer(i128),
    /// A number with a fraction.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Bytes; a shorter value leaves the rest 0.
    Bytes(&'a [u8]),
    /// A text; or, for another kind of field, the value as a person writes it: `27.5`, `0x2a`, `true`, the
    /// name of an enum's value, `[1, 2, 3]`, and pairs of hexadecimal digits for bytes.
    Text(&'a str),
}

/// A value that could not be stored. The bytes are as they were.
///
/// ```
/// use win_shared_memory_layouts::{EditError, Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let mut bytes = vec![0; 5460];
/// let error = plan.edit(&mut bytes).set("uiTick", 1_u64 << 32).unwrap_err();
/// assert!(matches!(error, EditError::Value { .. }));
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EditError {
    /// The path leads to no value.
    Lookup(LookupError),
    /// The value is not one of the field, and why.
    Value {
        /// The path.
        path: String,
        /// What is wrong with the value.
        problem: String,
    },
    /// `path=value` has no `=`.
    NoEqualsSign,
}

/// Where a value is: what a program stores into a live region.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let encoded = plan.encode(&[0; 5460], "uiTick", 7)?;
/// assert_eq!((encoded.offset, &*encoded.bytes), (4, &[7, 0, 0, 0][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    /// The offset in the region.
    pub offset: usize,
    /// The bytes to store there.
    pub bytes: Vec<u8>,
}

impl From<LookupError> for EditError {
    fn from(error: LookupError) -> Self {
        Self::Lookup(error)
    }
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lookup(error) => error.fmt(f),
            Self::Value { path, problem } => write!(f, "`{}`: {problem}", path.escape_debug()),
            Self::NoEqualsSign => f.write_str("an assignment is a path, `=` and a value"),
        }
    }
}

impl std::error::Error for EditError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Lookup(error) => Some(error),
            _ => None,
        }
    }
}

macro_rules! input_from {
    ($($from:ty => $variant:ident),*) => {
        $(impl From<$from> for Input<'_> {
            fn from(value: $from) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

input_from!(i32 => Integer, u32 => Integer, i64 => Integer, u64 => Integer, f32 => Float, f64 => Float, bool => Bool);

impl<'a> From<&'a str> for Input<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Input<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl Plan {
    /// Changes these bytes by name.
    #[must_use]
    pub fn edit<'a>(&'a self, bytes: &'a mut [u8]) -> Edit<'a> {
        Edit { plan: self, bytes }
    }

    /// Where the value at a path is, and the bytes that make it this value: for a program that stores them
    /// in a region that lives.
    ///
    /// # Errors
    ///
    /// The path leads to no value in these bytes, or the value is not one of the field.
    pub fn encode<'i>(
        &self,
        bytes: &[u8],
        path: &str,
        value: impl Into<Input<'i>>,
    ) -> Result<Encoded, EditError> {
        let fail = |reason| LookupError::new(path, reason);
        let parsed: Path = path.parse().map_err(|it| fail(Reason::Syntax(it)))?;
        let spot = self
            .view(bytes)
            .root()
            .spot()
            .follow(&parsed)
            .map_err(fail)?;
        let leaf = spot.leaf().map_err(fail)?;
        spot.value().map_err(fail)?;
        let encoded = encode(self, leaf, &value.into()).map_err(|problem| EditError::Value {
            path: path.to_owned(),
            problem,
        })?;
        Ok(Encoded {
            offset: spot.base + spot.at,
            bytes: encoded,
        })
    }
}

impl Plan {
    /// [`encode`](Self::encode) for a value as a person writes it: `wheels[2].pressure=27.5`.
    ///
    /// # Errors
    ///
    /// As those of [`encode`](Self::encode); there is no `=`.
    pub fn encode_assignment(&self, bytes: &[u8], assignment: &str) -> Result<Encoded, EditError> {
        let (path, value) = parts(assignment)?;
        self.encode(bytes, path, value)
    }
}

impl Edit<'_> {
    /// Stores a value.
    ///
    /// # Errors
    ///
    /// The path leads to no value in these bytes, or the value is not one of the field: too large, too long,
    /// of another kind. The bytes are as they were.
    pub fn set<'i>(&mut self, path: &str, value: impl Into<Input<'i>>) -> Result<(), EditError> {
        let encoded = self.plan.encode(self.bytes, path, value)?;
        let end = encoded.offset + encoded.bytes.len();
        self.bytes[encoded.offset..end].copy_from_slice(&encoded.bytes);
        Ok(())
    }

    /// Stores a value as a person writes it: `wheels[2].pressure=27.5`.
    ///
    /// # Errors
    ///
    /// As those of [`set`](Self::set); there is no `=`.
    pub fn assign(&mut self, assignment: &str) -> Result<(), EditError> {
        let (path, value) = parts(assignment)?;
        self.set(path, value)
    }
}

/// The path and the value of an assignment.
fn parts(assignment: &str) -> Result<(&str, &str), EditError> {
    let at = equals_sign(assignment).ok_or(EditError::NoEqualsSign)?;
    Ok((assignment[..at].trim_end(), &assignment[at + 1..]))
}

/// The first `=` that is not within a label.
fn equals_sign(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().find_map(|(at, character)| {
        match character {
            '"' if !escaped => quoted = !quoted,
            '=' if !quoted => return Some(at),
            _ => {}
        }
        escaped = character == '\\' && !escaped;
        None
    })
}

/// The bytes of a value, as many as the place has.
fn encode(plan: &Plan, leaf: Leaf, input: &Input<'_>) -> Result<Vec<u8>, String> {
    match leaf {
        Leaf::Scalar(scalar) => encode_scalar(scalar, input),
        Leaf::Enum(scalar, names) => encode_enum(scalar, &plan.names[names], input),
        Leaf::Text { encoding, len, .. } => match input {
            Input::Text(text) => encode_text(text, encoding, len),
            other => Err(format!("{} is not a text", Shown(other))),
        },
        Leaf::Bytes { len, .. } => match input {
            Input::Bytes(bytes) => filled(bytes.to_vec(), len),
            Input::Text(text) => filled(hexadecimal(text)?, len),
            other => Err(format!("{} is not bytes", Shown(other))),
        },
        Leaf::Array { scalar, count } => encode_array(scalar, count, input),
    }
}

fn encode_enum(
    scalar: Scalar,
    names: &[(i64, String)],
    input: &Input<'_>,
) -> Result<Vec<u8>, String> {
    let Input::Text(text) = input else {
        return encode_scalar(scalar, input);
    };
    match names.iter().find(|(_, name)| name == text.trim()) {
        Some((number, _)) => encode_scalar(scalar, &Input::Integer(i128::from(*number))),
        None => encode_scalar(scalar, input).map_err(|problem| {
            let names: Vec<_> = names.iter().map(|(_, name)| name.as_str()).collect();
            format!("{problem}, nor one of {}", names.join(", "))
        }),
    }
}

fn encode_text(text: &str, encoding: Encoding, len: usize) -> Result<Vec<u8>, String> {
    if text.contains('\0') {
        return Err("a text ends at a NUL, so it has none in it".to_owned());
    }
    let bytes = encoding.encode(text);
    let bytes = bytes.map_err(|character| format!("{encoding} has no {character:?}"))?;
    if bytes.len() + encoding.unit() > len {
        let (units, most) = (bytes.len() / encoding.unit(), len / encoding.unit());
        let problem = "units do not fit, as readers look for a NUL after them";
        return Err(format!(
            "{units} {problem}; at most {} do",
            most.saturating_sub(1)
        ));
    }
    filled(bytes, len)
}

/// So many bytes, the rest 0.
fn filled(mut bytes: Vec<u8>, len: usize) -> Result<Vec<u8>, String> {
    if bytes.len() > len {
        return Err(format!("{} bytes do not fit into {len}", bytes.len()));
    }
    bytes.resize(len, 0);
    Ok(bytes)
}

fn hexadecimal(text: &str) -> Result<Vec<u8>, String> {
    let problem = || "bytes are written as pairs of hexadecimal digits".to_owned();
    let digits: Option<Vec<u32>> = text.trim().chars().map(|it| it.to_digit(16)).collect();
    let digits = digits.filter(|it| it.len() % 2 == 0).ok_or_else(problem)?;
    let pairs = digits.chunks_exact(2);
    pairs
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).map_err(|_| problem()))
        .collect()
}

fn encode_array(scalar: Scalar, count: usize, input: &Input<'_>) -> Result<Vec<u8>, String> {
    let Input::Text(text) = input else {
        return Err(format!(
            "{} is not a list; write for example [1, 2]",
            Shown(input)
        ));
    };
    let text = text.trim();
    let inner = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let items: Vec<&str> = inner.unwrap_or(text).split(',').collect();
    if items.len() != count {
        return Err(format!("{} values for an array of {count}", items.len()));
    }
    let items = items
        .into_iter()
        .map(|item| encode_scalar(scalar, &Input::Text(item)));
    Ok(items.collect::<Result<Vec<_>, _>>()?.concat())
}

fn encode_scalar(scalar: Scalar, input: &Input<'_>) -> Result<Vec<u8>, String> {
    match scalar {
        Scalar::F32 | Scalar::F64 => {
            let number = float(input)?;
            if scalar == Scalar::F64 {
                return Ok(number.to_le_bytes().to_vec());
            }
            #[expect(
                clippy::cast_possible_truncation,
                reason = "what is too large is refused next"
            )]
            let narrow = number as f32;
            if number.is_finite() && !narrow.is_finite() {
                return Err(format!("{number} is beyond what an f32 can be"));
            }
            Ok(narrow.to_le_bytes().to_vec())
        }
        Scalar::Bool | Scalar::Bool32 => {
            let mut bytes = vec![u8::from(truth(input)?)];
            bytes.resize(scalar.size(), 0);
            Ok(bytes)
        }
        Scalar::Char => match input {
            Input::Text(text) if text.chars().count() == 1 => {
                let characters = text.chars().flat_map(|it| u32::from(it).to_le_bytes());
                Ok(characters.collect())
            }
            other => Err(format!("{} is not one character", Shown(other))),
        },
        _ => integer(scalar, input),
    }
}

fn integer(scalar: Scalar, input: &Input<'_>) -> Result<Vec<u8>, String> {
    let number = match input {
        Input::Integer(number) => *number,
        Input::Bool(truth) => i128::from(*truth),
        Input::Text(text) => {
            whole(text.trim()).ok_or_else(|| format!("{} is not a whole number", Shown(input)))?
        }
        other => return Err(format!("{} is not a whole number", Shown(other))),
    };
    let bits = 8 * scalar.size();
    let signed = matches!(scalar, Scalar::I8 | Scalar::I16 | Scalar::I32 | Scalar::I64);
    let (least, most) = if signed {
        (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1)
    } else {
        (0, (1_i128 << bits) - 1)
    };
    if number < least || number > most {
        return Err(format!("{number} is not from {least} to {most}"));
    }
    Ok(number.to_le_bytes()[..scalar.size()].to_vec())
}

fn whole(text: &str) -> Option<i128> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(i128::from),
        None => text.parse().ok(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a float is asked for")]
fn float(input: &Input<'_>) -> Result<f64, String> {
    match input {
        Input::Float(number) => Ok(*number),
        Input::Integer(number) => Ok(*number as f64),
        Input::Text(text) => text
            .trim()
            .parse()
            .map_err(|_| format!("{} is not a number", Shown(input))),
        other => Err(format!("{} is not a number", Shown(other))),
    }
}

fn truth(input: &Input<'_>) -> Result<bool, String> {
    match input {
        Input::Bool(truth) => Ok(*truth),
        Input::Integer(0) => Ok(false),
        Input::Integer(1) => Ok(true),
        Input::Text(text) => match text.trim() {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(format!("{} is neither true nor false", Shown(input))),
        },
        other => Err(format!("{} is neither true nor false", Shown(other))),
    }
}

/// A value, for an error.
struct Shown<'a>(&'a Input<'a>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Input::Integer(it) => it.fmt(f),
            Input::Float(it) => it.fmt(f),
            Input::Bool(it) => it.fmt(f),
            Input::Bytes(_) => f.write_str("a row of bytes"),
            Input::Text(it) => write!(f, "`{}`", it.escape_debug()),
        }
    }
}
