//! From JSON to protobuf in one go: nothing is held but the text and what is made of it, however large a message is.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Field, Kind, Label, Schema};

/// Writes a message; see [`super::MessageType::transcode`].
pub fn transcode(schema: &Schema, message: usize, json: &[u8]) -> serde_json::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(json.len() / 2);
    let mut from = serde_json::Deserializer::from_slice(json);
    Body { schema, message, out: &mut out }.deserialize(&mut from)?;
    Ok(out)
}

/// What a message holds.
struct Body<'a> {
    schema: &'a Schema,
    message: usize,
    out: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { schema, message, out } = self;
        while let Some(known) = map.next_key_seed(Name { schema, message })? {
            match known {
                Some(field) => map.next_value_seed(Content { schema, field, out })?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// The name of a field.
struct Name<'a> {
    schema: &'a Schema,
    message: usize,
}

impl<'de, 'a> DeserializeSeed<'de> for Name<'a> {
    type Value = Option<&'a Field>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'a> Visitor<'_> for Name<'a> {
    type Value = Option<&'a Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.schema.messages[self.message].field(name))
    }
}

/// The value of a field, or several of them. One of another kind than the field's is left out.
struct Content<'a> {
    schema: &'a Schema,
    field: &'a Field,
    out: &'a mut Vec<u8>,
}

impl<'de> DeserializeSeed<'de> for Content<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Content<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        if self.field.kind == Kind::Bool {
            write_number(self.field.number, u64::from(value), self.out);
        }
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        match self.field.kind {
            Kind::Double => self.visit_f64(value as f64),
            Kind::Signed { .. } | Kind::Unsigned { .. } => {
                write_number(self.field.number, value, self.out);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        match self.field.kind {
            Kind::Double => self.visit_f64(value as f64),
            // Negative numbers of 32 bits travel as 64.
            _ => self.visit_u64(value as u64),
        }
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        match self.field.kind {
            Kind::Double => {
                write_varint(u64::from(self.field.number) << 3 | 1, self.out);
                self.out.extend(value.to_le_bytes());
            }
            Kind::Signed { .. } | Kind::Unsigned { .. } => write_number(self.field.number, value as u64, self.out),
            _ => {}
        }
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        match self.field.kind {
            Kind::Text => write_bytes(self.field.number, text.as_bytes(), self.out),
            // This crate writes its own bytes: they are base64.
            Kind::Bytes => {
                write_bytes(self.field.number, &BASE64_STANDARD.decode(text).unwrap_or_default(), self.out);
            }
            Kind::Enum(names) => {
                if let Some(&value) = self.schema.enums[names].numbers.get(text) {
                    write_number(self.field.number, i64::from(value) as u64, self.out);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { schema, field, out } = self;
        if !field.is_many() {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        while seq.next_element_seed(Content { schema, field, out: &mut *out })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { schema, field, out } = self;
        let Kind::Message(message) = field.kind else {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(());
        };
        let mut inner = Vec::new();
        if field.label != Label::Map {
            Body { schema, message, out: &mut inner }.visit_map(map)?;
            write_bytes(field.number, &inner, out);
            return Ok(());
        }
        let entry = &schema.messages[message];
        while let Some(key) = map.next_key::<String>()? {
            inner.clear();
            if let Some(field) = entry.field("key") {
                write_bytes(field.number, key.as_bytes(), &mut inner);
            }
            match entry.field("value") {
                Some(field) => map.next_value_seed(Content { schema, field, out: &mut inner })?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
            write_bytes(field.number, &inner, out);
        }
        Ok(())
    }
}

fn write_number(field: u32, value: u64, out: &mut Vec<u8>) {
    write_varint(u64::from(field) << 3, out);
    write_varint(value, out);
}

fn write_bytes(field: u32, bytes: &[u8], out: &mut Vec<u8>) {
    write_varint(u64::from(field) << 3 | 2, out);
    write_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn write_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
