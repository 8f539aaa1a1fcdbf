//! Types from DWARF, which compilers other than Microsoft's put into programs.

use std::borrow::Cow;
use std::collections::HashMap;

use gimli::{
    AttributeValue, DebugInfoOffset, DebuggingInformationEntry, EndianSlice, Reader, RunTimeEndian,
    UnitOffset,
};
use object::{Object, ObjectSection};
use win_shared_memory_layouts::{Encoding, Scalar};

use super::ImportError;
use super::names::{Id, Names};
use super::types::{Member, Record, Type, Types, integer};

type Slice<'a> = EndianSlice<'a, RunTimeEndian>;
type Unit<'a> = gimli::Unit<Slice<'a>>;
type Entry<'a> = DebuggingInformationEntry<Slice<'a>>;
type Result<T, E = ImportError> = std::result::Result<T, E>;

/// A type has at most so many members that are looked at.
const MOST_MEMBERS: usize = 65_536;

/// Names of what a type is in are not made longer than this: a damaged file may nest anything.
const LONGEST_SCOPE: usize = 4096;

/// What the file has of DWARF.
pub(super) struct Sections<'f> {
    dwarf: gimli::DwarfSections<Cow<'f, [u8]>>,
    endian: RunTimeEndian,
}

impl<'f> Sections<'f> {
    pub(super) fn read(file: &'f [u8]) -> Result<Self> {
        let unreadable = |error: object::Error| ImportError::Unreadable(error.to_string());
        let object = object::File::parse(file).map_err(unreadable)?;
        let endian = match object.is_little_endian() {
            true => RunTimeEndian::Little,
            false => RunTimeEndian::Big,
        };
        let dwarf = gimli::DwarfSections::load(|id| {
            let section = object.section_by_name(id.name());
            section.map_or(Ok(Cow::Borrowed(&[][..])), |it| it.uncompressed_data())
        });
        let dwarf = dwarf.map_err(unreadable)?;
        Ok(Self { dwarf, endian })
    }

    pub(super) fn types(&self) -> Result<Dwarf<'_>> {
        let dwarf = self.dwarf.borrow(|it| EndianSlice::new(it, self.endian));
        let mut types = Dwarf {
            dwarf,
            units: Vec::new(),
            names: Names::default(),
            declarations: HashMap::new(),
        };
        types.look_through()?;
        if types.units.is_empty() {
            return Err(ImportError::NoDebugInformation);
        }
        Ok(types)
    }
}

pub(super) struct Dwarf<'a> {
    dwarf: gimli::Dwarf<Slice<'a>>,
    /// By their place in the section.
    units: Vec<(u64, Unit<'a>)>,
    names: Names,
    /// The whole names of structs that are declared alone.
    declarations: HashMap<Id, String>,
}

impl<'a> Dwarf<'a> {
    /// Finds the units and the names.
    fn look_through(&mut self) -> Result<()> {
        let mut headers = self.dwarf.units();
        while let Some(header) = headers.next().map_err(damaged)? {
            let start = header.debug_info_offset().map_or(0, |it| it.0 as u64);
            let unit = self.dwarf.unit(header).map_err(damaged)?;
            let mut entries = unit.entries();
            // The whole names of what an entry is in, each with its depth.
            let mut scopes: Vec<(isize, String)> = Vec::new();
            while let Some(entry) = entries.next_dfs().map_err(damaged)? {
                while scopes
                    .pop_if(|(depth, _)| *depth >= entry.depth())
                    .is_some()
                {}
                let tag = entry.tag();
                if !(is_record(tag)
                    || matches!(tag, gimli::DW_TAG_typedef | gimli::DW_TAG_namespace))
                {
                    continue;
                }
                let id = start + entry.offset().0 as u64;
                let is_declared = entry.attr(gimli::DW_AT_declaration).is_some();
                // A struct that is defined outside of the one that it belongs to says where it is declared.
                let declared = match entry.attr_value(gimli::DW_AT_specification) {
                    Some(AttributeValue::UnitRef(at)) => {
                        self.declarations.get(&(start + at.0 as u64)).cloned()
                    }
                    _ => None,
                };
                let Some(whole) = declared.or_else(|| {
                    let name = name(&self.dwarf, &unit, entry)?;
                    Some(match scopes.last() {
                        Some((_, scope)) if scope.len() < LONGEST_SCOPE => {
                            format!("{scope}::{name}")
                        }
                        _ => name,
                    })
                }) else {
                    continue;
                };
                match tag {
                    gimli::DW_TAG_namespace => {}
                    _ if is_declared => {
                        self.names.declare(&whole);
                        self.declarations.insert(id, whole.clone());
                    }
                    _ => self.names.add(&whole, id),
                }
                if tag != gimli::DW_TAG_typedef && entry.has_children() {
                    scopes.push((entry.depth(), whole));
                }
            }
            self.units.push((start, unit));
        }
        Ok(())
    }

