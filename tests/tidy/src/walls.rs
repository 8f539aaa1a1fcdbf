//! What may stand in one place only: calls into Windows, and `unsafe`.

use crate::sources::{self, is_test, line};

/// The one folder that calls Windows.
const SYS: &str = "src/sys/";

/// Where `unsafe` may be opened, and for what.
const UNSAFE: [(&str, &str); 6] = [
    (
        "src/copy/mod.rs",
        "bytes that other processes change are copied",
    ),
    ("src/data/mod.rs", "the primitives promise their layout"),
    (
        "src/link/mod.rs",
        "`get` and `get_mut` are version 0.1.0's; places of what was checked",
    ),
    ("src/place/mod.rs", "a place is an address in a live view"),
    ("src/sys/mod.rs", "every call into Windows needs it"),
    (
        "src/region/view.rs",
        "what was checked of a mapping becomes places and words",
    ),
];

#[test]
fn windows_sys_is_named_in_sys_alone() {
    let mut wrong = Vec::new();
    for source in sources::read(&["src"]) {
        if source.path.starts_with(SYS) {
            continue;
        }
        for named in source.names() {
            if named.path.first().is_some_and(|it| it == "windows_sys") {
                wrong.push(format!(
                    "{}:{}: names `{}`",
                    source.path,
                    named.line,
                    named.path.join("::")
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "only `{SYS}` may:\n{}", wrong.join("\n"));
}

#[test]
fn unsafe_code_is_opened_in_the_listed_modules_alone() {
    let mut opened = Vec::new();
    for source in sources::read(&["src"]) {
        let outer = source.syntax.items.iter().flat_map(attributes);
        for attribute in source.syntax.attrs.iter().chain(outer) {
            let syn::Meta::List(list) = &attribute.meta else {
                continue;
            };
            let opens = list.path.is_ident("allow") || list.path.is_ident("expect");
            if opens && list.tokens.to_string().contains("unsafe_code") {
                let place = format!("{}:{}", source.path, line(attribute.pound_token.span));
                assert!(
                    UNSAFE.iter().any(|(path, _)| *path == source.path),
                    "{place} opens `unsafe`: it is not one of the modules that may"
                );
                opened.push(source.path.clone());
            }
        }
    }
    for (path, reason) in UNSAFE {
        assert!(
            opened.iter().any(|it| it == path),
            "{path} may open `unsafe` ({reason}) and does not: take it off the list"
        );
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Mod(it) if !is_test(&it.attrs) => &it.attrs,
        syn::Item::Fn(it) => &it.attrs,
        syn::Item::Impl(it) => &it.attrs,
        syn::Item::Macro(it) => &it.attrs,
        syn::Item::Static(it) => &it.attrs,
        syn::Item::Const(it) => &it.attrs,
        _ => &[],
    }
}
