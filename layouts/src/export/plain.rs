//! The names of a layout as they are, or as near as a language allows: for languages whose readers have the producer's
//! header at hand.

use std::collections::BTreeMap;

use super::about::{about, code};
use super::facts::{paragraphs, place_of};
use crate::declare::{Declared, Is, Member, Unit};
use crate::model::Layout;
use crate::names::{Unique, comment};

/// The structs of a unit with their names, each after those that it holds.
pub(super) struct Plain<'a> {
    unit: &'a Unit<'a>,
    names: BTreeMap<&'a str, String>,
    words: &'static str,
    spell: fn(&str) -> String,
}

impl<'a> Plain<'a> {
    /// `words` are those that the language has itself; `spell` makes an identifier of a name.
    pub(super) fn new(unit: &'a Unit<'a>, words: &'static str, spell: fn(&str) -> String) -> Self {
        let mut unique = Unique::reserving(words);
        let names = unit.structs.iter();
        let names = names.map(|it| (&*it.name, unique.name(spell(&it.name))));
        Self {
            unit,
            names: names.collect(),
            words,
            spell,
        }
    }

    pub(super) fn structs(&self) -> impl Iterator<Item = (&'a Declared, &str)> {
        let structs = self.unit.structs.iter();
        structs.map(|it| (it, self.name(&it.name)))
    }

    pub(super) fn unit(&self) -> &'a Unit<'a> {
        self.unit
    }

    pub(super) fn layout(&self, it: &Declared) -> &'a Layout {
        self.unit.layouts[it.place.0]
    }

    pub(super) fn name(&self, structure: &str) -> &str {
        self.names.get(structure).map_or("", |it| it)
    }

    /// The members of a struct, with names that are neither words of the language nor that of the struct.
    pub(super) fn members(&self, it: &'a Declared) -> Vec<(String, &'a Member)> {
        let mut unique = Unique::reserving(self.words);
        unique.name(self.name(&it.name).to_owned());
        let named = it.members.iter().map(|member| {
            let name = member.name().map(self.spell);
            let name = name.unwrap_or_else(|| format!("gap_{}", member.offset));
            (unique.name(name), member)
        });
        named.collect()
    }

    /// The path of a field, by the names that its parts have here.
    pub(super) fn path(&self, from: &'a Declared, path: &str) -> Option<String> {
        let steps = self.unit.follow(from, path)?;
        let names = steps.iter().map(|step| {
            let members = self.members(step.owner);
            let mut found = members.into_iter();
            let (name, _) = found.find(|(_, it)| it.offset == step.member.offset)?;
            let index = step.index.map_or_else(String::new, |it| format!("[{it}]"));
            Some(name + &index)
        });
        let names: Option<Vec<_>> = names.collect();
        names.map(|it| it.join("."))
    }

    /// What comments say of a struct.
    pub(super) fn docs(&self, it: &Declared) -> Vec<String> {
        let path = |path: &str| code(path);
        let mut all: Vec<_> = it.doc.as_deref().map(comment).into_iter().collect();
        if it.is_root {
            all.extend(paragraphs(self.layout(it), &path, comment));
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
) -> impl Iterator<Item = (&'a str, &'a Member, Vec<(&'a str, i64)>)> {
    members.iter().filter_map(|(name, member)| {
        let Is::Field(field) = &member.is else {
            return None;
        };
        let names = field.names.as_ref()?.iter();
        let mut values: Vec<_> = names.map(|(name, value)| (&**name, *value)).collect();
        values.sort_by_key(|(_, value)| *value);
        Some((&**name, *member, values))
    })
}
