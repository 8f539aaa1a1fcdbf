//! What the struct at the beginning of a region has beside its fields.

use super::{Rust, literal, prose, raw, scalar_type};
use crate::declare::Declared;
use crate::export::about::code;
use crate::export::facts::{FactValue, facts};
use crate::model::Table;
use crate::names::{quoted, snake};
use crate::quantity::Quantity;

pub(super) fn constants(rust: &Rust<'_>, root: &Declared) -> String {
    let constants = facts(rust.unit, root).into_iter().map(|it| {
        let (ty, value) = match it.value {
            FactValue::Text(value) => ("&str", quoted(&value)),
            FactValue::Milliseconds(value) => (
                "::core::time::Duration",
                format!("::core::time::Duration::from_millis({value})"),
            ),
            FactValue::Number(value, scalar) => {
                let ty = scalar_type(scalar);
                (ty, literal(value, ty))
            }
            FactValue::Offset(value) => ("usize", value.to_string()),
        };
        let (doc, name) = (it.doc, it.name);
        format!("\n    /// {doc}\n    pub const {name}: {ty} = {value};\n")
    });
    constants.collect()
}

/// The tables whose place the members tell, and the arguments for `View::table`.
pub(super) fn tables<'a>(rust: &Rust<'a>, root: &'a Declared) -> Vec<(&'a Table, String)> {
    let argument = |it: &Quantity| match it {
        Quantity::Number(number) => Some(format!("{number}_u64")),
        Quantity::Field(path) => {
            let steps = rust.unit.follow(root, path)?;
            Some(format!("self.{}", rust.steps(&steps)))
        }
    };
    let tables = root.tables.iter().filter(|_| root.is_root);
    let arguments = |table: &Table| {
        let all = [&table.at, &table.stride, &table.count].map(argument);
        all.into_iter().collect::<Option<Vec<_>>>()
    };
    tables
        .filter_map(|table| Some((table, arguments(table)?.join(", "))))
        .collect()
}

pub(super) fn table(rust: &Rust<'_>, table: &Table, arguments: &str) -> String {
    let row = &rust.types[&*table.of];
    let name = raw(snake(&table.name));
    let doc = table.doc.as_deref();
    let doc = doc.map_or_else(String::new, |doc| format!(": {}", prose(doc)));
    format!(
        r"
    /// The rows of `{}` in the view of the region{doc}.
    ///
    /// # Errors
    ///
    /// `InvalidTable`: the numbers in these fields are not those of a table in this view.
    #[cfg(windows)]
    pub fn {name}<'v, A>(
        &self,
        view: &'v View<A>,
    ) -> Result<Table<'v, {row}, A>, SharedMemoryError> {{
        view.table({arguments})
    }}
",
        code(&table.name)
    )
}
