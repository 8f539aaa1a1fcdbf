//! Types from PDB, which Microsoft's compiler writes, and Clang where it is asked to.

use std::collections::HashMap;
use std::io::Cursor;

use pdb2::{
    ClassType, FallibleIterator, Indirection, PrimitiveKind, RawString, SymbolData, SymbolTable,
    TypeData, TypeFinder, TypeIndex, TypeInformation, TypeProperties, UnionType, Variant,
};
use win_shared_memory_layouts::{Encoding, Scalar};

use super::ImportError;
use super::names::{Id, Names, is_unnamed};
use super::types::{Member, Record, Type, Types};

type Result<T, E = ImportError> = std::result::Result<T, E>;

/// A type has at most so many members that are looked at, and types hold each other at most so deep.
const MOST_MEMBERS: usize = 65_536;
const DEEPEST: usize = 32;

/// What the file has of types.
pub(super) struct Stream<'f> {
    types: TypeInformation<'f>,
    /// Where the names are that a typedef gives; a file may be without.
    symbols: Option<SymbolTable<'f>>,
}

impl<'f> Stream<'f> {
    pub(super) fn read(file: &'f [u8]) -> Result<Self> {
        let mut pdb = pdb2::PDB::open(Cursor::new(file)).map_err(damaged)?;
        Ok(Self {
            types: pdb.type_information().map_err(damaged)?,
            symbols: pdb.global_symbols().ok(),
        })
    }

    pub(super) fn types(&self) -> Result<Pdb<'_>> {
        let mut types = Pdb {
            finder: self.types.finder(),
            names: Names::default(),
            whole: HashMap::new(),
        };
        let mut all = self.types.iter();
        while let Some(it) = all.next().map_err(damaged)? {
            types.finder.update(&all);
            let (name, unique, properties) = match it.parse() {
                Ok(TypeData::Class(it)) => (it.name, it.unique_name, it.properties),
                Ok(TypeData::Union(it)) => (it.name, it.unique_name, it.properties),
                _ => continue,
            };
            if properties.forward_reference() {
                types.names.declare(&name.to_string());
            } else {
                let id = Id::from(it.index().0);
                types.names.add(&name.to_string(), id);
                types.whole.entry(key(name, unique)).or_insert(id);
            }
        }
        types.other_names(self.symbols.as_ref());
        Ok(types)
    }
}

pub(super) struct Pdb<'s> {
    finder: TypeFinder<'s>,
    names: Names,
    /// The structs that have members, by their [`key`].
    whole: HashMap<String, Id>,
}

/// What tells a struct from those that are called the same elsewhere in the program, if the compiler says it.
fn key(name: RawString<'_>, unique: Option<RawString<'_>>) -> String {
    unique.unwrap_or(name).to_string().into_owned()
}

impl<'s> Pdb<'s> {
    /// Adds the names that typedefs give to structs. Of a damaged table, those up to the damage.
    fn other_names(&mut self, symbols: Option<&SymbolTable<'_>>) {
        let Some(symbols) = symbols else { return };
        let mut all = symbols.iter();
        while let Ok(Some(symbol)) = all.next() {
            if let Ok(SymbolData::UserDefinedType(it)) = symbol.parse()
                && let Ok(Some(id)) = self.struct_of(it.type_index)
            {
                self.names.add(&it.name.to_string(), id);
            }
        }
    }

    /// The struct with its members that a type is.
    fn struct_of(&self, index: TypeIndex) -> Result<Option<Id>> {
        Ok(match self.data(index)? {
            TypeData::Class(it) => self.whole(index, it.properties, it.name, it.unique_name),
            TypeData::Union(it) => self.whole(index, it.properties, it.name, it.unique_name),
            TypeData::Modifier(it) => match self.data(it.underlying_type)? {
                TypeData::Modifier(_) => None,
                _ => self.struct_of(it.underlying_type)?,
            },
            _ => None,
        })
    }

    /// The struct with its members, where there is one: this may only be its name.
    fn whole(
        &self,
        index: TypeIndex,
        properties: TypeProperties,
        name: RawString<'_>,
        unique: Option<RawString<'_>>,
    ) -> Option<Id> {
        match properties.forward_reference() {
            false => Some(Id::from(index.0)),
            true => self.whole.get(&key(name, unique)).copied(),
        }
    }

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
            name: Some(name).filter(|it| !is_unnamed(it)),
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
            TypeData::Primitive(it) => match primitive(it.kind, it.indirection) {
                Type::Number(scalar) => scalar.size() as u64,
                Type::Letter(encoding) => encoding.unit() as u64,
                Type::Other(size, _) => size,
                _ => 0,
            },
            TypeData::Class(ClassType { size, .. }) | TypeData::Union(UnionType { size, .. }) => {
                match self.struct_of(index)? {
                    Some(whole) if whole != Id::from(index.0) => {
                        self.size(self::index(whole)?, depth + 1)?
                    }
                    _ => size,
                }
            }
            TypeData::Enumeration(it) => self.size(it.underlying_type, depth + 1)?,
            TypeData::Modifier(it) => self.size(it.underlying_type, depth + 1)?,
            TypeData::Pointer(it) => u64::from(it.attributes.size()),
            TypeData::Array(it) => it.dimensions.last().copied().map_or(0, u64::from),
            _ => 0,
        })
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
            TypeData::Primitive(it) => match primitive(it.kind, it.indirection) {
                Type::Letter(Encoding::Ansi) => Type::Number(Scalar::I8),
                Type::Letter(Encoding::Utf8) => Type::Number(Scalar::U8),
                Type::Letter(_) => Type::Number(Scalar::U16),
                number => number,
            },
            _ => Type::Other(0, "not a number"),
        })
    }
}

