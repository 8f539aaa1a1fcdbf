//! What may stand in one place only: calls into Windows, and `unsafe`.

use syn::visit::Visit;

use crate::sources::{self, Source, line};

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
    let wrong: Vec<_> = sources::read(&["src"])
        .iter()
        .flat_map(windows_sys)
        .collect();
    assert!(wrong.is_empty(), "only `{SYS}` may:\n{}", wrong.join("\n"));
}

/// Where a file outside `sys` names `windows_sys`.
fn windows_sys(source: &Source) -> Vec<String> {
    let mut wrong = Vec::new();
    for named in source.names() {
        let is_there = named.path.first().is_some_and(|it| it == "windows_sys");
        if is_there && !source.path.starts_with(SYS) {
            wrong.push(format!(
                "{}:{}: names `{}`",
                source.path,
                named.line,
                named.path.join("::")
            ));
        }
    }
    wrong
}

#[test]
fn windows_sys_that_is_named_anywhere_would_be_seen() {
    let named = |path: &str| {
        let text = "use windows_sys::Win32::Foundation::HANDLE;";
        windows_sys(&Source {
            path: path.into(),
            syntax: syn::parse_str(text).unwrap(),
        })
    };
    assert_eq!(named("src/sys/handle.rs"), [""; 0]);
    assert_eq!(
        named("src/name.rs"),
        ["src/name.rs:1: names `windows_sys::Win32::Foundation::HANDLE`"]
    );
}

#[test]
fn unsafe_code_is_opened_in_the_listed_modules_alone() {
    let mut opened = Vec::new();
    for source in sources::read(&["src"]) {
        if let Some(line) = opens_unsafe(&source.syntax) {
            assert!(
                UNSAFE.iter().any(|(path, _)| *path == source.path),
                "{}:{line} opens `unsafe`: it is not one of the modules that may",
                source.path
            );
            opened.push(source.path);
        }
    }
    for (path, reason) in UNSAFE {
        assert!(
            opened.iter().any(|it| it == path),
            "{path} may open `unsafe` ({reason}) and does not: take it off the list"
        );
    }
}

#[test]
fn unsafe_code_that_is_opened_anywhere_would_be_seen() {
    for opening in [
        "#![allow(unsafe_code)]",
        "#[expect(unsafe_code)] fn f() {}",
        "impl S { #[allow(unsafe_code)] fn f() {} }",
        "fn f() { #[allow(unsafe_code)] let x = 1; }",
        "mod m { #![cfg_attr(windows, allow(unsafe_code))] }",
    ] {
        assert_eq!(opens_unsafe(&syn::parse_file(opening).unwrap()), Some(1));
    }
    for other in [
        "#![deny(unsafe_code)]",
        "/// Allows no `unsafe_code`.\nfn f() {}",
    ] {
        assert_eq!(opens_unsafe(&syn::parse_file(other).unwrap()), None);
    }
}

/// The line of the first attribute that allows `unsafe`, on whatever it is.
fn opens_unsafe(file: &syn::File) -> Option<usize> {
    struct Attributes(Option<usize>);

    impl Visit<'_> for Attributes {
        fn visit_attribute(&mut self, attribute: &syn::Attribute) {
            let text = match &attribute.meta {
                syn::Meta::List(list) => format!("{} {}", path(&list.path), list.tokens),
                _ => return,
            };
            let opens = ["allow", "expect", "warn"]
                .iter()
                .any(|it| text.contains(it));
            if opens && text.contains("unsafe_code") {
                self.0.get_or_insert(line(attribute.pound_token.span));
            }
        }
    }

    let mut attributes = Attributes(None);
    attributes.visit_file(file);
    attributes.0
}

fn path(path: &syn::Path) -> String {
    path.get_ident()
        .map(ToString::to_string)
        .unwrap_or_default()
}
