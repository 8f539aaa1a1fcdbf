//! What the derive refuses, and what it says. That the rest works, and what the traits and constants
//! refuse, is tested in the library.

use proc_macro2::TokenStream;
use quote::quote;

use crate::expand::expand;

/// The errors of a type's derive, one a line.
fn errors(input: TokenStream) -> String {
    match expand(&syn::parse2(input).expect("a type")) {
        Ok(_) => "none".into(),
        Err(errors) => {
            let errors: Vec<_> = errors.into_iter().map(|it| it.to_string()).collect();
            errors.join("\n")
        }
    }
}

/// The errors for a field of this type.
fn field_errors(ty: &TokenStream) -> String {
    errors(quote! {
        #[repr(C)]
        struct S {
            fine: u32,
            field: #ty,
        }
    })
}

#[test]
fn what_has_a_fixed_layout_is_accepted() {
    for repr in [
        quote!(C),
        quote!(transparent),
        quote!(C, packed),
        quote!(packed, C),
        quote!(C, packed(2)),
        quote!(align(16), C),
    ] {
        assert_eq!(
            errors(quote!(
                #[repr(#repr)]
                struct S(u32);
            )),
            "none"
        );
    }
    assert_eq!(
        errors(quote!(
            #[repr(packed)]
            #[repr(C)]
            struct S {
                a: [[Other; 2]; 0],
            }
        )),
        "none"
    );
    assert_eq!(
        errors(quote!(
            #[repr(i16)]
            enum E {
                A,
                B = 7,
            }
        )),
        "none"
    );
}

#[test]
fn structs_without_a_fixed_layout_are_refused() {
    let advice =
        "the compiler may order the fields of each program in another way: add `#[repr(C)]`";
    assert_eq!(
        errors(quote!(
            struct S {
                a: u32,
            }
        )),
        advice
    );
    assert_eq!(
        errors(quote!(
            #[repr(Rust)]
            struct S {
                a: u32,
            }
        )),
        advice
    );
    assert_eq!(
        errors(quote!(
            #[repr(align(8))]
            struct S {
                a: u32,
            }
        )),
        advice
    );
    assert_eq!(
        errors(quote!(
            #[repr(packed)]
            struct S {
                a: u32,
            }
        )),
        "`packed` alone leaves the order of the fields to the compiler: write `#[repr(C, packed)]`"
    );
}

#[test]
fn structs_without_fields_are_refused() {
    let advice = "a struct without fields has nothing to share";
    assert_eq!(
        errors(quote!(
            #[repr(C)]
            struct S {}
        )),
        advice
    );
    assert_eq!(
        errors(quote!(
            #[repr(C)]
            struct S;
        )),
        advice
    );
}

