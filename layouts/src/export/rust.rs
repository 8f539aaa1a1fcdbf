//! Rust, for the crate `win-shared-memory`.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use crate::declare::{Declared, Element, Is, Member, Step, Unit};
use crate::export::about::{about, code};
use crate::export::facts;
use crate::model::{Field, Layout};
use crate::names::{Unique, comment, common_prefix, pascal, quoted, snake, words};
use crate::types::Scalar;

mod root;
mod values;

use values::Values;

/// What the code names itself.
const TYPES: &str = "None Option Result Self SharedData SharedMemoryError Table View";

const KEYWORDS: &str = "\
    abstract as async await become box break const continue do dyn else enum extern false final fn for \
    gen if impl in let loop macro match mod move mut override priv pub ref return static struct trait \
    true try type typeof unsafe unsized use virtual where while";

pub(super) fn rust(unit: &Unit<'_>) -> String {
    Rust::new(unit).file()
}

struct Rust<'a> {
    unit: &'a Unit<'a>,
    /// In the order of the layouts.
    structs: Vec<&'a Declared>,
    types: BTreeMap<&'a str, String>,
    /// The names of the members of each struct.
    members: BTreeMap<&'a str, Vec<String>>,
    /// The types for values, by the first field that has them.
    values: Vec<(String, Values)>,
    value_types: HashMap<Values, String>,
}

impl<'a> Rust<'a> {
    fn new(unit: &'a Unit<'a>) -> Self {
        let mut structs: Vec<_> = unit.structs.iter().collect();
        structs.sort_by_key(|it| it.place);
        let is_of_layout = |it: &Declared| it.place.1 < unit.layouts[it.place.0].structs.len();
        let names = structs.iter().filter(|it| is_of_layout(it));
        let prefix = common_prefix(&names.map(|it| words(&it.name)).collect::<Vec<_>>());
        let mut unique = Unique::reserving(TYPES);
        let types = structs.iter().map(|it| {
            let words = words(&it.name);
            let prefix = if is_of_layout(it) { prefix } else { 0 };
            let own = words.get(prefix..).unwrap_or_default();
            (&*it.name, unique.name(pascal(own)))
        });
        let mut rust = Self {
            unit,
            types: types.collect(),
            members: structs.iter().map(|it| (&*it.name, names_of(it))).collect(),
            structs,
            values: Vec::new(),
            value_types: HashMap::new(),
        };
        for it in rust.structs.clone() {
            for member in &it.members {
                rust.name_values(it, member, &mut unique);
            }
        }
        rust
    }

    /// Finds a type for the values of a field, if they have names.
    fn name_values(&mut self, owner: &Declared, member: &Member, unique: &mut Unique) {
        let (Some(values), Some(name)) = (Values::of(member), member.name()) else {
            return;
        };
        if self.value_types.contains_key(&values) {
            return;
        }
        let owner_name = &self.types[&*owner.name];
        let mut name = pascal(&words(&snake(name)));
        if unique.is_taken(&name) {
            name.insert_str(0, owner_name);
        }
        let field = format!("{owner_name}::{}", self.name_in(owner, member));
        self.value_types.insert(values.clone(), unique.name(name));
        self.values.push((field, values));
    }

