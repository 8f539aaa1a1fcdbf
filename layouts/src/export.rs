//! Layouts as source code: the structs of a region for programs in other languages.
//!
//! Every byte is a member of some struct. What no field covers becomes a member too, `gap_12`, so the structs have
//! the same offsets whatever a compiler would do on its own. Code in C and Python compares its offsets with those of
//! the layout where it is compiled or imported.
//!
//! A region of `win-shared-memory` carries its schema, so a program in another language gets its struct from the region
//! itself: [`Layout::from_schema`], then [`export`].
//!
//! ```
//! use win_shared_memory_layouts::export::{Language, export};
//! use win_shared_memory_layouts::catalogue;
//!
//! let layout = catalogue::by_id("mumble-link").expect("it is in the catalogue");
//! let code = export(&[layout], Language::Rust)?;
//! assert!(code.contains("pub avatar_position: [f32; 3],"));
//! # Ok::<(), win_shared_memory_layouts::LayoutError>(())
//! ```

use std::fmt;
use std::str::FromStr;

use crate::declare::declare;
use crate::model::Layout;
use crate::problem::LayoutError;

mod about;
mod c;
mod csharp;
mod facts;
mod hexpat;
mod ksy;
mod plain;
mod python;
mod rust;

/// A language that a layout can be exported to.
///
/// ```
/// use win_shared_memory_layouts::export::Language;
///
/// assert_eq!("rust".parse(), Ok(Language::Rust));
/// assert_eq!(Language::ALL.map(|it| it.to_string()).join(" "), "rust c csharp python ksy hexpat");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// Structs with `#[derive(SharedData)]`, for the crate `win-shared-memory`.
    Rust,
    /// A header for C11 and C++11, which checks its own offsets where it is compiled.
    C,
    /// Structs for C# 12 and .NET 8, all of whose offsets are stated.
    CSharp,
    /// Classes of `ctypes`, which check their own offsets where they are imported.
    Python,
    /// A format of Kaitai Struct: tables and texts are instances, read where the region says.
    Ksy,
    /// A pattern for ImHex, a hex editor.
    Hexpat,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Rust,
        Self::C,
        Self::CSharp,
        Self::Python,
        Self::Ksy,
        Self::Hexpat,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::C => "c",
            Self::CSharp => "csharp",
            Self::Python => "python",
            Self::Ksy => "ksy",
            Self::Hexpat => "hexpat",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is not a [`Language`].
///
/// ```
/// use win_shared_memory_layouts::export::Language;
///
/// let error = "cobol".parse::<Language>().unwrap_err();
/// assert!(error.to_string().starts_with("\"cobol\" is not one of rust, c, "));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanguageError(String);

impl fmt::Display for LanguageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = Language::ALL.map(Language::name).join(", ");
        write!(f, "{:?} is not one of {all}", self.0)
    }
}

impl std::error::Error for LanguageError {}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(name: &str) -> Result<Self, LanguageError> {
        let found = Self::ALL.into_iter().find(|it| it.name() == name);
        found.ok_or_else(|| LanguageError(name.to_owned()))
    }
}

/// The structs of these layouts in a language, as one file. Structs of the same name that are equal in several of
/// the layouts become one.
///
/// A table whose place the region tells is not part of a struct; its rows are a struct of their own.
///
/// # Errors
///
/// A layout is not sound, or two have different structs of the same name.
pub fn export(layouts: &[&Layout], language: Language) -> Result<String, LayoutError> {
    let unit = declare(layouts)?;
    Ok(match language {
        Language::Rust => rust::rust(&unit),
        Language::C => c::c(&unit),
        Language::CSharp => csharp::csharp(&unit),
        Language::Python => python::python(&unit),
        Language::Ksy => ksy::ksy(&unit),
        Language::Hexpat => hexpat::hexpat(&unit),
    })
}
