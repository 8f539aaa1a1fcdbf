//! The sources, parsed.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::Span;
use syn::visit::{self, Visit};

/// One file of Rust.
#[derive(Clone)]
pub(crate) struct Source {
    /// The path below the root of the repository, with `/` between its parts.
    pub(crate) path: String,
    pub(crate) syntax: syn::File,
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// Every file of Rust below these folders.
pub(crate) fn read(folders: &[&str]) -> Vec<Source> {
    let mut paths = Vec::new();
    for folder in folders {
        find(&root().join(folder), &mut paths);
    }
    assert!(!paths.is_empty(), "there are no sources in {folders:?}");
    paths.sort();
    paths.iter().map(|path| parse(path)).collect()
}

fn find(folder: &Path, paths: &mut Vec<PathBuf>) {
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                find(&path, paths);
            }
        } else if path.extension().is_some_and(|it| it == "rs") {
            paths.push(path);
        }
    }
}

fn parse(path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap();
    let syntax =
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let path = path.strip_prefix(root()).unwrap();
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    Source {
        path: parts.join("/"),
        syntax,
    }
}

/// A path such as `crate::sys::view::PAGE` that the code of a file names, and its line.
pub(crate) struct Named {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

impl Source {
    /// The paths that the code names: in `use` items as elsewhere, not in macros' arguments, and not in
    /// the tests that stand in the file.
    pub(crate) fn names(&self) -> Vec<Named> {
        let mut paths = Paths::default();
        paths.visit_file(&self.syntax);
        paths.found
    }

    /// The modules that the file declares, with the groups that blank lines make of them.
    pub(crate) fn modules(&self) -> Vec<(String, usize)> {
        let mut group = 0;
        let mut last = 0;
        let mut modules = Vec::new();
        for item in &self.syntax.items {
            let syn::Item::Mod(module) = item else {
                continue;
            };
            if module.content.is_some() || is_test(&module.attrs) {
                continue;
            }
            let first = module
                .attrs
                .first()
                .map_or(module.ident.span(), |it| it.pound_token.span);
            let (first, end) = (line(first), line(module.ident.span()));
            if first > last + 1 {
                group += 1;
            }
            last = end;
            modules.push((module.ident.to_string(), group));
        }
        modules
    }
}

pub(crate) fn line(span: Span) -> usize {
    span.start().line
}

/// Whether an item is there for tests only.
pub(crate) fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        list.path.is_ident("cfg") && list.tokens.to_string().contains("test")
    })
}

/// Whether an item is hidden from the documentation.
pub(crate) fn is_hidden(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        list.path.is_ident("doc") && list.tokens.to_string() == "hidden"
    })
}

/// Whether a module has traits that nobody else may implement.
pub(crate) fn is_sealed(module: &syn::ItemMod) -> bool {
    module.ident == "sealed"
}

#[derive(Default)]
struct Paths {
    found: Vec<Named>,
}

impl Paths {
    fn tree(&mut self, prefix: &mut Vec<String>, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.tree(prefix, &path.tree);
                prefix.pop();
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(prefix, tree);
                }
            }
            syn::UseTree::Name(syn::UseName { ident })
            | syn::UseTree::Rename(syn::UseRename { ident, .. }) => {
                let mut path = prefix.clone();
                path.push(ident.to_string());
                self.found.push(Named {
                    path,
                    line: line(ident.span()),
                });
            }
            syn::UseTree::Glob(star) => {
                let line = line(star.star_token.spans[0]);
                self.found.push(Named {
                    path: prefix.clone(),
                    line,
                });
            }
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test(&item.attrs) {
            self.tree(&mut Vec::new(), &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let line = path.segments.first().map_or(0, |it| line(it.ident.span()));
        let path_of_idents = path
            .segments
            .iter()
            .map(|it| it.ident.to_string())
            .collect();
        self.found.push(Named {
            path: path_of_idents,
            line,
        });
        visit::visit_path(self, path);
    }
}
