//! An event on its way to clients.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::{recordio, schema::MessageType};

/// An event as a record, shared by all who are sent it. Its protobuf form is made once, when the first of them wants it.
#[derive(Clone, Debug)]
pub struct Event(Arc<Forms>);

#[derive(Debug)]
struct Forms {
    json: Bytes,
    protobuf: OnceLock<Bytes>,
}

impl From<Bytes> for Event {
    /// From its record in JSON.
    fn from(json: Bytes) -> Self {
        Self(Arc::new(Forms { json, protobuf: OnceLock::new() }))
    }
}

impl Event {
    /// Its record in JSON.
    pub fn json(&self) -> Bytes {
        self.0.json.clone()
    }

    /// Its record in protobuf.
    pub fn protobuf(&self, of: MessageType) -> Bytes {
        let make = || recordio::record(&of.transcode(recordio::content(&self.0.json)));
        self.0.protobuf.get_or_init(make).clone()
    }
}
