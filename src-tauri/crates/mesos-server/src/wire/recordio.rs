//! RecordIO: the length in decimal, a line end, the record.

use bytes::Bytes;
use serde::{Serialize, Serializer, ser::SerializeMap};

/// A message of a union: its type, and the one field that goes with it.
pub struct Union<'a, T: ?Sized>(pub &'a str, pub &'a str, pub &'a T);

impl<T: Serialize + ?Sized> Serialize for Union<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("type", self.0)?;
        map.serialize_entry(self.1, self.2)?;
        map.end()
    }
}

/// A record of an event that has content.
pub fn event<T: Serialize + ?Sized>(kind: &str, field: &str, content: &T) -> Bytes {
    record(&json(&Union(kind, field, content)))
}

/// The record of a heartbeat.
pub fn heartbeat() -> Bytes {
    record(br#"{"type":"HEARTBEAT"}"#)
}

/// JSON of one of this crate's messages.
pub fn json<T: Serialize + ?Sized>(message: &T) -> Vec<u8> {
    // Our messages have text keys only and no I/O behind them: the one way to fail is a bug that tests find.
    serde_json::to_vec(message).unwrap_or_default()
}

/// The same, written where it is wanted.
pub fn json_into<T: Serialize>(out: impl std::io::Write, message: &T) -> std::io::Result<()> {
    serde_json::to_writer(out, message).map_err(Into::into)
}

/// A record of its content.
pub fn record(content: &[u8]) -> Bytes {
    let mut record = content.len().to_string().into_bytes();
    record.reserve_exact(content.len() + 1);
    record.push(b'\n');
    record.extend_from_slice(content);
    record.into()
}

/// The content of one of this crate's own records.
pub fn content(record: &[u8]) -> &[u8] {
    let start = record.iter().position(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    &record[start..]
}
