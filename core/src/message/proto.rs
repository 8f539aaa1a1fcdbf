//! The message type as a `.proto` file: what recordings have, for programs that are compiled.

use std::fmt::Write;

use win_shared_memory_layouts::Plan;

use super::descriptor::PACKAGE;
use super::{Kind, MessageType, StructType};

/// The protobuf messages of a layout, as recordings have them, in the language of `.proto` files. Variables that a region
/// declares itself are not in it.
///
/// ```
/// use win_shared_memory_layouts::{Plan, catalogue};
///
/// let plan = Plan::new(catalogue::by_id("mumble-link").expect("it is in the catalogue"))?;
/// let proto = winshm_core::proto(&plan);
/// assert!(proto.contains("repeated float fAvatarPosition = 3"));
/// # Ok::<(), win_shared_memory_layouts::LayoutError>(())
/// ```
#[must_use]
pub fn proto(plan: &Plan) -> String {
    let message_type = MessageType::new(plan, &[]);
    let id = plan.layout().id.replace(|it: char| it.is_control(), " ");
    let mut out = format!("// @generated from `{id}`.\nsyntax = \"proto3\";\npackage {PACKAGE};\n");
    for it in &message_type.types {
        message(&mut out, &message_type, it);
    }
    out
}

fn message(out: &mut String, of: &MessageType, it: &StructType) {
    // Writing to a string does not fail.
    let _ = writeln!(out, "\nmessage {} {{", it.name);
    for field in &it.fields {
        if let Kind::Enum(it) = &field.kind {
            let _ = writeln!(out, "  enum {} {{", it.name);
            for (name, value) in &it.values {
                let _ = writeln!(out, "    {name} = {value};");
            }
            out.push_str("  }\n");
        }
    }
    for (index, field) in it.fields.iter().enumerate() {
        let ty = match &field.kind {
            Kind::Scalar(wire) => wire.name(),
            Kind::Text => "string",
            Kind::Bytes => "bytes",
            Kind::Enum(it) => &it.name,
            Kind::Struct(number) => &of.types[*number].name,
        };
        let repeated = if field.is_repeated { "repeated " } else { "" };
        let (name, number) = (&field.name, index + 1);
        // Without it, names that differ in an underscore alone would be refused.
        let _ = writeln!(
            out,
            "  {repeated}{ty} {name} = {number} [json_name = \"{name}\"];"
        );
    }
    out.push_str("}\n");
}
