//! Every public type has an example in its documentation, and so has each call that a newcomer makes first.

use std::collections::{BTreeMap, HashMap};
use std::fs;

use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Lit, Meta, Visibility};

use crate::api::PRIVATE;
use crate::sources::{self, is_hidden, is_sealed, is_test, root};

/// The crates of which each type has one.
const CRATES: [&str; 2] = ["src/", "layouts/src/"];

/// Public for what `field!` expands to, which names them in a module that is hidden.
const OF_MACROS: [&str; 2] = ["IntoPlace", "HasTupleField"];

/// What a newcomer meets first: a file, a type in it, and the calls of that type. Of `winshm-core` it is the types alone.
const FIRST: [(&str, &str, &[&str]); 37] = [
    (
        "src/link/mod.rs",
        "SharedMemoryLink",
        &[
            "open",
            "create",
            "get_or_create",
            "open_existing",
            "read",
            "try_read",
            "write",
            "shared",
        ],
    ),
    (
        "src/link/slice.rs",
        "SharedSlice",
        &["open", "create", "read"],
    ),
    ("src/region/opening.rs", "Section", &["open", "create"]),
    ("src/region/section.rs", "Section", &["map", "map_range"]),
    ("src/region/view.rs", "View", &["place", "places"]),
    (
        "src/region/copies.rs",
        "View",
        &["read", "try_read", "write"],
    ),
    (
        "src/data/encoding.rs",
        "Encoding",
        &["decode", "decode_utf16", "encode", "encode_utf16"],
    ),
    ("src/snapshot/writer.rs", "Writer", &["register", "publish"]),
    (
        "src/snapshot/reader.rs",
        "Reader",
        &["open", "latest", "has_changed", "wait_changed"],
    ),
    (
        "src/shared_mutex/mutex.rs",
        "SharedMutex",
        &[
            "get_or_create",
            "open",
            "update",
            "lock",
            "try_lock",
            "load",
        ],
    ),
    (
        "src/shared_mutex/reader.rs",
        "Reader",
        &["open", "load", "load_into", "has_changed", "wait_changed"],
    ),
    ("src/channel/sender.rs", "Sender", &["register", "send"]),
    (
        "src/channel/receiver.rs",
        "Receiver",
        &["register", "recv", "peek"],
    ),
    ("src/broadcast/sender.rs", "Sender", &["register", "send"]),
    ("src/broadcast/receiver.rs", "Receiver", &["open", "recv"]),
    ("src/consistency/reader.rs", "Reader", &["read"]),
    ("src/sync/mutex.rs", "Mutex", &["lock", "try_lock"]),
    ("src/sync/event.rs", "Event", &["create", "set", "wait"]),
    (
        "src/sync/semaphore.rs",
        "Semaphore",
        &["acquire", "release"],
    ),
    ("core/src/columns.rs", "Column", &[]),
    ("core/src/columns.rs", "Columns", &[]),
    ("core/src/export/mod.rs", "Request", &[]),
    ("core/src/export/mod.rs", "Table", &[]),
    ("core/src/image/mod.rs", "Image", &[]),
    ("core/src/leaves.rs", "Leaf", &[]),
    ("core/src/leaves.rs", "Leaves", &[]),
    ("core/src/print/mod.rs", "Format", &[]),
    ("core/src/print/mod.rs", "Printer", &[]),
    ("core/src/recording/error.rs", "Damage", &[]),
    ("core/src/recording/event.rs", "Event", &[]),
    ("core/src/recording/event.rs", "Note", &[]),
    ("core/src/recording/play.rs", "Player", &[]),
    ("core/src/recording/read.rs", "Recording", &[]),
    ("core/src/recording/write.rs", "Recorder", &[]),
    ("core/src/select.rs", "Selection", &[]),
    ("core/src/series.rs", "Reducer", &[]),
    ("core/src/source.rs", "Source", &[]),
];

#[test]
fn every_public_type_has_an_example() {
    let items = Items::of(&CRATES);
    let types = items.types.iter();
    let without: Vec<_> = types.filter(|(_, has)| !**has).map(|it| it.0).collect();
    assert!(without.is_empty(), "no example: {without:#?}");
    // As many as there were when this was written: otherwise it does not see them any more.
    assert!(items.types.len() >= 130, "{} types", items.types.len());
}

