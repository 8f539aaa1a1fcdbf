//! The public items of the published crates, listed in `tests/tidy/api`: a change of them is seen in review.
//!
//! What is `pub` is reachable, since the lint `unreachable_pub` holds. `cargo xtask api` writes the lists.

use std::collections::HashSet;
use std::env;
use std::fs;

use syn::{Attribute, Fields, ImplItem, Item, TraitItem, Type, Visibility, parse_quote};

use crate::sources::{self, Source, is_hidden, is_sealed, is_test, root};

/// The crates, and where their sources are. The catalogue's are generated from files, in which a change is seen.
const CRATES: [(&str, &str); 4] = [
    ("win-shared-memory", "src"),
    ("win-shared-memory-derive", "derive/src"),
    ("win-shared-memory-layouts", "layouts/src"),
    ("winshm-core", "core/src"),
];

/// Attributes that a user of an item notices.
const NOTICED: [&str; 8] = [
    "cfg",
    "deprecated",
    "derive",
    "macro_export",
    "must_use",
    "non_exhaustive",
    "proc_macro_derive",
    "repr",
];

/// For the derive and the macros alone.
pub(crate) const PRIVATE: &str = "src/__private.rs";

#[test]
#[ignore = "the step `api`"]
fn the_public_items_are_those_listed() {
    let update = env::var_os("WIN_SHARED_MEMORY_UPDATE_API").is_some();
    let mut changed = Vec::new();
    for (name, folder) in CRATES {
        let path = root()
            .join("tests/tidy/api")
            .join(name)
            .with_extension("txt");
        let (now, listed) = (list(folder), fs::read_to_string(&path).unwrap_or_default());
        if update {
            fs::write(path, now).unwrap();
        } else if now != listed {
            changed.push(format!("{name}:\n{}", difference(&listed, &now)));
        }
    }
    assert!(
        changed.is_empty(),
        "the public items have changed; if that is meant, run `cargo xtask api` and commit tests/tidy/api\n{}",
        changed.join("\n")
    );
}

/// The lines that one of two texts has and the other has not.
fn difference(old: &str, new: &str) -> String {
    let only_in = |text: &str, other: &str, mark: char| -> String {
        let other: HashSet<_> = other.lines().collect();
        let lines = text.lines().filter(|line| !other.contains(line));
        lines.map(|line| format!("{mark} {line}\n")).collect()
    };
    only_in(old, new, '-') + &only_in(new, old, '+')
}

fn list(folder: &str) -> String {
    let mut sources = sources::read(&[folder]);
    sources.retain(|source| source.path != PRIVATE);
    let mut hidden = Hidden::default();
    for source in &sources {
        hidden.find(&source.syntax.items, false);
    }
    let lists = sources
        .into_iter()
        .filter_map(|Source { path, mut syntax }| {
            syntax.shebang = None;
            syntax.attrs.clear();
            strip(&mut syntax.items, &hidden);
            (!syntax.items.is_empty())
                .then(|| format!("// {path}\n{}", prettyplease::unparse(&syntax)))
        });
    lists.collect::<Vec<_>>().join("\n")
}

/// Types and traits that a user cannot name.
#[derive(Default)]
struct Hidden(HashSet<String>);

impl Hidden {
    fn find(&mut self, items: &[Item], sealed: bool) {
        for item in items {
            let (vis, ident) = match item {
                Item::Struct(it) => (&it.vis, &it.ident),
                Item::Enum(it) => (&it.vis, &it.ident),
                Item::Trait(it) => (&it.vis, &it.ident),
                Item::Type(it) => (&it.vis, &it.ident),
                Item::Mod(it) => {
                    if let Some((_, items)) = &it.content {
                        self.find(items, sealed || is_sealed(it));
                    }
                    continue;
                }
                _ => continue,
            };
            if sealed || !is_public(vis) {
                self.0.insert(ident.to_string());
            }
        }
    }

    fn has(&self, path: &syn::Path) -> bool {
        let last = path.segments.last();
        last.is_some_and(|it| self.0.contains(&it.ident.to_string()))
    }
}

fn is_public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

/// Leaves what is public of `items`, without bodies and documentation.
fn strip(items: &mut Vec<Item>, hidden: &Hidden) {
    items.retain_mut(|item| {
        empty(item, hidden);
        is_listed(item, hidden)
    });
}

