//! Variables that a region declares.

use std::fmt;
use std::str::FromStr;

use win_shared_memory_layouts::{Encoding, Scalar, TextAt, Type, Variables};

/// A variable that a region is to declare: `Speed: f32 [m/s] = 12.5`. The unit and the value may be left out.
///
/// ```
/// use winshm_core::Variable;
///
/// let variable: Variable = "Speed: f32 [m/s] = 12.5".parse()?;
/// assert_eq!((variable.name(), variable.value()), ("Speed", Some("12.5")));
/// # Ok::<(), winshm_core::VariableError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    name: String,
    ty: Scalar,
    unit: String,
    value: Option<String>,
}

/// A variable that cannot be declared.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VariableError {
    /// The text is not that of one.
    NotOne(String),
    /// The layout has no variables.
    NoPlace(String),
    /// The layout has no variables of this type.
    NoType(String),
}

impl fmt::Display for VariableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOne(text) => write!(
                f,
                "`{}` is not a variable such as `Speed: f32 [m/s] = 12.5`",
                crate::escape(text)
            ),
            Self::NoPlace(name) => write!(
                f,
                "the variable `{}` cannot be declared: regions of this layout declare none",
                crate::escape(name)
            ),
            Self::NoType(name) => write!(
                f,
                "regions of this layout have no variables of the type of `{}`",
                crate::escape(name)
            ),
        }
    }
}

impl std::error::Error for VariableError {}

impl Variable {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value, as a person writes it.
    #[must_use]
    pub fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }
}

impl FromStr for Variable {
    type Err = VariableError;

    fn from_str(text: &str) -> Result<Self, VariableError> {
        let wrong = || VariableError::NotOne(text.to_owned());
        let (declaration, value) = match text.split_once('=') {
            Some((declaration, value)) => (declaration, Some(value.trim().to_owned())),
            None => (text, None),
        };
        let (name, rest) = declaration.split_once(':').ok_or_else(wrong)?;
        let (ty, unit) = match rest.split_once('[') {
            Some((ty, unit)) => (ty, unit.trim_end().strip_suffix(']').ok_or_else(wrong)?),
            None => (rest, ""),
        };
        let name = name.trim();
        let is_name = !name.is_empty()
            && name
                .chars()
                .all(|it| it.is_ascii_alphanumeric() || it == '_');
        if !is_name {
            return Err(wrong());
        }
        Ok(Self {
            name: name.to_owned(),
            ty: Scalar::named(ty.trim()).ok_or_else(wrong)?,
            unit: unit.trim().to_owned(),
            value,
        })
    }
}

/// Variables with their places in a buffer.
pub(super) struct Declared<'a> {
    places: Vec<(&'a Variable, i32, usize)>,
    len: usize,
}

impl<'a> Declared<'a> {
    pub(super) fn new(model: &Variables, variables: &'a [Variable]) -> Result<Self, VariableError> {
        let mut len = 0_usize;
        let mut places = Vec::new();
        for variable in variables {
            let ty = model
                .ty
                .map
                .iter()
                .position(|it| Scalar::named(it) == Some(variable.ty));
            let ty = ty.ok_or_else(|| VariableError::NoType(variable.name.clone()))?;
            let size = variable.ty.size();
            let offset = len.next_multiple_of(size);
            places.push((variable, ty as i32, offset));
            len = offset + size;
        }
        Ok(Self {
            places,
            len: len.next_multiple_of(16),
        })
    }

    /// The length of a buffer.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Writes the declarations.
    pub(super) fn write(&self, model: &Variables, rows: &mut [u8], stride: usize) {
        for (row, (variable, ty, offset)) in rows.chunks_mut(stride.max(1)).zip(&self.places) {
            let mut number = |at: u64, number: i32| put(row, at, &number.to_le_bytes());
            number(model.ty.offset, *ty);
            number(model.offset.offset, *offset as i32);
            number(model.count.offset, 1);
            text(row, &model.name, &variable.name);
            if let Some(place) = &model.unit {
                text(row, place, &variable.unit);
            }
        }
    }
}

fn put(row: &mut [u8], at: u64, bytes: &[u8]) {
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    let end = at.saturating_add(bytes.len());
    if let Some(place) = row.get_mut(at..end) {
        place.copy_from_slice(bytes);
    }
}

/// Writes a text with a NUL after it. Names and units of our own are ASCII, or Latin-1 at most.
fn text(row: &mut [u8], place: &TextAt, text: &str) {
    let Type::Text { encoding, units } = &place.ty else {
        return;
    };
    let characters = text.chars().take(units.saturating_sub(1) as usize);
    let bytes: Vec<u8> = match encoding {
        Encoding::Utf16 => characters
            .flat_map(|it| (it as u32 as u16).to_le_bytes())
            .collect(),
        Encoding::Utf8 => characters.collect::<String>().into_bytes(),
        _ => characters
            .map(|it| u8::try_from(it).unwrap_or(b'?'))
            .collect(),
    };
    put(row, place.offset, &bytes);
}
