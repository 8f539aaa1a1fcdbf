//! Types from PDB, which Microsoft's compiler writes, and Clang where it is asked to.

use std::collections::HashMap;
use std::io::Cursor;

use pdb2::{
    ClassType, FallibleIterator, PrimitiveKind, TypeData, TypeFinder, TypeIndex, TypeInformation,
    Variant,
};
use win_shared_memory_layouts::{Encoding, Scalar};

use super::ImportError;
use super::types::{Id, Member, Record, Type, Types};

type Result<T, E = ImportError> = std::result::Result<T, E>;

/// A type has at most so many members that are looked at, and types hold each other at most so deep.
const MOST_MEMBERS: usize = 65_536;
const DEEPEST: usize = 32;

/// What the file has of types.
pub(super) struct Stream<'f>(TypeInformation<'f>);

impl<'f> Stream<'f> {
    pub(super) fn read(file: &'f [u8]) -> Result<Self> {
        let mut pdb = pdb2::PDB::open(Cursor::new(file)).map_err(damaged)?;
        Ok(Self(pdb.type_information().map_err(damaged)?))
    }

    pub(super) fn types(&self) -> Result<Pdb<'_>> {
        let mut finder = self.0.finder();
        let mut names: HashMap<String, Vec<Id>> = HashMap::new();
        let mut all = self.0.iter();
        while let Some(it) = all.next().map_err(damaged)? {
            finder.update(&all);
            let (name, is_forward) = match it.parse() {
                Ok(TypeData::Class(it)) => (it.name, it.properties.forward_reference()),
                Ok(TypeData::Union(it)) => (it.name, it.properties.forward_reference()),
                _ => continue,
            };
            if !is_forward {
                let id = Id::from(it.index().0);
                names
                    .entry(name.to_string().into_owned())
                    .or_default()
                    .push(id);
            }
        }
        Ok(Pdb { finder, names })
    }
}

pub(super) struct Pdb<'s> {
    finder: TypeFinder<'s>,
    /// The structs that have members.
    names: HashMap<String, Vec<Id>>,
}

impl<'s> Pdb<'s> {
    fn data(&self, index: TypeIndex) -> Result<TypeData<'s>> {
        let item = self.finder.find(index).map_err(damaged)?;
        item.parse().map_err(damaged)
    }

    fn record(
        &self,
        name: String,
        size: u64,
        fields: Option<TypeIndex>,
        is_union: bool,
    ) -> Result<Record> {
        let mut record = Record {
            name: Some(name).filter(|it| !it.starts_with('<')),
            size,
            is_union,
            members: Vec::new(),
        };
        let member = |name: Option<String>, offset: u64, ty: TypeIndex| Member {
            name,
            offset,
            ty: Id::from(ty.0),
            bits: None,
            line: None,
        };
        for field in self.fields(fields)? {
            record.members.push(match field {
                TypeData::Member(it) => {
                    let name = it.name.to_string().into_owned();
                    let name = Some(name).filter(|it| !it.is_empty() && !it.starts_with('<'));
                    match self.data(it.field_type)? {
                        TypeData::Bitfield(bits) => Member {
                            bits: Some((u64::from(bits.position), u64::from(bits.length))),
                            ..member(name, it.offset, bits.underlying_type)
                        },
                        _ => member(name, it.offset, it.field_type),
                    }
                }
                TypeData::BaseClass(it) => member(None, u64::from(it.offset), it.base_class),
                _ => continue,
            });
        }
        Ok(record)
    }

    /// The fields of a list and of those that go on with it.
    fn fields(&self, mut list: Option<TypeIndex>) -> Result<Vec<TypeData<'s>>> {
        let mut all = Vec::new();
        for _ in 0..MOST_MEMBERS {
            let Some(index) = list else { return Ok(all) };
            let TypeData::FieldList(it) = self.data(index)? else {
                return Ok(all);
            };
            all.extend(it.fields);
            if all.len() > MOST_MEMBERS {
                break;
            }
            list = it.continuation;
        }
        Err(ImportError::TooMuch)
    }

    fn size(&self, index: TypeIndex, depth: usize) -> Result<u64> {
        if depth > DEEPEST {
            return Err(ImportError::TooMuch);
        }
        Ok(match self.data(index)? {
            TypeData::Primitive(it) if it.indirection.is_none() => match primitive(it.kind) {
                Type::Number(scalar) => scalar.size() as u64,
                Type::Letter(encoding) => encoding.unit() as u64,
                Type::Other(size, _) => size,
                _ => 0,
            },
            TypeData::Primitive(_) => 8,
            TypeData::Class(it) => self.whole(&it)?.size,
            TypeData::Union(it) => it.size,
            TypeData::Enumeration(it) => self.size(it.underlying_type, depth + 1)?,
            TypeData::Modifier(it) => self.size(it.underlying_type, depth + 1)?,
            TypeData::Pointer(it) => u64::from(it.attributes.size()),
            TypeData::Array(it) => it.dimensions.last().copied().map_or(0, u64::from),
            _ => 0,
        })
    }

    /// The class with its members, where there is one: this may only be its name.
    fn whole(&self, it: &ClassType<'s>) -> Result<ClassType<'s>> {
        if it.properties.forward_reference() {
            let ids = self.names.get(&*it.name.to_string());
            if let Some(id) = ids.and_then(|it| it.first())
                && let TypeData::Class(whole) = self.data(index(*id)?)?
            {
                return Ok(whole);
            }
        }
        Ok(it.clone())
    }

    fn enumeration(&self, fields: TypeIndex, ty: TypeIndex) -> Result<Type> {
        let mut values = Vec::new();
        for field in self.fields(Some(fields))? {
            if let TypeData::Enumerate(it) = field {
                let value = match it.value {
                    Variant::U8(it) => i64::from(it),
                    Variant::U16(it) => i64::from(it),
                    Variant::U32(it) => i64::from(it),
                    Variant::U64(it) => it as i64,
                    Variant::I8(it) => i64::from(it),
                    Variant::I16(it) => i64::from(it),
                    Variant::I32(it) => i64::from(it),
                    Variant::I64(it) => it,
                };
                values.push((it.name.to_string().into_owned(), value));
            }
        }
        let Type::Number(scalar) = self.number(ty)? else {
            return Ok(Type::Other(self.size(ty, 0)?, "an enum"));
        };
        if matches!(scalar, Scalar::I8 | Scalar::I16 | Scalar::I32) {
            // Negative values are stored as if they had no sign.
            let above = 64 - 8 * scalar.size();
            values
                .iter_mut()
                .for_each(|(_, it)| *it = *it << above >> above);
        }
        Ok(Type::Enum(scalar, values))
    }

    /// The number that an enum is.
    fn number(&self, ty: TypeIndex) -> Result<Type> {
        Ok(match self.data(ty)? {
            TypeData::Primitive(it) if it.indirection.is_none() => match primitive(it.kind) {
                Type::Letter(Encoding::Ansi) => Type::Number(Scalar::I8),
                Type::Letter(_) => Type::Number(Scalar::U16),
                number => number,
            },
            _ => Type::Other(0, "not a number"),
        })
    }
}

