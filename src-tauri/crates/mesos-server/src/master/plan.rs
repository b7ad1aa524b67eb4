//! What operations on resources mean: reservations and volumes. Schedulers do them with what they were offered, operators
//! with what is free. Nothing is changed here.

use serde_json::{Value as Json, json};

use super::state::Agent;
use crate::{
    resources::{Resource, Resources, Value, fault, faults, gpus_fault},
    wire::{FrameworkInfo, Id},
};

/// Resources that are there, and what they become.
pub type Conversion = (Resources, Resources);

/// An operation that has been found to make sense.
#[derive(Debug)]
pub struct Planned {
    /// `RESERVE`, …
    pub kind: &'static str,
    /// In their order.
    pub conversions: Vec<Conversion>,
}

/// The operations on resources, and the field that each comes in.
const KINDS: [(&str, &str); 6] = [
    ("RESERVE", "reserve"),
    ("UNRESERVE", "unreserve"),
    ("CREATE", "create"),
    ("DESTROY", "destroy"),
    ("GROW_VOLUME", "grow_volume"),
    ("SHRINK_VOLUME", "shrink_volume"),
];

/// The first look at an operation: whether its field and its resources are well-formed at all.
pub fn malformed(operation: &Json) -> Option<String> {
    let kind = operation["type"].as_str().unwrap_or_default();
    let (name, field) = KINDS.iter().find(|(name, _)| *name == kind)?;
    let Some(body) = operation.get(field) else {
        let article = if *name == "UNRESERVE" { "An" } else { "A" };
        return Some(format!("{article} {name} offer operation must have the Offer.Operation.{field} field set."));
    };
    match *name {
        "RESERVE" => faults(&body["resources"]).or_else(|| faults(&body["source"])),
        "UNRESERVE" => faults(&body["resources"]),
        "CREATE" | "DESTROY" => faults(&body["volumes"]),
        "GROW_VOLUME" => fault(&body["volume"]).or_else(|| fault(&body["addition"])),
        _ => fault(&body["volume"]),
    }
}

fn read(resources: &Json) -> Result<Resources, String> {
    if resources.is_null() {
        return Ok(Resources::default());
    }
    serde_json::from_value(resources.clone()).map_err(|error| error.to_string())
}

fn read_one(resource: &Json) -> Result<Resource, String> {
    let all = read(&json!([resource]))?;
    all.iter().next().cloned().ok_or_else(|| "Invalid resource".into())
}

/// What is wrong with well-formed resources.
fn resources_fault(resources: &Resources) -> Option<String> {
    if let Some(fault) = gpus_fault(resources) {
        return Some(format!("Invalid resources: Invalid 'gpus' resource: {fault}"));
    }
    for resource in resources.iter() {
        let Some(disk) = resource.disk() else { continue };
        let invalid = |why: &str| Some(format!("Invalid resources: Invalid DiskInfo: {why}"));
        let revocable = resource.traits().is_some_and(|t| t.revocable);
        match (disk.get("persistence"), disk.get("volume")) {
            (Some(_), _) if revocable => {
                return invalid("Persistent volumes cannot be created from revocable resources");
            }
            (Some(_), _) if resource.role().is_none() => {
                return invalid("Persistent volumes cannot be created from unreserved resources");
            }
            (Some(_), None) => return invalid("Expecting 'volume' to be set for persistent volume"),
            (Some(_), Some(volume)) if volume.get("host_path").is_some() => {
                return invalid("Expecting 'host_path' to be unset for persistent volume");
            }
            (Some(persistence), _) => {
                if let Some(why) = crate::wire::task::id_fault(persistence["id"].as_str().unwrap_or_default()) {
                    return invalid(&format!("Invalid persistence ID for persistent volume: {why}"));
                }
            }
            (None, Some(_)) => return invalid("Non-persistent volume not supported"),
            (None, None) if disk.get("source").is_none() => return invalid("DiskInfo is set but empty"),
            (None, None) => {}
        }
    }
    None
}

