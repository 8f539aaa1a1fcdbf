//! From a type to its `impl`s.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, GenericParam, Ident, Path, Result};

use crate::options::Options;
use crate::repr::Repr;
use crate::{enums, structs};

/// A type that may live in shared memory.
pub(crate) struct Target<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) repr: Repr,
    /// The path of the library.
    pub(crate) library: Path,
    pub(crate) may_grow: bool,
}

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

/// The implementation of the trait that all targets have. `constructor` is the layout's, and `parts`
/// what it takes after size and alignment.
pub(crate) fn shared_data(
    target: &Target<'_>,
    constructor: &Ident,
    parts: &TokenStream,
) -> TokenStream {
    let Target { name, library, .. } = target;
    let may_grow = target.may_grow.then(|| {
        quote!(
            const MAY_GROW: bool = true;
        )
    });
    quote! {
        // SAFETY: all fields are named, with offsets and layouts by the compiler, or all variants;
        // what cannot be seen here is asserted below.
        #[automatically_derived]
        unsafe impl #library::SharedData for #name {
            const LAYOUT: #library::layout::Layout = #library::layout::Layout::#constructor(
                ::core::mem::size_of::<Self>(),
                ::core::mem::align_of::<Self>(),
                #parts
            );
            #may_grow
        }
    }
}