impl Types for Pdb<'_> {
    fn find(&mut self, name: &str) -> Vec<Id> {
        if let Some(found) = self.names.get(name) {
            return found.clone();
        }
        let end = format!("::{name}");
        let found = self.names.iter().filter(|(it, _)| it.ends_with(&end));
        found.flat_map(|(_, ids)| ids.clone()).collect()
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.names.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    fn get(&mut self, id: Id) -> Result<Type> {
        Ok(match self.data(index(id)?)? {
            TypeData::Primitive(it) if it.indirection.is_none() => primitive(it.kind),
            TypeData::Primitive(_) => Type::Other(8, "a pointer"),
            TypeData::Class(it) => {
                let it = self.whole(&it)?;
                let name = it.name.to_string().into_owned();
                Type::Record(self.record(name, it.size, it.fields, false)?)
            }
            TypeData::Union(it) => {
                let name = it.name.to_string().into_owned();
                let whole = self.names.get(&name).and_then(|it| it.first()).copied();
                match whole {
                    Some(whole) if it.properties.forward_reference() && whole != id => {
                        Type::Alias(whole)
                    }
                    _ => Type::Record(self.record(name, it.size, Some(it.fields), true)?),
                }
            }
            TypeData::Enumeration(it) => self.enumeration(it.fields, it.underlying_type)?,
            TypeData::Modifier(it) => Type::Alias(Id::from(it.underlying_type.0)),
            TypeData::Pointer(it) => Type::Other(u64::from(it.attributes.size()), "a pointer"),
            TypeData::Array(it) => {
                let size = self.size(it.element_type, 0)?;
                let whole = it.dimensions.last().copied().map_or(0, u64::from);
                Type::Array(
                    Id::from(it.element_type.0),
                    whole.checked_div(size).unwrap_or(0),
                )
            }
            _ => Type::Other(0, "not a number"),
        })
    }
}

fn primitive(kind: PrimitiveKind) -> Type {
    Type::Number(match kind {
        PrimitiveKind::RChar | PrimitiveKind::Char => return Type::Letter(Encoding::Ansi),
        PrimitiveKind::WChar | PrimitiveKind::RChar16 => return Type::Letter(Encoding::Utf16),
        PrimitiveKind::UChar | PrimitiveKind::U8 => Scalar::U8,
        PrimitiveKind::I8 => Scalar::I8,
        PrimitiveKind::Short | PrimitiveKind::I16 => Scalar::I16,
        PrimitiveKind::UShort | PrimitiveKind::U16 => Scalar::U16,
        PrimitiveKind::Long | PrimitiveKind::I32 | PrimitiveKind::HRESULT => Scalar::I32,
        PrimitiveKind::ULong | PrimitiveKind::U32 => Scalar::U32,
        PrimitiveKind::Quad | PrimitiveKind::I64 => Scalar::I64,
        PrimitiveKind::UQuad | PrimitiveKind::U64 => Scalar::U64,
        PrimitiveKind::F32 => Scalar::F32,
        PrimitiveKind::F64 => Scalar::F64,
        PrimitiveKind::Bool8 => Scalar::Bool,
        PrimitiveKind::Bool32 => Scalar::Bool32,
        PrimitiveKind::RChar32 => Scalar::Char,
        PrimitiveKind::F80 => return Type::Other(10, "a number of an unusual size"),
        _ => return Type::Other(0, "not a number"),
    })
}

fn index(id: Id) -> Result<TypeIndex> {
    let index = u32::try_from(id).map_err(|_| ImportError::TooMuch)?;
    Ok(TypeIndex(index))
}

fn damaged(error: pdb2::Error) -> ImportError {
    ImportError::Unreadable(error.to_string())
}
