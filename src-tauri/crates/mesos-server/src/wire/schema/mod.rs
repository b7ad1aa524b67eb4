//! What the v1 API's messages look like, as data: with it JSON is read as the real servers read it, with their words for
//! what is wrong, and every message has its protobuf form without a type of its own for each.

#[cfg(test)]
mod fuzz;
mod json;
mod protobuf;
mod transcode;

use std::{collections::HashMap, sync::LazyLock};

use serde_json::Value;

/// Numbers, names and types of all fields; made from the .proto files of Mesos 1.11.0.
const TEXT: &str = include_str!("v1.txt");

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::parse(TEXT));

/// So deep messages may be nested, as protobuf itself has it.
const DEPTH: usize = 100;
/// So many values one message may have: what a client sends must not grow without measure when it is unpacked.
const VALUES: usize = 1_000_000;

/// All messages and enums.
struct Schema {
    messages: Vec<Message>,
    message_names: HashMap<&'static str, usize>,
    enums: Vec<Names>,
}

/// The names of an enum and their numbers.
#[derive(Default)]
struct Names {
    numbers: HashMap<&'static str, i32>,
    names: HashMap<i32, &'static str>,
}

#[derive(Default)]
struct Message {
    fields: Vec<Field>,
    by_name: HashMap<&'static str, usize>,
    by_number: HashMap<u32, usize>,
}

struct Field {
    number: u32,
    name: &'static str,
    kind: Kind,
    label: Label,
    default: Option<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Label {
    Optional,
    Required,
    Repeated,
    /// By a text key.
    Map,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Double,
    Signed { bits: u32 },
    Unsigned { bits: u32 },
    Bool,
    Text,
    Bytes,
    Enum(usize),
    Message(usize),
}

/// A message type of the v1 API, such as `scheduler.Call`.
#[derive(Clone, Copy, Debug)]
pub struct MessageType(usize);

impl MessageType {
    /// By its name without `mesos.v1.`; a name that is none is a message without fields.
    pub fn named(name: &str) -> Self {
        Self(SCHEMA.message_names.get(name).copied().unwrap_or(0))
    }

    /// Reads JSON as the real servers do: unknown fields are dropped, defaults filled in; the error is in their words.
    pub fn read(self, json: &Value) -> Result<Value, String> {
        json::read(&SCHEMA, self.0, json)
    }

    /// From the protobuf form; none if that is spoilt, or lacks a required field.
    pub fn decode(self, bytes: &[u8]) -> Option<Value> {
        protobuf::decode(&SCHEMA, self.0, bytes)
    }

    /// From this crate's own JSON to the protobuf form. What the type does not know is left out.
    pub fn transcode(self, json: &[u8]) -> Vec<u8> {
        transcode::transcode(&SCHEMA, self.0, json).unwrap_or_default()
    }
}

impl Schema {
    fn parse(text: &'static str) -> Self {
        let lines = || text.lines().filter(|line| !line.starts_with('#'));
        let heads = |kind: &'static str| lines().filter_map(move |line| line.strip_prefix(kind));
        // 0 is the message without fields.
        let message_names: HashMap<_, _> = heads("message ").enumerate().map(|(n, name)| (name, n + 1)).collect();
        let enum_names: HashMap<_, _> = heads("enum ").enumerate().map(|(n, name)| (name, n)).collect();
        let mut schema = Self { messages: vec![Message::default()], message_names, enums: Vec::new() };
        let mut in_enum = false;
        for line in lines() {
            if line.starts_with("message ") {
                schema.messages.push(Message::default());
                in_enum = false;
            } else if line.starts_with("enum ") {
                schema.enums.push(Names::default());
                in_enum = true;
            } else if let (true, Some(names)) = (in_enum, schema.enums.last_mut()) {
                names.add(line);
            } else if let Some(field) = Field::parse(line, &schema.message_names, &enum_names)
                && let Some(message) = schema.messages.last_mut()
            {
                message.by_name.insert(field.name, message.fields.len());
                message.by_number.insert(field.number, message.fields.len());
                message.fields.push(field);
            }
        }
        schema
    }
}

impl Names {
    fn add(&mut self, line: &'static str) {
        let mut words = line.split_whitespace();
        if let (Some(number), Some(name)) = (words.next().and_then(|n| n.parse().ok()), words.next()) {
            self.numbers.insert(name, number);
            self.names.entry(number).or_insert(name);
        }
    }
}

impl Message {
    fn field(&self, name: &str) -> Option<&Field> {
        self.by_name.get(name).map(|&at| &self.fields[at])
    }

    fn numbered(&self, number: u32) -> Option<&Field> {
        self.by_number.get(&number).map(|&at| &self.fields[at])
    }