/// Who wants an operation done.
#[derive(Clone, Copy, Debug)]
pub enum Actor<'a> {
    /// A framework, with resources that are allocated to this role.
    Framework(&'a FrameworkInfo, &'a str),
    /// An operator.
    Operator,
}

impl Actor<'_> {
    fn role(&self) -> Option<&str> {
        match self {
            Self::Framework(_, role) => Some(role),
            Self::Operator => None,
        }
    }

    fn principal(&self) -> Option<&str> {
        match self {
            Self::Framework(info, _) => info.principal.as_deref(),
            Self::Operator => None,
        }
    }
}

/// The second look: whether an operation makes sense on an agent, and what it converts.
pub fn plan(operation: &Json, agent: &Agent, actor: Actor<'_>) -> Result<Planned, String> {
    let kind = operation["type"].as_str().unwrap_or_default();
    let Some(&(kind, field)) = KINDS.iter().find(|(name, _)| *name == kind) else {
        return Err("Unknown operation".into());
    };
    let body = &operation[field];
    let conversions = match kind {
        "RESERVE" => reserve(body, actor)?,
        "UNRESERVE" => unreserve(&read(&body["resources"])?)?,
        "CREATE" => create(&read(&body["volumes"])?, agent, actor)?,
        "DESTROY" => destroy(&read(&body["volumes"])?, agent)?,
        "GROW_VOLUME" => vec![grow(&read_one(&body["volume"])?, &read_one(&body["addition"])?)?],
        _ => vec![shrink(&read_one(&body["volume"])?, &body["subtract"])?],
    };
    Ok(Planned { kind, conversions })
}

fn shown(resource: &Resource, actor: Actor<'_>) -> String {
    let one: Resources = [resource.clone()].into_iter().collect();
    crate::resources::Allocated(&one, actor.role()).to_string()
}

