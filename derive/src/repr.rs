//! What `#[repr(…)]` says.

use syn::meta::ParseNestedMeta;
use syn::{Attribute, Ident, LitInt, Result, parenthesized, token};

/// All `#[repr(…)]` of a type.
#[derive(Default)]
pub(crate) struct Repr {
    /// `C` or `transparent`.
    pub(crate) has_field_order: bool,
    pub(crate) packed: bool,
    /// `align(…)` or `C`, which an enum of a fixed size has no use for.
    pub(crate) unfit_for_enum: Option<Ident>,
    /// `u8`, `i32`, `usize` and the like.
    pub(crate) integer: Option<Ident>,
}

impl Repr {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut repr = Self::default();
        for attribute in attributes {
            if attribute.path().is_ident("repr") {
                attribute.parse_nested_meta(|meta| repr.add(&meta))?;
            }
        }
        Ok(repr)
    }

    fn add(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let hint = meta.path.require_ident()?;
        match hint.to_string().as_str() {
            "C" => {
                self.has_field_order = true;
                self.unfit_for_enum = Some(hint.clone());
            }
            "transparent" => self.has_field_order = true,
            "packed" => self.packed = true,
            "align" => self.unfit_for_enum = Some(hint.clone()),
            "Rust" => {}
            _ => self.integer = Some(hint.clone()),
        }
        if meta.input.peek(token::Paren) {
            let number;
            parenthesized!(number in meta.input);
            number.parse::<LitInt>()?;
        }
        Ok(())
    }
}