    fn unit(&self, id: Id) -> Result<(usize, UnitOffset)> {
        let number = self.units.partition_point(|(start, _)| *start <= id);
        let number = number.checked_sub(1).ok_or_else(dangling)?;
        let offset = usize::try_from(id - self.units[number].0).map_err(|_| dangling())?;
        Ok((number, UnitOffset(offset)))
    }

    /// The type that an entry says it is of.
    fn of(&self, unit: usize, entry: &Entry<'a>) -> Option<Id> {
        match entry.attr_value(gimli::DW_AT_type)? {
            AttributeValue::UnitRef(offset) => Some(self.units[unit].0 + offset.0 as u64),
            AttributeValue::DebugInfoRef(DebugInfoOffset(offset)) => Some(offset as u64),
            _ => None,
        }
    }

    fn number(entry: &Entry<'a>, at: gimli::DwAt) -> Option<u64> {
        let value = entry.attr_value(at)?;
        value
            .udata_value()
            .or_else(|| u64::try_from(value.sdata_value()?).ok())
    }

    /// Where a member is: a number, and before DWARF 4 an addition of one.
    fn place(entry: &Entry<'a>) -> u64 {
        let at = gimli::DW_AT_data_member_location;
        let mut code = match entry.attr_value(at) {
            Some(AttributeValue::Exprloc(it)) => it.0,
            Some(AttributeValue::Block(it)) => it,
            _ => return Self::number(entry, at).unwrap_or(0),
        };
        match code.read_u8() {
            Ok(op) if op == gimli::DW_OP_plus_uconst.0 => code.read_uleb128().unwrap_or(0),
            _ => 0,
        }
    }

