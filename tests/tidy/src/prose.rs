//! How long files and functions are, and what the comments sound like.

use std::fs;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::sources::{self, line, root};

const FOLDERS: [&str; 11] = [
    "src",
    "catalogue",
    "cli",
    "core",
    "derive",
    "examples",
    "layouts",
    "peers",
    "tests",
    "xtask",
    "zenoh",
];

/// Version 0.1.0's programs are as they are.
const LEFT_OUT: &str = "tests/contract/";

/// Where the pages are; `.` is the root alone.
const PAGES: [&str; 11] = [
    ".",
    "catalogue",
    "cli",
    "core",
    "derive",
    "docs",
    "layouts",
    "peers",
    "src",
    "tests",
    "zenoh",
];

const LONGEST_FILE: usize = 500;
const LONGEST_FUNCTION: usize = 60;

/// How a file begins that may be as long as it likes.
const GENERATED: &str = "// @generated";

/// The comment that gives the reason, on top of a long file or in a long function.
const REASON: &str = "// Long because ";

/// The texts that are checked, by their paths.
fn texts() -> Vec<(String, String)> {
    let mut texts: Vec<_> = sources::read(&FOLDERS)
        .into_iter()
        .map(|it| it.path)
        .filter(|path| !path.starts_with(LEFT_OUT))
        .collect();
    for folder in PAGES {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                texts.push(format!("{folder}/{name}"));
            }
        }
    }
    texts
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(root().join(&path)).unwrap();
            (path, text)
        })
        .collect()
}

#[test]
fn files_and_functions_are_short_or_say_why_not() {
    let mut long = Vec::new();
    for (path, text) in texts().iter().filter(|(path, _)| path.ends_with(".rs")) {
        let lines: Vec<_> = text.lines().collect();
        let has_reason =
            |range: &[&str]| range.iter().any(|it| it.trim_start().starts_with(REASON));
        if lines.len() > LONGEST_FILE && !text.starts_with(GENERATED) && !has_reason(&lines[..40]) {
            long.push(format!("{path}: {} lines", lines.len()));
        }
        let mut functions = Functions::default();
        functions.visit_file(&syn::parse_file(text).unwrap());
        for (name, first, last) in functions.found {
            let len = last + 1 - first;
            if len > LONGEST_FUNCTION && !has_reason(&lines[first - 1..last]) {
                long.push(format!("{path}:{first}: `{name}` has {len} lines"));
            }
        }
    }
    assert!(
        long.is_empty(),
        "longer than {LONGEST_FILE} or {LONGEST_FUNCTION} lines, without a comment `{REASON}…`:\n{}",
        long.join("\n")
    );
}

/// The functions of a file, with their first and last lines.
#[derive(Default)]
struct Functions {
    found: Vec<(String, usize, usize)>,
}

impl Functions {
    fn note(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = line(signature.fn_token.span);
        let last = block.span().end().line;
        self.found.push((signature.ident.to_string(), first, last));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.note(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }
}

#[test]
fn comments_and_pages_are_plain_english() {
    let mut found = Vec::new();
    for (path, text) in texts() {
        for (number, line) in text.lines().enumerate() {
            let prose = if path.ends_with(".rs") {
                comment(line)
            } else {
                Some(line)
            };
            if let Some(advice) = prose.and_then(advice) {
                found.push(format!("{path}:{}: {advice}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// The comment of a line that has nothing else.
fn comment(line: &str) -> Option<&str> {
    let comment = line.trim_start().strip_prefix("//")?;
    Some(comment.trim_start_matches(['/', '!']))
}

/// What is better than what a line of prose says.
fn advice(prose: &str) -> Option<&'static str> {
    let words: Vec<_> = prose
        .split_whitespace()
        .map(|it| it.trim_matches(|it: char| !it.is_alphanumeric()))
        .collect();
    let has = |pattern: &[&str]| words.windows(pattern.len()).any(|it| it == pattern);
    let is_no = words.windows(3).enumerate().any(|(at, it)| {
        let is_there = at > 0 && words[at - 1].eq_ignore_ascii_case("there");
        it[..2] == ["is", "no"] && !is_there && !["longer", "faster", "more"].contains(&it[2])
    });
    let is_free = |it: &str| prose.contains(it) || prose.trim_start().starts_with(&it[2..]);
    let begins = [". Who ", ": who ", "; who "].into_iter().any(is_free);
    if is_no {
        Some("say `is not a`, or `there is no`")
    } else if has(&["anew"]) {
        Some("say `again`")
    } else if begins
        || ["of", "for", "by", "than", "after", "so", "So", "does"]
            .iter()
            .any(|it| has(&[it, "who"]))
    {
        Some("say of whom: `a process that`, `the holder`")
    } else {
        None
    }
}

#[test]
fn other_english_would_be_seen() {
    for wrong in [
        " it is no number",
        " Who waits is woken.",
        " it is released: who waits is woken",
        " So who waits is woken.",
        " the word of who holds it",
        " it begins anew.",
    ] {
        assert!(advice(wrong).is_some(), "{wrong}");
    }
    for right in [
        " There is no such name.",
        " that is no longer so",
        " a process that waits",
    ] {
        assert_eq!(advice(right), None, "{right}");
    }
}