fn reserve(body: &Json, actor: Actor<'_>) -> Result<Vec<Conversion>, String> {
    let (resources, source) = (read(&body["resources"])?, read(&body["source"])?);
    if let Some(fault) = resources_fault(&resources) {
        return Err(format!("Invalid resources: {fault}"));
    }
    if !source.is_empty() {
        same_reservations(&source).map_err(|why| format!("Invalid source: {why}"))?;
        same_reservations(&resources).map_err(|why| format!("Invalid resources: {why}"))?;
        let bare = |resources: &Resources| -> Resources { resources.iter().map(Resource::unreserved).collect() };
        let (from, to) = (bare(&source), bare(&resources));
        if !(from.contains(&to) && to.contains(&from)) {
            return Err(format!(
                "Source and target resources should refer to identical resource quantities: {from} vs. {to}"
            ));
        }
    }
    if resources.is_empty() {
        return Err("Invalid resources: The resources have multiple resource providers: ".into());
    }
    for resource in resources.iter() {
        reservable(resource, actor)?;
    }
    let listed = body["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
    listed.iter().try_for_each(|resource| allocated_as_reserved(resource, actor))?;
    let consumed = if source.is_empty() { resources.popped() } else { source };
    Ok(vec![(consumed, resources)])
}

fn same_reservations(resources: &Resources) -> Result<(), String> {
    let Some(first) = resources.iter().next() else { return Err("Resource cannot be empty".into()) };
    if resources.iter().all(|r| r.reservations() == first.reservations()) {
        return Ok(());
    }
    Err(format!("Mixed reservations are not supported{resources}"))
}

fn reservable(resource: &Resource, actor: Actor<'_>) -> Result<(), String> {
    let Some(last) = resource.reservations().last().filter(|r| r.dynamic) else {
        return Err(format!("Resource {} is not dynamically reserved", shown(resource, actor)));
    };
    if let Some(mine) = actor.principal() {
        match last.principal.as_deref() {
            None => {
                return Err(format!(
                    "A reserve operation was attempted by principal '{mine}', but there is a reserved resource in the request with no principal set"
                ));
            }
            Some(other) if other != mine => {
                return Err(format!(
                    "A reserve operation was attempted by authenticated principal '{mine}', which does not match a reserved resource in the request with principal '{other}'"
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// A framework reserves what is allocated to a role of its own for that role; an operator what is not allocated.
fn allocated_as_reserved(resource: &Json, actor: Actor<'_>) -> Result<(), String> {
    let said = resource["allocation_info"]["role"].as_str();
    let Actor::Framework(info, role) = actor else {
        return said.map_or(Ok(()), |_| {
            Err("A reserve operation was attempted with an allocated resource, but the operator API only allows reservations to be made to unallocated resources".into())
        });
    };
    let (allocated, roles) = (said.unwrap_or(role), info.effective_roles());
    let reserved = read_one(resource)?.role().unwrap_or("*").to_owned();
    if allocated != reserved {
        return Err(format!(
            "A reserve operation was attempted for a resource with role '{reserved}', but the resource was allocated to role '{allocated}'"
        ));
    }
    if roles.iter().any(|mine| mine == allocated) {
        return Ok(());
    }
    Err(format!(
        "A reserve operation was attempted for a resource allocated to role '{allocated}', but the framework only has roles '{{ {} }}'",
        roles.join(", ")
    ))
}

fn unreserve(resources: &Resources) -> Result<Vec<Conversion>, String> {
    if let Some(fault) = resources_fault(resources) {
        return Err(format!("Invalid resources: {fault}"));
    }
    let one = |resource: &Resource| -> Result<Conversion, String> {
        if !resource.is_dynamic() {
            return Err(format!("Resource {resource} is not dynamically reserved"));
        }
        if resource.persistence().is_some() {
            return Err(format!(
                "A dynamically reserved persistent volume {resource} cannot be unreserved directly. Please destroy the persistent volume first then unreserve the resource"
            ));
        }
        Ok((single(resource.clone()), single(resource.popped())))
    };
    resources.iter().map(one).collect()
}

fn single(resource: Resource) -> Resources {
    [resource].into_iter().collect()
}

/// What is wrong with resources that should be persistent volumes.
fn volumes_fault(volumes: &Resources) -> Option<String> {
    let why = volumes.iter().find_map(|volume| {
        let Some(disk) = volume.disk() else { return Some(format!("Resource {volume} does not have DiskInfo")) };
        match (disk.get("persistence"), disk.get("volume")) {
            (None, _) => Some("'persistence' is not set in DiskInfo".into()),
            (_, None) => Some("Expecting 'volume' to be set for persistent volume".into()),
            (_, Some(volume)) => (volume["mode"] == "RO").then(|| "Read-only persistent volume not supported".into()),
        }
    });
    why.map(|why| format!("Not a persistent volume: {why}"))
}

fn create(volumes: &Resources, agent: &Agent, actor: Actor<'_>) -> Result<Vec<Conversion>, String> {
    if let Some(fault) = resources_fault(volumes) {
        return Err(format!("Invalid resources: {fault}"));
    }
    if let Some(fault) = volumes_fault(volumes) {
        return Err(fault);
    }
    let mut known: Vec<(Option<&str>, &str)> =
        agent.total.iter().filter_map(|r| Some((r.role(), r.persistence()?))).collect();
    for volume in volumes.iter() {
        let Some(id) = volume.persistence() else { continue };
        if known.contains(&(volume.role(), id)) {
            return Err(format!("Persistence ID '{id}' is not unique"));
        }
        known.push((volume.role(), id));
        creatable(volume, actor)?;
    }
    Ok(volumes.iter().map(|volume| (single(volume.without_volume()), single(volume.clone()))).collect())
}

fn creatable(volume: &Resource, actor: Actor<'_>) -> Result<(), String> {
    let Actor::Framework(info, _) = actor else { return Ok(()) };
    if volume.is_shared() && !info.can("SHARED_RESOURCES") {
        let id = info.id.as_ref().map(Id::as_str).unwrap_or_default();
        return Err(format!(
            "Create volume operation for '{}' has been attempted by framework '{id}' with no SHARED_RESOURCES capability",
            shown(volume, actor)
        ));
    }
    let Some(mine) = actor.principal() else { return Ok(()) };
    match volume.disk().and_then(|disk| disk["persistence"]["principal"].as_str()) {
        None => Err(format!(
            "Create volume operation attempted by principal '{mine}', but there is a volume in the operation with no principal set in 'disk.persistence'"
        )),
        Some(other) if other != mine => Err(format!(
            "Create volume operation attempted by authenticated principal '{mine}', which does not match a volume in the operation with principal '{other}' set in 'disk.persistence'"
        )),
        Some(_) => Ok(()),
    }
}

fn destroy(volumes: &Resources, agent: &Agent) -> Result<Vec<Conversion>, String> {
    if let Some(fault) = resources_fault(volumes) {
        return Err(format!("Invalid resources: {fault}"));
    }
    if let Some(fault) = volumes_fault(volumes) {
        return Err(fault);
    }
    for volume in volumes.iter() {
        if !agent.total.contains(&single(volume.clone())) {
            return Err("Persistent volumes not found".into());
        }
        if agent.used.contains(&single(volume.clone())) {
            return Err("Persistent volumes in use".into());
        }
    }
    Ok(volumes.iter().map(|volume| (single(volume.clone()), single(volume.without_volume()))).collect())
}

fn scalar(resource: &Resource) -> i64 {
    if let Value::Scalar(millis) = resource.value { millis } else { 0 }
}

fn resizable(volume: &Resource, verb: &str, message: &str) -> Result<(), String> {
    if volume.traits().is_some_and(|t| t.provider.is_some()) {
        return Err(format!("{verb} a volume from a resource provider is not supported"));
    }
    if let Some(fault) = volumes_fault(&single(volume.clone())) {
        let why = fault.trim_start_matches("Not a persistent volume: ");
        return Err(format!("Invalid persistent volume in the '{message}.volume' field: {why}"));
    }
    if volume.is_shared() {
        return Err(format!("{verb} a shared persistent volume is not supported"));
    }
    Ok(())
}

fn grow(volume: &Resource, addition: &Resource) -> Result<Conversion, String> {
    if scalar(addition) <= 0 {
        return Err("The size of 'GrowVolume.addition' field must be greater than zero".into());
    }
    resizable(volume, "Growing", "GrowVolume")?;
    if !volume.without_volume().sized(addition.value.clone()).eq(addition) {
        return Err("Incompatible resources in the 'GrowVolume.volume' and 'GrowVolume.addition' fields".into());
    }
    let consumed = [volume.clone(), addition.clone()].into_iter().collect();
    Ok((consumed, single(volume.sized(Value::Scalar(scalar(volume) + scalar(addition))))))
}

fn shrink(volume: &Resource, subtract: &Json) -> Result<Conversion, String> {
    let less = subtract["value"].as_f64().and_then(crate::resources::millis).unwrap_or_default();
    if less <= 0 {
        return Err("Value of 'ShrinkVolume.subtract' must be greater than zero".into());
    }
    if scalar(volume) <= less {
        return Err("Value of 'ShrinkVolume.subtract' must be smaller than the size of 'ShrinkVolume.volume'".into());
    }
    if volume.disk().is_some_and(|disk| disk["source"]["type"] == "MOUNT") {
        return Err("Shrinking a volume on a MOUNT disk is not supported".into());
    }
    resizable(volume, "Shrinking", "ShrinkVolume")?;
    let freed = volume.without_volume().sized(Value::Scalar(less));
    let shrunk = volume.sized(Value::Scalar(scalar(volume) - less));
    Ok((single(volume.clone()), [shrunk, freed].into_iter().collect()))
}