    /// The entries right under one.
    fn children(&self, unit: usize, offset: UnitOffset) -> Result<Vec<Entry<'a>>> {
        let unit = &self.units[unit].1;
        let mut tree = unit.entries_tree(Some(offset)).map_err(damaged)?;
        let mut children = tree.root().map_err(damaged)?.children();
        let mut all = Vec::new();
        while let Some(child) = children.next().map_err(damaged)? {
            all.push(child.entry().clone());
            if all.len() > MOST_MEMBERS {
                return Err(ImportError::TooMuch);
            }
        }
        Ok(all)
    }

    fn record(&mut self, unit: usize, entry: &Entry<'a>) -> Result<Type> {
        let name = name(&self.dwarf, &self.units[unit].1, entry);
        if entry.attr(gimli::DW_AT_declaration).is_some() {
            // Another unit has its members.
            let id = self.units[unit].0 + entry.offset().0 as u64;
            let whole = self.declarations.get(&id);
            let elsewhere = whole.and_then(|it| self.names.first(it));
            return Ok(elsewhere.map_or(
                Type::Other(0, "a type that is not in the file"),
                Type::Alias,
            ));
        }
        let mut record = Record {
            name,
            size: Self::number(entry, gimli::DW_AT_byte_size).unwrap_or(0),
            is_union: entry.tag() == gimli::DW_TAG_union_type,
            members: Vec::new(),
        };
        for child in self.children(unit, entry.offset())? {
            let is_static = child.attr(gimli::DW_AT_external).is_some()
                || child.attr(gimli::DW_AT_declaration).is_some();
            let is_base = child.tag() == gimli::DW_TAG_inheritance;
            if is_static || !(is_base || child.tag() == gimli::DW_TAG_member) {
                continue;
            }
            let Some(ty) = self.of(unit, &child) else {
                continue;
            };
            let mut offset = Self::place(&child);
            let mut bits = None;
            if let Some(len) = Self::number(&child, gimli::DW_AT_bit_size) {
                let storage = self.size(ty, 0)?.max(1);
                let first = self.first_bit(&child, offset, len, storage);
                offset = (first / 8) / storage * storage;
                bits = Some((first - 8 * offset, len));
            }
            record.members.push(Member {
                name: name_of_member(&self.dwarf, &self.units[unit].1, &child),
                offset,
                ty,
                bits,
                line: Self::number(&child, gimli::DW_AT_decl_line),
            });
        }
        Ok(Type::Record(record))
    }

    /// From the beginning of the struct. Before DWARF 4, bits were counted from the other end.
    fn first_bit(&self, child: &Entry<'a>, offset: u64, len: u64, storage: u64) -> u64 {
        if let Some(first) = Self::number(child, gimli::DW_AT_data_bit_offset) {
            return first;
        }
        let end = Self::number(child, gimli::DW_AT_bit_offset).unwrap_or(0);
        let storage = Self::number(child, gimli::DW_AT_byte_size).unwrap_or(storage);
        let within = storage
            .saturating_mul(8)
            .saturating_sub(end.saturating_add(len));
        offset.saturating_mul(8).saturating_add(within)
    }

    /// The size of a number, behind other names.
    fn size(&mut self, id: Id, depth: usize) -> Result<u64> {
        Ok(match self.get(id)? {
            Type::Alias(to) if depth < 32 => self.size(to, depth + 1)?,
            Type::Number(scalar) | Type::Enum(scalar, _) => scalar.size() as u64,
            _ => 4,
        })
    }

    fn array(&mut self, unit: usize, entry: &Entry<'a>) -> Result<Type> {
        let element = self.of(unit, entry).ok_or_else(dangling)?;
        let mut counts = Vec::new();
        for child in self.children(unit, entry.offset())? {
            if child.tag() == gimli::DW_TAG_subrange_type {
                let upper =
                    || Some(Self::number(&child, gimli::DW_AT_upper_bound)?.wrapping_add(1));
                counts.push(
                    Self::number(&child, gimli::DW_AT_count)
                        .or_else(upper)
                        .unwrap_or(0),
                );
            }
        }
        // The outermost dimension stands first. Those within have no entry, so they are numbered here.
        Ok(match counts.len() {
            0 => Type::Array(element, 0),
            1 => Type::Array(element, counts[0]),
            _ => {
                let id = self.units[unit].0 + entry.offset().0 as u64;
                Type::Array(id | INNER, counts[0])
            }
        })
    }

    /// What an element of an array of several dimensions is.
    fn inner(&mut self, id: Id, level: usize) -> Result<Type> {
        let (unit, offset) = self.unit(id)?;
        let entry = self.units[unit].1.entry(offset).map_err(damaged)?;
        let element = self.of(unit, &entry).ok_or_else(dangling)?;
        let mut counts = Vec::new();
        for child in self.children(unit, offset)? {
            let upper = || Some(Self::number(&child, gimli::DW_AT_upper_bound)?.wrapping_add(1));
            counts.push(
                Self::number(&child, gimli::DW_AT_count)
                    .or_else(upper)
                    .unwrap_or(0),
            );
        }
        let count = counts.get(level).copied().unwrap_or(0);
        Ok(if level + 1 >= counts.len() {
            Type::Array(element, count)
        } else {
            Type::Array(id | (level as u64 + 1) << LEVEL, count)
        })
    }

    fn enumeration(&mut self, unit: usize, entry: &Entry<'a>) -> Result<Type> {
        let size = Self::number(entry, gimli::DW_AT_byte_size).unwrap_or(4);
        let mut values = Vec::new();
        for child in self.children(unit, entry.offset())? {
            let value = child.attr_value(gimli::DW_AT_const_value);
            let number = value.and_then(|it| {
                it.sdata_value()
                    .or_else(|| i64::try_from(it.udata_value()?).ok())
            });
            let name = name(&self.dwarf, &self.units[unit].1, &child);
            values.extend(name.zip(number));
        }
        let is_signed = values.iter().any(|(_, value)| *value < 0);
        Ok(integer(size, is_signed)
            .map_or(Type::Other(size, "an enum"), |it| Type::Enum(it, values)))
    }
}

/// Marks the number of a type that is an inner dimension of an array; above it stands which.
const INNER: u64 = 1 << LEVEL;
const LEVEL: u32 = 56;

