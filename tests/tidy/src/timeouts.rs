//! Every public call that waits at most for a time has its row in `tests/it/timeouts.rs`, which tries
//! whether it keeps to that.

use std::fs;

use syn::visit::{self, Visit};

use crate::sources::{self, is_test, root};

#[test]
fn every_call_that_takes_a_timeout_has_a_row() {
    let rows = fs::read_to_string(root().join("tests/it/timeouts.rs")).unwrap();
    let mut calls = Calls::default();
    for source in sources::read(&["src"]) {
        calls.visit_file(&source.syntax);
    }
    // As many as there were when this was written: otherwise it does not see them any more.
    assert!(calls.found.len() >= 20, "{:?}", calls.found);
    calls
        .found
        .retain(|call| !rows.contains(&format!("(\"{call}\",")));
    assert!(
        calls.found.is_empty(),
        "tests/it/timeouts.rs has no row for {:?}",
        calls.found
    );
}

/// What is created without waiting for anybody, whatever the options say.
const CREATE_AT_ONCE: [&str; 5] = ["Section", "SharedSlice", "Mutex", "Event", "Semaphore"];

/// The calls with a timeout: as an argument, in the options, or none at all for one that only tries.
#[derive(Default)]
struct Calls {
    of: Option<String>,
    found: Vec<String>,
}

impl Calls {
    fn note(&mut self, visibility: &syn::Visibility, signature: &syn::Signature) {
        let name = signature.ident.to_string();
        let of = self.of.as_deref().unwrap_or_default();
        let of_options = of == "SharedMemoryOptions";
        let waits = match name.as_str() {
            // Only says how long others wait.
            "wait" if of_options => false,
            "try_lock" | "try_wait" | "try_acquire" => true,
            _ if of_options && name.starts_with("open") => true,
            _ if CREATE_AT_ONCE.contains(&of) && name.contains("create") => false,
            _ => signature.inputs.iter().any(is_timeout),
        };
        if waits && matches!(visibility, syn::Visibility::Public(_)) {
            self.found.push(match &self.of {
                Some(of) => format!("{of}::{name}"),
                None => name,
            });
        }
    }
}

/// A time, or options, which have one.
fn is_timeout(argument: &syn::FnArg) -> bool {
    let syn::FnArg::Typed(argument) = argument else {
        return false;
    };
    match &*argument.ty {
        syn::Type::Path(of) => ends_in(of, "Duration"),
        syn::Type::Reference(to) => match &*to.elem {
            syn::Type::Path(of) => ends_in(of, "SharedMemoryOptions"),
            _ => false,
        },
        _ => false,
    }
}

fn ends_in(path: &syn::TypePath, name: &str) -> bool {
    let last = path.path.segments.last();
    last.is_some_and(|it| it.ident == name)
}

impl<'ast> Visit<'ast> for Calls {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let syn::Type::Path(of) = &*item.self_ty {
            self.of = of.path.segments.last().map(|it| it.ident.to_string());
        }
        visit::visit_item_impl(self, item);
        self.of = None;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.vis, &item.sig);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(&item.vis, &item.sig);
    }
}
