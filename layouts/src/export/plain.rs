//! The names of a layout as they are, or as near as a language allows: for languages whose readers have the producer's
//! header at hand.

use std::collections::BTreeMap;

use super::about::{about, code};
use super::facts::{paragraphs, place_of};
use crate::declare::{Declared, Is, Member, Unit};
use crate::names::{Unique, comment, plain};

/// The structs of a unit with their names, each after those that it holds.
pub(super) struct Plain<'a> {
    unit: &'a Unit<'a>,
    names: BTreeMap<&'a str, String>,
    words: &'static str,
}

impl<'a> Plain<'a> {
    /// `words` are those that the language has itself.
    pub(super) fn new(unit: &'a Unit<'a>, words: &'static str) -> Self {
        let mut unique = Unique::reserving(words);
        let names = unit.structs.iter();
        let names = names.map(|it| (&*it.name, unique.name(plain(&it.name))));
        Self {
            unit,
            names: names.collect(),
            words,
        }
    }

    pub(super) fn structs(&self) -> impl Iterator<Item = (&'a Declared, &str)> {
        let structs = self.unit.structs.iter();
        structs.map(|it| (it, self.name(&it.name)))
    }

    pub(super) fn unit(&self) -> &'a Unit<'a> {
        self.unit
    }

    pub(super) fn name(&self, structure: &str) -> &str {
        self.names.get(structure).map_or("", |it| it)
    }

    /// The members of a struct, with names that are neither words of the language nor that of the struct.
    pub(super) fn members(&self, it: &'a Declared) -> Vec<(String, &'a Member)> {
        let mut unique = Unique::reserving(self.words);
        unique.name(self.name(&it.name).to_owned());
        let named = it.members.iter().map(|member| {
            let name = member.name().map(plain);
            let name = name.unwrap_or_else(|| format!("gap_{}", member.offset));
            (unique.name(name), member)
        });
        named.collect()
    }

    /// What comments say of a struct.
    pub(super) fn docs(&self, it: &Declared) -> Vec<String> {
        let path = |path: &str| code(path);
        let mut all: Vec<_> = it.doc.as_deref().map(comment).into_iter().collect();
        if it.is_root {
            all.extend(paragraphs(self.unit.layouts[it.place.0], &path, comment));
        }
        all.extend(it.tables.iter().map(|it| place_of(it, &path)));
        all
    }

    /// The layouts that all of it comes from.
    pub(super) fn source(&self) -> String {
        let ids = self
            .unit
            .layouts
            .iter()
            .map(|it| format!("`{}`", code(&it.id)));
        ids.collect::<Vec<_>>().join(", ")
    }
}

/// What a comment says of a member, if it says more than the member itself.
pub(super) fn note(member: &Member) -> Option<String> {
    about(member, comment)
}

/// The members whose values have names, with these.
pub(super) fn named<'a>(
    members: &'a [(String, &'a Member)],
) -> impl Iterator<Item = (&'a str, Vec<(&'a str, i64)>)> {
    members.iter().filter_map(|(name, member)| {
        let Is::Field(field) = &member.is else {
            return None;
        };
        let names = field.names.as_ref()?.iter();
        let mut values: Vec<_> = names.map(|(name, value)| (&**name, *value)).collect();
        values.sort_by_key(|(_, value)| *value);
        Some((&**name, values))
    })
}
