//! The derive of `win-shared-memory`, which re-exports it and has its documentation.

mod enums;
mod expand;
mod options;
mod repr;
mod structs;

use proc_macro::TokenStream;
use syn::{DeriveInput, Error, parse_macro_input};

/// See `win_shared_memory::SharedData`.
#[proc_macro_derive(SharedData, attributes(shared_data))]
pub fn shared_data(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::expand(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}
