//! Structs.

use std::collections::HashSet;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, Field, Fields, Member, Path, Result, Type};

use crate::options::refuse_any;
use crate::target::{Target, shared_data};

pub(crate) fn impls(target: &Target<'_>, fields: &Fields) -> Result<TokenStream> {
    refuse_shape(target, fields)?;
    refuse_types(fields)?;
    for field in fields {
        refuse_any(&field.attrs)?;
    }
    let Target {
        name: this,
        library,
        ..
    } = target;
    let fields: Vec<_> = fields.members().zip(fields).collect();
    let table = fields.iter().map(|(member, field)| {
        let name = name(member);
        let ty = &field.ty;
        // The error for a type that cannot be shared points at it; lints see that it is ours.
        let span = Span::call_site().located_at(ty.span());
        let layout = quote_spanned!(span=> &<#ty as #library::SharedData>::LAYOUT);
        quote! {
            #library::layout::Field::new(#name, ::core::mem::offset_of!(#this, #member), #layout)
        }
    });
    // A constant of its own, because a reference in a call does not live as long.
    let table = quote! {
        const __FIELDS: &[#library::layout::Field] = &[#(#table),*];
    };
    let shared_data = shared_data(target, &format_ident!("of_struct"), &quote!(__FIELDS));
    let lookups = fields
        .iter()
        .map(|(member, field)| lookup(target, member, field));
    let markers = markers(target, fields.iter().map(|(_, field)| &field.ty));
    let exact = exact(target, &fields);
    Ok(quote! {
        #exact
        #table
        #shared_data
        #markers
        #(#lookups)*
    })
}

/// Compiles only if the struct has just these fields with just these types: an attribute macro below
/// the derive may have changed it since.
fn exact(target: &Target<'_>, fields: &[(Member, &Field)]) -> TokenStream {
    let name = target.name;
    let members: Vec<_> = fields.iter().map(|(member, _)| member).collect();
    let types = fields.iter().map(|(_, field)| &field.ty);
    quote! {
        const _: fn(&#name) = |it| {
            let #name { #(#members: _),* } = it;
            #(let _: *const #types = &raw const it.#members;)*
        };
    }
}

/// The markers that hold if they hold for all fields.
fn markers<'a>(target: &Target<'_>, types: impl Iterator<Item = &'a Type>) -> TokenStream {
    let Target { name, library, .. } = target;
    let mut seen = HashSet::new();
    let types: Vec<_> = types
        .filter(|ty| seen.insert(ty.to_token_stream().to_string()))
        .collect();
    let any_bytes = quote! {
        // SAFETY: no field minds which bytes it has.
        #[automatically_derived]
        unsafe impl #library::AnyBytes for #name
        where
            #(for<'a> #library::__private::Id<'a, #types>: #library::__private::IdAnyBytes,)*
        {
        }
    };
    if target.repr.packed {
        return any_bytes;
    }
    quote! {
        #any_bytes

        // SAFETY: all fields are made of atomics, and no `packed` makes references to them unaligned.
        #[automatically_derived]
        unsafe impl #library::AllAtomic for #name
        where
            #(for<'a> #library::__private::Id<'a, #types>: #library::__private::IdAllAtomic,)*
        {
        }
    }
}

/// What `field!` finds the field by. The witness is as visible as the field.
fn lookup(target: &Target<'_>, member: &Member, field: &Field) -> TokenStream {
    let Target {
        name: this,
        library,
        ..
    } = target;
    let Field { vis, ty, .. } = field;
    let name = name(member);
    let witness = format_ident!("__field_{}", name);
    quote! {
        #vis struct #witness;

        // SAFETY: type and offset are the compiler's.
        #[automatically_derived]
        unsafe impl #library::__private::HasField<
            { #library::__private::field_name(#name) },
            (#witness, #ty),
        > for #this {
            type Type = #ty;
            const OFFSET: ::core::primitive::usize = ::core::mem::offset_of!(Self, #member);
        }
    }
}

/// The field's name without `r#`, or its index.
fn name(member: &Member) -> String {
    match member {
        Member::Named(name) => name.unraw().to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

fn refuse_shape(target: &Target<'_>, fields: &Fields) -> Result<()> {
    let refuse = |message| Err(Error::new(target.name.span(), message));
    if !target.repr.has_field_order {
        return refuse(if target.repr.packed {
            "`packed` alone leaves the order of the fields to the compiler: write \
             `#[repr(C, packed)]`"
        } else {
            "the compiler may order the fields of each program in another way: add `#[repr(C)]`"
        });
    }
    if fields.is_empty() {
        return refuse("a struct without fields has nothing to share");
    }
    Ok(())
}

/// Refuses what can be seen to be no shared data, with better advice than the trait's.
fn refuse_types(fields: &Fields) -> Result<()> {
    let refusals = fields.iter().filter_map(|field| {
        advice(element(&field.ty)).map(|advice| Error::new_spanned(&field.ty, advice))
    });
    refusals
        .reduce(|mut all, next| {
            all.combine(next);
            all
        })
        .map_or(Ok(()), Err)
}

/// The type of an array's innermost elements.
fn element(ty: &Type) -> &Type {
    match ty {
        Type::Array(array) => element(&array.elem),
        Type::Group(group) => element(&group.elem),
        Type::Paren(paren) => element(&paren.elem),
        _ => ty,
    }
}

const ADDRESS: &str = "an address means nothing in another process: share an offset or an index (`u32`, \
                       `u64`), or the value itself, a text as an array (`[u8; 64]`)";

fn advice(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Ptr(_) | Type::Reference(_) => Some(ADDRESS),
        Type::BareFn(_) => Some(
            "a function's address means nothing in another process: share a number or an enum that \
             names the function",
        ),
        Type::Tuple(_) => {
            Some("tuples have no fixed layout: use a `#[repr(C)]` struct that derives `SharedData`")
        }
        Type::Path(path) => named_advice(&path.path),
        _ => None,
    }
}

/// Advice for the types of the prelude, by their names: a type of the user's own may have one of them only if
/// it takes no parameters, which `Vec` and `Option` do.
fn named_advice(path: &Path) -> Option<&'static str> {
    let segment = match (&path.leading_colon, path.segments.len()) {
        (None, 1) => path.segments.first()?,
        _ => return None,
    };
    match (
        segment.ident.to_string().as_str(),
        segment.arguments.is_empty(),
    ) {
        ("usize", true) => Some("32-bit programs have another `usize`: use `u32` or `u64`"),
        ("isize", true) => Some("32-bit programs have another `isize`: use `i32` or `i64`"),
        ("u128" | "i128", true) => {
            Some("compilers disagree on the alignment of 128-bit integers: use `[u64; 2]`")
        }
        ("String", true) => Some(
            "the text of a `String` is on this process's heap: use an array (`[u8; 64]`, or \
             `[u16; 64]` for UTF-16)",
        ),
        ("Vec", false) => Some(
            "the elements of a `Vec` are on this process's heap: use an array, and a field for how \
             many of its elements are in use",
        ),
        ("Option", false) => Some(
            "other programs do not know how an `Option` is laid out: use the value, and a `bool` \
             or a number that says whether it is there",
        ),
        ("Box" | "Rc" | "Arc", false) => Some(ADDRESS),
        _ => None,
    }
}