    fn layout(&self, it: &Declared) -> &'a Layout {
        self.unit.layouts[it.place.0]
    }

    fn file(&self) -> String {
        let ids = self.unit.layouts.iter();
        let ids: Vec<_> = ids.map(|it| format!("`{}`", code(&it.id))).collect();
        let plural = if ids.len() == 1 { "" } else { "s" };
        let mut out = format!(
            "// @generated from the layout{plural} {}.\n",
            ids.join(", ")
        );
        let mut imports = String::new();
        if self.structs.iter().any(|it| it.size > 0) {
            imports += "use win_shared_memory::SharedData;\n";
        }
        if self
            .structs
            .iter()
            .any(|it| !root::tables(self, it).is_empty())
        {
            imports +=
                "#[cfg(windows)]\nuse win_shared_memory::{SharedMemoryError, Table, View};\n";
        }
        if !imports.is_empty() {
            out.push('\n');
            out += &imports;
        }
        for it in &self.structs {
            self.structure(&mut out, it);
        }
        for (field, values) in &self.values {
            values.write(&mut out, &self.value_types[values], field);
        }
        out
    }

    fn structure(&self, out: &mut String, it: &'a Declared) {
        let name = &self.types[&*it.name];
        let _ = writeln!(out, "\n/// `{}`", code(&it.name));
        let mut paragraphs: Vec<_> = it.doc.as_deref().map(prose).into_iter().collect();
        if it.is_root {
            let path = |path: &str| self.path(it, path);
            paragraphs.extend(facts::paragraphs(self.layout(it), &path, prose));
        }
        for paragraph in paragraphs {
            let _ = writeln!(out, "///\n/// {paragraph}");
        }
        if it.size == 0 {
            let _ = writeln!(out, "#[derive(Clone, Copy, Debug)]\npub struct {name};");
        } else {
            self.fields(out, it, name);
        }
        let mut items = String::new();
        if it.is_root {
            items += &root::constants(self, it);
        }
        items += &self.units(it);
        for (table, arguments) in root::tables(self, it) {
            items += &root::table(self, table, &arguments);
        }
        if !items.is_empty() {
            let _ = write!(out, "\nimpl {name} {{{items}}}\n");
        }
    }

    fn fields(&self, out: &mut String, it: &Declared, name: &str) {
        out.push_str("#[derive(Clone, Copy, Debug, PartialEq, SharedData)]\n");
        let packed = match it.align {
            align if align == it.natural_align => String::new(),
            1 => ", packed".to_owned(),
            align => format!(", packed({align})"),
        };
        let _ = writeln!(out, "#[repr(C{packed})]\npub struct {name} {{");
        for (member, name) in it.members.iter().zip(&self.members[&*it.name]) {
            let about = about(member, prose);
            let doc = match (member.name(), about) {
                (Some(name), Some(about)) => {
                    format!("`{}`: {}.", code(name), about.trim_end_matches('.'))
                }
                (Some(name), None) => format!("`{}`", code(name)),
                (None, _) => "Padding, or unknown.".to_owned(),
            };
            let _ = writeln!(out, "    /// {doc}\n    pub {name}: {},", self.ty(member));
        }
        out.push_str("}\n");
        // All bytes are in fields, so where the size is right, the offsets are.
        let size = it.size;
        let _ = writeln!(
            out,
            "\nconst _: () = assert!(size_of::<{name}>() == {size});"
        );
    }

    fn units(&self, it: &Declared) -> String {
        let members = it.members.iter().zip(&self.members[&*it.name]);
        let units = members.filter_map(|(member, name)| match &member.is {
            Is::Field(Field {
                unit: Some(unit), ..
            }) => {
                let name = name.trim_start_matches("r#");
                Some(format!("        ({name:?}, {}),\n", quoted(unit)))
            }
            _ => None,
        });
        let units: String = units.collect();
        if units.is_empty() {
            return units;
        }
        let constant = "pub const UNITS: &[(&str, &str)]";
        format!("\n    /// The units of its fields.\n    {constant} = &[\n{units}    ];\n")
    }

    fn ty(&self, member: &Member) -> String {
        let named = Values::of(member).and_then(|values| self.value_types.get(&values));
        let element = match (&member.element, named) {
            (_, Some(name)) => name.clone(),
            (Element::Scalar(scalar), _) => scalar_type(*scalar).to_owned(),
            (Element::Unit(size), _) => format!("u{}", 8 * size),
            (Element::Struct(name), _) => self.types[&**name].clone(),
        };
        let counts = member.counts.iter().rev();
        counts.fold(element, |inner, count| format!("[{inner}; {count}]"))
    }

    fn name_in(&self, owner: &Declared, member: &Member) -> &str {
        let members = &owner.members;
        let found = members.binary_search_by_key(&member.offset, |it| it.offset);
        found.map_or("", |at| &self.members[&*owner.name][at])
    }

    /// The path of a field, by its names in Rust.
    fn path(&self, from: &Declared, path: &str) -> String {
        let steps = self.unit.follow(from, path);
        steps.map_or_else(|| code(path), |steps| self.steps(&steps))
    }

    fn steps(&self, steps: &[Step<'_>]) -> String {
        let names = steps.iter().map(|step| {
            let index = step.index.map_or_else(String::new, |it| format!("[{it}]"));
            format!("{}{index}", self.name_in(step.owner, step.member))
        });
        names.collect::<Vec<_>>().join(".")
    }
}

fn names_of(it: &Declared) -> Vec<String> {
    let mut unique = Unique::default();
    let names = it.members.iter().map(|member| match member.name() {
        Some(name) => snake(name),
        None => format!("gap_{}", member.offset),
    });
    names.map(|name| raw(unique.name(name))).collect()
}

/// The name such that it is not a word of the language.
fn raw(name: String) -> String {
    match &*name {
        "self" | "super" | "crate" => name + "_",
        word if KEYWORDS.split(' ').any(|it| it == word) => format!("r#{name}"),
        _ => name,
    }
}

/// A type that has a value for any bytes.
const fn scalar_type(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::U8 | Scalar::Bool => "u8",
        Scalar::U16 => "u16",
        Scalar::U32 | Scalar::Bits32 | Scalar::Char => "u32",
        Scalar::U64 => "u64",
        Scalar::I8 => "i8",
        Scalar::I16 => "i16",
        Scalar::I32 | Scalar::Bool32 => "i32",
        Scalar::I64 => "i64",
        Scalar::F32 => "f32",
        Scalar::F64 => "f64",
    }
}

/// A number of this type. One that the type does not have is cast: a layout may write a `u32` as -1.
fn literal(value: i64, ty: &str) -> String {
    let fits = match ty {
        "u8" => u8::try_from(value).is_ok(),
        "u16" => u16::try_from(value).is_ok(),
        "u32" => u32::try_from(value).is_ok(),
        "u64" => u64::try_from(value).is_ok(),
        "i8" => i8::try_from(value).is_ok(),
        "i16" => i16::try_from(value).is_ok(),
        "i32" => i32::try_from(value).is_ok(),
        _ => true,
    };
    match (fits, value) {
        (true, 0x1000..) => format!("{value:#x}"),
        (true, _) => value.to_string(),
        (false, _) => format!("{value}_i64 as {ty}"),
    }
}

/// A text that is not meant as Markdown.
fn prose(text: &str) -> String {
    let mut out = String::new();
    for letter in comment(text).chars() {
        if matches!(
            letter,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|'
        ) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
