//! From a type to its `impl`s.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, GenericParam, Result};

use crate::options::Options;
use crate::repr::Repr;
use crate::target::Target;
use crate::{enums, structs};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    refuse_generics(input)?;
    let options = Options::of(&input.attrs)?;
    if let (Some(may_grow), Data::Enum(_)) = (&options.may_grow, &input.data) {
        return Err(Error::new_spanned(
            may_grow,
            "only a struct may grow: a reader would not know a new variant",
        ));
    }
    let target = Target {
        name: &input.ident,
        repr: Repr::of(&input.attrs)?,
        library: options.library,
        may_grow: options.may_grow.is_some(),
    };
    let impls = match &input.data {
        Data::Struct(data) => structs::impls(&target, &data.fields)?,
        Data::Enum(data) => enums::impls(&target, data)?,
        Data::Union(data) => {
            return Err(Error::new(
                data.union_token.span,
                "nothing says which field of a union another program has written: share an array \
                 of bytes of its size, and make the field's value from them",
            ));
        }
    };
    let Target { name, library, .. } = target;
    Ok(quote! {
        const _: () = {
            #impls

            const _: () = #library::__private::assert_shareable::<#name>();
        };
    })
}

fn refuse_generics(input: &DeriveInput) -> Result<()> {
    match input.generics.params.first() {
        None => Ok(()),
        Some(GenericParam::Lifetime(lifetime)) => Err(Error::new_spanned(
            lifetime,
            "nothing can be borrowed from another process: hold values, or offsets and indices",
        )),
        Some(parameter) => Err(Error::new_spanned(
            parameter,
            "a generic type has no one layout: name concrete types and lengths",
        )),
    }
}
