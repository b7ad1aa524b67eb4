//! JSON in, as libprocess's JSON-to-protobuf conversion takes it.

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_STANDARD,
};
use serde_json::{Map, Value};

use super::{DEPTH, Field, Kind, Label, Schema, VALUES};

/// Reads a message; see [`super::MessageType::read`].
pub fn read(schema: &Schema, message: usize, json: &Value) -> Result<Value, String> {
    let Value::Object(object) = json else { return Err("Expecting a JSON object".into()) };
    let mut reader = Reader { schema, left: VALUES };
    let read = reader.message(message, object, DEPTH)?;
    let mut missing = Vec::new();
    find_missing(schema, message, &read, "", &mut missing);
    if missing.is_empty() {
        Ok(Value::Object(read))
    } else {
        Err(format!("Missing required fields: {}", missing.join(", ")))
    }
}

struct Reader<'a> {
    schema: &'a Schema,
    /// How many values more may come.
    left: usize,
}

impl Reader<'_> {
    fn message(
        &mut self,
        message: usize,
        object: &Map<String, Value>,
        depth: usize,
    ) -> Result<Map<String, Value>, String> {
        let Some(depth) = depth.checked_sub(1) else { return Err("Nested too deeply".into()) };
        let message = &self.schema.messages[message];
        let mut read = Map::new();
        for (name, value) in object {
            if let Some(field) = message.field(name) {
                self.field(field, value, &mut read, depth)?;
            }
        }
        message.complete(&mut read);
        self.left = self.left.checked_sub(read.len()).ok_or("Too many values")?;
        Ok(read)
    }

    fn field(
        &mut self,
        field: &Field,
        value: &Value,
        read: &mut Map<String, Value>,
        depth: usize,
    ) -> Result<(), String> {
        match (value, field.label) {
            (Value::Null, _) => {}
            (Value::Array(items), Label::Repeated | Label::Map) => {
                for item in items {
                    self.field(field, item, read, depth)?;
                }
            }
            (Value::Array(_), _) => return Err(unexpected("array", field)),
            (Value::Object(entries), Label::Map) => {
                let map = self.map(field, entries, depth)?;
                read.insert(field.name.to_owned(), Value::Object(map));
            }
            _ => {
                let Some(value) = self.single(field, value, depth)? else { return Ok(()) };
                self.left = self.left.checked_sub(1).ok_or("Too many values")?;
                if field.label == Label::Repeated {
                    if let Value::Array(list) = read.entry(field.name).or_insert_with(|| Value::Array(Vec::new())) {
                        list.push(value);
                    }
                } else {
                    read.insert(field.name.to_owned(), value);
                }
            }
        }
        Ok(())
    }

    fn map(&mut self, field: &Field, entries: &Map<String, Value>, depth: usize) -> Result<Map<String, Value>, String> {
        let Kind::Message(entry) = field.kind else { return Err(unexpected("object", field)) };
        let Some(of_value) = self.schema.messages[entry].field("value") else { return Ok(Map::new()) };
        let mut map = Map::new();
        for (key, value) in entries {
            if let Some(value) = self.single(of_value, value, depth)? {
                map.insert(key.clone(), value);
            }
        }
        Ok(map)
    }

    fn single(&mut self, field: &Field, value: &Value, depth: usize) -> Result<Option<Value>, String> {
        match value {
            Value::Null => Ok(None),
            Value::Object(object) => match field.kind {
                Kind::Message(message) => self.message(message, object, depth).map(|read| Some(Value::Object(read))),
                _ => Err(unexpected("object", field)),
            },
            Value::Array(_) => Err(unexpected("array", field)),
            Value::String(text) => self.text(field, text),
            Value::Number(number) => match field.kind {
                Kind::Double | Kind::Signed { .. } | Kind::Unsigned { .. } => Ok(Some(cast(field.kind, number))),
                _ => Err(unexpected("number", field)),
            },
            Value::Bool(_) if field.kind == Kind::Bool => Ok(Some(value.clone())),
            Value::Bool(_) => Err(unexpected("boolean", field)),
        }
    }

    fn text(&self, field: &Field, text: &str) -> Result<Option<Value>, String> {
        let name = field.name;
        match field.kind {
            Kind::Text => Ok(Some(Value::from(text))),
            Kind::Bytes => match decode_base64(text) {
                Ok(bytes) => Ok(Some(Value::from(BASE64_STANDARD.encode(bytes)))),
                Err(error) => Err(format!("Failed to base64 decode bytes field '{name}': {error}")),
            },
            Kind::Enum(names) if self.schema.enums[names].numbers.contains_key(text) => Ok(Some(Value::from(text))),
            Kind::Enum(_) if field.label == Label::Required => Err(format!("Failed to find enum for '{text}'")),
            // An unknown name counts as absent.
            Kind::Enum(_) => Ok(None),
            // JSON has no infinity: a very large number stands for it.
            Kind::Double if text == "Infinity" => Ok(Some(Value::from(f64::MAX))),
            Kind::Double if text == "-Infinity" => Ok(Some(Value::from(f64::MIN))),
            Kind::Double | Kind::Signed { .. } | Kind::Unsigned { .. } => {
                let number = serde_json::from_str(text).map_err(|_| {
                    format!("Failed to parse '{text}' as a JSON number for field '{name}': syntax error at line 1 near: {text}")
                })?;
                Ok(Some(cast(field.kind, &number)))
            }
            Kind::Bool => match text.trim() {
                "true" => Ok(Some(Value::Bool(true))),
                "false" => Ok(Some(Value::Bool(false))),
                _ => Err(format!(
                    "Failed to parse '{text}' as a JSON boolean for field '{name}': syntax error at line 1 near: {text}"
                )),
            },
            Kind::Message(_) => Err(unexpected("string", field)),
        }
    }
}

