//! Checks a layout and resolves it: its structs in one pass, then what refers to them.

use std::collections::HashSet;

use super::Plan;
use super::behaviour::Behaviour;
use super::compiler::{Compiler, check_name};
use super::sizes::Sizes;
use crate::model::Layout;
use crate::problem::{self, LayoutError, Problem};
use crate::types::Type;

pub(super) fn compile(layout: &Layout) -> Result<Plan, LayoutError> {
    let mut sizes = Sizes::new(layout);
    head(layout)
        .and_then(|()| sizes.find())
        .map_err(LayoutError::one)?;
    let mut compiler = Compiler {
        layout,
        sizes,
        shapes: Vec::new(),
        names: Vec::new(),
        problems: Vec::new(),
    };
    for number in 0..layout.structs.len() {
        let shape = compiler.shape(number);
        compiler.shapes.push(shape);
    }
    compiler.lengths();
    compiler.tables();
    compiler.root_members();
    compiler.references();
    let behaviour = Behaviour::compile(&mut compiler);
    if compiler.problems.is_empty() {
        Ok(Plan {
            layout: layout.clone(),
            shapes: compiler.shapes,
            names: compiler.names,
            behaviour,
        })
    } else {
        compiler.problems.truncate(problem::MOST);
        Err(LayoutError {
            problems: compiler.problems,
        })
    }
}

/// What the rest takes for granted.
fn head(layout: &Layout) -> Result<(), Problem> {
    if layout.format != 1 {
        let message = format!(
            "`format` is {}: this is read by a later version",
            layout.format
        );
        return Err(Problem::new("format", message).help("this version reads `format = 1`"));
    }
    check_name(&layout.id).map_err(|it| Problem::new("id", it))?;
    for (number, name) in layout.name.iter().enumerate() {
        if name.is_empty() || name.len() > 1024 || name.contains(char::is_control) {
            let place = format!("name[{number}]");
            let message = "this is not the name of a region: it is empty, too long or has controls";
            return Err(Problem::new(place, message));
        }
    }
    if layout.structs.is_empty() {
        let problem = Problem::new("", "the layout has no struct");
        return Err(problem.help("add a [[struct]]; the first is the root"));
    }
    let mut seen = HashSet::new();
    for (number, it) in layout.structs.iter().enumerate() {
        let place = format!("struct[{number}].name");
        check_name(&it.name).map_err(|message| Problem::new(place.clone(), message))?;
        if Type::words().any(|word| word == it.name) {
            let message = format!("a struct cannot be called `{}`: that is a type", it.name);
            return Err(Problem::new(place, message));
        }
        if !seen.insert(&it.name) {
            let message = format!("there are two structs `{}`", it.name);
            return Err(Problem::new(place, message));
        }
    }
    Ok(())
}
