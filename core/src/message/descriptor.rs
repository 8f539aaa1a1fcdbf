//! The message type as a `google.protobuf.FileDescriptorSet`, which says to other programs what the messages are
//! (`google/protobuf/descriptor.proto`).

use super::wire::{VARINT, bytes, key, nested, varint};
use super::{EnumType, FieldType, Kind, MessageType, StructType};

/// The package of all message types.
pub(super) const PACKAGE: &str = "winshm";

impl MessageType {
    /// The full name of the type of a region.
    pub(crate) fn name(&self) -> String {
        format!("{PACKAGE}.{}", self.types[0].name)
    }

    /// The descriptor of all types.
    pub(crate) fn descriptor(&self) -> Vec<u8> {
        let mut out = Vec::new();
        // FileDescriptorSet.file
        nested(1, &mut out, |out| {
            bytes(
                1,
                format!("{PACKAGE}/{}.proto", self.types[0].name).as_bytes(),
                out,
            );
            bytes(2, PACKAGE.as_bytes(), out);
            for it in &self.types {
                // FileDescriptorProto.message_type
                nested(4, out, |out| self.message(it, out));
            }
            bytes(12, b"proto3", out);
        });
        out
    }

    fn message(&self, it: &StructType, out: &mut Vec<u8>) {
        bytes(1, it.name.as_bytes(), out);
        for (index, field) in it.fields.iter().enumerate() {
            // DescriptorProto.field
            nested(2, out, |out| self.field(it, index + 1, field, out));
        }
        for field in &it.fields {
            if let Kind::Enum(it) = &field.kind {
                // DescriptorProto.enum_type
                nested(4, out, |out| enumeration(it, out));
            }
        }
    }

    fn field(&self, of: &StructType, number: usize, field: &FieldType, out: &mut Vec<u8>) {
        let (ty, name) = match &field.kind {
            Kind::Scalar(wire) => (wire.descriptor_type(), None),
            Kind::Text => (9, None),
            Kind::Struct(it) => (11, Some(format!(".{PACKAGE}.{}", self.types[*it].name))),
            Kind::Bytes => (12, None),
            Kind::Enum(it) => (14, Some(format!(".{PACKAGE}.{}.{}", of.name, it.name))),
        };
        bytes(1, field.name.as_bytes(), out);
        number_field(3, number as u64, out);
        // LABEL_OPTIONAL, LABEL_REPEATED
        number_field(4, if field.is_repeated { 3 } else { 1 }, out);
        number_field(5, ty, out);
        if let Some(name) = name {
            bytes(6, name.as_bytes(), out);
        }
        // Without it, names that differ in an underscore alone would be refused.
        bytes(10, field.name.as_bytes(), out);
    }
}

fn enumeration(it: &EnumType, out: &mut Vec<u8>) {
    bytes(1, it.name.as_bytes(), out);
    for (name, value) in &it.values {
        // EnumDescriptorProto.value
        nested(2, out, |out| {
            bytes(1, name.as_bytes(), out);
            number_field(2, i64::from(*value) as u64, out);
        });
    }
}

fn number_field(field: usize, number: u64, out: &mut Vec<u8>) {
    key(field, VARINT, out);
    varint(number, out);
}