    /// Fills the defaults in that the real servers write where nothing is set.
    fn complete(&self, values: &mut serde_json::Map<String, Value>) {
        for (field, default) in self.fields.iter().filter_map(|f| Some((f, f.default.as_ref()?))) {
            if !values.contains_key(field.name) {
                values.insert(field.name.to_owned(), default.clone());
            }
        }
    }
}

impl Field {
    /// `number name type`, then `!`, `*` or `{}`, then ` = default`.
    fn parse(
        line: &'static str,
        messages: &HashMap<&'static str, usize>,
        enums: &HashMap<&'static str, usize>,
    ) -> Option<Self> {
        let (line, default) = line.split_once(" = ").map_or((line, None), |(line, default)| (line, Some(default)));
        let mut words = line.split_whitespace();
        let (number, name, typed) = (words.next()?.parse().ok()?, words.next()?, words.next()?);
        let bare = typed.trim_end_matches(['!', '*', '{', '}']);
        let label = match &typed[bare.len()..] {
            "!" => Label::Required,
            "*" => Label::Repeated,
            "{}" => Label::Map,
            _ => Label::Optional,
        };
        let kind = match bare {
            "double" => Kind::Double,
            "int32" => Kind::Signed { bits: 32 },
            "int64" => Kind::Signed { bits: 64 },
            "uint32" => Kind::Unsigned { bits: 32 },
            "uint64" => Kind::Unsigned { bits: 64 },
            "bool" => Kind::Bool,
            "string" => Kind::Text,
            "bytes" => Kind::Bytes,
            other => {
                enums.get(other).map(|&n| Kind::Enum(n)).or_else(|| messages.get(other).map(|&n| Kind::Message(n)))?
            }
        };
        let default = default.map(|text| match kind {
            Kind::Double => text.parse::<f64>().map_or(Value::Null, Value::from),
            Kind::Signed { .. } | Kind::Unsigned { .. } => text.parse::<u64>().map_or(Value::Null, Value::from),
            Kind::Bool => Value::Bool(text == "true"),
            _ => Value::from(text),
        });
        Some(Self { number, name, kind, label, default })
    }

    fn is_many(&self) -> bool {
        matches!(self.label, Label::Repeated | Label::Map)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_line_of_the_schema_is_understood() {
        let fields: usize = SCHEMA.messages.iter().map(|m| m.fields.len()).sum();
        let values: usize = SCHEMA.enums.iter().map(|e| e.numbers.len()).sum();
        let heads = SCHEMA.messages.len() - 1 + SCHEMA.enums.len();
        assert_eq!(fields + values + heads, TEXT.lines().filter(|line| !line.starts_with('#')).count());
    }

    #[test]
    fn a_call_is_the_same_in_both_forms() {
        let call = json!({"type": "ACCEPT", "framework_id": {"value": "f"}, "accept": {
            "offer_ids": [{"value": "o1"}, {"value": "o2"}], "filters": {"refuse_seconds": 2.5},
            "operations": [{"type": "LAUNCH", "launch": {"task_infos": [{"name": "é", "task_id": {"value": "t"},
                "agent_id": {"value": "a"}, "data": "AAE=", "limits": {"cpus": {"value": 2.0}},
                "resources": [{"name": "ports", "type": "RANGES", "ranges": {"range": [{"begin": 1, "end": 2}]}}],
                "health_check": {"type": "TCP", "tcp": {"port": 80}, "consecutive_failures": 7}}]}}]}});
        let message = MessageType::named("scheduler.Call");
        let read = message.read(&call).unwrap();
        let check = &read["accept"]["operations"][0]["launch"]["task_infos"][0]["health_check"];
        assert_eq!((&check["grace_period_seconds"], &check["consecutive_failures"]), (&json!(10.0), &json!(7)));
        assert_eq!(message.decode(&message.transcode(&serde_json::to_vec(&read).unwrap())), Some(read));
    }

    #[test]
    fn what_is_wrong_is_said_in_the_real_ones_words() {
        let read = |value: Value| MessageType::named("scheduler.Call").read(&value).unwrap_err();
        assert_eq!(read(json!([])), "Expecting a JSON object");
        assert_eq!(read(json!({"framework_id": 3})), "Not expecting a JSON number for field 'framework_id'");
        assert_eq!(read(json!({"type": ["SUBSCRIBE"]})), "Not expecting a JSON array for field 'type'");
        assert_eq!(
            read(json!({"subscribe": {"framework_info": {}}})),
            "Missing required fields: subscribe.framework_info.user, subscribe.framework_info.name"
        );
        assert_eq!(
            read(json!({"reconcile": {"tasks": [{"task_id": {"value": "x"}}, {}]}})),
            "Missing required fields: reconcile.tasks[1].task_id"
        );
    }
}
