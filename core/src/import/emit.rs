//! From types to a layout.

use std::collections::{BTreeMap, HashMap, HashSet};

use win_shared_memory_layouts::{Encoding, Field, Layout, Scalar, Struct, Type as FieldType};

use super::names::{Id, last_part, squeezed};
use super::types::{Member, Record, Type, Types};
use super::{ImportError, Imported, remarks};

/// Types hold each other at most so deep, and a layout has at most so many fields.
const DEEPEST: usize = 32;
const MOST_FIELDS: usize = 65_536;

/// So many structs of one name are compared.
const MOST_ALIKE: usize = 256;

type Result<T, E = ImportError> = std::result::Result<T, E>;

pub(super) fn emit(types: &mut dyn Types, name: &str, source: Option<&str>) -> Result<Imported> {
    let ids = types.names().find(name)?.iter().take(MOST_ALIKE);
    let ids: Vec<_> = ids.copied().collect();
    let mut records = Vec::new();
    for id in ids {
        records.extend(record(types, id)?.map(|it| (id, it)));
    }
    let Some((id, record)) = records.first().cloned() else {
        return Err(types.names().missing(name));
    };
    let name = short(name);
    let mut emitter = Emitter {
        types,
        lines: source.map(|it| it.lines().collect()).unwrap_or_default(),
        structs: Vec::new(),
        known: HashMap::new(),
        names: HashSet::new(),
        notes: Vec::new(),
        fields: 0,
        depth: 0,
    };
    for (_, other) in &records {
        if other.size != record.size {
            let (size, others) = (record.size, other.size);
            emitter.note(format!(
                "There are structs `{name}` of {size} and of {others} bytes: this is the first."
            ));
        }
    }
    emitter.structure(id, &record, &name)?;
    let Emitter {
        mut structs, notes, ..
    } = emitter;
    // A struct is made after those that it holds, and the root is the first of a layout.
    structs.reverse();
    let layout = Layout {
        format: 1,
        id: id_of(&name),
        name: Vec::new(),
        doc: None,
        size: None,
        magic: None,
        ready: None,
        consistency: None,
        heartbeat: None,
        serve: None,
        text: Vec::new(),
        variables: None,
        structs,
    };
    layout.check().map_err(ImportError::Unsound)?;
    Ok(Imported { layout, notes })
}

/// The record that a type is, behind other names.
fn record(types: &mut dyn Types, id: Id) -> Result<Option<Record>> {
    Ok(match resolved(types, id)?.1 {
        Type::Record(record) => Some(record),
        _ => None,
    })
}

/// The type behind other names.
fn resolved(types: &mut dyn Types, mut id: Id) -> Result<(Id, Type)> {
    for _ in 0..DEEPEST {
        match types.get(id)? {
            Type::Alias(to) => id = to,
            it => return Ok((id, it)),
        }
    }
    Err(ImportError::TooMuch)
}

struct Emitter<'t> {
    types: &'t mut dyn Types,
    /// Of the source.
    lines: Vec<&'t str>,
    structs: Vec<Struct>,
    /// The names of structs that were made, by type.
    known: HashMap<Id, String>,
    names: HashSet<String>,
    notes: Vec<String>,
    fields: usize,
    depth: usize,
}

/// What a field is: its type, and the names of its values.
type Found = (FieldType, Option<BTreeMap<String, i64>>);

