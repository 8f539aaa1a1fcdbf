//! Names of values: a type that has any value, and names for some.

use std::fmt::Write;

use super::{literal, scalar_type};
use crate::declare::{Element, Is, Member};
use crate::export::about::code;
use crate::names::{Unique, quoted, upper};
use crate::types::Scalar;

/// What the values of a field are called.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Values {
    scalar: Scalar,
    /// By value.
    names: Vec<(i64, String)>,
}

impl Values {
    pub(super) fn of(member: &Member) -> Option<Self> {
        let (Is::Field(field), Element::Scalar(scalar)) = (&member.is, &member.element) else {
            return None;
        };
        let names = field.names.as_ref()?.iter();
        let mut names: Vec<_> = names.map(|(name, value)| (*value, name.clone())).collect();
        names.sort();
        Some(Self {
            scalar: *scalar,
            names,
        })
    }

    /// The type, for the field at this path.
    pub(super) fn write(&self, out: &mut String, name: &str, field: &str) {
        let ty = scalar_type(self.scalar);
        let flags = self.scalar == Scalar::Bits32;
        let (what, others) = if flags {
            ("flags", "others may be set")
        } else {
            ("values", "there may be others")
        };
        let _ = write!(
            out,
            r"
/// The {what} of [`{field}`]; {others}.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, SharedData)]
#[repr(transparent)]
pub struct {name}(
    /// The number.
    pub {ty},
);

impl {name} {{
"
        );
        let mut unique = Unique::default();
        let mut arms = String::new();
        let mut last = None;
        for (value, name) in &self.names {
            let constant = unique.name(upper(name));
            let shown = code(name);
            let number = literal(*value, ty);
            let _ = write!(
                out,
                "    /// `{shown}`\n    pub const {constant}: Self = Self({number});\n\n"
            );
            if last != Some(*value) {
                let name = quoted(name);
                let _ = writeln!(arms, "            Self::{constant} => Some({name}),");
            }
            last = Some(*value);
        }
        let _ = if flags {
            out.write_str(CONTAINS)
        } else {
            write!(
                out,
                "{NAME}{arms}            _ => None,\n        }}\n    }}\n"
            )
        };
        out.push_str("}\n");
    }
}

const CONTAINS: &str = r"    /// Whether all of these flags are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }
";

const NAME: &str = r"    /// The name of this value, if it has one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
";