/// Base64 as the real servers take it: white space and missing padding don't matter.
fn decode_base64(text: &str) -> Result<Vec<u8>, String> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let mut digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).take_while(|b| *b != b'=').collect();
    if let Some(bad) = digits.iter().find(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))) {
        return Err(format!("Invalid character '{}'", char::from(*bad)));
    }
    // A lone last digit holds no whole byte.
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    LENIENT.decode(digits).map_err(|error| error.to_string())
}

fn unexpected(what: &str, field: &Field) -> String {
    format!("Not expecting a JSON {what} for field '{}'", field.name)
}

/// A number as its field has it: cut to its range, without a fraction where there is none.
fn cast(kind: Kind, number: &serde_json::Number) -> Value {
    let float = number.as_f64().unwrap_or_default();
    match kind {
        Kind::Signed { bits: 32 } => {
            let whole = number.as_i64().unwrap_or(float as i64);
            Value::from(whole.clamp(i32::MIN.into(), i32::MAX.into()))
        }
        Kind::Signed { .. } => Value::from(number.as_i64().unwrap_or(float as i64)),
        Kind::Unsigned { bits: 32 } => Value::from(number.as_u64().unwrap_or(float as u64).min(u32::MAX.into())),
        Kind::Unsigned { .. } => Value::from(number.as_u64().unwrap_or(float as u64)),
        _ => Value::from(float),
    }
}

/// Lists what is required and absent, the message's own fields before those of its parts.
pub fn find_missing(
    schema: &Schema,
    message: usize,
    values: &Map<String, Value>,
    path: &str,
    missing: &mut Vec<String>,
) {
    let fields = &schema.messages[message].fields;
    for field in fields.iter().filter(|f| f.label == Label::Required && !values.contains_key(f.name)) {
        missing.push(format!("{path}{}", field.name));
    }
    for field in fields {
        let (Kind::Message(part), Some(value)) = (field.kind, values.get(field.name)) else { continue };
        let name = field.name;
        match (value, field.label) {
            (Value::Object(values), Label::Optional | Label::Required) => {
                find_missing(schema, part, values, &format!("{path}{name}."), missing);
            }
            (Value::Array(items), _) => {
                for (n, item) in items.iter().enumerate() {
                    if let Value::Object(values) = item {
                        find_missing(schema, part, values, &format!("{path}{name}[{n}]."), missing);
                    }
                }
            }
            (Value::Object(entries), Label::Map) => {
                find_missing_in_map(schema, part, entries, &format!("{path}{name}"), missing)
            }
            _ => {}
        }
    }
}

fn find_missing_in_map(
    schema: &Schema,
    entry: usize,
    entries: &Map<String, Value>,
    path: &str,
    missing: &mut Vec<String>,
) {
    let Some(Kind::Message(part)) = schema.messages[entry].field("value").map(|f| f.kind) else { return };
    for (n, value) in entries.values().enumerate() {
        if let Value::Object(values) = value {
            find_missing(schema, part, values, &format!("{path}[{n}].value."), missing);
        }
    }
}