impl Emitter<'_> {
    /// Makes the struct of a record. Returns its name.
    fn structure(&mut self, id: Id, record: &Record, name: &str) -> Result<String> {
        if let Some(name) = self.known.get(&id) {
            return Ok(name.clone());
        }
        self.descend()?;
        let name = self.distinct(name);
        self.known.insert(id, name.clone());
        let mut fields = Vec::new();
        self.members(record, 0, &name, &mut fields)?;
        let mut names = HashSet::new();
        for field in &mut fields {
            field.name = distinct(&mut names, &identifier(&field.name));
        }
        let fields = self.apart(fields, record.size, &name);
        self.structs.push(Struct {
            name: name.clone(),
            doc: None,
            size: Some(record.size),
            fields,
            table: Vec::new(),
        });
        self.depth -= 1;
        Ok(name)
    }

    /// The fields by offset, without those that lie where another is: PDB has the members of unnamed unions as if they were
    /// members.
    fn apart(&mut self, mut fields: Vec<Field>, size: u64, owner: &str) -> Vec<Field> {
        fields.sort_by_key(|it| it.offset);
        let mut end = 0;
        fields.retain(|field| {
            let len = self.size(&field.ty);
            let last = len
                .and_then(|it| field.offset.checked_add(it))
                .filter(|it| *it <= size);
            let is_apart = last.filter(|_| field.offset >= end);
            match is_apart {
                Some(last) => end = last,
                None => self.note(format!(
                    "`{owner}.{}` has bytes of another member: it is not here.",
                    field.name
                )),
            }
            is_apart.is_some()
        });
        fields
    }

    /// The size of a field; nothing if it is too large for any region.
    fn size(&self, ty: &FieldType) -> Option<u64> {
        match ty {
            FieldType::Scalar(scalar) => Some(scalar.size() as u64),
            FieldType::Text { encoding, units } => Some(u64::from(*units) * encoding.unit() as u64),
            FieldType::Bytes(count) => Some(u64::from(*count)),
            FieldType::Array { count, element } => {
                self.size(element)?.checked_mul(u64::from(*count))
            }
            FieldType::Struct(name) => self.structs.iter().find(|it| it.name == *name)?.size,
            _ => None,
        }
    }

    /// The members of a record, those of its bases and of unnamed structs included.
    fn members(
        &mut self,
        record: &Record,
        base: u64,
        owner: &str,
        fields: &mut Vec<Field>,
    ) -> Result<()> {
        let mut members = record.members.as_slice();
        if record.is_union && members.len() > 1 {
            let named = members
                .iter()
                .map(|it| it.name.as_deref().map_or("a struct".to_owned(), plain));
            let named: Vec<_> = named.collect();
            let all = named.join(", ");
            self.note(format!(
                "`{owner}` has a union of {all}: only the first is here."
            ));
            members = &members[..1];
        }
        let mut bits: Vec<(u64, Id, Vec<&Member>)> = Vec::new();
        for member in members {
            let Some(offset) = base.checked_add(member.offset) else {
                return Err(ImportError::TooMuch);
            };
            if member.bits.is_some() {
                match bits.iter_mut().find(|(at, _, _)| *at == offset) {
                    Some((_, _, all)) => all.push(member),
                    None => bits.push((offset, member.ty, vec![member])),
                }
                continue;
            }
            let Some(name) = &member.name else {
                if let (_, Type::Record(inner)) = resolved(self.types, member.ty)? {
                    self.descend()?;
                    self.members(&inner, offset, owner, fields)?;
                    self.depth -= 1;
                }
                continue;
            };
            let Some((ty, names)) = self.field(member.ty, owner, name)? else {
                continue;
            };
            let (doc, unit) = self.remark(member.line, name);
            let mut field = plain_field(offset, name, ty);
            (field.names, field.unit) = (names, unit);
            field.doc = Some(doc).filter(|it| !it.is_empty());
            self.push(fields, field)?;
        }
        for (offset, ty, members) in bits {
            let field = self.bits(offset, ty, &members)?;
            self.push(fields, field)?;
        }
        Ok(())
    }

    /// What the line that declares a member says of it.
    fn remark(&self, line: Option<u64>, name: &str) -> (String, Option<String>) {
        let line = line.and_then(|it| usize::try_from(it).ok()?.checked_sub(1));
        let line = line.and_then(|it| self.lines.get(it));
        // Other members may be of another file.
        let line = line.filter(|it| it.contains(name));
        let remark = line.and_then(|it| remarks::remark(it));
        remark.unwrap_or_default()
    }

    /// What a member is; nothing if it takes no room.
    fn field(&mut self, id: Id, owner: &str, name: &str) -> Result<Option<Found>> {
        self.descend()?;
        let (id, ty) = resolved(self.types, id)?;
        let found = match ty {
            Type::Number(scalar) => Some((FieldType::Scalar(scalar), None)),
            Type::Letter(Encoding::Utf16) => Some((FieldType::Scalar(Scalar::U16), None)),
            Type::Letter(_) => Some((FieldType::Scalar(Scalar::U8), None)),
            Type::Enum(scalar, values) => {
                let names: BTreeMap<_, _> = values.into_iter().collect();
                Some((
                    FieldType::Scalar(scalar),
                    Some(names).filter(|it| !it.is_empty()),
                ))
            }
            Type::Record(record) if record.size == 0 => None,
            Type::Record(record) => {
                let inner = match &record.name {
                    Some(name) => short(name),
                    None => format!("{owner}_{name}"),
                };
                let name = self.structure(id, &record, &inner)?;
                Some((FieldType::Struct(name), None))
            }
            Type::Array(element, count) => self.array(element, count, owner, name)?,
            Type::Alias(_) => None,
            Type::Other(size, what) => {
                let count = u32::try_from(size).map_err(|_| ImportError::TooMuch)?;
                self.note(format!("`{owner}.{}` is {what}: bytes here.", plain(name)));
                (count > 0).then_some((FieldType::Bytes(count), None))
            }
        };
        self.depth -= 1;
        Ok(found)
    }

    fn array(&mut self, element: Id, count: u64, owner: &str, name: &str) -> Result<Option<Found>> {
        let count = u32::try_from(count).map_err(|_| ImportError::TooMuch)?;
        if count == 0 {
            self.note(format!(
                "`{owner}.{}` has no length: it is not here.",
                plain(name)
            ));
            return Ok(None);
        }
        if let (_, Type::Letter(encoding)) = resolved(self.types, element)? {
            let units = count;
            return Ok(Some((FieldType::Text { encoding, units }, None)));
        }
        let found = self.field(element, owner, name)?;
        Ok(found.map(|(element, names)| {
            let element = Box::new(element);
            (FieldType::Array { count, element }, names)
        }))
    }

    /// The number that several bit fields are parts of.
    fn bits(&mut self, offset: u64, ty: Id, members: &[&Member]) -> Result<Field> {
        let scalar = match resolved(self.types, ty)?.1 {
            Type::Number(scalar) | Type::Enum(scalar, _) => scalar,
            _ => Scalar::U32,
        };
        let parts = members.iter().filter_map(|it| {
            let (first, len) = it.bits?;
            Some((plain(it.name.as_deref().unwrap_or("unnamed")), first, len))
        });
        let parts: Vec<_> = parts.collect();
        let is_flag = |(_, first, len): &(String, u64, u64)| *len == 1 && *first < 32;
        let flags = scalar.size() == 4 && parts.iter().all(is_flag);
        let scalar = match scalar {
            _ if flags => Scalar::Bits32,
            Scalar::Bool | Scalar::I8 => Scalar::U8,
            Scalar::I16 => Scalar::U16,
            Scalar::I32 => Scalar::U32,
            Scalar::I64 => Scalar::U64,
            it => it,
        };
        let names = parts
            .iter()
            .map(|(name, _, _)| name.as_str())
            .collect::<Vec<_>>();
        let mut name = names.join("_");
        if name.len() > 40 {
            name = format!("bits_{offset}");
        }
        let mut field = plain_field(offset, &name, FieldType::Scalar(scalar));
        if flags {
            let masks = parts
                .iter()
                .map(|(name, first, _)| (name.clone(), 1_i64 << first));
            field.names = Some(masks.collect());
        } else {
            let told = parts.iter().map(|(name, first, len)| match len {
                1 => format!("bit {first}: {name}"),
                _ => format!(
                    "bits {first} to {}: {name}",
                    first.saturating_add(*len).saturating_sub(1)
                ),
            });
            field.doc = Some(told.collect::<Vec<_>>().join("; "));
        }
        Ok(field)
    }

    fn push(&mut self, fields: &mut Vec<Field>, field: Field) -> Result<()> {
        self.fields += 1;
        if self.fields > MOST_FIELDS {
            return Err(ImportError::TooMuch);
        }
        fields.push(field);
        Ok(())
    }

    fn descend(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ImportError::TooMuch);
        }
        Ok(())
    }

    fn note(&mut self, note: String) {
        if self.notes.len() < 100 && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn distinct(&mut self, name: &str) -> String {
        distinct(&mut self.names, &identifier(name))
    }
}

