//! Which struct a person means.

use std::collections::{BTreeMap, BTreeSet};

use super::ImportError;
use crate::select::nearest;

/// The number of a type in its file.
pub(super) type Id = u64;

/// The structs of a file by their whole names: `game::Car`, `Foo<int>`.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Those with members, and other names.
    whole: BTreeMap<String, BTreeSet<Id>>,
    /// Those that are named without members.
    declared: BTreeSet<String>,
}

impl Names {
    pub(super) fn add(&mut self, name: &str, id: Id) {
        if is_unnamed(name) {
            return;
        }
        self.whole.entry(name.to_owned()).or_default().insert(id);
    }

    pub(super) fn declare(&mut self, name: &str) {
        if !is_unnamed(name) && !self.declared.contains(name) {
            self.declared.insert(name.to_owned());
        }
    }

    /// The first struct of exactly this name.
    pub(super) fn first(&self, name: &str) -> Option<Id> {
        self.whole.get(name)?.first().copied()
    }

    /// The structs of the name that a person gives, which may lack the namespaces in front.
    pub(super) fn find(&self, wanted: &str) -> Result<&BTreeSet<Id>, ImportError> {
        let names: Vec<_> = self.whole.keys().map(String::as_str).collect();
        match named(wanted, &names).as_slice() {
            [name] => Ok(&self.whole[*name]),
            [] => Err(self.missing(wanted)),
            all => {
                let all = all.iter().map(|it| (*it).to_owned());
                Err(ImportError::Several(wanted.to_owned(), all.collect()))
            }
        }
    }

    /// Why there is no such struct.
    pub(super) fn missing(&self, wanted: &str) -> ImportError {
        let declared: Vec<_> = self.declared.iter().map(String::as_str).collect();
        if let Some(name) = named(wanted, &declared).first() {
            return ImportError::NoMembers((*name).to_owned());
        }
        let names = || self.whole.keys().map(String::as_str);
        let like = |wanted: &str| {
            let wanted = squeezed(wanted).to_lowercase();
            let holds = names().filter(|it| squeezed(it).to_lowercase().contains(&wanted));
            let mut found: Vec<_> = holds.collect();
            let begins = |it: &str| last_part(it).to_lowercase().starts_with(&wanted);
            found.sort_by_key(|it| (!begins(it), it.len()));
            found
        };
        let mut near = like(wanted);
        if near.is_empty() {
            let parts: Vec<_> = names().map(last_part).collect();
            let nearest = nearest(last_part(wanted), &parts);
            near = names()
                .filter(|it| Some(last_part(it)) == nearest)
                .collect();
        }
        if let (true, Some((template, _))) = (near.is_empty(), wanted.split_once('<')) {
            near = like(last_part(template));
        }
        near.truncate(5);
        let near = near.into_iter().map(str::to_owned).collect();
        ImportError::NoType(wanted.to_owned(), near)
    }
}

/// Those of the names that a person means: the one that is the same, or else those that are so in a namespace.
fn named<'a>(wanted: &str, names: &[&'a str]) -> Vec<&'a str> {
    let wanted = squeezed(wanted);
    let wanted = wanted.strip_prefix("::").unwrap_or(&wanted);
    let same = names.iter().find(|it| squeezed(it) == wanted);
    if let Some(same) = same {
        return vec![same];
    }
    let end = format!("::{wanted}");
    let found = names.iter().filter(|it| squeezed(it).ends_with(&end));
    found.copied().collect()
}

/// Without the spaces that compilers write differently: `Foo<A, B<C> >` as `Foo<A,B<C>>`.
pub(super) fn squeezed(name: &str) -> String {
    let mut squeezed = String::with_capacity(name.len());
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_between =
            squeezed.ends_with(is_word) && letters.peek().is_some_and(|it| is_word(*it));
        if letter != ' ' || is_between {
            squeezed.push(letter);
        }
    }
    squeezed
}

/// A name without the namespaces in front: `Foo<a::B>` of `a::Foo<a::B>`.
pub(super) fn last_part(name: &str) -> &str {
    let mut depth = 0_i32;
    let mut begin = 0;
    for (at, letter) in name.char_indices() {
        match letter {
            '<' | '(' => depth += 1,
            '>' | ')' => depth -= 1,
            ':' if depth == 0 => begin = at + 1,
            _ => {}
        }
    }
    &name[begin..]
}

/// Whether a compiler has made up the name: `Page::<unnamed-tag>`.
pub(super) fn is_unnamed(name: &str) -> bool {
    let last = last_part(name);
    last.is_empty() || last.starts_with('<')
}

#[cfg(test)]
mod tests {
    use super::{is_unnamed, last_part, named};

    #[test]
    fn the_last_part_is_without_namespaces() {
        assert_eq!(last_part("Car"), "Car");
        assert_eq!(last_part("game::Car::Wheel"), "Wheel");
        assert_eq!(
            last_part("a::Foo<a::B,c::D<e::F> >"),
            "Foo<a::B,c::D<e::F> >"
        );
        assert_eq!(last_part("`anonymous namespace'::Car"), "Car");
        assert!(is_unnamed("Page::<unnamed-tag>") && is_unnamed("<unnamed-type-place>"));
        assert!(!is_unnamed("Foo<int>"));
    }

    #[test]
    fn spaces_and_namespaces_may_be_left_out() {
        let names = [
            "Car",
            "game::Car",
            "a::Foo<int,b::B<char> >",
            "a::Foo<unsigned int>",
        ];
        assert_eq!(named("Car", &names), ["Car"]);
        assert_eq!(named("::Car", &names), ["Car"]);
        assert_eq!(named("game::Car", &names), ["game::Car"]);
        assert_eq!(named("Foo<int, b::B<char>>", &names), [names[2]]);
        assert_eq!(named("Foo< unsigned int >", &names), [names[3]]);
        assert!(named("Foo<unsignedint>", &names).is_empty());
    }
}