#[test]
fn fields_that_mean_nothing_elsewhere_are_refused() {
    let address = "an address means nothing in another process: share an offset or an index \
                   (`u32`, `u64`), or the value itself, a text as an array (`[u8; 64]`)";
    for ty in [
        quote!(*const u8),
        quote!(*mut Other),
        quote!(&'static str),
        quote!(&'static mut u32),
        quote!([[*const u8; 2]; 3]),
        quote!((&'static u8)),
        quote!(Box<u32>),
        quote!(Arc<[u8]>),
    ] {
        assert_eq!(field_errors(&ty), address);
    }
    assert_eq!(
        field_errors(&quote!(extern "C" fn(u32) -> u32)),
        "a function's address means nothing in another process: share a number or an enum that \
         names the function"
    );
    assert_eq!(
        field_errors(&quote!((u32, f32))),
        "tuples have no fixed layout: use a `#[repr(C)]` struct that derives `SharedData`"
    );
    assert_eq!(
        field_errors(&quote!(String)),
        "the text of a `String` is on this process's heap: use an array (`[u8; 64]`, or \
         `[u16; 64]` for UTF-16)"
    );
}

#[test]
fn collections_and_options_are_refused_with_what_to_use_instead() {
    let vec = field_errors(&quote!([Vec<u8>; 2]));
    assert!(
        vec.contains("use an array, and a field for how many"),
        "{vec}"
    );
    let option = field_errors(&quote!(Option<u32>));
    assert!(option.contains("use the value, and a `bool`"), "{option}");
    // A type of the user's own can have these names, but no parameters.
    assert_eq!(field_errors(&quote!(Vec)), "none");
    assert_eq!(field_errors(&quote!(shapes::Box)), "none");
}

#[test]
fn integers_that_differ_elsewhere_are_refused() {
    assert_eq!(
        field_errors(&quote!(usize)),
        "32-bit programs have another `usize`: use `u32` or `u64`"
    );
    assert_eq!(
        field_errors(&quote!([isize; 4])),
        "32-bit programs have another `isize`: use `i32` or `i64`"
    );
    let advice = "compilers disagree on the alignment of 128-bit integers: use `[u64; 2]`";
    assert_eq!(field_errors(&quote!(u128)), advice);
    assert_eq!(field_errors(&quote!(i128)), advice);
}

#[test]
fn all_refused_fields_are_named_at_once() {
    let errors = errors(quote!(
        #[repr(C)]
        struct S(usize, u32, *const u8);
    ));
    assert_eq!(errors.lines().count(), 2, "{errors}");
}

#[test]
fn unions_are_refused() {
    assert_eq!(
        errors(quote!(#[repr(C)] union U { a: u32, b: f32 })),
        "nothing says which field of a union another program has written: share an array of bytes \
         of its size, and make the field's value from them"
    );
}

#[test]
fn enums_with_data_are_refused() {
    let advice = "nothing makes another program write the data of the variant it names: use a \
                  `#[repr(C)]` struct that has an enum without data and, beside it, what the \
                  variants need";
    assert_eq!(
        errors(quote!(
            #[repr(u8)]
            enum E {
                A,
                B(u32),
            }
        )),
        advice
    );
    assert_eq!(
        errors(quote!(
            #[repr(u8)]
            enum E {
                A { a: u32 },
            }
        )),
        advice
    );
    assert_eq!(
        errors(quote!(
            #[repr(C)]
            enum E {
                A(u8),
            }
        )),
        advice
    );
    assert_eq!(
        errors(quote!(
            #[repr(u8)]
            enum E {
                A,
                B(),
            }
        )),
        "write the variant without these"
    );
}

#[test]
fn enums_of_no_fixed_size_are_refused() {
    assert_eq!(
        errors(quote!(
            enum E {
                A,
            }
        )),
        "the size of this enum is not fixed: add `#[repr(u32)]` (or another of u8, u16, u32, u64, \
         i8, i16, i32, i64)"
    );
    for integer in [quote!(usize), quote!(isize), quote!(u128)] {
        assert_eq!(
            errors(quote!(
                #[repr(#integer)]
                enum E {
                    A,
                }
            )),
            format!(
                "`{integer}` cannot be shared with every program: use one of u8, u16, u32, u64, \
                 i8, i16, i32, i64"
            )
        );
    }
    for repr in [quote!(C), quote!(C, u8), quote!(u8, align(4))] {
        let errors = errors(quote!(
            #[repr(#repr)]
            enum E {
                A,
            }
        ));
        assert!(errors.contains("write `#[repr(u32)]`"), "{errors}");
    }
    assert_eq!(
        errors(quote!(
            #[repr(u8)]
            enum E {}
        )),
        "an enum without variants has no values to share"
    );
}

#[test]
fn generic_types_are_refused() {
    let advice = "a generic type has no one layout: name concrete types and lengths";
    assert_eq!(
        errors(quote!(
            #[repr(C)]
            struct S<T> {
                a: T,
            }
        )),
        advice
    );
    assert_eq!(
        errors(quote!(
            #[repr(C)]
            struct S<const N: usize>([u8; N]);
        )),
        advice
    );
    assert_eq!(
        errors(quote!(
            #[repr(C)]
            struct S<'a> {
                a: Other<'a>,
            }
        )),
        "nothing can be borrowed from another process: hold values, or offsets and indices"
    );
}

#[test]
fn unknown_options_are_refused() {
    let with = |options: TokenStream| {
        errors(quote! {
            #[shared_data(#options)]
            #[repr(C)]
            struct S(u32);
        })
    };
    assert_eq!(with(quote!(crate = some::path)), "none");
    assert_eq!(with(quote!(crate = ::shm)), "none");
    assert_eq!(
        with(quote!(name = "S")),
        "unknown option; there are `crate = path` and `may_grow`"
    );
    assert_eq!(
        errors(quote!(
            #[repr(C)]
            struct S {
                #[shared_data(skip)]
                a: u32,
            }
        )),
        "options belong to the type: all of it is shared, under the names it has"
    );
}

#[test]
fn a_struct_may_grow_and_an_enum_may_not() {
    let grows = quote! { #[repr(C)] #[shared_data(may_grow)] struct S { a: u8 } };
    let expanded = expand(&syn::parse2(grows).expect("a type"))
        .expect("it may be shared")
        .to_string();
    assert!(expanded.contains("MAY_GROW"), "{expanded}");
    assert_eq!(
        errors(quote! { #[repr(u8)] #[shared_data(may_grow)] enum E { A } }),
        "only a struct may grow: a reader would not know a new variant"
    );
}
