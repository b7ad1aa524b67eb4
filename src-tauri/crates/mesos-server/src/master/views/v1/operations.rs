//! Operations in the v1 API.

use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{
    master::state::State,
    views::Seq,
    wire::{Id, Uuid},
};

/// `GET_OPERATIONS`: those that someone has yet to take note of.
pub struct Operations<'a>(pub &'a State);

impl Serialize for Operations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct View<'a> {
            framework_id: &'a Id,
            agent_id: &'a Id,
            info: &'a serde_json::Value,
            latest_status: serde_json::Value,
            statuses: [serde_json::Value; 1],
            uuid: UuidView,
        }
        #[derive(Serialize)]
        struct UuidView {
            value: Uuid,
        }
        let frameworks = || self.0.frameworks.values().filter(|f| !f.operations.is_empty());
        let all = || {
            frameworks().flat_map(|f| {
                f.operations.values().map(move |record| View {
                    framework_id: &f.id,
                    agent_id: &record.agent,
                    info: &record.info,
                    latest_status: record.status(true),
                    statuses: [record.status(true)],
                    uuid: UuidView { value: record.uuid },
                })
            })
        };
        let mut map = serializer.serialize_map(None)?;
        if frameworks().next().is_some() {
            map.serialize_entry("operations", &Seq(all))?;
        }
        map.end()
    }
}
