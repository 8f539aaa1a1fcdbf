//! What `#[shared_data(…)]` says.

use syn::{Attribute, Error, Path, Result, parse_quote};

/// The options of a type.
pub(crate) struct Options {
    /// The path of the library: `::win_shared_memory` unless `crate = path` says otherwise.
    pub(crate) library: Path,
    /// Where `may_grow` stands, if it does.
    pub(crate) may_grow: Option<Path>,
}

impl Options {
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Self> {
        let mut options = Self {
            library: parse_quote!(::win_shared_memory),
            may_grow: None,
        };
        for attribute in attributes {
            if attribute.path().is_ident("shared_data") {
                attribute.parse_nested_meta(|meta| {
                    if meta.path.is_ident("crate") {
                        options.library = meta.value()?.call(Path::parse_mod_style)?;
                    } else if meta.path.is_ident("may_grow") {
                        options.may_grow = Some(meta.path);
                    } else {
                        return Err(
                            meta.error("unknown option; there are `crate = path` and `may_grow`")
                        );
                    }
                    Ok(())
                })?;
            }
        }
        Ok(options)
    }
}

/// Refuses options where there are none.
pub(crate) fn refuse_any(attributes: &[Attribute]) -> Result<()> {
    match attributes
        .iter()
        .find(|it| it.path().is_ident("shared_data"))
    {
        None => Ok(()),
        Some(attribute) => Err(Error::new_spanned(
            attribute,
            "options belong to the type: all of it is shared, under the names it has",
        )),
    }
}
