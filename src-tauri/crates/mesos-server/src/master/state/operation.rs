//! Operations whose frameworks want to hear of them.

use serde_json::{Value as Json, json};

use crate::wire::{Id, Uuid};

/// An operation on an agent's resources that its framework wants to hear of.
#[derive(Clone, Debug)]
pub struct OperationRecord {
    pub agent: Id,
    /// The operation as it came.
    pub info: Json,
    pub uuid: Uuid,
    /// Its only status: operations are done at once.
    pub status: Uuid,
}

impl OperationRecord {
    /// Its status, with the name that an acknowledgement needs or without.
    pub fn status(&self, to_be_acknowledged: bool) -> Json {
        let mut status =
            json!({"operation_id": self.info["id"], "state": "OPERATION_FINISHED", "agent_id": self.agent});
        if to_be_acknowledged {
            status["uuid"] = json!({"value": self.status});
        }
        status
    }
}
