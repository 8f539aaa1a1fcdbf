//! The values of one copy of a region, as a message.

use win_shared_memory_layouts::{Content, Record, Region, Value};

use super::wire::{LEN, VARINT, bytes, key, nested, varint};
use super::{FieldType, Kind, MessageType};
use crate::select::Selection;
use crate::trail::{Mark, Trail};

/// How large a message can be.
const LARGEST: usize = 4 << 20;

impl MessageType {
    /// Replaces `message` by the values of a region that are selected; `false` if they are too many for a message.
    pub(crate) fn encode(
        &self,
        region: &Region<'_>,
        selection: &Selection,
        message: &mut Vec<u8>,
    ) -> bool {
        message.clear();
        let mut encoder = Encoder {
            message_type: self,
            selection: (!selection.is_everything()).then_some(selection),
            trail: Trail::default(),
        };
        encoder.record(0, &region.root(), message);
        message.len() <= LARGEST
    }
}

struct Encoder<'a> {
    message_type: &'a MessageType,
    selection: Option<&'a Selection>,
    /// Of what is being encoded, if it matters.
    trail: Trail,
}

impl Encoder<'_> {
    fn record(&mut self, ty: usize, record: &Record<'_>, out: &mut Vec<u8>) {
        let fields = &self.message_type.types[ty].fields;
        for (index, (field, member)) in fields.iter().zip(record.members()).enumerate() {
            self.within(&member.name, |this| {
                this.content(index + 1, field, member.content, out)
            });
        }
    }

    fn is_selected(&self) -> bool {
        self.selection.is_none_or(|it| self.trail.is_in(it))
    }

    /// Encodes with the trail longer by a name.
    fn within(&mut self, name: &str, encode: impl FnOnce(&mut Self)) {
        let mark = self.selection.map(|_| self.trail.member(name));
        encode(self);
        self.back(mark);
    }

    /// Encodes with the trail longer by an item.
    fn at(&mut self, index: usize, label: Option<&str>, encode: impl FnOnce(&mut Self)) {
        let mark = self.selection.map(|_| self.trail.item(index, label));
        encode(self);
        self.back(mark);
    }

    fn back(&mut self, mark: Option<Mark>) {
        if let Some(mark) = mark {
            self.trail.back(mark);
        }
    }

    fn content(
        &mut self,
        number: usize,
        field: &FieldType,
        content: Content<'_>,
        out: &mut Vec<u8>,
    ) {
        if out.len() > LARGEST {
            return;
        }
        match content {
            Content::Value(value) if self.is_selected() => encode_value(number, field, &value, out),
            Content::Record(record) => self.nested(number, field, &record, out),
            Content::Elements(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    self.at(index, None, |this| {
                        this.content(number, field, element, out)
                    });
                }
            }
            Content::Table(table) => {
                for (index, row) in table.rows().enumerate() {
                    if out.len() > LARGEST {
                        return;
                    }
                    let label = self
                        .selection
                        .and_then(|_| row.label())
                        .map(|it| it.to_str());
                    self.at(index, label.as_deref(), |this| {
                        this.nested(number, field, &row, out)
                    });
                }
            }
            _ => {}
        }
    }

    fn nested(&mut self, number: usize, field: &FieldType, record: &Record<'_>, out: &mut Vec<u8>) {
        if let Kind::Struct(ty) = field.kind {
            nested(number, out, |out| self.record(ty, record, out));
        }
    }
}

fn encode_value(number: usize, field: &FieldType, value: &Value<'_>, out: &mut Vec<u8>) {
    match (&field.kind, value) {
        (Kind::Scalar(wire), Value::Array(array)) => nested(number, out, |out| {
            if wire.is_layout_of(array.scalar()) {
                out.extend_from_slice(array.as_bytes());
            } else {
                array.iter().for_each(|it| wire.value(&it, out));
            }
        }),
        (Kind::Scalar(wire), value) if field.is_repeated => {
            nested(number, out, |out| wire.value(value, out));
        }
        (Kind::Scalar(wire), value) => {
            key(number, wire.wire_type(), out);
            wire.value(value, out);
        }
        (Kind::Enum(_), value) => {
            let value = value.as_i64().unwrap_or_default();
            key(number, if field.is_repeated { LEN } else { VARINT }, out);
            if field.is_repeated {
                let mut packed = Vec::new();
                varint(value as u64, &mut packed);
                varint(packed.len() as u64, out);
                out.extend_from_slice(&packed);
            } else {
                varint(value as u64, out);
            }
        }
        (Kind::Bytes, Value::Bytes(it)) => bytes(number, it, out),
        (Kind::Text, Value::Text(text)) => bytes(number, text.to_str().as_bytes(), out),
        (Kind::Text, Value::Char(character)) => {
            bytes(number, character.encode_utf8(&mut [0; 4]).as_bytes(), out);
        }
        (Kind::Text, Value::Array(array)) => {
            for character in array.iter() {
                bytes(number, character.to_string().as_bytes(), out);
            }
        }
        _ => {}
    }
}
