//! Describing a Docker container to Mesos.

use marathon::{AppDefinition, PortMapping};
use serde_json::{Value, json};

use super::Instance;

/// The container of an instance, as `ContainerInfo`; none if it is a plain command.
pub fn describe(instance: &Instance) -> Option<Value> {
    let app = &*instance.spec;
    let container = app.container.as_ref()?;
    let docker = container.docker.as_ref()?;
    let is_bridged = app.networks.iter().flatten().any(|network| network.mode() == "container/bridge");
    let mappings = container.mappings().unwrap_or_default().iter().zip(&instance.ports);
    let network = if is_bridged { "BRIDGE" } else { "HOST" };
    Some(json!({
        "type": "DOCKER",
        "volumes": volumes(app),
        "docker": {
            "image": docker.image,
            "network": network,
            "privileged": docker.privileged.unwrap_or(false),
            "force_pull_image": docker.force_pull_image.unwrap_or(false),
            "parameters": docker.other.get("parameters").cloned().unwrap_or_else(|| json!([])),
            "port_mappings": mappings.flat_map(|(mapping, port)| mapped(mapping, *port)).collect::<Vec<_>>(),
        },
    }))
}

/// One mapping for each of its protocols.
fn mapped(mapping: &PortMapping, host: u16) -> Vec<Value> {
    let port = mapping.container_port.filter(|port| *port != 0).unwrap_or(host);
    let protocols = mapping.protocol.as_deref().unwrap_or("tcp").split(',');
    protocols.map(|protocol| json!({ "host_port": host, "container_port": port, "protocol": protocol })).collect()
}

fn volumes(app: &AppDefinition) -> Vec<Value> {
    let volumes = app.container.iter().filter_map(|container| container.volumes.as_ref()).flatten();
    let volume = |volume: &Value| json!({ "container_path": volume["containerPath"], "host_path": volume["hostPath"], "mode": volume["mode"].as_str().unwrap_or("RW") });
    volumes.map(volume).collect()
}
