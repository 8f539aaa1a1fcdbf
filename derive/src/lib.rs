//! The derive of `win-shared-memory`, which re-exports it and has its documentation.

mod options;
mod repr;

mod target;

mod enums;
mod structs;

mod expand;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;
use syn::{DeriveInput, Error, parse_macro_input};

#[expect(
    missing_docs,
    reason = "documented where it is re-exported, which has links and examples"
)]
#[proc_macro_derive(SharedData, attributes(shared_data))]
pub fn shared_data(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::expand(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}