fn plain_field(offset: u64, name: &str, ty: FieldType) -> Field {
    Field {
        offset,
        name: name.to_owned(),
        ty,
        unit: None,
        doc: None,
        kind: None,
        names: None,
        reference: None,
        len: None,
    }
}

/// The name of a struct without its namespaces: `Foo_int` of `game::Foo<int>`.
fn short(name: &str) -> String {
    let name = squeezed(name);
    let last = last_part(&name);
    match last.contains('<') {
        true => plain(last).trim_end_matches('_').to_owned(),
        false => plain(last),
    }
}

/// A name that can be in a path, and in a comment.
fn identifier(name: &str) -> String {
    let name = plain(name);
    if name.is_empty() {
        "unnamed".to_owned()
    } else {
        name
    }
}

fn plain(name: &str) -> String {
    let fits = |it: char| if it.is_alphanumeric() { it } else { '_' };
    name.chars().take(100).map(fits).collect()
}

fn distinct(taken: &mut HashSet<String>, name: &str) -> String {
    let mut distinct = name.to_owned();
    let mut number = 2;
    while !taken.insert(distinct.clone()) {
        distinct = format!("{name}_{number}");
        number += 1;
    }
    distinct
}

/// `SharedMemory` as `shared-memory`.
fn id_of(name: &str) -> String {
    let mut id = String::new();
    let mut before_is_small = false;
    for character in plain(name).chars() {
        if character == '_' || (character.is_uppercase() && before_is_small) {
            id.push('-');
        }
        if character != '_' {
            id.extend(character.to_lowercase());
        }
        before_is_small = character.is_lowercase() || character.is_ascii_digit();
    }
    id.trim_matches('-').to_owned()
}
