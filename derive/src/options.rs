//! What `#[shared_data(…)]` says.

use syn::{Attribute, Error, Path, Result, parse_quote};

/// The path of the library: `::win_shared_memory` unless `#[shared_data(crate = path)]` says
/// otherwise.
pub(crate) fn library(attributes: &[Attribute]) -> Result<Path> {
    let mut library = parse_quote!(::win_shared_memory);
    for attribute in attributes {
        if attribute.path().is_ident("shared_data") {
            attribute.parse_nested_meta(|meta| {
                if !meta.path.is_ident("crate") {
                    return Err(meta.error("unknown option; there is only `crate = path`"));
                }
                library = meta.value()?.call(Path::parse_mod_style)?;
                Ok(())
            })?;
        }
    }
    Ok(library)
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
