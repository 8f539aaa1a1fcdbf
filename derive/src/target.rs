//! [`Target`].

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Ident, Path};

use crate::repr::Repr;

/// A type that may live in shared memory.
pub(crate) struct Target<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) repr: Repr,
    /// The path of the library.
    pub(crate) library: Path,
    pub(crate) may_grow: bool,
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
