//! Who agents and masters are.

use std::{fmt, net::Ipv4Addr};

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap};

use super::{Id, VERSION};
use crate::resources::{Format, Listed, Ranges, Resources, Value, number, parse};

/// What an agent says about its machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Text, a number or ranges.
    pub value: AttributeValue,
}

/// What an attribute may be.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeValue {
    /// Anything that is nothing else.
    Text(String),
    /// A number, in thousandths.
    Scalar(i64),
    /// Ranges.
    Ranges(Ranges),
}

impl Attribute {
    /// Reads `name:value;name:value`.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, String> {
        text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty()).map(Self::parse).collect()
    }

    fn parse(part: &str) -> Result<Self, String> {
        let (name, value) = part.split_once(':').ok_or_else(|| format!("Invalid attribute key:value pair '{part}'"))?;
        let typed = parse(&format!("x:{value}"), "*").ok().and_then(|r| r.iter().next().map(|r| r.value.clone()));
        let value = match typed {
            Some(Value::Scalar(millis)) => AttributeValue::Scalar(millis),
            Some(Value::Ranges(ranges)) => AttributeValue::Ranges(ranges),
            Some(Value::Set(_)) => return Err(format!("Bad type for attribute {name} text {value} type 2")),
            None => AttributeValue::Text(value.trim().to_owned()),
        };
        Ok(Self { name: name.trim().to_owned(), value })
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            AttributeValue::Text(text) => write!(f, "{}:{text}", self.name),
            AttributeValue::Scalar(millis) => write!(f, "{}:{}", self.name, number(*millis)),
            AttributeValue::Ranges(ranges) => write!(f, "{}:{ranges}", self.name),
        }
    }
}

impl Serialize for Attribute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Of<T> {
            value: T,
        }
        #[derive(Serialize)]
        struct Range {
            begin: u64,
            end: u64,
        }
        #[derive(Serialize)]
        struct RangeList {
            range: Vec<Range>,
        }
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("name", &self.name)?;
        match &self.value {
            AttributeValue::Text(value) => {
                map.serialize_entry("type", "TEXT")?;
                map.serialize_entry("text", &Of { value })?;
            }
            AttributeValue::Scalar(millis) => {
                map.serialize_entry("type", "SCALAR")?;
                map.serialize_entry("scalar", &Of { value: number(*millis) })?;
            }
            AttributeValue::Ranges(ranges) => {
                let range = ranges.pairs().iter().map(|&(begin, end)| Range { begin, end }).collect();
                map.serialize_entry("type", "RANGES")?;
                map.serialize_entry("ranges", &RangeList { range })?;
            }
        }
        map.end()
    }
}

/// Attributes as the v0 endpoints show them: an object.
pub struct AttributeMap<'a>(pub &'a [Attribute]);

impl Serialize for AttributeMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for attribute in self.0 {
            match &attribute.value {
                AttributeValue::Text(text) => map.serialize_entry(&attribute.name, text)?,
                AttributeValue::Scalar(millis) => map.serialize_entry(&attribute.name, &number(*millis))?,
                AttributeValue::Ranges(ranges) => map.serialize_entry(&attribute.name, &ranges.to_string())?,
            }
        }
        map.end()
    }
}

/// What an agent is.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentInfo {
    /// Its id, once a master gave it one.
    pub id: Option<Id>,
    /// Its name.
    pub hostname: String,
    /// Its address.
    pub ip: Ipv4Addr,
    /// Its port.
    pub port: u16,
    /// All that it has.
    pub resources: Resources,
    /// What it says about its machine.
    pub attributes: Vec<Attribute>,
}

impl AgentInfo {
    /// Its libprocess address.
    pub fn pid(&self) -> String {
        format!("slave(1)@{}:{}", self.ip, self.port)
    }
}

impl Serialize for AgentInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("hostname", &self.hostname)?;
        map.serialize_entry("port", &self.port)?;
        map.serialize_entry("resources", &Listed(&self.resources, Format::BARE))?;
        if !self.attributes.is_empty() {
            map.serialize_entry("attributes", &self.attributes)?;
        }
        if let Some(id) = &self.id {
            map.serialize_entry("id", id)?;
        }
        map.end()
    }
}

