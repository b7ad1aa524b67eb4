//! The binary form of protobuf: tags, varints, lengths.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value};

use super::{DEPTH, Field, Kind, Label, Schema, VALUES, json::find_missing};

/// Reads a message; see [`super::MessageType::decode`].
pub fn decode(schema: &Schema, message: usize, bytes: &[u8]) -> Option<Value> {
    let mut values = Map::new();
    let mut decoder = Decoder { schema, left: VALUES };
    decoder.message(message, bytes, &mut values, DEPTH)?;
    let mut missing = Vec::new();
    find_missing(schema, message, &values, "", &mut missing);
    missing.is_empty().then_some(Value::Object(values))
}

/// What one field has on the wire.
enum Raw<'a> {
    Number(u64),
    Fixed64([u8; 8]),
    Fixed32,
    Bytes(&'a [u8]),
}

/// Bytes that are read from the front.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let (&byte, rest) = self.0.split_first()?;
            self.0 = rest;
            if shift < 64 {
                value |= u64::from(byte & 0x7f) << shift;
            }
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn raw(&mut self, wire_type: u64) -> Option<Raw<'a>> {
        Some(match wire_type {
            0 => Raw::Number(self.varint()?),
            1 => Raw::Fixed64(self.take(8)?.try_into().ok()?),
            2 => {
                let length = self.varint()?;
                Raw::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Raw::Fixed32)?,
            _ => return None,
        })
    }
}

struct Decoder<'a> {
    schema: &'a Schema,
    /// How many values more may come.
    left: usize,
}

impl Decoder<'_> {
    /// Reads into a message that may have been begun: parts of one field that come twice are merged.
    fn message(&mut self, message: usize, bytes: &[u8], values: &mut Map<String, Value>, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let message = &self.schema.messages[message];
        let mut input = Input(bytes);
        while !input.0.is_empty() {
            let tag = input.varint()?;
            let number = u32::try_from(tag >> 3).ok().filter(|n| *n > 0)?;
            let raw = input.raw(tag & 7)?;
            self.left = self.left.checked_sub(1)?;
            if let Some(field) = message.numbered(number) {
                self.field(field, raw, values, depth)?;
            }
        }
        message.complete(values);
        self.left = self.left.checked_sub(values.len())?;
        Some(())
    }

    fn field(&mut self, field: &Field, raw: Raw<'_>, values: &mut Map<String, Value>, depth: usize) -> Option<()> {
        match (field.kind, field.label, raw) {
            (Kind::Message(part), Label::Map, Raw::Bytes(bytes)) => {
                let mut entry = Map::new();
                self.message(part, bytes, &mut entry, depth)?;
                let key = entry.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
                let value = entry.remove("value").unwrap_or_else(|| Value::Object(Map::new()));
                if let Value::Object(map) = values.entry(field.name).or_insert_with(|| Value::Object(Map::new())) {
                    map.insert(key, value);
                }
            }
            (Kind::Message(part), Label::Repeated, Raw::Bytes(bytes)) => {
                let mut item = Map::new();
                self.message(part, bytes, &mut item, depth)?;
                push(values, field, Value::Object(item));
            }
            (Kind::Message(part), _, Raw::Bytes(bytes)) => {
                let begun = values.entry(field.name).or_insert_with(|| Value::Object(Map::new()));
                self.message(part, bytes, begun.as_object_mut()?, depth)?;
            }
            // A list of numbers may come packed.
            (
                Kind::Double | Kind::Signed { .. } | Kind::Unsigned { .. } | Kind::Bool | Kind::Enum(_),
                Label::Repeated,
                Raw::Bytes(packed),
            ) => {
                let mut input = Input(packed);
                while !input.0.is_empty() {
                    let wire_type = u64::from(field.kind == Kind::Double);
                    let raw = input.raw(wire_type)?;
                    self.left = self.left.checked_sub(1)?;
                    if let Some(value) = self.scalar(field.kind, raw) {
                        push(values, field, value);
                    }
                }
            }
            (kind, label, raw) => {
                // A value of another wire type, or an enum's unknown number, counts as unknown.
                if let Some(value) = self.scalar(kind, raw) {
                    if label == Label::Repeated {
                        push(values, field, value);
                    } else {
                        values.insert(field.name.to_owned(), value);
                    }
                }
            }
        }
        Some(())
    }

    fn scalar(&self, kind: Kind, raw: Raw<'_>) -> Option<Value> {
        Some(match (kind, raw) {
            (Kind::Double, Raw::Fixed64(bytes)) => finite(f64::from_le_bytes(bytes)),
            // Negative numbers of 32 bits travel as 64.
            (Kind::Signed { bits: 32 }, Raw::Number(number)) => Value::from(number as i32),
            (Kind::Signed { .. }, Raw::Number(number)) => Value::from(number as i64),
            (Kind::Unsigned { bits: 32 }, Raw::Number(number)) => Value::from(number as u32),
            (Kind::Unsigned { .. }, Raw::Number(number)) => Value::from(number),
            (Kind::Bool, Raw::Number(number)) => Value::Bool(number != 0),
            (Kind::Enum(names), Raw::Number(number)) => {
                Value::from(*self.schema.enums[names].names.get(&(number as i32))?)
            }
            (Kind::Text, Raw::Bytes(bytes)) => Value::from(String::from_utf8_lossy(bytes)),
            (Kind::Bytes, Raw::Bytes(bytes)) => Value::from(BASE64_STANDARD.encode(bytes)),
            _ => return None,
        })
    }
}

fn finite(number: f64) -> Value {
    Value::from(if number.is_nan() { 0.0 } else { number.clamp(f64::MIN, f64::MAX) })
}

fn push(values: &mut Map<String, Value>, field: &Field, value: Value) {
    if let Value::Array(list) = values.entry(field.name).or_insert_with(|| Value::Array(Vec::new())) {
        list.push(value);
    }
}
