//! Enums without data.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{DataEnum, Error, Fields, Ident, Result, Variant};

use crate::options::refuse_any;
use crate::target::{Target, shared_data};

pub(crate) fn impls(target: &Target<'_>, data: &DataEnum) -> Result<TokenStream> {
    let library = &target.library;
    for variant in &data.variants {
        refuse_data(variant)?;
        refuse_any(&variant.attrs)?;
    }
    let integer = integer(target)?;
    if data.variants.is_empty() {
        return Err(Error::new(
            target.name.span(),
            "an enum without variants has no values to share",
        ));
    }
    let this = target.name;
    let variants = data.variants.iter().map(|Variant { ident, .. }| {
        let name = ident.unraw().to_string();
        quote! {
            #library::layout::Variant::new(#name, #this::#ident as ::core::primitive::i128)
        }
    });
    let variants = quote! {
        const __VARIANTS: &[#library::layout::Variant] = &[#(#variants),*];
    };
    let primitive = format_ident!("{}", integer.to_string().to_uppercase());
    let shared_data = shared_data(
        target,
        &format_ident!("of_enum"),
        &quote!(#library::layout::Primitive::#primitive, __VARIANTS),
    );
    let idents = data.variants.iter().map(|it| &it.ident);
    Ok(quote! {
        // Compiles only if the enum has just these variants and this size: an attribute macro below the
        // derive may have changed it since.
        const _: fn(&#this) = |it| match it {
            #(#this::#idents => {})*
        };
        const _: () = ::core::assert!(
            ::core::mem::size_of::<#this>() == ::core::mem::size_of::<::core::primitive::#integer>()
        );
        #variants
        #shared_data

        // SAFETY: nothing meets the condition; it is there for the compiler's message.
        #[doc(hidden)]
        #[automatically_derived]
        unsafe impl #library::AnyBytes for #this
        where
            for<'a> #library::__private::Id<'a, #this>: #library::__private::AlwaysValid<#this>,
        {
        }
    })
}

fn refuse_data(variant: &Variant) -> Result<()> {
    match &variant.fields {
        Fields::Unit => Ok(()),
        fields if fields.is_empty() => Err(Error::new_spanned(
            fields,
            "write the variant without these",
        )),
        fields => Err(Error::new_spanned(
            fields,
            "nothing makes another program write the data of the variant it names: use a \
             `#[repr(C)]` struct that has an enum without data and, beside it, what the variants \
             need",
        )),
    }
}

/// The integer of `#[repr(…)]`, if it is one of fixed size.
fn integer<'a>(target: &'a Target<'_>) -> Result<&'a Ident> {
    const SIZES: [&str; 8] = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"];
    if let Some(unfit) = &target.repr.unfit_for_enum {
        return Err(Error::new(
            unfit.span(),
            format!(
                "an enum in shared memory has the size its integer has: write `#[repr(u32)]` (or \
                 another of {}) and nothing else; a C enum is `i32` or `u32` on Windows",
                SIZES.join(", ")
            ),
        ));
    }
    match &target.repr.integer {
        None => Err(Error::new(
            target.name.span(),
            format!(
                "the size of this enum is not fixed: add `#[repr(u32)]` (or another of {})",
                SIZES.join(", ")
            ),
        )),
        Some(integer) if !SIZES.contains(&integer.to_string().as_str()) => Err(Error::new(
            integer.span(),
            format!(
                "`{integer}` cannot be shared with every program: use one of {}",
                SIZES.join(", ")
            ),
        )),
        Some(integer) => Ok(integer),
    }
}