/// What every 1.11 agent can do.
pub const AGENT_CAPABILITIES: [&str; 8] = [
    "MULTI_ROLE",
    "HIERARCHICAL_ROLE",
    "RESERVATION_REFINEMENT",
    "RESOURCE_PROVIDER",
    "RESIZE_VOLUME",
    "AGENT_OPERATION_FEEDBACK",
    "AGENT_DRAINING",
    "TASK_RESOURCE_LIMITS",
];

/// What every 1.11 master can do.
pub const MASTER_CAPABILITIES: [&str; 3] = ["AGENT_UPDATE", "AGENT_DRAINING", "QUOTA_V2"];

/// What a master is: what it writes into ZooKeeper, and tells frameworks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MasterInfo {
    /// Its id, new at every start.
    pub id: String,
    /// Where it listens.
    pub address: Address,
    /// Its name.
    pub hostname: String,
}

/// Where someone listens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Address {
    /// Its name.
    pub hostname: String,
    /// Its address.
    pub ip: Ipv4Addr,
    /// Its port.
    pub port: u16,
}

impl MasterInfo {
    /// Its libprocess address.
    pub fn pid(&self) -> String {
        format!("master@{}:{}", self.address.ip, self.address.port)
    }

    /// The address as a number in network order, read on a little-endian machine.
    fn numeric_ip(&self) -> u32 {
        u32::from_le_bytes(self.address.ip.octets())
    }

    /// What lies in ZooKeeper: keys in order, as the real master's JSON writer sorts them.
    pub fn znode(&self) -> Vec<u8> {
        #[derive(Serialize)]
        struct Znode<'a> {
            address: &'a Address,
            capabilities: [Typed; 3],
            hostname: &'a str,
            id: &'a str,
            ip: u32,
            pid: String,
            port: u16,
            version: &'a str,
        }
        super::recordio::json(&Znode {
            address: &self.address,
            capabilities: MASTER_CAPABILITIES.map(|kind| Typed { kind: Some(kind) }),
            hostname: &self.hostname,
            id: &self.id,
            ip: self.numeric_ip(),
            pid: self.pid(),
            port: self.address.port,
            version: VERSION,
        })
    }
}

/// A capability.
#[derive(Serialize)]
pub struct Typed {
    /// Its name.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
}

impl Serialize for MasterInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(8))?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("ip", &self.numeric_ip())?;
        map.serialize_entry("port", &self.address.port)?;
        map.serialize_entry("pid", &self.pid())?;
        map.serialize_entry("hostname", &self.hostname)?;
        map.serialize_entry("version", VERSION)?;
        map.serialize_entry("address", &self.address)?;
        // The v1 API's enum does not know QUOTA_V2: the real master sends that one as an empty object.
        let capabilities = MASTER_CAPABILITIES.map(|kind| Typed { kind: (kind != "QUOTA_V2").then_some(kind) });
        map.serialize_entry("capabilities", &capabilities)?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_znode_is_the_recorded_one() {
        let ip = Ipv4Addr::LOCALHOST;
        let info = MasterInfo {
            id: "4fb19bc0-3c8d-4b32-9da8-b68e756c37fd".into(),
            address: Address { hostname: "127.0.0.1".into(), ip, port: 6051 },
            hostname: "127.0.0.1".into(),
        };
        let znode = info.znode();
        assert_eq!(znode.len(), 294, "the recorded one has 294 bytes");
        assert_eq!(serde_json::from_slice::<MasterInfo>(&znode).ok(), Some(info));
        assert!(String::from_utf8_lossy(&znode).contains(r#""ip":16777343,"pid":"master@127.0.0.1:6051""#));
    }

    #[test]
    fn attributes_have_three_kinds() {
        let all = Attribute::parse_all("a:b;n:5;r:[1-2]").unwrap();
        let json = serde_json::to_string(&AttributeMap(&all)).unwrap();
        assert_eq!(json, r#"{"a":"b","n":5.0,"r":"[1-2]"}"#);
        assert!(Attribute::parse_all("s:{a,b}").is_err());
    }
}