impl Types for Pdb<'_> {
    fn names(&self) -> &Names {
        &self.names
    }

    fn get(&mut self, id: Id) -> Result<Type> {
        let own = index(id)?;
        Ok(match self.data(own)? {
            TypeData::Primitive(it) => primitive(it.kind, it.indirection),
            TypeData::Class(it) => match self.whole(own, it.properties, it.name, it.unique_name) {
                Some(whole) if whole != id => Type::Alias(whole),
                Some(_) => {
                    let name = it.name.to_string().into_owned();
                    Type::Record(self.record(name, it.size, it.fields, false)?)
                }
                None => Type::Other(0, "a type that is not in the file"),
            },
            TypeData::Union(it) => match self.whole(own, it.properties, it.name, it.unique_name) {
                Some(whole) if whole != id => Type::Alias(whole),
                Some(_) => {
                    let name = it.name.to_string().into_owned();
                    Type::Record(self.record(name, it.size, Some(it.fields), true)?)
                }
                None => Type::Other(0, "a type that is not in the file"),
            },
            TypeData::Enumeration(it) => self.enumeration(it.fields, it.underlying_type)?,
            TypeData::Modifier(it) => Type::Alias(Id::from(it.underlying_type.0)),
            TypeData::Pointer(it) => Type::Other(u64::from(it.attributes.size()), "a pointer"),
            TypeData::Array(it) => {
                let size = self.size(it.element_type, 0)?;
                let whole = it.dimensions.last().copied().map_or(0, u64::from);
                match whole.checked_div(size) {
                    Some(count) => Type::Array(Id::from(it.element_type.0), count),
                    // Clang has no type for a `char8_t`.
                    None => Type::Other(whole, "of a type that is not in the file"),
                }
            }
            _ => Type::Other(0, "not a number"),
        })
    }
}

fn primitive(kind: PrimitiveKind, pointer: Option<Indirection>) -> Type {
    const UNUSUAL: &str = "a number of an unusual size";
    if let Some(pointer) = pointer {
        return Type::Other(address(pointer), "a pointer");
    }
    Type::Number(match kind {
        // A `signed char`, which is `int8_t`, has a kind of its own: `Char`.
        PrimitiveKind::RChar => return Type::Letter(Encoding::Ansi),
        PrimitiveKind::Char8 => return Type::Letter(Encoding::Utf8),
        PrimitiveKind::WChar | PrimitiveKind::RChar16 => return Type::Letter(Encoding::Utf16),
        PrimitiveKind::UChar | PrimitiveKind::U8 => Scalar::U8,
        PrimitiveKind::Char | PrimitiveKind::I8 => Scalar::I8,
        PrimitiveKind::Short | PrimitiveKind::I16 => Scalar::I16,
        PrimitiveKind::UShort | PrimitiveKind::U16 => Scalar::U16,
        PrimitiveKind::Long | PrimitiveKind::I32 | PrimitiveKind::HRESULT => Scalar::I32,
        PrimitiveKind::ULong | PrimitiveKind::U32 => Scalar::U32,
        PrimitiveKind::Quad | PrimitiveKind::I64 => Scalar::I64,
        PrimitiveKind::UQuad | PrimitiveKind::U64 => Scalar::U64,
        PrimitiveKind::F32 | PrimitiveKind::F32PP => Scalar::F32,
        PrimitiveKind::F64 => Scalar::F64,
        PrimitiveKind::Bool8 => Scalar::Bool,
        PrimitiveKind::Bool32 => Scalar::Bool32,
        PrimitiveKind::RChar32 => Scalar::Char,
        PrimitiveKind::Bool16 | PrimitiveKind::F16 => return Type::Other(2, UNUSUAL),
        PrimitiveKind::F48 => return Type::Other(6, UNUSUAL),
        PrimitiveKind::Bool64 | PrimitiveKind::Complex32 => return Type::Other(8, UNUSUAL),
        PrimitiveKind::F80 => return Type::Other(10, UNUSUAL),
        PrimitiveKind::Octa
        | PrimitiveKind::UOcta
        | PrimitiveKind::I128
        | PrimitiveKind::U128
        | PrimitiveKind::F128
        | PrimitiveKind::Complex64 => return Type::Other(16, UNUSUAL),
        PrimitiveKind::Complex80 => return Type::Other(20, UNUSUAL),
        PrimitiveKind::Complex128 => return Type::Other(32, UNUSUAL),
        _ => return Type::Other(0, "not a number"),
    })
}

/// The size of a pointer.
fn address(pointer: Indirection) -> u64 {
    match pointer {
        Indirection::Near16 => 2,
        Indirection::Far16 | Indirection::Huge16 | Indirection::Near32 => 4,
        Indirection::Far32 => 6,
        Indirection::Near64 => 8,
        Indirection::Near128 => 16,
    }
}

fn index(id: Id) -> Result<TypeIndex> {
    let index = u32::try_from(id).map_err(|_| ImportError::TooMuch)?;
    Ok(TypeIndex(index))
}

fn damaged(error: pdb2::Error) -> ImportError {
    ImportError::Unreadable(error.to_string())
}