/// Takes away what a user does not see of an item.
fn empty(item: &mut Item, hidden: &Hidden) {
    match item {
        Item::Const(it) => it.expr = parse_quote!(_),
        Item::Enum(it) => {
            for variant in &mut it.variants {
                keep(&mut variant.attrs);
                for field in &mut variant.fields {
                    keep(&mut field.attrs);
                }
            }
        }
        Item::Fn(it) => it.block = parse_quote!({}),
        Item::Impl(it) => empty_impl(it),
        Item::Macro(it) if it.mac.path.is_ident("macro_rules") => {
            it.mac.tokens = proc_macro2::TokenStream::new();
        }
        Item::Mod(it) => {
            if let Some((_, items)) = &mut it.content {
                strip(items, hidden);
            }
        }
        Item::Struct(it) => empty_fields(&mut it.fields),
        Item::Trait(it) => it.items.iter_mut().for_each(empty_trait_item),
        _ => {}
    }
}

fn is_listed(item: &mut Item, hidden: &Hidden) -> bool {
    let (listed, attributes) = match item {
        Item::Const(it) => (is_public(&it.vis), &mut it.attrs),
        Item::Enum(it) => (is_public(&it.vis), &mut it.attrs),
        Item::Fn(it) => (is_public(&it.vis), &mut it.attrs),
        Item::Impl(it) => (is_seen(it, hidden), &mut it.attrs),
        Item::Macro(it) => {
            let exported = it.attrs.iter().any(|it| it.path().is_ident("macro_export"));
            let makes_items = it.ident.is_none();
            (exported || makes_items, &mut it.attrs)
        }
        Item::Mod(it) => {
            let re_exports = matches!(&it.content, Some((_, items)) if !items.is_empty());
            let listed = is_public(&it.vis) || re_exports;
            (listed && !is_sealed(it), &mut it.attrs)
        }
        Item::Struct(it) => (is_public(&it.vis), &mut it.attrs),
        Item::Trait(it) => (is_public(&it.vis), &mut it.attrs),
        Item::Type(it) => (is_public(&it.vis), &mut it.attrs),
        Item::Use(it) => (is_public(&it.vis), &mut it.attrs),
        _ => return false,
    };
    keep(attributes) && listed
}

/// Whether a user can name the type and the trait, and there is something in it.
fn is_seen(it: &syn::ItemImpl, hidden: &Hidden) -> bool {
    let of_hidden = matches!(&*it.self_ty, Type::Path(path) if hidden.has(&path.path));
    match &it.trait_ {
        Some((_, name, _)) => !of_hidden && !hidden.has(name),
        None => !of_hidden && !it.items.is_empty(),
    }
}

/// Whether the item is neither a test nor hidden from the documentation; leaves what is noticed.
fn keep(attributes: &mut Vec<Attribute>) -> bool {
    let kept = !is_test(attributes) && !is_hidden(attributes);
    attributes.retain(|it| NOTICED.iter().any(|name| it.path().is_ident(name)));
    kept
}

fn empty_impl(it: &mut syn::ItemImpl) {
    let is_trait = it.trait_.is_some();
    it.items.retain_mut(|item| match item {
        ImplItem::Const(it) => {
            it.expr = parse_quote!(_);
            (is_trait || is_public(&it.vis)) && keep(&mut it.attrs)
        }
        ImplItem::Fn(it) => {
            it.block = parse_quote!({});
            !is_trait && is_public(&it.vis) && keep(&mut it.attrs)
        }
        ImplItem::Type(it) => keep(&mut it.attrs),
        _ => false,
    });
}

/// Leaves the public fields, and one that says that there are others.
fn empty_fields(fields: &mut Fields) {
    for field in fields.iter_mut() {
        keep(&mut field.attrs);
    }
    let private = fields.iter().any(|field| !is_public(&field.vis));
    match fields {
        Fields::Named(fields) => {
            let kept = std::mem::take(&mut fields.named).into_iter();
            fields.named = kept.filter(|field| is_public(&field.vis)).collect();
            if private {
                fields.named.push(parse_quote!(private: _));
            }
        }
        Fields::Unnamed(fields) => {
            for field in &mut fields.unnamed {
                if !is_public(&field.vis) {
                    field.ty = parse_quote!(_);
                }
            }
        }
        Fields::Unit => {}
    }
}

fn empty_trait_item(item: &mut TraitItem) {
    match item {
        TraitItem::Const(it) => {
            keep(&mut it.attrs);
        }
        TraitItem::Fn(it) => {
            keep(&mut it.attrs);
            if it.default.is_some() {
                it.default = Some(parse_quote!({}));
            }
            for input in &mut it.sig.inputs {
                if let syn::FnArg::Typed(input) = input {
                    input.attrs.clear();
                }
            }
        }
        TraitItem::Type(it) => {
            keep(&mut it.attrs);
        }
        _ => {}
    }
}