#[test]
fn what_a_newcomer_meets_first_has_an_example() {
    let items = Items::of(&["src/", "core/src/"]);
    let mut without = Vec::new();
    for (file, of, calls) in FIRST {
        if calls.is_empty() {
            without.extend(absent(&items.types, format!("{file} {of}")));
        }
        for call in calls {
            without.extend(absent(&items.calls, format!("{file} {of}::{call}")));
        }
    }
    assert!(
        without.is_empty(),
        "no such item, or no example: {without:#?}"
    );
}

fn absent(items: &BTreeMap<String, bool>, name: String) -> Option<String> {
    (items.get(&name) != Some(&true)).then_some(name)
}

/// Rustdoc runs several at once, and two that created the same region would each see that of the other.
#[test]
fn no_two_examples_use_the_same_region() {
    let mut used: HashMap<String, String> = HashMap::new();
    for source in sources::read(&CRATES) {
        let text = fs::read_to_string(root().join(&source.path)).unwrap();
        for (line, name) in regions(&text) {
            let place = format!("{}:{line}", source.path);
            if let Some(other) = used.insert(name.clone(), place.clone()) {
                panic!("{place} and {other} both use `{name}`");
            }
        }
    }
    assert!(used.len() >= 100, "{} regions", used.len());
}

/// The names of regions in each block of documentation, once for each block, with the line where it begins.
fn regions(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut begin = 0;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if !line.starts_with("///") && !line.starts_with("//!") {
            begin = number + 2;
        }
        for rest in line.split(r"\docs-").skip(1) {
            let name = rest.split('"').next().unwrap_or_default();
            let region = (begin, name.to_owned());
            if !found.contains(&region) {
                found.push(region);
            }
        }
    }
    found
}

/// The public types and functions, by file and name, and whether each has an example.
#[derive(Default)]
struct Items {
    file: String,
    of: Option<String>,
    types: BTreeMap<String, bool>,
    calls: BTreeMap<String, bool>,
}

impl Items {
    fn of(folders: &[&str]) -> Self {
        let mut items = Self::default();
        for source in sources::read(folders) {
            if source.path != PRIVATE {
                items.file = source.path;
                items.visit_file(&source.syntax);
            }
        }
        items
    }

    fn note_type(&mut self, vis: &Visibility, attributes: &[Attribute], name: &syn::Ident) {
        if is_seen(vis, attributes) && !OF_MACROS.iter().any(|it| name == it) {
            let name = format!("{} {name}", self.file);
            self.types.insert(name, has_example(attributes));
        }
    }

    /// Of two with the same name, of implementations for two kinds of types, both have one.
    fn note_call(&mut self, item: &syn::ImplItemFn) {
        if let Some(of) = self
            .of
            .as_deref()
            .filter(|_| is_seen(&item.vis, &item.attrs))
        {
            let name = format!("{} {of}::{}", self.file, item.sig.ident);
            *self.calls.entry(name).or_insert(true) &= has_example(&item.attrs);
        }
    }
}

fn is_seen(vis: &Visibility, attributes: &[Attribute]) -> bool {
    matches!(vis, Visibility::Public(_)) && !is_hidden(attributes)
}

/// Whether there is a block of code in the documentation.
fn has_example(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Meta::NameValue(doc) = &attribute.meta else {
            return false;
        };
        let Expr::Lit(line) = &doc.value else {
            return false;
        };
        matches!(&line.lit, Lit::Str(line) if line.value().trim_start().starts_with("```"))
    })
}

impl<'ast> Visit<'ast> for Items {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) && !is_hidden(&item.attrs) && !is_sealed(item) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.note_type(&item.vis, &item.attrs, &item.ident);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.note_type(&item.vis, &item.attrs, &item.ident);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.note_type(&item.vis, &item.attrs, &item.ident);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let syn::Type::Path(of) = &*item.self_ty {
            self.of = of.path.segments.last().map(|it| it.ident.to_string());
        }
        visit::visit_item_impl(self, item);
        self.of = None;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note_call(item);
    }
}