impl Types for Dwarf<'_> {
    fn names(&self) -> &Names {
        &self.names
    }

    fn get(&mut self, id: Id) -> Result<Type> {
        if id >= INNER {
            return self.inner(id & (INNER - 1), (id >> LEVEL) as usize);
        }
        let (unit, offset) = self.unit(id)?;
        let entry = self.units[unit].1.entry(offset).map_err(damaged)?;
        let size = Self::number(&entry, gimli::DW_AT_byte_size);
        Ok(match entry.tag() {
            tag if is_record(tag) => self.record(unit, &entry)?,
            gimli::DW_TAG_array_type => self.array(unit, &entry)?,
            gimli::DW_TAG_enumeration_type => self.enumeration(unit, &entry)?,
            gimli::DW_TAG_base_type => {
                let encoding = entry.attr_value(gimli::DW_AT_encoding);
                let name = name(&self.dwarf, &self.units[unit].1, &entry);
                base(
                    encoding,
                    size.unwrap_or(0),
                    name.as_deref().unwrap_or_default(),
                )
            }
            gimli::DW_TAG_typedef
            | gimli::DW_TAG_const_type
            | gimli::DW_TAG_volatile_type
            | gimli::DW_TAG_atomic_type
            | gimli::DW_TAG_restrict_type => match self.of(unit, &entry) {
                // Its compilers have it as a number of two bytes.
                Some(_) if is_wide(&self.dwarf, &self.units[unit].1, &entry) => {
                    Type::Letter(Encoding::Utf16)
                }
                Some(to) => Type::Alias(to),
                None => Type::Other(0, "void"),
            },
            gimli::DW_TAG_pointer_type
            | gimli::DW_TAG_reference_type
            | gimli::DW_TAG_rvalue_reference_type
            | gimli::DW_TAG_ptr_to_member_type => {
                let address = u64::from(self.units[unit].1.encoding().address_size);
                Type::Other(size.unwrap_or(address), "a pointer")
            }
            _ => Type::Other(size.unwrap_or(0), "not a number"),
        })
    }
}

fn is_record(tag: gimli::DwTag) -> bool {
    matches!(
        tag,
        gimli::DW_TAG_structure_type | gimli::DW_TAG_class_type | gimli::DW_TAG_union_type
    )
}

fn base(encoding: Option<AttributeValue<Slice<'_>>>, size: u64, name: &str) -> Type {
    let Some(AttributeValue::Encoding(encoding)) = encoding else {
        return Type::Other(size, "not a number");
    };
    let number = |it: Option<Scalar>| {
        it.map_or(
            Type::Other(size, "a number of an unusual size"),
            Type::Number,
        )
    };
    match (encoding, size) {
        (gimli::DW_ATE_boolean, 1) => Type::Number(Scalar::Bool),
        (gimli::DW_ATE_boolean, 4) => Type::Number(Scalar::Bool32),
        (gimli::DW_ATE_float, 4) => Type::Number(Scalar::F32),
        (gimli::DW_ATE_float, 8) => Type::Number(Scalar::F64),
        (gimli::DW_ATE_UTF, 1) => Type::Letter(Encoding::Utf8),
        (gimli::DW_ATE_UTF, 2) => Type::Letter(Encoding::Utf16),
        (gimli::DW_ATE_UTF, 4) => Type::Number(Scalar::Char),
        (_, 1) if name == "char" => Type::Letter(Encoding::Ansi),
        (_, 2) if name == "wchar_t" => Type::Letter(Encoding::Utf16),
        (gimli::DW_ATE_signed | gimli::DW_ATE_signed_char, _) => number(integer(size, true)),
        (gimli::DW_ATE_unsigned | gimli::DW_ATE_unsigned_char | gimli::DW_ATE_boolean, _) => {
            number(integer(size, false))
        }
        _ => Type::Other(size, "a number of an unusual kind"),
    }
}

/// Whether a name of another type says that it is a letter of two bytes.
fn is_wide<'a>(dwarf: &gimli::Dwarf<Slice<'a>>, unit: &Unit<'a>, entry: &Entry<'a>) -> bool {
    entry.tag() == gimli::DW_TAG_typedef
        && name(dwarf, unit, entry)
            .is_some_and(|it| matches!(it.as_str(), "wchar_t" | "WCHAR" | "char16_t"))
}

fn name<'a>(dwarf: &gimli::Dwarf<Slice<'a>>, unit: &Unit<'a>, entry: &Entry<'a>) -> Option<String> {
    let value = entry.attr_value(gimli::DW_AT_name)?;
    let text = dwarf.attr_string(unit, value).ok()?;
    Some(text.to_string_lossy().into_owned())
}

fn name_of_member<'a>(
    dwarf: &gimli::Dwarf<Slice<'a>>,
    unit: &Unit<'a>,
    entry: &Entry<'a>,
) -> Option<String> {
    name(dwarf, unit, entry).filter(|it| !it.is_empty())
}

fn damaged(error: gimli::Error) -> ImportError {
    ImportError::Unreadable(error.to_string())
}

fn dangling() -> ImportError {
    ImportError::Unreadable("a type is not where it should be".to_owned())
}
